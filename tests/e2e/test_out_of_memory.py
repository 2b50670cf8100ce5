"""Memory that runs out, at this allocation or that one: the program says so and ends with exit code
3, whatever it was doing; what a run had finished by then can be read.

An allocator of its own is preloaded (failing_alloc.c), which refuses every allocation from a given
one on. The first ones are tried one by one, later ones at growing distances. CF_EVERY_ALLOCATION=1
tries each and every one, in a copy of the process at that moment: some minutes.
"""

import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bundles
import house

SHIM = Path(os.environ.get("CF_BUILD", "")) / "tests" / "libfailing_alloc.so"
EVERY = os.environ.get("CF_EVERY_ALLOCATION") == "1"
TOLD = "cvm-conformance: out of memory\n"


def setUpModule():
    global installed, scratch, whole
    if not SHIM.exists():
        return
    installed = bundles.Installed()
    scratch = Path(installed.folder.name)
    whole = scratch / "whole"
    done = installed.call("run", "--certify", "--out", whole)
    assert done.code == 0, str(done)


def tearDownModule():
    if SHIM.exists():
        installed.remove()


def points(count, singly, growth):
    """The numbers of the allocations that are to fail."""
    found, at = [], 1.0
    while at <= count:
        found.append(int(at))
        at = at + 1 if at < singly else at * growth
    return [*found, count]


@house.unittest.skipUnless(SHIM.exists(), "this build has an allocator of its own")
class OutOfMemory(house.Case):
    def starve(self, *args, at=0, where="", count=""):
        return installed.call(*args, env={"LD_PRELOAD": str(SHIM), "CF_ALLOC_FAIL_AT": str(at),
                                          "CF_ALLOC_FAIL_IN": where, "CF_ALLOC_COUNT": str(count)})

    def allocations(self, *args):
        """How many there are when none fails, and what the command then says."""
        count = self.folder / "count"
        done = self.starve(*args, count=count)
        return int(count.read_text()), done

    def each(self, numbers, check):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(check, numbers):
                pass

    def ends(self, *args, alone=False):
        """How many copies of the process ended how, and what it said itself."""
        path = self.folder / "ends"
        env = {"LD_PRELOAD": str(SHIM), "CF_ALLOC_EACH": str(path)}
        if alone:
            env.update(CF_ALLOC_ALONE="1", CF_ALLOC_STACKS="1")
        done = installed.call(*args, env=env, limit_s=1800)
        lines = [line.split(" ", 5) for line in path.read_text().splitlines()]
        print(f"\n{args[0]}: {path.read_text()}", flush=True)
        return lines, done

    @house.unittest.skipUnless(EVERY, "takes minutes: CF_EVERY_ALLOCATION=1")
    def test_every_allocation(self):
        for code, *args in ((0, "check"), (0, "list"), (0, "report", whole / "results.json"),
                            (4, "verify", whole / "certificate")):
            with self.subTest(args[0]):
                ends, done = self.ends(*args)
                self.assertEqual(done.code, code, str(done))
                self.assertGreater(sum(int(count) for count, *_ in ends), 1000)
                for _, _, ended, out, at, said in ends:
                    if (int(ended), out) != (code, "same"):
                        self.assertEqual((int(ended), said + "\n"), (3, TOLD), f"allocation {at}")

    @house.unittest.skipUnless(EVERY, "takes minutes: CF_EVERY_ALLOCATION=1")
    def test_every_allocation_of_a_run(self):
        """Of its parent, the worker and the reference implementation, once from each call stack:
        there are millions, most of them the same again. What follows from the end of one of them,
        or where it goes on (a server gives up one connection), the tests below look at."""
        ends, _ = self.ends("run", "--jobs", "1", "--out", self.out, alone=True)
        self.assertEqual({process for _, process, *_ in ends}, {"first", "forked"})
        went_on = 0
        for count, _, code, _, at, said in ends:
            if said.startswith("went on to ") and code == "96":
                went_on += int(count)
                continue
            self.assertEqual(code, "3", f"allocation {at}: {said}")
            self.assertRegex(said, "out of memory$|: Cannot allocate memory$")
        self.assertLess(went_on, sum(int(count) for count, *_ in ends) / 20)

    def expect_told(self, *args, singly, growth=1.6, code=0):
        total, usual = self.allocations(*args)
        self.assertGreater(total, 1000)
        self.assertEqual(usual.code, code, str(usual))

        def check(at):
            done = self.starve(*args, at=at)
            if done.code != usual.code or done.out != usual.out:
                self.assertEqual((done.code, done.err), (3, TOLD), f"at allocation {at}: {done}")

        self.each(points(total, singly, growth), check)

    def test_check(self):
        self.expect_told("check", singly=300)

    def test_list(self):
        self.expect_told("list", singly=10)

    def test_report(self):
        self.expect_told("report", whole / "results.json", singly=10)

    def test_verify(self):
        self.expect_told("verify", whole / "certificate", singly=10, code=4)

    def run_starved(self, at, where, *select):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            out = Path(folder) / "out"
            done = self.starve("run", "--jobs", "2", *select, "--out", out, at=at, where=where)
            place = f"at allocation {at}: {done}"
            self.assertIn(done.code, (0, 3), place)
            return done, self.finished(out, place), place

    def finished(self, out, place):
        """The results that are on disk: each whole, and report takes them."""
        lines = out / "results.ndjson"
        if not lines.exists():
            return []
        text = lines.read_text()
        found = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        if found:
            shown = installed.call("report", lines)
            self.assertIn(f"{len(found)} cases:", shown.out, place)
        return found

    def test_run_in_the_parent(self):
        """It ends at once; what was finished is on disk."""
        total, usual = self.allocations("run", "--jobs", "2", "--out", self.out)
        self.assertEqual(usual.code, 0, str(usual))
        most = 0

        def check(at):
            nonlocal most
            done, results, place = self.run_starved(at, "first")
            if done.code == 3:
                self.assertRegex(done.err, f"^(putting back .*\n)?{TOLD}$", place)
                most = max(most, len(results))

        self.each(points(total, 1, 2), check)
        self.assertGreater(most, 0, "it never ended with results on disk")

    def test_run_in_a_child(self):
        """The reference implementation or a worker ends, and the reason says why."""
        total, _ = self.allocations("run", "--jobs", "2", "--out", self.out)

        def check(at):
            done, results, place = self.run_starved(at, "forked")
            if done.code == 3:
                said = done.err + "".join(case["reason"] or "" for case in results)
                self.assertTrue("out of memory" in said or "could not connect" in said, place)

        self.each(points(2 * total, 1, 1.7), check)

    def test_run_in_a_worker(self):
        """A worker alone ends, for the IUT is another program's; its case is in error."""

        def check(at):
            with house.Reference("--operation-ms", "5") as reference:
                profile = reference.write(self.folder, lambda profile: None)
                _, results, _ = self.run_starved(at, "afresh", "--profile", profile)
            return sum("out of memory" in (case["reason"] or "") for case in results)

        lost = sum(map(check, points(40000, 1, 1.5)))
        self.assertGreater(lost, 0, "no case was lost to a worker's end")


if __name__ == "__main__":
    house.main()
