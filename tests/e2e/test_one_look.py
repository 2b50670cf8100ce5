"""Of several refusals in a row on one CVM, one look tells: who caused what it shows is found."""

import threading
import time

import between
import house

CASES = ("--suite", "validation", "--jobs", "1")
NOBODY = ("--case", "auth.nothing-applied.wrong-credentials*", "--jobs", "1")
NOTED = ("--case", "validation.json-ext*", "--case", "validation.coercion*",
         "--case", "robustness.invalid-utf8*", "--case", "robustness.script-500*",
         "--case", "robustness.huge-numbers*", "--jobs", "1")
NOTED_NAMES = ("validation.json-ext", "validation.coercion", "robustness.")
PROOFS = ("two-phase.refusal-applies-nothing.several",
          "two-phase.refusal-applies-nothing.several-script")
OPERATION_MS = 20
GROUP_MAX = 16  # of cases that share a look
LONG_MS = 400  # four times as long as the pause between two looks


def reads(case):
    return [step for step in case["steps"] if step["kind"] == "http"
            and step["request"]["method"] == "GET" and not step.get("reused")]


class Once(between.Between):
    """Does something to the CVM at one refused request, and never again."""

    at = 40  # refusals until then
    refused = 0

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH" and status == 422:
            self.refused += 1
            if self.refused == self.at:
                self.restart(path.removesuffix("/pre-launch-script"))
        return status, headers, body

    def restart(self, path):
        headers = [("Content-Type", "application/json"), ("X-API-Key", self.reference.key)]
        self.send("PATCH", path, headers, b'{"user_config": "by nobody who was asked"}')
        time.sleep(5 * OPERATION_MS / 1000)


class Late(between.Between):
    """Takes, a moment later, each script of somebody whom it has refused."""

    times = 0

    def answer(self, method, path, sent, status, headers, body):
        if status == 401 and path.endswith("/pre-launch-script"):
            self.times += 1
            threading.Timer(LONG_MS / 4000, self.take, (path, self.times)).start()
        return status, headers, body

    def take(self, path, number):
        headers = [("Content-Type", "text/plain"), ("X-API-Key", self.reference.key)]
        self.send("PATCH", path, headers, b"echo %d" % number)


class Counted(between.Between):
    """Notes the operations that are started."""

    started = None

    def answer(self, method, path, sent, status, headers, body):
        if method != "GET" and status == 202:
            self.started.append(path)
        return status, headers, body


class LateProofs(Late):
    """Does something, a moment later, for each proof that it refuses with one status."""

    status = None

    def answer(self, method, path, sent, status, headers, body):
        if status == self.status:
            path = path.removesuffix("/pre-launch-script")
            threading.Timer(LONG_MS / 4000, self.do, (path,)).start()
        return status, headers, body

    def do(self, path):
        headers = [("Content-Type", "application/json"), ("X-API-Key", self.reference.key)]
        self.send("PATCH", path, headers, b'{"user_config": "late"}')


class Broken(between.Between):
    """Has one bad moment: one update that it refuses it answers with 500."""

    at = 6
    refused = 0

    def answer(self, method, path, sent, status, headers, body):
        if self.is_update_of_a_case(method) and status in (400, 422):
            self.refused += 1
            if self.refused == self.at:
                return between.as_json(500, {"error_code": "ERR-01-001", "message": "broken"})
        return status, headers, body


class Lenient(between.Between):
    """Takes what is no flag, and no number, for one: an update that the other one takes as well."""

    started = None

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH" and status == 422 and self.is_like(sent):
            self.started.append(sent)
            headers = [("Content-Type", "application/json"), ("X-API-Key", self.reference.key)]
            return self.send("PATCH", path, headers, b'{"public_logs": true}')
        return status, headers, body

    def is_like(self, sent):
        return len(sent) < 40 and sent.startswith(b'{"public_logs": ') and b"true" not in sent


