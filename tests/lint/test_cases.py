"""What the loader lets pass in a case file, and the shipped ones do not do."""

import json
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = re.compile(r"\$\{([^}]*)\}")
# Members whose value is the name of a captured hash.
NAMES_A_HASH = {"proof", "register", "unregister", "expire"}


def names_read(node):
    """The names that a part of a case refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from names_read(key)
            yield from names_read(value)
            if key in NAMES_A_HASH and isinstance(value, str):
                yield value
    elif isinstance(node, list):
        for item in node:
            yield from names_read(item)
    elif isinstance(node, str):
        for name in REFERENCE.findall(node):
            yield name
            yield name.partition(":")[2]  # ${hash.FORM:NAME}


def names_given(step):
    return [*step.get("capture", {}), *step.get("let", {})]


def unread(case):
    """Captures and values that no later step, no row and no other value of their step reads."""
    rows = set(names_read([case.get("for_each"), case.get("and_each")]))
    for index, step in enumerate(case["steps"]):
        read = rows | set(names_read(case["steps"][index + 1 :])) | set(names_read(step.get("let")))
        yield from (f"step {index}: {name}" for name in names_given(step) if name not in read)


def shipped():
    for path in sorted((ROOT / "cases").glob("*/*.json")):
        if path.parent.name != "shared":
            yield path, json.loads(path.read_text(encoding="utf-8"))


class Cases(unittest.TestCase):
    def expect_none(self, found):
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_what_is_captured_is_read(self):
        """Else it is an assertion in disguise: what is captured has to be there."""
        found = []
        for path, requirement in shipped():
            for case in requirement["cases"]:
                found += [f"{case['id']}: {what} is never read" for what in unread(case)]
        self.expect_none(found)

    def test_settle_is_not_called_a_setup(self):
        """It always is one."""
        found = []
        for path, requirement in shipped():
            for case in requirement["cases"]:
                if any("settle" in step and "setup" in step for step in case["steps"]):
                    found.append(case["id"])
        self.expect_none(found)


class Fields(unittest.TestCase):
    """suites/fields.def is the list of the fields; what has to spell them again says the same."""

    FIELDS = re.findall(r"(?m)^CF_CVM_FIELD\((\w+),", (ROOT / "suites" / "fields.def").read_text())

    def test_it_has_those_of_the_page_in_its_order(self):
        page = (ROOT / "docs" / "contract" / "update-cvm.md").read_text()
        schema = re.search(r"(?m)^    UpdateCvmRequest:\n((?:     .*\n)+)", page)[1]
        self.assertEqual(re.findall(r"(?m)^        (\w+):$", schema), self.FIELDS)

    def test_the_schema_knows_them(self):
        schema = json.loads((ROOT / "cases" / "case.schema.json").read_text())
        names = schema["$defs"]["fields"]["propertyNames"]["anyOf"][0]["enum"]
        self.assertEqual(names, self.FIELDS)

    def test_shared_rows_name_no_others(self):
        files = (ROOT / "cases" / "shared").glob("*.json")
        rows = [row for path in files for row in json.loads(path.read_text())]
        named = {row["field"] for row in rows if "field" in row}
        self.assertEqual(named - set(self.FIELDS), set())
        self.assertGreater(len(named), 10)


class Unread(unittest.TestCase):
    """Each way of reading a capture counts, and nothing else does."""

    def unread(self, *steps, **members):
        first = {"request": "read", "capture": {"hash": "@compose-hash"}}
        return list(unread({"steps": [first, *steps], **members}))

    def test_nobody_reads_it(self):
        self.assertEqual(self.unread({"note": {"hash": "hash"}}), ["step 0: hash"])

    def test_a_step_before_does_not_count(self):
        case = {"steps": [{"note": {"a": "${b}"}}, {"let": {"b": 1}}]}
        self.assertEqual(list(unread(case)), ["step 1: b"])

    def test_each_way_of_reading(self):
        for step in ({"note": {"a": "${hash}"}}, {"note": {"${hash}": 1}}, {"expire": "hash"},
                     {"request": "read", "proof": "hash"}, {"check": "${hash.upper:hash}"}):
            self.assertEqual(self.unread(step), [])
        self.assertEqual(self.unread(for_each=[{"id": "a", "value": "${hash}"}]), [])
        self.assertEqual(list(unread({"steps": [{"let": {"a": 1, "b": "${a}"}},
                                                {"check": "${b}"}]})), [])


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
