use proptest::prelude::*;

use super::*;

fn code(callback: &Callback) -> Option<&str> {
    match &callback.outcome {
        Outcome::Code(code) => Some(code.expose_secret()),
        Outcome::Refused(_) => None,
    }
}

fn pasted(text: &str) -> (String, Option<String>) {
    let callback = Callback::of_paste(text).unwrap();
    (code(&callback).unwrap().to_owned(), callback.state.map(|s| s.expose_secret().to_owned()))
}

#[test]
fn every_form_of_a_paste() {
    let both = ("ac_1".to_owned(), Some("st".to_owned()));
    for text in [
        "http://localhost:1455/auth/callback?code=ac_1&state=st",
        "  <http://localhost:1457/auth/callback?scope=a+b&state=st&code=ac_1#>\n",
        "https://localhost/anything?code=ac_1&state=st#top",
        "\"http://localhost:1455/auth/call\nback?code=ac_1&sta\r\n te=st\"",
        "?code=ac_1&state=st",
        "code=ac_1&state=st",
        "state=st&code=ac_1",
        "#code=ac_1&state=st",
        "ac_1#st",
    ] {
        assert_eq!(pasted(text), both, "{text:?}");
    }
    for text in ["ac_1", " ac_1 ", "ac_1#", "?code=ac_1", "code=ac%5F1"] {
        assert_eq!(pasted(text), ("ac_1".to_owned(), None), "{text:?}");
    }
}

#[test]
fn what_is_no_answer_is_told_and_not_shown() {
    for (text, word) in [
        ("", "empty"),
        (" \n\t", "empty"),
        (
            "https://auth.openai.com/oauth/authorize?response_type=code&client_id=x&state=hidden-1",
            "sign-in page itself",
        ),
        ("https://chatgpt.com/hidden-1", "no code"),
        ("http://localhost:1455/auth/callback?state=hidden-1", "neither a code nor an error"),
        ("code=hidden-1&code=hidden-2&state=s", "twice"),
        ("code=&state=hidden-1", "neither"),
        ("hidden-1\u{fc}", "no code has"),
        (&"x".repeat(20_000), "too long"),
    ] {
        let error = Callback::of_paste(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AuthInvalid);
        assert!(error.message().contains(word), "{text:?}: {error}");
        assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
    }
}

#[test]
fn a_refusal_says_what_to_do() {
    let refused = |query: &str| match Callback::of_query(query).unwrap().outcome {
        Outcome::Refused(refused) => refused.error(),
        Outcome::Code(_) => panic!("{query}"),
    };
    let denied = refused("error=access_denied&error_description=The+user+said+no&state=s");
    assert_eq!((denied.kind(), denied.advice()), (ErrorKind::Cancelled, Advice::SignIn));
    let workspace = refused("error=access_denied&error_description=missing_codex_entitlement&state=s");
    assert_eq!((workspace.kind(), workspace.advice()), (ErrorKind::Forbidden, Advice::OtherProfile));
    assert!(workspace.message().contains("workspace"), "{workspace}");
    // An error goes before a code that stands beside it.
    assert_eq!(refused("code=c&error=server_error&state=s").kind(), ErrorKind::ServerError);
    let strange = refused("error=%0d%0aevil&error_description=%1b[31m+token%3Dsk-abcdefghijkl123&state=s");
    assert!(!strange.message().contains(char::is_control) && !strange.message().contains("sk-abc"), "{strange}");
}

#[test]
fn the_state_decides() {
    let own = SecretString::from("state-1");
    for (query, expected) in [
        ("code=c&state=state-1", true),
        ("code=c&state=state-2", false),
        ("code=c&state=state-1x", false),
        ("code=c&state=", false),
        ("code=c", false),
    ] {
        assert_eq!(Callback::of_query(query).unwrap().is_for(&own), expected, "{query}");
    }
}

proptest! {
    #[test]
    fn what_was_sent_is_what_is_read(code_in in "[!-~]{1,80}", state in "[A-Za-z0-9_-]{1,60}", port in 1024u16..) {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("code", code_in.as_str()), ("scope", "openid email"), ("state", state.as_str())])
            .finish();
        let read = Callback::of_query(&query).unwrap();
        prop_assert_eq!(code(&read), Some(code_in.as_str()));
        prop_assert!(read.is_for(&state.clone().into()));
        let (code_out, state_out) = pasted(&format!("http://localhost:{port}/auth/callback?{query}"));
        prop_assert_eq!(code_out, code_in);
        prop_assert_eq!(state_out, Some(state));
    }

    #[test]
    fn nothing_that_is_pasted_is_shown(text in "\\PC{0,60}", secret in "zq[a-z0-9]{12}") {
        for input in [format!("{text}{secret}"), format!("{secret}{text}"), format!("{text}?code={secret}{text}")] {
            match Callback::of_paste(&input) {
                Ok(callback) => {
                    let shown = format!("{callback:?}");
                    prop_assert!(!shown.contains(&secret) || code(&callback).is_none());
                }
                Err(error) => {
                    let shown = format!("{error:?}");
                    prop_assert!(!shown.contains(&secret));
                }
            }
        }
    }
}
