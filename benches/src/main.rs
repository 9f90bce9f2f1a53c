//! CPU time from a socket to typed events, in one run over loopback HTTP. See README.md.

mod config;
mod process;
mod request;
mod stream;
mod ways;

use std::time::Duration;

use stream::{Case, Cut, Server, build, cases};
use ways::Way;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, case] = &arguments[..] {
        if first == "serve" {
            return stream::serve(case);
        }
    }
    let mut rounds = 15;
    let mut slow = false;
    let mut only: Option<String> = None;
    let mut way: Option<String> = None;
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--quick" => rounds = 5,
            "--slow-peers" => slow = true,
            "--config" => return show(&config_verdicts(rounds)),
            "--only" => only = rest.next(),
            "--way" => way = rest.next(),
            other => {
                eprintln!("unknown argument {other}; --quick, --slow-peers, --config, --only CASE, --way PART_OF_NAME");
                std::process::exit(2);
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut ways = ways::all();
    ways.retain(|w| way.as_ref().is_none_or(|way| w.name().contains(way.as_str())));
    let mut results = Vec::new();
    for case in cases().into_iter().filter(|case| only.as_ref().is_none_or(|only| only == case.name)) {
        eprintln!("{} …", case.name);
        results.push(runtime.block_on(measure(&case, &ways, rounds, slow)));
    }
    table(&results, &ways);
    if only.is_none() && way.is_none() {
        let mut verdicts = verdicts(&results, request::measure(rounds));
        verdicts.extend(config_verdicts(rounds));
        show(&verdicts);
    }
}

fn show(verdicts: &[(&str, f64, f64)]) {
    println!("\n| what must hold | limit | measured | |\n| --- | --- | --- | --- |");
    for (what, limit, measured) in verdicts {
        let mark = if measured <= limit { "pass" } else { "**FAIL**" };
        println!("| {what} | ≤ {limit} | {measured:.2} | {mark} |");
    }
}

fn config_verdicts(rounds: usize) -> Vec<(&'static str, f64, f64)> {
    let config = config::measure(rounds);
    eprintln!("config: a plain serde_json read takes {:.1} µs", config.plain);
    vec![
        ("configuration, plain JSON, judged ÷ serde_json into the same types", 1.5, config.json),
        ("the same with environment variables", 3.0, config.json_env),
        ("the same as JSON5", 3.0, config.json5),
        ("20,000 agents ÷ 10,000", 2.3, config.linear),
        ("`claw config validate` ÷ a program that only reads the file", 5.0, process::measure(rounds, &config::json())),
    ]
}

/// CPU time of this process, all threads.
pub fn cpu() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap().into()
}

pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

struct Measured {
    case: Case,
    events: usize,
    bytes: usize,
    /// CPU µs of one stream: by way, by round. Empty where a way was left out.
    rounds: Vec<Vec<f64>>,
}

impl Measured {
    fn median(&self, way: usize) -> Option<f64> {
        let rounds = self.rounds.get(way).filter(|rounds| !rounds.is_empty())?;
        Some(median(rounds.clone()))
    }

    /// The median of the ratios of each round: the machine's mood is the same in both.
    fn ratio(&self, way: usize, to: usize) -> Option<f64> {
        let (way, to) = (self.rounds.get(way)?, self.rounds.get(to)?);
        if way.is_empty() || to.is_empty() {
            return None;
        }
        Some(median(way.iter().zip(to).map(|(a, b)| a / b).collect()))
    }
}

