"""The templates in reports/ci do what they say: their very commands are run here as the engines run
them, all shards at once against one reference implementation, and the verdict after them.

What an engine does around the commands is done by the little engines below: variables, secrets,
checkout, artefacts, volumes, and which step goes on after a failure.
"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

import bundles
import house

TEMPLATES = house.SOURCE / "reports" / "ci"
SECRET = "CVM_API_KEY"


def setUpModule():
    global installed
    installed = bundles.Installed()


def tearDownModule():
    installed.remove()


class Engine:
    """A run of a template in a folder of its own; override has the variables that people set."""

    def __init__(self, folder, profile, key, override):
        self.folder, self.profile, self.key = Path(folder), profile, key
        self.override = override

    def shell(self, script, cwd, env, options="-e"):
        """Start it as /bin/sh would be; finish() waits."""
        keep = {"PATH": f"{installed.program.parent}:{os.environ['PATH']}", "HOME": str(cwd)}
        return subprocess.Popen(
            ["/bin/sh", *options.split(), "-c", script], cwd=cwd, text=True,
            env={**keep, **env}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    @staticmethod
    def finish(process):
        return house.finish(process)

    def workspace(self, name):
        """A fresh checkout."""
        place = self.folder / name
        (place / "conformance").mkdir(parents=True)
        (place / "conformance" / "profile.json").write_text(json.dumps(self.profile))
        (place / "small.x").write_text("what a pattern of cases must not be taken for\n")
        return place


class GitHub(Engine):
    """Jobs are run step by step; of the expressions those that the template has."""

    def __init__(self, *args):
        super().__init__(*args)
        self.workflow = yaml.safe_load((TEMPLATES / "github-actions.yml").read_text())
        self.artefacts = self.folder / "artefacts"
        self.artefacts.mkdir()
        self.shards = self.workflow["jobs"]["shard"]["strategy"]["matrix"]["shard"]

    def expand(self, text, shard):
        known = {
            "github.run_number": "77",
            "matrix.shard": str(shard),
            "strategy.job-total": str(len(self.shards)),
            f"secrets.{SECRET}": self.key,
        }
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda m: known[m[1]], str(text))

    def environment(self, step, shard):
        env = {**self.workflow["env"], **self.override, **step.get("env", {})}
        env["GITHUB_STEP_SUMMARY"] = str(self.folder / "step-summary")
        return {k: self.expand(v, shard) for k, v in env.items()}

    def upload(self, place, options, shard):
        source = place / options["path"]
        if not source.exists() or not any(source.iterdir()):
            assert options["if-no-files-found"] in ("error", "ignore")
            return options["if-no-files-found"] == "ignore"
        shutil.copytree(source, self.artefacts / self.expand(options["name"], shard))
        return True

    def download(self, place, options):
        for artefact in self.artefacts.iterdir():
            if fnmatch.fnmatch(artefact.name, options["pattern"]):
                assert options["merge-multiple"]
                shutil.copytree(artefact, place / options["path"], dirs_exist_ok=True)

    def run_step(self, step, place, shard):
        """None, or the finished command."""
        action = step.get("uses", "").partition("@")[0]
        if action == "actions/upload-artifact":
            assert self.upload(place, step["with"], shard)
        elif action == "actions/download-artifact":
            self.download(place, step["with"])
        elif not action:
            return self.finish(self.shell(step["run"], place, self.environment(step, shard)))
        return None

    def after(self, job, place, shard, failed):
        """The steps that follow a command."""
        for step in job:
            if not failed or "cancelled()" in step.get("if", ""):
                self.run_step(step, place, shard)

    def run_shards(self):
        steps = self.workflow["jobs"]["shard"]["steps"]
        at = next(i for i, step in enumerate(steps) if "run" in step)
        places = {i: self.workspace(f"machine-{i}") for i in self.shards}
        started = {
            i: self.shell(steps[at]["run"], places[i], self.environment(steps[at], i))
            for i in self.shards
        }
        self.ended = [self.finish(process) for process in started.values()]
        for i, done in zip(self.shards, self.ended):
            self.after(steps[at + 1 :], places[i], i, done.code != 0)

    def lose(self, shard):
        shutil.rmtree(self.artefacts / f"shard-{shard}")

    def verdict(self):
        steps = self.workflow["jobs"]["verdict"]["steps"]
        place = self.folder / "verdict"
        place.mkdir()
        at = next(i for i, step in enumerate(steps) if "run" in step)
        for step in steps[:at]:
            self.run_step(step, place, None)
        done = self.run_step(steps[at], place, None)
        self.after(steps[at + 1 :], place, None, done.code != 0)
        self.report = self.artefacts / "conformance-report"
        return done


class GitLab(Engine):
    def __init__(self, *args):
        super().__init__(*args)
        self.file = yaml.safe_load((TEMPLATES / "gitlab-ci.yml").read_text())
        self.store = self.folder / "store"
        self.store.mkdir()
        self.count = self.file["shard"]["parallel"]

    def environment(self, **more):
        engine = {"CI_PIPELINE_IID": "77", "CI_PIPELINE_SOURCE": "schedule", SECRET: self.key}
        env = {k: engine.get(v[1:], v) for k, v in self.file["variables"].items()}
        return {**env, **engine, **more, **self.override}

    def keep(self, job, place):
        for path in job["artifacts"]["paths"]:
            if (place / path).exists():
                shutil.copytree(place / path, self.store / path, dirs_exist_ok=True)

    def run_shards(self):
        job = self.file["shard"]
        places = [self.workspace(f"machine-{i}") for i in range(1, self.count + 1)]
        started = [
            self.shell("\n".join(job["script"]), place,
                       self.environment(CI_NODE_INDEX=str(i), CI_NODE_TOTAL=str(self.count)))
            for i, place in enumerate(places, 1)
        ]
        self.ended = [self.finish(process) for process in started]
        for place in places:
            self.keep(job, place)

    def lose(self, shard):
        (self.store / "shards" / f"shard-{shard}.json").unlink()

    def verdict(self):
        job = self.file["verdict"]
        place = self.workspace("verdict")
        if (self.store / "shards").exists():
            shutil.copytree(self.store / "shards", place / "shards")
        done = self.finish(self.shell("\n".join(job["script"]), place, self.environment()))
        self.report = place / Path(job["artifacts"]["reports"]["junit"]).parent
        return done


class Kubernetes(Engine):
    """Volumes are folders; what is mounted where is read from the template."""

    def __init__(self, *args):
        super().__init__(*args)
        documents = list(yaml.safe_load_all((TEMPLATES / "kubernetes.yaml").read_text()))
        self.objects = {(d["kind"], d["metadata"]["name"]): d for d in documents}
        self.job = self.objects["Job", "cvm-conformance-shards"]["spec"]
        self.volume = self.folder / "volume"
        self.volume.mkdir()
        self.wait_s = "600"  # for ever: every shard that ends says so

    def mount(self, pod, place):
        """Folder for each mount path."""
        folders = {}
        for volume in pod["volumes"]:
            if "persistentVolumeClaim" in volume:
                folders[volume["name"]] = self.volume
                continue
            folder = place / volume["name"]
            folder.mkdir(parents=True)
            folders[volume["name"]] = folder
            if "configMap" in volume:
                data = self.objects["ConfigMap", volume["configMap"]["name"]]["data"]
                assert list(data) == ["profile.json"]
                (folder / "profile.json").write_text(json.dumps(self.profile))
        return {m["mountPath"]: folders[m["name"]] for m in pod["containers"][0]["volumeMounts"]}

    def environment(self, container, mounts):
        env = {}
        for source in container.get("envFrom", []):
            env.update(self.objects["ConfigMap", source["configMapRef"]["name"]]["data"])
        env.update(self.override)
        for item in container["env"]:
            value = item.get("value", self.key)
            for path, folder in mounts.items():
                value = re.sub(rf"^{path}(?=/|$)", str(folder), value)
            env[item["name"]] = value
        return env

    def start_pod(self, job, place, **more):
        pod = job["template"]["spec"]
        (container,) = pod["containers"]
        mounts = self.mount(pod, place)
        self.env = {**self.environment(container, mounts), **more}
        shell, options, flag = container["command"]
        assert (shell, flag) == ("/bin/sh", "-c")
        (script,) = container["args"]
        return self.shell(script, place, self.env, options)

    def run_shards(self):
        started = [
            self.start_pod(self.job, self.folder / f"pod-{i}", JOB_COMPLETION_INDEX=str(i))
            for i in range(self.job["completions"])
        ]
        self.ended = [self.finish(process) for process in started]

    def lose(self, shard):
        (self.volume / self.env["RUN"] / f"shard-{shard}.json").unlink()
        self.wait_s = "1"

    def verdict(self):
        job = self.objects["Job", "cvm-conformance-verdict"]["spec"]
        done = self.finish(self.start_pod(job, self.folder / "pod-verdict", WAIT_S=self.wait_s))
        self.report = self.volume / self.env["RUN"]
        return done


ENGINES = (GitHub, GitLab, Kubernetes)


class Templates(house.Case):
    def engine(self, kind, *options, override=None, change=None):
        reference = self.enter(house.Reference("--operation-ms", "15", *options))
        profile = json.loads(json.dumps(reference.profile))
        if change:
            change(profile)
        profile["pixit"]["auth"]["value_from"] = {"env": SECRET}
        folder = self.folder / f"{kind.__name__}-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        return kind(folder, profile, reference.key, override or {})

    def each(self, *options, **keywords):
        for kind in ENGINES:
            with self.subTest(engine=kind.__name__):
                engine = self.engine(kind, *options, **keywords)
                engine.run_shards()
                yield engine

    def cases(self, engine, *options):
        path = self.folder / "listed.json"
        path.write_text(json.dumps(engine.profile))
        done = installed.call("list", "--json", "--profile", path, *options,
                              env={SECRET: engine.key})
        return sorted(case["id"] for case in json.loads(done.out))

    def reported(self, engine):
        tree = ElementTree.parse(engine.report / "junit.xml")
        return sorted(case.get("name") for case in tree.iter("testcase"))

    def test_a_conforming_server_opens_the_gate(self):
        for engine in self.each():
            self.assertEqual([done.code for done in engine.ended], [0] * 4, str(engine.ended[0]))
            done = engine.verdict()
            self.assertEqual(done.code, 0, str(done))
            self.assertEqual(self.reported(engine), self.cases(engine))
            for name in ("report.html", "results.json", "summary.md"):
                self.assertTrue((engine.report / name).is_file(), name)
            for path in engine.folder.rglob("*"):
                if path.is_file():
                    self.assertNotIn(engine.key, path.read_text(), path)

    def test_a_deviation_closes_it_and_the_reports_are_there(self):
        for engine in self.each("--deviation", "accepted-200"):
            self.assertEqual({done.code for done in engine.ended}, {0})  # the merge is to judge
            done = engine.verdict()
            self.assertEqual(done.code, 1, str(done))
            self.assertEqual(self.reported(engine), self.cases(engine))
            results = json.loads((engine.report / "results.json").read_text())
            self.assertEqual(results["summary"]["verdict"], "non-conforming")
            if isinstance(engine, GitHub):
                self.assertRegex(done.out, r"(?m)^::error file=")
                summary = (engine.folder / "step-summary").read_text()
                self.assertIn("non-conforming", summary)

    def test_a_lost_shard_closes_it(self):
        for engine in self.each():
            engine.lose(3)
            done = engine.verdict()
            self.assertNotIn(done.code, (0, 1), str(done))
            self.assertIn("shard 3 of 4 is missing", done.err)

    def test_all_but_one_shard_lost_closes_it(self):
        for engine in self.each():
            for shard in (2, 3, 4):
                engine.lose(shard)
            done = engine.verdict()
            self.assertNotIn(done.code, (0, 1), str(done))
            self.assertIn("is missing", done.err)

    def test_shards_that_could_not_start_close_it(self):
        for engine in self.each(change=lambda p: p["iut"].update(base_url="http://127.0.0.1:1")):
            self.assertNotIn(0, [done.code for done in engine.ended])
            self.assertNotIn(engine.verdict().code, (0, 1))

    def test_a_secret_that_got_into_the_results_stays_on_its_machine(self):
        def confess(profile):
            key = profile["pixit"]["auth"]["value_from"]["value"]
            profile["iut"]["name"] = f"mine {key}"

        for engine in self.each(change=confess):
            for done in engine.ended:
                self.assertEqual(done.code, 3, str(done))
                self.assertIn("results/results.json holds the credential", done.err)
            self.assertNotIn(engine.verdict().code, (0, 1))
            kept = {GitHub: "artefacts", GitLab: "store", Kubernetes: "volume"}[type(engine)]
            for path in (engine.folder / kept).rglob("*"):
                if path.is_file():
                    self.assertNotIn(engine.key, path.read_text(), path)

    def test_options_choose_cases_and_what_passes(self):
        """Patterns are the program's to expand, though a file of the checkout matches."""
        override = {
            "RUN_OPTIONS": "--case small.* --level must",
            "GATE_OPTIONS": "--fail-on must --min-cases 5",
        }
        for engine in self.each(override=override):
            done = engine.verdict()
            self.assertEqual(done.code, 0, str(done))
            self.assertEqual(self.reported(engine), self.cases(engine, "--level", "must"))

    def test_the_seed_is_the_runs(self):
        for engine in self.each(override={"RUN": "5"}):
            engine.verdict()
            results = json.loads((engine.report / "results.json").read_text())
            self.assertEqual(results["seed"], 5 if isinstance(engine, Kubernetes) else 77)

    def test_a_run_of_kubernetes_does_not_take_what_an_older_one_left(self):
        engine = self.engine(Kubernetes)
        engine.run_shards()
        again = engine.finish(
            engine.start_pod(engine.job, engine.folder / "again", JOB_COMPLETION_INDEX="0")
        )
        self.assertEqual(again.code, 2)
        self.assertIn("count RUN up", again.err)
        self.assertEqual(engine.verdict().code, 0)


