"""What the end-to-end tests share: the built program, the servers to aim it at, and its results.

CF_PROGRAM names the program under test, CF_HOSTILE the server that misbehaves (tests/http). Every
wait has a limit, and every server ends with the test that started it.
"""

import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

PROGRAM = os.environ.get("CF_PROGRAM", "")
HOSTILE = os.environ.get("CF_HOSTILE", "")
SOURCE = Path(__file__).resolve().parents[2]
SKIPPED = 77  # ctest's SKIP_RETURN_CODE
LIMIT_S = 300  # for what hangs: nothing takes as long, on however busy a machine
STATE = tempfile.TemporaryDirectory()  # where the program notes which runs left CVMs changed


class Finished:
    """A run of the program that has ended: exit code, both streams, how long it took."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def __str__(self):
        return f"exit code {self.code} after {self.seconds:.1f} s\n{self.out}{self.err}"


def environment(extra=None):
    """Ours without what would change the program's mind; with extra."""
    unwanted = ("no_color", "http_proxy", "https_proxy", "all_proxy", "cvm_conformance_profile",
                "cvm_conformance_out", "github_actions", "github_step_summary")
    env = {k: v for k, v in os.environ.items() if k.lower() not in unwanted}
    env["XDG_STATE_HOME"] = STATE.name
    env.update(extra or {})
    return env


def start(*args, env=None, cwd=None):
    """The program, running in a session of its own (see processes_of)."""
    return subprocess.Popen(
        [PROGRAM, *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(env),
        cwd=cwd,
        start_new_session=True,
    )


def finish(process, limit_s=LIMIT_S, began=None):
    began = began or time.monotonic()
    try:
        out, err = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return Finished(process.returncode, out, err, time.monotonic() - began)


def call(*args, env=None, cwd=None, limit_s=LIMIT_S):
    return finish(start(*args, env=env, cwd=cwd), limit_s)


def processes_of(session):
    """Pids of the living processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def children_of(pid):
    with contextlib.suppress(OSError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def wait_until(condition, what, limit_s=30):
    """The first true value of condition(), looked for often."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError(f"{what}: not within {limit_s} s")


class Reference:
    """The reference implementation, served for the length of a with block."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "profile.json"
        self.process = start("serve", "--profile-out", self.path, *self.options)
        try:
            wait_until(self._ready, "the reference implementation")
        except BaseException:
            self.__exit__()
            raise
        self.profile = json.loads(self.path.read_text())
        self.base_url = self.profile["iut"]["base_url"]
        self.key = self.profile["pixit"]["auth"]["value_from"]["value"]
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"serve ended: {finish(self.process)}")
        return self.path.exists()

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.ended = finish(self.process)
        self.folder.cleanup()

    def write(self, folder, change=None, name="profile.json"):
        """The profile as a file, after change(profile) if given; its path."""
        profile = json.loads(json.dumps(self.profile))
        if change:
            change(profile)
        path = Path(folder) / name
        path.write_text(json.dumps(profile, indent=2) + "\n")
        return path

    def get(self, path):
        request = urllib.request.Request(self.base_url + path, headers={"X-API-Key": self.key})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def state(self):
        """What every CVM of ours is set to, read by the test itself."""
        cvms = self.profile["pixit"]["cvms"]
        ids = cvms["managed"] + cvms["contract_owned"]
        return {
            i: (self.get(f"/_inspect/{i}"), self.get(f"/api/v1/cvms/{i}/compose_file")) for i in ids
        }


class Hostile:
    """A server with one bad habit (tests/http/hostile_main.c)."""

    def __init__(self, behaviour):
        self.behaviour = behaviour

    def __enter__(self):
        self.process = subprocess.Popen(
            [HOSTILE, self.behaviour], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        """Its count of what arrived, e.g. {"requests": 3}, is in seen."""
        out, _ = self.process.communicate(timeout=30)
        self.seen = {k: int(v) for k, v in (pair.split("=") for pair in out.split())}


# A profile for servers other than the reference: whole, with one CVM of each kind it needs.
def plain_profile(base_url, **pixit):
    return {
        "iut": {"name": "somebody", "version": "1", "base_url": base_url},
        "pics": {"contract_owned_kms": False, "prepare_only": False, "gpu_rental": False},
        "pixit": {
            "auth": {"header": "X-API-Key", "value_from": {"value": "not-a-secret"}},
            "cvms": {
                "managed": ["cvm-1"],
                "contract_owned": [],
                "foreign": [],
                "gpu_rental": [],
                "unknown": ["none"],
            },
            "values": {},
            "observe": {"preset": "2026-01-21"},
            "timing": {
                "settle_timeout_ms": 500,
                "poll_interval_ms": 10,
                "request_timeout_ms": 400,
            },
            **pixit,
        },
    }


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "out"

    def enter(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def run_suite(self, *args, expect=None, **keywords):
        """cvm-conformance run, its reports in self.out; expect is the exit code."""
        done = call("run", "--out", self.out, *args, **keywords)
        if expect is not None:
            self.assertEqual(done.code, expect, str(done))
        return done

    def results(self):
        return json.loads((self.out / "results.json").read_text())

    def lines(self):
        text = (self.out / "results.ndjson").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def verdicts(self):
        return {case["id"]: case["verdict"] for case in self.results()["cases"]}


def main(beside=1):
    """unittest.main() that tells ctest when everything was skipped.

    With beside, so many tests run at a time, each in a process of its own: for files whose tests
    wait more than they work, and share nothing.
    """
    if beside > 1 and len(sys.argv) == 1:
        sys.exit(run_beside(beside))
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun == len(result.skipped):
        sys.exit(SKIPPED)


def names_of(suite):
    """Of its tests, as the command line takes them."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from names_of(test)
        else:
            yield test.id().removeprefix("__main__.")


def run_beside(count):
    """Returns the exit code of the whole."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])

    def run(name):
        command = [sys.executable, "-B", sys.argv[0], name]
        return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)

    codes = set()
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        for done in pool.map(run, names_of(suite)):
            print(done.stderr, end="", file=sys.stderr, flush=True)
            codes.add(done.returncode)
    return next(iter(codes)) if len(codes) == 1 else int(bool(codes - {0, SKIPPED}))
