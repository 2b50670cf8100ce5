"""A read side that shows less than a tester would like, and settings that move one way only."""

import json

import house

SHAPES = ("user-config-as-an-object", "gpus-as-a-number", "sizes-rounded")
ONE_WAY = ("disk-cannot-shrink", "image-not-downgraded")
FIELDS = (
    "docker_compose_file", "pre_launch_script", "allowed_envs", "public_logs", "public_sysinfo",
    "public_tcbinfo", "encrypted_env", "user_config", "gpus", "vcpu", "memory", "disk_size",
    "image", "shutdown_timeout", "allow_force_stop",
)  # fmt: skip
SECRETS = ["encrypted_env", "shutdown_timeout", "allow_force_stop"]


def variants(*names):
    return [word for name in names for word in ("--variant", name)]


class OutOfSight(house.Case):
    def verdicts_and_reasons(self):
        return {case["id"]: (case["verdict"], case["reason"]) for case in self.results()["cases"]}

    def test_a_service_in_the_field_conforms(self):
        done = self.run_suite(
            *variants(*SHAPES, *ONE_WAY, "secrets-out-of-sight"),
            "--suite", "partial", "--suite", "validation", "--level", "must", expect=0,
        )  # fmt: skip
        self.assertIn(f"Out of sight, so never seen applied: {', '.join(SECRETS)}\n", done.out)
        self.assertEqual(self.results()["summary"]["out_of_sight"], SECRETS)
        verdicts = self.verdicts_and_reasons()
        self.assertEqual(
            verdicts["partial.present-applied[encrypted_env]"],
            ("not-applicable", "encrypted_env is out of sight"),
        )
        self.assertEqual(
            verdicts["partial.present-applied.there-and-back[disk_size]"],
            ("not-applicable", "disk_size moves up only"),
        )
        # What such a field takes and does to others is asked as before.
        self.assertEqual(verdicts["partial.omitted-unchanged[encrypted_env]"][0], "pass")
        self.assertEqual(verdicts["partial.present-applied[disk_size]"][0], "pass")

    def test_a_value_that_the_read_side_cannot_show_costs_no_later_case(self):
        """An empty user_config is answered 502 for good here: the CVM is put back in between."""
        reference = self.enter(house.Reference("--operation-ms", "15", *variants(*SHAPES)))

        def one_of_a_kind(profile):
            profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]
            profile["pixit"]["timing"]["read_timeout_ms"] = 300

        self.run_suite(
            "--profile", reference.write(self.folder, one_of_a_kind),
            "--case", "partial.falsy-is-present?all-at-once?",
            "--case", "partial.falsy-is-present.gpus", expect=0,
        )  # fmt: skip
        self.assertEqual(self.results()["summary"]["cases"]["pass"], 2)

    def test_gpus_that_could_not_be_put_back_are_left_alone(self):
        """The CVMs have a GPU, of which no more shows than that it is one."""
        reference = self.enter(house.Reference("--operation-ms", "15", *variants(*SHAPES)))

        def without_values(profile):
            del profile["pixit"]["values"]["gpus"]

        self.run_suite(
            "--profile", reference.write(self.folder, without_values),
            "--suite", "partial", "--suite", "validation", "--suite", "robustness", expect=3,
        )  # fmt: skip
        verdicts = self.verdicts_and_reasons()
        for name in (
            "partial.null-accepted[gpus]", "partial.attach-mode-default",
            "partial.every-field-optional.valid[gpus]", "partial.null-effect[the-gpus]",
            "partial.unknown-members[inside-gpus]",
        ):  # fmt: skip
            verdict, reason = verdicts[name]
            self.assertEqual(verdict, "inconclusive", name)
            self.assertIn("gpus is left alone: only the number of GPUs shows", reason)
        self.assertEqual(self.results()["left"], [])

    def test_a_field_that_is_said_to_have_no_values_is_left_alone(self):
        """As init writes it where it cannot know any: what would move it is not applicable."""
        reference = self.enter(house.Reference("--operation-ms", "15", *variants(*SHAPES)))

        def empty(profile):
            profile["pixit"]["values"]["gpus"] = []

        path = reference.write(self.folder, empty)
        self.run_suite(
            "--profile", path, "--suite", "partial", "--suite", "validation", expect=0,
        )  # fmt: skip
        verdicts = self.verdicts_and_reasons()
        self.assertEqual(
            verdicts["partial.null-accepted[gpus]"],
            ("not-applicable", "gpus is left alone: only the number of GPUs shows (1), and "
             "pixit.values.gpus is empty"),
        )
        self.assertEqual(
            verdicts["partial.present-applied[gpus]"],
            ("not-applicable", "gpus is left alone: its pixit.values are empty"),
        )
        self.assertEqual(self.results()["left"], [])
        said = house.call("check", "--profile", path)
        self.assertIn("/pixit/values/gpus: none; cases that would move the field are not "
                      "applicable", said.out + said.err)

    def test_what_nothing_could_put_back_is_never_changed(self):
        """No field that needs values has any, and none shows; nor is there a hook for it."""
        listed = ("encrypted_env", "gpus", "vcpu", "memory", "disk_size", "image")
        reference = self.enter(house.Reference("--operation-ms", "15"))

        def bare(profile):
            pixit = profile["pixit"]
            del pixit["hooks"]["reset"]
            for name in listed:
                del pixit["values"][name]
                pixit["observe"]["fields"][name] = None

        def settings():
            return {i: {name: both[0][name] for name in listed}
                    for i, both in reference.state().items()}

        before = settings()
        self.run_suite("--profile", reference.write(self.folder, bare), expect=3)
        self.assertEqual(settings(), before)
        self.assertEqual(
            self.verdicts_and_reasons()["partial.null-accepted[encrypted_env]"],
            ("inconclusive", "encrypted_env is left alone: it is out of sight, and its "
             "pixit.values list nothing to put back"),
        )
        self.assertGreater(self.results()["summary"]["cases"]["pass"], 700)

    def test_reports_list_what_was_out_of_sight(self):
        self.run_suite(*variants("secrets-out-of-sight"), "--case", "accepted.status-202.field*")
        for name in ("junit.xml", "report.html", "summary.md"):
            text = (self.out / name).read_text()
            self.assertIn(", ".join(SECRETS), text, name)
        tap = house.call("report", self.out / "results.json", "--tap", "-")
        self.assertIn(f"out of sight: {', '.join(SECRETS)}", tap.out)

    def with_one_in_sight(self, seen, *words, expect):
        hidden = [word for name in FIELDS if name != seen for word in ("--out-of-sight", name)]
        reference = self.enter(house.Reference("--operation-ms", "15", *hidden))
        profile = reference.write(self.folder, lambda profile: None)
        self.run_suite("--profile", profile, "--level", "must", *words, expect=expect)
        return self.results()["summary"]

    def test_a_field_of_the_compose_hash_serves_where_it_takes_one_request(self):
        """It costs what contract-owned CVMs would need two requests for, and no more."""
        summary = self.with_one_in_sight("public_logs", expect=0)
        self.assertEqual(summary["cases"]["inconclusive"], 0)
        self.assertGreater(summary["cases"]["pass"], 450)
        verdicts = self.verdicts_and_reasons()
        again = "conflict.not-applied[another-value-of-the-same-field]"
        self.assertEqual(verdicts[again][0], "pass")
        self.assertEqual(
            verdicts["conflict.after-refusal.466"],
            ("not-applicable", "no further field can be seen, moved back and forth, and is no "
             "part of the compose hash (out of sight: encrypted_env, user_config, gpus, vcpu, "
             "memory, disk_size, image, shutdown_timeout, allow_force_stop)"),
        )

    def test_a_field_of_the_compose_hash_shows_what_another_would(self):
        self.with_one_in_sight("public_logs", "--case", "conflict.not-applied*", expect=0)
        reference = self.enter(house.Reference(
            "--operation-ms", "15", "--deviation", "conflict-applied",
            *(word for name in FIELDS if name != "public_logs"
              for word in ("--out-of-sight", name)),
        ))  # fmt: skip
        profile = reference.write(self.folder, lambda profile: None)
        self.run_suite("--profile", profile, "--case", "conflict.not-applied*", expect=1)

    def test_one_field_in_sight_costs_the_rows_of_the_others_alone(self):
        summary = self.with_one_in_sight("vcpu", expect=0)
        self.assertEqual(summary["out_of_sight"], [name for name in FIELDS if name != "vcpu"])
        self.assertEqual(summary["cases"]["inconclusive"], 0)
        # Not applicable: what the profile claims otherwise, and what names other fields.
        left = {r["id"] for r in self.results()["requirements"] if r["verdict"] == "not-applicable"}
        self.assertEqual(
            {name for name in left if not name.startswith("pics.")},
            {
                "partial.attach-mode-listed", "partial.falsy-is-present",
                "partial.stored-or-refused", "script.replaced", "script.stored-or-refused",
                "two-phase.only-what-was-registered",
            },
        )  # fmt: skip

    def test_what_one_field_in_sight_costs_is_told_by_the_names_of_the_others(self):
        reference = self.enter(house.Reference())
        for seen in FIELDS:
            def lone(profile, seen=seen):
                fields = profile["pixit"]["observe"]["fields"]
                fields.update({name: None for name in FIELDS if name != seen})
            listed = house.call("list", "--json", "--profile", reference.write(self.folder, lone))
            reasons = {c["reason"] for c in json.loads(listed.out)
                       if c["applicability"] != "applicable"}
            others = [name for name in FIELDS if name != seen]
            self.assertGreater(len(reasons), 10, str(listed))
            self.assertEqual([r for r in reasons if not r.startswith("pics.")
                              and not any(name in r for name in others)], [], seen)

    def test_a_value_that_is_not_kept_is_seen_through_every_shape(self):
        for deviation in ("partial-user-config-ignored", "partial-empty-gpus-ignored"):
            with self.subTest(deviation):
                self.run_suite(
                    *variants(*SHAPES, "secrets-out-of-sight"), "--deviation", deviation,
                    "--case", "partial.*", expect=1,
                )  # fmt: skip


if __name__ == "__main__":
    house.main(beside=4)
