"""A lock that a refusal leaves behind: the case that sent the refusal is the one that fails."""

import between
import house

HIDDEN = "conflict-400-hides-lock"
QUICK = {"settle_timeout_ms": 1500, "poll_interval_ms": 20, "request_timeout_ms": 5000}


class Case(between.Case):
    def run_leaking(self, *args, expect=1, hooks=True, deviation="conflict-409-leaks-lock"):
        reference = self.enter(house.Reference("--deviation", deviation))

        def change(profile):
            profile["pixit"]["timing"] = QUICK
            if not hooks:
                profile["pixit"]["hooks"].pop("reset")

        profile = reference.write(self.folder, change)
        return self.run_suite("--profile", profile, *args, expect=expect)


class Locks(Case):
    def test_the_case_that_was_refused_fails(self):
        case = "conflict.in-progress[user_config-then-user_config]"
        self.run_leaking("--case", case)
        record = self.case(case)
        self.assertEqual(record["verdict"], "fail", record["reason"])
        self.assertIn("conflict.after-refusal", record["reason"])
        self.assertIn("refused with 409 left a lock behind", record["reason"])

    def test_the_lock_is_named_whatever_it_costs(self):
        self.run_leaking("--suite", "conflict", hooks=False)
        verdicts = {r["id"]: r["verdict"] for r in self.results()["requirements"]}
        self.assertEqual(verdicts["conflict.after-refusal"], "fail")

    def test_a_reset_makes_the_cvm_usable_again(self):
        done = self.run_leaking("--suite", "conflict")
        self.assertNotIn("not used any more", done.err)
        self.assertNotIn("usable any more", str([c["reason"] for c in self.results()["cases"]]))


class Hidden(Case):
    """The read side shows nothing of the lock."""

    def bad(self):
        return [case for case in self.results()["cases"]
                if case["verdict"] not in ("pass", "not-applicable")]

    def test_those_that_were_refused_fail_and_no_others(self):
        self.run_leaking("--suite", "script", "--suite", "partial", deviation=HIDDEN)
        bad = self.bad()
        self.assertIn("script.empty-body", [c["id"] for c in bad])
        for case in bad:
            self.assertEqual(case["verdict"], "fail", case["id"])
            self.assertIn("refused request left a lock behind", case["reason"], case["id"])
            self.assertRegex(case["id"], "empty|without-body|no-parts|file-null|body", case["id"])

    def test_a_run_without_a_reset_names_it_too(self):
        self.run_leaking("--suite", "script", deviation=HIDDEN, hooks=False)
        verdicts = {r["id"]: r["verdict"] for r in self.results()["requirements"]}
        self.assertEqual(verdicts["conflict.after-refusal"], "fail")

    def test_the_record_says_so_by_itself(self):
        done = self.run_leaking("--case", "script.*", "--jobs", "1", deviation=HIDDEN)
        self.assertNotIn("not used any more", done.err)  # a reset helps, again and again
        sought = [c for c in self.results()["cases"] if c.get("seeks_lock")]
        self.assertTrue(any(c["verdict"] == "pass" for c in sought))
        self.assertTrue(any(c["verdict"] == "fail" for c in sought))


if __name__ == "__main__":
    house.main()
