"""Verdicts that take looks, further tries or other CVMs come out again from the record alone."""

import json
import tempfile
from pathlib import Path

import bundles
import house
from test_gateway import Random

CASES = house.SOURCE / "cases"


def catalogue(folder, **kept):
    """A catalogue of a few requirements, with one case of each."""
    for name, case_id in kept.items():
        path = Path(name.replace("__", "/").replace("_", "-") + ".json")
        requirement = json.loads((CASES / path).read_text())
        requirement["cases"] = [c for c in requirement["cases"] if c["id"] == case_id]
        for case in requirement["cases"]:
            case.pop("also", None)
            case.pop("control", None)
            for other in ("shares", "from", "within"):
                case.pop(other, None)
            if isinstance(case.get("for_each"), list):
                case["for_each"] = case["for_each"][:1]
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(requirement, indent=1))
    (folder / "ledger.json").write_text((CASES / "ledger.json").read_text())


class JudgedAgain(house.Case):
    def certify(self, deviation, verdict, **kept):
        self.certify_with("--deviation", deviation, verdict=verdict, code=1, **kept)

    def certify_with(self, *args, verdict, code, **kept):
        with tempfile.TemporaryDirectory() as cases:
            catalogue(Path(cases), **kept)
            installed = bundles.Installed(Path(cases))
        self.addCleanup(installed.remove)
        done = installed.call("run", "--certify", "--out", self.out, *args)
        self.assertEqual(done.code, code, done)
        self.assertIn(verdict, {case["verdict"] for case in self.results()["cases"]}, done)
        self.assertTrue((self.out / "certificate").is_dir(), done)
        again = installed.verify(self.out / "certificate")
        # Nobody signed it: a passed one is consistent, and no more than that.
        self.assertEqual((again.code, again.err), (code or 4, ""), again)
        self.assertRegex(again.out, r"verdicts reached again from the transcripts, .* all the same")

    def test_a_queue(self):
        self.certify("conflict-waited-for", "fail", conflict__in_progress="conflict.in-progress",
                     conflict__single_winner="conflict.single-winner")
        looked = [step for case in self.results()["cases"] for step in case["steps"]
                  if "meanwhile" in step]
        self.assertTrue(looked)

    def test_a_lock_let_go_early_where_no_id_is_told(self):
        self.certify_with("--deviation", "accepted-text-body", "--deviation",
                          "conflict-lock-expires", "--operation-ms", "300", verdict="fail",
                          code=1, conflict__in_progress="conflict.in-progress")

    def test_operations_that_fail(self):
        self.certify("partial-operations-fail", "fail",
                     partial__present_applied="partial.present-applied")
        self.assertTrue(any("failed_on" in case for case in self.results()["cases"]))

    def test_a_value_that_comes_too_late(self):
        self.certify("partial-applied-late", "fail",
                     partial__present_applied="partial.present-applied")
        self.assertIn("ms later", self.results()["cases"][0]["failures"][-1]["actual"])

    def test_a_lock(self):
        self.certify("conflict-409-leaks-lock", "fail",
                     conflict__in_progress="conflict.in-progress",
                     conflict__after_refusal="conflict.after-refusal.401")

    def test_a_lock_that_nothing_shows(self):
        self.certify("conflict-400-hides-lock", "fail", script__empty_body="script.empty-body",
                     script__correlation_id="script.correlation-id",
                     partial__present_applied="partial.present-applied")
        self.assertIn(True, [case.get("seeks_lock") for case in self.results()["cases"]])

    def test_reads_that_failed_now_and_then(self):
        relay = Random(self.enter(house.Reference()))
        self.addCleanup(relay.close)
        relay.seed = 1
        profile = relay.reference.write(
            self.folder, lambda profile: profile["iut"].update(base_url=relay.base_url))
        self.certify_with("--profile", profile, verdict="pass", code=0,
                          conflict__in_progress="conflict.in-progress",
                          partial__omitted_unchanged="partial.omitted-unchanged",
                          partial__present_applied="partial.present-applied")
        failed = [step for case in self.results()["cases"] for step in case["steps"]
                  if step["response"] is None or step["response"]["status"] >= 500]
        self.assertTrue(failed)


if __name__ == "__main__":
    house.main(beside=4)
