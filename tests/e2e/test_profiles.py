"""Profiles that cannot be used: exit code 2, the place, and nothing sent."""

import json
import os
import unittest

import house


class Profiles(house.Case):
    def setUp(self):
        super().setUp()
        self.server = house.Hostile("ok")
        self.server.__enter__()
        self.base_url = f"http://127.0.0.1:{self.server.port}"
        self.profile = house.plain_profile(self.base_url)

    def refused(self, text, env=None):
        """The profile text is refused by run and check alike; the message after the file's name."""
        path = self.folder / "profile.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text, indent=2))
        checked = house.call("check", "--profile", path, env=env)
        done = self.run_suite("--profile", path, env=env, expect=2)
        self.assertEqual(checked.code, 2, str(checked))
        self.assertEqual(self.results()["cases"], [])
        lines = [line for line in done.err.splitlines() if str(path) in line]
        self.assertEqual(len(lines), 1, str(done))
        self.assertIn(lines[0], checked.err)
        self.server.__exit__()
        self.assertEqual(self.server.seen["connections"], 0)
        return lines[0].partition(str(path))[2]

    def test_broken_json(self):
        self.assertRegex(self.refused('{\n  "iut": {,\n'), r"^:2:11: ")

    def test_unknown_member(self):
        self.profile["pixit"]["presets"] = 1
        self.assertRegex(
            self.refused(self.profile), r'^:\d+:\d+: /pixit: unknown member "presets"'
        )

    def test_missing_member(self):
        del self.profile["pics"]
        self.assertRegex(self.refused(self.profile), r'^:1:1: .*"pics" is missing')

    def test_duplicate_member(self):
        text = json.dumps(self.profile)[:-1] + ',\n"iut": {}}'
        self.assertRegex(self.refused(text), r'^:2:\d+: .*"iut" occurs twice')

    def test_wrong_type(self):
        self.profile["pics"]["gpu_rental"] = "no"
        self.assertRegex(
            self.refused(self.profile), r"^:\d+:\d+: /pics/gpu_rental: expected boolean, got string"
        )

    def test_literal_secret_for_another_host(self):
        self.profile["iut"]["base_url"] = "https://cloud.example"
        said = self.refused(self.profile)
        self.assertRegex(said, r"^:\d+:\d+: /pixit/auth/value_from/value: .*loopback")
        self.assertNotIn("not-a-secret", said)

    def test_unset_environment_variable(self):
        self.profile["pixit"]["auth"]["value_from"] = {"env": "CF_TEST_UNSET"}
        self.assertRegex(self.refused(self.profile), r"^:\d+:\d+: .*CF_TEST_UNSET is not set")

    def test_empty_environment_variable(self):
        self.profile["pixit"]["auth"]["value_from"] = {"env": "CF_TEST_EMPTY"}
        said = self.refused(self.profile, env={"CF_TEST_EMPTY": ""})
        self.assertRegex(said, r"^:\d+:\d+: .*CF_TEST_EMPTY")

    def test_missing_secret_file(self):
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        self.assertRegex(
            self.refused(self.profile), rf"^:\d+:\d+: .*{self.folder}/key.txt: no such file"
        )

    @unittest.skipIf(os.geteuid() == 0, "root may read every file")
    def test_unreadable_secret_file(self):
        (self.folder / "key.txt").write_text("a-secret-text")
        (self.folder / "key.txt").chmod(0)
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        self.assertRegex(self.refused(self.profile), r"^:\d+:\d+: .*Permission denied")

    def test_secret_file_is_a_folder(self):
        (self.folder / "key.txt").mkdir()
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        self.assertRegex(self.refused(self.profile), r"^:\d+:\d+: .*key.txt")

    def test_empty_secret_file(self):
        (self.folder / "key.txt").write_text("\n")
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        self.assertRegex(self.refused(self.profile), r"^:\d+:\d+: .*empty")

    def test_secret_file_of_another_encoding_is_named(self):
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        key = "a-secret-text"
        rows = [
            (b"\xef\xbb\xbf" + key.encode(), "byte order mark"),
            (key.encode("utf-16"), "UTF-16"),
            (b"\xfe\xff" + key.encode("utf-16-be"), "UTF-16"),
            (key.encode("utf-16-le"), "NUL bytes"),
            (key.encode("utf-32"), "UTF-32"),
            (b"\0\0\xfe\xff" + key.encode("utf-32-be"), "UTF-32"),
            (b"a-secret\0-text\n", "NUL bytes"),
        ]
        for written, named in rows:
            with self.subTest(written):
                (self.folder / "key.txt").write_bytes(written)
                said = self.refused(self.profile)
                self.assertRegex(said, rf"^:\d+:\d+: .*key.txt: .*{named}")
                self.assertNotIn("secret-text", said.replace("not-a-secret", ""))

    def test_secret_file_is_a_pipe_that_nobody_writes_to(self):
        os.mkfifo(self.folder / "key.txt")
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        self.assertRegex(self.refused(self.profile), r"^:\d+:\d+: .*nobody writes to")

    def test_secret_with_a_line_feed_is_not_shown(self):
        (self.folder / "key.txt").write_text("first-line\nsecond-line\n")
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        said = self.refused(self.profile)
        self.assertRegex(said, r"^:\d+:\d+: .*more than one line")
        self.assertNotIn("first-line", said)

    def test_white_space_around_a_key_that_would_hide_its_echo(self):
        self.profile["pixit"]["auth"]["value_from"] = {"env": "SPACED_KEY"}
        for key in (" a-secret-text", "a-secret-text ", "\ta-secret-text", "a-secret-text\n"):
            with self.subTest(key):
                self.assertIn("begins or ends with white space",
                              self.refused(self.profile, env={"SPACED_KEY": key}))

    def test_what_copying_from_a_page_brings_along_is_named(self):
        self.profile["pixit"]["auth"]["value_from"] = {"file": "key.txt"}
        for unseen in "\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff":
            with self.subTest(ascii(unseen)):
                (self.folder / "key.txt").write_text("a-secret" + unseen + "-text")
                said = self.refused(self.profile)
                self.assertIn(f"holds U+{ord(unseen):04X}", said)
                self.assertNotIn("secret-text", said.replace("not-a-secret", ""))

    def test_unverified_tls(self):
        self.profile["pixit"]["tls"] = {"ca_file": "no-such.pem"}
        self.assertRegex(self.refused(self.profile), r"^:\d+:\d+: /pixit/tls.*no-such.pem")