class Whole(house.Case):
    """What is used whole: the action and the component, their commands as the engines run them."""

    def setUp(self):
        super().setUp()
        reference = self.enter(house.Reference("--operation-ms", "15", "--deviation",
                                               "accepted-200"))
        profile = json.loads(json.dumps(reference.profile))
        profile["pixit"]["auth"]["value_from"] = {"env": SECRET}
        self.engine = Engine(self.folder, profile, reference.key, {})
        self.place = self.engine.workspace("checkout")
        self.environment = {SECRET: reference.key}

    def shell(self, script, **environment):
        process = self.engine.shell(script, self.place, {**self.environment, **environment})
        return self.engine.finish(process)

    def test_the_action(self):
        build, certify = yaml.safe_load((TEMPLATES / "action.yml").read_text())["runs"]["steps"]
        source = self.folder / "source"
        (source / "reports" / "ci").mkdir(parents=True)
        for path, text in (("scripts/setup", "exit 0"),
                           ("scripts/build", "mkdir -p build/release && "
                            'ln -s "$(command -v "$2")" "build/$1/"')):
            (source / path).parent.mkdir(exist_ok=True)
            (source / path).write_text(f"#!/bin/sh\n{text}\n")
            (source / path).chmod(0o755)
        action = {"GITHUB_ACTION_PATH": str(source / "reports" / "ci"), "GITHUB_ACTIONS": "true",
                  "GITHUB_STEP_SUMMARY": str(self.folder / "page")}
        inputs = {"profile": "conformance/profile.json", "out": "reports",
                  "options": "--case small.* --level must"}
        env = {k: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda m: inputs[m[1]], v)
               for k, v in certify["env"].items()}
        done = self.shell(build["run"], **action)
        self.assertEqual(done.code, 0, str(done))
        done = self.shell(certify["run"], **action, **env)
        self.assertEqual(done.code, 1, str(done))
        self.assertRegex(done.out, r"(?m)^::error file=")
        self.assertIn("non-conforming", (self.folder / "page").read_text())
        self.assertTrue((self.place / "reports" / "report.html").is_file())

    def test_the_component(self):
        spec, jobs = yaml.safe_load_all((TEMPLATES / "gitlab-component.yml").read_text())
        inputs = {name: one["default"] for name, one in spec["spec"]["inputs"].items()}
        inputs["options"] = "--case small.* --level must"
        (job,) = jobs.values()
        env = {k: re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda m: inputs[m[1]], v)
               for k, v in job["variables"].items()}
        done = self.shell("\n".join(job["script"]), **env)
        self.assertEqual(done.code, 1, str(done))
        tree = ElementTree.parse(self.place / job["artifacts"]["reports"]["junit"])
        self.assertTrue(list(tree.iter("failure")))


if __name__ == "__main__":
    house.main()
