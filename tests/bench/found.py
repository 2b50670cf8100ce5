#!/usr/bin/python3
"""What exploring makes of deviations: how small, how fast, and whether its case files hold.

    tests/bench/found.py LOG [DEVIATION...]        (default: all of level must; CF_PROGRAM)

Each is explored with 2000 commands at most. A found case file must be accepted by check, fail on
the deviation and pass on the clean reference. LOG has a line for each; a later run with the same
LOG goes on after it. Ends with 1 where one did not hold.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CF_PROGRAM", str(ROOT / "build/release/cvm-conformance"))


def deviations():
    listed = subprocess.run([PROGRAM, "serve", "--list-deviations", "--json"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    return [row["name"] for row in json.loads(listed) if row["level"] in ("must", "explore")]


def call(*args):
    return subprocess.run([PROGRAM, *map(str, args)], capture_output=True, text=True).returncode


def size(sequence):
    commands = sequence["commands"]
    return len(commands), sum(len(c.get("set", {})) + len(c.get("then", {})) for c in commands)


def look_into(name, out):
    code = call("explore", "--quiet", "--out", out / "found", "--deviation", name)
    told = json.loads((out / "found" / "explore.json").read_text())
    stable = [f for f in told["findings"] if f["verdict"] == "fail"]
    row = {"deviation": name, "code": code, "seconds": told["duration_ms"] / 1000,
           "tries": told["sequences_for_shrinking"], "findings": len(told["findings"]),
           "stable": len(stable)}
    if stable:
        cases = out / "found" / "cases"
        again = ("run", "--quiet", "--cases", cases, "--suite", "explore", "--out", out / "again")
        row.update(after=stable[0]["after_commands"], found=size(stable[0]["found"]),
                   smallest=size(stable[0]["smallest"]), title=stable[0]["title"],
                   check=call("check", "--cases", cases), bad=call(*again, "--deviation", name),
                   clean=call(*again))
    return row


def mean(values):
    return sum(values) / max(len(values), 1)


def tell(rows):
    found = [row for row in rows if row["stable"]]
    held = [row for row in found if (row["check"], row["bad"], row["clean"]) == (0, 1, 0)]
    print(f"{len(found)} of {len(rows)} deviations found, {len(held)} case files hold")
    for row in found:
        if row not in held:
            print(f"  {row['deviation']}: check {row['check']}, run on it {row['bad']}, "
                  f"on the clean reference {row['clean']}")
    for what in ("found", "smallest"):
        print(f"{what}: {mean([row[what][0] for row in found]):.1f} commands, "
              f"{mean([row[what][1] for row in found]):.1f} fields on average")
    print(f"{mean([row['tries'] for row in found]):.0f} sequences to make it smaller, "
          f"{mean([row['seconds'] for row in found]):.1f} s on average")
    return 0 if len(held) == len(found) else 1


def read(log):
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def main():
    log = Path(sys.argv[1])
    over = {row["deviation"] for row in read(log)}
    for name in sys.argv[2:] or deviations():
        if name not in over:
            with tempfile.TemporaryDirectory() as place:
                row = look_into(name, Path(place))
            with open(log, "a") as out:
                out.write(json.dumps(row) + "\n")
    return tell(read(log))


if __name__ == "__main__":
    sys.exit(main())
