"""The folder of a run: one run at a time, nothing of an earlier one, nobody else's files."""

import json
import os
import shutil
import signal
import subprocess
import unittest
import xml.etree.ElementTree as ET

import house
from test_signals import without_reset

ONE_CASE = ("--case", "accepted.status-202*")
REPORTS = ("junit.xml", "report.html", "results.json", "summary.md")


class Mine(house.Case):
    def test_a_folder_in_use_is_refused_and_nothing_is_sent(self):
        reference = self.enter(house.Reference())
        profile = reference.write(self.folder)
        first = house.start("run", "--out", self.out, "--profile", profile)
        house.wait_until(lambda: (self.out / "results.ndjson").exists()
                         and (self.out / "results.ndjson").stat().st_size, "the first record")
        other = self.folder / "other.json"
        with house.Hostile("ok") as unheard:
            profile = house.plain_profile(f"http://127.0.0.1:{unheard.port}")
            other.write_text(json.dumps(profile))
            second = house.call("run", "--out", self.out, "--profile", other)
        self.assertEqual(second.code, 2, str(second))
        self.assertEqual(unheard.seen["requests"], 0)
        self.assertIn("in use by another run", second.err)
        first.send_signal(signal.SIGTERM)
        self.assertEqual(house.finish(first).code, 128 + signal.SIGTERM)

    def test_records_that_somebody_took_away_are_missed(self):
        process = house.start("run", "--out", self.out)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.stat().st_size, "the first record")
        os.truncate(lines, 0)
        done = house.finish(process)
        self.assertEqual(done.code, 3, str(done))
        # A record may be half written at that moment.
        self.assertRegex(done.err, r"\d+ results of \d+ planned were recorded"
                                   r"|results\.ndjson:\d+:\d+: ")

    def test_a_dead_run_leaves_the_folder_free(self):
        first = house.start("run", "--out", self.out)
        house.wait_until(lambda: (self.out / "results.ndjson").exists(), "the folder")
        os.killpg(first.pid, signal.SIGKILL)
        house.finish(first)
        self.run_suite(*ONE_CASE, expect=0)

    def test_what_a_dead_run_had_begun_to_write_goes(self):
        self.run_suite(*ONE_CASE, expect=0)
        begun = [self.out / "results.json.4711.tmp", self.out / "snapshots.json.12.tmp"]
        others = [self.out / name for name in ("mine.1.tmp", "results.json.old.tmp")]
        for path in begun + others:
            path.write_text("{")
        self.run_suite(*ONE_CASE, expect=0)
        self.assertEqual([path for path in begun + others if path.exists()], others)

    def test_who_reads_the_records_of_an_earlier_run_goes_on_with_them(self):
        self.run_suite(*ONE_CASE, expect=0)
        with (self.out / "results.ndjson").open("rb") as opened:
            before = (self.out / "results.ndjson").read_bytes()
            self.run_suite("--case", "partial.null-accepted*", expect=0)
            self.assertEqual(opened.read(), before)
        self.assertNotEqual((self.out / "results.ndjson").read_bytes(), before)

    def test_a_linked_results_file_is_not_written_through(self):
        self.out.mkdir()
        victim = self.folder / "victim"
        victim.write_text("precious")
        (self.out / "results.ndjson").symlink_to(victim)
        done = self.run_suite(*ONE_CASE, expect=2)
        self.assertIn("symbolic link", done.err)
        self.assertEqual(victim.read_text(), "precious")

    def test_a_pipe_is_not_waited_for(self):
        self.out.mkdir()
        os.mkfifo(self.out / "results.ndjson")
        done = self.run_suite(*ONE_CASE, expect=2, limit_s=20)
        self.assertIn("not a regular file", done.err)
        done = house.call("report", self.out / "results.ndjson", limit_s=20)
        self.assertEqual(done.code, 2)
        self.assertIn("not a regular file", done.err)


def two(first):
    """A profile's CVMs of each kind: the first two of them, or two others."""
    def change(profile):
        without_reset(profile)
        for kind in ("managed", "contract_owned"):
            at = 0 if first else 2
            profile["pixit"]["cvms"][kind] = profile["pixit"]["cvms"][kind][at:at + 2]
    return change


