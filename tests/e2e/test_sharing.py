"""Cases that are judged by what another one did: what they cost, and that nothing hides behind."""

import collections
import json
import tempfile
import unittest
from pathlib import Path

import house

CASES = ["partial.omitted-unchanged[vcpu]", "accepted.correlation-id.field[vcpu]",
         "accepted.status-202.field[vcpu]", "partial.every-field-optional[vcpu]",
         "partial.present-applied[vcpu]"]


def run(*options, cases=CASES):
    with tempfile.TemporaryDirectory() as holder:
        out = Path(holder) / "out"
        named = [word for case in cases for word in ("--case", case)]
        done = house.call("run", *named, *options, "--out", out)
        return done, json.loads((out / "results.json").read_text())


def by_id(results):
    return {case["id"]: case for case in results["cases"]}


def bodies(case, method):
    return [step["request"].get("body") for step in case["steps"]
            if (step.get("request") or {}).get("method") == method]


class Shared(unittest.TestCase):
    """The run is made once; each test looks at one thing it left."""

    @classmethod
    def setUpClass(cls):
        cls.done, cls.results = run("--keep-bodies", "all")
        cls.cases = by_id(cls.results)

    def test_all_pass(self):
        self.assertEqual(self.done.code, 0, str(self.done))

    def test_only_the_one_that_is_shared_starts_operations(self):
        started = collections.Counter({c["id"]: c["operations"] for c in self.results["cases"]})
        self.assertEqual(started[CASES[0]], 3)
        self.assertEqual(sum(started.values()), 3)

    def test_each_has_the_exchanges_that_it_was_judged_by(self):
        first = bodies(self.cases[CASES[0]], "PATCH")[:1]
        for case in CASES[1:]:
            self.assertEqual(bodies(self.cases[case], "PATCH"), first, case)
            self.assertEqual(self.cases[case]["shares"], CASES[0])

    def test_what_is_shared_says_nothing_of_sharing(self):
        self.assertNotIn("shares", self.cases[CASES[0]])

    def test_the_plan_counts_the_operations_once(self):
        named = [word for case in CASES for word in ("--case", case)]
        plan = house.call("run", *named, "--dry-run").out
        self.assertRegex(plan, r"managed +3 operations")


class Alone(unittest.TestCase):
    def test_a_case_without_the_one_it_shares_runs_by_itself(self):
        done, results = run(cases=[CASES[1]])
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual([c["operations"] for c in results["cases"]], [1])
        self.assertNotIn("shares", results["cases"][0])

    def test_where_that_one_fails_each_runs_by_itself_and_not_for_that(self):
        done, results = run("--deviation", "partial-omitted-force-stop-false", cases=[
            "partial.omitted-unchanged[vcpu]", "accepted.status-202.field[vcpu]"])
        cases = by_id(results)
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual(cases[CASES[0]]["verdict"], "fail")
        self.assertNotIn("shares", cases[CASES[2]])
        self.assertEqual(cases[CASES[2]]["operations"], 1)
        self.assertEqual({f.get("requirement") for f in cases[CASES[2]]["failures"]},
                         {"partial.omitted-unchanged"})

    def test_where_that_one_passes_a_fault_is_found_in_what_it_did(self):
        done, results = run("--deviation", "accepted-correlation-id-missing")
        cases = by_id(results)
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual({i for i in CASES if cases[i]["verdict"] == "fail"}, {CASES[1]})
        self.assertEqual(cases[CASES[1]]["shares"], CASES[0])


if __name__ == "__main__":
    unittest.main()
