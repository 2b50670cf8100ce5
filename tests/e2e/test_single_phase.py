"""A change of the compose hash that is accepted without a proof fails whatever case meets it."""

import house

CASE = "two-phase.467-unknown-transaction"


class SinglePhase(house.Case):
    def met(self):
        return next(case for case in self.results()["cases"] if case["id"] == CASE)

    def test_a_preparation_that_finds_it_fails(self):
        self.run_suite("--case", CASE, "--deviation", "two-phase-compose-file-unphased", expect=1)
        case = self.met()
        self.assertEqual(case["verdict"], "fail")
        self.assertEqual(case["failures"][0]["requirement"], "two-phase.required")
        self.assertIn("two-phase.required", case["requirements"])

    def test_another_status_leaves_the_case_undecided(self):
        self.run_suite("--case", CASE, "--deviation", "two-phase-465-as-409", expect=3)
        self.assertEqual(self.met()["verdict"], "inconclusive")


if __name__ == "__main__":
    house.main()
