"""Few open files, a small stack: a clear message and the right code, soon."""

import os
import resource
import signal
import subprocess

import house
from test_signals import without_reset

ONE_CASE = ("--case", "accepted.status-202*")
LIMIT_S = 180


class SmallMachines(house.Case):
    def call_with(self, what, soft, hard, *args):
        def limit():
            resource.setrlimit(what, (soft, hard))

        return subprocess.run([house.PROGRAM, *map(str, args)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT_S,
                              env=house.environment(), preexec_fn=limit)

    def test_few_open_files_end_the_run_with_a_reason(self):
        """They would be told as a network that fails, or as a server that does not answer."""
        for files in (8, 12, 16, 24, 34, 64, 255):
            for what in (("run", "--out", self.out, *ONE_CASE), ("explore", "--out", self.out),
                         ("serve",)):
                with self.subTest((files, what)):
                    done = self.call_with(resource.RLIMIT_NOFILE, files, files, *what)
                    self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                    self.assertEqual(done.stderr, "cvm-conformance: open files are limited to "
                                     f"{files} (ulimit -n); 256 are needed\n")

    def test_few_open_files_are_made_more_where_they_may_be(self):
        for files in (16, 64):
            done = self.call_with(resource.RLIMIT_NOFILE, files, 256, "run", "--out", self.out,
                                  "--suite", "conflict")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_to_put_back_and_to_list_needs_few(self):
        reference = self.enter(house.Reference("--operation-ms", "40"))
        profile = reference.write(self.folder, without_reset)
        before = reference.state()
        process = house.start("run", "--out", self.out, "--profile", profile)
        house.wait_until(lambda: reference.state() != before, "a change")
        os.killpg(process.pid, signal.SIGKILL)
        house.finish(process)
        for what, files in ((("restore", self.out, "--profile", profile), 64),
                            (("list", "--suites"), 8), (("check",), 8)):
            done = self.call_with(resource.RLIMIT_NOFILE, files, files, *what)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(reference.state(), before)

    def call_with_files_of(self, kib, *args):
        return self.call_with(resource.RLIMIT_FSIZE, kib << 10, kib << 10, "run", "--out", self.out,
                              *ONE_CASE, *args)

    def test_files_that_may_not_grow_lose_no_verdict(self):
        """As on a full disk; the kernel's signal about it is no wish to end the run."""
        for deviation, code, verdict in (((), 3, "conforming"),
                                         (("--deviation", "accepted-200"), 1, "non-conforming")):
            done = self.call_with_files_of(16, *deviation)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertIn("File too large", done.stderr)
            self.assertIn(f"reference IUT 0.1.0: {verdict}\n", done.stdout)

    def test_files_that_hold_nothing_lose_the_records_and_say_so_once(self):
        done = self.call_with_files_of(1)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("records are lost: ", done.stderr)
        self.assertNotIn("records are lost: records", done.stdout + done.stderr)

    def test_a_small_stack_is_made_larger_where_it_may_be(self):
        done = self.call_with(resource.RLIMIT_STACK, 64 << 10, 8 << 20, "run", "--out", self.out,
                              *ONE_CASE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_small_stack_that_must_stay_small_is_named(self):
        done = self.call_with(resource.RLIMIT_STACK, 64 << 10, 64 << 10, "run", "--out", self.out,
                              *ONE_CASE)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("the stack is limited to 64 KiB", done.stderr)
        self.assertFalse(self.out.exists())

    def test_no_report_of_an_earlier_run_stays_though_none_can_be_made(self):
        self.run_suite(*ONE_CASE, expect=0)
        before = (self.out / "results.ndjson").read_bytes()
        args = ("run", "--out", self.out, *ONE_CASE)
        for none in ("--dry-run", "--help"):
            self.call_with(resource.RLIMIT_STACK, 64 << 10, 64 << 10, *args, none)
            self.assertTrue((self.out / "junit.xml").exists())
        self.call_with(resource.RLIMIT_STACK, 64 << 10, 64 << 10, *args)
        left = {path.name for path in self.out.iterdir()}
        self.assertEqual(left, {"results.ndjson", "run.json"})
        self.assertEqual((self.out / "results.ndjson").read_bytes(), before)


if __name__ == "__main__":
    house.main()
