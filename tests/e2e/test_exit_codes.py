"""Exit codes: one row a code and cause."""

import house

ONE_CASE = ("--case", "accepted.status-202*")


class ExitCodes(house.Case):
    def test_0_conforming(self):
        self.run_suite(*ONE_CASE, expect=0)

    def test_1_a_requirement_failed(self):
        self.run_suite(*ONE_CASE, "--deviation", "accepted-200", expect=1)

    def test_2_wrong_usage(self):
        rows = [
            ((), "usage:"),
            (("rum",), 'did you mean "run"?'),
            (("run", "--no-such-option"), "unknown option --no-such-option"),
            (("run", "--profil2", "x"), "did you mean --profile?"),
            (("run", "-x"), "unknown option -x"),
            (("--versoin",), 'did you mean "--version"?'),
            (("help", "rum"), 'did you mean "run"?'),
            (("help", "run", "list"), "help COMMAND"),
            (("list", "suites"), "did you mean --suites?"),
            (("list", "requirements"), "did you mean --requirements?"),
            (("list", "variants"), 'did you mean "serve --list-variants"?'),
            (("list", "deviations"), 'did you mean "serve --list-deviations"?'),
            (("run", "--reprot", "html"), "did you mean --report?"),
            (("compare", "one.json"), "wanted: cvm-conformance compare OLD NEW"),
            (("run", "--jobs"), "--jobs wants an argument"),
            (("run", "--jobs", "0"), '--jobs: "0" is not a whole number'),
            (("run", "--jobs", "two"), '--jobs: "two" is not a whole number'),
            (("run", "--shard", "3/2"), '--shard: "3/2" is not I/N'),
            (("run", "--fail-on", "observe"), '"observe" is not must or should'),
            (("run", "--level", "may"), '"may" is not must, should or observe'),
            (("run", "--color", "blue"), '"blue" is not auto, always or never'),
            (("run", "operand"), 'run takes no operand: "operand"'),
            (("run", "--profile", "/nonexistent"), "/nonexistent"),
            (("run", "--cases", "/nonexistent"), "/nonexistent"),
            (("show", "no.such.requirement"), "no.such.requirement"),
            (("show",), "show"),
        ]
        for arguments, text in rows:
            with self.subTest(" ".join(arguments)):
                done = house.call(*arguments, cwd=self.folder)
                self.assertEqual(done.code, 2, str(done))
                self.assertIn(text, done.err)
                self.assertEqual(done.out, "")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["conformance-report"])

    def test_2_nothing_matches(self):
        rows = [
            ("--suite", "acceptd", '"accepted"'),
            ("--case", "accepted.status-200[update-cvm]", "accepted.status-202"),
            ("--requirement", "two-phase.comit", '"two-phase.commit"'),
        ]
        for option, name, nearest in rows:
            with self.subTest(name):
                done = self.run_suite(option, name, expect=2)
                self.assertIn(name, done.err)
                self.assertIn("nearest", done.err)
                self.assertIn(nearest, done.err)
                self.assertEqual(self.results()["cases"], [])

    def test_3_too_few_cases(self):
        done = self.run_suite(*ONE_CASE, "--min-cases", "1000", expect=3)
        self.assertIn("fewer than the 1000", done.err)

    def test_1_wins_over_3(self):
        self.run_suite(*ONE_CASE, "--min-cases", "1000", "--deviation", "accepted-200", expect=1)

    def test_3_a_must_is_inconclusive(self):
        """vcpu cannot be moved without legal values for it."""
        reference = self.enter(house.Reference())

        def without_vcpu(profile):
            del profile["pixit"]["values"]["vcpu"]

        profile = reference.write(self.folder, without_vcpu)
        arguments = ("--profile", profile, "--case", "partial.present-applied*vcpu*")
        done = self.run_suite(*arguments, expect=3)
        self.assertIn("pixit.values.vcpu", done.out)
        arguments = ("--profile", profile, "--case", "partial.every-field-optional*")
        self.run_suite(*arguments, expect=3)
        self.run_suite(*arguments, "--allow-inconclusive", expect=0)

    def test_3_nothing_was_judged(self):
        """All cases not applicable is not conformance."""
        reference = self.enter(house.Reference())

        def without_prepare(profile):
            profile["pics"]["prepare_only"] = False

        profile = reference.write(self.folder, without_prepare)
        self.run_suite("--profile", profile, "--requirement", "prepare.token-unique", expect=3)

    def test_3_out_folder_cannot_be_made(self):
        blocker = self.folder / "file"
        blocker.write_text("")
        done = house.call("run", "--out", blocker / "out", *ONE_CASE)
        self.assertIn(done.code, (2, 3), str(done))
        self.assertIn("cannot", done.err)

    def test_0_for_help_and_version(self):
        for arguments in (("--help",), ("--version",), ("run", "--help"), ("check",)):
            with self.subTest(" ".join(arguments)):
                done = house.call(*arguments)
                self.assertEqual(done.code, 0, str(done))
                self.assertTrue(done.out)
                self.assertEqual(done.err, "")


if __name__ == "__main__":
    house.main()
