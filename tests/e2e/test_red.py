"""junit.xml and TAP are red exactly when the exit code is not 0: read by junitparser and prove."""

import shutil
import subprocess
import unittest

import house

try:
    import junitparser
except ImportError:
    junitparser = None

ONE_CASE = ("--case", "accepted.status-202*")


def is_red(path):
    """Whether a reader of JUnit XML would fail the build, and what each red case says."""
    said = []
    for suite in junitparser.JUnitXml.fromfile(str(path)):
        for case in suite:
            for result in case.result:
                assert result.message and result.text, case.name
                assert result.text.startswith(result.message), case.name
                if isinstance(result, (junitparser.Failure, junitparser.Error)):
                    said.append((case.classname, case.name, result.message))
    return said


@unittest.skipUnless(junitparser, "python3-junitparser is not installed")
class Red(house.Case):
    def agree(self, done, expect, says=""):
        self.assertEqual(done.code, expect, str(done))
        red = is_red(self.out / "junit.xml")
        self.assertEqual(bool(red), done.code != 0, f"{red}\n{done}")
        self.assertIn(says, str(red))
        if shutil.which("prove"):
            self.prove(done.code)
        path = self.folder / "again.xml"
        again = house.call("report", self.out / "results.json", "--junit", path)
        self.assertIn(again.code, (0, 3), str(again))
        self.assertEqual(path.read_text(),
                         (self.out / "junit.xml").read_text())
        return red

    def prove(self, code):
        path = self.folder / "run.tap"
        done = house.call("report", self.out / "results.json", "--tap", path)
        self.assertIn(done.code, (0, 3), str(done))
        read = subprocess.run(["prove", "--exec", "cat", path], capture_output=True, text=True)
        self.assertEqual(read.returncode != 0, code != 0, read.stdout + read.stderr)
        self.assertNotIn("Parse errors", read.stdout)

    def test_0_conforming(self):
        self.agree(self.run_suite(*ONE_CASE), 0)

    def test_1_a_must_failed(self):
        self.agree(self.run_suite(*ONE_CASE, "--deviation", "accepted-200"), 1, "202")

    def test_a_should_failed(self):
        run = ("--requirement", "auth.foreign-cvm-403", "--variant", "foreign-404")
        self.agree(self.run_suite(*run), 0)
        text = (self.out / "junit.xml").read_text()
        self.assertIn('<skipped message="should not met: ', text)
        self.agree(self.run_suite(*run, "--fail-on", "should"), 1, "404")

    def test_3_a_must_is_inconclusive(self):
        reference = self.enter(house.Reference())

        def without_vcpu(profile):
            del profile["pixit"]["values"]["vcpu"]

        profile = reference.write(self.folder, without_vcpu)
        run = ("--profile", profile, "--case", "partial.every-field-optional*")
        self.agree(self.run_suite(*run), 3, "inconclusive: ")
        self.agree(self.run_suite(*run, "--allow-inconclusive"), 0)

    def test_3_too_few_cases(self):
        red = self.agree(self.run_suite(*ONE_CASE, "--min-cases", "1000"), 3, "fewer than the 1000")
        self.assertEqual([classname for classname, _, _ in red], ["run"])

    def test_1_wins_over_3(self):
        run = (*ONE_CASE, "--min-cases", "1000", "--deviation", "accepted-200")
        self.agree(self.run_suite(*run), 1)

    def test_3_nobody_is_there(self):
        profile = self.folder / "profile.json"
        profile.write_text(house.json.dumps(house.plain_profile("http://127.0.0.1:9")))
        red = self.agree(self.run_suite("--profile", profile, *ONE_CASE), 3, "127.0.0.1:9")
        self.assertEqual([classname for classname, _, _ in red], ["run"])

    def test_1_stopped_at_the_first_failure(self):
        done = self.run_suite("--suite", "accepted", "--fail-fast", "--deviation", "accepted-200")
        self.agree(done, 1, "cut short")

    def test_baseline(self):
        """A known failure is no failure; an entry that is no longer true is one."""
        run = (*ONE_CASE, "--deviation", "accepted-200")
        known = self.folder / "known.json"
        self.run_suite(*run, expect=1)
        update = house.call("baseline", "update", self.out / "results.json", "--out", known,
                            "--owner", "us", "--reason", "soon", "--expires", "2999-01-01")
        self.assertEqual(update.code, 0, str(update))
        self.agree(self.run_suite(*run, "--baseline", known), 0)
        self.assertIn('message="known failure: ', (self.out / "junit.xml").read_text())
        red = self.agree(self.run_suite(*ONE_CASE, "--baseline", known), 1, "passes unexpectedly")
        self.assertEqual([classname for classname, _, _ in red], ["baseline"])

    def test_128_interrupted(self):
        process = house.start("run", "--out", self.out, "--operation-ms", "200")
        house.wait_until(lambda: (self.out / "results.ndjson").exists()
                         and (self.out / "results.ndjson").stat().st_size > 0, "a first result")
        process.terminate()
        self.agree(house.finish(process), 128 + 15, "signal 15")


if __name__ == "__main__":
    house.main()
