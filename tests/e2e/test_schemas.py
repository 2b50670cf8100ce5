"""The schemas in ajv, strict: of cases, profiles and results, against what the program reads and
writes."""

import fcntl
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

import house

SCHEMA_TESTS = house.SOURCE / "tests" / "schema"
PROFILE, CASE, RESULTS = (house.SOURCE / name for name in (
    "docs/profile.schema.json", "cases/case.schema.json", "reports/results.schema.json"))


def packages():
    """The folder with ajv; skips the test, with the reason, where it is not to be had."""
    for program in ("npm", "node"):
        if not shutil.which(program):
            raise unittest.SkipTest(f"no {program} on this machine")
    work = Path(os.environ.get("CF_BUILD", "/tmp")) / "tests" / "schema"
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (SCHEMA_TESTS / "package.json").read_text()
        marker = work / "installed.json"
        if not marker.exists() or marker.read_text() != wanted:
            shutil.copy(SCHEMA_TESTS / "package.json", work)
            done = subprocess.run(
                ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund",
                 "--no-package-lock", "--loglevel=error"],
                cwd=work, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                raise unittest.SkipTest("npm cannot install ajv: " + done.stderr.strip()[-300:])
            marker.write_text(wanted)
    return work / "node_modules"


class Schemas(house.Case):
    @classmethod
    def setUpClass(cls):
        cls.packages = packages()

    def validate(self, schema, *files, bad=False):
        done = subprocess.run(
            ["node", SCHEMA_TESTS / "validate.cjs", schema, *files], capture_output=True, text=True,
            timeout=120, env={**os.environ, "CF_AJV": str(self.packages)})
        self.assertEqual((done.returncode != 0, done.stderr), (bad, ""), done.stdout[:2000])
        return done.stdout

    def test_every_case_file(self):
        files = [p for p in (house.SOURCE / "cases").glob("*/*.json") if p.parent.name != "shared"]
        self.assertGreater(len(files), 50)
        self.validate(CASE, *files)

    def test_profiles_written_by_serve_and_init(self):
        reference = self.enter(house.Reference())
        served = reference.write(self.folder)
        drafted = self.folder / "drafted.json"
        ids = [part for cvm in reference.profile["pixit"]["cvms"]["managed"]
               for part in ("--cvm", cvm)]
        done = house.call("init", "--base-url", reference.base_url, "--key-env", "KEY", *ids,
                          "--out", drafted, env={"KEY": reference.key})
        self.assertTrue(drafted.exists(), str(done))
        self.validate(PROFILE, served, drafted)

    def test_a_profile_may_name_its_schema(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        path = reference.write(self.folder, lambda p: p.update({"$schema": PROFILE.as_uri()}))
        self.validate(PROFILE, path)
        self.assertEqual(house.call("check", "--profile", path).code, 0)
        self.run_suite("--profile", path, "--case", "accepted.status-202*", expect=0)
        self.validate(RESULTS, self.out / "results.json")

    def test_a_case_may_name_its_schema(self):
        text = (house.SOURCE / "cases/accepted/valid-update.json").read_text()
        text = text.replace('"requirement": "accepted.', '"requirement": "mine.')
        case = {"$schema": CASE.as_uri(), **json.loads(text.replace('"id": "accepted.',
                                                                    '"id": "mine.'))}
        path = self.folder / "cases" / "mine" / "valid-update.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(case))
        self.validate(CASE, path)
        done = house.call("check", "--cases", path.parents[1])
        self.assertEqual(done.code, 0, str(done))

    def test_results_of_a_run_with_failures_and_with_their_schema_named(self):
        self.run_suite("--suite", "accepted", "--deviation", "accepted-200", expect=1)
        self.validate(RESULTS, self.out / "results.json")
        named = self.folder / "named.json"
        named.write_text(json.dumps({"$schema": RESULTS.as_uri(), **self.results()}))
        self.validate(RESULTS, named)
        done = house.call("report", named, "--junit", self.folder / "junit.xml")
        self.assertEqual(done.code, 0, str(done))

    def test_what_is_wrong_is_told(self):
        path = self.folder / "profile.json"
        profile = house.plain_profile("http://127.0.0.1:9")
        del profile["pixit"]["timing"]["settle_timeout_ms"]
        path.write_text(json.dumps(profile))
        self.assertIn("settle_timeout_ms", self.validate(PROFILE, path, bad=True))


if __name__ == "__main__":
    house.main()
