"""An update that waits for its turn instead of being refused, and one that is only slow."""

import time

import between
import house

CASE = "conflict.in-progress[user_config-then-user_config]"
OPERATION_MS = 200


class SlowUpdates(between.Between):
    """Updates take long on their way, all of them; nothing else does."""

    delay_ms = 0

    def request(self, method, path, headers, body):
        if method == "PATCH":
            time.sleep(self.delay_ms / 1000)


class SlowAnswers(between.Between):
    """Answers to updates take long on their way."""

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH":
            time.sleep(OPERATION_MS * 1.2 / 1000)
        return status, headers, body


class NoList(between.Between):
    """Without a list of operations only the CVM tells that one runs."""

    def request(self, method, path, headers, body):
        if path.endswith("/operations"):
            return between.as_json(404, {"detail": "Not Found"})


class Queueing(between.Case):
    def run_deviation(self, name, *args, expect=1):
        self.run_suite("--deviation", name, *args, expect=expect)
        return self.results()

    def test_a_queue_is_a_failure(self):
        self.run_deviation("conflict-waited-for", "--case", CASE)
        case = self.case(CASE)
        self.assertEqual(case["verdict"], "fail", case["reason"])
        self.assertIn("queued instead of being refused", case["reason"])
        self.assertNotIn("instant_operations", case["reason"])

    def test_whatever_is_queued_is_a_failure(self):
        """Also a phase 2, of which there is one try."""
        results = self.run_deviation("conflict-waited-for", "--suite", "conflict")
        verdicts = {r["id"]: r["verdict"] for r in results["requirements"]}
        for requirement in ("in-progress", "cross-endpoint", "single-winner"):
            self.assertEqual(verdicts[f"conflict.{requirement}"], "fail", requirement)
        self.assertNotIn("instant_operations", str([c["reason"] for c in results["cases"]]))

    def test_without_a_list_of_operations(self):
        self.run_behind(NoList, "--case", CASE, expect=1,
                        serve=("--deviation", "conflict-waited-for",
                               "--operation-ms", OPERATION_MS))
        self.assertEqual(self.case(CASE)["verdict"], "fail")

    def test_what_comes_too_late_is_sent_behind_a_first_one_of_its_own(self):
        """A third of them come while one operation runs, and all are refused in the end."""
        whole = "conflict.in-progress.second-fields.settings"
        self.run_behind(SlowUpdates, "--case", whole, expect=0, delay_ms=OPERATION_MS / 4,
                        serve=("--operation-ms", OPERATION_MS * 2))
        self.assertGreater(self.case(whole)["operations"], 1)

    def run_slow(self, kind, **given):
        self.run_behind(kind, "--case", CASE, expect=3,
                        serve=("--operation-ms", OPERATION_MS), **given)
        case = self.case(CASE)
        self.assertEqual(case["verdict"], "inconclusive", case["reason"])
        return case

    def test_a_slow_way_there_is_no_queue(self):
        self.run_slow(SlowUpdates, delay_ms=OPERATION_MS * 1.2)

    def test_a_slow_way_back_is_no_queue(self):
        self.run_slow(SlowAnswers)


if __name__ == "__main__":
    house.main()
