"""results.json and results.ndjson are as reports/results.schema.json has them, and nothing more."""

import json
import unittest

import house

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = house.SOURCE / "reports" / "results.schema.json"


@unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
class Schema(house.Case):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(SCHEMA.read_text())
        kind = jsonschema.validators.validator_for(cls.schema)
        kind.check_schema(cls.schema)
        cls.validator = kind(cls.schema)

    def follow(self, schema):
        while "$ref" in schema:
            schema = self.schema["$defs"][schema["$ref"].rpartition("/")[2]]
        return schema

    def unknown(self, value, schema, at=""):
        """Members that the schema does not know; it lets them pass, as readers are to."""
        schema = self.follow(schema)
        branches = schema.get("anyOf", [schema])
        if isinstance(value, list):
            items = [self.follow(b).get("items") for b in branches]
            for i, element in enumerate(value):
                for inner in filter(None, items):
                    yield from self.unknown(element, inner, f"{at}/{i}")
        if not isinstance(value, dict):
            return
        for branch in map(self.follow, branches):
            properties = branch.get("properties")
            for name in value if properties is not None else ():
                if name in properties:
                    yield from self.unknown(value[name], properties[name], f"{at}/{name}")
                elif "additionalProperties" not in branch:
                    yield f"{at}/{name}"

    def hold(self):
        results = self.results()
        errors = [f"{e.json_path}: {e.message[:200]}" for e in self.validator.iter_errors(results)]
        self.assertEqual(errors, [])
        self.assertEqual(list(self.unknown(results, self.schema)), [])
        case = self.validator.evolve(schema={"$defs": self.schema["$defs"], "$ref": "#/$defs/case"})
        for line in self.lines()[:20]:
            self.assertTrue(case.is_valid(line))
        return results

    def test_a_run_with_failures(self):
        self.run_suite("--suite", "accepted", "--suite", "robustness", "--deviation",
                       "accepted-200", "--repeat", "2", expect=1)
        self.hold()

    def test_a_run_that_was_refused(self):
        self.run_suite("--case", "accepted.body-shape*", expect=0)
        self.run_suite("--nosuch", expect=2)
        self.assertIn("--nosuch", self.results()["trouble"])
        self.hold()

    def test_a_run_with_reasons_and_hooks(self):
        self.run_suite("--suite", "pics", "--suite", "two-phase", "--requirement", "pics.*",
                       "--requirement", "two-phase.hash*")
        self.hold()

    def test_a_run_that_could_not_start(self):
        profile = self.folder / "profile.json"
        profile.write_text(json.dumps(house.plain_profile("http://127.0.0.1:9")))
        self.run_suite("--profile", profile, "--case", "accepted.status-202*", expect=3)
        self.hold()

    def test_what_is_wrong_is_refused(self):
        self.run_suite("--case", "accepted.status-202*", expect=0)
        good = self.hold()
        for change in (lambda r: r.pop("format"), lambda r: r.update(version=2),
                       lambda r: r["cases"][0].update(verdict="passed"),
                       lambda r: r["cases"][0].pop("failures"),
                       lambda r: r["summary"].update(verdict="fine"),
                       lambda r: r["requirements"][0].update(level="may")):
            bad = json.loads(json.dumps(good))
            change(bad)
            self.assertFalse(self.validator.is_valid(bad))


if __name__ == "__main__":
    house.main()
