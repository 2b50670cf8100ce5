"""Operations of which the answer tells no id, and a list that ends none."""

import between
import house

CASE = "conflict.in-progress[user_config-then-user_config]"
LIST_ENDS_NONE = ("--deviation", "accepted-operation-never-ends")


def impatient(profile):
    profile["pixit"]["timing"]["settle_timeout_ms"] = 700
    profile["pics"]["instant_operations"] = False


class Unnamed(between.Case):
    def judge(self, *serve, verdict):
        reference = self.enter(house.Reference(*serve))
        profile = reference.write(self.folder, impatient)
        self.run_suite("--profile", profile, "--case", CASE,
                       expect={"pass": 0, "fail": 1, "inconclusive": 3}[verdict])
        case = {case["id"]: case for case in self.results()["cases"]}[CASE]
        self.assertEqual(case["verdict"], verdict, case.get("reason"))
        return case

    def defect(self, name, answer):
        case = self.judge("--operation-ms", 300, "--deviation", name, "--deviation", answer,
                          verdict="fail")
        self.assertIn("accepted during an operation", case["reason"])

    def test_a_lock_that_is_let_go_early_is_found(self):
        for answer in ("accepted-text-body", "accepted-correlation-id-missing"):
            with self.subTest(answer):
                self.defect("conflict-lock-expires", answer)

    def test_a_server_without_a_lock_is_found(self):
        self.defect("conflict-ignored", "accepted-text-body")

    def test_a_server_with_a_lock_has_none_of_it(self):
        self.judge("--operation-ms", 300, "--deviation", "accepted-text-body", verdict="pass")

    def test_a_list_that_ends_nothing_proves_no_overlap(self):
        """Its operations are over before a second update comes."""
        case = self.judge("--operation-ms", 0, *LIST_ENDS_NONE, verdict="inconclusive")
        self.assertIn("may have ended before", case["reason"])

    def test_nor_does_it_where_ids_are_not_told(self):
        self.judge("--operation-ms", 0, *LIST_ENDS_NONE, "--deviation", "accepted-text-body",
                   verdict="inconclusive")


if __name__ == "__main__":
    house.main()
