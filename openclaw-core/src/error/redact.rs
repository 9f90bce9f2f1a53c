//! Removes secrets from text that is shown, logged or kept.
//!
//! A look at the text asks at each word whether it is a known form of token, or a name whose value is secret. What is no
//! secret stays as it is, because a message without its facts helps nobody. Runs after classification, never before.

/// What stands in a secret's place.
const GONE: &str = "[redacted]";

/// How often a text is looked at, at most. Each look hides more, and what it uncovers for the next one is an address or a
/// value of less than 24 characters around it: a few looks end it. The limit is for a text that somebody makes to be slow.
const LOOKS: usize = 8;

/// The same text with every known form of secret replaced. Idempotent.
///
/// ```
/// assert_eq!(openclaw_core::error::redact("Authorization: Bearer abc.def"), "Authorization: [redacted]");
/// assert_eq!(openclaw_core::error::redact("https://me:pw@host/?code=xyz&n=1"), "https://[redacted]@host/?code=[redacted]&n=1");
/// ```
pub fn redact(text: &str) -> String {
    let mut clean = text.to_owned();
    // What one look hides can uncover more: in `://TOKEN=a/b,@` the slash, a part of the value, kept the rest from being
    // taken for a user's name. So it looks until nothing changes.
    for _ in 0..LOOKS {
        let next = look(&clean);
        if next == clean {
            break;
        }
        clean = next;
    }
    clean
}

/// Hides what is secret in the text as it stands.
fn look(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let used = match c {
            '[' if rest.starts_with(GONE) => keep(&mut out, rest, GONE.len()),
            '-' if rest.starts_with("-----BEGIN ") => pem(&mut out, rest),
            ':' if rest.starts_with("://") => address(&mut out, rest),
            _ if is_word(c) && !is_word(before) => word(&mut out, rest, before),
            _ => keep(&mut out, rest, c.len_utf8()),
        };
        // What was written counts, not what was read: a second pass sees the same.
        before = out.chars().next_back().unwrap_or(' ');
        rest = rest.get(used.max(1)..).unwrap_or_default();
    }
    out
}

fn keep(out: &mut String, text: &str, used: usize) -> usize {
    out.push_str(text.get(..used).unwrap_or_default());
    used
}

/// Words are names and tokens: letters, digits, `_` and `-`.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// A key or certificate block up to its end, or to the end of the text.
fn pem(out: &mut String, text: &str) -> usize {
    out.push_str(GONE);
    match text.find("-----END ") {
        Some(end) => {
            let tail = text.get(end + 9..).unwrap_or_default();
            let label = tail.find("-----").filter(|at| *at <= 64).map_or(0, |at| at + 5);
            end + 9 + label
        }
        None => text.len(),
    }
}

/// `://user:password@`.
fn address(out: &mut String, text: &str) -> usize {
    out.push_str("://");
    let tail = text.get(3..).unwrap_or_default();
    let end = tail.find(|c: char| c.is_whitespace() || "/?#\"'<>\\".contains(c)).unwrap_or(tail.len());
    match tail.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => {
            out.push_str(GONE);
            out.push('@');
            3 + at + 1
        }
        None => 3,
    }
}

/// A word and, when it is the name of something secret, its value.
fn word(out: &mut String, text: &str, before: char) -> usize {
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (name, tail) = text.split_at(end);
    if let Some(length) = token(text, name) {
        out.push_str(GONE);
        return length;
    }
    out.push_str(name);
    let lower = name.to_ascii_lowercase();
    if matches!(lower.as_str(), "bearer" | "basic") {
        return end + scheme_value(out, tail);
    }
    end + match delimiter(tail) {
        Some(link) if is_secret(&lower, name, link.mark, before) => value(out, tail, &lower, link),
        _ => 0,
    }
}

/// Forms of tokens, told by how they begin, and how long the rest must be.
#[rustfmt::skip]
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 6), ("sk_", 12), ("rk_", 12), ("pk_live_", 8), ("sess-", 8), ("oaiapp", 8), ("ghp_", 8), ("gho_", 8),
    ("ghu_", 8), ("ghs_", 8), ("ghr_", 8), ("github_pat_", 8), ("glpat-", 8), ("xoxa-", 6), ("xoxb-", 6),
    ("xoxc-", 6), ("xoxd-", 6), ("xoxe-", 6), ("xoxp-", 6), ("xoxr-", 6), ("xoxs-", 6), ("xapp-", 6), ("gsk_", 8),
    ("AIza", 16), ("ya29", 10), ("pplx-", 8), ("npm_", 8), ("hf_", 12), ("xai-", 12), ("r8_", 12), ("tvly-", 8),
    ("whsec_", 8), ("AKIA", 12), ("ASIA", 12), ("pypi-", 12), ("dop_v1_", 8), ("shpat_", 8), ("lin_api_", 8),
    ("nvapi-", 8), ("fw_", 16), ("csk-", 8), ("tgp_v1_", 8), ("rt_", 16), ("ac_", 16), ("at-", 24), ("rt-", 24),
    ("SG", 20), ("AGE-SECRET-KEY-", 8), ("eyJ", 12),
];

