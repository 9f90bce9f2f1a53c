#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| openclaw_core::fuzzing::token_response(input));
