use proptest::prelude::*;

use super::*;
use crate::call::lenient::type_prefix;

fn same(text: &str) -> Result<bool, String> {
    let Some(short) = DeltaForm::scan(text) else { return Ok(false) };
    let general: DeltaForm<'_> = serde_json::from_str(text).map_err(|e| format!("{text}: {e}"))?;
    match format!("{short:?}") == format!("{general:?}") {
        true => Ok(true),
        false => Err(format!("{text}: {short:?}, {general:?}")),
    }
}

#[test]
fn the_short_way_takes_what_servers_write() {
    for text in [
        r#"{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hel","logprobs":[],"obfuscation":"xY"}"#,
        r#"{"type":"x","item_id":"fc_1","output_index":12,"delta":"{\"a\":\"\\\\ \ud83d\ude00\"}\n"}"#,
        r#"{"delta":""}"#,
    ] {
        assert_eq!(same(text), Ok(true));
    }
    for text in [
        r#"{"delta":"a","delta":"b"}"#,
        r#"{"delta":"\ud83d"}"#,
        r#"{"delta":"a"} "#,
        r#"{"delta":"a",}"#,
        r#"{"delta":"a""#,
        r#"{"delta":"a","x":01}"#,
        r#"{"delta":"a","x":1.5}"#,
        r#"{"delta":"a","item_id":5}"#,
        r#"{"item_id":"a"}"#,
        "{}",
        "{\"delta\":\"a\u{1}\"}",
        r#"{"delta":"a","x":"\n"}"#,
        r#"{"delta":"a","x":"#,
        r#"{"delta":"#,
        "",
        "{",
    ] {
        assert_eq!(same(text), Ok(false), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn the_short_way_reads_nothing_that_the_general_reader_does_not(words in prop::collection::vec(
        prop::sample::select(vec![
            "{", "}", ",", ":", "\"delta\":", "\"delta\":\"a\"", "\"item_id\":", "\"item_id\":\"b\"", "\"output_index\":",
            "\"output_index\":3", "\"content_index\":0", "\"summary_index\":1", "\"x\":", "\"x\":[]", "\"x\":\"y\"", "[]",
            "\"s\"", "\"\\n\"", "\"\\u0041\"", "\"\\ud83d\"", "0", "7", "00", "1234567890", "-1", "1.5", "null", "\u{e9}",
            "\\", "\"", "\u{1}", " ",
        ]), 0..14), wrapped in any::<bool>()) {
        let text = words.concat();
        if let Err(wrong) = same(&text) {
            prop_assert!(false, "{}", wrong);
        }
        if wrapped {
            if let Err(wrong) = same(&format!("{{{}}}", words.join(","))) {
                prop_assert!(false, "{}", wrong);
            }
        }
    }
}

#[test]
fn the_type_in_front() {
    assert_eq!(type_prefix(r#"{"type":"error","x":1}"#), Some("error"));
    for other in [r#"{ "type":"error"}"#, r#"{"type":"a\u0062"}"#, r#"{"type":5}"#, r#"{"type":"a"#, "", "[]"] {
        assert_eq!(type_prefix(other), None, "{other}");
    }
}

#[test]
fn half_a_surrogate_pair() {
    let repair = |text: &str| repair_surrogates(text);
    assert_eq!(repair(r#""\ud83d""#).as_deref(), Some(r#""\ufffd""#));
    assert_eq!(repair(r#""\uDE00x\uD83D\uDE00""#).as_deref(), Some(r#""\ufffdx\uD83D\uDE00""#));
    assert_eq!(repair(r#""\ud83d\u0041""#).as_deref(), Some(r#""\ufffd\u0041""#));
    assert_eq!(repair(r#""\ud83d\ud83d\ude00""#).as_deref(), Some(r#""\ufffd\ud83d\ude00""#));
    for fine in [r#""\ud83d\ude00""#, r#""\\ud83d""#, r#""\u0041""#, r#""\ud83"#, r#""\u+d83""#, "\"\\", "x"] {
        assert_eq!(repair(fine), None, "{fine}");
    }
}

#[test]
fn usage_of_every_make() {
    let read = |json: &str| usage(&RawValue::from_string(json.to_owned()).unwrap());
    let full = read(
        r#"{"input_tokens":1200,"input_tokens_details":{"cached_tokens":1024,"cache_write_tokens":7},
            "output_tokens":300,"output_tokens_details":{"reasoning_tokens":120},"total_tokens":1500}"#,
    );
    let expected = Usage {
        input_tokens: 1200,
        cached_tokens: 1024,
        cache_write_tokens: 7,
        output_tokens: 300,
        reasoning_tokens: 120,
        total_tokens: 1500,
    };
    assert_eq!(full, Some(expected));
    let short = read(r#"{"input_tokens":"5","output_tokens":2.0,"output_tokens_details":null,"total_tokens":null}"#);
    assert_eq!(short, Some(Usage { input_tokens: 5, output_tokens: 2, total_tokens: 7, ..Usage::default() }));
    for nothing in ["{}", "null", "[]", "5", r#"{"input_tokens":null}"#] {
        assert_eq!(read(nothing), None, "{nothing}");
    }
    let wrong = read(r#"{"input_tokens":-1,"output_tokens":[3],"total_tokens":1e30}"#).unwrap();
    assert_eq!((wrong.input_tokens, wrong.output_tokens, wrong.total_tokens), (0, 0, u64::MAX));
}
