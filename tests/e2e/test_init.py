"""init looks at a server and writes a profile: by GETs alone, without the key, over no file.

The servers here are as vendors' may be: this reference implementation, and one made up for a test,
which shows what the test lays out and notes what it was asked.
"""

import http.server
import json
import threading
import unittest

import house

KEY = {"ACME_API_KEY": "a-key-of-a-test-server"}
MANAGED = {"kms_type": "phala", "kms_info": {"chain_id": None}}
OWNED = {"kms_type": "base", "kms_info": {"chain_id": 8453}}

CURRENT = {
    "resource": {"vcpu": 4, "memory_in_gb": 8, "disk_in_gb": 20, "gpus": 0},
    "os": {"name": "os-1"},
    "public_logs": True,
    "public_sysinfo": True,
    "public_tcbinfo": False,
    "in_progress": False,
}
LEGACY = {"vcpu": 1, "memory": 2048, "disk_size": 20, "base_image": "os-1", "public_logs": True,
          "public_sysinfo": False}
COMPOSE = {"docker_compose_file": "a", "pre_launch_script": "b", "allowed_envs": [],
           "public_tcbinfo": True}


class Laid(http.server.ThreadingHTTPServer):
    """Answers what pages has: for a path JSON, a text, a status, or some of these in turn."""

    daemon_threads = True

    def __init__(self, pages):
        self.pages, self.asked, self.keys = pages, [], set()
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer

    def answer(self):
        server = self.server
        server.asked.append((self.command, self.path))
        server.keys.add(self.headers.get("X-API-Key"))
        page = server.pages.get(self.path.removeprefix("/api/v1/cvms/").partition("?")[0], 404)
        if isinstance(page, Turns):
            page = page.pop(0) if len(page) > 1 else page[0]
        status = page if isinstance(page, int) else 200
        body = page.encode() if isinstance(page, str) else json.dumps(page).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(page, str)
                         else "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Turns(list):
    pass


class Init(house.Case):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "acme.json"

    def init(self, url, *options, expect=0, env=KEY, out=True):
        done = house.call("init", "--base-url", url, "--key-env", "ACME_API_KEY", *options,
                          *(["--out", self.path] if out else []), env=env, cwd=self.folder)
        self.assertEqual(done.code, expect, str(done))
        self.assertNotIn(KEY["ACME_API_KEY"], done.out + done.err)
        return done

    def lay(self, **pages):
        return self.enter(Laid({name.replace("__", "/"): page for name, page in pages.items()}))

    def profile(self):
        text = self.path.read_text()
        self.assertNotIn(KEY["ACME_API_KEY"], text)
        return json.loads(text)

    def made(self, *options, **pages):
        """The profile for a server with these pages, which check accepts; what was said."""
        server = self.lay(**pages)
        done = self.init(server.url, "--cvm", "c-1", *options)
        self.assertEqual({method for method, _ in server.asked}, {"GET"})
        self.assertEqual(server.keys, {KEY["ACME_API_KEY"]})
        checked = house.call("check", "--profile", self.path, env=KEY)
        self.assertEqual(checked.code, 0, str(checked))
        return self.profile(), done.out


