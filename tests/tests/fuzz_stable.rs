//! The fuzz targets of `tests/fuzz` on a stable compiler: every seed, and mutations of the seeds.
//!
//! `OPENCLAW_FUZZ_ITERATIONS` runs as many mutations of each target instead of the usual few thousand;
//! `OPENCLAW_FUZZ_SEED` starts the sequence elsewhere.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A small generator: the same numbers for the same seed on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }
}

fn mutate(dice: &mut Dice, seeds: &[Vec<u8>], tokens: &[&[u8]]) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + 1 + dice.below(40)).min(bytes.len());
        match dice.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = dice.roll().to_le_bytes()[0],
            2 => drop(bytes.drain(at..end)),
            3 => {
                let part = bytes[at..end].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, part);
            }
            4 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                bytes.splice(at.., other[from..].iter().copied());
            }
            5 => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, tokens[dice.below(tokens.len())].iter().copied())),
        }
    }
    bytes
}

fn fuzz(target: &str, usual: usize, tokens: &[&[u8]], run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert!(seeds.len() > 5, "seeds are missing in {}", folder.display());
    for (file, seed) in files.iter().zip(&seeds) {
        assert!(catch_unwind(AssertUnwindSafe(|| run(seed))).is_ok(), "{target} fails on {}", file.display());
    }
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<usize>().expect(name));
    let first = number("OPENCLAW_FUZZ_SEED").unwrap_or(1);
    let mut dice = Dice(first as u64);
    for round in 0..number("OPENCLAW_FUZZ_ITERATIONS").unwrap_or(usual) {
        let input = mutate(&mut dice, &seeds, tokens);
        if catch_unwind(AssertUnwindSafe(|| run(&input))).is_err() {
            let file = std::env::temp_dir().join(format!("openclaw-fuzz-{target}-{first}-{round}"));
            std::fs::write(&file, &input).unwrap();
            panic!("{target} fails in round {round} on {}: {}", file.display(), input.escape_ascii());
        }
    }
}

#[test]
fn guard() {
    let tokens: &[&[u8]] = &[
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\r\n\r\n",
        b"\r\r",
        b"data",
        b"data:",
        b"data: ",
        b"event:",
        b"event: x",
        b"id",
        b"id:",
        b"retry: 5",
        b":",
        b" ",
        b"\xEF\xBB\xBF",
        b"\xEF",
        b"\xFF",
        b"\0",
        b"\xF0\x9F\x98\x80",
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ];
    fuzz("guard", 6_000, tokens, openclaw_core::fuzzing::framing);
}

#[test]
fn events() {
    let tokens: &[&[u8]] = &[
        b"\n\n",
        b"\n\ndata: ",
        b"{\"type\":\"",
        b"response.output_text.delta",
        b"response.output_item.added",
        b"response.output_item.done",
        b"response.completed",
        b"response.failed",
        b"response.incomplete",
        b"error",
        b"codex.rate_limits",
        b"\"item_id\":",
        b"\"output_index\":",
        b"\"delta\":",
        b"\"item\":",
        b"\"response\":",
        b"\"error\":",
        b"\"usage\":",
        b"\"output\":",
        b"null",
        b"-1",
        b"99999999999999999999",
        b"1e999",
        b"[]",
        b"{}",
        b"[[[[[[",
        b"\"\"",
        b",",
        b":",
        b"\\ud83d",
        b"\\udc00",
        b"\\",
        b"\"",
        b"\xFF",
        b"\0",
    ];
    fuzz("events", 3_000, tokens, openclaw_core::fuzzing::events);
}

#[test]
fn messages() {
    let tokens: &[&[u8]] = &[
        b"\n\n",
        b"\n\ndata: ",
        b"{\"type\":\"",
        b"message_start",
        b"content_block_start",
        b"content_block_delta",
        b"content_block_stop",
        b"message_delta",
        b"message_stop",
        b"error",
        b"ping",
        b"\"index\":",
        b"\"delta\":",
        b"\"content_block\":",
        b"\"type\":\"text_delta\",\"text\":",
        b"\"type\":\"thinking_delta\",\"thinking\":",
        b"\"type\":\"signature_delta\",\"signature\":",
        b"\"type\":\"input_json_delta\",\"partial_json\":",
        b"\"type\":\"tool_use\"",
        b"\"stop_reason\":\"refusal\"",
        b"\"explanation\":\"x\"",
        b"null",
        b"-1",
        b"99999999999999999999",
        b"1e999",
        b"[]",
        b"{}",
        b"[[[[[[",
        b"\"\"",
        b",",
        b"\\ud83d",
        b"\"",
        b"\xFF",
        b"\0",
    ];
    fuzz("messages", 3_000, tokens, openclaw_core::fuzzing::messages);
}

