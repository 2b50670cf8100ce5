"""The FastAPI target (tests/fastapi) conforms: by Debian's packages, and with pydantic 2.

It is an ordinary application of the framework that the contract's own server is written in, so what
the suite holds against it is likely the suite's mistake. Where a framework misses a should, its
README says so, and the list here too.
"""

import signal
import subprocess
import sys
import unittest

import house

sys.path.insert(0, str(house.SOURCE / "tests"))

import environments

TARGET = house.SOURCE / "tests" / "fastapi"


class Conforming:
    """What both stacks are asked; MISSED are the should requirements that the framework misses."""

    python = None
    MISSED = set()

    def serve(self, *options):
        profile = self.folder / "profile.json"
        process = subprocess.Popen(
            [self.python, "-B", TARGET / "serve.py", "--profile-out", profile, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

        def stop():
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)

        self.addCleanup(stop)
        house.wait_until(lambda: profile.exists() or process.poll() is not None, "the target", 60)
        self.assertIsNone(process.poll(), "the target ended")
        return profile

    def test_conforms(self):
        self.run_suite("--profile", self.serve(), expect=0)
        failed = {r["id"] for r in self.results()["requirements"] if r["verdict"] == "fail"}
        self.assertEqual(failed, self.MISSED)
        self.assertEqual([c["id"] for c in self.results()["cases"] if c["verdict"] == "error"], [])

    def test_exploring_finds_nothing(self):
        done = house.call("explore", "--profile", self.serve("--operation-ms", "20"), "--out",
                          self.out, "--operations", 600)
        self.assertEqual(done.code, 0, str(done))

    def test_conforms_otherwise(self):
        """The older shape of the read side, no time for operations, phase 2 with the body."""
        profile = self.serve("--legacy", "--operation-ms", "0", "--phase2-body", "repeat")
        self.run_suite("--profile", profile, "--level", "must", expect=0)


class WithDebiansPackages(Conforming, house.Case):
    python = "/usr/bin/python3"
    MISSED = {"validation.fraction-for-integer", "validation.scalar-for-string",
              "two-phase.invalid-body"}  # fmt: skip

    @classmethod
    def setUpClass(cls):
        program = "import fastapi, multipart, pydantic, uvicorn; print(pydantic.VERSION)"
        found = subprocess.run([cls.python, "-c", program], capture_output=True, text=True,
                               timeout=60)
        if found.returncode:
            raise unittest.SkipTest("python3-fastapi, -uvicorn or -multipart is not installed")
        if not found.stdout.startswith("1."):
            cls.MISSED = WithPydantic2.MISSED

    def test_smoke_of_the_target_itself(self):
        done = subprocess.run([self.python, "-B", TARGET / "test_app.py"], capture_output=True,
                              text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])


class WithPydantic2(Conforming, house.Case):
    MISSED = set()

    @classmethod
    def setUpClass(cls):
        wanted = (TARGET / "requirements.txt").read_text()
        cls.python = environments.environment("fastapi", wanted) / "python"


if __name__ == "__main__":
    house.main()