class TakenAway(house.Case):
    """The folder goes away while the run has it: nothing that the run needs is lost, and nothing
    that comes in its place is touched."""

    def setUp(self):
        super().setUp()
        self.reference = self.enter(house.Reference("--operation-ms", "40"))
        self.profile = self.reference.write(self.folder, two(True))
        self.others = self.reference.write(self.folder, two(False), "others.json")
        self.before = self.reference.state()

    def begin(self, profile, suite, out=None):
        out = out or self.out
        process = house.start("run", "--out", out, "--profile", profile, "--suite", suite)
        house.wait_until(lambda: (out / "snapshots.json").exists()
                         and (out / "results.ndjson").read_bytes().count(b"\n") > 3
                         and self.reference.state() != self.before, "a change")
        return process

    def beside(self):
        """The folder that a run made for itself next to the one that was taken away."""
        return house.wait_until(lambda: list(self.folder.glob("out-*")), "a folder beside")[0]

    def whole(self, out, suite):
        results = json.loads((out / "results.json").read_text())
        self.assertTrue(results["complete"])
        self.assertIn(suite, results["selection"])
        lines = [json.loads(line) for line in (out / "results.ndjson").read_text().splitlines()]
        self.assertEqual({c["id"]: c["verdict"] for c in lines},
                         {c["id"]: c["verdict"] for c in results["cases"]})
        self.assertFalse((out / "snapshots.json").exists())

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        house.finish(process)

    def take(self, process, meanwhile=lambda: None):
        """Remove its folder, and do something in that place before it can look."""
        os.kill(process.pid, signal.SIGSTOP)
        shutil.rmtree(self.out)
        value = meanwhile()
        os.kill(process.pid, signal.SIGCONT)
        return value

    def test_a_removed_folder_is_made_again(self):
        process = self.begin(self.profile, "partial")
        self.take(process)
        done = house.finish(process)
        self.assertEqual(done.code, 0, str(done))
        self.assertIn(f"{self.out} was moved, removed or replaced", done.err)
        self.whole(self.out, "partial")
        self.assertEqual(self.reference.state(), self.before)

    def test_a_run_that_is_killed_after_that_is_put_back_and_gone_on_with(self):
        process = self.begin(self.profile, "partial")
        self.take(process)
        house.wait_until((self.out / "run.json").exists, "the folder made again")
        self.kill(process)
        self.assertNotEqual(self.reference.state(), self.before)
        done = house.call("restore", self.out, "--profile", self.profile)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(self.reference.state(), self.before)
        done = house.call("run", "--resume", self.out)
        self.assertEqual(done.code, 0, str(done))
        self.whole(self.out, "partial")

    def test_a_moved_folder_is_followed(self):
        process = self.begin(self.profile, "partial")
        moved = self.folder / "moved"
        self.out.rename(moved)
        done = house.finish(process)
        self.assertEqual(done.code, 0, str(done))
        self.whole(moved, "partial")
        self.assertFalse(self.out.exists())

    def test_records_that_an_editor_has_saved_are_written_again(self):
        process = self.begin(self.profile, "partial")
        text = (self.out / "results.ndjson").read_text()
        (self.out / "results.ndjson").unlink()
        (self.out / "results.ndjson").write_text(text)
        done = house.finish(process)
        self.assertEqual(done.code, 0, str(done))
        self.whole(self.out, "partial")
        self.assertEqual(list(self.folder.glob("out-*")), [])

    def test_a_second_run_in_its_place_keeps_its_own(self):
        """Each ends with its results in a folder of its own, and a kill of the second loses no
        CVM, though the first has nothing left to put back."""
        first = self.begin(self.profile, "accepted")
        second = self.take(first, lambda: self.begin(self.others, "partial"))
        done = house.finish(first)
        self.assertEqual(done.code, 0, str(done))
        self.whole(self.beside(), "accepted")
        self.assertTrue((self.out / "snapshots.json").exists())
        self.kill(second)
        done = house.call("restore", self.out, "--profile", self.others)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(self.reference.state(), self.before)

    def test_the_first_of_two_is_killed(self):
        first = self.begin(self.profile, "partial")
        second = self.take(first, lambda: self.begin(self.others, "accepted"))
        beside = self.beside()
        house.wait_until((beside / "snapshots.json").exists, "its snapshots")
        self.kill(first)
        done = house.finish(second)
        self.assertEqual(done.code, 0, str(done))
        self.whole(self.out, "accepted")
        done = house.call("restore", beside, "--profile", self.profile)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(self.reference.state(), self.before)

    def test_a_second_run_on_its_cvms_is_refused(self):
        first = self.begin(self.profile, "accepted")
        second = self.take(first, lambda: self.run_suite("--profile", self.profile, *ONE_CASE,
                                                         expect=3))
        self.assertRegex(second.err, r"CVM \S+ is being changed by another run")
        done = house.finish(first)
        self.assertEqual(done.code, 0, str(done))
        self.whole(self.beside(), "accepted")
        self.assertEqual(self.results()["cases"], [])
        self.assertEqual(self.reference.state(), self.before)

    def test_explorings_too(self):
        process = house.start("explore", "--out", self.out, "--profile", self.profile,
                              "--operations", "400")
        house.wait_until(lambda: (self.out / "snapshots.json").exists()
                         and self.reference.state() != self.before, "a change")
        self.take(process)
        house.wait_until((self.out / "snapshots.json").exists, "snapshots again")
        self.kill(process)
        done = house.call("restore", self.out, "--profile", self.profile)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(self.reference.state(), self.before)


