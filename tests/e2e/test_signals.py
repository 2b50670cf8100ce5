"""Interrupted runs: exit code 128+n, results on disk, CVMs put back, nobody left behind."""

import os
import re
import resource
import signal
import subprocess
import time
from pathlib import Path

import house

ENDING = ("SIGHUP", "SIGQUIT", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2", "SIGXCPU",
          "SIGXFSZ", "SIGPIPE")
FROM_A_TERMINAL = ("SIGHUP", "SIGQUIT")

# A hook that says who it is, has children in its group and out of it, and never ends.
LASTING_HOOK = """#!/bin/sh
sleep 600 >/dev/null &
setsid sleep 600 >/dev/null 2>&1 &
echo $$ $! >> {pids}
sleep 600
"""


def without_reset(profile):
    """The suite itself has to put every setting back."""
    del profile["pixit"]["hooks"]["reset"]


class Signals(house.Case):
    def interrupt(self, number, to_group=False, times=1):
        reference = self.enter(house.Reference("--operation-ms", "60"))
        profile = reference.write(self.folder, without_reset)
        before = reference.state()
        process = house.start("run", "--out", self.out, "--profile", profile)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.read_bytes().count(b"\n") > 5, "results")
        sent = time.monotonic()
        for _ in range(times):
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

    def test_every_other_signal_that_ends_a_program(self):
        for name in ENDING:
            with self.subTest(name):
                self.out = self.folder / name
                self.interrupt(getattr(signal, name), to_group=name in FROM_A_TERMINAL)

    def test_a_hangup_that_was_ignored_stays_ignored(self):
        """As nohup(1) starts a program."""
        program = [house.PROGRAM, "run", "--suite", "accepted", "--out", str(self.out)]
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *program],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.stat().st_size > 0, "results")
        process.send_signal(signal.SIGHUP)
        self.assertEqual(house.finish(process).code, 0)

    def test_a_signal_that_was_blocked_from_the_start_ends_the_run_all_the_same(self):
        process = subprocess.Popen(
            [house.PROGRAM, "run", "--out", str(self.out)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True, env=house.environment(),
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]))
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.stat().st_size > 0, "results")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(house.finish(process).code, 128 + signal.SIGTERM)

    def test_ends_of_children_that_were_ignored_from_the_start_are_seen(self):
        done = subprocess.run(
            [house.PROGRAM, "run", "--out", str(self.out), "--case", "accepted.body-shape*"],
            capture_output=True, text=True, env=house.environment(),
            preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_a_report_that_is_being_written_is_written_whole(self):
        """By then the CVMs are back, and there is nothing to give up."""
        reference = self.enter(house.Reference("--operation-ms", "15"))
        profile = reference.write(self.folder, without_reset)
        for number in range(5):
            self.out = self.folder / str(number)
            process = house.start("run", "--out", self.out, "--profile", profile, "--case",
                                  "accepted.status-202*")
            house.wait_until((self.out / "results.json").exists, "a report")
            process.send_signal(signal.SIGTERM)
            done = house.finish(process)
            self.assertEqual(done.code, 0, str(done))
            for name in ("junit.xml", "report.html", "summary.md"):
                self.assertTrue((self.out / name).exists(), name)

    def test_a_signal_that_comes_as_a_pair_counts_once(self):
        """timeout(1) sends its signal to the program and to its group."""
        self.interrupt(signal.SIGTERM, times=2)

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


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Hooks(house.Case):
    """What a hook started ends with the run, however that ends."""

    def end_in_a_hook(self, number):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        pids = self.folder / "pids"
        hook = self.folder / "hook.sh"
        hook.write_text(LASTING_HOOK.format(pids=pids))
        hook.chmod(0o755)

        def lasting(profile):
            without_reset(profile)
            profile["pixit"]["hooks"]["register-compose-hash"] = {"command": [str(hook)]}

        process = house.start("run", "--out", self.out, "--suite", "two-phase", "--profile",
                              reference.write(self.folder, lasting))
        house.wait_until(lambda: pids.exists() and pids.stat().st_size, "the hook")
        process.send_signal(number)
        if number != signal.SIGKILL:  # the hook that puts back lasts as well
            time.sleep(0.5)
            process.send_signal(number)
        house.finish(process, 60)
        for pid in re.findall(r"\d+", pids.read_text()):
            house.wait_until(lambda pid=pid: not alive(pid), f"the end of {pid}", 10)
        house.wait_until(lambda: not house.processes_of(process.pid), "nobody left", 10)

    def test_after_a_signal(self):
        self.end_in_a_hook(signal.SIGTERM)

    def test_after_sigkill(self):
        self.end_in_a_hook(signal.SIGKILL)


# Hooks that kill who looks after them, and leave behind who belongs to nobody's group.
FLEEING_HOOK = """#!/bin/sh
setsid sleep 600 >/dev/null 2>&1 &
echo $! >> {pids}
(setsid sh -c 'echo $$ >> {pids}; sleep 600 & echo $! >> {pids}; wait' >/dev/null 2>&1 &)
sleep 0.2
{kill}
sleep 600
"""
WORKER = "$(cut -d' ' -f4 /proc/$PPID/stat)"


class FleeingHooks(house.Case):
    """Who belongs to a hook is found though its keeper is gone, while others are left alone."""

    def flee(self, kill, told):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        pids = self.folder / "pids"
        hook = self.folder / "hook.sh"
        hook.write_text(FLEEING_HOOK.format(pids=pids, kill=kill))
        hook.chmod(0o755)

        def fleeing(profile):
            without_reset(profile)
            profile["pixit"]["hooks"]["register-compose-hash"] = {"command": [str(hook)],
                                                                  "timeout_ms": 60000}

        before = reference.state()
        self.run_suite("--case", "two-phase.commit", "--profile",
                       reference.write(self.folder, fleeing), expect=3, limit_s=50)
        found = re.findall(r"\d+", pids.read_text())
        self.assertGreaterEqual(len(found), 3)
        self.assertEqual([pid for pid in found if alive(pid)], [])
        self.assertEqual(reference.state(), before)
        self.assertIn(told, (self.out / "results.ndjson").read_text())

    def test_one_that_kills_its_keeper(self):
        self.flee("kill -9 $PPID", "the process that looked after it was killed")

    def test_one_that_kills_the_worker_and_its_keeper(self):
        self.flee(f"kill -9 {WORKER} $PPID", "ended by signal 9")


class Dumps(house.Case):
    def test_a_crash_leaves_no_memory_behind(self):
        """Where the credential would be found by whoever finds the dump."""
        process = house.start("run", "--out", self.out)
        house.wait_until(lambda: len(house.children_of(process.pid)) > 1, "workers")
        for pid in (process.pid, *house.children_of(process.pid)):
            limits = Path(f"/proc/{pid}/limits").read_text()
            self.assertRegex(limits, r"Max core file size +[01] ")
        process.send_signal(signal.SIGTERM)
        house.finish(process)

    def test_nor_does_a_crash_of_a_hook(self):
        """It has the credential where that is a variable. A core_pattern that is a pipe asks for
        no limit but this one."""
        reference = self.enter(house.Reference("--operation-ms", "15"))
        told = self.folder / "told"
        hook = self.folder / "hook.sh"
        hook.write_text(f"#!/bin/sh\ncat /proc/$$/limits >> {told}; exit 1\n")
        hook.chmod(0o755)

        def crashing(profile):
            without_reset(profile)
            profile["pixit"]["hooks"]["register-compose-hash"] = {"command": [str(hook)]}

        self.run_suite("--case", "two-phase.commit", "--profile",
                       reference.write(self.folder, crashing), expect=3)
        allowed = resource.getrlimit(resource.RLIMIT_CORE)[1] != 0
        self.assertRegex(told.read_text(), rf"Max core file size +{int(allowed)} ")


class Restoring(house.Case):
    def test_every_setting_is_put_back_without_the_hook(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        profile = reference.write(self.folder, without_reset)
        before = reference.state()
        self.run_suite("--profile", profile, "--suite", "partial", "--suite", "script", expect=0)
        self.assertEqual(reference.state(), before)


if __name__ == "__main__":
    house.main()
