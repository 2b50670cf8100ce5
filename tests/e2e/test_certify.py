"""run --certify: what it refuses, what it writes, and what others can check without it."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import bundles
import house
import relay

SHIM = Path(os.environ.get("CF_BUILD", "")) / "tests" / "libsystem_ca.so"
SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"  # Debian's and Ubuntu's libcurl reads it


class Refused(house.Case):
    """Nothing is sent, and nothing is written."""

    def refuse(self, *args, says, env=None):
        done = self.run_suite("--certify", *args, expect=2, env=env)
        self.assertIn(says, done.err)
        self.assertFalse((self.out / "certificate").exists())

    def test_parts_of_the_catalogue(self):
        for option in (
            ["--suite", "accepted"],
            ["--case", "*"],
            ["--requirement", "*"],
            ["--cases", "."],
            ["--shard", "1/2"],
            ["--allow-inconclusive"],
            ["--fail-fast"],
            ["--operations", "5"],
            ["--budget", "1h"],
            ["--report", "json"],
        ):
            self.refuse(*option, says=f"--certify does not go with {option[0]}")
        self.refuse("--level", "must", says="--level")

    def test_what_failed_before(self):
        done = self.run_suite("--case", "accepted.*", "--deviation", "accepted-200", expect=1)
        before = self.folder / "before"
        self.out.rename(before)
        self.refuse("--failed", before, says="--certify does not go with --failed")

    def test_bodies_that_are_not_kept(self):
        self.refuse("--keep-bodies", "failed", says="--keep-bodies failed: verify reads them all")

    def test_how_it_is_run_may_be_chosen(self):
        """What changes nothing of what is asked."""
        for option in (
            ["--shuffle"], ["--jobs", "2"], ["--seed", "9"], ["--repeat", "4"], ["--rate", "100"],
            ["--fail-on", "should"], ["--min-cases", "5"], ["--keep-bodies", "all"], ["--verbose"],
        ):
            done = self.run_suite("--certify", "--dry-run", *option, expect=0)
            self.assertNotIn("--certify", done.err)

    def test_a_baseline(self):
        path = self.folder / "baseline.json"
        path.write_text(
            '{"format": "cvm-conformance-baseline", "version": 1, "known_failures": []}'
        )
        self.refuse("--baseline", path, says="--certify does not go with --baseline")

    def test_fewer_than_three_repetitions(self):
        self.refuse("--repeat", "2", says="--repeat 3")

    def test_http_to_another_machine(self):
        profile = house.plain_profile("http://192.0.2.1:1")
        profile["pixit"]["auth"]["value_from"] = {"env": "A_KEY"}
        path = self.folder / "profile.json"
        path.write_text(json.dumps(profile))
        self.refuse("--profile", path, says="plain http", env={"A_KEY": "0123456789"})

    def test_tls_without_verification(self):
        profile = house.plain_profile("https://127.0.0.1:1", tls={"insecure": True})
        path = self.folder / "profile.json"
        path.write_text(json.dumps(profile))
        self.refuse("--profile", path, says="insecure")

    def test_a_key_that_is_none(self):
        path = self.folder / "key.pem"
        path.write_text("-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----\n")
        self.refuse("--sign", path, says="no Ed25519 private key")
        bundles.openssl("genpkey", "-algorithm", "rsa", "-out", path)
        self.refuse("--sign", path, says="no Ed25519 private key")

    def test_sign_without_certify(self):
        done = self.run_suite("--sign", "key.pem", expect=2)
        self.assertIn("--certify", done.err)

    def test_a_certificate_is_there(self):
        (self.out / "certificate").mkdir(parents=True)
        done = self.run_suite("--certify", expect=2)
        self.assertIn("written once", done.err)


class Bundle(house.Case):
    @classmethod
    def setUpClass(cls):
        cls.installed = bundles.Installed()

    @classmethod
    def tearDownClass(cls):
        cls.installed.remove()

    def certify(self, *args, expect):
        done = self.installed.call("run", "--certify", "--out", self.out, *args)
        self.assertEqual(done.code, expect, str(done))
        return done

    @property
    def bundle(self):
        return self.out / "certificate"

    def statement(self):
        return json.loads((self.bundle / "statement.json").read_text())

    def test_passed(self):
        done = self.certify(expect=0)
        self.assertRegex(done.out, r"certificate: PASSED\n$")
        results = bundles.results(self.bundle)
        self.assertEqual(results["repeat"], 3)
        self.assertEqual(results["selection"], "")
        self.assertEqual({c["attempt"] for c in results["cases"]}, {1, 2, 3})
        verified = self.installed.verify(self.bundle)
        self.assertEqual(verified.code, 4, str(verified))
        self.assertRegex(verified.out, r"36 verdicts reached again from the transcripts, 3 from")
        self.assertIn("it is not signed", verified.out)
        self.assertRegex(verified.out, r"consistent, unsigned: .*; it claims PASSED\n$")

    def test_shuffled(self):
        """Each repetition has an order of its own; one worker, so that lines stand in it."""
        self.certify("--jobs", "1", "--seed", "7", expect=0)
        lines = (self.out / "results.ndjson").read_text().splitlines()
        orders = {}
        for record in map(json.loads, lines):
            if record["verdict"] != "not-applicable":
                orders.setdefault(record["attempt"], []).append(record["id"])
        self.assertEqual({tuple(sorted(o)) for o in orders.values()}, {tuple(sorted(orders[1]))})
        self.assertEqual(len({tuple(o) for o in orders.values()}), 3)

    def test_statement(self):
        self.certify(expect=0)
        statement = self.statement()
        self.assertEqual(statement["_type"], "https://in-toto.io/Statement/v1")
        self.assertEqual(
            statement["predicateType"], "https://in-toto.io/attestation/test-result/v0.1"
        )
        (subject,) = statement["subject"]
        digest = bundles.sha256(self.bundle / "results.json.gz")
        self.assertEqual(subject["digest"], {"sha256": digest})
        self.assertEqual(subject["name"], "reference IUT 0.1.0")
        predicate = statement["predicate"]
        self.assertEqual(predicate["result"], "PASSED")
        self.assertEqual(len(predicate["passedTests"]), 12)
        self.assertEqual(predicate["warnedTests"] + predicate["failedTests"], [])
        configuration = {c["name"]: c for c in predicate["configuration"]}
        for name, part in configuration.items():
            self.assertTrue({"uri", "digest"} & part.keys(), name)
            if "sha256" in part.get("digest", {}):
                self.assertEqual(part["digest"]["sha256"], bundles.sha256(self.bundle / name))
        self.assertEqual(
            configuration["cases"]["digest"]["dirHash"], bundles.dir_hash(self.bundle / "cases")
        )
        self.assertIn("loopback", configuration["profile.json"]["annotations"]["transport"])
        run = configuration["results.json.gz"]["annotations"]
        (reason,) = run["not_applicable"]
        self.assertEqual(reason["cases"], 1)
        self.assertIn("gpu_rental", reason["reason"])
        self.assertEqual(run["repetitions"], 3)

    def test_sums_are_those_of_sha256sum(self):
        self.certify(expect=0)
        subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
            cwd=self.bundle,
            check=True,
        )

    def test_no_secret_in_the_bundle(self):
        reference = self.enter(house.Reference())
        done = self.installed.call(
            "run", "--certify", "--profile", reference.path, "--out", self.out
        )
        self.assertEqual(done.code, 0, str(done))
        for path in (self.out / "certificate").rglob("*"):
            if path.is_file():
                self.assertNotIn(reference.key.encode(), bundles.content(path), path)
        shown = json.loads((self.out / "certificate" / "profile.json").read_text())
        self.assertEqual(shown["pixit"]["auth"]["value_from"], {"value": "$API_KEY"})
        shown["pixit"]["auth"]["value_from"]["value"] = reference.key
        # What is hidden of hooks is test_hidden.py's.
        hooks = shown["pixit"].pop("hooks")
        self.assertEqual(hooks.keys(), reference.profile["pixit"]["hooks"].keys())
        whole = {k: v for k, v in reference.profile["pixit"].items() if k != "hooks"}
        self.assertEqual(shown, {**reference.profile, "pixit": whole})

    def test_warned(self):
        self.certify("--deviation", "accepted-message-missing", expect=0)
        self.assertEqual(self.statement()["predicate"]["result"], "WARNED")
        self.assertEqual(self.statement()["predicate"]["warnedTests"], ["small.told"])
        verified = self.installed.verify(self.bundle)
        self.assertEqual(verified.code, 4, str(verified))
        self.assertRegex(verified.out, r"consistent, unsigned: .*; it claims WARNED\n$")

    def test_failed(self):
        self.certify("--deviation", "accepted-200", expect=1)
        predicate = self.statement()["predicate"]
        self.assertEqual(predicate["result"], "FAILED")
        self.assertIn("small.updated", predicate["failedTests"])
        self.assertIn("small.refused[a-word]", predicate["failedTests"])  # its control failed
        verified = self.installed.verify(self.bundle)
        self.assertEqual(verified.code, 1, str(verified))
        self.assertRegex(verified.out, r"consistent, unsigned: .*; it claims FAILED\n$")

    def test_signature_is_what_openssl_says(self):
        private, public = bundles.make_keys(self.folder)
        done = self.certify("--sign", private, expect=0)
        self.assertRegex(done.out, r"PASSED, signed\n$")
        envelope = json.loads((self.bundle / "statement.dsse.json").read_text())
        self.assertEqual(envelope["payloadType"], "application/vnd.in-toto+json")
        payload = base64.b64decode(envelope["payload"], validate=True)
        self.assertEqual(payload, (self.bundle / "statement.json").read_bytes())
        kind = envelope["payloadType"].encode()
        signed = self.folder / "pae"
        signed.write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
        signature, same = envelope["signatures"]
        self.assertEqual(signature["sig"], same["sig"])
        raw = self.folder / "signature"
        raw.write_bytes(base64.b64decode(signature["sig"], validate=True))
        bundles.openssl(
            "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-in", signed,
            "-sigfile", raw,
        )
        self.assertEqual(signature["keyid"], "")
        self.assertTrue(re.fullmatch(r"[0-9a-f]{64}", same["keyid"]))
        self.assertEqual(self.installed.verify(self.bundle, "--key", public).code, 0)

    def test_tls_is_verified_and_the_statement_says_so(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        server = self.enter(relay.Tls(reference.base_url, self.folder))

        def secure(profile):
            profile["iut"]["base_url"] = f"https://localhost:{server.port}"
            profile["pixit"]["tls"] = {"ca_file": str(server.ca)}
            profile["pixit"]["headers"]["User-Agent"] = "python-httpx/0.27.2"
            for hook in profile["pixit"]["hooks"].values():
                hook["http"]["url"] = hook["http"]["url"].replace("{base_url}", reference.base_url)

        path = reference.write(self.folder, secure)
        done = self.installed.call("run", "--certify", "--profile", path, "--out", self.out)
        self.assertEqual(done.code, 0, str(done))
        statement = (self.out / "certificate" / "statement.json").read_text()
        self.assertIn("https, the server's certificate verified", statement)
        self.assertNotIn("TLS was not tested", statement)
        notes = {part["name"]: part.get("annotations") for part in
                 json.loads(statement)["predicate"]["configuration"]}
        run = next(note for name, note in notes.items() if name.startswith("results."))
        self.assertEqual(notes["profile.json"]["user_agent"], "python-httpx/0.27.2")
        self.assertEqual(run["verified_by"], ["CN=localhost"])
        self.assertEqual(run["answered_from"], [f"127.0.0.1:{server.port}"])
        self.assertIn("another order", run["repeated"])
        server.ca.unlink()  # to verify takes neither network nor the files of the profile
        done = self.installed.verify(self.out / "certificate")
        self.assertEqual(done.code, 4)
        self.assertIn(f"answered from 127.0.0.1:{server.port}\n", done.out)
        self.assertIn("verified by the profile's own authority CN=localhost\n", done.out)
        self.assertIn("asked by User-Agent python-httpx/0.27.2\n", done.out)

    def certify_over_tls(self, server, reference, **system):
        def secure(profile):
            profile["iut"]["base_url"] = f"https://localhost:{server.port}"
            for hook in profile["pixit"]["hooks"].values():
                hook["http"]["url"] = hook["http"]["url"].replace("{base_url}", reference.base_url)

        path = reference.write(self.folder, secure)
        return self.installed.call(
            "run", "--certify", "--profile", path, "--out", self.out, env=system
        )

    @house.unittest.skipUnless(SHIM.exists(), "sanitizers have to be loaded first")
    def test_an_authority_of_the_systems_is_called_so(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        server = self.enter(relay.Tls(reference.base_url, self.folder))
        done = self.certify_over_tls(
            server, reference,
            LD_PRELOAD=str(SHIM), CF_SYSTEM_CA=str(server.ca), CF_SYSTEM_CA_AT=SYSTEM_CA,
        )
        self.assertEqual(done.code, 0, str(done))
        parts = self.statement()["predicate"]["configuration"]
        notes = {part["name"]: part.get("annotations") for part in parts}
        self.assertEqual(
            notes["profile.json"]["transport"],
            "https, the server's certificate verified by the system's authorities",
        )
        self.assertEqual(notes["results.json.gz"]["verified_by"], ["CN=localhost"])
        self.assertEqual(notes["results.json.gz"]["answered_from"], [f"127.0.0.1:{server.port}"])
        done = self.installed.verify(self.bundle)
        self.assertEqual(done.code, 4, str(done))
        self.assertIn(f"answered from 127.0.0.1:{server.port}\n", done.out)
        self.assertIn("verified by the system's authority CN=localhost\n", done.out)

    def test_a_server_that_no_authority_of_the_systems_vouches_for_gets_none(self):
        reference = self.enter(house.Reference())
        server = self.enter(relay.Tls(reference.base_url, self.folder))
        done = self.certify_over_tls(server, reference)
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("certificate", done.err)
        self.assertFalse((self.out / "certificate").exists())

    def test_a_server_that_another_authority_vouches_for_gets_none(self):
        reference = self.enter(house.Reference())
        server = self.enter(relay.Tls(reference.base_url, self.folder))
        (self.folder / "other").mkdir()
        other = relay.Tls(reference.base_url, self.folder / "other")

        def distrust(profile):
            profile["iut"]["base_url"] = f"https://localhost:{server.port}"
            profile["pixit"]["tls"] = {"ca_file": str(other.ca)}

        path = reference.write(self.folder, distrust)
        done = self.installed.call("run", "--certify", "--profile", path, "--out", self.out)
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("certificate", done.err)
        self.assertFalse((self.out / "certificate").exists())

    def test_trouble_of_the_testers_own_makes_no_certificate(self):
        """A CVM that stays busy is given up, and what it would have shown is not known."""
        reference = self.enter(house.Reference("--operation-ms", "60000"))

        def impatient(profile):
            profile["pixit"]["timing"]["settle_timeout_ms"] = 300
            profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:2]

        path = reference.write(self.folder, impatient)
        done = self.installed.call("run", "--certify", "--profile", path, "--out", self.out)
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("no certificate", done.err)
        self.assertFalse((self.out / "certificate").exists())


if __name__ == "__main__":
    house.main()
