#!/usr/bin/python3
"""How near a run comes to the least time that its operations allow.

    tests/bench/schedule.py [OPERATION_MS:CVMS:OPERATIONS …]     (default: a table of a few minutes)

The least time is that of the kind of CVM that holds the run back: its operations, one after the
other, on all CVMs of the kind at once. Each line runs the reference implementation with operations
of OPERATION_MS on CVMS of each kind, for at most OPERATIONS of them (0: all). Nothing here fails.

Beside the ratio to that least time stands the one to what whole operations need: as many rounds as
the kind's operations fill, or as the case of the most has, one after the other.
"""

import collections
import json
import math
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("CF_PROGRAM", str(ROOT / "build/release/cvm-conformance"))
DEFAULT = ("80:2:0", "80:4:0", "80:24:0", "2000:2:100", "2000:4:0", "2000:24:0")
KINDS = ("managed", "contract_owned")


def measure(house, operation_ms, cvms, operations):
    def narrow(profile):
        pixit = profile["pixit"]
        pixit["timing"]["operation_ms"] = operation_ms
        pixit["timing"]["settle_timeout_ms"] = 8 * operation_ms + 10000

    with house.Reference("--operation-ms", str(operation_ms), "--cvms", str(cvms)) as served:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            args = ["--operations", str(operations)] if operations else []
            began = time.monotonic()
            done = house.call("run", "--quiet", "--report", "json", "--out", out, *args,
                              "--profile", served.write(folder, narrow), limit_s=14400)
            seconds = time.monotonic() - began
            results = json.loads((out / "results.json").read_text())
    kinds = {i: kind for kind in KINDS for i in served.profile["pixit"]["cvms"][kind]}
    started = collections.Counter()
    for case in results["cases"]:
        started[kinds.get(case["cvm"])] += case["operations"]
    operation_s = operation_ms / 1000
    least = max(started[kind] for kind in KINDS) * operation_s / cvms
    longest = max(case["operations"] for case in results["cases"])
    rounds = max(math.ceil(started[kind] / cvms) for kind in KINDS)
    needed = max(rounds, longest) * operation_s
    spread = ", ".join(f"{started[kind]} {kind}" for kind in KINDS)
    print(f"{operation_ms:6} ms, {cvms:2} CVMs of a kind: {seconds:7.1f} s, least {least:7.1f} s, "
          f"ratio {seconds / least:4.2f}; of whole rounds, {needed:.1f} s, "
          f"{seconds / needed:4.2f}; {spread}; exit code {done.code}", flush=True)


def main():
    import house

    for line in sys.argv[1:] or DEFAULT:
        measure(house, *(int(number) for number in line.split(":")))


if __name__ == "__main__":
    main()
