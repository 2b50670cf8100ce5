"""What a run of long operations waits for, and what it begins with."""

from datetime import datetime

import house


class Schedule(house.Case):
    def run_cases(self, operation_ms, pattern, *options):
        self.run_suite("--case", pattern, "--operation-ms", operation_ms, *options, expect=0)
        return {c["id"]: c for c in self.results()["cases"] if c["duration_ms"] > 0}

    def test_an_operation_is_waited_for_once(self):
        """A refused update is followed by another look, and none of the wait for what it was sent
        after."""
        operation_ms = 1500
        cases = self.run_cases(operation_ms, "validation.json-extensions.encoding*little-endian]")
        (case,) = [c for i, c in cases.items() if "little-endian" in i]
        self.assertEqual(case["operations"], 1)
        self.assertLess(case["duration_ms"], 1.7 * operation_ms)

    def test_operations_that_run_at_once_are_waited_for_at_once(self):
        operation_ms = 1500
        cases = self.run_cases(operation_ms, "conflict.per-cvm.script")
        case = cases["conflict.per-cvm.script"]
        self.assertEqual(case["operations"], 2)
        self.assertLess(case["duration_ms"], 1.7 * operation_ms)

    def test_cases_begin_while_the_first_update_runs(self):
        """Seen to run, it will be seen to end: cases on other CVMs need not wait for it."""
        operation_ms = 5000  # a busy machine is slow to start
        self.run_cases(operation_ms, "validation.json-extensions.encoding*little-endian]")
        results = self.results()
        began, *cases = (datetime.fromisoformat(at.replace("Z", "+00:00")) for at in (
            results["started_at"], *(case["started_at"] for case in results["cases"])))
        self.assertLess((min(cases) - began).total_seconds() * 1000, operation_ms)

    def test_what_takes_longest_begins_first(self):
        cases = self.run_cases(20, "partial.*", "--jobs", "1")
        began = {i: datetime.fromisoformat(c["started_at"].replace("Z", "+00:00"))
                 for i, c in cases.items() if not c.get("shares")}
        most = max(c["operations"] for i, c in cases.items() if i in began)
        longest = [began[i] for i in began if cases[i]["operations"] == most]
        single = [began[i] for i in began if cases[i]["operations"] == 1]
        self.assertGreater(most, 4)
        self.assertGreater(len(single), 4)
        self.assertLess(max(longest), min(single))


if __name__ == "__main__":
    house.main()
