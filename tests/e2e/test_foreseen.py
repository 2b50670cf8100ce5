"""What a profile lacks is told before the run: list and --dry-run foresee what ends undecided.

The profiles are that of the reference implementation with one thing missing each. Foreseen are
exactly the cases that end inconclusive, or not applicable, in the run itself, but for what nobody
can tell from a profile: AT_RUN_TIME. CF_FORESEEN=all tries all profiles, CF_FORESEEN=NAME,NAME
those; else a few are tried.
"""

import json
import os
import re

import house

FIELDS = (
    "docker_compose_file", "pre_launch_script", "allowed_envs", "public_logs", "public_sysinfo",
    "public_tcbinfo", "encrypted_env", "user_config", "gpus", "vcpu", "memory", "disk_size",
    "image", "shutdown_timeout", "allow_force_stop",
)  # fmt: skip
LISTED = ("encrypted_env", "gpus", "vcpu", "memory", "disk_size", "image")
CHOSEN = os.environ.get("CF_FORESEEN", "no-gpus,no-foreign,hidden-and-unlisted,no-hooks")
# Reasons that only the server gives: what it shows of its app-compose, how far a field has come,
# whether its operation outlasted the next request.
AT_RUN_TIME = re.compile("app-compose|are used up|its value is (not )?there|operation was over")


def without_values(*names):
    def change(profile):
        for name in names:
            profile["pixit"]["values"].pop(name, None)
    return change


def hidden(name, listed=True):
    def change(profile):
        profile["pixit"]["observe"]["fields"][name] = None
        if not listed:
            profile["pixit"]["values"].pop(name, None)
    return change


def first_of(kind, count):
    def change(profile):
        ids = profile["pixit"]["cvms"]
        ids[kind] = ids[kind][:count]
    return change


def all_of(*changes):
    def change(profile):
        for one in changes:
            one(profile)
    return change


def no_hooks(profile):
    del profile["pixit"]["hooks"]


def empty(*names):
    def change(profile):
        for name in names:
            profile["pixit"]["values"][name] = []
    return change


def nowhere(profile):
    """A preset that knows no place for gpus, and no other place for anything."""
    profile["pixit"]["observe"] = {"preset": "2025-10-28"}
    profile["pixit"]["headers"]["X-Phala-Version"] = "2025-10-28"


PROFILES = {
    "no-gpus": without_values("gpus"),
    "no-values": without_values(*LISTED),
    "empty-values": empty(*LISTED),
    "no-foreign": first_of("foreign", 0),
    "no-unknown": first_of("unknown", 0),
    "no-gpu-rental": first_of("gpu_rental", 0),
    "no-hooks": no_hooks,
    "no-register": lambda p: p["pixit"]["hooks"].pop("register-compose-hash"),
    "no-expire": lambda p: p["pixit"]["hooks"].pop("expire-compose-hash"),
    "hashes-outlive-runs": lambda p: p["pics"].update(hashes_outlive_runs=True),
    "one-managed": first_of("managed", 1),
    "one-contract-owned": first_of("contract_owned", 1),
    "no-contract-owned": first_of("contract_owned", 0),
    "no-managed": first_of("managed", 0),
    "one-cvm": all_of(first_of("managed", 1), first_of("contract_owned", 0)),
    "nowhere": nowhere,
    "hidden-and-unlisted": all_of(*(hidden(name, listed=False) for name in LISTED)),
    "hidden-and-empty": all_of(*(hidden(name) for name in LISTED), empty(*LISTED)),
    **{f"hidden-{name}": hidden(name) for name in FIELDS},
    **{f"unlisted-{name}": hidden(name, listed=False) for name in LISTED},
}  # fmt: skip