#[test]
fn classify() {
    let tokens: &[&[u8]] = &[
        b"\n\n",
        b"\n",
        b"200",
        b"403",
        b"429",
        b"503",
        b"<html>",
        b"<title>",
        b"</title>",
        b"<script>",
        b"&#x41;",
        b"&amp;",
        b"{\"error\":{",
        b"\"code\":",
        b"\"message\":",
        b"\"detail\":",
        b"null",
        b"error code: 1020",
        b"cf-mitigated: challenge",
        b"retry-after: 1e308",
        b"retry-after: -1",
        b"try again in 9999999999999999h",
        b"Bearer sk-proj-aaaaaaaaaaaaaaaaaaaa",
        b"eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln",
        b"resets_at\":1e300",
        b"\xFF",
        b"\0",
        b"\x1b[31m",
        b"\xC2\x85",
        b"\xE2\x80\xA8",
        b"rate_limit_exceeded",
        b"certificate",
        b"timed out",
    ];
    fuzz("classify", 3_000, tokens, openclaw_core::fuzzing::classifier);
}

const CONFIG: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\"",
    b"'",
    b"\\",
    b"\\u0024",
    b"\\ud83d",
    b"\n",
    b"//",
    b"/*",
    b"*/",
    b"null",
    b"true",
    b"-",
    b"+",
    b".",
    b"0x",
    b"1e999",
    b"9007199254740993",
    b"Infinity",
    b"NaN",
    b"${A}",
    b"$include",
    b"__proto__",
    b"\"gateway\":",
    b"\"agents\":",
    b"\"channels\":",
    b"\"models\":",
    b"\"port\":",
    b"\"id\":",
    b"\"source\":\"env\"",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\xE2\x80\xA8",
    b"[[[[[[[[[[[[[[[[",
];

#[test]
fn config_parse() {
    fuzz("config_parse", 20_000, CONFIG, openclaw_core::fuzzing::config_parse);
}

#[test]
fn config_validate() {
    fuzz("config_validate", 10_000, CONFIG, openclaw_core::fuzzing::config_validate);
}

#[test]
fn config_doctor() {
    fuzz("config_doctor", 5_000, CONFIG, openclaw_core::fuzzing::config_doctor);
}

#[test]
fn callback() {
    let tokens: &[&[u8]] = &[
        b"code=",
        b"&state=",
        b"&error=",
        b"error_description=",
        b"access_denied",
        b"missing_codex_entitlement",
        b"http://localhost:1455/auth/callback?",
        b"?",
        b"#",
        b"&",
        b"=",
        b"%",
        b"%00",
        b"%26",
        b"%3D",
        b"+",
        b" ",
        b"\r\n",
        b"\xC3\xBC",
        b"\xFF",
        b"client_id=",
        b"code_challenge=",
        b"response_type=code",
        b"zqSecretCode7",
    ];
    fuzz("callback", 20_000, tokens, openclaw_core::fuzzing::callback);
}

#[test]
fn token_response() {
    let tokens: &[&[u8]] = &[
        b"200 application/json\n",
        b"401 application/json\n",
        b"403 text/html\n",
        b"302 text/plain\n",
        b"{",
        b"}",
        b"[",
        b"\"access_token\":",
        b"\"refresh_token\":",
        b"\"id_token\":",
        b"\"expires_in\":",
        b"\"error\":",
        b"\"code\":",
        b"null",
        b"1e308",
        b"-1",
        b"\"HalfOfAToken",
        b"Spent-Refresh-Token-0123456789",
        b"\\u0053pent-Refresh-Token-0123456789",
        b"refresh_token_reused",
        b"eyJhbGciOiJub25lIn0.eyJleHAiOjF9.x",
        b"<html>",
        b"<title>Just a moment...</title>",
        b"\xFF",
        b"\0",
    ];
    fuzz("token_response", 10_000, tokens, openclaw_core::fuzzing::token_response);
}

#[test]
fn auth_store() {
    let tokens: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\"",
        b"\\",
        b"\\ud83d",
        b"\0",
        b"null",
        b"-1",
        b"1e999",
        b"99999999999999999999",
        b"\"profiles\":",
        b"\"type\":\"oauth\"",
        b"\"type\":\"api_key\"",
        b"\"provider\":\"openai-codex\"",
        b"\"expires\":",
        b"\"usageStats\":",
        b"\"order\":",
        b"\"openai-codex:default\"",
        b"\xEF\xBB\xBF",
        b"\xFF",
        b"[[[[[[[[[[[[[[[[",
    ];
    fuzz("auth_store", 5_000, tokens, openclaw_core::fuzzing::auth_store);
}

#[test]
fn jwt_claims() {
    let tokens: &[&[u8]] =
        &[b".", b"=", b"-", b"_", b"+", b"/", b"e30", b"eyJleHAiOjkwfQ", b"bnVsbA", b"W10", b"IiI", b"\xFF", b"\0"];
    fuzz("jwt_claims", 10_000, tokens, openclaw_core::fuzzing::jwt_claims);
}

/// One target more is one file more: its seeds, its entry for cargo-fuzz, its line in the table, and a test here.
#[test]
fn every_target_is_run_here_and_described() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (manifest, table, here) = (text("Cargo.toml"), text("README.md"), include_str!("fuzz_stable.rs"));
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join("fuzz_targets")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(folder.join("seeds").join(name).is_dir(), "{name} has no seeds");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in Cargo.toml");
        assert!(table.contains(&format!("| `{name}` |")), "{name} is not in README.md");
        assert!(here.contains(&format!("fuzz(\"{name}\", ")), "{name} has no test here");
        count += 1;
    }
    assert_eq!(here.matches("\n    fuzz(\"").count(), count, "a test of a target that is not there");
}
