"""What a run changes is put back, if need be later, from what its folder keeps."""

import json
import os
import signal
import stat
import time
import urllib.request

import between
import house
from test_signals import without_reset


HIDDEN_BY = "partial.present-applied[public_logs]"


def with_key_in_environment(profile):
    without_reset(profile)
    profile["pixit"]["auth"]["value_from"] = {"env": "LEFT_TEST_KEY"}


def gone(group):
    """Whether no process of the group is left, which would still hold the folder."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


class Case(house.Case):
    def setUp(self):
        super().setUp()
        self.snapshots = self.out / "snapshots.json"

    def serve(self, *options):
        reference = self.enter(house.Reference("--operation-ms", "15", *options))
        self.key = {"LEFT_TEST_KEY": reference.key}
        return reference

    def kill_a_run(self, reference, *args, change=with_key_in_environment):
        """A run that is killed in the middle; its profile."""
        profile = reference.write(self.folder, change)
        lines = self.out / "results.ndjson"
        lines.unlink(missing_ok=True)
        process = house.start("run", "--out", self.out, "--profile", profile, *args, env=self.key)
        house.wait_until(lambda: lines.exists() and lines.read_bytes().count(b"\n") > 40, "results")
        os.killpg(process.pid, signal.SIGKILL)
        house.finish(process)
        return profile

    def restore(self, *args, expect, env=None):
        done = house.call("restore", self.out, *args, env=self.key if env is None else env)
        self.assertEqual(done.code, expect, str(done))
        return done


class Unreadable(between.Between):
    """Shows a CVM as bytes that are no JSON from an update of public_logs alone to the next."""

    def __init__(self, reference):
        super().__init__(reference)
        self.hidden = set()

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH" and status == 202:
            alone = list(json.loads(sent)) == ["public_logs"]
            (self.hidden.add if alone else self.hidden.discard)(path)
        if method == "GET" and path in self.hidden:
            return status, headers, b'{"name": "\xff"}'
        return status, headers, body


class AfterACase(between.Case):
    def test_a_cvm_that_shows_nothing_any_more_is_put_back_all_the_same(self):
        def one_of_a_kind(profile):
            without_reset(profile)
            profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]
            profile["pixit"]["timing"]["read_timeout_ms"] = 300

        self.run_behind(Unreadable, "--case", HIDDEN_BY,
                        "--case", "partial.omitted-unchanged[vcpu]",
                        expect=3, change=one_of_a_kind)
        self.assertEqual(self.case(HIDDEN_BY)["verdict"], "inconclusive")
        self.assertEqual(self.case("partial.omitted-unchanged[vcpu]")["verdict"], "pass")
        self.assertFalse((self.out / "snapshots.json").exists())


class AfterAKill(Case):
    def test_folder_and_credential_are_enough(self):
        reference = self.serve()
        before = reference.state()
        profile = self.kill_a_run(reference)
        self.assertNotEqual(reference.state(), before)
        profile.unlink()
        done = self.restore(expect=0)
        self.assertEqual(reference.state(), before)
        self.assertFalse(self.snapshots.exists())
        for cvm in before:
            self.assertIn(f"CVM {cvm} is as it was", done.out)
        self.assertIn("nothing to be put back", self.restore(expect=0).out)

    def test_the_file_is_for_its_owner_and_holds_no_secret(self):
        reference = self.serve()
        self.kill_a_run(reference)
        self.assertEqual(stat.S_IMODE(self.snapshots.stat().st_mode), 0o600)
        self.assertNotIn(reference.key, self.snapshots.read_text())

    def test_a_credential_of_the_profile_itself_has_to_be_given(self):
        reference = self.serve()
        before = reference.state()
        profile = self.kill_a_run(reference, change=without_reset)
        self.assertNotIn(reference.key, self.snapshots.read_text())
        moved = profile.rename(self.folder / "moved.json")
        self.assertIn("API_KEY", self.restore(expect=2, env={}).err)
        self.restore("--profile", moved, expect=0, env={})
        self.assertEqual(reference.state(), before)
        profile = self.kill_a_run(reference, change=without_reset)
        text = profile.read_text()
        profile.write_text(text.replace('"timing"', '"phase2_body": "repeat", "timing"'))
        self.restore(expect=2, env={})
        self.restore(expect=0, env={"API_KEY": reference.key})
        self.assertEqual(reference.state(), before)
        self.kill_a_run(reference, change=without_reset)
        self.restore(expect=0, env={})  # from where it was
        self.assertEqual(reference.state(), before)

    def test_the_next_run_says_so_and_does_it_first(self):
        reference = self.serve()
        before = reference.state()
        profile = self.kill_a_run(reference)
        done = self.run_suite("--profile", profile, "--suite", "accepted", env=self.key, expect=0)
        self.assertIn("put back first", done.err)
        self.assertEqual(reference.state(), before)
        self.assertFalse(self.snapshots.exists())

    def test_the_next_run_in_another_folder_too(self):
        reference = self.serve()
        before = reference.state()
        profile = self.kill_a_run(reference)
        killed = self.snapshots
        self.out = self.folder / "other"
        done = self.run_suite("--profile", profile, "--suite", "accepted", env=self.key, expect=0)
        self.assertIn("put back first", done.err)
        self.assertEqual(reference.state(), before)
        self.assertFalse(killed.exists())

    def test_a_run_of_another_profile_does_it_first_too(self):
        reference = self.serve()
        before = reference.state()
        self.kill_a_run(reference)
        done = self.run_suite("--suite", "accepted", env=self.key, expect=0)
        self.assertIn("put back first", done.err)
        self.assertEqual(reference.state(), before)
        self.kill_a_run(reference)
        done = self.run_suite("--suite", "accepted", env={}, expect=2)
        self.assertIn("cvm-conformance restore", done.err)
        self.assertTrue(self.snapshots.exists())

    def test_an_operation_that_still_runs_is_waited_for(self):
        reference = self.enter(house.Reference("--operation-ms", "1500"))
        self.key = {"LEFT_TEST_KEY": reference.key}
        before = reference.state()
        profile = reference.write(self.folder, with_key_in_environment)
        process = house.start("run", "--out", self.out, "--profile", profile, "--case",
                              "accepted.*", env=self.key)
        house.wait_until(lambda: self.snapshots.exists() and reference.state() != before,
                         "an operation")
        os.killpg(process.pid, signal.SIGKILL)
        house.finish(process)
        self.restore(expect=0)
        self.assertEqual(reference.state(), before)

    def test_a_fault_that_the_run_began_is_ended_first(self):
        """With the chain away no contract-owned CVM takes its script back."""
        reference = self.serve()
        before = reference.state()
        self.kill_a_run(reference, "--suite", "script")
        hook = reference.profile["pixit"]["hooks"]["break-chain"]["http"]
        url = hook["url"].replace("{base_url}", reference.base_url)
        urllib.request.urlopen(urllib.request.Request(url, method=hook["method"]), timeout=10)
        self.restore(expect=0)
        self.assertEqual(reference.state(), before)

    def test_a_restore_that_is_killed_is_repeated(self):
        reference = self.serve()
        before = reference.state()
        self.kill_a_run(reference)
        for pause in (0.0, 0.03, 0.06, 0.1):
            process = house.start("restore", self.out, env=self.key)
            time.sleep(pause)
            os.killpg(process.pid, signal.SIGKILL)
            house.finish(process)
            house.wait_until(lambda: gone(process.pid), "the end of all that it forked")
        # What keeps a hook has a group of its own, and holds the folder until it sees the end.
        house.wait_until(lambda: not self.in_use(), "the folder")
        self.assertEqual(reference.state(), before)

    def in_use(self):
        done = house.call("restore", self.out, env=self.key)
        if "is in use by another run" in done.err:
            return True
        self.assertEqual(done.code, 0, str(done))
        return False

    def test_a_second_signal_keeps_the_snapshots(self):
        reference = self.enter(house.Reference("--operation-ms", "5000"))
        self.key = {"LEFT_TEST_KEY": reference.key}
        profile = reference.write(self.folder, with_key_in_environment)
        process = house.start("run", "--out", self.out, "--profile", profile, env=self.key)
        house.wait_until(self.snapshots.exists, "snapshots")
        for _ in range(2):
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
        done = house.finish(process, 30)
        self.assertEqual(done.code, 128 + signal.SIGTERM, str(done))
        self.assertTrue(self.snapshots.exists())
        self.assertIn("cvm-conformance restore", done.err)

    def test_a_run_that_ends_leaves_none(self):
        reference = self.serve()
        profile = reference.write(self.folder, with_key_in_environment)
        self.run_suite("--profile", profile, "--suite", "accepted", env=self.key, expect=0)
        self.assertFalse(self.snapshots.exists())

    def test_nothing_is_changed_where_they_cannot_be_kept(self):
        reference = self.serve()
        before = reference.state()
        self.snapshots.mkdir(parents=True)
        (self.snapshots / "in-the-way").touch()
        profile = reference.write(self.folder, with_key_in_environment)
        self.run_suite("--profile", profile, "--suite", "accepted", env=self.key, expect=2)
        self.assertEqual(reference.state(), before)

    def test_another_server_with_cvms_of_the_same_names_does_not_end_the_matter(self):
        reference = self.serve()
        before = reference.state()
        self.kill_a_run(reference)
        other = self.enter(house.Reference())
        profile = other.write(self.folder, without_reset, "other.json")
        done = self.restore("--profile", profile, expect=3)
        self.assertIn(f"nothing had to be put back at {other.profile['iut']['base_url']}", done.err)
        self.restore(expect=0)
        self.assertEqual(reference.state(), before)

    def test_a_server_that_has_moved_is_put_back(self):
        reference = self.serve()
        before = reference.state()
        self.kill_a_run(reference)
        relay = between.Between(reference)
        self.addCleanup(relay.close)

        def moved(profile):
            without_reset(profile)
            profile["iut"]["base_url"] = relay.base_url

        self.restore("--profile", reference.write(self.folder, moved, "moved.json"), expect=0)
        self.assertEqual(reference.state(), before)
        self.assertIn("nothing to be put back", self.restore(expect=0).out)

    def test_snapshots_of_nothing_are_no_proof_that_all_is_back(self):
        reference = self.serve()
        self.kill_a_run(reference)
        whole = json.loads(self.snapshots.read_text())
        for cvms in (5, None, {}, []):
            self.snapshots.write_text(json.dumps({**whole, "cvms": cvms}))
            self.assertIn("no CVM", self.restore(expect=2).err)
        self.snapshots.write_text(json.dumps(whole))
        self.restore(expect=0)

    def test_snapshots_of_more_values_than_fit_into_memory_are_refused_before_they_are_built(self):
        reference = self.serve()
        self.kill_a_run(reference)
        whole = self.snapshots.read_text()
        head, _, _ = whole.partition('"cvms":[')
        self.snapshots.write_text(head + '"cvms":[' + "0," * (50 << 20) + "0]}")
        self.assertIn("more than 1048576 values", self.restore(expect=2).err)
        self.snapshots.write_text(whole)
        self.restore(expect=0)

    def test_a_folder_of_no_run_is_refused(self):
        self.out.mkdir()
        self.key = {}
        self.assertIn("not the folder of a run", self.restore(expect=2).err)


class Stubborn(between.Between):
    """Takes a field (refused) no more once it is told to; reads another (unread) as something
    else."""

    refused = None
    unread = None
    gone = None
    busy = None  # updates of this CVM, answered 409: their bodies
    stubborn = False

    def request(self, method, path, headers, body):
        if self.busy is not None and method == "PATCH" and self.stubborn and self.cvm in path:
            self.busy.append(body)
            return between.as_json(409, {"detail": "busy"})
        if self.gone and self.stubborn and self.gone in path:
            return between.as_json(404, {"detail": "no such CVM"})
        if method == "PATCH" and self.refused and self.stubborn and "pre-launch" not in path:
            try:
                named = self.refused in json.loads(body)
            except (ValueError, TypeError):
                named = False
            if named:
                return between.as_json(422, {"detail": [
                    {"type": "x", "loc": ["body", self.refused], "msg": "no", "input": None}]})
        return None

    def answer(self, method, path, sent, status, headers, body):
        if method == "GET" and self.unread and path.endswith(self.unread):
            return between.as_json(503, {"detail": "not today"})
        return status, headers, body


class WhatStays(Case):
    def start_behind(self, *args, **given):
        reference = self.serve()
        relay = Stubborn(reference)
        self.addCleanup(relay.close)
        for name, value in given.items():
            setattr(relay, name, value)

        def change(profile):
            with_key_in_environment(profile)
            profile["iut"]["base_url"] = relay.base_url

        return reference, relay, change

    def differing(self, before, after):
        return {name for cvm in before for name in before[cvm][0]
                if before[cvm][0][name] != after[cvm][0][name]}

    def test_a_field_that_is_refused_keeps_no_other_back(self):
        reference, relay, change = self.start_behind(refused="user_config")
        before = reference.state()
        self.kill_a_run(reference, change=change)
        relay.stubborn = True
        done = self.restore(expect=3)
        self.assertLessEqual(self.differing(before, reference.state()) - {"operations"},
                             {"user_config"})
        self.assertRegex(done.out, r"CVM \S+: user_config is as the run left it: .*422")
        self.assertNotRegex(done.out, r"CVM \S+: (vcpu|memory|public_logs)")
        relay.stubborn = False
        self.restore(expect=0)
        self.assertEqual(reference.state(), before)

    def test_a_cvm_that_says_it_is_busy_is_waited_for_once(self):
        reference, relay, change = self.start_behind(busy=[])
        before = reference.state()

        def hasty(profile):
            change(profile)
            profile["pixit"]["timing"]["settle_timeout_ms"] = 1000

        self.kill_a_run(reference, change=hasty)
        after = reference.state()
        relay.cvm = max(before, key=lambda cvm: len(self.differing(
            {cvm: before[cvm]}, {cvm: after[cvm]}) - {"operations"}))
        relay.stubborn = True
        done = self.restore(expect=3)
        self.assertRegex(done.out, rf"CVM {relay.cvm}: \w+ is as the run left it: .*409")
        again = [body for body in set(relay.busy) if relay.busy.count(body) > 2]
        self.assertLessEqual(len(again), 1)  # twice is once in each round
        relay.stubborn = False
        self.restore(expect=0)
        self.assertEqual(reference.state(), before)

    def test_every_report_names_it(self):
        reference, relay, change = self.start_behind(refused="user_config")
        profile = reference.write(self.folder, change)
        process = house.start("run", "--out", self.out, "--profile", profile, "--suite", "accepted",
                              env=self.key)
        lines = self.out / "results.ndjson"
        house.wait_until(lambda: lines.exists() and lines.read_bytes().count(b"\n") > 10, "results")
        relay.stubborn = True
        process.send_signal(signal.SIGTERM)
        done = house.finish(process)
        told = r"CVM \S+: user_config is as the run left it"
        self.assertRegex(done.err, told)
        self.assertRegex(done.out, told)
        self.assertRegex("\n".join(self.results()["left"]), told)
        for name in ("summary.md", "report.html", "junit.xml"):
            self.assertRegex((self.out / name).read_text(), told, name)
        self.assertTrue(self.snapshots.exists())
        # The next run does not take that state for the original.
        house.call("run", "--out", self.out, "--profile", profile, "--suite", "accepted", "--case",
                   "accepted.status*", env=self.key)
        kept = json.loads(self.snapshots.read_text())["cvms"]
        for cvm in kept:
            self.assertNotIn("preflight", cvm["snapshot"]["values"]["user_config"] or "")

    def test_a_field_that_was_never_read_is_named(self):
        reference, _, change = self.start_behind(unread="/user_config")
        profile = reference.write(self.folder, change)
        house.call("run", "--out", self.out, "--profile", profile, "--suite", "accepted", "--case",
                   "accepted.status*", env=self.key)
        self.assertRegex("\n".join(self.results()["left"]),
                         r"CVM \S+: user_config is as the run left it: it could not be read before")
        self.assertFalse(self.snapshots.exists(), "nothing that could be put back is left")

    def test_a_cvm_that_is_gone_is_named_and_can_be_forgotten(self):
        reference, relay, change = self.start_behind()
        before = reference.state()
        self.kill_a_run(reference, change=change)
        relay.gone = sorted(before)[0]
        relay.stubborn = True
        done = self.restore(expect=3)
        self.assertRegex(done.out, rf"CVM {relay.gone} .*: it is gone: GET \S+ answered 404")
        after = reference.state()
        for cvm in before:
            if cvm != relay.gone:
                self.assertEqual(after[cvm], before[cvm])
        self.restore("--forget", relay.gone, expect=0)
        self.assertFalse(self.snapshots.exists())


if __name__ == "__main__":
    house.main()