class Warnings(house.Case):
    """What is no mistake, and keeps a run from judging all the same."""

    def warned(self, change):
        reference = self.enter(house.Reference())
        done = house.call("check", "--profile", reference.write(self.folder, change))
        self.assertEqual(done.code, 0, str(done))
        return done.out

    def test_values_that_hide_mistakes(self):
        def change(profile):
            profile["pixit"]["values"].update(
                memory=[2048, 4096], gpus=[{"gpus": []}, {"gpus": [{"slot": "a"}]}], vcpu=[],
                user_config=[],
            )

        said = self.warned(change)
        self.assertIn("warning: /pixit/values/memory: all are whole gigabytes", said)
        self.assertIn("warning: /pixit/values/gpus: none has two GPUs", said)
        self.assertIn("warning: /pixit/values/gpus: none has a product_id", said)
        self.assertIn("warning: /pixit/values/vcpu: none; cases that would move", said)
        self.assertIn("warning: /pixit/values/user_config: none, and the field is changed", said)

    def test_what_a_run_would_stumble_over(self):
        def change(profile):
            pixit = profile["pixit"]
            pixit["hooks"]["reset"] = {"command": ["./no-such-file"]}
            pixit["observe"]["fields"]["vcpu"] = {"get": "/cvms/{id}", "pointer": "/vcpu"}
            pixit["timing"].update(settle_timeout_ms=100, poll_interval_ms=500)

        said = self.warned(change)
        self.assertRegex(said, "warning: /pixit/hooks/reset: .*/no-such-file: No such file")
        self.assertIn('warning: /pixit/observe/fields/vcpu/get: "{id}" is sent as it is', said)
        self.assertIn("warning: /pixit/timing/settle_timeout_ms: 100 leaves no time", said)

    def test_addresses_that_lead_elsewhere(self):
        def change(profile):
            pixit = profile["pixit"]
            pixit["cvms"]["managed"][0] = "cvms/first"
            pixit["observe"]["fields"]["vcpu"] = {"get": "/all-cvms", "pointer": "/vcpu"}
            pixit["hooks"]["reset"] = {"http": {"method": "POST", "url": "ftp://a/{cvm_id}"}}

        said = self.warned(change)
        self.assertIn('warning: /pixit/cvms/managed: "cvms/first" looks like no id', said)
        self.assertIn("warning: /pixit/observe/fields/vcpu/get: without {cvm_id} it is the", said)
        self.assertIn("warning: /pixit/hooks/reset/http/url: begins with neither http://", said)
        self.assertEqual(said.count("warning: /pixit/hooks"), 1, said)

    def test_what_a_file_of_settings_has_around_a_key(self):
        """It is taken, for a key may look so, and never shown."""
        reference = self.enter(house.Reference())
        path = self.folder / "key.txt"

        def change(profile):
            profile["pixit"]["auth"]["value_from"] = {"file": str(path)}

        profile = reference.write(self.folder, change)
        key = "sk-Wq7_secret"
        rows = [(f'"{key}"', "in quotation marks"), (f"'{key}'", "in quotation marks"),
                (f"export API_KEY={key}", "assigns the key"), (f"API_KEY={key}", "assigns the key"),
                (f'API_KEY="{key}"', "assigns the key"), (f'{{"api_key": "{key}"}}', "JSON object"),
                (f"{key} # of the test account", "a comment"), (f"Bearer {key}", "like a header"),
                (f"X-API-Key: {key}", "like a header"), (f"{key} and more", "white space")]
        for written, named in rows:
            with self.subTest(written):
                path.write_text(written + "\n")
                done = house.call("check", "--profile", profile)
                self.assertEqual(done.code, 0, str(done))
                self.assertRegex(done.out, f"warning: /pixit/auth/value_from: .*{named}")
                self.assertNotIn(key, done.out + done.err)
        for usual in (key, '"' + key, "{" + key, "#" + key, key + "#1", "export" + key,
                      "c2VjcmV0LWtleQ==", "QUJDX0RFRg==", "AB_CD==", "abc=def_ghi",
                      "{" + key + "}"):
            with self.subTest(usual):
                path.write_text(usual + "\n")
                done = house.call("check", "--profile", profile)
                self.assertEqual(done.code, 0, str(done))
                self.assertNotIn("/pixit/auth", done.out)

    def test_claims_without_the_means(self):
        def change(profile):
            profile["pixit"]["cvms"]["gpu_rental"] = []
            del profile["pixit"]["hooks"]["revert-registration"]
            del profile["pixit"]["hooks"]["register-elsewhere"]["http"]["capture"]
            profile["pixit"]["observe"]["preset"] = "2025-10-28"
            profile["pixit"]["observe"]["fields"] = {}

        said = self.warned(change)
        self.assertIn("warning: /pixit/cvms/gpu_rental: lists 0", said)
        self.assertIn("warning: /pixit/hooks/revert-registration: there is none", said)
        self.assertIn("warning: /pixit/hooks/register-elsewhere/http: no capture", said)
        self.assertIn("warning: /pixit/observe/fields/gpus: nothing says where", said)