class Looking(Init):
    def test_writes_what_the_current_shape_shows(self):
        images = [{"version": [0, 3, 0], "prod": {"name": "os-3", "enabled": False}, "dev": None},
                  {"version": [0, 2, 0, 1], "prod": {"name": "os-2b", "enabled": True}},
                  {"version": [0, 2, 0], "prod": {"name": "os-2"}, "dev": {"name": "dev-2"}},
                  {"version": [0, 1, 0], "prod": {"name": "os-1"}, "dev": None},
                  {"version": [0, 0, 9], "prod": {"name": "os-0"}, "dev": None}]
        profile, said = self.made(**{"c-1": {**CURRENT, **MANAGED}, "c-1__compose_file": COMPOSE,
                                     "c-1__user_config": {"hostname": "a"},
                                     "c-1__available-os-images": images})
        pixit = profile["pixit"]
        self.assertEqual(pixit["observe"]["preset"], "2026-01-21")
        self.assertEqual(pixit["headers"], {"X-Phala-Version": "2026-01-21"})
        self.assertEqual(pixit["cvms"]["managed"], ["c-1"])
        self.assertEqual(pixit["cvms"]["unknown"], ["0-0", "0-1"])
        self.assertEqual(pixit["values"]["vcpu"], [2, 4])
        self.assertEqual(pixit["values"]["memory"], [4096, 8192])
        self.assertEqual(self.values(pixit, "disk_size")[:2], [20480, 30720])
        self.assertEqual(self.values(pixit, "image"), ["os-1", "os-2", "os-2b"])
        self.assertEqual(profile["pics"], {"contract_owned_kms": False, "prepare_only": False,
                                           "gpu_rental": False})
        self.assertIn("out of sight: encrypted_env, shutdown_timeout, allow_force_stop;", said)
        self.assertRegex(said, r"acme\.json:\d+: gpus are left alone")

    def test_images_that_do_not_tell_which_is_newer_are_left_to_you(self):
        images = [{"name": "os-1"}, {"name": "os-2"}]
        profile, said = self.made(**{"c-1": {**CURRENT, **MANAGED}, "c-1__compose_file": COMPOSE,
                                     "c-1__available-os-images": images})
        self.assertEqual(profile["pixit"]["values"]["image"], [])
        self.assertIn("none of 2 images is known to be newer than the CVMs' own", said)

    @staticmethod
    def values(pixit, field):
        values = pixit["values"][field]
        return values["upwards"] if isinstance(values, dict) else values

    def test_writes_what_the_older_shape_shows(self):
        profile, _ = self.made(**{"c-1": {**LEGACY, **MANAGED}, "c-1__compose_file": COMPOSE})
        pixit = profile["pixit"]
        self.assertEqual(pixit["observe"]["preset"], "2025-10-28")
        self.assertEqual(pixit["values"]["vcpu"], [1, 2])
        self.assertEqual(pixit["values"]["memory"], [2048, 4096])
        self.assertEqual(self.values(pixit, "disk_size")[0], 20480)

    def test_finds_fields_in_other_places(self):
        profile, _ = self.made(**{"c-1": {**CURRENT, **MANAGED, "shutdown_timeout": 60},
                                  "c-1__pre-launch-script": "#!/bin/sh\n",
                                  "c-1__user_config": "text"})
        fields = profile["pixit"]["observe"]["fields"]
        at = "/api/v1/cvms/{cvm_id}"
        self.assertEqual(fields["shutdown_timeout"], {"get": at, "pointer": "/shutdown_timeout"})
        self.assertEqual(fields["pre_launch_script"],
                         {"get": f"{at}/pre-launch-script", "pointer": "", "format": "text"})
        self.assertEqual(fields["user_config"],
                         {"get": f"{at}/user_config", "pointer": "", "format": "text"})

    def test_takes_a_timeout_of_null_for_none_set(self):
        profile, said = self.made(**{"c-1": {**CURRENT, **MANAGED, "shutdown_timeout": None,
                                             "encrypted_env": None}})
        fields = profile["pixit"]["observe"]["fields"]
        at = "/api/v1/cvms/{cvm_id}"
        self.assertEqual(fields["shutdown_timeout"], {"get": at, "pointer": "/shutdown_timeout"})
        self.assertIsNone(fields["encrypted_env"])
        self.assertIn("shutdown_timeout shows as null, taken for none set", said)

    def test_tells_kinds_by_their_kms(self):
        profile, said = self.made(
            "--cvm", "c-2", "--cvm", "c-3", "--foreign", "c-4",
            **{"c-1": {**CURRENT, **MANAGED}, "c-2": {**CURRENT, **OWNED}, "c-3": 403})
        cvms = profile["pixit"]["cvms"]
        self.assertEqual((cvms["managed"], cvms["contract_owned"], cvms["foreign"]),
                         (["c-1"], ["c-2"], ["c-3", "c-4"]))
        self.assertTrue(profile["pics"]["contract_owned_kms"])
        self.assertIn("EVM_CHAIN_ID=8453", said)
        self.assertIn("hooks: bring expire-compose-hash, or a run ends with exit code 3", said)
        self.assertNotIn("hashes_outlive_runs", profile["pics"])
        command = profile["pixit"]["hooks"]["register-compose-hash"]["command"]
        self.assertTrue(command[0].endswith("hooks/evm/register"), command)

    def test_goes_on_behind_a_gateway(self):
        shown = {**CURRENT, **MANAGED}
        profile, _ = self.made(**{"c-1": Turns([429, 502, shown])})
        self.assertEqual(profile["pixit"]["cvms"]["managed"], ["c-1"])

    def test_takes_values_that_are_given(self):
        gpus = [{"gpus": []}, {"gpus": [{"slot": "a", "product_id": "b"}]},
                {"gpus": [{"slot": "a"}, {"slot": "c"}]}]
        profile, said = self.made("--value", "vcpu=[3, 5]", "--value", f"gpus={json.dumps(gpus)}",
                                  **{"c-1": {**CURRENT, **MANAGED}})
        self.assertEqual(profile["pixit"]["values"]["vcpu"], [3, 5])
        self.assertEqual(profile["pixit"]["values"]["gpus"], gpus)
        self.assertNotIn("gpus are left alone", said)

    def test_without_cvms_lists_them_and_writes_nothing(self):
        items = [{"id": f"c-{i}", "name": f"name {i}", "status": "running", **MANAGED}
                 for i in range(150)]
        server = self.lay(paginated={"items": items, "pages": 1})
        done = self.init(server.url)
        self.assertRegex(done.out, r"(?m)^c-149 +managed +running +name 149$")
        self.assertIn("150 CVMs", done.out)
        self.assertFalse(self.path.exists())
        self.assertEqual({method for method, _ in server.asked}, {"GET"})

    def test_knows_a_service(self):
        server = self.lay(**{"c-1": {**CURRENT, **OWNED}})
        done = house.call("init", "--service", "phala-cloud", "--base-url", server.url, "--cvm",
                          "c-1", "--out", self.path,
                          env={"PHALA_CLOUD_API_KEY": KEY["ACME_API_KEY"]})
        self.assertEqual(done.code, 0, str(done))
        self.assertTrue(self.profile()["pics"]["hashes_outlive_runs"])
        self.assertIn("compose hashes wait 14 days here", done.out)
        self.assertEqual(self.profile()["iut"]["name"], "Phala Cloud")
        self.assertEqual(self.profile()["pixit"]["auth"],
                         {"header": "X-API-Key", "value_from": {"env": "PHALA_CLOUD_API_KEY"}})

    def test_writes_for_the_reference_implementation(self):
        server = self.enter(house.Reference())
        cvms = server.profile["pixit"]["cvms"]
        env = {"ACME_API_KEY": server.key}
        before = server.state()
        ids = [*cvms["managed"][:2], *cvms["contract_owned"][:2], *cvms["foreign"]]
        self.init(server.base_url, *(word for i in ids for word in ("--cvm", i)), env=env)
        self.assertEqual(server.state(), before)
        pixit = json.loads(self.path.read_text())["pixit"]
        for kind in ("managed", "contract_owned"):
            self.assertEqual(pixit["cvms"][kind], cvms[kind][:2])
        self.assertEqual(pixit["cvms"]["foreign"], cvms["foreign"])
        checked = house.call("check", "--profile", self.path, env=env)
        self.assertEqual(checked.code, 0, str(checked))


