"""The two phases on a chain: a node, contracts, the reference that asks it, hooks on cast.

Every 466, 467 and 468 is decided from receipts and allow lists there.
"""

import contextlib
import os
import tempfile
import unittest
from pathlib import Path

import evm
import house

APPS = 12  # one a contract-owned CVM of the reference
FLOWS = ("--suite", "two-phase", "--suite", "prepare")


class OnChain(house.Case):
    """A node with block_s seconds between blocks, and a way to it that can be disturbed."""

    block_s = 0

    @classmethod
    def setUpClass(cls):
        cls.work = evm.packages()
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.node = cls.stack.enter_context(evm.Node(cls.work, cls.block_s))
        *cls.apps, cls.elsewhere = cls.node.deploy(APPS + 1)
        folder = cls.stack.enter_context(tempfile.TemporaryDirectory())
        cls.keystore, cls.password = evm.keystore(cls.work, folder, "owner", evm.OWNER_KEY)

    def setUp(self):
        super().setUp()
        self.relay = self.enter(evm.Mistreating(self.node.url))

    def serve(self, *options, url=None):
        apps = [word for app in self.apps for word in ("--app-id", app)]
        chain = ["--chain", url or self.node.url, *apps]
        return self.enter(house.Reference(*chain, "--operation-ms", "15", *options))

    def with_hooks(self, profile):
        """The profile of the reference, which has no hooks that make transactions."""
        profile["pixit"]["hooks"].update(
            {
                name: {"command": [str(evm.HOOKS / script)], "timeout_ms": 60000}
                for name, script in (
                    ("register-compose-hash", "register"),
                    ("revert-registration", "revert"),
                    ("register-elsewhere", "register-elsewhere"),
                    ("unregister-compose-hash", "unregister"),
                )
            }
        )

    def settings(self, url):
        return {
            "PATH": f"{evm.cast_folder(self.work)}:{os.environ['PATH']}",
            "ETH_RPC_URL": url,
            "ETH_KEYSTORE": str(self.keystore),
            "ETH_PASSWORD": str(self.password),
            "ETH_FROM": evm.OWNER,
            "EVM_CHAIN_ID": str(evm.CHAIN_ID),
            "EVM_CONTRACTS": " ".join(self.apps),
            "EVM_ELSEWHERE": self.elsewhere,
        }

    def certify(self, reference, *options, expect=0, url=None):
        profile = reference.write(self.folder, self.with_hooks)
        return self.run_suite(
            "--profile", profile, *options, expect=expect, env=self.settings(url or self.node.url)
        )

    def expect_all_to_pass(self):
        others = {k: v for k, v in self.verdicts().items() if v != "pass"}
        self.assertEqual(others, {})


class AtOnce(OnChain):
    def test_every_case_of_the_flows_passes(self):
        self.certify(self.serve(), *FLOWS)
        self.expect_all_to_pass()


if __name__ == "__main__":
    house.main()
