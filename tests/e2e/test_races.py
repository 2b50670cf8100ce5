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

    def test_what_two_cannot_decide_stays_open(self):
        case = self.race(3, wide=1)
        self.assertEqual((case["verdict"], case["tries"]), ("inconclusive", 3))
        self.assertIn("cannot be told", case["reason"])

    def test_a_race_that_can_be_judged_says_nothing_else(self):
        case = self.race(0, wide=100)
        self.assertIsNone(case["observation"])


if __name__ == "__main__":
    house.main()
