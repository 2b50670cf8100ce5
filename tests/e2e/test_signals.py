"""Interrupted runs: exit code 128+n, results on disk, CVMs put back, nobody left behind."""

import os
import signal
import time

import house


def without_reset(profile):
    """The suite itself has to put every setting back."""
    del profile["pixit"]["hooks"]["reset"]


class Signals(house.Case):
    def interrupt(self, number, to_group=False):
        reference = self.enter(house.Reference("--operation-ms", "60"))
        profile = reference.write(self.folder, without_reset)
        before = reference.state()
        process = house.start("run", "--out", self.out, "--profile", profile)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.read_bytes().count(b"\n") > 5, "results")
        sent = time.monotonic()
        if to_group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        done = house.finish(process, 60, sent)
        self.assertEqual(done.code, 128 + number, str(done))
        self.assertEqual(house.processes_of(process.pid), [])
        self.assertEqual(reference.state(), before)
        results = self.results()
        self.assertIs(results["complete"], False)
        told = {case["id"]: case["verdict"] for case in results["cases"]}
        self.assertGreater(len(told), 5)
        self.assertEqual(told, {case["id"]: case["verdict"] for case in self.lines()})
        self.assertLessEqual(set(told.values()), {"pass", "not-applicable", "inconclusive"})
        self.assertLess(done.seconds, 30)

    def test_sigterm(self):
        self.interrupt(signal.SIGTERM)

    def test_sigint(self):
        self.interrupt(signal.SIGINT)

    def test_ctrl_c_reaches_everybody(self):
        """A terminal interrupts the whole group, workers too."""
        self.interrupt(signal.SIGINT, to_group=True)

    def test_twice_leaves_at_once(self):
        reference = self.enter(house.Reference("--operation-ms", "5000"))
        profile = reference.write(self.folder, without_reset)
        process = house.start("run", "--out", self.out, "--profile", profile)
        house.wait_until((self.out / "results.ndjson").exists, "results")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        done = house.finish(process, 15)
        self.assertEqual(done.code, 130, str(done))
        self.assertEqual(house.processes_of(process.pid), [])

    def test_of_its_own_reference(self):
        """Without a profile the reference goes down with the run, after it."""
        process = house.start("run", "--out", self.out)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.stat().st_size > 0, "results")
        os.killpg(process.pid, signal.SIGINT)
        done = house.finish(process, 60)
        self.assertEqual(done.code, 130, str(done))
        self.assertNotIn("could not be put back", done.err)
        self.assertEqual(house.processes_of(process.pid), [])

    def test_killed_parent_takes_its_children_along(self):
        process = house.start("run", "--out", self.out)
        house.wait_until(lambda: len(house.children_of(process.pid)) > 1, "workers")
        process.kill()
        house.finish(process)
        house.wait_until(lambda: not house.processes_of(process.pid), "the children's end")

    def test_serve_ends_on_sigterm_and_sigint(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = house.start("serve", "--profile-out", self.folder / "p.json")
            house.wait_until((self.folder / "p.json").exists, "serve")
            process.send_signal(number)
            done = house.finish(process, 20)
            self.assertEqual(done.code, 0, str(done))
            self.assertEqual(house.processes_of(process.pid), [])
            (self.folder / "p.json").unlink()


class Restoring(house.Case):
    def test_every_setting_is_put_back_without_the_hook(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        profile = reference.write(self.folder, without_reset)
        before = reference.state()
        self.run_suite("--profile", profile, "--suite", "partial", "--suite", "script", expect=0)
        self.assertEqual(reference.state(), before)


if __name__ == "__main__":
    house.main()
