//! Building a big request, against serde_json writing the same items once, and against copying the bytes.

use std::hint::black_box;

use openclaw_core::fuzzing::request_body;
use openclaw_core::{Item, Request};

use crate::{cpu, median};

pub struct Measured {
    /// Against one pass of serde_json over the items.
    pub build: f64,
    /// Against memcpy of the body.
    pub retry: f64,
}

/// A conversation of 1,000 items and 2 MB, a sixth of it in images.
fn conversation() -> Request {
    let mut request = Request::new("gpt-5.4").instructions("Be brief.").session_id("bench");
    let text = "A line of a file with \"quotes\", numbers 12345 and gr\u{fc}n text.\n".repeat(26);
    for i in 0..1000_u32 {
        let item = match i % 4 {
            0 => Item::user(format!("{i} {text}")),
            2 => Item::developer(format!("{i} {text}")),
            _ => Item::assistant(format!("{i} {text}")),
        };
        request = request.item(item);
    }
    request.user("iVBORw0KGgoAAAANSUhEUgAAB4AAAAQ4".repeat(9000))
}

pub fn measure(rounds: usize) -> Measured {
    let request = conversation();
    let body = request_body(&request);
    assert!((1_500_000..3_000_000).contains(&body.len()), "{}", body.len());
    let time = |work: &dyn Fn()| {
        let before = cpu();
        for _ in 0..8 {
            work();
        }
        (cpu() - before).as_secs_f64() * 1e6 / 8.0
    };
    let (mut builds, mut retries, mut copies, mut passes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds.max(9) {
        let copy = time(&|| drop(black_box(body.to_vec())));
        let pass = time(&|| drop(black_box(serde_json::to_vec(&request.input))));
        builds.push(time(&|| drop(black_box(request_body(&request)))) / pass);
        retries.push(time(&|| drop(black_box(body.clone()))) / copy);
        copies.push(copy);
        passes.push(pass);
    }
    let (copy, pass, build, retry) = (median(copies), median(passes), median(builds), median(retries));
    let mb = body.len() as f64 / 1e6;
    println!("\nA request of {mb:.2} MB and 1,001 items: memcpy {copy:.0} µs, one pass of serde_json {pass:.0} µs.");
    Measured { build, retry }
}
