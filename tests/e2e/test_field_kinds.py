"""A server as it stands in the field: at addresses, behind clocks and beside copies of its own."""

import email.utils
import itertools
import re
import socket
import threading
import time

import between
import house
import relay

CONFLICT = "conflict.in-progress[user_config-then-user_config]"
OMITTED = "partial.omitted-unchanged[docker_compose_file]"
TRACKABLE = "accepted.trackable[update-cvm]"
CASES = [word for case in (CONFLICT, OMITTED, TRACKABLE) for word in ("--case", case)]
FIELDS = ("vcpu", "image", "public_logs", "docker_compose_file")
READ = [word for field in FIELDS for word in ("--case", f"partial.present-applied[{field}]")]
DEFECT = ("--deviation", "partial-omitted-envs-cleared")


class Skewed(between.Between):
    """Its clock is hours off, one way and the other."""

    hours = 0

    def answer(self, method, path, sent, status, headers, body):
        now = email.utils.formatdate(time.time() + self.hours * 3600, usegmt=True)
        kept = [(k, v) for k, v in headers if k.lower() != "date"]
        if method == "GET" and status == 200 and next(self.count) % 9 == 4:
            return 503, [*kept, ("Date", now), ("Retry-After", now)], b""
        return status, [*kept, ("Date", now)], body

    def __init__(self, reference):
        super().__init__(reference)
        self.count = itertools.count()


class TwoOfThem(between.Between):
    """Every second look is answered by an instance that is some time behind."""

    behind_s = 0.1, 0.3  # which the profile has to say: see lagging()

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.pages = {}
        self.turn = itertools.count()

    def answer(self, method, path, sent, status, headers, body):
        if method != "GET" or status != 200 or not path.startswith("/api/"):
            return status, headers, body
        now = time.monotonic()
        with self.lock:
            pages = self.pages.setdefault(path, [])
            pages.append((now, (status, headers, body)))
            least, most = self.behind_s
            old = [page for since, page in pages if least <= now - since <= most]
            return old[-1] if old and next(self.turn) % 2 else (status, headers, body)


class Forgetful(between.Between):
    """Shows no vcpu any more of a CVM that has taken one."""

    def __init__(self, reference):
        super().__init__(reference)
        self.taken = set()

    def answer(self, method, path, sent, status, headers, body):
        if status == 202 and b"vcpu" in sent:
            self.taken.add(path)
        if path in self.taken and method == "GET":
            body = re.sub(rb'"vcpu":\d+', b'"cores":0', body)
        return status, headers, body


class Six(relay.Relay):
    """At ::1 alone."""

    def __enter__(self):
        self.listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self


class Slow(relay.Tls):
    """Takes its time before each handshake."""

    def serve(self, client):
        time.sleep(0.7)
        super().serve(client)


def lagging(profile):
    profile["pixit"]["timing"]["read_lag_ms"] = 500


class FieldKinds(between.Case):
    def test_clocks_that_are_hours_off(self):
        for hours in (-7, 7):
            with self.subTest(hours):
                self.out = self.folder / str(hours)
                self.run_behind(Skewed, *CASES, expect=0, hours=hours,
                                serve=("--operation-ms", "300"))

    def test_an_instance_that_lags_beside_one_that_does_not(self):
        self.run_behind(TwoOfThem, *CASES, expect=0, change=lagging,
                        serve=("--operation-ms", "600"))

    def test_a_defect_is_seen_beside_an_instance_that_lags(self):
        self.run_behind(TwoOfThem, *CASES, expect=1, change=lagging,
                        serve=("--operation-ms", "600", *DEFECT))
        self.assertEqual(self.case(OMITTED)["verdict"], "fail")

    def misread(self, field):
        def adjust(profile):
            profile["pixit"]["observe"]["fields"][field] = {
                "get": "/api/v1/cvms/{cvm_id}", "pointer": "/no/such/member"}

        reference = self.enter(house.Reference())
        self.run_suite("--profile", reference.write(self.folder, adjust), *READ, expect=3)
        return {case["id"]: case for case in self.results()["cases"]}

    def test_a_pointer_to_nowhere_is_no_fault_of_the_server(self):
        for field in FIELDS:
            with self.subTest(field):
                self.out = self.folder / field
                cases = self.misread(field)
                told = cases.pop(f"partial.present-applied[{field}]")
                self.assertEqual(told["verdict"], "inconclusive", told)
                self.assertIn(f"{field} cannot be observed: nothing shows at /no/such/member of "
                              "GET /api/v1/cvms/{cvm_id}", told["reason"])
                self.assertEqual({case["verdict"] for case in cases.values()}, {"pass"}, cases)

    def test_what_showed_before_and_does_no_more_is_the_servers(self):
        self.run_behind(Forgetful, *READ, expect=1)
        self.assertIn("vcpu: absent", self.case("partial.present-applied[vcpu]")["reason"])

    def at(self, url, **tls):
        def adjust(profile):
            profile["iut"]["base_url"] = url
            if tls:
                profile["pixit"]["tls"] = tls

        path = self.reference.write(self.folder, adjust)
        self.run_suite("--profile", path, *CASES, expect=0)

    def start(self, *serve):
        self.reference = self.enter(house.Reference(*serve))
        return self.reference.base_url

    def test_a_text_that_a_read_side_cannot_show_is_not_waited_for(self):
        """It parses a user_config, and answers 502 to one that is no JSON, for good."""
        for case in ("partial.stored-or-refused[300000-characters]",
                     "partial.null-accepted[user_config]"):
            with self.subTest(case):
                self.run_suite("--variant", "field-service", "--case", case, "--jobs", "1",
                               expect=0)
                steps = [step for record in self.lines() for step in record["steps"]]
                told = {step["response"]["status"] for step in steps if step.get("response")}
                waits = {step["message"] for step in steps if step["kind"] == "timeout"}
                self.assertIn(502, told)
                self.assertNotIn("a read that tells nothing is given up", waits)

    def test_an_ipv6_address_alone(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("no IPv6 here")
        six = self.enter(Six(self.start("--operation-ms", "300")))
        self.at(f"http://[::1]:{six.port}")

    def test_a_name_of_a_dead_address_and_a_live_one(self):
        """localhost is ::1 first, where nobody is."""
        four = self.enter(relay.Relay(self.start("--operation-ms", "300")))
        self.at(f"http://localhost:{four.port}")

    def test_a_slow_handshake(self):
        url = self.start("--operation-ms", "3000")
        slow = self.enter(Slow(url, self.folder))
        self.at(f"https://localhost:{slow.port}", ca_file=str(slow.ca))


if __name__ == "__main__":
    house.main()
