//! What a transport says of itself when no answer came: `a: b: c` chains of reqwest, hyper, Node, undici, Python, curl
//! and Go. A phrase counts only at the start of a clause, so a sentence that mentions one does not decide.

use super::echo;
use super::transport_table::{STATUS_WORDS, TABLE};
use crate::error::{ErrorKind, Stage};

/// Kind and stage that the transport's text names. The earlier row of the table wins, wherever its clause stands.
pub(in crate::error) fn judge(text: &str) -> Option<(ErrorKind, Stage)> {
    let clauses = clauses(text);
    let row = TABLE.iter().find(|row| clauses.iter().any(|clause| row.begins(clause)))?;
    let tls_after = row.kind == ErrorKind::Connect
        && row.stage == Stage::MaybeSent
        && clauses.iter().any(|c| BEFORE_SENDING.contains(&c.as_str()));
    Some((row.kind, if tls_after { Stage::NotSent } else { row.stage }))
}

/// An HTTP status that the text carries at its front or behind words for one. It is evidence for the kind, never shown
/// as a status that came.
pub(in crate::error) fn status_of(text: &str) -> Option<u16> {
    let leading =
        digits(text.trim_start()).filter(|(_, rest)| rest.is_empty() || rest.starts_with([' ', ':', '\n', '<', '{']));
    let clauses = clauses(text);
    let named = || {
        let behind = clauses.iter().skip(1).map(String::as_str).chain([""]);
        clauses.iter().zip(behind).find_map(|(clause, next)| {
            let last = clause.rsplit(", ").next().unwrap_or(clause);
            let tail = STATUS_WORDS.iter().find_map(|words| last.strip_prefix(words))?.trim_start();
            let (status, rest) = digits(if tail.is_empty() { next } else { tail })?;
            (!rest.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(status)
        })
    };
    leading.map(|(status, _)| status).or_else(named)
}

fn digits(text: &str) -> Option<(u16, &str)> {
    let (head, rest) = text.split_at_checked(3)?;
    let status = head.bytes().all(|b| b.is_ascii_digit()).then(|| head.parse().ok())??;
    ((400..=599).contains(&status) && !rest.starts_with(|c: char| c.is_ascii_digit())).then_some((status, rest))
}

/// Clauses that say that the connection was not up yet.
const BEFORE_SENDING: &[&str] = &["client error (connect)", "error trying to connect", "tcp connect error"];

/// The clauses of a chain, in lower case, addresses taken out. Bounded: a transport's text is short.
fn clauses(text: &str) -> Vec<String> {
    const LONGEST: usize = 4096;
    const MOST: usize = 200;
    let lower = crate::error::body::prefix(text, LONGEST).to_lowercase();
    let bare = echo::without_addresses(&lower).replace("caused by", ":").replace("->", ":");
    let mut out = Vec::new();
    // Chains: what stands between the marks that link one error to the next. Some phrases hold a mark themselves
    // (`error (connect)`, `net/http: timeout`), so a clause is taken both to its end and to the end of the text.
    let mut start = 0;
    for (at, c) in bare.char_indices().chain([(bare.len(), '\n')]) {
        if out.len() >= MOST {
            break;
        }
        if matches!(c, ':' | ';' | '\n' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '`' | '|' | '=' | '.' | '>')
        {
            let clause = bare
                .get(start..at)
                .unwrap_or_default()
                .trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '-'));
            if !clause.is_empty() {
                out.push(clause.to_owned());
            }
            start = at + c.len_utf8();
        }
    }
    out.extend(WITH_MARKS.iter().filter(|phrase| bare.contains(*phrase)).map(|phrase| (*phrase).to_owned()));
    out
}

/// Phrases of transports that hold one of the marks themselves.
const WITH_MARKS: &[&str] = &[
    "client error (connect)",
    "client error (sendrequest)",
    "net/http: request canceled",
    "net/http: timeout",
    "client.timeout exceeded",
    "407 proxy authentication",
    "status code (no body)",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains() {
        use ErrorKind::*;
        for (text, kind, stage) in [
            ("Get \"https://h/dns\": dial tcp: lookup h on 127.0.0.53:53: no such host", Dns, Stage::NotSent),
            ("dial tcp 10.0.0.1:443: connect: connection refused", Connect, Stage::NotSent),
            ("dial tcp 10.0.0.1:443: i/o timeout", Timeout, Stage::MaybeSent),
            ("read tcp 10.0.0.2:1->10.0.0.1:443: read: connection reset by peer", Connect, Stage::MaybeSent),
            ("tls: failed to verify certificate: x509: certificate signed by unknown authority", Tls, Stage::NotSent),
            ("proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused", Proxy, Stage::NotSent),
            ("curl: (6) Could not resolve host: api.example", Dns, Stage::NotSent),
            ("curl: (56) CONNECT tunnel failed, response 407", Proxy, Stage::NotSent),
            (
                "HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /v1 (Caused by NameResolutionError(\"<x at 0x7f>: Failed to resolve 'h' ([Errno -2] Name or service not known)\"))",
                Dns,
                Stage::NotSent,
            ),
            (
                "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
                Tls,
                Stage::NotSent,
            ),
            (
                "error decoding response body: error reading a body from connection: connection reset",
                StreamTruncated,
                Stage::Streaming,
            ),
        ] {
            assert_eq!(judge(text), Some((kind, stage)), "{text}");
        }
        assert_eq!(judge("I asked why my dns error and a connection refused happened"), None);
    }

    #[test]
    fn statuses_in_texts() {
        for (text, status) in [
            ("429 Too Many Requests", Some(429)),
            ("Request failed with status code 503", Some(503)),
            ("HTTP status server error (502 Bad Gateway) for url (https://h/404)", Some(502)),
            ("exceeded retry limit, last status: 429 Too Many Requests", Some(429)),
            ("Error code: 400 - {'error': 1}", Some(400)),
            ("Unexpected server response: 403", Some(403)),
            ("HTTP 500", Some(500)),
            ("4290 things", None),
            ("error at line 429", None),
        ] {
            assert_eq!(status_of(text), status, "{text}");
        }
    }
}
