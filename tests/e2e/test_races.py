"""Races of many contenders, of which a slow machine lets some come late."""

import collections
import itertools
import json
import threading
import time

import between
import house

CASE = "conflict.single-winner.one-field[32]"
OPERATION_MS = 150


class Narrow(between.Between):
    """Lets the contenders of a race through in turns of `wide`, each when all is over of the last.

    A contender is known by its values, which were never sent before; what a race sends again is no
    contender and goes through at once. The sizes of the races are those of the suite.
    """

    wide = 4
    sizes = (32, 16, 8, 4, 2, 2, 2)

    def __init__(self, reference):
        super().__init__(reference)
        self.moved = threading.Condition()
        self.seen = set()
        self.arrived = collections.Counter()
        self.answered = collections.Counter()
        self.places = self.all_places()
        self.place = threading.local()

    def all_places(self):
        """Of each contender to come: the turn before, if any, its own, and how many are in each."""
        for race, size in enumerate(itertools.cycle(self.sizes)):
            for i in range(size):
                turn = i // self.wide
                yield (race, turn - 1), (race, turn), min(self.wide, size - turn * self.wide)

    def request(self, method, path, headers, body):
        self.place.turn = None
        with self.moved:
            if not self.is_update_of_a_case(method) or body in self.seen:
                return
            self.seen.add(body)
            before, turn, members = next(self.places)
            self.place.turn = turn
            self.arrived[turn] += 1
            self.moved.notify_all()
            self.moved.wait_for(
                lambda: self.arrived[turn] == members
                and (before[1] < 0 or self.answered[before] == self.wide),
                timeout=house.LIMIT_S,
            )
        if before[1] >= 0:
            house.wait_until(lambda: not self.is_busy(path, headers), "the end of an operation")

    def is_busy(self, path, headers):
        reads = [(name, value) for name, value in headers if not name.startswith("Content-")]
        return json.loads(self.send("GET", path, reads, b"")[2])["in_progress"]

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH" and self.place.turn:
            with self.moved:
                self.answered[self.place.turn] += 1
                self.moved.notify_all()
        return status, headers, body


class Limited(between.Between):
    """Holds off those of `wide` and more updates at once that were told of the conflict."""

    wide = 4

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.inside = 0
        self.late = threading.local()

    def request(self, method, path, headers, body):
        if method != "PATCH":
            return
        with self.lock:
            self.late.one = self.inside >= self.wide
            self.inside += 1
        time.sleep(0.05)  # all that were sent together are in before the first is out

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH":
            with self.lock:
                self.inside -= 1
            if status == 409 and self.late.one:
                return 429, headers, body
        return status, headers, body


PAGE = 409, [("Content-Type", "text/html")], b"<h1>Conflict</h1>"


class Bouncer(between.Between):
    """Lets one update in at a time, and tells the others of a conflict in a page of its own."""

    def __init__(self, reference):
        super().__init__(reference)
        self.busy = threading.Lock()
        self.place = threading.local()

    def request(self, method, path, headers, body):
        self.place.inside = method == "PATCH" and self.busy.acquire(blocking=False)
        if method == "PATCH" and not self.place.inside:
            return PAGE

    def answer(self, method, path, sent, status, headers, body):
        if self.place.inside:
            time.sleep(0.3)  # until all that were sent together have come
            self.busy.release()
        return status, headers, body


class Paging(between.Between):
    """Tells each conflict in a page, and no other."""

    def answer(self, method, path, sent, status, headers, body):
        return PAGE if status == 409 else (status, headers, body)


class Races(between.Case):
    def race(self, expect, *deviations, **given):
        serve = ["--operation-ms", OPERATION_MS]
        for name in deviations:
            serve += ["--deviation", name]
        self.run_behind(Narrow, "--case", CASE, expect=expect, serve=serve, **given)
        return self.case(CASE)

    def test_a_smaller_race_decides(self):
        case = self.race(0)
        self.assertEqual(case["verdict"], "pass")
        self.assertEqual(case["observation"]["decided_by_contenders"], 4)
        for contenders, why in zip((32, 16, 8), case["observation"]["not_decided"], strict=True):
            self.assertIn(f"of {contenders} answered 202", why)

    def test_a_smaller_race_finds_what_the_larger_one_hid(self):
        case = self.race(1, "conflict-check-then-act")
        self.assertIn("accepted side by side", case["reason"])

    def test_a_smaller_race_gets_past_a_limit_of_requests(self):
        self.run_behind(
            Limited, "--case", CASE, expect=0, serve=["--operation-ms", OPERATION_MS]
        )
        case = self.case(CASE)
        self.assertLess(case["observation"]["decided_by_contenders"], 32)
        self.assertIn("was held off (status 429)", case["observation"]["not_decided"][0])

    def test_what_two_cannot_decide_stays_open(self):
        case = self.race(3, wide=1)
        self.assertEqual((case["verdict"], case["tries"]), ("inconclusive", 3))
        self.assertIn("cannot be told", case["reason"])

    def test_a_gateway_that_tells_all_losers_of_a_conflict_decides_nothing(self):
        """The server behind it has no lock that holds."""
        for kind in ((), ("--deviation", "conflict-check-then-act")):
            with self.subTest(kind):
                self.run_behind(Bouncer, "--case", CASE, expect=3,
                                serve=("--operation-ms", OPERATION_MS, *kind))
                case = self.case(CASE)
                self.assertEqual(case["verdict"], "inconclusive")
                self.assertIn("answered 409, maybe by a gateway", case["reason"])

    def test_a_server_that_tells_conflicts_in_pages_is_judged(self):
        self.run_behind(Paging, "--case", CASE, expect=0,
                        serve=("--operation-ms", 10 * OPERATION_MS))
        self.assertEqual(self.case(CASE)["verdict"], "pass")
        self.assertIsNone(self.case(CASE)["observation"])

    def test_a_race_that_can_be_judged_says_nothing_else(self):
        case = self.race(0, wide=100)
        self.assertIsNone(case["observation"])


if __name__ == "__main__":
    house.main(beside=3)
