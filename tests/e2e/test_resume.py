"""run --resume: one run in several pieces, with the reports of one."""

import json
import os
import signal

import house
from test_signals import without_reset

SUITES = ("--suite", "accepted", "--suite", "script")


def key(case):
    return case["id"], case["attempt"]


class Base(house.Case):
    def interrupt(self, *args, number=signal.SIGKILL, lines=20):
        """A run that ended early; the records that it left, as text by case and attempt."""
        process = house.start("run", "--out", self.out, *args)
        path = self.out / "results.ndjson"
        house.wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") > lines,
                         "results")
        os.kill(process.pid, number)
        house.finish(process)
        return {key(json.loads(line)): line for line in path.read_text().split("\n")[:-1]}

    def resume(self, *args, expect=0):
        done = house.call("run", "--resume", self.out, *args)
        self.assertEqual(done.code, expect, str(done))
        return done

    def whole(self, *args):
        other = self.folder / "whole"
        house.call("run", "--out", other, *args)
        return json.loads((other / "results.json").read_text())

    def check(self, before, *args):
        """All of the plan is there, once, and what was finished is as it was."""
        results, lines = self.results(), self.lines()
        keys = [key(case) for case in lines]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertIs(results["complete"], True)
        whole = self.whole(*args)
        self.assertEqual({key(c): c["verdict"] for c in results["cases"]},
                         {key(c): c["verdict"] for c in whole["cases"]})
        self.assertEqual(results["summary"]["cases"], whole["summary"]["cases"])
        self.assertEqual(results["seed"], whole["seed"])
        self.assertEqual(results["plan_sha256"], whole["plan_sha256"])
        after = {key(case): case for case in lines}
        kept = [k for k, line in before.items() if after[k] == json.loads(line)]
        self.assertGreater(len(kept), 10)
        self.assertLessEqual(results["started_at"],
                             min(case["started_at"] for case in results["cases"]))
        return kept


class Resumed(Base):
    @staticmethod
    def standing(before):
        """Those whose records do not rest on what a case did that had not been recorded yet."""
        cases = [json.loads(line) for line in before.values()]
        done = {case["id"] for case in cases}
        return [case for case in cases if not case.get("shares") or case["shares"] in done]

    def test_after_sigkill(self):
        before = self.interrupt(*SUITES, "--seed", "7")
        self.resume()
        kept = self.check(before, *SUITES, "--seed", "7")
        self.assertEqual(len(kept), len(self.standing(before)))

    def test_after_a_signal(self):
        before = self.interrupt(*SUITES, number=signal.SIGTERM)
        self.resume()
        self.check(before, *SUITES)

    def test_twice(self):
        before = self.interrupt(*SUITES)
        process = house.start("run", "--resume", self.out)
        path = self.out / "results.ndjson"
        house.wait_until(lambda: path.read_bytes().count(b"\n") > len(before) + 10, "more results")
        process.kill()
        house.finish(process)
        self.resume()
        self.check(before, *SUITES)

    def test_a_torn_line_and_a_foreign_one_are_left_out(self):
        before = self.interrupt(*SUITES)
        path = self.out / "results.ndjson"
        text = path.read_text()
        other = json.loads(text.partition("\n")[0])
        other["id"] = "somebody.else"
        path.write_text(text + json.dumps(other) + "\n" + text.partition("\n")[0][:200])
        self.resume()
        self.check(before, *SUITES)

    def test_with_repeat_shuffle_and_a_shard(self):
        options = (*SUITES, "--repeat", "2", "--shuffle", "--seed", "3", "--shard", "1/2")
        before = self.interrupt(*options)
        self.resume()
        self.check(before, *options)
        self.assertEqual(self.results()["shard"], {"index": 1, "count": 2})

    def test_a_run_that_was_finished_is_only_told_again(self):
        self.run_suite("--suite", "accepted", expect=0)
        lines = self.lines()
        done = self.resume()
        self.assertEqual(self.lines(), lines)
        self.assertIn("conforming", done.out)

    def test_failures_found_before_count(self):
        deviant = (*SUITES, "--deviation", "accepted-correlation-id-empty")
        before = self.interrupt(*deviant)
        self.resume(expect=1)
        self.check(before, *deviant)

    def test_of_a_server_from_another_directory(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        state = reference.state()
        reference.write(self.folder, without_reset)
        self.interrupt_in(self.folder, "--profile", "profile.json", *SUITES)
        done = self.resume()
        self.assertIn("put back first", done.err)
        self.assertEqual(reference.state(), state)
        self.assertIs(self.results()["complete"], True)

    def interrupt_in(self, folder, *args):
        process = house.start("run", "--out", self.out, *args, cwd=folder)
        path = self.out / "results.ndjson"
        house.wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") > 20, "results")
        process.kill()
        house.finish(process)


class Refused(Base):
    def refuse(self, *args, told):
        before = (self.out / "results.ndjson").read_bytes()
        done = self.resume(*args, expect=2)
        self.assertIn(told, done.err)
        self.assertEqual((self.out / "results.ndjson").read_bytes(), before)

    def test_other_options(self):
        self.interrupt(*SUITES)
        self.refuse("--seed", "2", told="--seed cannot be given")

    def test_another_profile(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        profile = reference.write(self.folder)
        self.interrupt(*SUITES, "--profile", profile)
        reference.write(self.folder, lambda p: p["iut"].update(version="another"))
        self.refuse(told="the profile is not the one")

    def test_other_cases(self):
        cases = self.folder / "cases"
        cases.mkdir()
        self.interrupt(*SUITES, "--cases", cases)
        path = self.out / "run.json"
        run = json.loads(path.read_text())
        run["catalogue_sha256"] = "0" * 64
        path.write_text(json.dumps(run))
        self.refuse(told="the catalogue of cases is not the one")

    def test_a_certificate(self):
        self.interrupt("--certify")
        self.refuse(told="a certificate is of a run that went undisturbed")

    def test_a_folder_without_a_run(self):
        self.out.mkdir()
        done = self.resume(expect=2)
        self.assertIn("run.json", done.err)
        self.assertEqual(list(self.out.iterdir()), [])


if __name__ == "__main__":
    house.main()
