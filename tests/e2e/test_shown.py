"""What a run shows as it goes: requests and answers with -v, and what GitHub's jobs are told."""

import os
import pty
import re
import subprocess

import house

DEVIATION = ("--case", "accepted.status-202*", "--deviation", "accepted-200")


class Exchanges(house.Case):
    def test_v_shows_requests_and_answers_without_the_key(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        path = reference.write(self.folder)
        done = self.run_suite("--profile", path, "-v", "--case", "accepted.valid-update*", expect=0)
        self.assertRegex(done.err, r"(?m)^pass +accepted\.valid-update")
        self.assertRegex(done.err, rf"(?m)^> PATCH {reference.base_url}/api/v1/cvms/")
        self.assertRegex(done.err, r"(?m)^> X-API-Key: \$\w+$")
        self.assertRegex(done.err, r"(?m)^< 202$")
        self.assertRegex(done.err, r'(?m)^< \{"correlation_id"|^< \{"status"')
        self.assertNotIn(reference.key, done.err + done.out)

    def test_verbose_alone_does_not(self):
        done = self.run_suite("--verbose", "--case", "accepted.valid-update*", expect=0)
        self.assertNotRegex(done.err, r"(?m)^> ")

    def test_nothing_moves_the_cursor(self):
        hostile = self.enter(house.Hostile("garbage"))
        path = self.folder / "profile.json"
        path.write_text(house.json.dumps(house.plain_profile(f"http://127.0.0.1:{hostile.port}")))
        done = self.run_suite("--profile", path, "-v", "--suite", "auth")
        self.assertNotRegex(done.err, "[\x00-\x09\x0b-\x1f\x7f]")

    def test_an_unknown_letter_is_told(self):
        done = house.call("run", "-x")
        self.assertEqual(done.code, 2)
        self.assertIn("unknown option -x", done.err)


class Terminal(house.Case):
    def on_terminal(self, **variables):
        """What a terminal gets from a run of few cases, in colours or without."""
        main, side = pty.openpty()
        self.addCleanup(os.close, main)
        run = subprocess.Popen(
            [house.PROGRAM, "run", "--case", "accepted.status-202*", "--operation-ms", "15"],
            cwd=self.folder, env=house.environment(variables), stdin=subprocess.DEVNULL,
            stdout=side, stderr=side)
        os.close(side)
        shown = bytearray()
        try:
            while chunk := os.read(main, 65536):
                shown += chunk
        except OSError:  # that is how the end of a terminal reads
            pass
        self.assertEqual(run.wait(), 0, shown)
        self.assertIn(b"MUST", shown)
        return bytes(shown)

    def test_has_colours_and_a_line_that_is_redrawn(self):
        shown = self.on_terminal(TERM="xterm")
        self.assertRegex(shown, rb"\x1b\[\d")
        self.assertIn(b"\r\x1b[K", shown)

    def test_without_colours_gets_none(self):
        self.assertNotRegex(self.on_terminal(TERM="xterm", NO_COLOR="1"), rb"\x1b\[\d")

    def test_that_is_dumb_gets_plain_lines(self):
        self.assertNotIn(b"\x1b", self.on_terminal(TERM="dumb"))


class GitHub(house.Case):
    def run_in_job(self, *args, expect):
        self.page = self.folder / "page.md"
        self.page.write_text("before\n")
        return self.run_suite(*args, expect=expect, env={
            "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(self.page)})

    def test_a_job_gets_annotations_and_its_summary(self):
        done = self.run_in_job(*DEVIATION, expect=1)
        self.assertTrue(re.search(r"(?m)^::error file=.*accepted/status-202\.json", done.out))
        text = self.page.read_text()
        self.assertEqual(text, "before\n" + (self.out / "summary.md").read_text())

    def test_a_passing_job_gets_its_summary(self):
        self.run_in_job(*DEVIATION[:2], expect=0)
        self.assertIn("conforming", self.page.read_text())

    def test_none_means_none(self):
        done = self.run_in_job(*DEVIATION, "--annotate", "none", expect=1)
        self.assertNotIn("::error", done.out)
        self.assertEqual(self.page.read_text(), "before\n")

    def test_a_shard_waits_for_its_merge(self):
        done = self.run_in_job("--suite", "accepted", "--shard", "1/2", expect=0)
        self.assertNotIn("::", done.out)
        self.assertEqual(self.page.read_text(), "before\n")

    def test_elsewhere_nothing_is_done(self):
        done = self.run_suite(*DEVIATION, expect=1)
        self.assertNotIn("::error", done.out)

    def test_a_page_that_cannot_be_written_is_told_and_changes_nothing(self):
        done = self.run_suite(*DEVIATION, expect=1, env={
            "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(self.folder / "no" / "page.md")})
        self.assertIn("the job's summary: cannot write", done.err)

    def test_another_place_is_refused(self):
        done = self.run_suite("--annotate", "gitlab", expect=2)
        self.assertIn('"gitlab" is not github or none', done.err)


if __name__ == "__main__":
    house.main()
