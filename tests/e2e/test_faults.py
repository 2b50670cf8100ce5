"""Hooks that put the server out of order: whoever calls one is alone on CVMs of its kind, and all
is mended after."""

import signal
import threading
from datetime import datetime, timedelta

import between
import house

CASES = ("--case", "script.chain-*", "--case", "two-phase.chain-*")
OTHERS = ("--case", "accepted.*", "--case", "script.*", "--case", "two-phase.commit*")


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


class Careful(between.Between):
    """Its chain is asked again a while after it was mended only."""

    def request(self, method, path, headers, body):
        if not path.endswith("/_chain/mend"):
            return None
        mend = threading.Timer(self.seconds, self.send, (method, path, headers, body))
        mend.daemon = True
        mend.start()
        return between.as_json(200, {})


class Faults(between.Case):
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

    def beside(self, faults, others):
        """The ids of those that ran, or asked, while one of the faults had the chain broken."""
        found = set()
        for one in faults:
            start, end = broken(one)
            for other in others:
                spans = spans_of(other) if other in faults else [interval(other)]
                if other is not one and any(s[0] < end and s[1] > start for s in spans):
                    found.add(other["id"])
        return found

    def cases_that_ran(self):
        cases = [c for c in self.results()["cases"] if c["duration_ms"] > 0]
        faults = [c for c in cases if ".chain-" in c["id"]]
        self.assertEqual(len(faults), 3)
        return cases, faults

    def test_nothing_else_runs_on_such_cvms_while_the_chain_is_broken(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        owned = reference.profile["pixit"]["cvms"]["contract_owned"]
        profile = reference.write(self.folder)
        self.run_suite("--profile", profile, *CASES, *OTHERS, expect=0)
        cases, faults = self.cases_that_ran()
        mine = [c for c in cases if c["cvm"] in owned]
        self.assertGreater(len(mine), 10)
        self.assertEqual(self.beside(faults, mine), set())

    def slow_to_break(self, reference):
        """The reference's hook, which then takes its time; it leaves a word in the log."""
        url = reference.profile["pixit"]["hooks"]["break-chain"]["http"]["url"]
        url = url.replace("{base_url}", reference.base_url)
        return self.command("break", f"curl -sf -X POST {url}; sleep 0.7")

    def run_beside_managed(self, *options, expect, **hooks):
        """Two managed CVMs, with more to do than all the others."""
        reference = self.enter(house.Reference("--operation-ms", "300", *options))

        def change(profile):
            profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:2]
            profile["pixit"]["hooks"]["break-chain"] = self.slow_to_break(reference)
            profile["pixit"]["hooks"].update(hooks)

        profile = reference.write(self.folder, change)
        self.run_suite("--profile", profile, *CASES, "--case", "accepted.*", expect=expect)
        return reference.profile["pixit"]["cvms"]["managed"]

    def test_other_cvms_are_used_meanwhile(self):
        managed = self.run_beside_managed(expect=0)
        cases, faults = self.cases_that_ran()
        self.assertNotEqual(
            self.beside(faults, [c for c in cases if c["cvm"] in managed]), set()
        )

    def test_what_fails_on_other_cvms_meanwhile_runs_again(self):
        self.run_beside_managed("--variant", "chain-for-all", expect=0)
        self.assertEqual({c["verdict"] for c in self.cases_that_ran()[0]}, {"pass"})

    def test_who_stays_careful_for_a_while_is_not_blamed_for_it(self):
        def change(profile):
            profile["pixit"]["timing"]["settle_timeout_ms"] = 6000
            profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:2]

        self.run_behind(
            Careful, *CASES, "--case", "partial.falsy-is-present*", expect=0, seconds=3,
            change=change, serve=("--operation-ms", "300", "--variant", "chain-for-all"),
        )
        late = [c["id"] for c in self.results()["cases"] if c["verdict"] != "pass"]
        self.assertEqual(late, ["script.chain-mended"])

    def test_a_chain_that_stays_broken_is_held_against_nobody(self):
        mend = self.command("mend", "exit 1")
        managed = self.run_beside_managed(
            "--variant", "chain-for-all", expect=3, **{"mend-chain": mend}
        )
        ended = [c["verdict"] for c in self.results()["cases"] if c["cvm"] in managed]
        self.assertEqual(set(ended) - {"pass"}, {"inconclusive"}, ended)

    def test_a_server_that_goes_with_its_chain_is_said_to_be_gone(self):
        reference = self.enter(house.Reference("--operation-ms", "300"))

        def change(profile):
            profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:2]
            stop = f"kill -9 {reference.process.pid}; sleep 0.7; echo '{{}}'"
            profile["pixit"]["hooks"]["break-chain"] = self.command("break", stop)

        profile = reference.write(self.folder, change)
        done = self.run_suite("--profile", profile, *CASES, "--case", "accepted.*", expect=3)
        self.assertIn("the IUT does not answer any more: cannot connect", done.out)

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
    house.main(beside=4)