class Stale(house.Case):
    """A green report of yesterday beside a run that could not start today."""

    def errors(self):
        cases = ET.parse(self.out / "junit.xml").getroot().findall(".//testcase")
        return [(c.get("classname"), c.find("error").get("message")) for c in cases
                if c.find("error") is not None]

    def test_a_run_that_reaches_nobody_says_so_in_every_report(self):
        self.run_suite(*ONE_CASE, expect=0)
        with house.Reference() as reference:
            profile = reference.write(self.folder)
        done = self.run_suite("--profile", profile, *ONE_CASE, expect=3)
        self.assertIn("no case was run", done.err)
        results = self.results()
        self.assertEqual((results["complete"], results["cases"]), (False, []))
        why = results["trouble"]
        self.assertIn(why, done.err)
        self.assertEqual(self.errors(), [("run", why)])
        self.assertIn(why, (self.out / "summary.md").read_text())
        self.assertIn("could not", (self.out / "report.html").read_text())

    def test_the_reports_are_made_again_from_the_results(self):
        with house.Reference() as reference:
            profile = reference.write(self.folder)
        self.run_suite("--profile", profile, *ONE_CASE, expect=3)
        again = self.folder / "again.xml"
        house.call("report", self.out / "results.json", "--junit", again)
        self.assertEqual(again.read_text(), (self.out / "junit.xml").read_text())

    def says(self, why):
        """Every report of a run that was refused."""
        self.assertEqual(self.errors(), [("run", f"the run could not start: {why}")])
        results = self.results()
        self.assertEqual((results["complete"], results["cases"]), (False, []))
        self.assertEqual(results["trouble"], f"the run could not start: {why}")
        for name in ("summary.md", "report.html"):
            self.assertIn("could not start", (self.out / name).read_text(), name)

    def test_a_refused_run_replaces_the_reports_and_keeps_the_records(self):
        """Whatever it was refused for, the reports say it."""
        cases = self.folder / "cases"
        (cases / "mine").mkdir(parents=True)
        (cases / "mine" / "wrong.json").write_text('{"requirement": 1}')
        mine = self.folder / "mine.json"
        mine.write_text(json.dumps(house.plain_profile("http://127.0.0.1:9", auth={
            "header": "X-API-Key", "value_from": {"env": "CF_NOT_SET"}})))
        before = None
        for wrong, why in ((("--profile", "/nonexistent"), "no such file"),
                           (("--profile", mine), "CF_NOT_SET is not set"),
                           (("--jobs", "two"), "is not a whole number"),
                           (("--suite", "acceptd"), 'the nearest is "accepted"'),
                           (("--failed", "/nonexistent"), "--failed: "),
                           (("--baseline", "/nonexistent"), "no such file"),
                           (("--cases", cases), 'wrong.json:1:1: '),
                           ((*ONE_CASE, "--operations", "0"), "too small"),
                           (("--certify", "--suite", "accepted"), "--certify does not go with"),
                           (("--profil",), "wants an argument"),
                           (("--nosuch",), "unknown option --nosuch"),
                           (("accepted",), "takes no operand")):
            with self.subTest(wrong):
                self.run_suite(*ONE_CASE, "--report", "html,junit,json,markdown,tap", expect=0)
                before = (self.out / "results.ndjson").read_bytes()
                done = self.run_suite(*wrong, expect=2)
                told = "; ".join(line.removeprefix("cvm-conformance: ")
                                 for line in done.err.splitlines())
                self.assertIn(why, told)
                self.says(told)
                self.assertFalse((self.out / "report.tap").exists())
                self.assertEqual((self.out / "results.ndjson").read_bytes(), before)

    def test_a_refused_run_says_so_where_no_run_was(self):
        """As in a checkout of CI, which is new each time."""
        for wrong in (("--profile", "/nonexistent"), ("--nosuch",), ("--jobs", "two")):
            with self.subTest(wrong):
                self.assertFalse(self.out.exists())
                done = self.run_suite(*wrong, expect=2)
                self.says(done.err.strip().removeprefix("cvm-conformance: "))
                shutil.rmtree(self.out)

    def test_a_mistyped_line_makes_no_folder_that_it_does_not_name(self):
        for wrong in (("--nosuch",), ("accepted",), ("--resume", self.folder, "--nosuch")):
            with self.subTest(wrong):
                done = house.call("run", *wrong, cwd=self.folder)
                self.assertEqual(done.code, 2, str(done))
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_resumption_of_nothing_says_so(self):
        for args in (("--resume", self.out), ("--resume", self.folder / "none", "--out", self.out)):
            done = house.call("run", *args)
            self.assertEqual(done.code, 2, str(done))
            self.says(done.err.strip().removeprefix("cvm-conformance: "))
            shutil.rmtree(self.out)

    def test_what_had_failed_is_known_after_a_run_that_was_refused(self):
        self.run_suite(*ONE_CASE, "--deviation", "accepted-200", expect=1)
        self.run_suite("--jobs", "two", expect=2)
        self.run_suite("--failed", self.out, expect=0)
        self.assertGreater(len(self.results()["cases"]), 0)

    def test_records_that_cannot_be_written_leave_no_earlier_report(self):
        for make in (os.mkdir, os.mkfifo, lambda path: path.symlink_to(self.folder / "nowhere")):
            with self.subTest(make):
                self.run_suite(*ONE_CASE, expect=0)
                (self.out / "results.ndjson").unlink()
                make(self.out / "results.ndjson")
                done = self.run_suite(*ONE_CASE, expect=2)
                self.says(done.err.strip().removeprefix("cvm-conformance: "))
                shutil.rmtree(self.out)

    def test_a_resumption_that_is_refused(self):
        self.run_suite(*ONE_CASE, expect=0)
        done = house.call("run", "--resume", self.out, "--jobs", "2")
        self.assertEqual(done.code, 2, str(done))
        self.says(done.err.strip().removeprefix("cvm-conformance: "))

    def test_a_folder_of_another_run_is_left_to_it(self):
        first = house.start("run", "--out", self.out, *ONE_CASE)
        house.wait_until(lambda: (self.out / "results.ndjson").exists(), "the folder")
        self.run_suite("--nosuch", expect=2)
        done = house.finish(first)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(self.errors(), [])

    def test_an_interrupted_run_is_red(self):
        process = house.start("run", "--out", self.out)
        house.wait_until(lambda: (self.out / "results.ndjson").exists()
                         and (self.out / "results.ndjson").stat().st_size, "the first record")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(house.finish(process).code, 128 + signal.SIGTERM)
        self.assertIn(("run", "the run was interrupted by signal 15"), self.errors())

    def test_a_run_that_is_killed_leaves_no_report_of_an_earlier_one(self):
        self.run_suite(*ONE_CASE, expect=0)
        process = house.start("run", "--out", self.out)
        house.wait_until(lambda: not (self.out / "junit.xml").exists(), "the old report to go")
        os.killpg(process.pid, signal.SIGKILL)
        house.finish(process)
        self.assertEqual([n for n in REPORTS if (self.out / n).exists()], [])


