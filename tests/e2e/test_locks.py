"""A lock that a refusal leaves behind: the case that sent the refusal is the one that fails."""

import between
import house

QUICK = {"settle_timeout_ms": 1500, "poll_interval_ms": 20, "request_timeout_ms": 5000}


class Locks(between.Case):
    def run_leaking(self, *args, expect=1, hooks=True):
        reference = self.enter(house.Reference("--deviation", "conflict-409-leaks-lock"))

        def change(profile):
            profile["pixit"]["timing"] = QUICK
            if not hooks:
                profile["pixit"]["hooks"].pop("reset")

        profile = reference.write(self.folder, change)
        return self.run_suite("--profile", profile, *args, expect=expect)

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


if __name__ == "__main__":
    house.main()
