#!/usr/bin/python3
"""How fast the suite is, as ratios that mean the same on every machine.

    tests/bench/bench.py [PROGRAM]        (default: build/release/cvm-conformance)

Each measure is taken several times, by turns with what it is compared with, and the best counts:
what a busy machine adds is never negative. Nothing here fails; read it beside an older run.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

TURNS = 3
GETS = 2000


def timed(command):
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    seconds = time.monotonic() - start
    if done.returncode:
        sys.exit(done.stdout.decode(errors="replace"))
    return seconds


def curl_gets(reference):
    """Reads a second that curl makes over one connection."""
    cvm = reference.profile["pixit"]["cvms"]["managed"][0]
    url = f"{reference.base_url}/api/v1/cvms/{cvm}?n=[1-{GETS}]"
    key = f"X-API-Key: {reference.key}"
    return GETS / timed(["curl", "-sSf", "-o", "/dev/null", "-H", key, url])


def suite(house, reference, folder, jobs, suites):
    """Cases and requests a second of a run."""
    profile = reference.write(folder)
    out = Path(folder) / "out"
    command = [house.PROGRAM, "run", "--quiet", "--profile", profile, "--out", out]
    seconds = timed([*command, "--jobs", str(jobs), *suites])
    lines = (out / "results.ndjson").read_text().splitlines()
    requests = sum(len(json.loads(line)["steps"]) for line in lines)
    return len(lines) / seconds, requests / seconds


def main():
    program = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/cvm-conformance")
    os.environ["CF_PROGRAM"] = str(program.resolve())
    import house

    instant = ("--suite", "validation", "--suite", "auth")
    waiting = ("--suite", "partial")
    best = {}

    def keep(name, value):
        best[name] = max(best.get(name, 0), value)

    with tempfile.TemporaryDirectory() as folder:
        with house.Reference("--operation-ms", "0") as quick, house.Reference() as slow:
            for _ in range(TURNS):
                keep("curl", curl_gets(quick))
                for jobs in (1, 16):
                    cases, requests = suite(house, quick, folder, jobs, instant)
                    keep(f"cases {jobs}", cases)
                    keep(f"requests {jobs}", requests)
                    keep(f"waiting {jobs}", suite(house, slow, folder, jobs, waiting)[0])
    print(f"curl, one connection:                {best['curl']:8.0f} GET/s")
    for jobs in (1, 16):
        print(f"suite, {jobs:2} jobs, no waiting:           {best[f'cases {jobs}']:8.0f} cases/s, "
              f"{best[f'requests {jobs}']:.0f} requests/s")
        print(f"suite, {jobs:2} jobs, operations of 80 ms:  {best[f'waiting {jobs}']:8.1f} cases/s")
    print(f"requests of one job for one GET of curl:      {best['requests 1'] / best['curl']:.2f}")
    print(f"16 jobs against 1, no waiting:                {best['cases 16'] / best['cases 1']:.2f}")
    waiting = best["waiting 16"] / best["waiting 1"]
    print(f"16 jobs against 1, operations of 80 ms:       {waiting:.2f}")


if __name__ == "__main__":
    main()
