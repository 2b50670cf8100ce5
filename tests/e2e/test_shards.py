"""Shards: parts of one run, at the same time against one implementation, and their merge."""

import json

import house


class Shards(house.Case):
    def start(self, reference, count, *args, change=None):
        """All shards at once; their exit codes."""
        path = reference.write(self.folder, change)
        runs = [
            house.start("run", "--profile", path, "--shard", f"{i}/{count}", *args,
                        "--out", self.folder / f"shard-{i}", "--quiet")
            for i in range(1, count + 1)
        ]
        return [house.finish(run).code for run in runs]

    def part(self, index):
        return json.loads((self.folder / f"shard-{index}" / "results.json").read_text())

    def used(self, index):
        return {cvm for case in self.part(index)["cases"] for cvm in case.get("cvms", [])}

    def test_run_at_the_same_time_without_seeing_each_other(self):
        reference = self.enter(house.Reference())
        before = reference.state()
        codes = self.start(reference, 3, "--suite", "partial", "--suite", "accepted")
        self.assertEqual(codes, [0, 0, 0])
        ours = set(reference.state())
        for i, k in ((1, 2), (1, 3), (2, 3)):
            self.assertEqual(self.used(i) & self.used(k) & ours, set())
        self.assertEqual(reference.state(), before)

    def test_few_cvms_go_to_the_first_shards(self):
        """Two of each kind, of which cases need two at once, for three shards."""
        reference = self.enter(house.Reference())

        def few(profile):
            cvms = profile["pixit"]["cvms"]
            for kind in ("managed", "contract_owned"):
                cvms[kind] = cvms[kind][:2]

        codes = self.start(reference, 3, "--case", "two-phase.*", "--case", "auth.*", change=few)
        self.assertEqual(codes[0], 0)
        self.assertFalse(self.used(2) & set(reference.profile["pixit"]["cvms"]["contract_owned"]))
        parts = [self.folder / f"shard-{i}" / "results.json" for i in (1, 2, 3)]
        done = house.call("report", *parts, "--fail-on", "must", "--json", self.folder / "all.json")
        self.assertEqual(done.code, 0, str(done))
        whole = json.loads((self.folder / "all.json").read_text())
        self.assertEqual(
            sorted(c["id"] for c in whole["cases"]),
            sorted(c["id"] for i in (1, 2, 3) for c in self.part(i)["cases"]),
        )


if __name__ == "__main__":
    house.main()
