"""What else stands between suite and server: it is never taken for the server's doing."""

import json
import threading
import time

import between
import house

OWNED = "partial.omitted-unchanged.contract-owned[resources]"
AFTER_REFUSAL = "conflict.in-progress.first-field-after-a-refusal[disk_size]"
PHASE_2 = "conflict.in-progress.phase-2"
REFUSED = ("validation.atomic[a-wrong-type-first]", "validation.atomic[a-wrong-type-last]")
PAIR = "conflict.in-progress[user_config-then-vcpu]"
UPLOAD = "partial.present-applied[pre_launch_script]"
RACE = "conflict.single-winner[2]"
OPERATION_MS = 200


def one_cvm(profile):
    profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]


def page(number):
    return number, [("Content-Type", "text/html")], b"<h1>Oh</h1>"


class Slow(between.Between):
    """Updates come when the operation before is over. Without one on its way, every second look at
    the compose file fails, so that no reading is whole."""

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.on_the_way = 0
        self.looks = 0

    def request(self, method, path, headers, body):
        if method == "PATCH":
            with self.lock:
                self.on_the_way += 1
            time.sleep(OPERATION_MS * 1.3 / 1000)

    def answer(self, method, path, sent, number, headers, body):
        with self.lock:
            if method == "PATCH":
                self.on_the_way -= 1
            elif path.endswith("/compose_file") and self.on_the_way == 0:
                self.looks += 1
                if self.looks % 2:
                    return page(502)
        return number, headers, body


class Late(between.Between):
    """The second update of the first pair comes when the first one's operation is over."""

    updates = 0

    def request(self, method, path, headers, body):
        if self.is_update_of_a_case(method):
            self.updates += 1
            if self.updates == 3:
                time.sleep(OPERATION_MS * 2 / 1000)


class LongAgo(between.Between):
    """Every second update of a case comes when the operation of the one before is over, and every
    at-th look at the list of operations shows what was there before that."""

    LAG_S = 0.4
    at = 1

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.updates = self.looks = self.until = 0
        self.asked = self.shown = None

    def request(self, method, path, headers, body):
        if method == "GET" and path.endswith("/operations"):
            self.asked = path, headers
        with self.lock:
            second = self.is_update_of_a_case(method) and self.count_update() % 2 == 0
        if second:
            time.sleep(OPERATION_MS / 4 / 1000)
            with self.lock:
                self.shown = self.send("GET", *self.asked, b"")
                self.until = time.monotonic() + self.LAG_S
                self.looks = 0
            time.sleep(OPERATION_MS * 1.3 / 1000)

    def count_update(self):
        self.updates += 1
        return self.updates

    def answer(self, method, path, sent, number, headers, body):
        with self.lock:
            if method != "GET" or not path.endswith("/operations"):
                return number, headers, body
            self.looks += 1
            old = time.monotonic() < self.until and self.looks % self.at == 0
        return self.shown if old else (number, headers, body)


class Moment(between.Between):
    """Spoils one read of a user_config, the at-th after the preflight's update."""

    spoil = None
    at = -1

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.shown = {}  # by path
        self.begun = False
        self.reads = 0

    def answer(self, method, path, sent, number, headers, body):
        with self.lock:
            self.begun = self.begun or (method == "PATCH" and number == 202)
            if method != "GET" or not path.startswith("/api/"):
                return number, headers, body
            before = self.shown.get(path)
            self.shown[path] = number, headers, body
            if not self.begun or not path.endswith("/user_config"):
                return number, headers, body
            self.reads += 1
            hit = self.reads - 1 == self.at
        return self.spoil((number, headers, body), before) if hit else (number, headers, body)


class Wavers(between.Between):
    """Shows always another CVM's compose file, the first times after an update of a case."""

    times = 4

    def answer(self, method, path, sent, number, headers, body):
        if self.is_update_of_a_case(method):
            self.left = self.times
        if method != "GET" or not path.endswith("/compose_file") or getattr(self, "left", 0) == 0:
            return number, headers, body
        self.left -= 1
        shown = json.loads(body)
        shown["docker_compose_file"] = f"services: {{}} # {self.left}\n"
        return number, headers, json.dumps(shown).encode()


