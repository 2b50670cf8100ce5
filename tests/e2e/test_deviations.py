"""A bug switched on in the reference implementation is found, and for the right requirement."""

import house

FAST = ("--operation-ms", "15")

# Deviation, must requirement that it breaks; the suite is the requirement's. That every deviation
# there is gets caught is the business of the self-certification.
CAUGHT = [
    ("accepted-200", "accepted.status-202"),
    ("accepted-correlation-id-missing", "accepted.correlation-id"),
    ("accepted-correlation-id-of-cvm", "accepted.correlation-id-unique"),
    ("partial-omitted-force-stop-false", "partial.omitted-unchanged"),
    ("partial-user-config-ignored", "partial.present-applied"),
    ("partial-false-ignored", "partial.falsy-is-present"),
    ("partial-empty-object-422", "partial.empty-object"),
    ("validation-vcpu-text-ignored", "validation.wrong-type"),
    ("auth-missing-403", "auth.missing"),
    ("auth-unknown-400", "auth.unknown-cvm"),
    ("conflict-ignored", "conflict.in-progress"),
    ("conflict-locked-after-422", "conflict.after-refusal"),
    ("two-phase-compose-file-unphased", "two-phase.required"),
    ("two-phase-commit-nothing", "two-phase.commit"),
    ("two-phase-468-as-467", "two-phase.468-not-allowed"),
    ("prepare-token-missing", "prepare.token"),
    ("script-crlf-converted", "script.replaced"),
]


class Deviations(house.Case):
    def test_a_hash_that_is_not_there_is_no_trouble_of_the_hook(self):
        self.run_suite("--case", "two-phase.required.after-a-commit", "--deviation",
                       "two-phase-hash-missing", *FAST, expect=3)
        case = self.results()["cases"][-1]
        self.assertEqual(case["verdict"], "inconclusive")
        self.assertIn("its input compose_hash is null", case["reason"])

    def expect_caught(self, deviation, requirement):
        suite = requirement.partition(".")[0]
        done = self.run_suite("--suite", suite, "--level", "must", "--deviation", deviation, *FAST)
        self.assertEqual(done.code, 1, f"{deviation}: {done}")
        results = self.results()
        failed = {r["id"] for r in results["requirements"] if r["verdict"] == "fail"}
        self.assertEqual(results["summary"]["verdict"], "non-conforming", deviation)
        self.assertIn(requirement, failed, deviation)
        blamed = [c for c in results["cases"] if c["verdict"] == "fail"]
        for case in blamed:
            self.assertTrue(case["failures"], case["id"])
            for failure in case["failures"]:
                self.assertTrue(failure["expected"] and failure["actual"], case["id"])
                self.assertGreater(failure["line"], 0, case["id"])
                self.assertTrue((house.SOURCE / failure["file"]).is_file(), failure["file"])
        self.assertIn(requirement, done.out)
        self.assertTrue(any(case["id"] in done.out for case in blamed), str(done))

    def test_each_is_caught_for_its_requirement(self):
        for row in CAUGHT:
            with self.subTest(row[0]):
                self.expect_caught(*row)

    def test_a_should_is_a_warning_unless_asked(self):
        arguments = ("--suite", "accepted", "--deviation", "accepted-status-queued")
        self.run_suite(*arguments, expect=0)
        failed = [r["id"] for r in self.results()["requirements"] if r["verdict"] == "fail"]
        self.assertEqual(failed, ["accepted.body-shape"])
        self.run_suite(*arguments, "--fail-on", "should", expect=1)

    def test_a_bug_elsewhere_is_nothing_to_a_suite(self):
        arguments = ("--suite", "script", "--level", "must", *FAST)
        self.run_suite(*arguments, "--deviation", "partial-user-config-ignored", expect=0)

    def test_unknown_names_are_wrong_usage(self):
        done = self.run_suite("--deviation", "accepted-201", expect=2)
        self.assertIn("accepted-201", done.err)
        self.assertIn('the nearest name is "accepted-200"', done.err)
        self.assertNotIn("did not end well", done.err)


if __name__ == "__main__":
    house.main()