/// How long the token is that begins here, if one does.
fn token(text: &str, name: &str) -> Option<usize> {
    let body = |c: char| is_word(c) || matches!(c, '.' | '*' | '~' | '+');
    let known = PREFIXES.iter().any(|(prefix, _)| name.starts_with(prefix));
    let numbered =
        || name.bytes().take_while(u8::is_ascii_digit).count() == name.len() && (8..=10).contains(&name.len());
    if known {
        let end = text.find(|c| !body(c)).unwrap_or(text.len());
        let whole = text.get(..end)?.trim_end_matches(['.', '*', '~', '+']);
        let whole = if whole.len() < name.len() { name } else { whole };
        let long = PREFIXES.iter().any(|(prefix, rest)| {
            whole.strip_prefix(prefix).is_some_and(|tail| tail.len() >= *rest && telling(prefix, tail))
        });
        return long.then_some(whole.len());
    }
    // Telegram: `123456789:AA…`.
    if numbered() {
        let tail = text.get(name.len()..)?.strip_prefix(':')?;
        let length = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        return (length >= 30).then_some(name.len() + 1 + length);
    }
    None
}

/// Short beginnings are also those of words: what follows must not read like one.
fn telling(prefix: &str, tail: &str) -> bool {
    prefix.len() > 3 || prefix == "sk-" || prefix == "eyJ" || tail.bytes().any(|b| b.is_ascii_digit())
}

/// What links a name to its value.
#[derive(Clone, Copy)]
struct Link {
    mark: char,
    /// Where the value, or its quotation mark, begins.
    length: usize,
}

/// `=`, `:` or, behind a flag, a space; a closing quotation mark (escaped ones too) may stand before it.
fn delimiter(tail: &str) -> Option<Link> {
    let unquoted = tail.trim_start_matches('\\').trim_start_matches(['"', '\'', '`']);
    let spaced = unquoted.trim_start_matches([' ', '\t']);
    let mark = spaced.chars().next()?;
    if mark == '=' || mark == ':' {
        let after = spaced.get(1..)?.trim_start_matches(['=', '>']).trim_start_matches([' ', '\t']);
        return (!after.starts_with("//")).then_some(Link { mark, length: tail.len() - after.len() });
    }
    (spaced.len() < tail.len() && tail.starts_with(' '))
        .then_some(Link { mark: ' ', length: tail.len() - spaced.len() })
}

/// Whether the value of this name is secret.
fn is_secret(lower: &str, name: &str, mark: char, before: char) -> bool {
    let flag = name.starts_with("--");
    let bare: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let named = ENDS.iter().any(|end| bare.ends_with(end)) || WHOLE.contains(&bare.as_str());
    match mark {
        ' ' => flag && (named || bare == "key"),
        '=' if matches!(before, '?' | '&' | '#') => named || QUERY.contains(&bare.as_str()),
        '=' => {
            named
                || (bare.ends_with("key")
                    && !bare.ends_with("publickey")
                    && name.bytes().any(|b| b.is_ascii_uppercase() || b == b'-'))
                || (flag && bare == "key")
        }
        _ => named || (matches!(before, '"' | '\'') && QUOTED.contains(&bare.as_str())),
    }
}

/// Ends of names, without `_` and `-`.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "secretkey", "privatekey",
    "authkey", "signingkey", "encryptionkey", "authorization", "cookie", "credential", "credentials",
    "secretaccesskey", "accesskeyid", "clientassertion", "codeverifier", "jwt", "bearertoken",
];
/// Whole names.
const WHOLE: &[&str] =
    &["cookies", "pwd", "pass", "auth", "sessionid", "sid", "otp", "devicecode", "usercode", "authorizationcode"];
/// Names in an address or a form, where they are OAuth's.
const QUERY: &[&str] = &[
    "code",
    "state",
    "key",
    "sig",
    "signature",
    "nonce",
    "codechallenge",
    "session",
    "idtokenhint",
    "xamzsignature",
    "xamzcredential",
];
/// Keys of JSON whose values are secret when they look like it.
const QUOTED: &[&str] = &["access", "refresh", "key", "code", "state", "session"];

