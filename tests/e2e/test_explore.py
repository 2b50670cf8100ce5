"""Exploring: nothing is found where nothing is wrong, and what is found can be run again."""

import contextlib
import json
import re
import signal
import time

import between
import house

DEVIATION = "partial-empty-text-ignored"


class Forgetful(between.Between):
    """For a score of updates, the readings show a vcpu that nobody asked for."""

    updates = 0

    def answer(self, method, path, sent, status, headers, body):
        self.updates += method == "PATCH"
        if method != "GET" or not 60 <= self.updates < 80:
            return status, headers, body
        return status, headers, re.sub(rb'"vcpu": ?\d+', b'"vcpu":3', body)


class Attentive(between.Between):
    """Knows which compose files it was sent, with which scripts, and in how many hunts."""

    def __init__(self, reference):
        super().__init__(reference)
        self.hunts = [[]]

    def request(self, method, path, headers, body):
        with contextlib.suppress(ValueError):
            sent = json.loads(body)
            file = isinstance(sent, dict) and sent.get("docker_compose_file")
            if isinstance(file, str) and "X-Compose-Hash" not in dict(headers):
                self.hunts[-1].append((path, file, sent.get("pre_launch_script")))
        return None


class OfTwoReplicas(between.Between):
    """Every other look at a CVM may be a moment older than the one before."""

    LAG_S = 0.1

    def __init__(self, reference):
        super().__init__(reference)
        self.seen = {}
        self.looks = 0

    def answer(self, method, path, sent, status, headers, body):
        if method != "GET" or status != 200 or "operation" in path:
            return status, headers, body
        now = time.monotonic()
        seen = self.seen.setdefault(path, [])
        seen.append((now, (status, headers, body)))
        del seen[:-30]
        self.looks += 1
        recent = [answer for when, answer in seen if now - when <= self.LAG_S]
        return recent[0] if self.looks % 2 else (status, headers, body)


