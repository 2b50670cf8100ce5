"""Choosing cases, and running them in other orders: what runs, and that verdicts do not care."""

import json

import house

SMALL = ("--case", "accepted.*update-cvm*", "--operation-ms", "15")


class Selection(house.Case):
    def planned(self, *args):
        done = house.call("run", "--dry-run", "--verbose", *args, cwd=self.folder)
        self.assertEqual(done.code, 0, str(done))
        words = [line.split() for line in done.out.splitlines()]
        planned = ("run", "not-applicable", "inconclusive")
        return [word[1].rstrip(":") for word in words if word[0] in planned]

    def test_dry_run_sends_nothing(self):
        with house.Hostile("ok") as server:
            profile = house.plain_profile(f"http://127.0.0.1:{server.port}")
            path = self.folder / "profile.json"
            path.write_text(json.dumps(profile))
            done = self.run_suite("--dry-run", "--profile", path, expect=0)
        self.assertEqual(server.seen["connections"], 0)
        self.assertIn("nothing was sent", done.out)
        self.assertFalse(self.out.exists())

    def test_dry_run_names_what_runs(self):
        self.run_suite(*SMALL, expect=0)
        self.assertEqual(sorted(self.planned(*SMALL)), sorted(self.verdicts()))

    def test_filters_narrow_together(self):
        ids = self.planned("--suite", "partial", "--case", "*vcpu*", "--level", "must")
        self.assertTrue(ids)
        for name in ids:
            self.assertTrue(name.startswith("partial.") and "vcpu" in name, name)

    def test_a_control_comes_along(self):
        """A refusal proves nothing without its accepted twin."""
        cases = json.loads(house.call("list", "--json").out)
        show = next(
            (c["id"] for c in cases if "control" in house.call("show", c["id"]).out.lower()), None
        )
        self.assertIsNotNone(show, "no case has a control")
        ids = self.planned("--case", show.replace("[", "?").replace("]", "?"))
        self.assertGreater(len(ids), 1)

    def test_shards_partition_the_plan(self):
        whole = self.planned("--suite", "two-phase")
        parts = [self.planned("--suite", "two-phase", "--shard", f"{i}/3") for i in (1, 2, 3)]
        self.assertEqual(sorted(sum(parts, [])), sorted(whole))
        self.assertTrue(all(parts))
        self.assertEqual(parts[0], self.planned("--suite", "two-phase", "--shard", "1/3"))

    def test_shuffle_is_an_order_of_the_seed(self):
        orders = {
            seed: self.planned("--suite", "partial", "--shuffle", "--seed", seed)
            for seed in ("1", "2")
        }
        straight = self.planned("--suite", "partial")
        self.assertNotEqual(orders["1"], straight)
        self.assertNotEqual(orders["1"], orders["2"])
        self.assertEqual(sorted(orders["1"]), sorted(straight))
        again = self.planned("--suite", "partial", "--shuffle", "--seed", "1")
        self.assertEqual(orders["1"], again)

    def test_order_seed_and_jobs_do_not_change_verdicts(self):
        suites = ("--case", "accepted.status-202*", "--case", "partial.present-applied*",
                  "--operation-ms", "15")  # fmt: skip
        bug = ("--deviation", "partial-user-config-ignored")
        self.run_suite(*suites, *bug, expect=1)
        verdicts = self.verdicts()
        self.assertIn("fail", verdicts.values())
        for more in (("--jobs", "1", "--operation-ms", "2"), ("--jobs", "16", "--seed", "77"),
                     ("--shuffle", "--seed", "3")):
            with self.subTest(" ".join(more)):
                self.run_suite(*suites, *bug, *more, expect=1)
                self.assertEqual(self.verdicts(), verdicts)

    def test_reports_are_in_catalogue_order_whatever_the_order_of_running(self):
        self.run_suite(*SMALL, expect=0)
        straight = [case["id"] for case in self.results()["cases"]]
        self.run_suite(*SMALL, "--shuffle", "--seed", "9", "--jobs", "7", expect=0)
        self.assertEqual([case["id"] for case in self.results()["cases"]], straight)

    def test_fail_fast_stops(self):
        done = self.run_suite(
            "--suite", "accepted", "--suite", "partial", "--level", "must", "--jobs", "1",
            "--fail-fast", "--deviation", "accepted-200", expect=1,
        )
        planned = self.planned("--suite", "accepted", "--suite", "partial", "--level", "must")
        verdicts = self.verdicts()
        self.assertLess(len(verdicts), len(planned) // 2, str(done))
        self.assertIs(self.results()["complete"], False)

    def test_repeat_runs_each_case_again(self):
        self.run_suite("--case", "accepted.status-202*-*", "--repeat", "3", "--operation-ms", "15",
                       expect=0)
        attempts = sorted((c["id"], c["attempt"]) for c in self.lines())
        ids = sorted({name for name, _ in attempts})
        self.assertEqual(attempts, [(name, n) for name in ids for n in (1, 2, 3)])

    def test_min_cases(self):
        count = len(self.planned(*SMALL))
        self.run_suite(*SMALL, "--min-cases", count, expect=0)
        self.run_suite(*SMALL, "--min-cases", count + 1, expect=3)

    def test_rate_is_kept(self):
        done = self.run_suite("--case", "accepted.status-202*-*", "--rate", "20", "--jobs", "1",
                              expect=0)
        requests = sum(not step.get("reused") for case in self.lines() for step in case["steps"])
        self.assertGreater(done.seconds, 0.8 * (requests - 2) / 20)

    def test_further_cases_run_beside_the_shipped(self):
        folder = self.folder / "cases" / "mine"
        folder.mkdir(parents=True)
        (folder / "readable.json").write_text(json.dumps({
            "requirement": "mine.readable", "level": "must", "source": "our own rules",
            "statement": "A CVM can be read.",
            "cases": [{
                "id": "mine.readable", "title": "Reading a CVM", "fixtures": {"cvm": "managed"},
                "steps": [{"request": "read", "expect": {"status": 200}}]}]}))
        self.run_suite("--cases", folder.parent, "--case", "mine.*", expect=0)
        self.assertEqual(self.verdicts(), {"mine.readable": "pass"})

    def test_quiet_and_verbose(self):
        quiet = self.run_suite(*SMALL, "--quiet", expect=0)
        self.assertLess(len(quiet.out.splitlines()), 6, str(quiet))
        verbose = self.run_suite(*SMALL, "--verbose", expect=0)
        for name in self.verdicts():
            self.assertIn(name, verbose.err)

    def test_colour_only_when_asked(self):
        self.assertNotIn("\033[", self.run_suite(*SMALL, expect=0).out)
        self.assertIn("\033[", self.run_suite(*SMALL, "--color", "always", expect=0).out)
        always = self.run_suite(*SMALL, "--color", "never", expect=0)
        self.assertNotIn("\033[", always.out)


if __name__ == "__main__":
    house.main()
