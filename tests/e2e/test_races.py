"""Races of many contenders, of which a slow machine lets some come late."""

import threading
import time

import between
import house

CASE = "conflict.single-winner.one-field[32]"
OPERATION_MS = 150


class Narrow(between.Between):
    """Lets `wide` updates through at once; those beside them come when an operation is over."""

    wide = 4

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.inside = 0

    def request(self, method, path, headers, body):
        if method != "PATCH":
            return
        with self.lock:
            before = self.inside
            self.inside += 1
        time.sleep(before // self.wide * OPERATION_MS * 1.5 / 1000)

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH":
            with self.lock:
                self.inside -= 1
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

    def test_a_race_that_can_be_judged_says_nothing_else(self):
        case = self.race(0, wide=100)
        self.assertIsNone(case["observation"])


if __name__ == "__main__":
    house.main()
