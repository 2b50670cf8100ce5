"""Other ways in which a conforming implementation may be: presets, timing, claims, hooks."""

import json
import sys

import house

SUITES = ("--suite", "accepted", "--suite", "partial", "--suite", "two-phase", "--level", "must")


class Ways(house.Case):
    def certify(self, change, *options, suites=SUITES):
        reference = self.enter(house.Reference("--operation-ms", "15", *options))
        profile = reference.write(self.folder, change)
        return self.run_suite("--profile", profile, *suites, expect=0)

    def test_reading_the_older_shape(self):
        def older(profile):
            profile["pixit"]["headers"]["X-Phala-Version"] = "2025-10-28"
            profile["pixit"]["observe"]["preset"] = "2025-10-28"

        self.certify(older)

    def test_operations_that_take_no_time(self):
        self.run_suite("--operation-ms", "0", expect=0)

    def test_phase_2_repeats_the_body(self):
        def repeat(profile):
            profile["pixit"]["phase2_body"] = "repeat"

        self.certify(repeat, suites=("--suite", "two-phase", "--level", "must"))

    def test_managed_cvms_only(self):
        def managed(profile):
            profile["pics"].update(contract_owned_kms=False, prepare_only=False, gpu_rental=False)
            profile["pixit"]["cvms"].update(contract_owned=[], gpu_rental=[])

        done = self.certify(managed, suites=("--suite", "accepted", "--suite", "two-phase"))
        self.assertIn("pics.contract_owned_kms=false", done.out)

    def test_a_field_without_values_costs_its_own_cases_only(self):
        def few(profile):
            for field in ("gpus", "image"):
                del profile["pixit"]["values"][field]

        reference = self.enter(house.Reference("--operation-ms", "15"))
        profile = reference.write(self.folder, few)
        done = self.run_suite("--profile", profile, "--suite", "partial", expect=3)
        self.assertIn("the profile lists no pixit.values.gpus", done.out)
        left = {i for i, v in self.verdicts().items() if v not in ("pass", "not_applicable")}
        self.assertTrue(left)
        cases = {case["id"]: json.dumps(case) for case in self.results()["cases"]}
        fields = ("pixit.values.gpus", "pixit.values.image")
        self.assertEqual([i for i in left if not any(f in cases[i] for f in fields)], [])
        self.assertIn("partial.omitted-unchanged[gpus]", left)

    def test_one_cvm_of_each_kind(self):
        def one(profile):
            cvms = profile["pixit"]["cvms"]
            cvms.update({kind: ids[:2] for kind, ids in cvms.items()})

        self.certify(one, suites=("--suite", "accepted", "--suite", "prepare", "--level", "must"))

    def test_hooks_that_are_commands(self):
        """A command gets its inputs as JSON and answers with JSON, relative to the profile."""
        hook = self.folder / "hook.py"
        hook.write_text(
            "import json, os, sys, urllib.request\n"
            "assert not any(os.path.exists(f'/proc/self/fd/{n}') for n in range(3, 100))\n"
            "given = json.load(sys.stdin)\n"
            "body = json.dumps({k: given[k] for k in ('app_id', 'compose_hash')}).encode()\n"
            "request = urllib.request.Request(sys.argv[1] + '/_chain/register', body,\n"
            "    {'Content-Type': 'application/json'})\n"
            "answer = json.load(urllib.request.urlopen(request, timeout=5))\n"
            "json.dump({'transaction_hash': answer['transaction_hash']}, sys.stdout)\n"
        )

        def by_command(profile):
            url = profile["iut"]["base_url"]
            command = [sys.executable, str(hook), url]
            profile["pixit"]["hooks"]["register-compose-hash"] = {"command": command}

        self.certify(by_command, suites=("--case", "two-phase.commit*", "--level", "must"))

    def test_a_missing_hook_is_named(self):
        def without(profile):
            del profile["pixit"]["hooks"]["register-compose-hash"]

        reference = self.enter(house.Reference())
        profile = reference.write(self.folder, without)
        done = self.run_suite("--profile", profile, "--requirement", "two-phase.commit", expect=3)
        self.assertIn("register-compose-hash", done.out)

    def test_a_failing_hook_is_our_trouble(self):
        def failing(profile):
            profile["pixit"]["hooks"]["register-compose-hash"] = {"command": ["/bin/false"]}

        reference = self.enter(house.Reference())
        profile = reference.write(self.folder, failing)
        self.run_suite("--profile", profile, "--case", "two-phase.commit*", expect=3)
        verdicts = set(self.verdicts().values())
        self.assertIn("error", verdicts)
        self.assertNotIn("fail", verdicts)

    def test_variants_are_conforming(self):
        listed = json.loads(house.call("serve", "--list-variants", "--json").out)
        self.assertGreater(len(listed), 10)
        for name in ("errors-under-detail", "json-charset", "loc-branch-tags", "first-error-only"):
            with self.subTest(name):
                self.run_suite("--variant", name, "--case", "accepted.*update-cvm*", "--case",
                               "validation.wrong-type*", "--case", "validation.*loc*", "--level",
                               "must", "--operation-ms", "15", expect=0)  # fmt: skip


if __name__ == "__main__":
    house.main()