class FullDisk(house.Case):
    """What was found is told, and is the exit code, though nothing more can be written."""

    def call_to(self, stdout, *args):
        return subprocess.run([house.PROGRAM, *map(str, args)], stdin=subprocess.DEVNULL,
                              stdout=stdout, stderr=subprocess.PIPE, text=True,
                              timeout=house.LIMIT_S, env=house.environment())

    def outputs(self):
        """Standard outputs that take nothing: a full disk, a pipe that nobody reads."""
        full = os.open("/dev/full", os.O_WRONLY)
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, full)
        self.addCleanup(os.close, writer)
        return full, writer

    def test_standard_output_is_full_or_closed(self):
        self.run_suite(*ONE_CASE, expect=0)
        results = self.out / "results.json"
        rows = [("list",), ("show", "two-phase.commit"), ("check",), ("run", "--dry-run"),
                ("serve", "--list-deviations"), ("serve", "--list-variants", "--json"),
                ("report", results), ("compare", results, results), ("run", "--help"),
                ("--version",), ("baseline", "update", results, "--out", "-")]
        for row in rows:
            with self.subTest(row):
                for output in self.outputs():
                    done = self.call_to(output, *row)
                    self.assertEqual(done.returncode, 3, done.stderr)
                    self.assertIn("cannot write", done.stderr)

    def test_a_closed_stream_is_not_taken_for_a_file_of_ours(self):
        """The first file that is opened gets its number."""
        for closed in ((1,), (0, 1), (0, 1, 2)):
            with self.subTest(closed):
                done = subprocess.run(
                    [house.PROGRAM, "run", "--out", str(self.out), *ONE_CASE], text=True,
                    stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=house.LIMIT_S,
                    env=house.environment(), close_fds=False,
                    preexec_fn=lambda closed=closed: [os.close(fd) for fd in closed])
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertEqual(self.results()["summary"]["verdict"], "conforming")
                self.assertEqual(len(self.lines()), len(self.results()["cases"]))

    def test_a_run_with_nowhere_to_print(self):
        for output in self.outputs():
            run = ("run", "--out", self.out, *ONE_CASE)
            done = self.call_to(output, *run)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("reference IUT 0.1.0: conforming", done.stderr)
            self.assertEqual(self.results()["summary"]["verdict"], "conforming")
            done = self.call_to(output, *run, "--deviation", "accepted-200")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("reference IUT 0.1.0: non-conforming", done.stderr)

    @unittest.skipUnless(os.access("/usr/bin/unshare", os.X_OK), "no unshare")
    def test_a_full_disk_loses_no_verdict(self):
        planned = len(json.loads(house.call("list", "--json", *ONE_CASE).out))
        for deviation, code, verdict in (("", 3, "conforming"),
                                         ("--deviation accepted-200", 1, "non-conforming")):
            script = (f"mount -t tmpfs -o size=60k none {self.folder} || exit 77; exec "
                      f"{house.PROGRAM} run --out {self.out} {' '.join(ONE_CASE)} {deviation}")
            done = subprocess.run(["unshare", "-rm", "sh", "-c", script], text=True,
                                  capture_output=True, timeout=house.LIMIT_S)
            if done.returncode == 77 or "unshare" in done.stderr:
                self.skipTest(f"no file system of our own: {done.stderr}")
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertIn("No space left on device", done.stderr)
            self.assertIn(f"reference IUT 0.1.0: {verdict}", done.stdout)
            self.assertIn(f"\n{planned} cases:", done.stdout)


if __name__ == "__main__":
    house.main()