class Cases(house.Case):
    """Case files that cannot be used."""

    def refused(self, text, stem="mine"):
        cases = self.folder / "cases"
        (cases / "extra").mkdir(parents=True)
        path = cases / "extra" / f"{stem}.json"
        path.write_text(text)
        checked = house.call("check", "--cases", cases)
        done = self.run_suite("--cases", cases, expect=2)
        self.assertEqual(checked.code, 2, str(checked))
        self.assertEqual(self.results()["cases"], [])
        lines = [line for line in done.err.splitlines() if f"extra/{stem}.json" in line]
        self.assertTrue(lines, str(done))
        self.assertIn(lines[0], checked.err)
        return lines

    def test_broken_json(self):
        self.assertRegex(self.refused("{\n]")[0], r"extra/mine\.json:2:1: ")

    def test_every_mistake_is_told(self):
        text = json.dumps(
            {
                "requirement": "extra.mine",
                "level": "must",
                "source": "here",
                "statement": "Nothing.",
                "cases": [
                    {"id": "extra.mine.a", "title": "A", "steps": [{"jump": "high"}]},
                    {"id": "extra.mine.b", "title": "B", "steps": []},
                ],
            },
            indent=1,
        )
        said = self.refused(text)
        self.assertEqual(len(said), 2, said)
        self.assertRegex(said[0], r"extra/mine\.json:\d+:\d+: /cases/0/steps/0: ")
        self.assertRegex(said[1], r"extra/mine\.json:\d+:\d+: /cases/1/steps: ")

    def test_a_file_outside_a_suite_is_told_of(self):
        (self.folder / "mine.json").write_text("{}")
        done = house.call("check", "--cases", self.folder)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("mine.json: a case file belongs into a folder", done.err)

    def test_a_known_requirement_cannot_be_replaced(self):
        shipped = (house.SOURCE / "cases/accepted/status-202.json").read_text()
        cases = self.folder / "cases"
        (cases / "accepted").mkdir(parents=True)
        (cases / "accepted" / "status-202.json").write_text(shipped)
        done = house.call("check", "--cases", cases)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("accepted.status-202", done.err)


if __name__ == "__main__":
    house.main()
