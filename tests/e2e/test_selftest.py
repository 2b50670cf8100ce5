"""Self-certification notices what it is there to notice."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import house

MATRIX = house.SOURCE / "cli" / "selftest" / "kill-matrix.json"


class SelfTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.top = Path(self.folder.name)

    def installed(self, edit=None):
        """A copy of the program beside a copy of the cases, edited."""
        program = self.top / "bin" / "cvm-conformance"
        cases = self.top / "share" / "cvm-conformance" / "cases"
        program.parent.mkdir()
        shutil.copy(house.PROGRAM, program)
        shutil.copytree(house.SOURCE / "cases", cases)
        if edit:
            edit(cases)
        return program

    def selftest(self, program, *args):
        return subprocess.run(
            [program, "selftest", "--out", self.top / "out", *args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=house.LIMIT_S,
            env=house.environment(),
        )

    def subjects(self):
        text = (self.top / "out" / "selftest.json").read_text()
        return {s["name"]: s for s in json.loads(text)["subjects"]}

    def test_caught_deviation_and_silent_variant_are_good(self):
        done = self.selftest(
            house.PROGRAM, "--deviation", "auth-missing-403", "--variant", "foreign-404"
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        subjects = self.subjects()
        self.assertTrue(subjects["auth-missing-403"]["good"])
        self.assertIn("auth.missing", subjects["auth-missing-403"]["detail"])
        self.assertEqual(subjects["foreign-404"]["must_failed"], 0)
        self.assertIn("auth-missing-403", (self.top / "out" / "selftest.html").read_text())
        result = json.loads((self.top / "out" / "selftest.json").read_text())
        counts = {"deviations": 1, "variants": 1, "survivors": 0, "strays": 0, "false_alarms": 0}
        self.assertLessEqual(counts.items(), result["summary"].items())
        self.assertEqual(result["summary"]["proven"]["must"]["proven"], 1)
        self.assertEqual(sum(s["requests"] for s in result["subjects"]), result["requests"])

    def test_loosened_case_lets_a_deviation_survive(self):
        def loosen(cases):
            for path in (cases / "auth").glob("*.json"):
                path.write_text(path.read_text().replace('"status": 401', '"status": "4xx"'))

        done = self.selftest(self.installed(loosen), "--deviation", "auth-missing-403")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("survivor", done.stdout)
        result = json.loads((self.top / "out" / "selftest.json").read_text())
        self.assertEqual(result["summary"]["survivors"], 1)
        self.assertFalse(self.subjects()["auth-missing-403"]["good"])

    # The kill matrix says which are enough; one that is of other cases, or wrong, costs no proof.
    def test_few_cases_are_tried_first_and_more_where_they_do_not_catch_it(self):
        name = "auth-missing-403"

        def requests(change):
            with tempfile.TemporaryDirectory() as folder:
                self.top = Path(folder)

                def edit(cases):
                    matrix = json.loads(MATRIX.read_text())
                    change(matrix, next(d for d in matrix["deviations"] if d["name"] == name))
                    (cases.parent / "kill-matrix.json").write_text(json.dumps(matrix))

                done = self.selftest(self.installed(edit), "--deviation", name)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                return json.loads((self.top / "out" / "selftest.json").read_text())["requests"]

        few = requests(lambda matrix, row: None)
        named = requests(lambda matrix, row: matrix.update(catalogue_sha256="0" * 64))
        wrong = requests(lambda matrix, row: row.update(traces="0:ade7f53f"))
        none = requests(lambda matrix, row: row.update(traces=""))
        self.assertLess(few, named)
        self.assertLess(named, wrong)
        self.assertEqual(named, none)

    def test_case_that_overreaches_is_a_false_alarm(self):
        def tighten(cases):
            path = cases / "auth" / "foreign-cvm.json"
            text = path.read_text()
            self.assertIn("[403, 404]", text)
            path.write_text(text.replace("[403, 404]", "403"))

        done = self.selftest(self.installed(tighten), "--variant", "foreign-404")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("false-alarm", done.stdout)

    def test_shipped_kill_matrix_is_of_this_catalogue_and_proves_every_requirement(self):
        done = subprocess.run(
            [house.PROGRAM, "list", "--requirements"], capture_output=True, text=True, timeout=60
        )
        for level in ("must", "should"):
            found = re.search(rf"^{level}: (\d+) of (\d+) proven", done.stdout, re.M)
            self.assertTrue(found, done.stdout[-300:] + done.stderr)
            self.assertEqual(found[1], found[2], "make it anew: selftest --matrix-out")

    def stale(self, edit):
        matrix = json.loads(MATRIX.read_text())
        edit(matrix)
        path = self.top / "matrix.json"
        path.write_text(json.dumps(matrix))
        done = self.selftest(house.PROGRAM, "--matrix-check", path)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("make it anew", done.stderr)
        self.assertFalse((self.top / "out").exists(), "it ran all the same")

    def test_stale_kill_matrix_is_told_at_once(self):
        self.stale(lambda matrix: matrix.update(catalogue_sha256="0" * 64))
        self.stale(lambda matrix: matrix["deviations"].pop())
        self.stale(lambda matrix: matrix["deviations"][7].update(name="renamed"))
        self.stale(lambda matrix: matrix["deviations"][7].update(sentence="Another."))

    # A unit test asks the same of every deviation, on the matrix's own traces.
    def test_likely_cause_of_a_run_is_first_or_second(self):
        for deviation in (
            "accepted-correlation-id-nested",
            "partial-false-ignored",
            "validation-timeout-9-accepted",
            "auth-missing-403",
            "conflict-script-unblocked",
            "two-phase-467-as-466",
            "prepare-old-token-accepted",
            "script-appended",
        ):
            with self.subTest(deviation):
                done = subprocess.run(
                    [house.PROGRAM, "run", "--operation-ms", "40", "--out", self.top / "out"]
                    + ["--deviation", deviation],
                    capture_output=True,
                    text=True,
                    timeout=house.LIMIT_S,
                )
                self.assertIn(f"({deviation})\n", done.stdout.partition("What to do next")[0])

    # Negating is done for every expectation there is, whichever deviations are chosen.
    def test_no_expectation_can_be_negated_unnoticed(self):
        done = self.selftest(
            house.PROGRAM, "--quiet", "--expectations", "--deviation", "auth-missing-403"
        )
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        self.assertRegex(done.stdout, r"\d+ expectations, \d+ of them prepare: 0 dead,")

    def test_unknown_names_are_wrong_usage_with_the_nearest(self):
        for arguments, words in (
            (("--deviation", "no-such-bug"), "serve --list-deviations"),
            (("--deviation", "auth-missing-40"), 'did you mean "auth-missing-403"?'),
            (("--deviation", "auth-*", "--variant", "foreign-405"), 'mean "foreign-404"?'),
        ):
            done = self.selftest(house.PROGRAM, *arguments)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertIn(words, done.stderr)
            self.assertFalse(os.path.exists(self.top / "out"))


if __name__ == "__main__":
    house.main()