class Applies(between.Between):
    """Refuses what is no JSON, and does what is written there all the same."""

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH" and status == 422 and sent.endswith(b" /* new */}"):
            self.do(path, sent.removesuffix(b" /* new */}") + b"}")
        return status, headers, body

    def do(self, path, body):
        headers = [("Content-Type", "application/json"), ("X-API-Key", self.reference.key)]
        self.send("PATCH", path, headers, body)
        time.sleep(5 * OPERATION_MS / 1000)


class OneLook(between.Case):
    def refusals(self):
        """The cases of which each sends one update, which is refused."""
        for case in self.results()["cases"]:
            patches = [step for step in case["steps"] if step["kind"] == "http"
                       and step["request"]["method"] == "PATCH"]
            if len(patches) == 1 and patches[0]["response"]["status"] == 422:
                yield case

    def test_few_looks(self):
        self.run_suite(*CASES, expect=0)
        cases = list(self.refusals())
        self.assertGreater(len(cases), 100)
        self.assertLess(sum(1 for case in cases if reads(case)), len(cases) / 2)

    def test_each_has_a_look_in_its_record(self):
        """Judged again it stands by itself."""
        self.run_suite(*CASES, expect=0)
        for case in self.refusals():
            last = case["steps"][-1]["request"]
            self.assertEqual(last["method"], "GET", case["id"])

    def test_few_looks_where_hashes_are_registered_in_between(self):
        self.run_suite("--case", "two-phase.malformed*", "--case", "two-phase.46?-*", "--jobs", "1",
                       expect=0)
        cases = [case for case in self.results()["cases"]
                 if any(step["kind"] == "hook" for step in case["steps"])]
        self.assertGreater(len(cases), 50)
        self.assertLess(sum(1 for case in cases if reads(case)), len(cases) / 2)

    def test_few_looks_where_something_may_be_taken_and_is_not(self):
        self.run_suite(*NOTED, expect=0)
        cases = [case for case in self.results()["cases"] if case["id"].startswith(NOTED_NAMES)]
        self.assertGreater(len(cases), 50)
        self.assertLess(sum(1 for case in cases if reads(case)), len(cases) / 2)

    def sent(self, case, bodies):
        return [step for step in case["steps"] if step["kind"] == "http"
                and (step["request"]["body"] or "").encode() in bodies]

    def test_what_is_taken_in_a_row_looks_for_itself_and_starts_no_more(self):
        started = []
        self.run_behind(Lenient, *NOTED, expect=0, started=started)
        taken = [case for case in self.results()["cases"] if self.sent(case, started)]
        self.assertEqual(sum(len(self.sent(case, started)) for case in taken), len(started))
        self.assertGreater(len(taken), 3)
        for case in taken:
            self.assertTrue(reads(case), case["id"])
        self.assertEqual(self.results()["summary"]["operations_besides"], 1)  # the preflight's

    def test_who_applies_what_need_not_be_refused_is_named(self):
        self.run_behind(Applies, *NOTED, expect=1, serve=("--operation-ms", OPERATION_MS))
        blamed = [case["id"] for case in self.results()["cases"] if case["verdict"] == "fail"]
        self.assertEqual(blamed, ["validation.json-extensions[a-comment]"])

    def test_one_answer_that_is_wrong_once_is_told(self):
        for name in ("robustness.invalid-utf8*", "validation.wrong-type*"):
            self.run_behind(Broken, "--case", name, "--jobs", "1", "--fail-on", "should", expect=1)
            failed = [case for case in self.results()["cases"] if case["verdict"] == "fail"]
            self.assertEqual(len(failed), 1)

    def test_looks_for_a_late_effect_are_shared_and_the_first_is_not(self):
        self.run_suite(*NOBODY, expect=0)
        cases = [case for case in self.results()["cases"]
                 if case["id"].startswith("auth.nothing-applied")]
        one = min(len(reads(case)) for case in cases)
        self.assertGreater(one, 0)
        self.assertLess(sum(len(reads(case)) for case in cases), 2 * one * len(cases))

    def test_who_applies_late_what_is_refused_is_named(self):
        self.run_behind(Late, *NOBODY, expect=1, serve=("--operation-ms", LONG_MS))
        blamed = {case["id"] for case in self.results()["cases"] if case["verdict"] == "fail"}
        self.assertTrue(blamed)
        self.assertFalse([name for name in blamed if "pre-launch-script" not in name])

    def test_refusals_of_one_case_are_looked_at_for_a_late_effect_once(self):
        for name in PROOFS:
            self.run_suite("--case", name, "--jobs", "1", expect=0)
            looks = [step for step in reads(self.case(name)) if step["purpose"] == "read"
                     and step["request"]["url"].endswith("/user_config")]
            self.assertGreater(len(looks), 4, "one each, and those for a late effect")
            self.assertLess(len(looks), 12)

    def test_who_does_something_late_for_a_refused_proof_is_told(self):
        for name, status in zip(PROOFS, (466, 468)):
            self.run_behind(LateProofs, "--case", name, "--jobs", "1", expect=1,
                            serve=("--operation-ms", LONG_MS), status=status)
            self.assertEqual(self.case(name)["verdict"], "fail")

    def test_who_applies_what_is_refused_is_named(self):
        self.run_suite(*CASES, "--deviation", "validation-half-applied", expect=1)
        blamed = {case["id"] for case in self.results()["cases"] if case["verdict"] == "fail"}
        self.assertTrue(any(name.startswith("validation.atomic") for name in blamed), blamed)
        self.assertFalse([name for name in blamed if name.startswith("validation.body-")], blamed)

    def test_who_asks_for_what_is_there_already_is_named(self):
        """One of a row applies a null: tried alone after it, all would find the null there."""
        self.run_suite(*CASES, "--deviation", "validation-half-applied", expect=1)
        blamed = {case["id"] for case in self.results()["cases"] if case["verdict"] == "fail"}
        self.assertIn("validation.not-nullable.beside-nullable", blamed)
        self.assertFalse([name for name in blamed if name.startswith("validation.number-")])

    def test_a_requirement_fails_by_what_breaks_it_alone(self):
        """A case that had all its answers has judged them, whatever they left behind."""
        self.run_suite("--case", "validation.*", "--case", "robustness.duplicate-members*",
                       "--fail-on", "should", "--deviation", "validation-half-applied", expect=1)
        charged = {case["id"]: case for case in self.results()["cases"] if "own_verdict" in case}
        names = [case for case in charged.values() if case["suite"] == "validation"]
        self.assertTrue(names)
        for case in charged.values():
            self.assertEqual(case["verdict"], "fail")
            self.assertIn("validation.atomic", case["requirements"][1:])
        self.assertEqual({case["own_verdict"] for case in names}, {"pass"})
        self.assertEqual(charged["robustness.duplicate-members[valid-then-invalid]"]["own_verdict"],
                         "pass")
        judged = {one["id"]: one["verdict"] for one in self.results()["requirements"]}
        self.assertEqual(judged["validation.atomic"], "fail")
        self.assertEqual(judged["validation.names-the-field"], "pass")
        self.assertEqual(judged["robustness.duplicate-members"], "pass")

    def test_what_a_charge_breaks_off_is_not_decided(self):
        case = "two-phase.refusal-applies-nothing.several"
        self.run_suite("--case", case, "--deviation", "auth-missing-applied", expect=1)
        self.assertEqual(self.case(case)["own_verdict"], "inconclusive")
        judged = {one["id"]: one["verdict"] for one in self.results()["requirements"]}
        self.assertEqual(judged["auth.nothing-applied"], "fail")
        self.assertEqual(judged["two-phase.refusal-applies-nothing"], "inconclusive")

    def test_what_is_put_back_between_is_counted(self):
        started = []
        self.run_behind(Counted, *CASES, expect=1, serve=("--deviation", "validation-half-applied"),
                        started=started)
        self.assertEqual(self.results()["summary"]["operations"], len(started))

    def test_what_never_shows_again_is_told(self):
        self.run_behind(Once, *CASES, expect=1, serve=("--operation-ms", OPERATION_MS))
        failed = [case for case in self.results()["cases"] if case["verdict"] == "fail"]
        self.assertTrue(failed)
        self.assertLessEqual(len(failed), GROUP_MAX)


if __name__ == "__main__":
    house.main(beside=4)
