"""The leak gate: a secret that an implementation echoes in every form is in no file, and one that
is in a file is told.

The canary server is the reference implementation behind a relay that puts the credential, in all
its forms, into the headers and the JSON bodies of every answer, cut into chunks in the midst of it.
"""

import base64
import gzip
import html
import json
import re
import socket
import urllib.parse
import zlib

import house
import relay

CANARY = 'cAn4ry/s+c?et="quoted"\\%25&<tail>'


def forms(secret):
    """The secret as others may write it. Of base64 what the secret alone decides, at each of its
    places within a group of three bytes."""
    raw = secret.encode()
    yield secret
    yield json.dumps(secret)[1:-1]
    yield "".join(f"\\u{ord(c):04x}" for c in secret)
    yield urllib.parse.quote(secret, safe="")
    yield urllib.parse.quote_plus(secret)
    yield "".join(f"%{b:02x}" for b in raw)
    yield raw.hex()
    yield raw.hex(":")
    yield urllib.parse.quote(urllib.parse.quote(secret, safe=""), safe="")
    yield json.dumps(json.dumps(secret))[1:-1]
    yield json.dumps(json.dumps(json.dumps(secret)))[1:-1]
    yield json.dumps(list(raw))
    inner = base64.b64encode(raw)[: len(raw) * 8 // 6]
    yield base64.b64encode(inner).decode()[: len(inner) * 8 // 6]
    yield "".join(c.upper() if i % 3 else c.lower() for i, c in enumerate(secret))
    yield raw.hex().upper()
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"x" * before + raw).decode().rstrip("=")
            start = (before * 8 + 5) // 6
            end = (before + len(raw)) * 8 // 6
            yield text[start:end]


class Echo(relay.Relay):
    def __init__(self, base_url, key, secret=CANARY):
        super().__init__(base_url)
        self.key, self.secret = key.encode(), secret.encode()
        self.count = 0

    def serve(self, client):
        stream = client.makefile("rb")
        with socket.create_connection(self.target) as server:
            answers = server.makefile("rb")
            while (head := relay.read_head(stream)) is not None:
                line, headers = head
                body = relay.read_body(stream, headers)
                server.sendall(self.request(line, headers, body))
                answer = relay.read_head(answers)
                if answer is None:
                    return
                status, answer_headers = answer
                content = relay.read_body(answers, answer_headers)
                self.count += line.startswith(b"PATCH")
                if self.count % 40 == 39:  # no HTTP at all, and the secret in the midst of it
                    self.count += 1
                    client.sendall(b"HTTP/1.1 abc " + self.secret + b"\r\n\r\n")
                    return
                for piece in self.answer(status, answer_headers, content):
                    client.sendall(piece)

    def request(self, line, headers, body):
        lines = [line] + [
            name + b": " + (self.key if value == self.secret else value) for name, value in headers
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    def answer(self, status, headers, content):
        echoes = list(forms(self.secret.decode()))
        try:
            document = json.loads(content)
        except ValueError:
            document = None
        if isinstance(document, dict):
            document["echo"] = echoes
            content = json.dumps(document).encode()
            # once as the escape that only JSON has
            content = content.replace(b'"echo"', b'"echo2": "%s", "echo"' % echoes[2].encode())
        kept = [(n, v) for n, v in headers if n.lower() not in (b"content-length", b"connection")]
        kept += [(b"X-Echo", e.encode()) for e in echoes]
        kept += [(b"Transfer-Encoding", b"chunked")]
        yield status + b"\r\n" + b"".join(n + b": " + v + b"\r\n" for n, v in kept) + b"\r\n"
        for i in range(0, len(content), 7):  # shorter than any form of the secret
            chunk = content[i : i + 7]
            yield b"%x\r\n%s\r\n" % (len(chunk), chunk)
        yield b"0\r\n\r\n"


class Echoed(house.Case):
    def files(self):
        return [p for p in self.out.rglob("*") if p.is_file()]

    def assert_clean(self):
        """Reports escape what they show once more."""
        for path in self.files():
            text = path.read_bytes().decode(errors="replace")
            for form in forms(CANARY):
                for shown in (form, json.dumps(form)[1:-1], html.escape(form, quote=True)):
                    self.assertNotIn(shown, text, path)

    def run_behind(self, *args, hook=None, server=Echo):
        reference = self.enter(house.Reference("--operation-ms", "20"))
        echo = self.enter(server(reference.base_url, reference.key))

        def change(profile):
            profile["iut"]["base_url"] = f"http://127.0.0.1:{echo.port}"
            profile["pixit"]["auth"]["value_from"] = {"env": "CANARY_KEY"}
            for one in profile["pixit"]["hooks"].values():
                one["http"]["url"] = one["http"]["url"].replace("{base_url}", reference.base_url)
            if hook:
                profile["pixit"]["hooks"]["register-compose-hash"] = hook

        path = reference.write(self.folder, change)
        done = self.run_suite("--profile", path, *args, env={"CANARY_KEY": CANARY},
                              limit_s=600)  # fmt: skip
        return done

    def test_by_the_implementation(self):
        done = self.run_behind("--suite", "accepted", "--suite", "auth", "--suite", "validation",
                               "--suite", "two-phase")
        self.assertNotIn("credential", done.err)
        self.assertIn(done.code, (0, 1, 3))
        lines = self.lines()
        self.assertGreater(len(lines), 100)
        steps = [step for case in lines for step in case["steps"]]
        echoed = [step for step in steps if "$CANARY_KEY" in json.dumps(step["response"])]
        self.assertGreater(len(echoed), 500)
        broken = [s for c in lines for s in c["steps"] if s.get("message")]
        self.assertGreater(len(broken), 5)
        self.assert_clean()
        for form in forms(CANARY):
            self.assertNotIn(form, done.out + done.err)

    def test_in_a_content_coding(self):
        """Such a body cannot be kept without its secret: length and digest are."""
        done = self.run_behind("--suite", "validation", "--case", "validation.*vcpu*",
                               "--keep-bodies", "all", server=Coded)  # fmt: skip
        self.assertNotIn("credential", done.err)
        bodies = [s["response"]["body"] for c in self.lines() for s in c["steps"]
                  if s.get("response") and 400 <= s["response"]["status"] < 500]  # fmt: skip
        self.assertGreaterEqual(len(bodies), 14)
        for body in bodies:
            self.assertRegex(body, r"^\[not kept: \d+ bytes, Content-Encoding .*, SHA-256 \w{64}: ")
        told = "".join(bodies)
        for name in ("gzip:", "deflate", "gzip, gzip", "gzip, unsaid", "br", "zstd"):
            self.assertIn(f"Content-Encoding {name.rstrip(':')}, SHA", told)
        self.assert_clean()

    def test_by_a_hook(self):
        """On its output, and in what is told of its end."""
        command = self.folder / "hook.sh"
        command.write_text(
            "#!/bin/sh\nread -r line\nprintf '{\"transaction_hash\": \"%s\"}' \"$CANARY_KEY\"\n"
            "echo \"$CANARY_KEY\" >&2\n"
        )
        command.chmod(0o755)
        done = self.run_behind("--case", "two-phase.commit", hook={"command": ["./hook.sh"]})
        self.assertNotIn("credential", done.err)
        hooks = [s for c in self.lines() for s in c["steps"] if s["kind"] == "hook"]
        self.assertTrue(hooks)
        self.assertIn("$CANARY_KEY", hooks[0]["response"]["body"])
        self.assert_clean()


class Coded(Echo):
    """Answers in a content coding, the secret within; what it is called is the answer's number."""

    CODINGS = (
        (b"gzip", gzip.compress),
        (b"deflate", zlib.compress),
        (b"deflate", lambda plain: zlib.compress(plain, wbits=-15)),
        (b"gzip, gzip", lambda plain: gzip.compress(gzip.compress(plain))),
        (None, gzip.compress),
        (b"br", lambda plain: plain[::-1]),
        (b"zstd", lambda plain: plain[::-1]),
    )

    def answer(self, status, headers, content):
        self.count = 0  # no broken answers
        if not status.split()[1].startswith(b"4"):  # the read side stays legible
            yield from self.plain(status, headers, content)
            return
        self.coded = getattr(self, "coded", 0) + 1
        coding, encode = self.CODINGS[self.coded % len(self.CODINGS)]
        body = encode(content + self.secret)
        yield from self.plain(
            status, headers + ([(b"Content-Encoding", coding)] if coding else []), body
        )

    @staticmethod
    def plain(status, headers, content):
        kept = [(n, v) for n, v in headers if n.lower() not in (b"content-length", b"connection")]
        kept += [(b"Content-Length", b"%d" % len(content))]
        yield status + b"\r\n" + b"".join(n + b": " + v + b"\r\n" for n, v in kept) + b"\r\n"
        yield content


class Found(house.Case):
    """Somebody put it there: our writers do not."""

    def setUp(self):
        super().setUp()
        self.reference = self.enter(house.Reference())
        self.out.mkdir()

    def run_one(self, *args):
        return self.run_suite("--profile", self.reference.path, "--case", "accepted.valid-update*",
                              *args)

    def test_in_any_form(self):
        for number, form in enumerate(forms(self.reference.key)):
            path = self.out / f"stray-{number}.txt"
            path.write_text(f"before {form} after")
            done = self.run_one()
            self.assertEqual(done.code, 3, (form, str(done)))
            self.assertIn(f"{path} holds the credential $API_KEY", done.err)
            self.assertIn(form, path.read_text())  # nothing was removed
            self.assertNotIn(self.reference.key, done.out + done.err)
            path.unlink()
        self.assertEqual(self.run_one().code, 0)

    def test_wherever_in_a_large_file_and_in_folders_below(self):
        deep = self.out / "a" / "b"
        deep.mkdir(parents=True)
        path = deep / "large.bin"
        for offset in (65536 - 5, 131072 - 1, 200000):
            content = bytearray(b"-" * 200100)
            content[offset : offset + len(self.reference.key)] = self.reference.key.encode()
            path.write_bytes(content)
            done = self.run_one()
            self.assertEqual(done.code, 3, (offset, str(done)))
            self.assertIn(f"{path} holds", done.err)

    def test_weighs_more_than_a_failure(self):
        (self.out / "stray.txt").write_text(self.reference.key)
        wrong = self.reference.write(
            self.folder, lambda p: p["pixit"]["cvms"].update(unknown=p["pixit"]["cvms"]["foreign"],
                                                             foreign=["x"])
        )
        done = self.run_suite("--profile", wrong, "--suite", "auth")
        self.assertEqual(done.code, 3, str(done))

    def test_in_the_profile_itself(self):
        """The name of the implementation goes into every report."""
        path = self.reference.write(
            self.folder, lambda p: p["iut"].update(name=f"mine {self.reference.key}")
        )
        done = self.run_suite("--profile", path, "--case", "accepted.valid-update*", "--quiet")
        self.assertEqual(done.code, 3, str(done))
        for name in ("results.json", "report.html", "summary.md"):
            self.assertRegex(done.err, re.escape(f"{self.out / name} holds the credential"))


if __name__ == "__main__":
    house.main()
