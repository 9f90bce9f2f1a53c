//! The words of transports: which clause of their texts means what. Facts from reqwest, hyper, Node, undici, Python's
//! HTTP libraries, curl, Go, browsers and Java.

use crate::error::{ErrorKind, Stage};

pub(super) struct Row {
    pub kind: ErrorKind,
    pub stage: Stage,
    /// System codes, compared as a whole word, and only where a clause names its system call and nothing else.
    words: &'static [&'static str],
    /// Beginnings of clauses.
    phrases: &'static [&'static str],
}

impl Row {
    pub(super) fn begins(&self, clause: &str) -> bool {
        let phrase = self.phrases.iter().any(|phrase| match phrase.strip_suffix('$') {
            Some(whole) => clause.trim_end_matches(['.', '!']) == whole,
            None => {
                clause.strip_prefix(phrase).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
            }
        });
        phrase || clause.split([' ', '=', ',']).take(2).any(|word| self.words.contains(&word))
    }
}

/// One row for each way to fail; the more telling first.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    Row {
        kind: ErrorKind::ServerError,
        stage: Stage::Responded,
        words: &[],
        phrases: &["upstream connect error", "upstream error", "no healthy upstream", "upstream prematurely closed"],
    },
    Row {
        kind: ErrorKind::Proxy,
        stage: Stage::NotSent,
        words: &["proxyerror", "proxyconnect", "err_proxy_connection_failed", "err_tunnel_connection_failed"],
        phrases: &[
            "proxy response", "proxy authentication", "proxy error", "proxy connection", "proxy connect",
            "proxy server", "proxy tunnel", "proxy unreachable", "unable to connect to proxy",
            "could not connect to proxy", "cannot connect to proxy", "failed to connect to proxy",
            "could not resolve proxy", "error connecting to proxy", "tunnel error", "tunnel connection failed",
            "tunneling socket could not be established", "connect tunnel failed", "unsuccessful tunnel", "http proxy",
            "https proxy", "socks connect error", "socks error", "socks proxy", "socks5", "socks4",
            "socks authentication", "socks client", "socks:", "invalid proxy", "received http code 407",
            "407 proxy authentication", "connect tunnel", "http connect", "http tunneling", "bad response to connect",
            "failed to establish tunnel", "failed to establish proxy",
        ],
    },
    Row {
        kind: ErrorKind::Dns,
        stage: Stage::NotSent,
        words: &[
            "enotfound", "eai_again", "eai_noname", "eai_nodata", "eai_fail", "eai_none", "nameresolutionerror",
            "gaierror", "err_name_not_resolved", "enodata", "eservfail", "etimeout",
        ],
        phrases: &[
            "dns error", "dns lookup", "dns resolution", "dns failure", "dns name", "failed to lookup address",
            "failed to resolve", "could not resolve host", "couldn't resolve host", "can't resolve",
            "could not resolve", "cannot resolve", "unable to resolve", "name or service not known",
            "nodename nor servname", "temporary failure in name resolution", "no address associated with",
            "no such host is known", "no such host", "no addresses found", "no such device or address$",
            "name resolution", "name does not resolve", "unknown host", "unknownhostexception", "host not found",
            "the remote name could not be resolved", "getaddrinfo",
            "a server with the specified hostname could not be found", "non-existent domain", "nxdomain",
        ],
    },
    Row {
        kind: ErrorKind::Timeout,
        stage: Stage::NotSent,
        words: &["und_err_connect_timeout", "connecttimeout", "connecttimeouterror", "err_connection_timed_out"],
        phrases: &[
            "connect timeout", "connect timed out", "connection timeout", "connection timed out", "connect etimedout",
            "tls handshake timeout", "timed out while connecting", "timeout while connecting",
            "failed to connect: timeout", "dial timeout", "handshake timed out", "opening handshake has timed out",
            "timed out during opening handshake",
        ],
    },
    Row {
        kind: ErrorKind::Timeout,
        stage: Stage::Streaming,
        words: &["und_err_body_timeout"],
        phrases: &[
            "body timeout", "stream idle timeout", "idle timeout", "idle timeout waiting for sse", "stream timed out",
            "no data received for",
        ],
    },
    Row {
        kind: ErrorKind::Timeout,
        stage: Stage::MaybeSent,
        words: &[
            "etimedout", "esockettimedout", "und_err_headers_timeout", "timeouterror", "timeoutexception",
            "readtimeout", "readtimeouterror", "apitimeouterror", "econnaborted", "err_timed_out", "writetimeout",
            "pooltimeout",
        ],
        phrases: &[
            "headers timeout", "header timeout", "response timeout", "request timed out", "request timeout",
            "request was aborted", "request aborted", "request has timed out", "operation timed out",
            "operation timeout", "operation was aborted", "the operation was aborted", "the operation timed out",
            "this operation was aborted", "the read operation timed out", "the write operation timed out",
            "the request timed out", "the request was aborted", "timed out", "timeout", "i/o timeout",
            "read timed out", "read timeout", "socket timeout", "deadline exceeded", "context deadline exceeded",
            "deadline has elapsed", "net/http: request canceled", "net/http: timeout", "client.timeout exceeded",
            "client.timeout", "future timed out", "no response within", "gateway timeout", "llm request timed out",
            "llm idle timeout", "os error 110", "os error 10060", "errno 110", "errno 60",
            "a connection attempt failed because the connected party did not properly respond",
        ],
    },
    Row {
        kind: ErrorKind::Tls,
        stage: Stage::NotSent,
        words: &[
            "eproto", "cert_has_expired", "cert_not_yet_valid", "cert_untrusted", "cert_revoked",
            "certificate_verify_failed", "unable_to_verify_leaf_signature", "unable_to_get_issuer_cert",
            "unable_to_get_issuer_cert_locally", "self_signed_cert_in_chain", "depth_zero_self_signed_cert",
            "err_tls_cert_altname_invalid", "sslerror", "sslcertverificationerror", "sslhandshakeexception",
            "err_cert_authority_invalid", "err_cert_common_name_invalid", "err_cert_date_invalid",
            "err_ssl_protocol_error", "err_ssl_version_or_cipher_mismatch", "unknownissuer", "x509",
            "err_ssl_wrong_version_number", "err_ssl_tlsv1_alert_protocol_version",
            "err_ssl_sslv3_alert_handshake_failure",
        ],
        phrases: &[
            "invalid peer certificate", "unable to get local issuer", "unable to get issuer",
            "unable to verify the first certificate", "unable to verify leaf", "self signed certificate",
            "self-signed certificate", "certificate", "the certificate", "peer certificate", "server certificate",
            "ssl certificate", "ssl peer certificate", "ssl routines", "ssl handshake", "ssl connect error",
            "ssl error", "ssl:", "ssl_connect", "ssl_error", "ssl alert", "tls", "tls handshake", "tls error",
            "tls connection", "tlsv1", "sslv3 alert", "handshake failure", "handshake failed", "the handshake failed",
            "received fatal alert", "wrong version number", "unsafe legacy renegotiation",
            "hostname/ip does not match", "hostname mismatch", "hostname$", "ip address mismatch",
            "remote certificate is invalid", "the remote certificate",
            "client network socket disconnected before secure tls", "bad certificate", "unknown ca",
            "unknown certificate", "schannel", "secure connection failed", "an ssl error has occurred", "openssl",
            "boringssl", "rustls", "native-tls", "unexpected eof during handshake", "x509", "remote error: tls",
            "no trusted certificate", "error setting certificate", "failed to verify certificate", "gnutls",
        ],
    },
    Row {
        kind: ErrorKind::ContextOverflow,
        stage: Stage::Responded,
        words: &[],
        phrases: &[
            "websocket closed 1009", "websocket closed with code 1009", "websocket connection closed with code 1009",
            "websocket close code 1009", "close code 1009", "received 1009", "message too big",
        ],
    },
    Row {
        kind: ErrorKind::Overloaded,
        stage: Stage::Responded,
        words: &[],
        phrases: &["websocket closed 1013", "websocket closed with code 1013", "close code 1013", "received 1013"],
    },
    Row {
        kind: ErrorKind::StreamTruncated,
        stage: Stage::Streaming,
        words: &[
            "incompleteread", "chunkedencodingerror", "err_stream_premature_close", "err_incomplete_chunked_encoding",
            "err_http2_stream_error", "contentlengtherror", "clientpayloaderror", "stream_read_error",
        ],
        phrases: &[
            "stream closed before", "stream was closed before", "stream ended before", "stream ended without",
            "stream ended unexpectedly", "stream disconnected before", "stream closed unexpectedly", "stream closed",
            "stream was closed", "stream terminated", "stream aborted", "stream was aborted", "stream interrupted",
            "stream error", "stream read error", "websocket stream closed before", "websocket closed",
            "websocket connection closed", "websocket was closed", "websocket disconnected",
            "request ended without sending", "ended without sending", "without sending any chunks",
            "unexpected event order", "error decoding response body", "error reading a body from connection",
            "request or response body error", "response body error", "premature close", "premature end",
            "premature eof", "terminated$", "aborted$", "unexpected eof", "unexpected end of",
            "peer closed connection without sending complete", "peer closed connection without completing",
            "response ended prematurely", "the response ended prematurely", "response payload is not completed",
            "incomplete chunked read", "incomplete read", "incomplete response", "transfer closed with",
            "transfer-encoding", "invalid chunk", "response terminated", "body stream", "http/2 stream", "sse stream",
            "the stream", "end of file before message length reached", "missing message_stop", "no response body", "unhandled stop reason", "codex stream ended",
            "codex sse stream ended", "no finish_reason", "response stream",
        ],
    },
    Row {
        kind: ErrorKind::Cancelled,
        stage: Stage::MaybeSent,
        words: &[],
        phrases: &[
            "cancelled by", "canceled by", "cancelled$", "canceled$", "request cancelled", "request canceled",
            "request was cancelled", "request was canceled", "the request was cancelled", "the request was canceled",
            "context canceled", "context cancelled", "operation cancelled", "operation canceled",
            "the operation was canceled", "operation was canceled", "operation was cancelled", "aborted by user",
            "aborted by the user", "the user aborted a request", "user aborted", "user cancelled", "user canceled",
            "interrupted by user", "task was cancelled",
        ],
    },
    Row {
        kind: ErrorKind::Connect,
        stage: Stage::NotSent,
        words: &[
            "econnrefused", "enetunreach", "ehostunreach", "ehostdown", "enetdown", "eaddrnotavail", "enetreset",
            "eacces", "newconnectionerror", "connecterror", "connectionrefusederror", "err_connection_refused",
            "err_address_unreachable", "err_internet_disconnected", "err_network_changed",
        ],
        phrases: &[
            "connection refused", "connect refused", "connection could not be", "could not connect to",
            "couldn't connect to", "failed to connect", "failed to establish", "failed to open", "cannot connect to",
            "cannot assign requested address", "unable to connect", "unable to reach", "unable to establish",
            "no route to host", "host is unreachable", "host is down", "host unreachable", "network is unreachable",
            "network is down", "network unreachable", "tcp connect error", "all connection attempts failed",
            "no connection could be made", "the internet connection appears to be offline",
            "a socket operation was attempted to an unreachable", "os error 111", "os error 61", "os error 113",
            "errno 111", "errno 61", "errno 113", "error trying to connect", "client error (connect)", "dial tcp",
            "websocket connection failed", "websocket handshake failed",
        ],
    },
    Row {
        kind: ErrorKind::Connect,
        stage: Stage::MaybeSent,
        words: &[
            "econnreset", "epipe", "und_err_socket", "connectionreseterror", "remotedisconnected",
            "remoteprotocolerror", "apiconnectionerror", "brokenpipeerror", "serverdisconnectederror",
            "err_connection_reset", "err_connection_closed", "err_empty_response", "err_network", "und_err_closed",
            "err_http2_goaway_session",
        ],
        phrases: &[
            "fetch failed", "failed to fetch", "load failed", "network error", "networkerror",
            "network request failed", "network connection", "network failure", "the network connection was lost",
            "connection error", "connection reset", "connection closed", "connection aborted", "connection lost",
            "connection terminated", "connection was closed", "connection was reset",
            "connection was forcibly closed", "connection broken", "connection failed", "connection failure",
            "connection died", "connection interrupted", "connection refused by peer",
            "an existing connection was forcibly closed", "peer reset", "recv failure", "send failure",
            "socket hang up", "socket closed", "socket disconnected", "the socket connection was closed",
            "other side closed", "server disconnected", "server closed the", "server closed connection",
            "remote end closed", "remote host closed", "broken pipe", "empty reply from server", "eof$", "http2",
            "http/2 error", "error sending request", "client error (sendrequest)", "websocket error",
            "channel closed", "connection to the server was lost", "os error 104", "os error 54", "os error 32",
            "errno 104", "errno 54", "errno 32", "unable to make request", "transport error", "i/o error",
        ],
    },
];

/// What stands before a status in the texts of SDKs.
#[rustfmt::skip]
pub(super) const STATUS_WORDS: &[&str] = &[
    "http status client error", "http status server error", "http error", "http status", "http/1.1", "http/2", "http",
    "status code", "status", "unexpected status code", "unexpected status", "last status", "error code",
    "request failed with status code", "request failed with status", "unexpected server response", "server returned",
    "server responded with", "api error", "received http code", "the requested url returned error",
    "non-200 status code",
];
