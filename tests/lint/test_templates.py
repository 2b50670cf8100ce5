"""The CI templates in reports/ci are well-formed, as far as can be told without their engines.

What may stand where is written down here from the engines' public descriptions, and only for what
the templates use: whoever uses more adds it. tests/e2e/test_ci.py runs the commands.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / "reports" / "ci"


class Loader(yaml.SafeLoader):
    """As the engines read it: a key given twice is a mistake, and "on" is a word."""


def mapping(loader, node):
    loader.flatten_mapping(node)
    found = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"{key} twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in rows
        if not (tag.endswith(":bool") and first in "oOyYnN")
    ]
    for first, rows in Loader.yaml_implicit_resolvers.items()
}


def load(name):
    return list(yaml.load_all((CI / name).read_text(), Loader))


def header(name):
    """The comment at the top: what people are told to bring."""
    text = (CI / name).read_text()
    return re.match(r"(#.*\n)+", text)[0]


# ---- a few words of schema: a type, {key: schema}, [schema of each], a set of values, or a pattern

class Optional:
    def __init__(self, schema):
        self.schema = schema


class Each:
    """An object with any keys, its values alike."""

    def __init__(self, schema):
        self.schema = schema


def mistakes(schema, value, at=""):
    if isinstance(schema, Each):
        if not isinstance(value, dict):
            return [f"{at}: no object"]
        return [m for k, v in value.items() for m in mistakes(schema.schema, v, f"{at}/{k}")]
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            return [f"{at}: no object"]
        found = [f"{at}/{k}: not known here" for k in value if k not in schema]
        for key, inner in schema.items():
            optional = isinstance(inner, Optional)
            if key in value:
                inner = inner.schema if optional else inner
                found += mistakes(inner, value[key], f"{at}/{key}")
            elif not optional:
                found.append(f"{at}/{key}: missing")
        return found
    if isinstance(schema, list):
        if not isinstance(value, list) or not value:
            return [f"{at}: no list"]
        return [m for i, v in enumerate(value) for m in mistakes(schema[0], v, f"{at}/{i}")]
    if isinstance(schema, (set, frozenset)):
        return [] if value in schema else [f"{at}: {value!r} is none of {sorted(map(str, schema))}"]
    if isinstance(schema, re.Pattern):
        good = isinstance(value, str) and schema.fullmatch(value)
        return [] if good else [f"{at}: {value!r} is not {schema.pattern}"]
    if schema is int and isinstance(value, bool):
        return [f"{at}: {value!r} is not a number"]
    return [] if isinstance(value, schema) else [f"{at}: {value!r} is not a {schema.__name__}"]


class Linted(unittest.TestCase):
    maxDiff = None

    def expect_none(self, found):
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def expect_shell(self, script, *needed):
        """It parses, stops at a failure by design, and sees only variables that somebody sets."""
        done = subprocess.run(["/bin/sh", "-n"], input=script, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        code = re.sub(r"(?m)(^|\s)#.*$", "", script)
        used = set(re.findall(r"\$\{?([A-Za-z_]\w*)", code)) | set(
            re.findall(r"\b([A-Z][A-Z_]+)\b(?=[^=]*\)\))", code)
        )
        own = set(re.findall(r"\b(\w+)=", code))
        self.assertLessEqual(used - own, set(needed))
        for name in ("RUN_OPTIONS", "GATE_OPTIONS"):
            self.assertNotIn(f'"${name}"', code)  # several words


# ---- GitHub Actions

NAME = re.compile(r"[A-Za-z_][\w-]*")
ENV = Each(str)
STEP = {
    "name": Optional(str),
    "if": Optional(re.compile(r"\$\{\{ .* \}\}")),
    "env": Optional(ENV),
    "uses": Optional(re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")),
    "with": Optional(Each((str, bool, int))),
    "run": Optional(str),
}
GITHUB = {
    "name": str,
    "on": {"workflow_dispatch": type(None), "schedule": [{"cron": re.compile(r"(\S+ ){4}\S+")}]},
    "permissions": {"contents": {"read"}},
    "concurrency": {"group": str, "cancel-in-progress": bool},
    "env": ENV,
    "defaults": {"run": {"shell": {"sh"}}},
    "jobs": Each({
        "name": Optional(str),
        "needs": Optional(str),
        "if": Optional(re.compile(r"\$\{\{ .* \}\}")),
        "runs-on": re.compile(r"ubuntu-\d\d\.\d\d"),
        "timeout-minutes": int,
        "container": {"image": str},
        "strategy": Optional({"fail-fast": bool, "matrix": Each([int])}),
        "steps": [STEP],
    }),
}
# Where which contexts are there, as documented; "name" and "if" of a job see no more than these.
CONTEXTS = {
    "env": {"github", "secrets", "inputs", "vars"},
    "job": {"github", "needs", "strategy", "matrix", "vars", "inputs"},
    "image": {"github", "needs", "strategy", "matrix", "env", "secrets", "vars", "inputs"},
    "step": {"github", "needs", "strategy", "matrix", "env", "secrets", "vars", "inputs", "steps",
             "job", "runner"},
}
FUNCTIONS = {"always", "cancelled", "failure", "success", "hashFiles"}
ACTIONS = {
    "actions/checkout": {"persist-credentials"},
    "actions/upload-artifact": {"name", "path", "if-no-files-found", "overwrite"},
    "actions/download-artifact": {"pattern", "path", "merge-multiple"},
}


def expressions(value, at=""):
    """(place, expression) of every ${{ }}."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from expressions(inner, f"{at}/{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from expressions(inner, f"{at}/{i}")
    elif isinstance(value, str):
        for found in re.findall(r"\$\{\{(.*?)\}\}", value):
            yield at, found.strip()


class GitHub(Linted):
    def setUp(self):
        (self.file,) = load("github-actions.yml")
        self.jobs = self.file["jobs"]

    def steps(self):
        return [(name, step) for name, job in self.jobs.items() for step in job["steps"]]

    def test_structure(self):
        self.expect_none(mistakes(GITHUB, self.file))
        for name in self.jobs:
            self.assertRegex(name, NAME)
        for name, step in self.steps():
            self.assertEqual(("uses" in step) + ("run" in step), 1, (name, step))
            self.assertFalse("with" in step and "run" in step)

    def test_needs_are_jobs_and_go_in_no_circle(self):
        seen = []
        for name, job in self.jobs.items():
            if "needs" in job:
                self.assertIn(job["needs"], seen, "of an earlier one")
            seen.append(name)

    def test_expressions_name_what_is_there(self):
        found = []
        for at, text in expressions(self.file):
            parts = at.split("/")
            job = self.jobs.get(parts[2]) if parts[1] == "jobs" else None
            place = ("env" if parts[1] == "env" else "image" if parts[3:] == ["container", "image"]
                     else "step" if parts[3] == "steps" else "job")
            for call in re.findall(r"([\w-]+)\(", text):
                if call not in FUNCTIONS or not parts[-1] == "if":
                    found.append(f"{at}: {call}()")
            for context, name in re.findall(r"([\w-]+)\.([\w.-]+)", text):
                if context not in CONTEXTS[place]:
                    found.append(f"{at}: no {context} here")
                if context == "matrix" and name not in job["strategy"]["matrix"]:
                    found.append(f"{at}: no matrix.{name}")
                if context == "strategy" and ("strategy" not in job or name != "job-total"):
                    found.append(f"{at}: no strategy.{name}")
                if context in ("secrets", "vars") and name not in header("github-actions.yml"):
                    found.append(f"{at}: nobody is told to bring {context}.{name}")
            if not re.search(r"[\w-]+[.(]", text):
                found.append(f"{at}: {text}")
        self.expect_none(found)

    def test_scripts_hold_no_expressions(self):
        """Whatever a value is, it comes as a variable and is not part of a script."""
        for name, step in self.steps():
            self.assertEqual(list(expressions(step.get("run"))), [], name)

    def test_scripts(self):
        for name, step in self.steps():
            if "run" in step:
                self.expect_shell(step["run"], "GITHUB_STEP_SUMMARY", *self.file["env"],
                                  *step.get("env", {}))

    def test_actions_are_pinned_and_take_what_they_are_given(self):
        text = (CI / "github-actions.yml").read_text()
        for name, step in self.steps():
            if "uses" in step:
                action = step["uses"].partition("@")[0]
                self.assertLessEqual(set(step.get("with", {})), ACTIONS[action], name)
                self.assertRegex(text, re.escape(step["uses"]) + r" # v\d+\.\d+\.\d+\n")

    def test_the_secret_is_where_it_is_needed_only(self):
        self.assertEqual(self.file["permissions"], {"contents": "read"})
        holders = [(at, text) for at, text in expressions(self.file) if "secrets" in text]
        self.assertEqual(len(holders), 1, holders)
        self.assertRegex(holders[0][0], r"^/jobs/shard/steps/\d+/env/CVM_API_KEY$")
        self.assertNotIn("pull_request", self.file["on"])
        self.assertNotIn("pull_request_target", self.file["on"])

    def test_shards_do_not_end_each_other_and_the_verdict_comes_anyway(self):
        shard, verdict = self.jobs["shard"], self.jobs["verdict"]
        self.assertIs(shard["strategy"]["fail-fast"], False)
        numbers = shard["strategy"]["matrix"]["shard"]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual(verdict["if"], "${{ !cancelled() }}")
        self.assertNotIn("continue-on-error", json.dumps(self.file))

    def test_the_seed_is_one_for_all(self):
        self.assertEqual(self.file["env"]["SEED"], "${{ github.run_number }}")


# ---- GitLab

JOB = {
    "stage": str,
    "image": str,
    "parallel": Optional(int),
    "timeout": re.compile(r"\d+ (minutes|hours?)"),
    "when": Optional({"always"}),
    "needs": Optional([{"job": str, "artifacts": bool}]),
    "script": [str],
    "artifacts": {
        "when": {"always"},
        "paths": [str],
        "reports": Optional({"junit": str}),
        "expire_in": str,
    },
}
TOP = {
    "workflow": {"rules": [{"if": str}]},
    "stages": [str],
    "variables": ENV,
}


class GitLab(Linted):
    def setUp(self):
        (self.file,) = load("gitlab-ci.yml")
        self.jobs = {k: v for k, v in self.file.items() if k not in TOP}

    def test_structure(self):
        self.expect_none(mistakes({**TOP, **{name: JOB for name in self.jobs}}, self.file))

    def test_stages_and_needs(self):
        stages = self.file["stages"]
        for name, job in self.jobs.items():
            self.assertIn(job["stage"], stages, name)
            for need in job.get("needs", []):
                other = self.jobs[need["job"]]
                self.assertLess(stages.index(other["stage"]), stages.index(job["stage"]))

    def test_scripts(self):
        given = {"CI_NODE_INDEX", "CI_NODE_TOTAL", *self.file["variables"]}
        for job in self.jobs.values():
            self.expect_shell("\n".join(job["script"]), *given)

    def test_variables_are_the_engines_or_told_of(self):
        """In what is not a script GitLab expands too."""
        known = {"CI_PIPELINE_SOURCE", "CI_PIPELINE_IID"}
        scripts = [job.pop("script") for job in self.jobs.values()]
        self.assertTrue(scripts)
        for name in re.findall(r"\$(\w+)", json.dumps(self.file)):
            self.assertTrue(name in known or name in header("gitlab-ci.yml"), name)

    def test_the_secret_is_named_nowhere_but_in_the_head(self):
        text = (CI / "gitlab-ci.yml").read_text()
        self.assertIn("CVM_API_KEY", header("gitlab-ci.yml"))
        self.assertNotIn("CVM_API_KEY", text.removeprefix(header("gitlab-ci.yml")))

    def test_the_verdict_comes_anyway_and_junit_is_kept(self):
        verdict = self.jobs["verdict"]
        self.assertEqual(verdict["when"], "always")
        junit = verdict["artifacts"]["reports"]["junit"]
        self.assertIn(f"--junit {junit}", verdict["script"][0])
        self.assertTrue(junit.endswith(".xml"))
        self.assertNotIn("allow_failure", json.dumps(self.file))

    def test_the_seed_is_one_for_all(self):
        self.assertEqual(self.file["variables"]["SEED"], "$CI_PIPELINE_IID")


# ---- Kubernetes

QUANTITY = re.compile(r"\d+(m|Mi|Gi)?")
META = {"name": re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"), "labels": ENV}
CONTAINER = {
    "name": str,
    "image": re.compile(r"[\w./-]+:\d+\.\d+\.\d+"),
    "command": [str],
    "args": [str],
    "env": [{
        "name": str,
        "value": Optional(str),
        "valueFrom": Optional({"secretKeyRef": {"name": str, "key": str}}),
    }],
    "envFrom": [{"configMapRef": {"name": str}}],
    "resources": {"requests": Each(QUANTITY), "limits": Each(QUANTITY)},
    "securityContext": {
        "allowPrivilegeEscalation": {False},
        "readOnlyRootFilesystem": {True},
        "capabilities": {"drop": [{"ALL"}]},
    },
    "volumeMounts": [{"name": str, "mountPath": re.compile(r"/.+"), "readOnly": Optional(bool)}],
}
POD = {
    "restartPolicy": {"Never"},
    "automountServiceAccountToken": {False},
    "securityContext": {
        "runAsNonRoot": {True},
        "runAsUser": int,
        "runAsGroup": int,
        "fsGroup": int,
        "seccompProfile": {"type": {"RuntimeDefault"}},
    },
    "containers": [CONTAINER],
    "volumes": [{
        "name": str,
        "configMap": Optional({"name": str}),
        "persistentVolumeClaim": Optional({"claimName": str}),
        "emptyDir": Optional({"sizeLimit": QUANTITY}),
    }],
}
KINDS = {
    ("v1", "ConfigMap"): {"data": ENV},
    ("v1", "PersistentVolumeClaim"): {
        "spec": {"accessModes": [{"ReadWriteMany"}],
                 "resources": {"requests": {"storage": QUANTITY}}},
    },
    ("batch/v1", "Job"): {
        "spec": {
            "completionMode": Optional({"Indexed", "NonIndexed"}),
            "completions": Optional(int),
            "parallelism": Optional(int),
            "backoffLimit": Optional(int),
            "backoffLimitPerIndex": Optional(int),
            "activeDeadlineSeconds": int,
            "ttlSecondsAfterFinished": int,
            "template": {"metadata": {"labels": ENV}, "spec": POD},
        },
    },
}


class Kubernetes(Linted):
    def setUp(self):
        self.documents = load("kubernetes.yaml")
        self.objects = {(d["kind"], d["metadata"]["name"]): d for d in self.documents}
        self.jobs = {k[1]: d["spec"] for k, d in self.objects.items() if k[0] == "Job"}

    def pods(self):
        return [(name, job["template"]["spec"]) for name, job in self.jobs.items()]

    def test_structure(self):
        for d in self.documents:
            schema = KINDS[d["apiVersion"], d["kind"]]
            whole = {"apiVersion": str, "kind": str, "metadata": META, **schema}
            self.expect_none(mistakes(whole, d, d["metadata"]["name"]))
        self.assertEqual(len(self.objects), len(self.documents))

    def test_labels_are_those_of_the_commands(self):
        (selector,) = re.findall(r"delete job -l (\S+)", header("kubernetes.yaml"))
        key, value = selector.split("=")
        for d in self.documents:
            self.assertEqual(d["metadata"]["labels"][key], value)
        for job in self.jobs.values():
            self.assertEqual(job["template"]["metadata"]["labels"][key], value)
        (waited,) = re.findall(r"job/(\S+)", header("kubernetes.yaml"))
        self.assertIn(waited, self.jobs)

    def test_volumes_are_there_and_mounted(self):
        for name, pod in self.pods():
            volumes = {v["name"]: v for v in pod["volumes"]}
            mounted = {m["name"] for c in pod["containers"] for m in c["volumeMounts"]}
            self.assertEqual(mounted, set(volumes), name)
            for volume in volumes.values():
                self.assertEqual(len(volume), 2, volume)
                if "configMap" in volume:
                    self.assertIn(("ConfigMap", volume["configMap"]["name"]), self.objects)
                if "persistentVolumeClaim" in volume:
                    claim = volume["persistentVolumeClaim"]["claimName"]
                    self.assertIn(("PersistentVolumeClaim", claim), self.objects)

    def test_the_secret_is_made_by_the_command_in_the_head(self):
        head = header("kubernetes.yaml")
        made = re.findall(r"create secret generic (\S+) --from-literal=(\w+)=", head)
        used = [
            (e["valueFrom"]["secretKeyRef"]["name"], e["valueFrom"]["secretKeyRef"]["key"])
            for _, pod in self.pods() for c in pod["containers"] for e in c["env"]
            if "valueFrom" in e
        ]
        self.assertEqual(used, made)
        self.assertNotIn("Secret", {kind for kind, _ in self.objects})  # none is in the file

    def test_scripts(self):
        for _, pod in self.pods():
            for container in pod["containers"]:
                self.assertEqual(container["command"], ["/bin/sh", "-eu", "-c"])
                given = {e["name"] for e in container["env"]} | {"JOB_COMPLETION_INDEX"}
                for source in container["envFrom"]:
                    given |= set(self.objects["ConfigMap", source["configMapRef"]["name"]]["data"])
                self.expect_shell(container["args"][0], *given)

    def test_shards_are_indexed_and_do_not_end_each_other(self):
        job = self.jobs["cvm-conformance-shards"]
        self.assertEqual(job["completionMode"], "Indexed")
        self.assertEqual(job["completions"], job["parallelism"])
        data = self.objects["ConfigMap", "cvm-conformance"]["data"]
        self.assertEqual(data["SHARDS"], str(job["completions"]))
        self.assertIn("backoffLimitPerIndex", job)  # wants Indexed, and restartPolicy Never
        self.assertNotIn("backoffLimit", job)
        verdict = self.jobs["cvm-conformance-verdict"]
        self.assertGreater(verdict["activeDeadlineSeconds"], int(data["WAIT_S"]))
        self.assertGreaterEqual(int(data["WAIT_S"]), job["activeDeadlineSeconds"])

    @unittest.skipUnless(os.environ.get("CF_PROGRAM"), "no program")
    def test_the_profile_is_one(self):
        text = self.objects["ConfigMap", "cvm-conformance-profile"]["data"]["profile.json"]
        self.assertEqual(json.loads(text)["pixit"]["auth"]["value_from"], {"env": "CVM_API_KEY"})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "profile.json"
            path.write_text(text)
            done = subprocess.run(
                [os.environ["CF_PROGRAM"], "check", "--profile", path],
                capture_output=True, text=True, timeout=60,
                env={**os.environ, "CVM_API_KEY": "0123456789abcdef"},
            )
        self.assertEqual(done.returncode, 0, done.stderr)


# ---- what is used whole

INPUT = {"description": Optional(str), "required": Optional(bool), "default": Optional(str)}
ACTION = {
    "name": str,
    "description": str,
    "inputs": Each(INPUT),
    "runs": {"using": {"composite"}, "steps": [
        {"name": str, "shell": {"sh"}, "env": Optional(ENV), "run": str}
    ]},
}
COMPONENT = [{"spec": {"inputs": Each(INPUT)}}, {"cvm-conformance": {
    "stage": str, "image": str, "resource_group": str, "timeout": str, "variables": ENV,
    "script": [str],
    "artifacts": {"when": {"always"}, "paths": [str], "reports": {"junit": str}, "expire_in": str},
}}]


class Action(Linted):
    def setUp(self):
        (self.file,) = load("action.yml")
        self.steps = self.file["runs"]["steps"]

    def test_structure(self):
        self.expect_none(mistakes(ACTION, self.file))

    def test_expressions_are_its_inputs_and_in_no_script(self):
        used = set()
        for at, text in expressions(self.file):
            self.assertIn("/env/", at)
            used.add(text)
        self.assertEqual(used, {f"inputs.{name}" for name in self.file["inputs"]})

    def test_scripts(self):
        for step in self.steps:
            self.expect_shell(step["run"], "GITHUB_ACTION_PATH", *step.get("env", {}))


class Component(Linted):
    def setUp(self):
        self.documents = load("gitlab-component.yml")
        (self.job,) = self.documents[1].values()

    def test_structure(self):
        self.expect_none([m for schema, document in zip(COMPONENT, self.documents, strict=True)
                          for m in mistakes(schema, document)])

    def test_every_input_is_used_and_none_in_a_script(self):
        used = re.findall(r"\$\[\[ inputs\.(\w+) \]\]", str(self.documents[1]))
        self.assertEqual(sorted(used), sorted(self.documents[0]["spec"]["inputs"]))
        self.assertNotIn("[[", "".join(self.job["script"]))

    def test_scripts(self):
        self.expect_shell("\n".join(self.job["script"]), *self.job["variables"])

    def test_junit_is_among_the_reports(self):
        (folder,) = self.job["artifacts"]["paths"]
        self.assertTrue(self.job["artifacts"]["reports"]["junit"].startswith(folder))
        self.assertIn(f"--out {folder.rstrip('/')} ", "".join(self.job["script"]))


# ---- the image

class Image(Linted):
    def test_builds_in_stages_on_a_base_that_can_be_named(self):
        text = (CI / "Containerfile").read_text()
        self.assertEqual(re.findall(r"(?m)^ARG BASE=(\S+)", text), ["debian:12-slim"])
        self.assertEqual(re.findall(r"(?m)^FROM (\S+)", text), ["${BASE}"] * 2)
        # The package knows which libraries the program needs.
        self.assertIn("cpack -G DEB", text)
        self.assertIn("ca-certificates", text)
        self.assertIn("USER nobody", text)
        self.assertIn("build", (ROOT / ".dockerignore").read_text().splitlines())


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
