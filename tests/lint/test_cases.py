"""What the loader lets pass in a case file, and the shipped ones do not do."""

import json
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = re.compile(r"\$\{([^}]*)\}")
FIELDS = re.findall(r"(?m)^CF_CVM_FIELD\((\w+),", (ROOT / "suites" / "fields.def").read_text())
# Where a new value takes two phases.
REGISTERED = {"docker_compose_file", "pre_launch_script", "allowed_envs", "public_logs",
              "public_sysinfo", "public_tcbinfo"}
# What ${change.NAMES} may name besides fields.
SEVERAL = {"all": FIELDS, "one-phase": [name for name in FIELDS if name not in REGISTERED]}
# Members whose value is the name of something captured or given.
NAMES_A_VALUE = {"proof", "register", "unregister", "expire", "instead"}


def names_read(node):
    """The names that a part of a case refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from names_read(key)
            yield from names_read(value)
            if key in NAMES_A_VALUE and isinstance(value, str):
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


def put_in(node, names):
    """The node, with the values of those names in the place of references to them."""
    if isinstance(node, dict):
        return {put_in(key, names): put_in(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [put_in(item, names) for item in node]
    if not isinstance(node, str):
        return node
    alone = re.fullmatch(REFERENCE, node)
    if alone and alone[1] in names:
        return names[alone[1]]
    return REFERENCE.sub(lambda found: str(names.get(found[1], found[0])), node)


def of_rows(case):
    """The cases that its rows make; ids and steps without references to a row."""
    rows = case.get("for_each")
    for row in rows if isinstance(rows, list) else [{}]:
        names = {f"row.{key}": value for key, value in row.items()}
        names = {key: put_in(value, names) for key, value in names.items()}
        names["change.row"] = "${change.%s}" % ",".join(row.get("fields", []))
        tail = f"[{row['id']}]" if "id" in row else ""
        yield {**put_in({**case, "for_each": None}, names), "id": case["id"] + tail}


def requests_of(node):
    """Every request of a step, but that of an overlap: any will do that keeps the CVM busy."""
    if isinstance(node, dict):
        if "request" in node:
            yield node
        for key, value in node.items():
            if key != "overlap":
                yield from requests_of(value)
    elif isinstance(node, list):
        for item in node:
            yield from requests_of(item)


def members_of(body):
    """The members of a body, those of what is drawn or spread among them."""
    drawn = re.fullmatch(r"\$\{(?:change|falsy|least|most)\.([^}]*)\}", str(body))
    if drawn:
        names = [name for name in drawn[1].split(",") if name != "or-none"]
        yield from (member for name in names for member in SEVERAL.get(name, [name]))
    elif isinstance(body, list):
        for item in body:
            yield from members_of(item)
    elif isinstance(body, dict):
        yield from members_of(body.get("...", []))
        yield from (name for name in body if name != "..." and not name.startswith("${"))


def members_sent(case):
    """(endpoint, member) of each JSON body; ${harmless.field} is any of them, and left out."""
    names = {}
    for step in case["steps"]:
        names.update(put_in(step.get("let", {}), names))
        for request in requests_of(step):
            for name in members_of(put_in(request.get("json"), names)):
                yield request["request"], name


def lost_within(case, whole):
    """What the case sends and the whole does not. Of a compose file a script may take the place:
    in most cases either is there to need a registration."""
    sent = {*members_sent(whole)}
    if ("update-cvm", "pre_launch_script") in sent:
        sent.add(("update-cvm", "docker_compose_file"))
    return sorted({*members_sent(case)} - sent)


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


    def test_what_is_within_another_case_sends_no_member_that_that_one_does_not(self):
        """Else a part would pass with a whole that did not ask what it asks."""
        cases = {one["id"]: one for _, requirement in shipped() for case in requirement["cases"]
                 for one in of_rows(case)}
        found = []
        for case in cases.values():
            whole = case.get("within")
            found += [f"{case['id']}: {whole} sends no {member} to {endpoint}"
                      for endpoint, member in (lost_within(case, cases[whole]) if whole else [])]
        self.expect_none(found)


class Fields(unittest.TestCase):
    """suites/fields.def is the list of the fields; what has to spell them again says the same."""

    def test_it_has_those_of_the_page_in_its_order(self):
        page = (ROOT / "docs" / "contract" / "update-cvm.md").read_text()
        schema = re.search(r"(?m)^    UpdateCvmRequest:\n((?:     .*\n)+)", page)[1]
        self.assertEqual(re.findall(r"(?m)^        (\w+):$", schema), FIELDS)

    def test_the_schema_knows_them(self):
        schema = json.loads((ROOT / "cases" / "case.schema.json").read_text())
        names = schema["$defs"]["fields"]["propertyNames"]["anyOf"][0]["enum"]
        self.assertEqual(names, FIELDS)

    def test_shared_rows_name_no_others(self):
        files = (ROOT / "cases" / "shared").glob("*.json")
        rows = [row for path in files for row in json.loads(path.read_text())]
        named = {row["field"] for row in rows if "field" in row}
        self.assertEqual(named - set(FIELDS), set())
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
                     {"request": "read", "proof": "hash"}, {"in_parts": "a", "instead": "hash"},
                     {"check": "${hash.upper:hash}"}):
            self.assertEqual(self.unread(step), [])
        self.assertEqual(self.unread(for_each=[{"id": "a", "value": "${hash}"}]), [])
        self.assertEqual(list(unread({"steps": [{"let": {"a": 1, "b": "${a}"}},
                                                {"check": "${b}"}]})), [])


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
