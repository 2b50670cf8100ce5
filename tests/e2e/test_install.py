"""cmake --install: the installed program stands on its own."""

import os
import shutil
import subprocess

import house


class Install(house.Case):
    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "prefix"
        done = subprocess.run(
            ["cmake", "--install", os.environ["CF_BUILD"], "--prefix", self.prefix],
            capture_output=True, text=True, timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.program = self.prefix / "bin" / "cvm-conformance"

    def call(self, *args):
        return subprocess.run(
            [self.program, *args], capture_output=True, text=True, timeout=60, cwd=self.folder
        )

    def test_everything_is_there(self):
        for name in (
            "bin/cvm-conformance",
            "share/cvm-conformance/cases/README.md",
            "share/cvm-conformance/cases/case.schema.json",
            "share/cvm-conformance/cases/accepted/status-202.json",
            "share/cvm-conformance/schemas/case.schema.json",
            "share/cvm-conformance/schemas/profile.schema.json",
            "share/cvm-conformance/schemas/results.schema.json",
            "share/cvm-conformance/ci/github-actions.yml",
            "share/cvm-conformance/ci/gitlab-ci.yml",
            "share/cvm-conformance/ci/kubernetes.yaml",
            "share/cvm-conformance/hooks/evm/register",
            "share/cvm-conformance/hooks/evm/common.sh",
            "share/bash-completion/completions/cvm-conformance",
            "share/zsh/site-functions/_cvm-conformance",
            "share/fish/vendor_completions.d/cvm-conformance.fish",
            "share/man/man1/cvm-conformance.1",
            "share/doc/cvm-conformance/README.md",
            "share/doc/cvm-conformance/CONTRIBUTING.md",
            "share/doc/cvm-conformance/docs/profile.md",
            "share/doc/cvm-conformance/LICENSE",
        ):
            self.assertTrue((self.prefix / name).is_file(), name)

    def test_its_hooks_can_be_run(self):
        hooks = self.prefix / "share/cvm-conformance/hooks/evm"
        for name in ("register", "register-elsewhere", "revert", "unregister"):
            done = subprocess.run([hooks / name], capture_output=True, text=True, env={})
            self.assertIn("ETH_RPC_URL is not set", done.stdout)

    def test_it_runs_from_anywhere(self):
        done = self.call("run", "--case", "accepted.status-202*", "--operation-ms", "15")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue((self.folder / "conformance-report" / "results.json").is_file())

    def test_it_uses_its_own_cases(self):
        self.assertIn("accepted ", self.call("list", "--suites").stdout)
        shutil.rmtree(self.prefix / "share/cvm-conformance/cases/prepare")
        listed = self.call("list", "--suites")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertNotIn("prepare ", listed.stdout)

    def test_it_finds_its_own_cases_without_proc(self):
        shutil.rmtree(self.prefix / "share/cvm-conformance/cases/prepare")
        (self.folder / "link").symlink_to(self.program)
        bare = ["unshare", "--map-root-user", "--mount", "sh", "-c",
                'mount -t tmpfs none /proc && exec "$0" list --suites']
        probe = subprocess.run([*bare[:-1], "mount -t tmpfs none /proc"], capture_output=True)
        if probe.returncode != 0:
            self.skipTest("this machine lets nobody hide /proc")
        for name in (self.program, "prefix/bin/cvm-conformance", "./link"):
            done = subprocess.run([*bare, name], capture_output=True, text=True, cwd=self.folder)
            self.assertIn("accepted ", done.stdout, done.stderr)
            self.assertNotIn("prepare ", done.stdout)

    def test_it_can_be_moved(self):
        moved = self.folder / "elsewhere"
        self.prefix.rename(moved)
        self.program = moved / "bin" / "cvm-conformance"
        (moved / "share/cvm-conformance/cases/accepted/status-202.json").write_text("{")
        done = self.call("check")
        self.assertEqual(done.returncode, 2)
        self.assertIn("cases/accepted/status-202.json:1:2: ", done.stderr)


if __name__ == "__main__":
    house.main()
