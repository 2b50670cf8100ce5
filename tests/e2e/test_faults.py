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


def spans_of(case):
    """When it asked something, from its first request on."""
    start = interval(case)[0]
    for exchange in case["steps"]:
        if not exchange.get("reused"):
            at = start + timedelta(milliseconds=exchange["at_ms"])
            yield at, at + timedelta(milliseconds=exchange["duration_ms"] - 1)


def broken(case):
    """From the call that broke the chain, which is its first hook, to the end of the one that
    mended it."""
    spans = list(spans_of({**case, "steps": [e for e in case["steps"] if is_fault(e)]}))
    return spans[0][0], spans[-1][1]


def is_fault(exchange):
    return exchange["request"].get("hook") in ("break-chain", "mend-chain")


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
        cases = [c for c in self.results()["cases"] if c["duration_ms"] > 0]
        faults = [c for c in cases if ".chain-" in c["id"]]
        self.assertEqual(len(faults), 3)
        for one in faults:
            start, end = broken(one)
            for other in cases:
                spans = spans_of(other) if other in faults else [interval(other)]
                beside = [s for s in spans if other is not one and s[0] < end and s[1] > start]
                self.assertEqual(beside, [], other["id"])

    def test_what_comes_after_is_waited_for_side_by_side(self):
        operation_ms = 600
        self.run_suite(*CASES, "--operation-ms", operation_ms, expect=0)
        cases = [c for c in self.results()["cases"] if ".chain-" in c["id"]]
        self.assertEqual(len({c["cvm"] for c in cases}), 3)
        first = min(interval(c)[0] for c in cases)
        last = max(interval(c)[1] for c in cases)
        self.assertLess(last - first, timedelta(milliseconds=3 * operation_ms))
        self.assertGreater(last - first, timedelta(milliseconds=operation_ms))

    def test_who_waits_for_a_chain_that_stays_broken_begins_anew(self):
        """The third cannot mend it, nor when it ends: the others, which were through, do it all
        again."""
        reference = self.enter(house.Reference("--operation-ms", "15"))
        hook = reference.profile["pixit"]["hooks"]["mend-chain"]["http"]
        mend = f"""case $(grep -c mend {self.log}) in 3|4) exit 1 ;; esac
curl -sf -X {hook.get("method", "POST")} {hook["url"].replace("{base_url}", reference.base_url)}"""
        change = {"mend-chain": self.command("mend", mend)}
        profile = reference.write(self.folder, lambda p: p["pixit"]["hooks"].update(change))
        self.run_suite("--profile", profile, *CASES, expect=3)
        cases = [c for c in self.results()["cases"] if ".chain-" in c["id"]]
        verdicts = sorted(c["verdict"] for c in cases)
        self.assertEqual(verdicts, ["error", "pass", "pass"], [c["reason"] for c in cases])
        self.assertGreaterEqual(self.called().count("mend"), 6)

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
