"""Runs for what one can afford: run --operations and --budget, and the price that is told."""

import json
import re
import tempfile
import unittest
from pathlib import Path

import house

BOUGHT = r"(\d+) operations: (\d+) of (\d+) known bugs, (\d+) of (\d+) musts; (\d+) of (\d+) cases"


def bought(text):
    found = re.search(BOUGHT, text)
    return [int(number) for number in found.groups()] if found else None


def planned(*options):
    done = house.call("run", "--dry-run", "--verbose", *options)
    assert done.code == 0, str(done)
    return done.out


class Bought(unittest.TestCase):
    """The run is made once; each test looks at one thing it left."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.out = Path(holder.name) / "out"
        # Long ones: a second update that comes too late for a short one is sent again.
        reference = cls.enterClassContext(house.Reference("--operation-ms", "400"))
        cls.done = house.call("run", "--operations", "25", "--profile", reference.path,
                              "--out", cls.out)  # fmt: skip
        cls.results = json.loads((cls.out / "results.json").read_text())

    def test_is_conforming(self):
        self.assertEqual(self.done.code, 0, str(self.done))

    def test_starts_no_more_operations(self):
        summary = self.results["summary"]
        # A race that a busy machine leaves open is run again.
        self.assertLessEqual(summary["operations"], 25 + 3)

    def test_what_is_left_out_is_told(self):
        left_out = set(self.results["left_out"])
        run = {case["id"] for case in self.results["cases"]}
        self.assertEqual(len(left_out), bought(self.results["bought"])[5])
        self.assertFalse(left_out & run)
        self.assertEqual(len(left_out | run), bought(self.results["bought"])[6])

    def test_requirements_that_are_left_out_count_as_not_run(self):
        self.assertGreater(self.results["summary"]["requirements"]["must"]["not_run"], 0)
        self.assertRegex(self.done.out, r"MUST .*, \d+ not run")

    def test_every_report_says_so(self):
        for name in ("report.html", "junit.xml", "summary.md", "results.json"):
            self.assertIn(self.results["bought"], (self.out / name).read_text(), name)
        self.assertIn(self.results["bought"], self.done.out)


class Chosen(unittest.TestCase):
    def test_more_operations_buy_more(self):
        few, many = (bought(planned("--operations", str(n))) for n in (10, 100))
        self.assertLess(few[1], many[1])
        self.assertLessEqual(few[3], many[3])
        self.assertLessEqual(few[0], 10)

    def test_the_same_seed_chooses_the_same(self):
        first = planned("--operations", "25", "--seed", "7")
        self.assertEqual(first, planned("--operations", "25", "--seed", "7"))

    def test_a_quarter_of_the_operations_catches_every_known_bug(self):
        operations, caught, known = bought(planned("--operations", "160"))[:3]
        self.assertEqual(caught, known)
        self.assertLessEqual(operations, 160)

    def test_enough_for_all_leaves_nothing_out(self):
        self.assertEqual(bought(planned("--operations", "100000"))[5], 0)

    def test_cases_without_operations_cost_nothing(self):
        self.assertEqual(bought(planned("--operations", "0"))[0], 0)
        self.assertIn("run ", planned("--operations", "0"))

    def test_no_operation_means_none_at_all(self):
        """Not even the update that a run begins with."""
        with tempfile.TemporaryDirectory() as folder:
            done = house.call("run", "--operations", "0", "--suite", "auth", "--out", folder)
            summary = json.loads((Path(folder) / "results.json").read_text())["summary"]
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(summary["operations"], 0)

    def test_a_time_buys_as_many_as_the_fixtures_can_do_in_it(self):
        short = planned("--budget", "10s", "--operation-ms", "1000")
        self.assertLess(bought(short)[0], 8 * 24 + 1)
        long = planned("--budget", "2h", "--operation-ms", "1000")
        self.assertEqual(bought(long)[5], 0)

    def test_a_bug_is_found_in_a_small_run(self):
        with tempfile.TemporaryDirectory() as folder:
            done = house.call("run", "--operations", "25", "--deviation", "accepted-200",
                              "--quiet", "--out", Path(folder) / "out")
        self.assertEqual(done.code, 1, str(done))


class Refused(unittest.TestCase):
    def refuse(self, says, *options):
        with tempfile.TemporaryDirectory() as folder:
            done = house.call("run", "--out", Path(folder) / "out", *options)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn(says, done.err)

    def test_a_certificate_is_of_everything(self):
        self.refuse("--certify does not go with --operations", "--certify", "--operations", "9")
        self.refuse("--certify does not go with --budget", "--certify", "--budget", "2h")

    def test_what_is_no_duration(self):
        for text in ("9", "2 h", "h", "-3s", "0s", "1d"):
            with self.subTest(text):
                self.refuse("is not a duration", f"--budget={text}")

    def test_a_time_without_the_time_of_an_operation(self):
        with house.Reference() as reference, tempfile.TemporaryDirectory() as folder:

            def unknown(profile):
                del profile["pixit"]["timing"]["operation_ms"]

            profile = reference.write(Path(folder), unknown)
            self.refuse("pixit.timing.operation_ms", "--profile", profile, "--budget", "1h",
                        "--dry-run")  # fmt: skip


class Measured(unittest.TestCase):
    """Where the profile does not say how long an operation takes, the look at a CVM that a run
    begins with tells."""

    def run_for(self, budget, operation_ms):
        with house.Reference("--operation-ms", str(operation_ms)) as reference:
            with tempfile.TemporaryDirectory() as folder:

                def unknown(profile):
                    del profile["pixit"]["timing"]["operation_ms"]

                profile = reference.write(Path(folder), unknown)
                out = Path(folder) / "out"
                done = house.call("run", "--profile", profile, "--suite", "accepted", "--suite",
                                  "partial", "--budget", budget, "--out", out)  # fmt: skip
                self.assertEqual(list(out.glob("snapshots.json")), [], str(done))
                return done, json.loads((out / "results.json").read_text())

    def test_the_budget_is_kept_by_what_was_measured(self):
        done, results = self.run_for("10s", 1000)
        self.assertIn(done.code, (0, 3), str(done))
        told = re.search(r"an operation takes about (\d+) s: measured", done.err)
        self.assertTrue(told, str(done))
        self.assertGreaterEqual(int(told[1]), 1)
        self.assertGreater(len(results["cases"]), 3)
        self.assertGreater(len(results["left_out"]), 3, str(done))
        looks = [c["id"] for c in results["cases"] if c["verdict"] in ("fail", "error")]
        self.assertEqual(looks, [])

    def test_a_time_that_measuring_takes_is_too_short(self):
        done, results = self.run_for("1s", 1500)
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("took the whole budget", done.err)
        self.assertEqual(results["cases"], [])


class Price(unittest.TestCase):
    def test_is_told_by_kind(self):
        out = planned("--operation-ms", "120000")
        self.assertRegex(out, r"\d+ cases, \d+ operations, about \d+ requests; at 2 min 00 s an ")
        self.assertRegex(out, r"held back by \w+ \(\d+ operations on 12; with 2 more .* less\)")
        self.assertRegex(out, r"(?m)^managed +\d+ operations on 12: (\d+ h )?\d+ min$")

    def test_long_runs_tell_it_first(self):
        with tempfile.TemporaryDirectory() as folder, house.Reference() as reference:

            def slow(profile):
                profile["pixit"]["timing"]["operation_ms"] = 3600000

            profile = reference.write(Path(folder), slow)
            done = house.call("run", "--profile", profile, "--case", "accepted.status-202[[]*",
                              "--case", "accepted.status-202*", "--out", Path(folder) / "out")
        self.assertRegex(done.err, r"^\d+ cases, \d+ operations, .* at 1 h 00 min an operation")


if __name__ == "__main__":
    house.main()
