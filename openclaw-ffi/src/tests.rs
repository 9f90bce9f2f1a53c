//! What can be tested without a C compiler: the header is that of this source, and says what it must.

use std::fs;
use std::path::Path;

fn made() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new().with_crate(folder).with_config(config).generate().unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn the_header_is_that_of_the_source() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/openclaw.h");
    let made = made();
    if std::env::var_os("OPENCLAW_BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "include/openclaw.h is not that of src/: OPENCLAW_BLESS=1 cargo test -p openclaw-ffi");
}

#[test]
fn every_item_of_the_header_says_since_when_and_every_function_on_which_threads() {
    let header = made();
    let mut comment = String::new();
    let mut functions = 0;
    for line in header.lines() {
        let bare = line.trim_start_matches(['/', '*', ' ']).trim();
        if line.starts_with("/**") {
            comment.clear();
        }
        if line.starts_with("/**") || line.starts_with(" *") {
            comment.push(' ');
            comment.push_str(bare.trim_end_matches("*/").trim());
        } else if line.contains(" openclaw_") && line.contains('(') && !line.starts_with([' ', '#']) {
            if line.starts_with("typedef") || line.starts_with("static") {
                continue;
            }
            functions += 1;
            assert!(comment.contains("Threads:") && comment.contains("Since 0.1"), "{line}\n{comment}");
        } else if line.starts_with("#define OPENCLAW_") && line.split(' ').count() > 2 && !line.contains("__") {
            assert!(comment.contains("Since 0.1") || line.contains("OPENCLAW_API"), "{line}\n{comment}");
            comment.clear();
        }
    }
    assert!(functions > 60, "{functions}");
}

#[test]
fn the_number_of_the_version_is_that_of_the_header() {
    let header = made();
    assert!(header.contains(&format!("#define OPENCLAW_VERSION \"{}\"", env!("CARGO_PKG_VERSION"))));
    assert!(header.contains(&format!("OPENCLAW_VERSION_NUMBER 0x{:06x}", crate::openclaw_version_number())));
    assert!(header.contains(&format!("OPENCLAW_ABI_VERSION {}", crate::openclaw_abi_version())));
}

mod border {
    use std::ptr::{null, null_mut};

    use crate::text::Text;
    use crate::*;

    fn text(text: &str) -> openclaw_str {
        openclaw_str { ptr: text.as_ptr().cast(), len: text.len() }
    }

    #[test]
    fn texts_are_checked_and_a_nul_follows_them() {
        let with_nul = openclaw_str { ptr: c"abc".as_ptr(), len: usize::MAX };
        let got = |text: openclaw_str| {
            // SAFETY: every text below is what it says.
            unsafe { text.get("t") }.map(str::to_owned).map_err(|fault| fault.status)
        };
        assert_eq!(got(with_nul), Ok("abc".to_owned()));
        assert_eq!(got(openclaw_str { ptr: null(), len: 0 }), Ok(String::new()));
        assert_eq!(got(openclaw_str { ptr: null(), len: 1 }), Err(OPENCLAW_ERR_INVALID_ARGUMENT));
        assert_eq!(got(openclaw_str { ptr: c"\xff".as_ptr(), len: 1 }), Err(OPENCLAW_ERR_INVALID_UTF8));
        let out = Text::new("x\0y".to_owned());
        // SAFETY: one byte after the text is its NUL.
        assert_eq!((out.view().len, unsafe { out.view().ptr.add(3).read() }), (3, 0));
    }

    #[test]
    fn an_error_carries_what_the_core_knows() {
        let mut error = null_mut();
        let mut out = null_mut();
        // SAFETY: texts and places are valid.
        unsafe {
            assert_eq!(openclaw_classify_json(text("["), &mut out, &mut error), OPENCLAW_ERR_INVALID_REQUEST);
            assert!(out.is_null());
            assert_eq!(openclaw_error_status(error), OPENCLAW_ERR_INVALID_REQUEST);
            assert_eq!(openclaw_error_kind(error).get("kind").unwrap(), "invalid_request");
            assert!(openclaw_error_to_json(error).get("json").unwrap().starts_with('{'));
            openclaw_error_free(error);
            openclaw_error_free(null_mut());
        }
    }

    #[test]
    fn what_a_newer_header_has_beyond_us_becomes_nothing() {
        #[repr(C)]
        struct Newer {
            event: openclaw_event,
            later: u64,
        }
        let mut newer = Newer { event: openclaw_event::NONE, later: 7 };
        newer.event.struct_size = size_of::<Newer>() as u32;
        let full = openclaw_event { kind: 3, ..openclaw_event::NONE };
        let place: *mut openclaw_event = std::ptr::from_mut(&mut newer).cast();
        // SAFETY: the struct is as large as it says.
        unsafe { crate::versioned::write_struct(place, &full, "event") }.unwrap();
        assert_eq!((newer.event.kind, newer.later), (3, 0));
        assert_eq!(newer.event.struct_size as usize, size_of::<Newer>());
    }
}