class Running(Init):
    """From a base URL and a key to a report that ends 0."""

    def begin(self, owned, *options, gpus=True):
        server = self.enter(house.Reference("--operation-ms", "30", *options))
        cvms = server.profile["pixit"]["cvms"]
        ids = [*cvms["managed"][:6], *cvms["contract_owned"][:owned], cvms["foreign"][0]]
        given = ["--value", f"gpus={json.dumps(server.profile['pixit']['values']['gpus'])}"]
        self.env = {"ACME_API_KEY": server.key}
        self.init(server.base_url, *(given if gpus else []),
                  *(word for i in ids for word in ("--cvm", i)), env=self.env)
        return server

    def test_a_run_with_nothing_added_ends_0(self):
        """Of a service that shows how many GPUs there are, and not which: they stay."""
        self.begin(0, "--variant", "gpus-as-a-number", gpus=False)
        self.run_suite("--profile", self.path, "--suite", "partial", "--suite", "validation",
                       "--suite", "accepted", env=self.env, expect=0)
        reasons = [c["reason"] for c in self.results()["cases"] if c["verdict"] == "not-applicable"]
        self.assertIn("gpus is left alone: its pixit.values are empty", reasons)

    def test_a_run_with_what_was_written_ends_0(self):
        self.begin(0)
        self.run_suite("--profile", self.path, env=self.env, expect=0)
        summary = self.results()["summary"]
        self.assertEqual(summary["out_of_sight"],
                         ["encrypted_env", "shutdown_timeout", "allow_force_stop"])
        self.assertGreater(summary["cases"]["pass"], 700)

    def test_where_hashes_outlive_runs_none_has_to_expire(self):
        server = self.begin(4)
        profile = json.loads(self.path.read_text())
        profile["pixit"]["hooks"] = server.profile["pixit"]["hooks"]
        del profile["pixit"]["hooks"]["expire-compose-hash"]
        for claimed, code in ((False, 3), (True, 0)):
            profile["pics"]["hashes_outlive_runs"] = claimed
            self.path.write_text(json.dumps(profile))
            checked = house.call("check", "--profile", self.path, env=self.env)
            self.assertEqual("pics.hashes_outlive_runs" in checked.out, not claimed, str(checked))
            self.run_suite("--profile", self.path, "--requirement", "two-phase.466-expired",
                           "--requirement", "two-phase.466-unknown", env=self.env, expect=code)
        expired = [c for c in self.results()["cases"] if "466-expired" in c["id"]]
        self.assertEqual({(c["verdict"], c["reason"]) for c in expired},
                         {("not-applicable", "pics.hashes_outlive_runs=true")})

    def test_with_hooks_the_two_phases_are_judged_too(self):
        server = self.begin(4)
        profile = json.loads(self.path.read_text())
        profile["pixit"]["hooks"] = server.profile["pixit"]["hooks"]
        self.path.write_text(json.dumps(profile))
        self.run_suite("--profile", self.path, env=self.env, expect=0)
        must = self.results()["summary"]["requirements"]["must"]
        self.assertGreaterEqual(must["passed"], 60)


