"""Bugs of a service as it is in the field: each is caught with the profile that init writes for it.

Of each deviation run the cases that by the kill matrix catch it. tests/data/field-unseen.txt lists
those that cannot be caught there, because only a field out of sight could show them, each with the
reason. CF_FIELD=all tries every deviation (a quarter of an hour), CF_FIELD=GLOB,GLOB those of these
names; else a few are tried.
"""

import concurrent.futures
import fnmatch
import json
import os
import tempfile
from pathlib import Path

import house

SERVICE = ("--variant", "field-service")
CHOSEN = os.environ.get("CF_FIELD", "")
FEW = ("accepted-200", "conflict-locked-after-466", "partial-user-config-ignored",
       "partial-empty-gpus-ignored", "partial-null-vcpu-resets-sizes", "two-phase-commit-nothing",
       "script-crlf-converted")
FIRST, THEN = 8, 40  # so many of the cases that catch it; then with all of its requirement
UNSEEN = house.SOURCE / "tests/data/field-unseen.txt"
MATRIX = house.SOURCE / "cli/selftest/kill-matrix.json"
BESIDE = int(os.environ.get("CF_FIELD_JOBS", "3"))


def unseen():
    """What only a field out of sight could show: its reason by deviation."""
    lines = [line for line in UNSEEN.read_text().splitlines() if line and line[0] != "#"]
    return dict(line.split(None, 1) for line in lines)


def chosen(names):
    if CHOSEN:
        globs = ["*"] if CHOSEN == "all" else CHOSEN.split(",")
        return [name for name in names if any(fnmatch.fnmatch(name, g) for g in globs)]
    few = list(FEW) + sorted(unseen())[:2]
    return [name for name in names if name in few]


def catching(matrix, row):
    """The cases that catch it: those of its requirement first."""
    indices = [int(word.partition(":")[0]) for word in row["traces"].split()]
    ids = [matrix["cases"][i] for i in indices]
    own = [name for name in ids if is_of(name, row["requirement"])]
    return own + [name for name in ids if name not in own]


def is_of(case, requirement):
    return case == requirement or case.startswith((requirement + ".", requirement + "["))


def written(folder, server):
    """The profile that init writes for the service, with the hooks that its tester brings."""
    cvms = server.profile["pixit"]["cvms"]
    ids = [*cvms["managed"][:4], *cvms["contract_owned"][:4], *cvms["foreign"]]
    path = Path(folder) / "init.json"
    done = house.call(
        "init", "--base-url", server.base_url, "--key-env", "ACME_API_KEY", "--out", path,
        "--value", f"gpus={json.dumps(server.profile['pixit']['values']['gpus'])}",
        "--gpu-rental", cvms["gpu_rental"][0],
        *(word for i in ids for word in ("--cvm", i)), env={"ACME_API_KEY": server.key},
    )  # fmt: skip
    assert done.code == 0, str(done)
    profile = json.loads(path.read_text())
    profile["pixit"]["hooks"] = server.profile["pixit"]["hooks"]
    profile["pics"]["prepare_only"] = True
    profile["pixit"]["timing"] = server.profile["pixit"]["timing"]
    return profile


class Field(house.Case):
    def setUp(self):
        super().setUp()
        self.matrix = json.loads(MATRIX.read_text())
        self.rows = {row["name"]: row for row in self.matrix["deviations"]}
        with house.Reference(*SERVICE) as server:
            self.profile = written(self.folder, server)
        self.unseen = unseen()

    def fails(self, row, cases):
        """Whether one of the cases, or the requirement, fails; and what was said."""
        switches = (*SERVICE, "--operation-ms", "30", "--deviation", row["name"])
        with house.Reference(*switches) as server:
            profile = json.loads(json.dumps(self.profile))
            profile["iut"]["base_url"] = server.base_url
            folder = tempfile.mkdtemp(dir=self.folder)
            path = Path(folder) / "profile.json"
            path.write_text(json.dumps(profile))
            done = house.call(
                "run", "--profile", path, "--out", Path(folder) / "out", "--fail-on", "should",
                "--report", "json", *(word for name in cases for word in ("--case", name)),
                env={"ACME_API_KEY": server.key}, limit_s=600,
            )  # fmt: skip
        results = Path(folder) / "out" / "results.json"
        if not results.exists():
            return False, str(done)
        found = json.loads(results.read_text())
        failed = [r["id"] for r in found["requirements"] if r["verdict"] == "fail"]
        reasons = {f"{c['id']}: {c['verdict']}: {c['reason']}" for c in found["cases"]
                   if c["verdict"] != "pass"}
        return row["requirement"] in failed, "\n".join(sorted(reasons)) or str(done)

    def is_caught(self, name):
        row = self.rows[name]
        cases = catching(self.matrix, row)
        caught, said = self.fails(row, cases[:FIRST])
        if not caught:
            own = [row["requirement"], row["requirement"] + "?*"]
            caught, said = self.fails(row, [*cases[:THEN], *own])
        if not caught and any(case.endswith(".whole-run") for case in cases):
            caught, said = self.fails(row, [])
        return name, caught, said

    def test_each_is_caught_or_could_be_shown_by_an_unseen_field_only(self):
        self.assertEqual(set(self.unseen) - set(self.rows), set(), UNSEEN)
        names = chosen(list(self.rows))
        self.assertTrue(names)
        with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
            for name, caught, said in pool.map(self.is_caught, names):
                with self.subTest(name):
                    self.assertEqual(caught, name not in self.unseen, f"{name}\n{said}")


if __name__ == "__main__":
    house.main()
