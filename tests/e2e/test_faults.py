"""Hooks that put the server out of order: whoever calls one is alone, and all is mended after."""

import signal
from datetime import datetime, timedelta

import house

CASES = ("--case", "script.chain-*", "--case", "two-phase.chain-*")


def interval(case):
    """When it ran for certain: its start is told in whole milliseconds, cut off."""
    start = datetime.fromisoformat(case["started_at"].replace("Z", "+00:00"))
    end = start + timedelta(milliseconds=case["duration_ms"])
    return start + timedelta(milliseconds=1), end


class Faults(house.Case):
    def setUp(self):
        super().setUp()
        self.log = self.folder / "log"
        self.log.write_text("")

    def command(self, word, then="echo '{}'"):
        """A hook that leaves a word in the log."""
        script = self.folder / word
        script.write_text(f"#!/bin/sh\necho {word} >>{self.log}\n{then}\n")
        script.chmod(0o755)
        return {"command": [str(script)]}

    def called(self):
        return self.log.read_text().split()

    def run_with(self, hooks, *options, deviation=(), expect):
        reference = self.enter(house.Reference("--operation-ms", "15", *deviation))
        profile = reference.write(self.folder, lambda p: p["pixit"]["hooks"].update(hooks))
        return self.run_suite("--profile", profile, *options, expect=expect)

    def test_what_a_failed_case_broke_is_mended(self):
        """With a chain that is not really broken, each case fails where it wants the 500."""
        hooks = {"break-chain": self.command("break"), "mend-chain": self.command("mend")}
        self.run_with(hooks, "--case", "script.chain-away", expect=1)
        self.assertEqual(self.called(), ["break", "mend"])
        (case,) = [c for c in self.results()["cases"] if c["id"] == "script.chain-away"]
        self.assertEqual(case["verdict"], "fail")

    def test_what_an_interrupted_case_broke_is_mended(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))

        def change(profile):
            profile["pixit"]["hooks"].update(
                {
                    "break-chain": self.command("break", "sleep 60"),
                    "mend-chain": self.command("mend"),
                }
            )

        profile = reference.write(self.folder, change)
        process = house.start(
            "run", "--profile", profile, "--case", "script.chain-away", "--out", self.out
        )
        house.wait_until(self.called, "the chain to be broken")
        process.send_signal(signal.SIGTERM)
        done = house.finish(process)
        self.assertEqual(done.code, 128 + signal.SIGTERM, done)
        self.assertEqual(self.called(), ["break", "mend"])

    def test_a_chain_that_cannot_be_mended_is_an_error(self):
        hooks = {"mend-chain": self.command("mend", """echo '{"error": "no key"}'; exit 1""")}
        self.run_with(hooks, "--case", "two-phase.chain-away", expect=3)
        (case,) = [c for c in self.results()["cases"] if c["id"] == "two-phase.chain-away"]
        self.assertEqual(case["verdict"], "error")
        self.assertIn("hook mend-chain: no key: exit code 1", case["reason"])

    def test_nothing_else_runs_while_the_chain_is_broken(self):
        self.run_with({}, *CASES, "--case", "accepted.*", "--case", "script.*", expect=0)
        cases = {c["id"]: interval(c) for c in self.results()["cases"] if c["duration_ms"] > 0}
        alone = {i for i in cases if ".chain-" in i}
        self.assertEqual(len(alone), 3)
        for one in alone:
            start, end = cases[one]
            beside = [i for i, (s, e) in cases.items() if i != one and s < end and e > start]
            self.assertEqual(beside, [])

    def test_without_the_hooks_it_is_not_applicable(self):
        for missing in ("break-chain", "mend-chain"):
            reference = self.enter(house.Reference("--operation-ms", "15"))
            profile = reference.write(self.folder, lambda p: p["pixit"]["hooks"].pop(missing))
            self.run_suite("--profile", profile, *CASES, "--case", "accepted.status-202*", expect=0)
            for case in self.results()["cases"]:
                if ".chain-" in case["id"]:
                    self.assertEqual(case["verdict"], "not-applicable", case["id"])
                    self.assertEqual(case["reason"], f'the profile has no hook "{missing}"')


if __name__ == "__main__":
    house.main()
