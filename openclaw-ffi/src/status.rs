//! The numbers of C. Append only: a number never changes its meaning and is never used again.

/// What a function came to: 0 is success, a negative number is a failure, 1 is what a function says it is.
///
/// -1 to -99 are the kinds of error of the provider, the network and the host's settings (see `openclaw_error_kind`);
/// from -101 on stands what only exists at this interface. The list grows: treat a number that you do not know as a
/// failure. Since 0.1.
pub type openclaw_status = i32;

/// Success. Of `openclaw_stream_next` and its kin: the answer is complete, no event follows. Since 0.1.
pub const OPENCLAW_OK: openclaw_status = 0;
/// Of `openclaw_stream_next` and its kin: at least one event was written. Since 0.1.
pub const OPENCLAW_EVENT: openclaw_status = 1;

/// A bot challenge, firewall or block page of a network in front of the provider. Never a fault of the login. Since
/// 0.1.
pub const OPENCLAW_ERR_EDGE_BLOCKED: openclaw_status = -1;
/// A proxy, captive portal or web filter between us and the provider answered. Since 0.1.
pub const OPENCLAW_ERR_PROXY: openclaw_status = -2;
/// The host name could not be resolved. Since 0.1.
pub const OPENCLAW_ERR_DNS: openclaw_status = -3;
/// The host was not reached, or the connection broke before an answer. Since 0.1.
pub const OPENCLAW_ERR_CONNECT: openclaw_status = -4;
/// A time limit of the call passed. Not the `timeout_ms` of a wait: that is `OPENCLAW_ERR_WAIT_TIMEOUT`. Since 0.1.
pub const OPENCLAW_ERR_TIMEOUT: openclaw_status = -5;
/// Certificate or handshake. Since 0.1.
pub const OPENCLAW_ERR_TLS: openclaw_status = -6;
/// The token expired or was withdrawn. Since 0.1.
pub const OPENCLAW_ERR_AUTH_EXPIRED: openclaw_status = -7;
/// The credential is wrong, revoked or missing. Since 0.1.
pub const OPENCLAW_ERR_AUTH_INVALID: openclaw_status = -8;
/// Permission, scope, region or workspace policy. Since 0.1.
pub const OPENCLAW_ERR_FORBIDDEN: openclaw_status = -9;
/// Too many requests or tokens for now. Since 0.1.
pub const OPENCLAW_ERR_RATE_LIMITED: openclaw_status = -10;
/// The window of the plan is used up. Since 0.1.
pub const OPENCLAW_ERR_USAGE_LIMIT: openclaw_status = -11;
/// No credit, or the plan does not include this. Since 0.1.
pub const OPENCLAW_ERR_BILLING: openclaw_status = -12;
/// The provider has no capacity for the moment. Since 0.1.
pub const OPENCLAW_ERR_OVERLOADED: openclaw_status = -13;
/// The provider, or a machine in front of it, broke. Since 0.1.
pub const OPENCLAW_ERR_SERVER_ERROR: openclaw_status = -14;
/// The request does not fit the model's context. Since 0.1.
pub const OPENCLAW_ERR_CONTEXT_OVERFLOW: openclaw_status = -15;
/// The request itself is wrong. Since 0.1.
pub const OPENCLAW_ERR_INVALID_REQUEST: openclaw_status = -16;
/// The model is unknown, retired, or not open to this account. Since 0.1.
pub const OPENCLAW_ERR_MODEL_NOT_FOUND: openclaw_status = -17;
/// A content rule of the provider refused the request or the answer. Since 0.1.
pub const OPENCLAW_ERR_CONTENT_POLICY: openclaw_status = -18;
/// The answer stopped before its end. Since 0.1.
pub const OPENCLAW_ERR_STREAM_TRUNCATED: openclaw_status = -19;
/// The call was cancelled. Since 0.1.
pub const OPENCLAW_ERR_CANCELLED: openclaw_status = -20;
/// A setting is wrong. Since 0.1.
pub const OPENCLAW_ERR_CONFIG: openclaw_status = -21;
/// A store of credentials could not be read. Since 0.1.
pub const OPENCLAW_ERR_STORE: openclaw_status = -22;
/// The evidence names no cause. Since 0.1.
pub const OPENCLAW_ERR_UNKNOWN: openclaw_status = -23;

