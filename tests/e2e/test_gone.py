"""A server that goes away in the middle of a run, and hooks that answer with nonsense."""

import os
import signal
import stat

import between
import house


class Mortal(between.Between):
    """Ends the server behind it at the n-th update, and its own connections from then on."""

    at = 0
    updates = 0
    dead = False

    def request(self, method, path, headers, body):
        self.updates += method == "PATCH"
        if self.updates >= self.at and not self.dead:
            self.dead = True
        return between.DROP if self.dead else None


class Gone(between.Case):
    def impatient(self, profile):
        profile["pixit"]["timing"]["read_timeout_ms"] = 300

    def assert_told_once(self, done, expect=3):
        results = self.results()
        self.assertEqual(done.code, expect, str(done))
        told = "the IUT does not answer any more"
        # A hook of the tester's may meet nobody, too.
        bad = [c for c in results["cases"] if c["verdict"] not in ("pass", "not-applicable")
               and not (c["verdict"] == "error" and c["reason"].startswith("hook "))]
        reasons = [c["reason"] for c in bad]
        self.assertGreater(len(reasons), 10)
        self.assertEqual({c["verdict"] for c in bad}, {"inconclusive"})
        # A case that was to be tried again keeps its own reason.
        other = [r for r in reasons
                 if told not in r and "proves nothing" not in r and "may have ended" not in r]
        self.assertEqual(other, [])
        self.assertEqual(len(results["cases"]), len(house.call("list").out.splitlines()))
        self.assertIn(told, results["trouble"])
        self.assertIn("the last requests before: ", results["trouble"])
        self.assertEqual(done.err.count("the last requests before: "), 1)
        return reasons

    def test_a_server_that_dies(self):
        """Its port refuses connections. Nothing is asked any more, and what is left is named."""
        reference = self.enter(house.Reference())
        profile = reference.write(self.folder, self.impatient)
        process = house.start("run", "--out", self.out, "--profile", profile)

        def far_enough():
            try:
                return (self.out / "results.ndjson").read_bytes().count(b"\n") > 60
            except OSError:
                return False

        house.wait_until(far_enough, "sixty results")
        os.kill(reference.process.pid, signal.SIGKILL)
        done = house.finish(process)
        reasons = self.assert_told_once(done)
        self.assertIn("connection refused", self.results()["trouble"])
        self.assertRegex(self.results()["trouble"], r"\(\d\d\d\), then ")
        never = [c for c in self.results()["cases"] if c["verdict"] == "inconclusive"
                 and not c.get("steps")]
        self.assertGreater(len(never), len(reasons) / 2)
        for cvm in reference.profile["pixit"]["cvms"]["managed"]:
            self.assertIn(cvm, done.err)

    def test_a_server_that_ends_every_connection_from_one_moment_on(self):
        reference = self.enter(house.Reference())
        relay = Mortal(reference)
        self.addCleanup(relay.close)
        relay.at = 60

        def adjust(profile):
            profile["iut"]["base_url"] = relay.base_url
            self.impatient(profile)

        done = house.call("run", "--out", self.out, "--profile",
                          reference.write(self.folder, adjust))
        self.assert_told_once(done)
        # The first of them got there on a connection kept from the request before.
        told = self.results()["trouble"]
        self.assertRegex(told, r"before: .*PATCH http\S+ \(\S+ closed (the|a) connection")
        self.assertTrue(told.endswith(")"), told)

    def test_one_cvm_that_cannot_be_read_is_not_the_end(self):
        """Its own cases are inconclusive; the others are judged."""
        reference = self.enter(house.Reference())
        ill = reference.profile["pixit"]["cvms"]["managed"][0]

        class Ill(between.Between):
            updates = 0

            def request(self, method, path, headers, body):
                self.updates += method == "PATCH"
                if method == "GET" and ill in path and self.updates > 40:
                    return 503, [], b""

        relay = Ill(reference)
        self.addCleanup(relay.close)

        def adjust(profile):
            profile["iut"]["base_url"] = relay.base_url
            self.impatient(profile)

        done = house.call("run", "--out", self.out, "--profile",
                          reference.write(self.folder, adjust), "--case", "partial.*")
        verdicts = list(self.verdicts().values())
        # Where it is given up at once, the musts are judged on the others.
        self.assertIn(done.code, (0, 3), str(done))
        self.assertIn("inconclusive", verdicts)
        self.assertIn(ill, done.err)
        self.assertNotIn("does not answer any more", done.err)
        self.assertGreater(verdicts.count("pass"), verdicts.count("inconclusive"))
        self.assertNotIn("fail", verdicts)


class Hooks(between.Case):
    """What a hook may answer is the profile's contract, and none of the server's."""

    CASE = "two-phase.commit*"

    def run_with(self, output):
        script = self.folder / "hook.sh"
        (self.folder / "output").write_bytes(output)
        script.write_text(f"#!/bin/sh\ncat > /dev/null\ncat {self.folder}/output\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        reference = self.enter(house.Reference())

        def adjust(profile):
            profile["pixit"]["hooks"]["register-compose-hash"] = {"command": [str(script)]}

        profile = reference.write(self.folder, adjust)
        self.run_suite("--profile", profile, "--case", self.CASE, expect=3)
        return self.results()

    def test_nonsense_is_an_error_of_the_testers_side(self):
        for name, output in {
            "null": b"null",
            "nothing": b"",
            "no object": b"1e999",
            "null hash": b'{"transaction_hash": null}',
            "infinite hash": b'{"transaction_hash": 1e999}',
            "long hash": b'{"transaction_hash": "' + b"a" * 900_000 + b'"}',
            "short hash": b'{"transaction_hash": "0x12"}',
            "no hex": b'{"transaction_hash": "0x' + b"g" * 64 + b'"}',
            "two lines": b'{"transaction_hash": "' + b"a" * 64 + b'\\r\\nX: y"}',
            "no hash": b'{"hash": "' + b"a" * 64 + b'"}',
            "twice": b'{"transaction_hash": "a", "transaction_hash": "b"}',
            "no JSON": b"0x" + b"a" * 64,
        }.items():
            with self.subTest(name):
                results = self.run_with(output)
                self.assertEqual(results["summary"]["cases"]["fail"], 0)
                errors = [c for c in results["cases"] if c["verdict"] == "error"]
                self.assertGreater(len(errors), 0)
                for case in errors:
                    self.assertIn("hook register-compose-hash", case["reason"])


if __name__ == "__main__":
    house.main()
