"""A worker that dies costs the case that it was running, and nothing else."""

import os
import signal

import house

# Enough cases for every worker, and an operation long enough to strike during it.
ARGUMENTS = (
    "--requirement", "accepted.*", "--requirement", "partial.present-applied", "--jobs", "4"
)


class Crash(house.Case):
    def strike(self, number, text):
        reference = self.enter(house.Reference("--operation-ms", "60"))
        profile = reference.write(self.folder)
        before = reference.state()
        process = house.start("run", "--out", self.out, "--profile", profile, *ARGUMENTS)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.stat().st_size > 0, "a first result")
        os.kill(house.wait_until(lambda: house.children_of(process.pid), "a worker")[0], number)
        done = house.finish(process)
        self.assertEqual(done.code, 3, str(done))
        cases = self.results()["cases"]
        errors = [case for case in cases if case["verdict"] == "error"]
        self.assertEqual(len(errors), 1, [case["reason"] for case in errors])
        self.assertIn(text, errors[0]["reason"])
        # What leans on the lost case proves nothing; all the rest is as if nothing had happened.
        lost = errors[0]["id"]
        rest = [c for c in cases if c["id"] != lost and c.get("control") != lost]
        self.assertLessEqual({c["verdict"] for c in rest}, {"pass", "not-applicable"}, rest)
        planned = house.call("run", "--dry-run", "--profile", profile, *ARGUMENTS).out
        self.assertIn(f"\n{len(cases)} cases would run, 0 would not", planned)
        self.assertEqual(reference.state(), before)
        self.assertEqual(house.processes_of(process.pid), [])

    def test_killed(self):
        self.strike(signal.SIGKILL, "signal 9")

    def test_aborted(self):
        self.strike(signal.SIGABRT, "signal 6")

    def test_hanging_in_the_tester(self):
        """A stopped worker is given up at the deadline of its case."""
        reference = self.enter(house.Reference("--operation-ms", "20"))

        def short_limits(profile):
            profile["pixit"]["timing"].update(settle_timeout_ms=60, request_timeout_ms=240)

        profile = reference.write(self.folder, short_limits)
        process = house.start("run", "--out", self.out, "--profile", profile, *ARGUMENTS)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.stat().st_size > 0, "a first result")
        os.kill(house.wait_until(lambda: house.children_of(process.pid), "a worker")[0],
                signal.SIGSTOP)
        done = house.finish(process, 60)
        self.assertEqual(done.code, 3, str(done))
        stopped = [c for c in self.results()["cases"] if "time limit" in (c["reason"] or "")]
        self.assertEqual([c["verdict"] for c in stopped], ["error"], str(done))
        self.assertEqual(house.processes_of(process.pid), [])


if __name__ == "__main__":
    house.main()
