"""A server behind a slow gateway: how often is looked, and that nothing is waited for in vain."""

import json
import tempfile
import time
import unittest
from pathlib import Path

import between
import house

GATEWAY_S = 0.2
OPERATION_MS = 100
CASES = ("--case", "*.field[[]*", "--case", "accepted.status-202*", "--jobs", "1")


class Slow(between.Between):
    """Takes its time for each answer."""

    def answer(self, method, path, sent, number, headers, body):
        time.sleep(GATEWAY_S)
        return number, headers, body


class BehindAGateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.out = Path(holder.name) / "out"
        with house.Reference("--operation-ms", str(OPERATION_MS)) as reference:
            slow = Slow(reference)

            def behind(profile):
                profile["iut"]["base_url"] = slow.base_url
                profile["pixit"]["timing"]["poll_interval_ms"] = 5
                profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]

            profile = reference.write(Path(holder.name), behind)
            cls.done = house.call("run", "--profile", profile, *CASES, "--out", cls.out)
        cls.cases = json.loads((cls.out / "results.json").read_text())["cases"]

    def steps(self, case):
        return [s for s in case["steps"] if s["kind"] == "http" and not s.get("reused")]

    def test_is_conforming(self):
        self.assertEqual(self.done.code, 0, str(self.done))

    def test_few_looks_find_the_end_of_an_operation(self):
        """Every 5 ms, as the profile says, there would be a look at each moment."""
        looks = [s for case in self.cases for s in self.steps(case)
                 if s["purpose"] == "look for the operation"]
        operations = sum(case["operations"] for case in self.cases)
        self.assertGreater(operations, 20)
        self.assertLess(len(looks) / operations, 4)

    def test_what_the_gateway_takes_is_not_learnt_as_the_operations_time(self):
        """Learnt so, each wait would be longer than the one before, without end."""
        for case in self.cases:
            steps = self.steps(case)
            for one, next_one in zip(steps, steps[1:]):
                pause = next_one["at_ms"] - one["at_ms"] - one["duration_ms"]
                self.assertLess(pause, 10 * OPERATION_MS, case["id"])

    def test_the_rest_of_a_reading_is_asked_for_side_by_side(self):
        together = 0
        for case in self.cases:
            reads = [s for s in self.steps(case) if s["purpose"] == "read"]
            for one, next_one in zip(reads, reads[1:]):
                together += next_one["at_ms"] < one["at_ms"] + one["duration_ms"]
        self.assertGreater(together, 20)

    def test_what_is_over_is_read_all_at_once(self):
        """Whether it runs is read before the rest only while that is not known."""
        found = 0
        for case in self.cases:
            steps = self.steps(case)
            for look, one, next_one in zip(steps, steps[1:], steps[2:]):
                purposes = [step["purpose"] for step in (look, one, next_one)]
                if purposes == ["look for the operation", "read", "read"]:
                    found += 1
                    self.assertLess(next_one["at_ms"], one["at_ms"] + one["duration_ms"])
        self.assertGreater(found, 20)


class SaidToTakeLong(house.Case):
    def test_nobody_looks_before_an_operation_can_be_over(self):
        """Where one takes as long as the profile says, a look at once is a request for nothing."""
        reference = self.enter(house.Reference("--operation-ms", str(OPERATION_MS)))
        profile = reference.write(self.folder, lambda profile: profile["pixit"]["timing"].update(
            poll_interval_ms=OPERATION_MS, operation_ms=OPERATION_MS))
        self.run_suite("--profile", profile, "--case", "accepted.status-202*", expect=0)
        looked = 0
        for case in self.results()["cases"]:
            steps = [s for s in case["steps"] if s["kind"] == "http" and not s.get("reused")]
            for one, look in zip(steps, steps[1:]):
                if one["response"]["status"] == 202 and look["purpose"] == "look for the operation":
                    pause = look["at_ms"] - one["at_ms"] - one["duration_ms"]
                    self.assertGreaterEqual(pause, OPERATION_MS - 1, case["id"])
                    looked += 1
        self.assertGreater(looked, 3)


class Overlaps(between.Case):
    """An operation is over long before the answer that tells of it is there."""

    CASES = ("conflict.in-progress[user_config-then-user_config]",
             "conflict.cross-endpoint.script-after-update")

    def run_cases(self, *serve, expect):
        args = [word for name in self.CASES for word in ("--case", name)]
        self.run_behind(Slow, *args, expect=expect,
                        serve=("--operation-ms", OPERATION_MS, *serve))
        return [self.case(name) for name in self.CASES]

    def test_updates_at_once_decide(self):
        for case in self.run_cases(expect=0):
            purposes = [step.get("purpose") for step in case["steps"]]
            self.assertEqual(case["verdict"], "pass", case["id"])
            self.assertIn("one of two updates at once", purposes, case["id"])

    def test_one_pair_tells_that_no_other_will_do(self):
        """What is sent in between waits for its turn, and the operation is over by then."""
        self.run_behind(Slow, "--case", "conflict.in-progress.after-a-refused-script", expect=3,
                        serve=("--operation-ms", OPERATION_MS))
        case = self.case("conflict.in-progress.after-a-refused-script")
        self.assertEqual((case["verdict"], case["operations"]), ("inconclusive", 2))

    def test_what_one_try_spends_is_tried_at_once(self):
        """The one that comes first may be the other one: then it is tried again."""
        tries = []
        for number in range(3):  # a busy machine lets the other one come first more often
            self.out = self.folder / str(number)
            self.run_behind(Slow, "--case", "conflict.*phase-2*", expect=None,
                            serve=("--operation-ms", OPERATION_MS))
            at_once = {c["id"] for c in self.results()["cases"]
                       if "one of two updates at once" in [s.get("purpose") for s in c["steps"]]}
            tries += [line.get("tries", 1) for line in self.lines() if line.get("id") in at_once]
            self.assertGreater(len(tries), 3)
            if 1 in tries:
                break
        self.assertIn(1, tries)

    def test_who_accepts_both_has_not_passed(self):
        for case in self.run_cases("--deviation", "conflict-ignored", expect=1):
            self.assertIn(case["verdict"], ("fail", "inconclusive"), case["id"])


if __name__ == "__main__":
    house.main()
