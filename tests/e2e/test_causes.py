"""What is wrong with a server is named only where the failures bear it out.

Each server here is wrong in a way that no row of the kill matrix is.
"""

import collections
import json
import os
import random
import re
import unittest

import between
import house


def fields_of(body):
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


class WrongValue(between.Between):
    """The profile lists a size that the server does not have."""

    def request(self, method, path, headers, body):
        memory = fields_of(body).get("memory") if method == "PATCH" else None
        if type(memory) is int and memory > 4096:
            return between.as_json(400, {"detail": "There is no such size"})


class Broken(between.Between):
    """All updates after the first few are answered 500."""

    updates = 0

    def request(self, method, path, headers, body):
        self.updates += method == "PATCH"
        if method == "PATCH" and self.updates > 4:
            return between.as_json(500, {"detail": "Internal Server Error"})


class SharedNames(between.Between):
    """allowed_envs is kept once for all CVMs."""

    names = None

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH" and status == 202:
            self.names = fields_of(sent).get("allowed_envs", self.names)
        if path.endswith("/compose_file") and status == 200 and self.names is not None:
            body = json.dumps({**fields_of(body), "allowed_envs": self.names}).encode()
        return status, headers, body


class OneRefusal(between.Between):
    """Every refusal is a 400."""

    # What that is in the matrix' terms, each a part of it.
    true = {"auth-unknown-400", "script-465-as-400", "script-conflict-400",
            "two-phase-466-as-400", "validation-400"}

    def answer(self, method, path, sent, status, headers, body):
        return 400 if method == "PATCH" and 400 <= status < 500 else status, headers, body


class Overloaded(between.Between):
    """Every seventh update is answered 500."""

    updates = 0

    def request(self, method, path, headers, body):
        self.updates += method == "PATCH"
        if method == "PATCH" and self.updates > 6 and self.updates % 7 == 0:
            return between.as_json(500, {"detail": "Internal Server Error"})


class Stale(between.Between):
    """A cache shows what the compose file was at the look before."""

    def __init__(self, reference):
        super().__init__(reference)
        self.shown = {}

    def answer(self, method, path, sent, status, headers, body):
        if not path.endswith("/compose_file"):
            return status, headers, body
        before = self.shown.get(path, (status, headers, body))
        self.shown[path] = (status, headers, body)
        return before


class FewMembers(between.Between):
    """A body of more than three members is refused."""

    def request(self, method, path, headers, body):
        if method == "PATCH" and len(fields_of(body)) > 3:
            row = {"loc": ["body"], "msg": "Too many members", "type": "value_error"}
            return between.as_json(422, {"detail": [row]})


class Stripped(between.Between):
    """Texts are shown without white space around them."""

    def answer(self, method, path, sent, status, headers, body):
        if path.endswith("/compose_file") and status == 200:
            shown = {name: value.strip() if isinstance(value, str) else value
                     for name, value in fields_of(body).items()}
            body = json.dumps(shown).encode()
        return status, headers, body


UNKNOWN = (WrongValue, Broken, SharedNames)
MORE = (OneRefusal, Overloaded, Stale, FewMembers, Stripped)


def sample():
    """Of every third deviation, one suite that catches it; and three deviations at once."""
    matrix = json.loads((house.SOURCE / "cli/selftest/kill-matrix.json").read_text())
    suites = {}
    for row in matrix["deviations"]:
        failed = (trace.partition(":") for trace in row["traces"].split())
        suites[row["name"]] = sorted({matrix["cases"][int(index)].partition(".")[0]
                                      for index, colon, _ in failed if colon})
    caught = [name for name in suites if suites[name]]
    for name in caught[::3]:
        yield [name], ["--suite", random.Random(name).choice(suites[name])]
    draw = random.Random(3)
    for _ in range(20):
        yield draw.sample(caught, 3), []


class Causes(between.Case):
    def run_suite(self, *args, **keywords):
        """Whole runs take long beside others."""
        return super().run_suite(*args, limit_s=500, **keywords)

    def setUp(self):
        super().setUp()
        done = house.call("list", "--requirements")
        if not re.search(r"^must: [1-9]\d* of", done.out, re.M):
            self.skipTest("the kill matrix is of another catalogue: no cause is ever named")

    def test_few_cases_tell_what_cannot_be_told_apart(self):
        self.run_suite("--deviation", "accepted-text-body", "--suite", "script", expect=1)
        cause, = self.results()["summary"]["causes"]
        self.assertEqual([cause["name"], *cause["or"]],
                         ["accepted-empty-body", "accepted-text-body"])
        self.assertRegex(cause["sentence"], r"^One of these: \(1\) .* \(2\) ")

    def named(self, deviations, options):
        """right, part (some of them), none, wrong, or nothing where nothing failed."""
        for name in deviations:
            options = [*options, "--deviation", name]
        self.run_suite("--quiet", *options)
        summary = self.results()["summary"]
        causes = [{cause["name"], *cause.get("or", ())} for cause in summary["causes"]]
        found = [name for name in deviations if any(name in names for names in causes)]
        if not summary["cases"]["fail"]:
            return "nothing"
        if not all(names & set(deviations) for names in causes):
            return "wrong"
        return "right" if len(found) == len(deviations) else "part" if found else "none"

    @unittest.skipUnless(os.environ.get("CF_ALL_CAUSES"),
                         "some 160 runs take a quarter of an hour: set CF_ALL_CAUSES=1")
    def test_a_sample_of_the_matrix(self):
        counts = collections.Counter()
        for deviations, options in sample():
            verdict = self.named(deviations, options)
            counts[verdict] += 1
            if verdict not in ("right", "nothing"):
                print(f"\n{verdict}: {' '.join([*deviations, *options])}", flush=True)
        print(f"\n{dict(counts)}", flush=True)
        self.assertLessEqual(counts["wrong"], 1)
        self.assertLess(counts["none"] + counts["part"], counts["right"] / 4)

    def causes(self):
        return [cause["name"] for cause in self.results()["summary"]["causes"]]

    def test_a_known_bug_is_named(self):
        self.run_suite("--deviation", "accepted-text-body", expect=1)
        self.assertEqual(self.causes(), ["accepted-text-body"])

    def test_two_known_bugs_are_named(self):
        self.run_suite("--deviation", "partial-false-ignored", "--deviation", "auth-missing-403",
                       expect=1)
        self.assertEqual(sorted(self.causes()), ["auth-missing-403", "partial-false-ignored"])

    def run_unknown(self, servers):
        for server in servers:
            with self.subTest(server.__doc__):
                self.run_behind(server, "--quiet", expect=1)
                self.assertLessEqual(set(self.causes()), getattr(server, "true", set()))

    def test_what_is_not_known_is_not_named(self):
        self.run_unknown(UNKNOWN)

    @unittest.skipUnless(os.environ.get("CF_ALL_CAUSES"),
                         "whole runs behind relays take a minute: set CF_ALL_CAUSES=1")
    def test_nothing_else_that_is_not_known_is_named(self):
        self.run_unknown(MORE)


if __name__ == "__main__":
    house.main()
