"""Cases that only the moment keeps from a verdict are tried again, alone; others are not."""

import time

import between
import house

CASE = "conflict.in-progress[user_config-then-user_config]"
OPERATION_MS = 150


class Delays(between.Between):
    """Holds back every second update of the case until too_late of them were."""

    updates = 0
    too_late = 0

    def request(self, method, path, headers, body):
        if self.is_update_of_a_case(method):
            self.updates += 1
            if self.updates % 2 == 0 and self.updates <= 2 * self.too_late:
                time.sleep(OPERATION_MS * 2 / 1000)


class Undecided(between.Case):
    def run_behind_delays(self, too_late, expect):
        self.run_behind(Delays, "--case", CASE, expect=expect, too_late=too_late,
                        serve=("--operation-ms", OPERATION_MS))
        return self.case(CASE)

    def test_a_second_try_decides(self):
        case = self.run_behind_delays(too_late=5, expect=0)
        self.assertEqual((case["verdict"], case["tries"]), ("pass", 2))

    def test_tries_come_to_an_end(self):
        case = self.run_behind_delays(too_late=1000, expect=3)
        self.assertEqual((case["verdict"], case["tries"]), ("inconclusive", 3))
        self.assertRegex(case["reason"], "may have ended before the second|queued, or only slow")

    def test_a_verdict_stands(self):
        self.run_suite("--case", CASE, "--deviation", "conflict-ignored", expect=1)
        self.assertEqual(self.case(CASE)["verdict"], "fail")
        self.assertNotIn("tries", self.case(CASE))

    def test_operations_that_are_never_seen(self):
        """Neither claimed as instant nor caught running: inconclusive, and told what to claim."""
        reference = self.enter(house.Reference("--operation-ms", "0"))

        def unclaimed(profile):
            profile["pics"].pop("instant_operations", None)

        profile = reference.write(self.folder, unclaimed)
        done = self.run_suite("--profile", profile, "--suite", "conflict", expect=3)
        self.assertIn("pics.instant_operations", done.out)
        self.assertEqual(self.results()["summary"]["cases"]["fail"], 0)


if __name__ == "__main__":
    house.main()
