"""report: what is rendered later is what the run wrote, and its gate is the run's."""

import json
import xml.etree.ElementTree as ElementTree

import house

DEVIATION = ("--case", "partial.present-applied*", "--case", "partial.*user_config*", "--level",
             "must", "--deviation", "partial-user-config-ignored")  # fmt: skip


class Reports(house.Case):
    def report(self, *args, expect=None):
        done = house.call("report", *args)
        if expect is not None:
            self.assertEqual(done.code, expect, str(done))
        return done


class Rendered(Reports):
    def test_is_what_the_run_wrote(self):
        """Causes and proofs come from the shipped matrix then as now."""
        ran = self.run_suite(*DEVIATION, expect=1)
        self.assertIn(f"({DEVIATION[-1]})", ran.out)
        results = self.out / "results.json"
        self.assertEqual(self.report(results, expect=0).out, ran.out)
        for option, name in (("--json", "results.json"), ("--junit", "junit.xml"),
                             ("--html", "report.html"), ("--markdown", "summary.md")):
            path = self.folder / name
            self.report(results, option, path, expect=0)
            self.assertEqual(path.read_bytes(), (self.out / name).read_bytes(), name)

    def test_every_format_tells_what_was_proven_and_the_likely_cause(self):
        self.run_suite(*DEVIATION, expect=1)
        summary = self.results()["summary"]
        must = summary["requirements"]["must"]
        self.assertEqual(must["proven"], must["total"] - must["not_applicable"])
        self.assertIn(DEVIATION[-1], [cause["name"] for cause in summary["causes"]])
        sentence = summary["causes"][0]["sentence"]
        counts = f"{must['proven']}/{must['total']} proven able to fail"
        for name in ("junit.xml", "report.html", "summary.md"):
            text = (self.out / name).read_text()
            self.assertIn(counts, text, name)
            self.assertIn(sentence, text.replace("&#39;", "'"), name)
        tree = ElementTree.parse(self.out / "junit.xml")
        causes = {
            case.get("name")
            for case in tree.iter("testcase")
            for p in case.iter("property")
            if p.get("name") == "likely-cause"
        }
        failed = {c["id"] for c in self.results()["cases"] if c["verdict"] == "fail"}
        self.assertTrue(causes)
        self.assertLessEqual(causes, failed)

    def test_lines_alone_have_no_causes(self):
        """An .ndjson does not say of which catalogue it is."""
        self.run_suite(*DEVIATION, expect=1)
        self.assertNotIn("looks like", self.report(self.out / "results.ndjson").out)


class Gate(Reports):
    def test_one_shard_does_not_pass_for_the_whole(self):
        self.run_suite("--suite", "accepted", "--shard", "1/2", expect=0)
        results = self.out / "results.json"
        self.assertIn("says nothing about the rest", self.report(results, expect=0).err)
        done = self.report(results, "--fail-on", "must", expect=2)
        self.assertIn("shard 2 of 2 is missing", done.err)

    def test_is_the_runs(self):
        self.run_suite("--suite", "accepted", "--deviation", "accepted-200", expect=1)
        results = self.out / "results.json"
        self.report(results, expect=0)
        self.report(results, "--fail-on", "must", expect=1)
        self.report(results, "--min-cases", "1", expect=1)
        self.report(results, "--fail-on", "observe", expect=2)

    def test_inconclusive_and_too_few(self):
        reference = self.enter(house.Reference())

        def poor(profile):
            del profile["pixit"]["values"]["vcpu"]

        path = reference.write(self.folder, poor)
        self.run_suite("--profile", path, "--case", "partial.present-applied*", expect=3)
        results = self.out / "results.json"
        self.report(results, "--fail-on", "must", expect=3)
        self.report(results, "--allow-inconclusive", expect=0)
        self.report(results, "--allow-inconclusive", "--min-cases", "100000", expect=3)

    def test_baseline(self):
        self.run_suite("--suite", "accepted", "--deviation", "accepted-200", expect=1)
        results = self.out / "results.json"
        path = self.folder / "baseline.json"
        update = ("baseline", "update", results, "--out", path, "--owner", "us",
                  "--reason", "known", "--expires", "2999-01-01")
        self.assertEqual(house.call(*update).code, 0)
        # Without a 202 there are no correlation ids to compare: that must stays inconclusive.
        self.report(results, "--baseline", path, expect=3)
        done = self.report(results, "--baseline", path, "--allow-inconclusive", expect=0)
        self.assertIn("known failure: ", done.out)
        document = json.loads(path.read_text())
        document["known_failures"][0]["expires"] = "2020-01-01"
        path.write_text(json.dumps(document))
        self.report(results, "--baseline", path, expect=1)
        self.report(results, "--baseline", self.folder / "none.json", expect=2)


class Secrets(Reports):
    """With the profile at hand everything is searched for its secrets."""

    def setUp(self):
        super().setUp()
        self.reference = self.enter(house.Reference())
        self.profile = self.reference.path
        self.run_suite("--profile", self.profile, "--case", "accepted.valid-update*", expect=0)
        self.results_path = self.out / "results.json"

    def test_none(self):
        self.report(self.results_path, "--profile", self.profile, "--html", self.folder / "r.html",
                    expect=0)

    def test_in_results(self):
        text = self.results_path.read_text()
        self.results_path.write_text(text.replace("reference IUT", self.reference.key))
        page = self.folder / "r.html"
        done = self.report(self.results_path, "--profile", self.profile, "--html", page, expect=3)
        self.assertIn(f"{self.results_path} holds the credential", done.err)
        self.assertFalse(page.exists())
        self.assertNotIn(self.reference.key, done.out + done.err)

    def test_in_what_is_written(self):
        """Names that no results hold as one: only a writer puts them together."""
        key = self.reference.key
        half = len(key) // 2
        document = self.results()
        document["iut"].update(name=key[:half], version=key[half:])
        change = json.loads(self.profile.read_text())
        change["pixit"]["auth"]["value_from"]["value"] = f"{key[:half]} {key[half:]}"
        profile = self.folder / "profile.json"
        profile.write_text(json.dumps(change))
        self.results_path.write_text(json.dumps(document))
        page = self.folder / "summary.md"
        done = self.report(self.results_path, "--profile", profile, "--markdown", page, expect=3)
        self.assertIn(f"{page} holds the credential", done.err)


if __name__ == "__main__":
    house.main()
