#!/usr/bin/python3
"""Explore for long what conforms: the reference, each of its variants, and both FastAPI targets.

    tests/bench/explore.py LOG [COMMANDS]        (default: 100000 for each; CF_PROGRAM: which one)

A slice of commands goes to each in turn, with a seed of its own for each round, so that a run that
is ended early has been everywhere. LOG has a line for each slice; a later run with the same LOG
goes on after it. Ends with what each was sent, and with 1 where anything contradicted the model.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CF_PROGRAM", str(ROOT / "build/release/cvm-conformance"))
SLICE = 2000

sys.path.insert(0, str(ROOT / "tests"))

import environments  # noqa: E402


def variants():
    listed = subprocess.run([PROGRAM, "serve", "--list-variants", "--json"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    return [row["name"] for row in json.loads(listed)]


def stacks():
    wanted = (ROOT / "tests/fastapi/requirements.txt").read_text()
    return {"fastapi, Debian's": "/usr/bin/python3",
            "fastapi, pydantic 2": environments.environment("fastapi", wanted) / "python"}


def explore(folder, seed, *target):
    """The closing figures, and how it ended."""
    told = folder / "out" / "explore.json"
    told.unlink(missing_ok=True)
    done = subprocess.run([PROGRAM, "explore", "--quiet", "--out", folder / "out", "--operations",
                           str(SLICE), "--seed", str(seed), *target], capture_output=True,
                          text=True)
    return done, json.loads(told.read_text()) if told.exists() else {}


def contradictions(told):
    """Not what did not repeat: that tells of a busy machine."""
    return len([f for f in told.get("findings", []) if f["verdict"] == "fail"])


def slice_of(name, seed, folder, served):
    if name == "reference":
        return explore(folder, seed)
    if name not in served:
        return explore(folder, seed, "--variant", name)
    profile = folder / "profile.json"
    profile.unlink(missing_ok=True)
    target = subprocess.Popen([served[name], "-B", ROOT / "tests/fastapi/serve.py",
                               "--profile-out", profile, "--operation-ms", "15", "--at-once"])
    while not profile.exists() and target.poll() is None:
        signal.sigtimedwait([signal.SIGCHLD], 0.05)
    try:
        return explore(folder, seed, "--profile", profile)
    finally:
        target.terminate()
        target.wait()


def read(log):
    lines = log.read_text().splitlines() if log.exists() else []
    return [json.loads(line) for line in lines]


def tell(rows):
    sent, judged, unjudged, found, seconds = (Counter() for _ in range(5))
    for row in rows:
        sent[row["target"]] += row["commands"]
        judged[row["target"]] += row["judged"]
        unjudged[row["target"]] += row["unjudged"]
        found[row["target"]] += row["contradictions"]
        seconds[row["target"]] += row["seconds"]
    for name in sent:
        print(f"{name:42} {sent[name]:8} commands, {found[name]} contradictions, "
              f"{judged[name]} sequences judged, {unjudged[name]} not; {seconds[name]:.0f} s")
    print(f"{len(sent)} targets, {sum(sent.values())} commands, at least "
          f"{min(sent.values(), default=0)} each: {sum(found.values())} contradictions")
    return 1 if sum(found.values()) else 0


def main():
    log = Path(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    served = stacks()
    targets = ["reference", *served, *variants()]
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    with tempfile.TemporaryDirectory() as place:
        for seed in range(1, -(-wanted // SLICE) + 1):
            over = {row["target"] for row in read(log) if row["seed"] == seed}
            for name in targets:
                if name in over:
                    continue
                done, told = slice_of(name, seed, Path(place), served)
                row = {"target": name, "seed": seed, "code": done.returncode,
                       "commands": told.get("commands", 0), "judged": told.get("judged", 0),
                       "unjudged": told.get("unjudged", 0),
                       "contradictions": contradictions(told),
                       "seconds": told.get("duration_ms", 0) / 1000,
                       "why": [f["title"] for f in told.get("findings", [])] or
                              told.get("why_unjudged") or (done.stderr[-300:] if not told else "")}
                with open(log, "a") as out:
                    out.write(json.dumps(row) + "\n")
    return tell(read(log))


if __name__ == "__main__":
    sys.exit(main())