class Refusing(Init):
    def test_never_overwrites_a_file(self):
        self.path.write_text("mine")
        server = self.lay(**{"c-1": {**CURRENT, **MANAGED}})
        done = self.init(server.url, "--cvm", "c-1", expect=2)
        self.assertIn("is there already; --force", done.err)
        self.assertEqual((self.path.read_text(), server.asked), ("mine", []))
        self.init(server.url, "--cvm", "c-1", "--force")
        self.assertNotEqual(self.path.read_text(), "mine")

    def test_says_what_was_asked_and_answered(self):
        for page, code, words in (
            (401, 3, "answered 401: the credential is refused"),
            (404, 2, "answered 404: no such CVM"),
            (500, 3, "c-1 answered 500"),
            ("not JSON", 3, "answered 200, but not with a JSON object"),
            ([], 3, "answered 200, but not with a JSON object"),
        ):
            with self.subTest(page), Laid({"c-1": page}) as server:
                done = self.init(server.url, "--cvm", "c-1", expect=code)
                self.assertIn(f"GET {server.url}/api/v1/cvms/c-1 ", done.err)
                self.assertIn(words, done.err)
                self.assertFalse(self.path.exists())

    def test_wrong_usage_asks_nothing(self):
        server = self.lay()
        for options, env, words in (
            (["--cvm", "c-1", "--cvm", "c-1"], KEY, None),
            (["--service", "nowhere"], KEY, 'unknown service "nowhere"'),
            (["--key-file", "key"], KEY, "one of --key-env NAME, --key-file FILE"),
            (["--ca-file", "none"], KEY, "there is no file none"),
            ([], {}, "environment variable ACME_API_KEY is not set"),
            ([], {"ACME_API_KEY": "short"}, "shorter than 6 characters"),
        ):
            if words:
                with self.subTest(words):
                    self.assertIn(words, self.init(server.url, *options, expect=2, env=env).err)
                    self.assertEqual(server.asked, [])

    def test_wrong_values_are_named(self):
        server = self.lay(**{"c-1": {**CURRENT, **MANAGED}})
        for value, words in (("vcpus=[1]", "did you mean vcpu"), ("vcpu", "FIELD=JSON"),
                             ("vcpu=[1,", "vcpu:1:4"), ("vcpu=[1]", "/pixit/values/vcpu")):
            with self.subTest(value):
                done = self.init(server.url, "--cvm", "c-1", "--value", value, expect=2)
                self.assertIn(words, done.err)
                self.assertFalse(self.path.exists())

    def test_a_cvm_named_twice_is_refused(self):
        server = self.lay(**{"c-1": {**CURRENT, **MANAGED}})
        done = self.init(server.url, "--cvm", "c-1", "--cvm", "c-1", expect=2)
        self.assertIn("c-1 is named twice", done.err)

    def test_a_foreign_cvm_that_can_be_read_is_refused(self):
        shown = {**CURRENT, **MANAGED}
        server = self.lay(**{"c-1": shown, "c-2": shown})
        done = self.init(server.url, "--cvm", "c-1", "--foreign", "c-2", expect=2)
        self.assertIn("403 or 404 is expected", done.err)


