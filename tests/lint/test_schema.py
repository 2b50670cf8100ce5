"""The schemas of case files and profiles: what the loaders take satisfies them, and malformed
files do not."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "data"))

import texts

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[2]

# Entries of data/cases.txt whose fault is one of form; the rest only the loader can see.
MALFORMED = {
    "case-id-brackets", "case-no-object", "case-steps-missing", "case-title-empty",
    "case-unknown-member", "expect-empty", "expect-no-object", "expect-status-class",
    "expect-status-range", "expect-status-text", "fixtures-no-object", "head-cases-object",
    "head-level", "head-missing", "head-no-cases", "head-schema-number", "head-statement-empty",
    "head-statement-lines",
    "head-statement-no-lines", "head-unknown",
    "not-an-object", "also-no-list", "step-no-object", "step-unknown-member",
    "step-unknown-word", "steps-empty", "steps-no-array",
}


# Entries of data/profile.txt that no schema can tell: the files and variables beside it, what
# agrees with what, and the text that is no JSON.
BEYOND = {
    "auth-env-unset", "auth-file-empty", "auth-file-missing", "auth-file-two-lines",
    "auth-literal-elsewhere", "auth-literal-looks-local", "auth-short", "cvms-listed-twice",
    "duplicate-member", "empty", "escaped-nul", "headers-authorization", "headers-cookie",
    "headers-credential", "hook-capture-misnamed", "hook-braces-unknown", "not-json",
    "tls-file-missing", "hook-capture-of-nothing", "values-alike", "values-of-another-type",
    "values-out-of-bounds", "values-upwards-downwards",
}


def validator_of(name):
    schema = json.loads((ROOT / name).read_text())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


class Profile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator_of("docs/profile.schema.json")
        cls.entries = texts.read(ROOT / "tests/data/profile.txt")

    def test_what_the_loader_takes_satisfies_it(self):
        manual = (ROOT / "docs/profile.md").read_text()
        for text in (self.entries["good"]["profile.json"],
                     manual.partition("```json\n")[2].partition("```")[0]):
            profile = json.loads(text)
            self.validator.validate({"$schema": "profile.schema.json", **profile})

    def test_what_the_loader_refuses_does_not(self):
        for name in sorted(self.entries.keys() - {"good"} - BEYOND):
            with self.subTest(name):
                profile = json.loads(self.entries[name]["profile.json"])
                self.assertFalse(self.validator.is_valid(profile))


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator_of("cases/case.schema.json")
        cls.entries = texts.read(ROOT / "tests/data/cases.txt")

    def test_shipped_files_satisfy_it(self):
        files = [p for p in sorted((ROOT / "cases").glob("*/*.json")) if p.parent.name != "shared"]
        self.assertGreater(len(files), 50)
        for path in files:
            with self.subTest(path.relative_to(ROOT)):
                errors = list(self.validator.iter_errors(json.loads(path.read_text())))
                told = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in errors]
                self.assertEqual(told, [])

    def test_the_loaders_example_satisfies_it(self):
        for entry in ("plain", "good"):
            for title, text in self.entries[entry].items():
                if title.endswith(".json") and not title.startswith("shared/"):
                    self.validator.validate(json.loads(text))

    def test_malformed_files_do_not(self):
        for name in sorted(MALFORMED):
            with self.subTest(name):
                text = self.entries[name]["s/r.json"]
                self.assertFalse(self.validator.is_valid(json.loads(text)))


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