/// A NULL where something must be, a handle of another type, an impossible number, a struct that is too small. Since
/// 0.1.
pub const OPENCLAW_ERR_INVALID_ARGUMENT: openclaw_status = -101;
/// A text that is not valid UTF-8. Since 0.1.
pub const OPENCLAW_ERR_INVALID_UTF8: openclaw_status = -102;
/// `timeout_ms` passed before anything came; ask again. Sets no error object. Since 0.1.
pub const OPENCLAW_ERR_WAIT_TIMEOUT: openclaw_status = -103;
/// Nothing is there now; ask again later. Sets no error object. Since 0.1.
pub const OPENCLAW_ERR_WOULD_BLOCK: openclaw_status = -104;
/// The runtime was shut down. Since 0.1.
pub const OPENCLAW_ERR_CLOSED: openclaw_status = -105;
/// The stream was made before a fork and is used in the child. Since 0.1.
pub const OPENCLAW_ERR_FORKED: openclaw_status = -106;
/// A fault inside the library; the handle can only be freed now. Since 0.1.
pub const OPENCLAW_ERR_PANIC: openclaw_status = -107;
/// The handle met `OPENCLAW_ERR_PANIC` before; it can only be freed. Since 0.1.
pub const OPENCLAW_ERR_POISONED: openclaw_status = -108;
/// Another thread reads this stream now, or its events go to a callback. Since 0.1.
pub const OPENCLAW_ERR_BUSY: openclaw_status = -109;
/// The stream has not ended yet. Sets no error object. Since 0.1.
pub const OPENCLAW_ERR_NOT_ENDED: openclaw_status = -110;
/// This build, or the mode of this client, cannot do it. Since 0.1.
pub const OPENCLAW_ERR_UNSUPPORTED: openclaw_status = -111;

#[cfg(test)]
mod tests {
    use super::*;
    use openclaw_core::ErrorKind;
    use openclaw_core::embed::error_code;

    #[test]
    fn the_kinds_of_error_have_the_numbers_of_the_core() {
        let table = [
            (ErrorKind::EdgeBlocked, OPENCLAW_ERR_EDGE_BLOCKED),
            (ErrorKind::Proxy, OPENCLAW_ERR_PROXY),
            (ErrorKind::Dns, OPENCLAW_ERR_DNS),
            (ErrorKind::Connect, OPENCLAW_ERR_CONNECT),
            (ErrorKind::Timeout, OPENCLAW_ERR_TIMEOUT),
            (ErrorKind::Tls, OPENCLAW_ERR_TLS),
            (ErrorKind::AuthExpired, OPENCLAW_ERR_AUTH_EXPIRED),
            (ErrorKind::AuthInvalid, OPENCLAW_ERR_AUTH_INVALID),
            (ErrorKind::Forbidden, OPENCLAW_ERR_FORBIDDEN),
            (ErrorKind::RateLimited, OPENCLAW_ERR_RATE_LIMITED),
            (ErrorKind::UsageLimit, OPENCLAW_ERR_USAGE_LIMIT),
            (ErrorKind::Billing, OPENCLAW_ERR_BILLING),
            (ErrorKind::Overloaded, OPENCLAW_ERR_OVERLOADED),
            (ErrorKind::ServerError, OPENCLAW_ERR_SERVER_ERROR),
            (ErrorKind::ContextOverflow, OPENCLAW_ERR_CONTEXT_OVERFLOW),
            (ErrorKind::InvalidRequest, OPENCLAW_ERR_INVALID_REQUEST),
            (ErrorKind::ModelNotFound, OPENCLAW_ERR_MODEL_NOT_FOUND),
            (ErrorKind::ContentPolicy, OPENCLAW_ERR_CONTENT_POLICY),
            (ErrorKind::StreamTruncated, OPENCLAW_ERR_STREAM_TRUNCATED),
            (ErrorKind::Cancelled, OPENCLAW_ERR_CANCELLED),
            (ErrorKind::Config, OPENCLAW_ERR_CONFIG),
            (ErrorKind::Store, OPENCLAW_ERR_STORE),
            (ErrorKind::Unknown, OPENCLAW_ERR_UNKNOWN),
        ];
        assert_eq!(table.len(), ErrorKind::ALL.len());
        for (kind, status) in table {
            assert_eq!(status, -error_code(kind), "{kind}");
        }
    }
}
