"""Cases that are judged by what another one did: what they cost, and that nothing hides behind."""

import collections
import json
import tempfile
import unittest
from pathlib import Path

import house

CASES = ["partial.omitted-unchanged.in-turn[vcpu,memory,disk_size]",
         "accepted.correlation-id.field[vcpu]",
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
        self.assertEqual(started[CASES[0]], 7)
        self.assertEqual(sum(started.values()), 7)

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
        self.assertRegex(plan, r"managed +7 operations")


class Alone(unittest.TestCase):
    def test_a_case_without_the_one_it_shares_runs_by_itself(self):
        done, results = run(cases=[CASES[1]])
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual([c["operations"] for c in results["cases"]], [1])
        self.assertNotIn("shares", results["cases"][0])

    def test_where_that_one_fails_each_runs_by_itself_and_not_for_that(self):
        done, results = run("--deviation", "partial-omitted-memory-follows", cases=[
            CASES[0], CASES[2]])
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


class Late(unittest.TestCase):
    """What one case waited for is not what each that shares it has to wait for."""

    def run_with(self, *unseen, cases, lag_ms=60):
        def late(profile):
            if lag_ms:
                profile["pixit"]["timing"]["read_lag_ms"] = lag_ms
            for member in unseen:
                profile["pixit"]["observe"]["fields"][member] = None

        with house.Reference() as reference, tempfile.TemporaryDirectory() as folder:
            done, results = run("--profile", reference.write(Path(folder), late), cases=cases)
        self.assertEqual(done.code, 0, str(done))
        return {case: one["operations"] for case, one in by_id(results).items()}

    def test_where_the_read_side_lags_the_one_that_is_shared_starts_all(self):
        self.assertEqual(self.run_with(cases=CASES), dict.fromkeys(CASES, 0) | {CASES[0]: 7})

    def test_nor_without_a_list_of_operations(self):
        self.assertEqual(self.run_with("operations", cases=CASES),
                         dict.fromkeys(CASES, 0) | {CASES[0]: 7})

    def test_nor_where_no_flag_says_that_a_cvm_is_idle(self):
        self.assertEqual(self.run_with("in_progress", cases=CASES, lag_ms=0),
                         dict.fromkeys(CASES, 0) | {CASES[0]: 7})

    def test_where_the_one_that_is_shared_waited_the_other_goes_over_it(self):
        whole = "partial.falsy-is-present[all-at-once]"
        one = "partial.falsy-is-present[public_logs=false]"
        self.assertEqual(self.run_with(cases=[whole, one]), {whole: 4, one: 0})


class Parts(unittest.TestCase):
    """A case that is another one's part, from its middle on."""

    CASES = ["accepted.correlation-id-unique.two-endpoints",
             "accepted.status-202[update-cvm]", "accepted.status-202[pre-launch-script]"]

    def test_it_is_judged_by_what_was_done_from_there_on(self):
        done, results = run("--keep-bodies", "all", cases=self.CASES)
        whole, first, second = (by_id(results)[case] for case in self.CASES)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual([c["operations"] for c in (whole, first, second)], [4, 0, 0])
        self.assertEqual({first["shares"], second["shares"]}, {self.CASES[0]})
        self.assertEqual(bodies(first, "PATCH"), bodies(whole, "PATCH")[:1])
        self.assertEqual(bodies(second, "PATCH"), bodies(whole, "PATCH")[2:3])

    def test_alone_it_is_no_more_than_that_part(self):
        _, results = run("--keep-bodies", "all", cases=self.CASES[2:])
        self.assertEqual([c["operations"] for c in results["cases"]], [1])
        self.assertEqual(len(bodies(results["cases"][0], "PATCH")), 1)


class Together(unittest.TestCase):
    """A value of its own in a case that stands alone, one of several where it shares."""

    CASES = ["validation.impossible-values[the-first-several]",
             "validation.impossible-values[vcpu-2^31]"]

    def asked(self, *options):
        _, results = run("--keep-bodies", "all", *options, cases=self.CASES)
        several, own = (by_id(results)[case] for case in self.CASES)
        return several, own, set(json.loads(bodies(own, "PATCH")[0]))

    def test_it_is_one_of_several_where_it_shares(self):
        _, own, fields = self.asked()
        self.assertEqual((own["verdict"], own["operations"]), ("pass", 0))
        self.assertLess({"vcpu", "image", "gpus"}, fields)

    def test_it_has_an_update_of_its_own_where_the_several_are_refused(self):
        several, own, fields = self.asked("--variant", "unknown-images-400")
        self.assertEqual((several["verdict"], own["verdict"]), ("not-applicable", "pass"))
        self.assertNotIn("shares", own)
        self.assertEqual(fields, {"vcpu", "user_config", "shutdown_timeout"})

    def test_what_was_refused_needs_nothing_taken_away(self):
        _, results = run("--keep-bodies", "all", cases=["robustness.nul[user_config]"])
        self.assertEqual(len(bodies(results["cases"][0], "PATCH")), 1)


UPDATE = {"request": "update-cvm", "json": "${harmless}", "setup": True,
          "expect": {"status": "2xx"}}
SMALL = {
    "requirement": "small.ended", "level": "should", "source": "common sense",
    "statement": "An operation comes to an end.",
    "cases": [
        {"id": "small.ended", "title": "One after the other", "fixtures": {"cvm": "managed"},
         "steps": [{"observe": "before"}, UPDATE, {"settle": "cvm"}, UPDATE, {"settle": "cvm"}]},
        {"id": "small.ended.listed", "title": "One in the list", "shares": "small.ended",
         "fixtures": {"cvm": "managed"},
         "steps": [{"observe": "before"}, UPDATE, {"settle": "cvm"}, {"track": "cvm"}]}]}


class Asking(unittest.TestCase):
    """A case that asks for more than the one it shares has asked for."""

    def test_it_runs_by_itself(self):
        with tempfile.TemporaryDirectory() as cases:
            (Path(cases) / "small").mkdir()
            (Path(cases) / "small" / "ended.json").write_text(json.dumps(SMALL))
            done, results = run("--cases", cases, cases=["small.ended*"])
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual([case["operations"] for case in results["cases"]], [2, 1])


WHOLE = "conflict.in-progress.second-fields.resources"
PARTS = ["conflict.in-progress.second-field[gpus]", "conflict.in-progress.second-field[vcpu]"]


class Within(unittest.TestCase):
    """What is asked within a larger case: second updates that one operation refused in turn."""

    def test_what_is_within_passes_with_the_whole_at_no_cost(self):
        done, results = run(cases=[WHOLE, *PARTS])
        cases = by_id(results)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual({cases[part]["shares"] for part in PARTS}, {WHOLE})
        self.assertEqual([cases[part]["operations"] for part in PARTS], [0, 0])
        self.assertLess(cases[WHOLE]["operations"], 6)

    def test_it_runs_runs_its_own_steps(self):
        done, results = run(cases=PARTS[:1])
        self.assertEqual(done.code, 0, str(done))
        self.assertNotIn("shares", results["cases"][0])
        self.assertGreater(results["cases"][0]["operations"], 0)

    def test_where_the_whole_fails_those_within_it_tell_why(self):
        done, results = run("--deviation", "conflict-gpus-unblocked", cases=[WHOLE, *PARTS])
        cases = by_id(results)
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual([cases[case]["verdict"] for case in (WHOLE, *PARTS)],
                         ["fail", "fail", "pass"])
        self.assertFalse([part for part in PARTS if "shares" in cases[part]])

    def test_what_was_left_out_of_the_whole_is_not_proven_by_it(self):
        """What the whole could not be judged in is all the same to who does not ask for it."""
        names_it = "conflict.in-progress.second-field[user_config]"
        does_not = "conflict.in-progress.second-field[public_logs]"
        whole = "conflict.not-applied.several"
        with house.Reference("--out-of-sight", "user_config") as reference, \
                tempfile.TemporaryDirectory() as folder:
            profile = reference.write(Path(folder), lambda profile: None)
            _, results = run("--profile", profile, cases=[names_it, does_not, whole])
        cases = by_id(results)
        self.assertIn("judged in part", str(cases[whole]["observation"]))
        self.assertNotIn("shares", cases[names_it])
        self.assertEqual(cases[does_not]["shares"], whole)

    def test_a_read_side_that_shows_some_of_a_text_costs_no_more(self):
        """Whichever text it is, it shows as much of it."""
        parts = ["conflict.not-applied[another-field]", "conflict.not-applied.several"]
        _, results = run("--variant", "user-config-as-an-object", cases=parts)
        cases = by_id(results)
        self.assertIn("judged in part", str(cases[parts[1]]["observation"]))
        self.assertEqual(cases[parts[0]]["operations"], 0)


class Counted(unittest.TestCase):
    """What a case costs: the operations that it started."""

    def test_a_commit_of_what_was_prepared_is_an_operation_too(self):
        _, results = run(cases=["prepare.commit.already-registered"])
        self.assertEqual(results["cases"][0]["operations"], 1)


if __name__ == "__main__":
    unittest.main()