class MixedUp(between.Between):
    """Answers one read of a CVM, the at-th after the preflight's update, with another's page."""

    at = 0
    other = ""

    def __init__(self, reference):
        super().__init__(reference)
        self.begun = False
        self.reads = 0

    def request(self, method, path, headers, body):
        if method != "GET" or not self.begun or not path.startswith("/api/v1/cvms/"):
            return None
        self.reads += 1
        parts = path.split("/")
        if self.reads - 1 != self.at:
            return None
        return self.send(method, "/".join([*parts[:4], self.other, *parts[5:]]), headers, body)

    def answer(self, method, path, sent, number, headers, body):
        self.begun = self.begun or (method == "PATCH" and number == 202)
        return number, headers, body


def half(answer, before):
    """Of a text nobody can tell that there is more."""
    number, headers, body = answer
    return number, headers, body[:len(body) // 2]


def stale(answer, before):
    """As a replica has it that lags."""
    return before or answer


class Relays(between.Case):
    def each_moment(self, spoil, cases, code, *serve):
        """All cases' verdicts with each single read spoilt in turn are those without it."""
        reference = self.enter(house.Reference(*serve))
        wanted = None
        wrong = []
        at, reads = -1, 0
        while at < reads:
            relay = Moment(reference)
            relay.spoil, relay.at = spoil, at

            def adjust(profile):
                profile["iut"]["base_url"] = relay.base_url
                one_cvm(profile)

            profile = reference.write(self.folder, adjust)
            done = house.call("run", "--out", self.out, "--profile", profile, "--jobs", "1",
                              *[a for case in cases for a in ("--case", case)])
            relay.close()
            found = self.verdicts()
            wanted = wanted or found
            if done.code != code or found != wanted:
                wrong.append(f"GET {at}: {done}")
            reads = relay.reads if at < 0 else reads
            at += 1
        self.assertGreater(reads, 3)
        self.assertEqual(wrong, [])

    def test_what_every_look_shows_otherwise_is_no_change(self):
        def quick(profile):
            one_cvm(profile)
            profile["pixit"]["timing"]["poll_interval_ms"] = 1

        self.run_behind(Wavers, "--case", UPLOAD, "--jobs", "1", expect=0, change=quick)

    def test_another_cvms_page_in_one_read_is_no_change(self):
        reference = self.enter(house.Reference())
        for at in range(1, 13):
            relay = MixedUp(reference)
            relay.at = at
            self.addCleanup(relay.close)

            def adjust(profile):
                profile["iut"]["base_url"] = relay.base_url
                relay.other = profile["pixit"]["cvms"]["managed"][1]
                one_cvm(profile)

            with self.subTest(at):
                self.run_suite("--profile", reference.write(self.folder, adjust), "--case", UPLOAD,
                               "--case", PAIR, "--jobs", "1", expect=0)
                self.assertGreater(relay.reads, at)

    def test_half_a_text_is_no_change(self):
        self.each_moment(half, REFUSED, 0)

    def test_what_one_look_shows_of_before_is_no_change(self):
        self.each_moment(stale, REFUSED, 0)

    def test_a_defect_is_seen_whatever_look_shows_half_a_text(self):
        self.each_moment(half, REFUSED, 1, "--deviation", "validation-half-applied")

    def test_what_a_pair_that_came_too_late_did_accounts_for_nothing_after_it(self):
        self.run_behind(Late, "--case", AFTER_REFUSAL, expect=1, change=one_cvm,
                        serve=("--deviation", "conflict-applied", "--operation-ms", OPERATION_MS))
        self.assertIn("request refused with 409 had an effect", self.case(AFTER_REFUSAL)["reason"])

    def test_what_was_read_while_an_update_was_on_its_way_is_not_kept(self):
        def adjust(profile):
            cvms = profile["pixit"]["cvms"]
            cvms["contract_owned"] = cvms["contract_owned"][:1]
            profile["pixit"]["observe"].setdefault("fields", {})["operations"] = None

        self.run_behind(Slow, "--case", PHASE_2, "--case", OWNED, "--jobs", "1", "--seed", "1",
                        expect=3, change=adjust, serve=("--operation-ms", OPERATION_MS))
        self.assertEqual(self.case(OWNED)["verdict"], "pass", self.case(OWNED).get("reason"))

    def lags(self, profile):
        one_cvm(profile)
        profile["pixit"]["timing"]["read_lag_ms"] = 500

    def test_a_list_of_before_shows_no_operation_beside_the_one_accepted_after_it(self):
        for at, case in ((1, PAIR), (2, RACE)):
            with self.subTest(case):
                self.run_behind(LongAgo, "--case", case, expect=3, change=self.lags, at=at,
                                serve=("--operation-ms", OPERATION_MS))
                self.assertNotIn("fail", self.verdicts().values())


if __name__ == "__main__":
    house.main(beside=4)