class Explore(house.Case):
    def explore(self, *args, expect=None):
        done = house.call("explore", "--out", self.out, *args)
        if expect is not None:
            self.assertEqual(done.code, expect, str(done))
        return done

    def told(self):
        return json.loads((self.out / "explore.json").read_text())

    def test_the_clean_reference_contradicts_nothing(self):
        self.explore("--operations", 300, "--seed", 3, expect=0)
        told = self.told()
        self.assertEqual((told["commands"], told["findings"]), (300, []))
        # On a busy machine an operation may be over before the request that is to meet it.
        self.assertLessEqual(told["unjudged"], 3, told.get("why_unjudged"))

    def test_variants_contradict_nothing(self):
        for variant in ("null-resets", "unchanged-needs-phases", "refused-proof-spent",
                        "registered-needs-no-phases", "phase-2-body-repeated",
                        "without-contract-owned-kms", "instant-operations", "texts-of-a-kind"):
            with self.subTest(variant):
                self.explore("--operations", 96, "--variant", variant, expect=0)

    def test_who_refuses_what_is_no_field_contradicts_nothing(self):
        """As a case that comes of it has it: there is a read between the update and the look."""
        cases = self.folder / "cases"
        (cases / "explore").mkdir(parents=True)
        asked = {"user_config": '{"hostname":"fresh-1"}'}
        taken = {"status": ["2xx", "4xx"]}
        (cases / "explore" / "no-field.json").write_text(json.dumps({
            "requirement": "explore.no-field", "level": "must", "source": "common sense",
            "statement": "A sentence.",
            "cases": [{"id": "explore.no-field", "title": "A title",
                       "fixtures": {"cvm": "managed"},
                       "steps": [
                           {"observe": "before"},
                           {"request": "update-cvm", "json": {"no_such_field": True} | asked,
                            "expect": taken},
                           {"request": "read", "expect": {"status": 200}},
                           {"expect_change": asked, "since": "before", "or_refused": True},
                       ]}],
        }))  # fmt: skip
        run = ("run", "--cases", cases, "--suite", "explore", "--out", self.out)
        for variant in ((), ("--variant", "unknown-members-refused")):
            done = house.call(*run, *variant)
            self.assertEqual(done.code, 0, str(done))

    def test_a_bug_becomes_a_case_that_fails_on_it_alone(self):
        done = self.explore("--deviation", DEVIATION, "--operations", 1000, expect=1)
        self.assertRegex(done.out, r"CONTRADICTION: (After a|A)n update .* empt(ies|y)")
        finding = self.told()["findings"][0]
        self.assertEqual(finding["verdict"], "fail")
        self.assertLessEqual(len(finding["smallest"]["commands"]),
                             len(finding["found"]["commands"]))
        self.case_fails_on_it_alone(DEVIATION)
        self.usual_reports_have_the_sequence_as_a_case()
        self.later_hunt_takes_its_findings_away()

    def case_fails_on_it_alone(self, deviation):
        cases = self.out / "cases"
        self.assertEqual(house.call("check", "--cases", cases).code, 0)
        again = ("run", "--cases", cases, "--suite", "explore", "--out", self.folder / "again")
        self.assertEqual(house.call(*again, "--deviation", deviation).code, 1)
        self.assertEqual(house.call(*again).code, 0)

    def usual_reports_have_the_sequence_as_a_case(self):
        self.assertEqual(self.verdicts(), {"explore.found-1": "fail"})
        self.assertIn("explore.found-1", (self.out / "junit.xml").read_text())

    def later_hunt_takes_its_findings_away(self):
        self.explore("--operations", 24, expect=0)
        self.assertEqual(list((self.out / "cases" / "explore").glob("*")), [])
        self.assertFalse((self.out / "junit.xml").exists())

    def test_a_case_brings_the_cvm_to_what_it_needs(self):
        """Where vcpu is what this bug resets it to already, nothing shows."""
        bug = ("--deviation", "partial-omitted-vcpu-reset")
        done = self.explore(*bug, "--operations", 500, expect=1)
        self.assertIn("commands are left", done.out)
        cases = self.out / "cases"
        again = ("run", "--cases", cases, "--suite", "explore", "--out", self.folder / "again")
        self.assertEqual(house.call(*again, *bug).code, 1)
        self.assertEqual(house.call(*again, "--repeat", 3).code, 0)

    def test_a_second_update_that_is_taken_during_an_operation_is_found(self):
        """Only the list of operations, which is read for nothing else, tells that the first one
        still ran."""
        self.explore("--deviation", "conflict-ignored", "--operations", 1000, expect=1)
        finding = self.told()["findings"][-1]
        self.assertEqual(finding["verdict"], "fail")
        self.assertIn("a second update was accepted during an operation", finding["title"])
        self.assertEqual(len(finding["smallest"]["commands"]), 1)
        self.case_fails_on_it_alone("conflict-ignored")

    def test_nothing_can_be_left_out_of_what_is_told(self):
        """One command, and of it one field, is all that this bug takes."""
        self.explore("--deviation", "partial-user-config-ignored", "--operations", 1000, expect=1)
        commands = self.told()["findings"][0]["smallest"]["commands"]
        self.assertEqual([len(c["set"]) for c in commands], [1])

    def test_a_seed_draws_the_same_again(self):
        seen = []
        for seed in (5, 5, 6):
            done = house.call("selftest", "--explore", "--operations", 600, "--seed", seed,
                              "--deviation", "together-*s-owned", "--deviation", DEVIATION)
            seen.append(re.findall(r"^deviation .*", done.out, re.M))
        self.assertEqual(seen[0], seen[1])
        self.assertNotEqual(seen[0], seen[2])

    def test_a_profiles_cvms_are_put_back(self):
        reference = self.enter(house.Reference("--operation-ms", "20"))
        profile = reference.write(self.folder)
        before = reference.state()
        self.explore("--profile", profile, "--operations", 60, expect=0)
        self.assertEqual(reference.state(), before)

    def test_what_is_new_was_not_sent_by_an_earlier_round_or_hunt(self):
        """What was registered then needs no phase 1 any more."""
        reference = self.enter(house.Reference("--operation-ms", "20"))
        relay = Attentive(reference)
        self.addCleanup(relay.close)

        def behind_it(profile):
            profile["iut"]["base_url"] = relay.base_url

        profile = reference.write(self.folder, behind_it)
        for _ in range(2):
            self.explore("--profile", profile, "--operations", 96, "--seed", 5, expect=0)
            relay.hunts.append([])
        first, second = (set(hunt) for hunt in relay.hunts[:2])
        self.assertGreater(len(first), 4)
        self.assertEqual(first & second, set())

    def test_time_that_is_up_ends_a_round(self):
        """With half a second an operation, a round of 24 sequences takes far longer than that."""
        reference = self.enter(house.Reference("--operation-ms", "500"))
        profile = reference.write(self.folder)
        done = self.explore("--profile", profile, "--budget", "2s")
        self.assertIn(done.code, (0, 3), str(done))  # 3: a slow machine has judged none by then
        self.assertLess(self.told()["sequences"], 24)
        self.assertEqual(self.told()["unjudged"], 0, self.told().get("why_unjudged"))

    def test_what_does_not_repeat_ends_no_hunt(self):
        reference = self.enter(house.Reference("--operation-ms", "20"))
        relay = Forgetful(reference)
        self.addCleanup(relay.close)

        def behind_it(profile):
            profile["iut"]["base_url"] = relay.base_url

        profile = reference.write(self.folder, behind_it)
        done = self.explore("--profile", profile, "--operations", 400, expect=3)
        self.assertIn("unstable: ", done.out)
        told = self.told()
        self.assertEqual(told["commands"], 400)
        self.assertEqual({f["verdict"] for f in told["findings"]}, {"unstable"})
        self.assertEqual(list((self.out / "cases" / "explore").glob("*")), [])

    def test_a_lock_that_all_cvms_share_is_told_of_two_of_them(self):
        """Sequences side by side meet it too, and none of those repeats alone."""
        reference = self.enter(
            house.Reference("--deviation", "conflict-global-lock", "--operation-ms", "20")
        )
        profile = reference.write(self.folder, lambda profile: None)
        self.explore("--profile", profile, "--operations", 2000, "--seed", 3, expect=1)
        self.assertEqual(
            [f["title"] for f in self.told()["findings"] if f["verdict"] == "fail"],
            [
                "An update of user_config beside an update of user_config of another CVM is "
                "answered 409, not 202"
            ],
        )

    def test_a_read_side_that_lags_as_its_profile_says_contradicts_nothing(self):
        reference = self.enter(house.Reference("--operation-ms", "20"))
        relay = OfTwoReplicas(reference)
        self.addCleanup(relay.close)

        def behind_it(profile):
            profile["iut"]["base_url"] = relay.base_url
            profile["pixit"]["timing"]["read_lag_ms"] = 2000

        profile = reference.write(self.folder, behind_it)
        self.explore("--profile", profile, "--operations", 120)
        self.assertNotIn("fail", {f["verdict"] for f in self.told()["findings"]})

    def test_a_server_that_is_not_there_is_not_judged(self):
        profile = self.folder / "profile.json"
        profile.write_text(json.dumps(house.plain_profile("http://127.0.0.1:1")))
        self.explore("--profile", profile, "--operations", 20, expect=3)

    def test_a_signal_ends_it(self):
        process = house.start("explore", "--out", self.out, "--operations", 100000)
        house.wait_until((self.out / "results.ndjson").exists, "the folder")
        process.send_signal(signal.SIGTERM)
        # Between two rounds, with every CVM put back, it simply ends.
        self.assertIn(house.finish(process).code, (128 + signal.SIGTERM, -signal.SIGTERM))

    def test_wrong_usage_is_refused(self):
        for wrong in (("--budget", "soon"), ("--budget", "0s"), ("--operations", "0"),
                      ("--steps", "31"), ("--deviation", "no-such")):
            with self.subTest(wrong):
                self.explore(*wrong, expect=2)

    def test_the_selftest_has_a_table(self):
        done = house.call("selftest", "--explore", "--operations", 300, "--variant",
                          "extra-members", "--deviation", "script-200", "--deviation", DEVIATION)
        self.assertEqual(done.code, 0, str(done))
        self.assertRegex(done.out, r"0 contradictions in 1 variants; 2 of 2 deviations found")

    def test_what_no_case_was_written_for_is_found(self):
        done = house.call("selftest", "--explore", "--operations", 2000, "--deviation",
                          "together-*", "--deviation", "afterwards-*")
        self.assertEqual(done.code, 0, str(done))
        found, tried = map(int, re.search(r"(\d+) of (\d+) deviations found", done.out).groups())
        self.assertGreaterEqual(tried, 12)
        self.assertGreaterEqual(found, tried - 2, done.out)


if __name__ == "__main__":
    house.main(beside=4)
