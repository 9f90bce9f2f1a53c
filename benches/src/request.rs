//! Building a big request, against copying its bytes.

use openclaw_core::{Item, Request};

use crate::{cpu, median};

pub struct Measured {
    pub build: f64,
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
    let body = openclaw_core::fuzzing::request_body(&request);
    assert!((1_500_000..3_000_000).contains(&body.len()), "{}", body.len());
    let time = |mut work: Box<dyn FnMut() + '_>| {
        let before = cpu();
        for _ in 0..8 {
            work();
        }
        (cpu() - before).as_secs_f64() * 1e6 / 8.0
    };
    let (mut builds, mut retries, mut copies) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds.max(9) {
        let copy = time(Box::new(|| drop(std::hint::black_box(body.to_vec()))));
        builds
            .push(time(Box::new(|| drop(std::hint::black_box(openclaw_core::fuzzing::request_body(&request))))) / copy);
        retries.push(time(Box::new(|| drop(std::hint::black_box(body.clone())))) / copy);
        copies.push(copy);
    }
    let (copy, build, retry) = (median(copies), median(builds), median(retries));
    println!(
        "\nA request of {:.2} MB and 1,001 items: memcpy {copy:.0} µs, built in {:.0} µs.",
        body.len() as f64 / 1e6,
        build * copy
    );
    Measured { build, retry }
}
