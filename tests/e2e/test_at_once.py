"""Two runs on one CVM at the same time: each would take the other's updates for faults of the
server. The second is refused, whatever its folder."""

import os
import shutil
import signal

import house
from test_signals import without_reset

TOLD = r"CVM \S+ is being changed by the run in "


def few(profile):
    without_reset(profile)
    for kind in ("managed", "contract_owned"):
        profile["pixit"]["cvms"][kind] = profile["pixit"]["cvms"][kind][:2]


def edited(profile):
    few(profile)
    profile["pixit"]["timing"]["poll_interval_ms"] += 1


class AtOnce(house.Case):
    def setUp(self):
        super().setUp()
        self.reference = self.enter(house.Reference("--operation-ms", "40"))
        self.profile = self.reference.write(self.folder, few)
        self.before = self.reference.state()

    def begin(self, *args, command="run"):
        """A run or exploring that has changed something by now."""
        process = house.start(command, "--out", self.out, "--profile", self.profile, *args)
        house.wait_until(lambda: (self.out / "snapshots.json").exists()
                         and self.reference.state() != self.before, "a change")
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        done = house.finish(process)
        self.assertEqual(done.code, 128 + signal.SIGTERM, str(done))
        self.assertEqual(self.reference.state(), self.before)
        if (self.out / "results.json").exists():
            self.assertEqual(self.results()["summary"]["cases"]["fail"], 0)

    def refused(self, *args, code=3):
        done = house.call(*args)
        self.assertEqual(done.code, code, str(done))
        self.assertRegex(done.err, TOLD)
        self.assertIn(str(self.out), done.err)

    def test_in_another_folder(self):
        first = self.begin()
        other = self.folder / "other"
        for change in (few, edited):
            profile = self.reference.write(self.folder, change, "again.json")
            self.refused("run", "--out", other, "--profile", profile, "--suite", "accepted")
            self.assertFalse((other / "snapshots.json").exists())
        self.refused("explore", "--out", other, "--profile", self.profile, "--operations", "9")
        self.end(first)

    def test_beside_one_that_explores(self):
        first = self.begin("--operations", "2000", command="explore")
        done = self.run_suite("--profile", self.profile, "--suite", "accepted", expect=2)
        self.assertIn("in use by another run", done.err)
        self.refused("run", "--out", self.folder / "other", "--profile", self.profile, "--suite",
                     "accepted")
        self.end(first)

    def test_nothing_is_put_back_under_it(self):
        first = self.begin()
        other = self.folder / "other"
        shutil.copytree(self.out, other)
        self.refused("restore", other, "--profile", self.profile, code=2)
        self.refused("run", "--out", other, "--profile", self.profile, "--suite", "accepted",
                     code=2)
        self.end(first)

    def test_on_other_cvms_of_the_server(self):
        first = self.begin()

        def others(profile):
            without_reset(profile)
            for kind in ("managed", "contract_owned"):
                profile["pixit"]["cvms"][kind] = profile["pixit"]["cvms"][kind][2:4]

        profile = self.reference.write(self.folder, others, "others.json")
        done = house.call("run", "--out", self.folder / "other", "--profile", profile, "--suite",
                          "accepted")
        self.assertEqual(done.code, 0, str(done))
        self.end(first)

    def test_a_profile_that_was_edited_after_a_kill_puts_back_first(self):
        process = self.begin()
        os.killpg(process.pid, signal.SIGKILL)
        house.finish(process)
        profile = self.reference.write(self.folder, edited, "edited.json")
        done = house.call("run", "--out", self.folder / "other", "--profile", profile, "--suite",
                          "accepted")
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("put back first", done.err)
        self.assertFalse((self.out / "snapshots.json").exists())
        self.assertEqual(self.reference.state(), self.before)


if __name__ == "__main__":
    house.main()
