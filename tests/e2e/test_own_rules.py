"""A server with rules of its own about names and texts: it may refuse, not store something else."""

import json

import house

RULES = ("names-in-capitals", "texts-of-16-kib", "texts-in-ascii", "texts-of-a-kind")
RULED = [word for name in RULES for word in ("--variant", name)]


class OwnRules(house.Case):
    def test_a_server_with_rules_of_its_own_conforms(self):
        self.run_suite(*RULED, "--level", "must", expect=0)
        cases = {case["id"]: case for case in self.results()["cases"]}
        refused = {name for name, case in cases.items()
                   if "rule of the server's own" in (case["reason"] or "")}
        self.assertEqual({cases[name]["verdict"] for name in refused}, {"not-applicable"})
        for name in (
            "partial.present-applied.exact-value[allowed_envs-many]",
            "partial.present-applied.exact-value[docker_compose_file-16-KiB]",
            "partial.falsy-is-present[pre_launch_script=empty]",
            "script.replaced[utf-8]", "script.replaced.contract-owned[crlf]",
            "two-phase.commit.falsy[user_config=empty]",
        ):  # fmt: skip
            self.assertIn(name, refused)
        # What no rule of that kind is about is asked as before.
        self.assertEqual(cases["partial.falsy-is-present[public_logs=false]"]["verdict"], "pass")
        self.assertEqual(cases["script.replaced[plain]"]["verdict"], "pass")

    def test_a_refused_value_that_leaves_something_behind_fails(self):
        self.run_suite(
            "--variant", "texts-of-a-kind", "--deviation", "validation-image-half-applied",
            "--case", "partial.falsy-is-present?all-at-once?", expect=1,
        )  # fmt: skip
        (failure,) = {f["requirement"] for f in self.results()["cases"][0]["failures"]}
        self.assertEqual(failure, "validation.atomic")

    def test_something_else_stored_fails(self):
        self.run_suite(
            "--variant", "texts-of-16-kib", "--deviation", "script-crlf-converted",
            "--case", "script.*", expect=1,
        )  # fmt: skip

    def test_a_rule_about_one_field_hides_nothing_of_another(self):
        for variant, deviation, case in (
            ("names-in-capitals", "partial-envs-sorted",
             "partial.names-as-sent[out-of-order-and-twice]"),
            ("texts-of-a-kind", "partial-compose-file-filled-in",
             "partial.present-applied.exact-value[texts-with-template-characters]"),
        ):  # fmt: skip
            with self.subTest(variant):
                self.run_suite("--variant", variant, "--deviation", deviation, "--case", case,
                               "--fail-on", "should", expect=1)
                self.assertEqual(self.results()["cases"][-1]["verdict"], "fail")

    def test_names_made_up_are_in_small_letters_where_the_listed_ones_are(self):
        server = self.enter(house.Reference())
        for listed, small in ((["a_one", "b_2"], True), (["A_ONE", "b_2"], False)):
            def ruled(profile, listed=listed):
                profile["pixit"]["values"]["allowed_envs"] = [listed, [listed[0]]]
            self.run_suite("--profile", server.write(self.folder, ruled), "--keep-bodies", "all",
                           "--case", "two-phase.managed-single-phase.together", expect=0)
            bodies = [step["request"].get("body") or "" for case in self.results()["cases"]
                      for step in case["steps"]]
            (names,) = {tuple(json.loads(body)["allowed_envs"]) for body in bodies
                        if "allowed_envs" in body}
            self.assertEqual(all(name == name.lower() for name in names), small, names)

    def test_other_refusals_fail(self):
        self.run_suite(
            *RULED, "--deviation", "script-second-refused", "--case", "script.replaced*", expect=1
        )


if __name__ == "__main__":
    house.main()
