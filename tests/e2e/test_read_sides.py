"""The whole catalogue on the reference implementation, its read side known to be of other kinds."""

import collections
import unittest

import house

# What a full run starts, and what it may start more on such a read side, and a busy machine.
OPERATIONS = 241
MORE = 42


def unseen(*names):
    def change(profile):
        for name in names:
            profile["pixit"]["observe"]["fields"][name] = None

    return change


def lagging(profile):
    profile["pixit"]["timing"]["read_lag_ms"] = 150


def lagging_without_list(profile):
    lagging(profile)
    unseen("operations")(profile)


class ReadSides(house.Case):
    def whole_run(self, change, expect, cvms=4):
        reference = self.enter(house.Reference("--cvms", str(cvms), "--operation-ms", "200"))
        self.run_suite("--profile", reference.write(self.folder, change), expect=expect)
        cases = self.results()["cases"]
        verdicts = collections.Counter(case["verdict"] for case in cases)
        self.assertEqual(verdicts["fail"] + verdicts["error"], 0, verdicts)
        self.assertLess(sum(case["operations"] for case in cases), OPERATIONS + MORE)
        return {case["id"]: case["reason"] for case in cases if case["verdict"] == "inconclusive"}

    def test_what_shows_late(self):
        self.whole_run(lagging, 0)

    def test_nothing_but_a_list_tells_when_an_operation_ends(self):
        self.whole_run(unseen("in_progress"), 0)

    def test_no_list_tells_of_operations_and_all_shows_late(self):
        open_ones = self.whole_run(lagging_without_list, 0)
        self.assertEqual(set(open_ones.values()),
                         {"the profile does not say where operations are listed"})

    def test_a_size_where_nothing_shows(self):
        def misled(profile):
            profile["pixit"]["observe"]["fields"]["memory"] = {
                "get": "/api/v1/cvms/{cvm_id}", "pointer": "/machine/memory"}

        open_ones = self.whole_run(misled, 3)
        self.assertLess(len(open_ones), 10, open_ones)
        self.assertEqual({reason.partition(":")[0] for reason in open_ones.values()},
                         {"memory cannot be observed"})


if __name__ == "__main__":
    unittest.main()
