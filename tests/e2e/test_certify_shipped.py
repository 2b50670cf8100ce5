"""Every shipped case can be judged again from its transcript, whatever its verdict.

Without the suite robustness: its mebibytes in every direction make bundles of hundreds of
megabytes, and its steps are those of the others.
"""

import re
import shutil

import bundles
import house


class Shipped(house.Case):
    @classmethod
    def setUpClass(cls):
        cls.installed = bundles.Installed(house.SOURCE / "cases")
        shutil.rmtree(cls.installed.cases / "robustness")
        cls.let_go_of("robustness.")

    @classmethod
    def let_go_of(cls, suite):
        """Cases that would share what one of that suite does run by themselves."""
        for path in cls.installed.cases.glob("*/*.json"):
            text = path.read_text()
            path.write_text(re.sub(rf'"shares": "{re.escape(suite)}[^"]*",\s*', "", text))

    @classmethod
    def tearDownClass(cls):
        cls.installed.remove()

    def certify(self, *args):
        """Whether every verdict is a pass is for other tests, and may depend on a busy machine."""
        done = self.installed.call("run", "--certify", "--out", self.out, *args, limit_s=280)
        self.assertIn(done.code, (0, 1, 3), str(done))
        verified = self.installed.call("verify", self.out / "certificate", limit_s=280)
        self.assertEqual(verified.err, "")
        self.assertRegex(verified.out, r": consistent, .*; it claims (PASSED|WARNED|FAILED)\n$")
        judged = re.search(r"^(\d+) verdicts reached again", verified.out, re.MULTILINE)
        self.assertGreater(int(judged[1]), 1500)
        return verified

    def test_conforming(self):
        self.certify()

    def test_not_conforming(self):
        verified = self.certify("--deviation", "conflict-queued")
        self.assertIn("it claims FAILED", verified.out)


if __name__ == "__main__":
    house.main()
