"""run --failed DIR: only what did not pass there. run --report: only the reports that are named."""

import house

RUN = ("--suite", "accepted", "--deviation", "accepted-200")


class Failed(house.Case):
    def not_passed(self):
        return {c["id"] for c in self.results()["cases"] if c["verdict"] not in
                ("pass", "not-applicable")}

    def test_runs_what_did_not_pass_even_in_the_same_folder(self):
        self.run_suite(*RUN, expect=1)
        left = self.not_passed()
        self.assertTrue(left)
        self.run_suite(*RUN, "--failed", self.out, expect=1)
        again = {c["id"] for c in self.results()["cases"]}
        self.assertLessEqual(left, again)
        controls = {c["control"] for c in self.results()["cases"]}
        self.assertLessEqual(again - left, controls, "nothing more but controls")
        self.run_suite("--failed", self.out, expect=0)
        for _ in range(2):
            done = self.run_suite("--failed", self.out, expect=2)
            self.assertIn("everything passed", done.err)
            self.assertIn("everything passed", self.results()["trouble"])
            self.assertTrue(self.lines(), "what was recorded stays")

    def test_goes_with_other_filters(self):
        self.run_suite(*RUN, expect=1)
        one = min(c["id"] for c in self.results()["cases"] if c["verdict"] == "fail")
        self.run_suite(*RUN, "--failed", self.out, "--case", one, expect=1)
        self.assertEqual(self.not_passed(), {one})

    def test_of_a_run_that_was_cut_short(self):
        self.run_suite(*RUN, expect=1)
        (self.out / "results.json").unlink()
        done = house.call("run", *RUN, "--failed", self.out, "--dry-run")
        self.assertEqual(done.code, 0, str(done))

    def test_of_nothing(self):
        done = self.run_suite("--failed", self.folder / "none", expect=2)
        self.assertIn("none/results.ndjson: no such file", done.err)
        self.assertEqual(self.results()["cases"], [])


class Report(house.Case):
    def files(self):
        return {p.name for p in self.out.iterdir() if p.is_file()}

    def test_writes_what_is_named(self):
        one = ("--case", "accepted.status-202*")
        self.run_suite(*one, "--report", "tap,html,har", expect=0)
        wanted = {"report.tap", "report.html", "report.har", "results.ndjson"}
        usual = {"results.json", "junit.xml", "report.html", "summary.md", "results.ndjson"}
        self.assertEqual(self.files() & (usual | wanted), wanted)
        self.run_suite(*one, expect=0)
        self.assertEqual(self.files() & (usual | wanted), usual)

    def test_refuses_what_it_does_not_know(self):
        for names, near in (("junti", "junit"), ("", "json"), ("html,", "json"), ("htm", "html")):
            with self.subTest(names):
                done = self.run_suite("--report", names, expect=2)
                self.assertIn("--report: there is no report called", done.err)
                self.assertIn(near, done.err)
                self.assertEqual(self.results()["cases"], [])


if __name__ == "__main__":
    house.main()
