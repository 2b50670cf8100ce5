"""One whole run against the reference implementation, and everything it leaves behind."""

import base64
import collections
import json
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import house

KEY_NAME = "CANARY_KEY"


def spellings(secret):
    """The forms in which a secret could slip into a report."""
    raw = secret.encode()
    return {
        secret,
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        raw.hex(),
        raw.hex().upper(),
        urllib.parse.quote(secret, safe=""),
    }


class CleanRun(unittest.TestCase):
    """The run is made once; each test looks at one thing it left."""

    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.holder.cleanup)
        cls.folder = Path(cls.holder.name)
        cls.out = cls.folder / "out"
        reference = house.Reference()
        cls.reference = reference.__enter__()
        cls.addClassCleanup(reference.__exit__)

        def from_environment(profile):
            profile["pixit"]["auth"]["value_from"] = {"env": KEY_NAME}

        profile = cls.reference.write(cls.folder, from_environment)
        cls.before = cls.reference.state()
        process = house.start(
            "run", "--profile", profile, "--out", cls.out, env={KEY_NAME: cls.reference.key}
        )
        house.wait_until(lambda: house.children_of(process.pid), "workers")
        pids = house.processes_of(process.pid)
        cls.command_lines = [cls.command_line(pid) for pid in pids]
        cls.session = process.pid
        cls.done = house.finish(process)
        cls.after = cls.reference.state()

    @staticmethod
    def command_line(pid):
        try:
            return Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            return ""

    def results(self):
        return json.loads((self.out / "results.json").read_text())

    def test_is_conforming(self):
        self.assertEqual(self.done.code, 0, str(self.done))
        self.assertEqual(self.results()["summary"]["verdict"], "conforming")

    def test_first_lines_say_the_verdict_and_what_was_verified(self):
        verdict, first = self.done.out.splitlines()[:2]
        self.assertRegex(verdict, r": conforming$")
        must = self.results()["summary"]["requirements"]["must"]
        applicable = must["total"] - must["not_applicable"]
        self.assertRegex(
            first,
            rf"^MUST {must['passed']}/{applicable} verified, "
            rf"{must['proven']}/{applicable} proven able to fail, "
            rf"0 failed, 0 inconclusive, {must['not_applicable']} not applicable",
        )

    def test_nothing_on_standard_error_without_a_terminal(self):
        self.assertEqual(self.done.err, "")

    def test_results_json_has_what_is_promised(self):
        results = self.results()
        self.assertEqual(results["format"], "cvm-conformance-results")
        self.assertEqual(results["version"], 1)
        self.assertIs(results["complete"], True)
        self.assertEqual(results["iut"], self.reference.profile["iut"])
        self.assertEqual(results["pics"], self.reference.profile["pics"])
        self.assertRegex(results["suite"]["catalogue_sha256"], r"^[0-9a-f]{64}$")
        for name in ("started_at", "finished_at"):
            self.assertRegex(results[name], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_counts_are_those_of_the_cases(self):
        results = self.results()
        counts = collections.Counter(case["verdict"] for case in results["cases"])
        told = results["summary"]["cases"]
        self.assertEqual(told["total"], len(results["cases"]))
        for verdict in ("pass", "fail", "inconclusive", "error"):
            self.assertEqual(told[verdict], counts[verdict], verdict)
        self.assertEqual(told["not_applicable"], counts["not-applicable"])

    def test_every_requirement_names_its_cases(self):
        results = self.results()
        ids = {case["id"] for case in results["cases"]}
        levels = collections.Counter()
        for requirement in results["requirements"]:
            self.assertTrue(requirement["cases"], requirement["id"])
            self.assertLessEqual(set(requirement["cases"]), ids)
            levels[requirement["level"]] += 1
        for level, count in levels.items():
            self.assertEqual(results["summary"]["requirements"][level]["total"], count)

    def test_no_case_without_reason_unless_it_passed(self):
        for case in self.results()["cases"]:
            if case["verdict"] != "pass":
                self.assertTrue(case["reason"], case["id"])

    def test_cases_are_those_of_list(self):
        listed = house.call("list", "--json")
        self.assertEqual(listed.code, 0, str(listed))
        self.assertEqual(
            sorted(case["id"] for case in json.loads(listed.out)),
            sorted(case["id"] for case in self.results()["cases"]),
        )

    def test_lines_hold_the_same_cases(self):
        lines = (self.out / "results.ndjson").read_text().splitlines()
        cases = {case["id"]: case for case in map(json.loads, lines)}
        self.assertEqual(len(cases), len(lines))
        for case in self.results()["cases"]:
            for member in ("verdict", "title", "requirements", "cvm", "attempt"):
                self.assertEqual(cases[case["id"]].get(member), case.get(member), case["id"])

    def test_steps_carry_requests_and_answers(self):
        cases = {case["id"]: case for case in self.results()["cases"]}
        for case in cases.values():
            # What is asked of the whole run sends nothing itself.
            if case["verdict"] == "pass" and not case["id"].endswith(".whole-run"):
                # What a case shares stands with the case that it names.
                holder = case if case["steps"] else cases.get(case.get("shares"), case)
                self.assertTrue(holder["steps"], case["id"])

    @unittest.skipUnless(shutil.which("xmllint"), "xmllint is not installed")
    def test_junit_is_valid(self):
        schema = house.SOURCE / "tests/reports/junit.xsd"
        checked = subprocess.run(
            ["xmllint", "--noout", "--huge", "--nonet", "--schema", schema, self.out / "junit.xml"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(checked.returncode, 0, checked.stderr[-2000:])

    def test_operations_are_counted(self):
        results = self.results()
        started = 0
        for case in results["cases"]:
            accepted = [
                step
                for step in case["steps"]
                if step["kind"] == "http"
                and step["request"]["method"] == "PATCH"
                and step["response"]
                and step["response"]["status"] == 202
            ]
            own = 0 if case.get("shares") else len(accepted)
            self.assertGreaterEqual(case["operations"], own, case["id"])
            started += case["operations"]
        summary = results["summary"]
        self.assertGreater(summary["operations_besides"], 0)
        self.assertEqual(summary["operations"], started + summary["operations_besides"])

    def test_large_bodies_of_passed_cases_are_left_out(self):
        for case in self.results()["cases"]:
            if case["verdict"] != "pass":
                continue
            for step in case["steps"]:
                body = (step["response"] or {}).get("body")
                self.assertLessEqual(len(body or ""), 4096, case["id"])

    def test_reads_are_used_again_only_where_nothing_was_sent_since(self):
        count = 0
        for case in self.results()["cases"]:
            changed = False
            steps = case["steps"]
            for at, step in enumerate(steps):
                reading = step["kind"] == "http" and step["request"]["method"] == "GET"
                if step.get("reused"):
                    # A look that several cases share was made after the last of them.
                    shared = all(later.get("reused") for later in steps[at:])
                    self.assertTrue(reading and (shared or not changed), case["id"])
                    count += 1
                elif reading and step["purpose"] == "read":
                    changed = False
                elif not reading:
                    changed = True
        self.assertGreater(count, 1000)

    def test_reports_are_small(self):
        self.assertLess((self.out / "report.html").stat().st_size, 2_000_000)
        self.assertLess((self.out / "results.json").stat().st_size, 10_000_000)

    def test_junit_has_each_case_once(self):
        root = ElementTree.parse(self.out / "junit.xml").getroot()
        names = sorted(case.get("name") for case in root.iter("testcase"))
        self.assertEqual(names, sorted(case["id"] for case in self.results()["cases"]))
        for skipped in root.iter("skipped"):
            self.assertTrue(skipped.get("message"))

    def test_the_key_is_nowhere(self):
        needles = spellings(self.reference.key)
        for path in self.out.rglob("*"):
            text = path.read_bytes().decode(errors="replace")
            for needle in needles:
                self.assertNotIn(needle, text, path.name)
        for text in (self.done.out, self.done.err, *self.command_lines):
            for needle in needles:
                self.assertNotIn(needle, text)

    def test_the_keys_name_stands_where_it_was(self):
        self.assertIn("$" + KEY_NAME, (self.out / "results.ndjson").read_text())

    def test_cvms_are_as_they_were(self):
        self.assertEqual(self.after, self.before)

    def test_no_process_is_left(self):
        self.assertEqual(house.processes_of(self.session), [])

    def test_out_folder_holds_only_reports(self):
        names = {path.name for path in self.out.iterdir()}
        self.assertLessEqual({"results.json", "results.ndjson", "junit.xml"}, names)
        for name in names:
            self.assertTrue(re.fullmatch(r"[a-z.-]+", name), name)


if __name__ == "__main__":
    house.main()
