"""Cases that only the moment keeps from a verdict are tried again, alone; those with one are not."""

import http.client
import http.server
import threading
import time
from urllib.parse import urlsplit

import house

CASE = "conflict.in-progress[user_config-then-user_config]"
OPERATION_MS = 150


class Delaying(http.server.BaseHTTPRequestHandler):
    """Hands requests on; holds back every second update of the case until too_late of them were."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "PATCH" and b"fresh" in body:
            self.server.updates += 1
            if self.server.updates % 2 == 0 and self.server.updates <= 2 * self.server.too_late:
                time.sleep(OPERATION_MS * 2 / 1000)
        there = http.client.HTTPConnection(self.server.behind, timeout=10)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        there.request(self.command, self.path, body, headers)
        answer = there.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        there.close()

    do_GET = do_PATCH = do_POST = relay

    def log_message(self, *_):
        pass


class Undecided(house.Case):
    def run_behind_delays(self, too_late, expect):
        reference = self.enter(house.Reference("--operation-ms", str(OPERATION_MS)))
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Delaying)
        proxy.behind = urlsplit(reference.base_url).netloc
        proxy.updates, proxy.too_late = 0, too_late
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)

        def behind(profile):
            profile["iut"]["base_url"] = f"http://127.0.0.1:{proxy.server_port}"

        profile = reference.write(self.folder, behind)
        self.run_suite("--profile", profile, "--case", CASE, expect=expect)
        return {case["id"]: case for case in self.results()["cases"]}[CASE]

    def test_a_second_try_decides(self):
        case = self.run_behind_delays(too_late=5, expect=0)
        self.assertEqual((case["verdict"], case["tries"]), ("pass", 2))

    def test_tries_come_to_an_end(self):
        case = self.run_behind_delays(too_late=1000, expect=3)
        self.assertEqual((case["verdict"], case["tries"]), ("inconclusive", 3))
        self.assertIn("may have ended before the second", case["reason"])

    def test_a_verdict_stands(self):
        self.run_suite("--case", CASE, "--deviation", "conflict-ignored", expect=1)
        case = {case["id"]: case for case in self.results()["cases"]}[CASE]
        self.assertEqual(case["verdict"], "fail")
        self.assertNotIn("tries", case)

    def test_operations_that_are_never_seen(self):
        """Neither claimed as instant nor caught running: inconclusive, and what to claim is said."""
        reference = self.enter(house.Reference("--operation-ms", "0"))

        def unclaimed(profile):
            profile["pics"].pop("instant_operations", None)

        profile = reference.write(self.folder, unclaimed)
        done = self.run_suite("--profile", profile, "--suite", "conflict", expect=3)
        self.assertIn("pics.instant_operations", done.out)
        self.assertEqual(self.results()["summary"]["cases"]["fail"], 0)


if __name__ == "__main__":
    house.main()
