"""What a profile holds besides what a reader needs is in nothing that is written.

Every place of a profile that can hold a secret has one of its own here, and both the server and the
hooks say all of them again.
"""

import http.server
import json
import threading
import urllib.request

import bundles
import house
import test_leaks

# By place. Those of "short" are too short to be searched for in what others say.
SECRETS = {
    "headers": "hdr7Token-a1b2c3",
    "password": "pw9-in-userinfo",
    "query": "query-t0ken-55",
    "path": "T00042XB99/pathsecret1",
    "hook header": "hookhdr88-plain",
    "hook authorization": "bearer-of-hooks",
    "hook json": "j5on-member-secret",
    "hook element": "element0fjson",
    "word": "w0rd-of-a-command",
    "option": "correct-horse-battery",
    "observe": "observe-t0k3n",
    "env": "from-the-environment",
    "file": "from-a-file-beside",
}
SHORT = {"header": "zq7Xw", "hook json": "q9ZkW"}


class Hooks(http.server.BaseHTTPRequestHandler):
    """Passes a hook's call on to the reference, and answers with all that it was given."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        given = json.loads(body)
        wanted = {k: v for k, v in given.items() if k in ("cvm_id", "app_id", "compose_hash")}
        self.server.seen.append(self.path + str(self.headers) + body.decode())
        request = urllib.request.Request(
            self.server.target, json.dumps(wanted).encode(), {"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            out = json.loads(answer.read())
        # Hidden where the profile has them, and not searched for in what others say.
        told = json.dumps(given).replace("123456789012", "0").replace(SHORT["hook json"], "short")
        out["said"] = [self.path, *self.headers.values(), json.loads(told)]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(out).encode())

    def log_message(self, *_):
        pass


class Echo(test_leaks.Echo):
    """Says every secret in every answer; what came is in seen."""

    def __init__(self, base_url, key):
        super().__init__(base_url, key)
        self.seen = []

    def request(self, line, headers, body):
        self.seen.append(b"\n".join([line] + [name + b": " + value for name, value in headers]))
        return super().request(line, headers, body)

    def answer(self, status, headers, content):
        try:
            document = json.loads(content)
        except ValueError:
            document = None
        self.count = 0  # no broken answers
        if isinstance(document, dict) and document.keys() & {"correlation_id", "detail"}:
            document["echo"] = list(SECRETS.values())
            content = json.dumps(document).encode()
        kept = [(n, v) for n, v in headers if n.lower() not in (b"content-length", b"connection")]
        kept += [(b"X-Echo", v.encode()) for v in SECRETS.values()]
        kept += [(b"X-Short", SHORT["header"].encode()), (b"Content-Length", b"%d" % len(content))]
        head = b"".join(n + b": " + v + b"\r\n" for n, v in kept)
        yield status + b"\r\n" + head + b"\r\n" + content


class Hidden(house.Case):
    def setUp(self):
        super().setUp()
        self.reference = self.enter(house.Reference("--operation-ms", "20"))
        self.echo = self.enter(Echo(self.reference.base_url, self.reference.key))
        self.hooks = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hooks)
        self.hooks.seen = []
        threading.Thread(target=self.hooks.serve_forever, daemon=True).start()
        self.addCleanup(self.hooks.server_close)
        self.addCleanup(self.hooks.shutdown)
        (self.folder / "secret.txt").write_text(SECRETS["file"] + "\n")
        self.env = {"CANARY_ENV": SECRETS["env"], "THE_KEY": self.reference.key}
        self.path = self.reference.write(self.folder, self.change)

    def change(self, profile):
        profile["iut"]["base_url"] = f"http://127.0.0.1:{self.echo.port}"
        pixit = profile["pixit"]
        pixit["auth"]["value_from"] = {"env": "THE_KEY"}
        pixit["headers"].update({
            "X-Auth-Token": SECRETS["headers"],
            "X-Short": SHORT["header"],
            "X-From-Env": {"env": "CANARY_ENV"},
            "X-From-File": {"file": "secret.txt"},
        })
        base = pixit["hooks"]
        self.hooks.target = base["register-compose-hash"]["http"]["url"].replace(
            "{base_url}", self.reference.base_url
        )
        host = f"127.0.0.1:{self.hooks.server_address[1]}"
        pixit["hooks"] = {
            "register-compose-hash": {
                "http": {
                    "method": "POST",
                    "url": f"http://{host}/{SECRETS['path']}?token={SECRETS['query']}",
                    "headers": {
                        "X-Plain": SECRETS["hook header"],
                        "Authorization": f"Bearer {SECRETS['hook authorization']}",
                        "X-Env": {"env": "CANARY_ENV"},
                    },
                    "json": {
                        "app_id": "{app_id}", "compose_hash": "{compose_hash}",
                        "note": SECRETS["hook json"], "short": SHORT["hook json"],
                        "deep": [{"list": [SECRETS["hook element"], 123456789012]}],
                        "file": {"file": "secret.txt"},
                    },
                }
            },
            # No URL with a user is called, but it may stand there.
            "reset": {"http": {"method": "POST",
                               "url": f"http://user7x:{SECRETS['password']}@{host}/"}},
            "revert-registration": {
                "command": ["./hook.sh", SECRETS["word"], "--password", SECRETS["option"]]
            },
        }  # fmt: skip
        (self.folder / "hook.sh").write_text(
            f"#!/bin/sh\ncp {self.out}/snapshots.json {self.folder}/seen.json\n"
            'printf \'{"error": "cannot do %s %s"}\' "$1" "$3"\nexit 1\n'
        )
        (self.folder / "hook.sh").chmod(0o755)
        pixit["observe"].setdefault("fields", {})["user_config"] = {
            "get": f"/api/v1/cvms/{{cvm_id}}/user_config?api_token={SECRETS['observe']}",
            "pointer": "",
        }

    def everything(self, done, *more):
        texts = {"standard output": done.out, "standard error": done.err}
        for folder in (self.out, *more):
            for path in folder.rglob("*") if folder.is_dir() else [folder]:
                if path.is_file():
                    texts[str(path)] = bundles.content(path).decode(errors="replace")
        return texts

    def assert_hidden(self, texts):
        secrets = [*SECRETS.values(), *SHORT.values(), "user7x", "123456789012",
                   self.reference.key]  # fmt: skip
        for where, text in texts.items():
            for secret in secrets:
                at = text.find(secret)
                self.assertEqual(at, -1, f"{where}: {text[max(0, at - 200):at + 40]}")

    def test_in_a_run_and_its_reports(self):
        done = self.run_suite("--profile", self.path, "--suite", "accepted", "--suite",
                              "two-phase", "--verbose", env=self.env)  # fmt: skip
        self.assertIn(done.code, (0, 1, 3), str(done))
        self.assertNotIn("holds the credential", done.err)
        # The server and the hooks did get all of it.
        sent = b"\n".join(self.echo.seen).decode()
        for place in ("headers", "env", "file", "observe"):
            self.assertIn(SECRETS[place], sent)
        called = "\n".join(self.hooks.seen)
        for place in ("path", "query", "hook header", "hook authorization", "hook json",
                      "hook element", "env", "file"):  # fmt: skip
            self.assertIn(SECRETS[place], called)
        self.assertTrue((self.folder / "seen.json").exists())
        for name in ("html", "junit", "markdown", "tap", "har", "json"):
            again = house.call("report", self.out / "results.json", f"--{name}",
                               self.out / f"again.{name}")  # fmt: skip
            self.assertEqual(again.code, 0, str(again))
        console = house.call("report", self.out / "results.json")
        self.assert_hidden(self.everything(done, self.folder / "seen.json"))
        self.assert_hidden({"report": console.out + console.err})
        cases = {c["id"]: c for c in self.results()["cases"]}
        told = json.dumps(cases)
        self.assertIn("said", told)  # by a hook that did its work
        for name in ("$HEADER_X_AUTH_TOKEN", "$HEADER_X_SHORT", "$CANARY_ENV",
                     "$HEADER_X_FROM_FILE", "$OBSERVE_API_TOKEN", "$HOOK_URL",
                     "cannot do $HOOK_WORD"):  # fmt: skip
            self.assertIn(name, told)

    def test_in_a_certificate_that_is_judged_again(self):
        installed = bundles.Installed()
        self.addCleanup(installed.remove)
        done = installed.call("run", "--certify", "--out", self.out, "--profile", self.path,
                              env=self.env)  # fmt: skip
        self.assertIn("certificate:", done.out, str(done))
        self.assert_hidden(self.everything(done))
        verified = installed.verify(self.out / "certificate")
        self.assertIn(verified.code, (1, 4), str(verified))
        self.assertIn("all the same", verified.out)
        shown = (self.out / "certificate" / "profile.json").read_text()
        self.assertIn('"X-Phala-Version": "', shown)
        self.assertIn(f'"url": "http://127.0.0.1:{self.hooks.server_address[1]}/$HOOK_URL"', shown)

    def test_two_profiles_are_told_apart_by_a_digest_that_guesses_nothing(self):
        digests = []
        for short in (SHORT["header"], SHORT["header"], "other"):
            path = self.reference.write(
                self.folder, lambda p, s=short: (self.change(p),
                                                 p["pixit"]["headers"].update({"X-Short": s}))
            )  # fmt: skip
            self.run_suite("--profile", path, "--case", "accepted.valid-update*", env=self.env)
            results = self.results()
            digests.append((results["profile_sha256"], results["profile_hidden"]))
        self.assertEqual(digests[0], digests[1])
        self.assertEqual(digests[0][0], digests[2][0])
        self.assertNotEqual(digests[0][1], digests[2][1])

    def test_a_word_of_a_command_is_taken_from_nowhere_else(self):
        def change(profile):
            profile["pixit"]["hooks"]["reset"] = {"command": ["x", {"env": "CANARY_ENV"}]}

        path = self.reference.write(self.folder, change)
        done = self.run_suite("--profile", path, env=self.env, expect=2)
        self.assertIn("list of processes", done.err)

    def test_a_missing_variable_or_file_is_named_with_its_place(self):
        for source, says in (
            ({"env": "NO_SUCH_VARIABLE"},
             "/pixit/headers/X-A/env: environment variable NO_SUCH_VARIABLE is not set"),
            ({"file": "nowhere.txt"}, "/pixit/headers/X-A/file: "),
        ):  # fmt: skip
            path = self.reference.write(
                self.folder, lambda p, s=source: p["pixit"]["headers"].update({"X-A": s})
            )
            done = self.run_suite("--profile", path, expect=2)
            self.assertIn(says, done.err)


if __name__ == "__main__":
    house.main()