class Foreseen(house.Case):
    def undecided(self):
        return {c["id"]: (c["verdict"], c["reason"]) for c in self.results()["cases"]
                if c["verdict"] in ("inconclusive", "not-applicable")}

    def foreseen(self, path):
        listed = house.call("list", "--json", "--profile", path)
        self.assertEqual(listed.code, 0, str(listed))
        return {c["id"]: (c["applicability"], c["reason"]) for c in json.loads(listed.out)
                if c["applicability"] != "applicable"}

    def difference(self, change):
        """Cases of which list and run say different things: what each says."""
        with house.Reference("--operation-ms", "15") as server:
            path = server.write(self.folder, change)
            before = self.foreseen(path)
            self.done = house.call("run", "--profile", path, "--out", self.out, "--report", "json",
                                   limit_s=300)
        after = self.undecided()
        different = {}
        for case in sorted({*before, *after}):
            was, now = before.get(case, ("applicable", "")), after.get(case, ("judged", ""))
            if was[0] != now[0] and not AT_RUN_TIME.search(now[1]):
                different[case] = (was, now)
        return different

    def test_list_and_run_agree(self):
        names = list(PROFILES) if CHOSEN == "all" else CHOSEN.split(",")
        for name in names:
            with self.subTest(name):
                different = self.difference(PROFILES[name])
                self.assertEqual(different, {}, f"{name}: {len(different)} differ")
                self.assertNotIn(self.done.code, (1, 2), f"{name}: {self.done}")



class Told(house.Case):
    """What a newcomer reads before anything is sent."""

    EXIT = ("will end with exit code 3 unless something fails: 3 must requirements cannot be "
            "judged, for\n  needs 1 of pixit.cvms.foreign, the profile lists 0: "
            "auth.foreign-cvm, conflict.after-refusal, script.shared-status-codes\n")

    def said(self, change, *words):
        with house.Reference() as server:
            path = server.write(self.folder, change)
            done = house.call(*words, "--profile", path)
        self.assertEqual(done.code, 0, str(done))
        return done.out

    def test_check_says_how_a_run_will_end(self):
        self.assertIn(f"a run of everything {self.EXIT}",
                      self.said(first_of("foreign", 0), "check"))
        self.assertNotIn("exit code", self.said(lambda profile: None, "check"))

    def test_a_dry_run_says_how_the_run_will_end(self):
        dry = ("run", "--dry-run")
        without = first_of("foreign", 0)
        self.assertIn(f"This run {self.EXIT}", self.said(without, *dry))
        for words in (("--allow-inconclusive",), ("--suite", "partial")):
            self.assertNotIn("exit code", self.said(without, *dry, *words))
        self.assertNotIn("exit code", self.said(lambda profile: None, *dry))

    def test_a_dry_run_is_short_and_begins_with_the_cost(self):
        short = self.said(first_of("foreign", 0), "run", "--dry-run")
        self.assertLess(len(short.splitlines()), 40, short)
        self.assertRegex(short, r"\A\d+ cases, \d+ operations, about \d+ requests")
        self.assertIn("needs 1 of pixit.cvms.foreign, the profile lists 0 (13), for example\n"
                      "    auth.before-validation.foreign-cvm[update-cvm]\n", short)
        whole = self.said(first_of("foreign", 0), "run", "--dry-run", "--verbose")
        self.assertEqual(whole.count("\nrun  ") + whole.count("\ninconclusive  ") +
                         whole.count("\nnot-applicable "),
                         len(json.loads(house.call("list", "--json").out)))

    def test_a_time_that_nobody_measured_is_said_to_be_assumed(self):
        def unknown(profile):
            del profile["pixit"]["timing"]["operation_ms"]

        self.assertIn("assuming 30 s to 3 min 00 s an operation, for no pixit.timing.operation_ms "
                      "says it, ", self.said(unknown, "run", "--dry-run"))
        self.assertNotIn("assuming", self.said(lambda profile: None, "run", "--dry-run"))

    def test_putting_back_is_announced_with_how_long_it_may_take(self):
        with house.Reference("--operation-ms", "15") as server:
            path = server.write(self.folder, lambda profile: profile["pixit"]["timing"].update(
                settle_timeout_ms=61000))
            words = ("--profile", path, "--case", "accepted.status-202.field?vcpu?")
            done = self.run_suite(*words, expect=0)
            quiet = self.run_suite(*words, "--quiet", expect=0)
        self.assertRegex(done.err, r"putting back \d CVMs?; what runs on one is waited for, at "
                         r"most 1 min 01 s each \(pixit.timing.settle_timeout_ms\)\n")
        self.assertNotIn("putting back", quiet.err)


if __name__ == "__main__":
    house.main()
