"""Few open files, a small stack: a clear message and the right code, soon."""

import resource
import subprocess

import house

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
        for files in range(8, 18):
            with self.subTest(files):
                done = self.call_with(resource.RLIMIT_NOFILE, files, files, "run", "--out",
                                      self.out, *ONE_CASE)
                self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                self.assertIn("Too many open files", done.stderr)

    def test_few_open_files_are_enough_for_one_worker_at_a_time(self):
        done = self.call_with(resource.RLIMIT_NOFILE, 64, 64, "run", "--out", self.out, *ONE_CASE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

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


if __name__ == "__main__":
    house.main()
