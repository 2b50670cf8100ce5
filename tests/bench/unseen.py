#!/usr/bin/python3
"""How many known bugs a run of few operations catches, and how many that its choice did not see.

    tests/bench/unseen.py [BUILD]        (default: build/release)

The choice is made by the kill matrix. So that a bug counts which the choice knows nothing of, a
tenth of the matrix is left out, the cases are chosen by the rest, and only the tenth is counted;
ten times, each deviation once. Nothing is sent: what a case catches stands in the matrix.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (10, 25, 50, 100, 250)
PARTS = 10


def catching(row):
    """Numbers of the cases that fail by this deviation; those without a signature prove nothing."""
    return {int(trace.split(":")[0]) for trace in row["traces"].split() if ":" in trace}


def chosen(program, matrix, operations):
    done = subprocess.run([program, "run", "--dry-run", "--verbose", "--operations",
                           str(operations)],
                          stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    run = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("run ")}
    return {number for number, case in enumerate(matrix["cases"]) if case in run}


def caught(rows, cases):
    return sum(1 for row in rows if catching(row) & cases)


def main():
    build = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release").resolve()
    with tempfile.TemporaryDirectory() as prefix:
        subprocess.run(["cmake", "--install", build, "--prefix", prefix],
                       stdout=subprocess.DEVNULL, check=True)
        program = Path(prefix) / "bin/cvm-conformance"
        file = Path(prefix) / "share/cvm-conformance/kill-matrix.json"
        matrix = json.loads(file.read_text())
        rows = [row for row in matrix["deviations"] if row["caught"] and catching(row)]

        def catch(seen, counted, operations):
            file.write_text(json.dumps({**matrix, "deviations": seen}))
            return caught(counted, chosen(program, matrix, operations))

        print(f"operations   of {len(rows)} known   of {len(rows)} unseen")
        for operations in OPERATIONS:
            known = catch(rows, rows, operations)
            unseen = sum(catch([row for i, row in enumerate(rows) if i % PARTS != part],
                               rows[part::PARTS], operations) for part in range(PARTS))
            print(f"{operations:10}   {known:12}   {unseen:13}")


if __name__ == "__main__":
    main()
