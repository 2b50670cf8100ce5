"""What answers an update in the server's place, before it was seen or after it was applied."""

import re
import socket
import struct
import threading
import time

import between
import house
import relay

HTML = [("Content-Type", "text/html")]
TEXT = [("Content-Type", "text/plain")]
PAIR = "conflict.in-progress[user_config-then-user_config]"
PLAIN = "partial.present-applied[pre_launch_script]"
PHASE_1 = "two-phase.required[docker_compose_file]"
COMMIT = "two-phase.commit"
NOT_APPLIED = "conflict.not-applied.script-after-update"
SEVERAL = "conflict.in-progress.second-fields.settings"
PHASE_2 = "conflict.in-progress.after-phase-2"
RACE = "conflict.single-winner[32]"
OPERATION_MS = 150


def page(number):
    return number, HTML, b"<h1>Oh</h1>"


# What a gateway says of itself, without asking the server.
INSTEAD = {
    "302": (302, [("Location", "/login")], b""),
    "304": (304, [], b""),
    "403 in words": (403, TEXT, b"Forbidden"),
    "499": (499, [], b""),
    "522 in words": (522, TEXT, b"error code: 522"),
    "202 and nothing": (202, [], b""),
    "204": (204, [], b""),
}


def half(answer):
    number, headers, body = answer
    return number, headers, body[:len(body) // 2]


# What becomes of an answer of the server's.
AFTER = {
    "504": lambda answer: page(504),
    "520 in words": lambda answer: (520, TEXT, b"error code: 520"),
    "307": lambda answer: (307, [("Location", "/login")], b""),
    "half": half,
    "503 in no time": lambda answer: (503, [*HTML, ("Retry-After", "0")], b"later"),
    "429 in no time": lambda answer: (429, [*TEXT, ("Retry-After", "0")], b"later"),
}


def one_cvm(profile):
    cvms = profile["pixit"]["cvms"]
    cvms["managed"], cvms["contract_owned"] = cvms["managed"][:1], cvms["contract_owned"][:1]


class Nth(between.Between):
    """Answers updates that cases send instead of the server, or changes the server's answer to
    them: those for which picks(n) says so."""

    instead = None
    after = None
    picks = None

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.count = 0
        self.picked = {}

    def request(self, method, path, headers, body):
        with self.lock:
            picked = self.is_update_of_a_case(method)
            if picked:
                self.count += 1
                picked = self.picks(self.count)
            self.picked[threading.get_ident()] = picked
        return self.instead if picked and self.instead else None

    def answer(self, method, path, sent, number, headers, body):
        answer = number, headers, body
        return self.after(answer) if self.picked[threading.get_ident()] else answer


class Lost(between.Between):
    """Of updates that come within a moment of one another, loses the answer to one, where they are
    more than `safe`."""

    MOMENT_S = 0.3
    safe = 8

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.came = []

    def answer(self, method, path, sent, number, headers, body):
        if method != "PATCH":
            return number, headers, body
        with self.lock:
            now = time.monotonic()
            self.came = [t for t in self.came if now - t < self.MOMENT_S] + [now]
            lost = len(self.came) == self.safe + 1
        return page(502) if lost else (number, headers, body)


class Late(between.Between):
    """Every second update of a case, but the at-th, comes when the one before it is over."""

    at = 6

    def __init__(self, reference):
        super().__init__(reference)
        self.count = 0

    def request(self, method, path, headers, body):
        if self.is_update_of_a_case(method):
            self.count += 1
            if self.count % 2 == 0 and self.count != self.at:
                time.sleep(OPERATION_MS * 2 / 1000)


class Close(between.Between):
    """Answers with a page what comes close behind an update that was taken."""

    MOMENT_S = OPERATION_MS / 5 / 1000
    number = 409

    def __init__(self, reference):
        super().__init__(reference)
        self.taken = {}

    def request(self, method, path, headers, body):
        if not self.is_update_of_a_case(method):
            return None
        last = self.taken.get(path.split("/")[4], 0)
        return page(self.number) if time.monotonic() - last < self.MOMENT_S else None

    def answer(self, method, path, sent, number, headers, body):
        if method == "PATCH" and number == 202:
            self.taken[path.split("/")[4]] = time.monotonic()
        return number, headers, body


class Reset(relay.Tls):
    """Serves one request a connection, and resets that of an update that takes the GPUs away."""

    def serve(self, client):
        with self.context.wrap_socket(client, server_side=True) as secure:
            request = secure.recv(65536)
            if b'"gpus":null' in request:
                now = struct.pack("ii", 1, 0)
                secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                return
            with socket.create_connection(self.target) as server:
                server.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                while data := server.recv(65536):
                    secure.sendall(data)
            secure.unwrap()


class InPages(between.Between):
    """Tells of conflicts in HTML, as its frame makes them, and counts what it takes."""

    taken = None

    def answer(self, method, path, sent, number, headers, body):
        self.taken.append(number)
        return page(number) if number == 409 else (number, headers, body)


class Updates(between.Case):
    def relayed(self, case, at, serve=(), expect=0, **given):
        self.run_behind(Nth, "--case", case, "--jobs", "1", expect=expect, change=one_cvm,
                        serve=("--operation-ms", OPERATION_MS, *serve),
                        picks=lambda n: n == at, **given)
        return self.case(case)

    def test_a_conflict_told_among_refusals_is_held_against_none_of_them(self):
        """Whether it is one is asked by an update, of which the one look at all tells as well."""
        self.run_behind(Nth, "--case", "auth.before-validation*", "--jobs", "1", expect=0,
                        instead=page(409), picks=lambda n: n == 5)
        self.assertNotIn("fail", self.verdicts().values())

    def test_an_answer_in_the_servers_place_is_none_of_the_servers(self):
        some = ("302", "202 and nothing")
        for case, at, names in ((PAIR, 2, INSTEAD), (PAIR, 1, some), (PLAIN, 1, some),
                                (PHASE_1, 1, some)):
            for name in names:
                with self.subTest(case, at=at, name=name):
                    found = self.relayed(case, at, instead=INSTEAD[name])
                    self.assertEqual(found["verdict"], "pass", found.get("reason"))

    def test_an_answer_that_got_lost_behind_an_update_is_none_of_the_servers(self):
        for case, at, names in ((COMMIT, 2, AFTER), (PHASE_1, 1, ("half",)),
                                (PAIR, 1, ("503 in no time", "half"))):
            for name in names:
                with self.subTest(case, at=at, name=name):
                    found = self.relayed(case, at, after=AFTER[name])
                    self.assertEqual(found["verdict"], "pass", found.get("reason"))

    def test_a_defect_is_seen_whatever_answers_once(self):
        for name in ("304", "403 in words", "202 and nothing"):
            with self.subTest(name):
                found = self.relayed(PAIR, 2, instead=INSTEAD[name], expect=1,
                                     serve=("--deviation", "conflict-ignored"))
                self.assertEqual(found["verdict"], "fail")

    def close(self, number, expect, *serve):
        self.run_behind(Close, "--case", PAIR, "--case", SEVERAL, "--jobs", "1", expect=expect,
                        number=number, change=one_cvm,
                        serve=("--operation-ms", 2 * OPERATION_MS, *serve))
        return {self.case(case)["verdict"] for case in (PAIR, SEVERAL)}

    def test_no_lock_is_certified_for_what_a_gateway_refuses_close_behind_another(self):
        self.assertEqual(self.close(409, 1, "--deviation", "conflict-ignored"), {"fail"})

    def test_what_a_gateway_refuses_close_behind_another_is_held_against_nobody(self):
        for number in (409, 429, 503):
            with self.subTest(number):
                self.assertEqual(self.close(number, 0), {"pass"})

    def test_one_page_that_tells_of_a_conflict_is_no_lock(self):
        for deviation, expect, verdict in (((), 0, "pass"),
                                           (("--deviation", "conflict-ignored"), 1, "fail")):
            found = self.relayed(PAIR, 2, instead=page(409), expect=expect, serve=deviation)
            self.assertEqual(found["verdict"], verdict)

    def test_a_server_that_tells_of_conflicts_in_pages_conforms_at_no_further_cost(self):
        counts = []
        for kind in (between.Between, InPages):
            given = {"taken": counts} if kind is InPages else {}
            self.run_behind(kind, "--case", PAIR, "--case", SEVERAL, "--case", PHASE_2, "--jobs",
                            "1", expect=0, serve=("--operation-ms", 6 * OPERATION_MS), **given)
            counts.append(self.results()["summary"]["operations"])
        self.assertEqual(counts[0], counts[-1])
        self.assertIn(409, counts)

    def test_what_comes_in_every_try_is_the_servers(self):
        for name in ("403 in words", "202 and nothing", "302"):
            with self.subTest(name):
                self.run_behind(Nth, "--case", PHASE_1, "--jobs", "1", expect=1,
                                instead=INSTEAD[name], picks=lambda n: True)
                found = self.case(PHASE_1)
                self.assertEqual((found["verdict"], found["tries"]), ("fail", 3))

    def test_a_connection_reset_under_tls_in_every_try_is_the_servers(self):
        """It is no alert, which refuses the client whatever it asks for."""
        reference = self.enter(house.Reference())
        server = self.enter(Reset(reference.base_url, self.folder))

        def adjust(profile):
            profile["iut"]["base_url"] = f"https://localhost:{server.port}"
            profile["pixit"]["tls"] = {"ca_file": str(server.ca)}

        case = "partial.null-accepted[gpus]"
        self.run_suite("--profile", reference.write(self.folder, adjust), "--case", case, expect=1)
        self.assertIn("dropped the connection", self.case(case)["reason"])

    # Each try of each case would be an operation. One form that came and went is no server's.
    def test_what_came_in_every_try_of_some_cases_is_not_tried_again_by_others(self):
        reference = self.enter(house.Reference("--deviation", "accepted-text-body"))
        suites = ("--suite", "partial", "--suite", "accepted")
        done = self.run_suite("--profile", reference.write(self.folder), *suites, expect=1)
        self.assertIn('3 cases got "202 text/plain" without JSON in each of 3 tries', done.err)
        cases = self.results()["cases"]
        ran = [case for case in cases if "shares" not in case]
        tried = [case["id"] for case in ran if case.get("tries", 1) > 1]
        known = [case["id"] for case in ran if "202 text/plain" in case.get("forms", ())]
        self.assertGreater(len(known), len(tried))
        price = re.search(r"(\d+) operations", house.call("run", *suites, "--dry-run").out)
        self.assertLess(self.results()["summary"]["operations"], 2 * int(price[1]))
        shared = {case["shares"] for case in cases if "shares" in case}
        self.assertTrue(shared & set(tried), "what passes in a later try is shared as well")
        self.assertTrue(shared & set(known) - set(tried), "so is what passes by what is known")
        self.assertEqual(self.case("accepted.status-202.json-body[update-cvm]")["verdict"], "fail")

    def race(self, safe, expect):
        self.run_behind(Lost, "--case", RACE, "--jobs", "1", expect=expect, change=one_cvm,
                        safe=safe, serve=("--operation-ms", 1000))
        return self.case(RACE)

    def test_a_contender_that_got_lost_is_none_of_the_servers(self):
        found = self.race(8, 0)
        self.assertEqual(found["verdict"], "pass")
        self.assertLessEqual(found["observation"]["decided_by_contenders"], 8)

    def test_contenders_that_get_lost_however_few_they_are_fail(self):
        found = self.race(1, 1)
        self.assertEqual((found["verdict"], found["tries"]), ("fail", 3))

    def test_a_refused_update_whose_values_were_there_before_hides_no_effect(self):
        self.run_behind(Late, "--case", NOT_APPLIED, "--jobs", "1", expect=1, change=one_cvm,
                        serve=("--deviation", "conflict-applied", "--operation-ms", OPERATION_MS))
        self.assertEqual(self.case(NOT_APPLIED)["verdict"], "fail")


if __name__ == "__main__":
    house.main(beside=4)