/// Writes the link and hides the value behind it; gives how much of the tail that was.
fn value(out: &mut String, tail: &str, lower: &str, link: Link) -> usize {
    let (written, rest) = tail.split_at_checked(link.length).unwrap_or((tail, ""));
    let header = lower.ends_with("cookie") || lower.ends_with("authorization") || lower == "cookies";
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    let opening = rest.get(slashes..).and_then(|r| r.chars().next()).filter(|c| matches!(c, '"' | '\'' | '`'));
    // An object or a list has names of its own.
    if rest.starts_with(['{', '[']) && !rest.starts_with(GONE) {
        return 0;
    }
    let (open, length) = match opening {
        Some(quote) => {
            let open = slashes + 1;
            (open, quoted_length(rest.get(open..).unwrap_or_default(), quote, slashes))
        }
        // Every cookie of the line, not only the first.
        None if header && link.mark == ':' => (0, line_length(rest)),
        None => (0, rest.find(|c: char| c.is_whitespace() || ",;&)]}\"'`<>|\\".contains(c)).unwrap_or(rest.len())),
    };
    let secret = rest.get(open..open + length).unwrap_or_default();
    let shown = match rest.get(open..) {
        Some(inside) if inside.starts_with(GONE) => return keep(out, tail, link.length + open + GONE.len()),
        Some(_) if secret.trim().is_empty() || is_plain(secret, lower, opening.is_some(), link.mark) => return 0,
        _ => rest.get(..open).unwrap_or_default(),
    };
    out.push_str(written);
    out.push_str(shown);
    out.push_str(GONE);
    link.length + open + length
}

/// Values that are no secrets: JSON words, numbers of tokens, and in prose or under doubtful names short plain words.
fn is_plain(value: &str, lower: &str, quoted: bool, mark: char) -> bool {
    let value = value.trim();
    if matches!(value, "null" | "true" | "false" | "None" | "undefined" | "{" | "[" | "{}" | "[]") {
        return true;
    }
    if lower.ends_with("cookie") || lower.ends_with("authorization") {
        return false;
    }
    let doubtful = QUOTED.contains(&lower) || (mark == ':' && !quoted);
    let plain_word =
        value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'-')) || value.contains(' ');
    // Codes of errors are words of any length: `unsupported_country_region_territory`.
    let code =
        plain_word && !value.contains(' ') && value.contains('_') && !value.bytes().any(|b| b.is_ascii_uppercase());
    doubtful && mark == ':' && (value.len() < 8 || code || (plain_word && value.len() < 24))
}

fn line_length(text: &str) -> usize {
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    // In a JSON or shell string the line ends at the quotation mark.
    text.get(..end).and_then(|line| line.find(['"', '\'', '`'])).unwrap_or(end)
}

/// Up to the closing mark, which has as many backslashes before it as the opening one had.
fn quoted_length(text: &str, quote: char, slashes: usize) -> usize {
    let mut run = 0;
    for (at, c) in text.char_indices() {
        match c {
            '\\' => run += 1,
            _ if c == quote && (run == slashes || (slashes == 0 && run % 2 == 0)) => return at - run.min(slashes),
            _ => run = 0,
        }
    }
    text.len()
}

/// `Bearer x`, `Basic x`: the value behind the scheme.
fn scheme_value(out: &mut String, tail: &str) -> usize {
    let rest = tail.trim_start_matches([' ', '\t']);
    let space = tail.len() - rest.len();
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.~+/=*".contains(c))).unwrap_or(rest.len());
    let value = rest.get(..end).unwrap_or_default();
    let plain = value.bytes().all(|b| b.is_ascii_lowercase()) && value.len() < 20;
    if space == 0 || value.is_empty() || plain {
        return 0;
    }
    out.push_str(tail.get(..space).unwrap_or_default());
    out.push_str(GONE);
    space + end
}

