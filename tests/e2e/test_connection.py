"""pixit.connection: by a proxy, a unix socket and HTTP/2, with nginx before the reference."""

import shutil
import socket
import subprocess
import unittest
from pathlib import Path

import house

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CASES = ("--suite", "accepted", "--suite", "script", "--suite", "robustness",
         "--allow-inconclusive")

SETTINGS = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{}}
http {{
  log_format seen "$server_protocol $request";
  access_log {folder}/access.log seen;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 16m;
  proxy_http_version 1.1;
  proxy_request_buffering off;
  server {{
    listen {listen};
    {tls}
    location / {{
      proxy_set_header Host $http_host;
      proxy_pass {target};
    }}
  }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """nginx with one server, for the length of a with block."""

    def __init__(self, folder, listen, target, tls=""):
        self.folder, self.listen, self.port = Path(folder) / "nginx", listen, free_port()
        self.socket = self.folder / "server.sock"
        self.target, self.tls = target, tls

    def __enter__(self):
        self.folder.mkdir()
        settings = self.folder / "nginx.conf"
        at = f"unix:{self.socket}" if self.listen == "unix" else f"127.0.0.1:{self.port}"
        settings.write_text(SETTINGS.format(
            folder=self.folder, target=self.target, tls=self.tls,
            user="user root;" if Path("/root").stat().st_uid == self.folder.stat().st_uid else "",
            listen=at + self.listen.replace("unix", "").replace("plain", "")))
        self.process = subprocess.Popen(
            [NGINX, "-p", self.folder, "-c", settings, "-e", self.folder / "error.log"],
            stderr=subprocess.PIPE, text=True)
        house.wait_until(self._ready, "nginx")
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError("nginx ended: " + self.process.stderr.read())
        kind, where = ((socket.AF_UNIX, str(self.socket)) if self.listen == "unix"
                       else (socket.AF_INET, ("127.0.0.1", self.port)))
        with socket.socket(kind) as probe:
            return probe.connect_ex(where) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=30)

    def seen(self):
        return (self.folder / "access.log").read_text().splitlines()


@unittest.skipUnless(NGINX, "nginx is not installed")
class Connection(house.Case):
    def certify(self, reference, nginx, expect=0, **changes):
        def change(profile):
            profile["iut"].update(changes.get("iut", {}))
            profile["pixit"]["connection"] = changes["connection"]
            profile["pixit"].update(changes.get("pixit", {}))

        path = reference.write(self.folder, change)
        self.run_suite("--profile", path, *CASES, expect=expect)
        verdicts = self.verdicts().values()
        self.assertGreater(sum(v == "pass" for v in verdicts), 30)
        self.assertGreater(len(nginx.seen()), 200)
        return nginx.seen()

    def test_a_proxy_is_told_the_whole_url(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        nginx = self.enter(Nginx(self.folder, "plain", "http://$http_host$request_uri"))
        seen = self.certify(reference, nginx,
                            connection={"proxy": f"http://127.0.0.1:{nginx.port}"})
        self.assertTrue(any(f" {reference.base_url}/api" in line for line in seen), seen[0])

    def test_a_unix_socket_stands_for_the_host(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        nginx = self.enter(Nginx(self.folder, "unix", reference.base_url))
        self.certify(reference, nginx, connection={"unix_socket": "nginx/server.sock"},
                     iut={"base_url": "http://localhost:1"})

    def test_http2_from_the_first_byte(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        nginx = self.enter(Nginx(self.folder, "plain http2", reference.base_url))
        seen = self.certify(reference, nginx, connection={"http2": True},
                            iut={"base_url": f"http://127.0.0.1:{nginx.port}"})
        self.assertEqual({line.split()[0] for line in seen}, {"HTTP/2.0"})

    def test_http2_over_tls(self):
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-keyout",
             key, "-out", certificate, "-subj", "/CN=localhost", "-addext",
             "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        reference = self.enter(house.Reference("--operation-ms", "15"))
        nginx = self.enter(Nginx(self.folder, "plain ssl http2", reference.base_url,
                                 f"ssl_certificate {certificate}; ssl_certificate_key {key};"))
        seen = self.certify(reference, nginx, connection={"http2": True},
                            iut={"base_url": f"https://127.0.0.1:{nginx.port}"},
                            pixit={"tls": {"ca_file": "certificate.pem"}})
        self.assertEqual({line.split()[0] for line in seen}, {"HTTP/2.0"})

    def test_a_proxy_that_is_not_there_is_named(self):
        reference = self.enter(house.Reference("--operation-ms", "15"))
        for gone, why in ((f"http://127.0.0.1:{free_port()}", "connection refused"),
                          ("http://nowhere.invalid:1", "could not resolve proxy: nowhere.invalid")):
            path = reference.write(
                self.folder, lambda p, gone=gone: p["pixit"].update(connection={"proxy": gone}))
            done = self.run_suite("--profile", path, *CASES, expect=3)
            self.assertIn(f"by the proxy {gone.removeprefix('http://')}: {why}", done.err)


if __name__ == "__main__":
    house.main()
