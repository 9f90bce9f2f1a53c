"""CPU time per event in C: libopenclaw against libcurl with cJSON, over loopback HTTP, in one run.

    benches/c/run.py [--rounds N]     needs gcc, pkg-config, libcurl4-openssl-dev and libcjson-dev

Each sample is a process of its own; the ways take turns, so that the machine's mood is the same for all; the ratios are
medians of the ratios of each round.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "target" / "c" / "bench"
WAYS = ["curl easy", "curl multi", "inline next", "inline batch", "next", "batch", "fd", "dispatch"]
# name, events, per write, pause in µs, whether each way is measured
CASES = [("64 events per write", 40000, 64, 0), ("1 event per write", 20000, 1, 0), ("one token per ms", 1000, 1, 1000)]
# The peer is the better one of libcurl's two interfaces.
LIMITS = {("64 events per write", "inline next"): 1.0, ("64 events per write", "next"): 1.0,
          ("one token per ms", "inline next"): 1.3}


def build():
    missing = [p for m, p in (("libcurl", "libcurl4-openssl-dev"), ("libcjson", "libcjson-dev"))
               if subprocess.run(["pkg-config", "--exists", m], check=False).returncode]
    if missing:
        print(f"skipped, needs {' and '.join(missing)}")
        sys.exit(0)
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cargo", "build", "--release", "--locked", "-q", "-p", "openclaw-ffi"], cwd=ROOT, check=True)
    lib = ROOT / "target" / "release"
    soname = OUT / "libopenclaw.so.0"
    soname.unlink(missing_ok=True)
    soname.symlink_to(lib / "libopenclaw.so")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libcurl", "libcjson"], capture_output=True, text=True, check=True)
    common = ["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*common, HERE / "server.c", "-o", OUT / "server"], check=True)
    subprocess.run([*common, f"-I{ROOT}/openclaw-ffi/include", HERE / "client.c", "-o", OUT / "client", f"-L{lib}", "-lopenclaw",
                    f"-Wl,-rpath,{OUT}", *flags.stdout.split()], check=True)


def measure(events, per_write, pause, rounds):
    server = subprocess.Popen([OUT / "server", str(events), str(per_write), str(pause)], stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().strip()
        samples = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                run = subprocess.run([OUT / "client", way, port, str(events)], capture_output=True, text=True, check=True)
                samples[way].append(float(run.stdout))
        return samples
    finally:
        server.terminate()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    build()
    failed = False
    print(f"| CPU per event | {' | '.join(name for name, *_ in CASES)} |\n| --- |{' --- |' * len(CASES)}")
    results = {name: measure(*rest, rounds) for name, *rest in CASES}
    ratios = {}
    for way in WAYS:
        cells = []
        for name, samples in results.items():
            peers = [min(pair) for pair in zip(samples["curl easy"], samples["curl multi"])]
            ratios[name, way] = statistics.median(a / b for a, b in zip(samples[way], peers))
            cells.append(f"{statistics.median(samples[way]):.2f} µs, {ratios[name, way]:.2f}")
        print(f"| {way if way.startswith('curl') else 'libopenclaw ' + way} | {' | '.join(cells)} |")
    print("\n| what must hold | limit | measured | |\n| --- | --- | --- | --- |")
    for (name, way), limit in LIMITS.items():
        good = ratios[name, way] <= limit
        failed |= not good
        print(f"| {name}, {way}, against libcurl + cJSON | ≤ {limit} | {ratios[name, way]:.2f} | {'pass' if good else '**FAIL**'} |")
    return failed


if __name__ == "__main__":
    sys.exit(main())
