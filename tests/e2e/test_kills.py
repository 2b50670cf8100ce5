"""Runs that are killed at random moments: what was recorded is valid, and the CVMs come back.

CF_KILLS=1000 makes it a thousand (an hour); CF_KILLS_SEED chooses other moments.
"""

import json
import os
import random
import signal
import time

import house
from test_signals import without_reset

KILLS = int(os.environ.get("CF_KILLS", "24"))
SEED = int(os.environ.get("CF_KILLS_SEED", "1"))
SUITES = ("accepted", "conflict", "partial", "script", "two-phase")
ONE_CASE = ("--case", "accepted.status-202*")


class Kills(house.Case):
    def start(self, suite):
        return house.start("run", "--quiet", "--out", self.out, "--profile", self.profile,
                           "--suite", suite)

    def measure(self, suite):
        """How long the suite takes when nobody kills it."""
        began = time.monotonic()
        house.finish(self.start(suite))
        return time.monotonic() - began

    def kill(self, suite, after_s, group):
        process = self.start(suite)
        time.sleep(after_s)
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        house.finish(process)

    def check_records(self, number):
        path = self.out / "results.ndjson"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        for line in lines:
            self.assertIn("verdict", json.loads(line))
        if lines and number % 5 == 0:
            done = house.call("report", path, "--json", self.folder / "again.json")
            self.assertIn(done.code, (0, 1, 3), str(done))

    def put_back(self, by_a_run):
        if by_a_run:
            done = house.call("run", "--quiet", "--out", self.out, "--profile", self.profile,
                              *ONE_CASE)
        elif self.out.exists() and any(self.out.iterdir()):
            done = house.call("restore", self.out, "--profile", self.profile)
        else:
            return False  # killed before it had a folder
        self.assertEqual(done.code, 0, str(done))
        self.assertFalse((self.out / "snapshots.json").exists())
        return "as it was before the run" in done.out + done.err

    def test_at_random_moments(self):
        reference = self.enter(house.Reference("--operation-ms", "10"))
        self.profile = reference.write(self.folder, without_reset)
        before = reference.state()
        chance = random.Random(SEED)
        durations = {suite: self.measure(suite) for suite in SUITES}
        changed = restored = 0
        for number in range(KILLS):
            suite = chance.choice(SUITES)
            moment = chance.uniform(0, durations[suite])
            with self.subTest(number=number, suite=suite, moment=moment):
                self.kill(suite, moment, group=chance.random() < 0.5)
                self.check_records(number)
                changed += reference.state() != before
                restored += self.put_back(by_a_run=chance.random() < 0.1)
                self.assertEqual(reference.state(), before)
        print(f"{KILLS} kills: {changed} left CVMs changed, {restored} had something to put back")
        self.assertGreater(changed, KILLS // 10)


if __name__ == "__main__":
    house.main()
