#!/usr/bin/python3
"""Every element of the contract is accounted for, and every requirement has a reason.

elements.json lists what the two pages of the contract say, one element a row: where it stands, what
it says in a few words, and the requirements (cases/SUITE/NAME.json) and ledger entries
(cases/ledger.json) that cover it. This fails when

- a page is not in docs/contract/, or an element names a place (a status code, a parameter, a
  schema) that the page does not have;
- an element has neither, or names one that does not exist;
- a requirement that gives a page as its source is named by no element and no ledger entry, or names
  a place (a status code, a parameter, a schema) that the list of elements does not have;
- a requirement gives no source that we know the kind of;
- what the contract leaves open, an `observe` requirement, has no ledger entry;
- a ledger entry lacks a reading with its reason, or names a requirement that does not exist;
- a reading does not say what shows it (`shown_by`): the reference IUT as it is, one of its variants
  (`variant:NAME`), the FastAPI target, or nothing, and why. With the built program in the
  environment variable CF_PROGRAM, every variant named has to exist, and every variant that names
  an ambiguity has to name an entry of the ledger.

    check.py [--root FOLDER]
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

PAGES = ("update-cvm.md", "update-pre-launch-script.md")
# Where a requirement may come from besides the pages.
ELSEWHERE = ("wider documentation", "profile", "RFC ", "common sense")
ELEMENT_MEMBERS = {"page": str, "place": str, "says": str, "requirements": list, "ledger": list}
ENTRY_MEMBERS = {
    "id": str,
    "topic": str,
    "where": list,
    "open": str,
    "readings": list,
    "treatment": str,
    "requirements": list,
}


READING_MEMBERS = {"reading": str, "why": str, "shown_by": str}
SHOWN_BY = re.compile(r"reference|fastapi|variant:[a-z0-9-]+|nothing: \S.*")


# Texts that may be written as an array of lines; a space stands between each two.
LONG_TEXTS = {"source", "statement", "title", "why", "open", "reading", "treatment", "says"}


def join_long_texts(value):
    if isinstance(value, list):
        return [join_long_texts(item) for item in value]
    if not isinstance(value, dict):
        return value
    joined = {}
    for name, item in value.items():
        long = name in LONG_TEXTS and isinstance(item, list)
        joined[name] = " ".join(item) if long else join_long_texts(item)
    return joined


def load(path: Path):
    return join_long_texts(json.loads(path.read_text(encoding="utf-8")))


def load_requirements(cases: Path) -> dict:
    found = {}
    for path in sorted(cases.glob("*/*.json")):
        if path.parent.name != "shared":
            found[f"{path.parent.name}.{path.stem}"] = load(path)
    return found


def has_members(value, members: dict) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == members.keys()
        and all(isinstance(value[name], kind) for name, kind in members.items())
    )


# ---- what the elements know of places -----------------------------------------------------------


def places_named(text: str) -> set:
    """The status codes, parameters and schemas that a text names: what can be looked up."""
    found = set(re.findall(r"\b[1-5]\d\d\b", text)) if "responses" in text else set()
    one = r"(?:cvm_id|X-[A-Za-z-]+)"
    for names in re.findall(rf"parameters ({one}(?:, {one})*)", text):
        found.update(names.split(", "))
    found.update(re.findall(r"components/schemas/\w+(?:/properties/\w+)?", text))
    return found


def page_of(segment: str, last):
    """The page that a segment of a source speaks of: its own, or the one named before it."""
    for page in PAGES:
        if segment.startswith(page):
            return page
    return None if segment.startswith(ELSEWHERE) else last


def segments_of(source: str):
    page = None
    for segment in source.split(";"):
        segment = segment.strip()
        page = page_of(segment, page)
        yield page, segment


def stands_on(page: str, place: str) -> bool:
    """Whether a page has a status code, a parameter, or a schema and its property.

    The framework's names of schemas may do without the path that it puts at their end.
    """
    if not place.startswith("components/schemas/"):
        return re.search(rf"^ *('{place}':|- name: {place})$", page, re.MULTILINE) is not None
    schema, _, member = place.removeprefix("components/schemas/").partition("/properties/")
    found = re.search(rf"^    {schema}(?:_api_v1_\w+)?:\n((?:     .*\n)+)", page, re.MULTILINE)
    return bool(found) and (not member or f"\n        {member}:\n" in "\n" + found[1])


# ---- checks -------------------------------------------------------------------------------------


def check_references(what: str, row: dict, requirements: dict, entries: dict):
    for name in row["requirements"]:
        if name not in requirements:
            yield f"{what}: no requirement is called {name}"
    for name in row.get("ledger", []):
        if name not in entries:
            yield f"{what}: the ledger has no entry {name}"


def check_pages(folder: Path, elements: list):
    for name in PAGES:
        path = folder / name
        if not path.is_file():
            yield f"docs/contract/{name} is missing"
            continue
        page = path.read_text(encoding="utf-8")
        for element in elements:
            for place in sorted(places_named(element["place"]) if element["page"] == name else ()):
                if not stands_on(page, place):
                    yield f"{name} {element['place']}: the page has no {place}"


def check_elements(elements: list, requirements: dict, entries: dict):
    seen = set()
    for index, element in enumerate(elements):
        if not has_members(element, ELEMENT_MEMBERS):
            yield f"elements.json: row {index} wants the members {', '.join(ELEMENT_MEMBERS)}"
            continue
        what = f"{element['page']} {element['place']}"
        if element["page"] not in PAGES:
            yield f"{what}: not one of the pages"
        if what in seen:
            yield f"{what}: listed twice"
        seen.add(what)
        if not element["requirements"] and not element["ledger"]:
            yield f"{what}: no requirement and no ledger entry covers it"
        yield from check_references(what, element, requirements, entries)


def check_entry(entry: dict, requirements: dict, entries: dict):
    what = f"ledger entry {entry['id']}"
    if not entry["readings"]:
        yield f"{what}: no accepted reading"
    for reading in entry["readings"]:
        if not has_members(reading, READING_MEMBERS) or not all(reading.values()):
            yield f"{what}: a reading wants a reading, a why and a shown_by"
        elif not SHOWN_BY.fullmatch(reading["shown_by"]):
            yield f"{what}: shown_by is reference, fastapi, variant:NAME or nothing: and why"
    for place in entry["where"]:
        if not place.startswith(PAGES):
            yield f"{what}: {place} names no page"
    yield from check_references(what, entry, requirements, entries)


def check_ledger(ledger: list, requirements: dict, entries: dict):
    for index, entry in enumerate(ledger):
        if has_members(entry, ENTRY_MEMBERS):
            yield from check_entry(entry, requirements, entries)
        else:
            yield f"ledger.json: entry {index} wants the members {', '.join(ENTRY_MEMBERS)}"
    if len(entries) != len(ledger):
        yield "ledger.json: an id occurs twice, or is missing"


def load_variants(program: str) -> dict:
    listed = subprocess.run(
        [program, "serve", "--list-variants", "--json"], check=True, capture_output=True, timeout=60
    )
    return {row["name"]: row for row in json.loads(listed.stdout)}


def check_variants(entries: dict, variants: dict):
    for entry in entries.values():
        for reading in entry["readings"]:
            kind, _, name = reading["shown_by"].partition(":")
            if kind == "variant" and name not in variants:
                yield f"ledger entry {entry['id']}: no variant is called {name}"
    for name, row in variants.items():
        if row["ambiguity"] and row["ambiguity"] not in entries:
            yield f"variant {name}: the ledger has no entry {row['ambiguity']}"


def check_source(name: str, requirement: dict, known: dict, covered: set):
    segments = list(segments_of(requirement["source"]))
    if any(page is None and not segment.startswith(ELSEWHERE) for page, segment in segments):
        yield f"{name}: its source names no page and nothing else that we know"
    pages = {page for page, _ in segments if page}
    if pages and name not in covered:
        yield f"{name}: comes from the pages, but no element and no ledger entry names it"
    for page, segment in segments:
        for place in sorted(places_named(segment) - known[page] if page else ()):
            yield f"{name}: its source names {place}, which the elements of {page} do not have"


def check_requirements(requirements: dict, elements: list, entries: dict):
    observed = {name for entry in entries.values() for name in entry["requirements"]}
    covered = {name for element in elements for name in element["requirements"]} | observed
    known = {page: set() for page in PAGES}
    for element in elements:
        known[element["page"]].update(places_named(element["place"]))
    for name, requirement in requirements.items():
        yield from check_source(name, requirement, known, covered)
        if requirement["level"] == "observe" and name not in observed:
            yield f"{name}: observed, so something is left open, but no ledger entry says what"


def check(root: Path) -> list:
    requirements = load_requirements(root / "cases")
    ledger = load(root / "cases" / "ledger.json")
    elements = load(root / "tests" / "contract" / "elements.json")
    entries = {entry.get("id"): entry for entry in ledger if has_members(entry, ENTRY_MEMBERS)}
    problems = list(check_elements(elements, requirements, entries))
    problems += check_ledger(ledger, requirements, entries)
    if not problems:
        problems += check_pages(root / "docs" / "contract", elements)
        problems += check_requirements(requirements, elements, entries)
    if not problems and os.environ.get("CF_PROGRAM"):
        problems += check_variants(entries, load_variants(os.environ["CF_PROGRAM"]))
    if not problems:
        print(
            f"{len(elements)} elements of the contract, {len(requirements)} requirements, "
            f"{len(ledger)} ledger entries: all accounted for"
        )
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description="checks that the contract is accounted for")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    problems = check(parser.parse_args().root)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
