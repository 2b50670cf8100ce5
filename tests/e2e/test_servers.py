"""Servers that are none: the run ends soon, with exit code 3 and plain words."""

import json

import house

LIMIT_S = 120


class Servers(house.Case):
    def expect_unjudged(self, profile, *words):
        path = self.folder / "profile.json"
        path.write_text(json.dumps(profile))
        done = self.run_suite("--profile", path, expect=3, limit_s=LIMIT_S)
        for word in words:
            self.assertIn(word, done.err)
        self.assertIn("no case was run", done.err)
        self.assertNotIn("MUST", done.out, "a summary of nothing")
        return done

    def expect_unjudged_behaviour(self, behaviour, *words):
        with house.Hostile(behaviour) as server:
            where = f"127.0.0.1:{server.port}"
            return self.expect_unjudged(house.plain_profile(f"http://{where}"), where, *words)

    def test_refuses_connections(self):
        self.expect_unjudged_behaviour("refuse", "cannot connect to", "onnection refused")

    def test_hangs(self):
        self.expect_unjudged_behaviour("hang", "no answer from", "within")

    def test_does_not_complete_connections(self):
        self.expect_unjudged_behaviour("deaf", "cannot connect to", "within")

    def test_answers_garbage(self):
        self.expect_unjudged_behaviour("garbage", "not HTTP")

    def test_answers_binary(self):
        self.expect_unjudged_behaviour("binary", "not HTTP")

    def test_closes_at_once(self):
        self.expect_unjudged_behaviour("close")

    def test_resets(self):
        self.expect_unjudged_behaviour("reset")

    def test_never_ends_its_answer(self):
        self.expect_unjudged_behaviour("endless-body")

    def test_drips(self):
        self.expect_unjudged_behaviour("drip", "not complete")

    def test_redirects_are_not_followed(self):
        with house.Hostile("redirect") as server:
            self.expect_unjudged(house.plain_profile(f"http://127.0.0.1:{server.port}"))
        self.assertEqual(server.seen["strangers"], 0)

    def test_says_yes_to_everything(self):
        """A web page, say, does not conform."""
        with house.Hostile("ok") as server:
            path = self.folder / "profile.json"
            profile = house.plain_profile(f"http://127.0.0.1:{server.port}")
            path.write_text(json.dumps(profile))
            self.run_suite("--profile", path, "--suite", "accepted", expect=1)
        verdicts = {r["id"]: r["verdict"] for r in self.results()["requirements"]}
        self.assertEqual(verdicts["accepted.status-202"], "fail")

    def test_unknown_host(self):
        profile = house.plain_profile("http://no-such-host.invalid")
        profile["pixit"]["auth"]["value_from"] = {"env": "CF_TEST_KEY"}
        path = self.folder / "profile.json"
        path.write_text(json.dumps(profile))
        done = self.run_suite(
            "--profile", path, env={"CF_TEST_KEY": "some-secret"}, expect=3, limit_s=60
        )
        self.assertIn("no-such-host.invalid", done.err)

    def test_proxies_of_the_environment_are_ignored(self):
        with house.Hostile("ok") as proxy:
            address = f"http://127.0.0.1:{proxy.port}"
            names = ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy")
            self.run_suite(
                "--case", "accepted.status-202*", env=dict.fromkeys(names, address), expect=0
            )
        self.assertEqual(proxy.seen["connections"], 0)


class WrongData(house.Case):
    """The server is right, and the profile is not."""

    def expect_words(self, change, *words):
        reference = self.enter(house.Reference())
        path = reference.write(self.folder, change)
        before = reference.state()
        done = self.run_suite("--profile", path, "--suite", "accepted", expect=3, limit_s=LIMIT_S)
        for word in words:
            self.assertIn(word, done.err)
        self.assertIn("no case was run", done.err)
        self.assertNotIn("put", done.err)  # nothing was changed
        self.assertEqual(reference.state(), before)

    def test_wrong_key(self):
        def change(profile):
            profile["pixit"]["auth"]["value_from"] = {"value": "another-key"}

        self.expect_words(change, "refuses the credential in header X-API-Key", "401")

    def test_unknown_cvm(self):
        def change(profile):
            profile["pixit"]["cvms"]["managed"][0] = "no-such-cvm"

        self.expect_words(change, "does not know CVM no-such-cvm", "404")

    def test_kinds_exchanged(self):
        def change(profile):
            cvms = profile["pixit"]["cvms"]
            cvms["managed"][1], cvms["contract_owned"][1] = (
                cvms["contract_owned"][1],
                cvms["managed"][1],
            )

        self.expect_words(change, "reads as one of KMS type", "belongs into pixit.cvms.")

    def test_wrong_path(self):
        def change(profile):
            profile["iut"]["base_url"] += "/wrong"

        self.expect_words(change, "404")


if __name__ == "__main__":
    house.main()