#[cfg(feature = "testing")]
mod own {
    use std::ffi::c_void;
    use std::ptr::null_mut;

    use openclaw_core::failover::{Candidate, Chain};
    use openclaw_core::testing::ScriptedProvider;
    use openclaw_core::testing::conformance::check_provider;
    use openclaw_core::transport::RetryPolicy;
    use openclaw_core::{CallOptions, Event, Provider, Request};

    use crate::guard::look;
    use crate::*;

    const NONE: openclaw_str = openclaw_str::EMPTY;

    fn text(text: &str) -> openclaw_str {
        openclaw_str { ptr: text.as_ptr().cast(), len: text.len() }
    }

    /// Gives the pieces behind `data`, a list of JSON texts; then it ends, unless the last piece says otherwise.
    unsafe extern "C" fn stream(data: *mut c_void, _: openclaw_str, _: openclaw_str, reply: *mut openclaw_reply) {
        // SAFETY: the test gives this, and keeps it.
        let pieces = unsafe { &*data.cast::<Vec<&str>>() };
        // SAFETY: every pointer is valid, and the reply is freed once.
        unsafe {
            for piece in pieces {
                match *piece {
                    "fail" => openclaw_reply_fail(reply, OPENCLAW_ERR_OVERLOADED, text("busy"), null_mut()),
                    piece => openclaw_reply_event_json(reply, text(piece), null_mut()),
                };
            }
            openclaw_reply_done(reply, null_mut());
            openclaw_reply_free(reply);
        }
    }

    const GOOD: [&[&str]; 4] = [
        &[r#"{"type":"text_delta","delta":"Hel"}"#, r#"{"type":"text_delta","delta":"lo"}"#],
        &[r#""Hello""#, r#"{"type":"function_call","name":"f","arguments":"{}"}"#],
        &[r#""Hello""#, r#"{"type":"completed","finish_reason":"length"}"#, r#""after the end""#],
        &[r#"{"type":"completed","items":[{"type":"message","role":"assistant","content":"Hello"}]}"#],
    ];
    const BAD: [&[&str]; 4] = [
        &[],
        &["fail", r#""after the end""#],
        &[r#"{"type":"output_item_done","item":{"type":"message","role":"assistant","content":"x"}}"#],
        &[r#"{"type":"text_delta","item_id":"m","output_index":3,"delta":"x"}"#],
    ];

    #[test]
    fn a_provider_by_functions_keeps_the_contract_and_costs_a_chain_its_attempt_only() {
        for pieces in GOOD.into_iter().chain(BAD) {
            let given: Vec<&str> = pieces.to_vec();
            let provider = openclaw_provider {
                struct_size: size_of::<openclaw_provider>() as u32,
                reserved: 0,
                user_data: std::ptr::from_ref(&given).cast_mut().cast(),
                id: text("mine"),
                capabilities_json: NONE,
                stream: Some(stream),
                models: None,
                free: None,
            };
            let mut client = null_mut();
            let made =
                // SAFETY: the struct and the places are valid.
                unsafe { openclaw_client_new_with_provider(std::ptr::null(), &provider, &mut client, null_mut()) };
            assert_eq!(made, OPENCLAW_OK);
            // SAFETY: just made.
            let value = unsafe { look(client) }.unwrap().value();
            let (mine, runtime) = (value.client.provider().unwrap(), value.client.runtime().unwrap());
            let (request, options) = (Request::new("m").user("hi"), CallOptions::new());
            let events = runtime.block_on(check_provider(&mine, &request, &options)).unwrap();
            let events = events.unwrap_or_else(|broken| panic!("{pieces:?}: {broken}"));
            let good = matches!(events.last(), Some(Ok(Event::Completed(_))));
            assert_eq!(good, GOOD.contains(&pieces), "{pieces:?}: {:?}", events.last());
            let chain = Chain::builder()
                .candidate(Candidate::new("mine/m".parse().unwrap(), mine))
                .candidate(Candidate::new("other/m".parse().unwrap(), ScriptedProvider::new("other").text("Hello")))
                .retry(RetryPolicy::never())
                .build()
                .unwrap();
            let answer = runtime.block_on(chain.complete(&Request::new("").user("hi"), &options)).unwrap().unwrap();
            assert_eq!(answer.text(), "Hello");
            assert_eq!(answer.provider, if good { "mine" } else { "other" });
            // SAFETY: made above, and not used again.
            unsafe { openclaw_client_free(client) };
        }
    }
}