async fn measure(case: &Case, ways: &[Box<dyn Way>], rounds: usize, slow: bool) -> Measured {
    let expected = build(case);
    let server = Server::start(case);
    let big = case.output > 0;
    // The more streams, the finer the measurement; each round takes some ten ms per way.
    let streams = if big { 2 } else { (12_000 / expected.events.len()).max(1) };
    let mut measured = Measured {
        case: case.clone(),
        events: expected.events.len(),
        bytes: expected.bytes(),
        rounds: vec![Vec::new(); ways.len()],
    };
    let mut left_out = vec![false; ways.len()];
    // Warm up, and see whether each way finds what is there.
    for (index, way) in ways.iter().enumerate() {
        left_out[index] = big && way.slow_on_big_events() && !(slow && case.name == "5mb");
        if left_out[index] {
            continue;
        }
        if let Some(found) = way.read(server.port).await {
            assert_eq!(found.text, expected.found.text, "{}: text of {}", way.name(), case.name);
            let same = found.arguments == usize::MAX || found.arguments == expected.found.arguments;
            assert!(same, "{}: arguments of {}", way.name(), case.name);
        }
    }
    for round in 0..rounds {
        for (index, way) in ways.iter().enumerate() {
            // One round is enough for what takes half a minute.
            if left_out[index] || (big && way.slow_on_big_events() && round > 0) {
                continue;
            }
            let streams = if big && way.slow_on_big_events() { 1 } else { streams };
            let before = cpu();
            for _ in 0..streams {
                way.read(server.port).await;
            }
            measured.rounds[index].push((cpu() - before).as_secs_f64() * 1e6 / streams as f64);
        }
    }
    measured
}

fn table(results: &[Measured], ways: &[Box<dyn Way>]) {
    print!("| case | events | MB |");
    ways.iter().for_each(|way| print!(" {} |", way.name()));
    println!("\n| --- | --- | --- |{}", " --- |".repeat(ways.len()));
    for result in results {
        let cut = match result.case.cut {
            Cut::EachEvent => "one event per chunk".to_owned(),
            Cut::Bytes(size) if size < 1024 => format!("{size} B chunks"),
            Cut::Bytes(size) => format!("{} KB chunks", size >> 10),
        };
        let what = match result.case.name {
            name @ ("5mb" | "10mb" | "tool2000" | "tool8000") => format!("{name}, {cut}"),
            _ => cut,
        };
        print!("| {what} | {} | {:.2} |", result.events, result.bytes as f64 / 1e6);
        for way in 0..ways.len() {
            match (result.median(way), result.ratio(way, 0)) {
                (Some(cpu), Some(ratio)) if result.case.output > 0 => print!(" {:.1} ms ({ratio:.2} ×) |", cpu / 1e3),
                (Some(cpu), Some(ratio)) => print!(" {:.2} µs/event ({ratio:.2} ×) |", cpu / result.events as f64),
                _ => print!(" – |"),
            }
        }
        println!();
    }
}

const BYTES: usize = 0;
const OURS: usize = 1;
#[cfg(feature = "peers")]
const ASYNC_OPENAI: usize = 3;

fn verdicts(results: &[Measured], request: request::Measured) -> Vec<(&'static str, f64, f64)> {
    let find = |name: &str| results.iter().find(|result| result.case.name == name);
    let ratio = |name: &str, to: usize| find(name).and_then(|r| r.ratio(OURS, to)).unwrap_or(f64::NAN);
    let per = |name: &str| find(name).and_then(|r| Some(r.median(OURS)? / r.events as f64)).unwrap_or(f64::NAN);
    let whole = |name: &str| find(name).and_then(|r| r.median(OURS)).unwrap_or(f64::NAN);
    vec![
        ("one event per chunk ÷ reading the bytes (goal 1.8)", 2.0, ratio("each", BYTES)),
        ("37 B chunks ÷ reading the bytes", 1.4, ratio("37b", BYTES)),
        ("CPU per event: 16 KB chunks ÷ one event per chunk", 1.0, per("16k") / per("each")),
        ("CPU per event: 256 KB chunks ÷ one event per chunk", 1.0, per("256k") / per("each")),
        #[cfg(feature = "peers")]
        ("one event per chunk ÷ async-openai", 0.7, ratio("each", ASYNC_OPENAI)),
        ("5 MB event in 1 KB chunks ÷ reading the bytes (goal 4)", 6.0, ratio("5mb", BYTES)),
        ("10 MB event ÷ 5 MB event", 2.3, whole("10mb") / whole("5mb")),
        ("per argument delta: 8,000 ÷ 2,000", 1.1, per("tool8000") / per("tool2000")),
        ("request of 2 MB, 1,000 items ÷ one pass of serde_json over them", 1.3, request.build),
        ("its retry ÷ memcpy", 0.05, request.retry),
    ]
}