/// An address without user info, query and fragment.
pub(super) fn bare_url(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) => {
            parsed.set_query(None);
            parsed.set_fragment(None);
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
            parsed.to_string()
        }
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every line holds `S3CR3Tvalue01` somewhere secret.
    const LEAKS: &[&str] = &[
        "Authorization: Bearer S3CR3Tvalue01",
        "authorization: Basic S3CR3Tvalue01==",
        "sent with bearer S3CR3Tvalue01, refused",
        r#"{"access_token":"S3CR3Tvalue01","x":1}"#,
        r#"{"refresh_token": "S3CR3Tvalue01"}"#,
        r#"{"id_token" : "S3CR3Tvalue01"}"#,
        r#"{"accessToken":"S3CR3Tvalue01"}"#,
        r#"{"apiKey":"S3CR3Tvalue01"}"#,
        r#"{"access":"S3CR3Tvalue01","refresh":"S3CR3Tvalue01"}"#,
        r#"{\"access_token\":\"S3CR3Tvalue01\"}"#,
        r#"{"client_secret":"a\"S3CR3Tvalue01"}"#,
        "{'password': 'S3CR3Tvalue01'}",
        "OPENAI_API_KEY=S3CR3Tvalue01 run",
        "GH_TOKEN=S3CR3Tvalue01",
        "MY_KEY=S3CR3Tvalue01",
        "export DB_PASSWORD='S3CR3Tvalue01'",
        "tool --api-key S3CR3Tvalue01 --n 1",
        "tool --token=S3CR3Tvalue01",
        "http://127.0.0.1:1455/auth/callback?code=S3CR3Tvalue01&state=S3CR3Tvalue01",
        "https://user:S3CR3Tvalue01@proxy.example:8080/x",
        "Cookie: a=S3CR3Tvalue01; b=S3CR3Tvalue01",
        "Set-Cookie: __cf_bm=S3CR3Tvalue01; path=/",
        r#""cookie": "a=b; c=S3CR3Tvalue01""#,
        "sk-proj-S3CR3Tvalue01",
        "sess-S3CR3Tvalue01",
        "ghp_S3CR3Tvalue01 xoxb-S3CR3Tvalue01 gsk_S3CR3Tvalue01 npm_S3CR3Tvalue01 pplx-S3CR3Tvalue01",
        "github_pat_S3CR3Tvalue01",
        "AIzaSyS3CR3Tvalue01S3CR3Tvalue01",
        "token is eyJhbGciOiJub25l.eyJS3CR3Tvalue01.S3CR3Tvalue01",
        "-----BEGIN PRIVATE KEY-----\nS3CR3Tvalue01\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nS3CR3Tvalue01",
        "123456789:AAS3CR3Tvalue01S3CR3Tvalue01xxxxxxxxxx",
        "x-api-key: S3CR3Tvalue01",
        "grant_type=refresh_token&refresh_token=S3CR3Tvalue01&client_id=app",
        "token: S3CR3Tvalue01",
    ];

    #[test]
    fn secrets_go() {
        for leak in LEAKS {
            let clean = redact(leak);
            assert!(!clean.contains("S3CR3T"), "{leak} -> {clean}");
            assert!(clean.contains(GONE), "{leak} -> {clean}");
        }
    }

    #[test]
    fn facts_stay() {
        for fact in [
            "The token expired: sign in again",
            "max_tokens: 4096, total_tokens=12",
            r#"{"error":{"code":"token_expired","type":"invalid_request_error","param":null}}"#,
            "https://chatgpt.com/backend-api/codex/responses",
            "state: open, code: 1020, key: none",
            "basic auth is required; bearer token missing",
            "resets_at 1777936568, sk-ip this, ask-me",
            r#"{"code":"unsupported_country_region_territory"}"#,
            r#"{"access":"denied","key":"monthly","token":null}"#,
            "余额不足，请充值",
        ] {
            assert_eq!(redact(fact), fact);
        }
    }

    /// What hides one secret may uncover another, or make a plain value look like one.
    #[test]
    fn what_is_uncovered_is_hidden_at_once() {
        for (text, clean) in [
            ("://GH_TOKEN=S3CR3Tvalue01://,@", "://[redacted]@"),
            ("http://GH_TOKEN=a/b,me@host/", "http://[redacted]@host/"),
            ("token:abc.sk-abcdef", "token:[redacted]]"),
            (r#""access":"look at this: sk-abcdef""#, r#""access":"[redacted]""#),
        ] {
            assert_eq!(redact(text), clean);
            assert_eq!(redact(clean), clean);
        }
    }

    #[test]
    fn objects_and_lists_are_looked_into() {
        assert_eq!(redact("token={a={password=S3CR3T,b=1}}"), "token={a={password=[redacted],b=1}}");
        assert_eq!(redact(r#""auth":["x",{"password":"S3CR3T"}]"#), r#""auth":["x",{"password":"[redacted]"}]"#);
        // A value that is read again and again would take minutes.
        let deep = "token={".repeat(100_000);
        assert_eq!(redact(&deep), deep);
    }

    proptest! {
        // PROPTEST_CASES raises it.
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(2_000), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn idempotent_on_anything(text in any::<String>()) {
            let once = redact(&text);
            prop_assert_eq!(redact(&once), once);
        }

        #[test]
        fn idempotent_on_what_looks_like_secrets(
            parts in proptest::collection::vec(
                prop_oneof![
                    proptest::sample::select(LEAKS).prop_map(str::to_owned),
                    "(token|code|Cookie|bearer|--key|MY_KEY|access|://|[?&]code|\\[redacted\\]|sk-)",
                    "[ =:\"'\\\\,;@/\\[\\]{}\n.&-]{1,3}",
                    "[a-zA-Z0-9]{1,12}",
                ],
                0..14,
            )
        ) {
            let once = redact(&parts.concat());
            prop_assert_eq!(redact(&once), once);
        }
    }
}
