//! `claw config validate` as a whole process beside a program that only reads the file.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

use crate::median;

/// CPU time of the one by that of the other.
pub fn measure(rounds: usize, config: &str) -> f64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let built = Command::new(env!("CARGO")).args(["build", "--release", "--locked", "-q", "-p", "claw"]).current_dir(root).status();
    assert!(built.unwrap().success(), "claw cannot be built");
    let file = std::env::temp_dir().join(format!("openclaw-bench-{}.json", std::process::id()));
    std::fs::write(&file, config).unwrap();
    let mut read = Command::new(std::env::current_exe().unwrap().with_file_name("read"));
    let mut claw = Command::new(root.join("target/release/claw"));
    read.arg(&file);
    claw.args(["config", "validate"]).arg(&file);
    // Some runs warm the caches of the file system.
    let ratios = (0..rounds + 2).map(|_| {
        let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..10 {
            theirs += run(&mut read);
            ours += run(&mut claw);
        }
        ours.as_secs_f64() / theirs.as_secs_f64()
    });
    let ratios = ratios.skip(2).collect();
    let _ = std::fs::remove_file(&file);
    median(ratios)
}

fn run(program: &mut Command) -> Duration {
    let before = children();
    assert!(program.stdout(Stdio::null()).status().unwrap().success(), "{program:?}");
    children() - before
}

/// CPU time of all processes that were waited for.
fn children() -> Duration {
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let time = |t: nix::sys::time::TimeVal| Duration::new(t.tv_sec() as u64, t.tv_usec() as u32 * 1000);
    time(used.user_time()) + time(used.system_time())
}