class Hostile(Init):
    def test_odd_answers_make_a_good_profile_or_none(self):
        for name, page in {
            "wrong types": {"resource": [], "os": 1, "kms_type": {}, "kms_info": "x"},
            "values of wrong types": {"resource": {"vcpu": [], "memory_in_gb": "4", "gpus": "x",
                                                   "disk_in_gb": True}, "os": {"name": []}},
            "huge": {"resource": {"vcpu": 1e300, "memory_in_gb": 1e18, "disk_in_gb": -4},
                     "os": {"name": "x" * 100000}, **MANAGED},
            "texts": {"os": {"name": "\x1b[31m\n\""}, "kms_type": "\x1b", **CURRENT},
            "fractions": {"resource": {"vcpu": 0.5, "memory_in_gb": 0.3, "disk_in_gb": 1.5}},
            "nothing": {},
        }.items():
            with self.subTest(name):
                self.path.unlink(missing_ok=True)
                images = [page, {"name": page}, {"version": page, "prod": {"name": "\x1b"}}]
                _, said = self.made(**{"c-1": page, "c-1__compose_file": [page],
                                       "c-1__available-os-images": images})
                self.assertNotIn("\x1b", said)

    def test_lists_are_escaped(self):
        server = self.lay(paginated={"items": [{"id": "\x1b]0;x\x07", "name": "a\nb" * 999}, 7,
                                               {}, []], "pages": 1e9})
        done = self.init(server.url)
        self.assertNotIn("\x1b", done.out)
        self.assertLess(len(done.out), 100000)

    def test_endless_pages_end(self):
        server = self.lay(paginated={"items": [{"id": "c"}], "pages": 1000000})
        self.init(server.url)
        self.assertLessEqual(len(server.asked), 100)

    def test_bad_servers_are_told(self):
        for behaviour in ("refuse", "close", "reset", "garbage", "truncated-body", "endless-body",
                          "endless-headers", "huge-header", "redirect"):
            with self.subTest(behaviour):
                with house.Hostile(behaviour) as server:
                    done = self.init(f"http://127.0.0.1:{server.port}", "--cvm", "c-1", expect=3)
                self.assertIn("GET http://127.0.0.1", done.err)


if __name__ == "__main__":
    house.main()
