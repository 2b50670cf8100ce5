#!/usr/bin/python3
"""check.py notices each thing that it is there to notice."""

import copy
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import check

ROOT = Path(__file__).resolve().parents[2]


class Check(unittest.TestCase):
    def setUp(self):
        self.elements = check.load(ROOT / "tests" / "contract" / "elements.json")
        self.ledger = check.load(ROOT / "cases" / "ledger.json")
        self.pages = list(check.PAGES)
        self.requirements = copy.deepcopy(check.load_requirements(ROOT / "cases"))

    def problems(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, requirement in self.requirements.items():
                suite, stem = name.split(".", 1)
                self.write(root / "cases" / suite / f"{stem}.json", requirement)
            self.write(root / "cases" / "ledger.json", self.ledger)
            self.write(root / "tests" / "contract" / "elements.json", self.elements)
            for page in self.pages:
                self.copy_page(root, page)
            return "\n".join(check.check(root))

    @staticmethod
    def write(path: Path, value):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")

    @staticmethod
    def copy_page(root: Path, page: str):
        folder = root / "docs" / "contract"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "docs" / "contract" / page, folder)

    def element(self, place: str) -> dict:
        return next(e for e in self.elements if e["place"].startswith(place))

    def new_requirement(self, source: str, level: str = "must"):
        self.requirements["script.brand-new"] = {"source": source, "level": level}

    def test_as_it_is_nothing(self):
        self.assertEqual(self.problems(), "")

    def test_missing_page_is_told(self):
        self.pages.pop()
        self.assertIn("docs/contract/update-pre-launch-script.md is missing", self.problems())

    def test_place_that_the_page_does_not_have_is_told(self):
        places = ("responses 410", "parameters X-Nothing", "components/schemas/Nothing",
                  "components/schemas/GpuSpec/properties/vcpu",
                  "components/schemas/UpdateCvmRequest/properties/slot")
        like = self.element("responses 404")
        self.elements += [dict(like, place=place) for place in places]
        problems = self.problems()
        for place in places:
            told = f"update-cvm.md {place}: the page has no {place.split()[-1]}"
            self.assertIn(told, problems)

    def test_element_without_cover_is_told(self):
        self.element("responses 404").update(requirements=[], ledger=[])
        self.assertIn("responses 404: no requirement and no ledger entry", self.problems())

    def test_element_naming_a_missing_requirement_is_told(self):
        del self.requirements["auth.unknown-cvm"]
        self.assertIn("no requirement is called auth.unknown-cvm", self.problems())

    def test_element_naming_a_missing_entry_is_told(self):
        self.element("servers")["ledger"] = ["nowhere"]
        self.assertIn("the ledger has no entry nowhere", self.problems())

    def test_element_listed_twice_is_told(self):
        self.elements.append(self.elements[0])
        self.assertIn("listed twice", self.problems())

    def test_requirement_of_a_page_that_no_element_names_is_told(self):
        self.new_requirement("update-cvm.md description")
        self.assertIn("script.brand-new: comes from the pages, but no element", self.problems())

    def test_requirement_from_elsewhere_is_fine(self):
        self.new_requirement("wider documentation, somewhere")
        self.assertEqual(self.problems(), "")

    def test_requirement_from_nowhere_is_told(self):
        self.new_requirement("I think so")
        self.assertIn("names no page and nothing else", self.problems())

    def test_source_naming_an_unlisted_status_is_told(self):
        self.requirements["auth.unknown-cvm"]["source"] = "update-cvm.md responses 410"
        self.assertIn("names 410, which the elements of update-cvm.md do not have", self.problems())

    def test_source_naming_the_other_pages_parameter_is_told(self):
        self.requirements["prepare.token"]["source"] = (
            "update-pre-launch-script.md parameters X-Prepare-Only"
        )
        self.assertIn("names X-Prepare-Only", self.problems())

    def test_observation_without_an_entry_is_told(self):
        self.new_requirement("wider documentation, somewhere", "observe")
        self.assertIn("script.brand-new: observed", self.problems())

    def test_entry_without_a_reading_is_told(self):
        self.ledger[0]["readings"] = []
        self.assertIn("no accepted reading", self.problems())

    def test_reading_without_a_reason_is_told(self):
        self.ledger[0]["readings"][0]["why"] = ""
        self.assertIn("a reading wants a reading, a why and a shown_by", self.problems())

    def test_reading_that_nothing_shows_without_a_reason_is_told(self):
        for shown_by in "nothing: ", "nothing", "somebody", "variant:":
            self.ledger[0]["readings"][0]["shown_by"] = shown_by
            self.assertIn("shown_by is reference, fastapi", self.problems(), shown_by)

    def test_missing_variant_is_told(self):
        entries = {"e": {"id": "e", "readings": [{"shown_by": "variant:gone"}]}}
        problems = check.check_variants(entries, {"here": {"ambiguity": ""}})
        self.assertEqual(list(problems), ["ledger entry e: no variant is called gone"])

    def test_variant_of_a_missing_entry_is_told(self):
        problems = check.check_variants({}, {"here": {"ambiguity": "nowhere"}})
        self.assertEqual(list(problems), ["variant here: the ledger has no entry nowhere"])

    def test_entry_naming_a_missing_requirement_is_told(self):
        self.ledger[0]["requirements"] = ["auth.nobody"]
        self.assertIn("no requirement is called auth.nobody", self.problems())

    def test_id_twice_in_the_ledger_is_told(self):
        self.ledger.append(self.ledger[0])
        self.assertIn("an id occurs twice", self.problems())


if __name__ == "__main__":
    unittest.main()
