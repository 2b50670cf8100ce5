"""The hooks that users keep (hooks/evm) on a chain: what they do, what they say when it fails."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import evm
import house

HASH = "5c" * 32


class Hooks(house.Case):
    @classmethod
    def setUpClass(cls):
        cls.work = evm.packages()
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.node = cls.stack.enter_context(evm.Node(cls.work))
        cls.app, cls.elsewhere = cls.node.deploy(2)
        cls.keys = cls.stack.enter_context(tempfile.TemporaryDirectory())
        for name, key in (
            ("owner", evm.OWNER_KEY), ("stranger", evm.STRANGER_KEY), ("pauper", evm.PAUPER_KEY)
        ):
            _, cls.password = evm.keystore(cls.work, cls.keys, name, key)

    def settings(self, signer="owner", **changed):
        return {
            "ETH_RPC_URL": self.node.url,
            "ETH_KEYSTORE": str(Path(self.keys) / signer),
            "ETH_PASSWORD": str(self.password),
            "EVM_CHAIN_ID": str(evm.CHAIN_ID),
            "EVM_ELSEWHERE": self.elsewhere,
            **changed,
        }

    def start(self, hook, settings, path=None):
        path = path or f"{evm.cast_folder(self.work)}:{os.environ['PATH']}"
        kept = {k: v for k, v in house.environment().items() if not k.startswith(("ETH_", "EVM_"))}
        return subprocess.Popen(
            [evm.HOOKS / hook],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**kept, "PATH": path, **settings},
            start_new_session=True,
        )

    def end(self, process, compose_hash=HASH, app=None):
        """Exit code and the object it said; nothing else is on standard output."""
        if ":" not in compose_hash:
            compose_hash = "0x" + compose_hash
        asked = {"cvm_id": "a", "app_id": app or self.app, "compose_hash": compose_hash}
        out, self.said = process.communicate(json.dumps(asked), timeout=60)
        return process.returncode, json.loads(out)

    def call(self, hook, compose_hash=HASH, app=None, path=None, settings=None):
        process = self.start(hook, self.settings() if settings is None else settings, path)
        return self.end(process, compose_hash, app)

    def succeed(self, *args, **keywords):
        code, said = self.call(*args, **keywords)
        self.assertEqual(code, 0, f"{said} {self.said}")
        return said

    def complaint(self, *args, **keywords):
        code, said = self.call(*args, **keywords)
        self.assertEqual(code, 1, said)
        self.assertEqual(list(said), ["error"])
        self.assertIn(said["error"], self.said)
        return said["error"]

    # ---- what they do ----

    def test_register_puts_the_hash_on_the_list_and_proves_it(self):
        receipt = self.node.receipt(self.succeed("register")["transaction_hash"])
        self.assertEqual(receipt["status"], "0x1")
        self.assertEqual(receipt["to"], self.app)
        self.assertEqual([log["data"] for log in receipt["logs"]], ["0x" + HASH])
        self.assertTrue(self.node.allows(self.app, HASH))

    def test_register_takes_a_hash_that_names_its_algorithm(self):
        self.succeed("register", "sha256:" + "6a" * 32)
        self.assertTrue(self.node.allows(self.app, "6a" * 32))

    def test_register_twice_proves_it_twice(self):
        first = self.succeed("register", "2a" * 32)
        second = self.succeed("register", "2a" * 32)
        for said in (first, second):
            receipt = self.node.receipt(said["transaction_hash"])
            self.assertEqual((receipt["status"], len(receipt["logs"])), ("0x1", 1))

    def test_revert_is_mined_fails_and_changes_nothing(self):
        for registered in (False, True):
            compose_hash = ("3a" if registered else "3b") * 32
            if registered:
                self.succeed("register", compose_hash)
            for _ in range(2):
                said = self.succeed("revert", compose_hash)
                receipt = self.node.receipt(said["transaction_hash"])
                self.assertEqual((receipt["status"], receipt["to"]), ("0x0", self.app))
            self.assertEqual(self.node.allows(self.app, compose_hash), registered)

    def test_register_elsewhere_leaves_the_apps_contract_alone(self):
        said = self.succeed("register-elsewhere", "4a" * 32)
        receipt = self.node.receipt(said["transaction_hash"])
        self.assertEqual((receipt["status"], receipt["to"]), ("0x1", self.elsewhere))
        self.assertFalse(self.node.allows(self.app, "4a" * 32))

    def test_unregister_takes_the_hash_off_and_sends_nothing_where_it_is_not(self):
        self.succeed("register", "6a" * 32)
        self.succeed("unregister", "6a" * 32)
        self.assertFalse(self.node.allows(self.app, "6a" * 32))
        before = self.node.nonce()
        self.assertEqual(self.succeed("unregister", "6a" * 32), {})
        self.assertEqual(self.node.nonce(), before)

    def test_hooks_of_one_signer_at_once_do_not_take_each_others_nonce(self):
        with evm.Node(self.work, block_s=1) as node:
            (app,) = node.deploy(1)
            settings = self.settings(ETH_RPC_URL=node.url)
            before = node.nonce()
            running = [self.start("register", settings) for _ in range(6)]
            told = [
                self.end(process, f"{i:064x}", app) for i, process in enumerate(running)
            ]
            self.assertEqual([code for code, _ in told], [0] * 6, told)
            self.assertEqual(node.nonce(), before + 6)
            self.assertTrue(all(node.allows(app, f"{i:064x}") for i in range(6)))

    def test_an_answer_lost_on_the_way_makes_no_second_transaction(self):
        """By turns before the node has seen the request, and after."""
        for lose in range(7, 12):  # so that it hits each step of a hook
            relay = self.enter(evm.Mistreating(self.node.url))
            relay.lose = lose
            before = self.node.nonce()
            for i in range(2):
                settings = self.settings(ETH_RPC_URL=relay.url)
                self.succeed("register", f"{lose:02}" * 31 + f"7{i}", settings=settings)
            self.assertEqual(self.node.nonce(), before + 2)
            self.assertGreater(relay.lost, 0)

    # ---- settings ----

    def test_settings_come_from_a_file_and_the_environment_wins(self):
        folder = self.folder / "hooks"
        shutil.copytree(evm.HOOKS, folder)
        shutil.copy(Path(self.keys) / "owner", folder / "signer")
        shutil.copy(self.password, folder / "password")
        file = self.settings(
            ETH_KEYSTORE="signer", ETH_PASSWORD="password", EVM_CHAIN_ID="1",
            EVM_CONTRACTS=f"{self.elsewhere} {self.app}",
        )
        lines = "".join(f"{name}={value}\n" for name, value in file.items())
        (folder / "evm.env").write_text("# of a test\n\n" + lines)
        self.assertIn("EVM_CHAIN_ID is 1", self.complaint(folder / "register", settings={}))
        self.succeed(folder / "register", settings={"EVM_CHAIN_ID": str(evm.CHAIN_ID)})

    def test_settings_that_are_wrong_are_named(self):
        typo = self.folder / "typo.env"
        typo.write_text("EVM_CHAIN=1\n")
        for changed, expected in (
            ({"EVM_SETTINGS": str(typo)}, f"{typo}: EVM_CHAIN is not a setting"),
            ({"EVM_SETTINGS": "/nowhere"}, "EVM_SETTINGS: there is no file /nowhere"),
            ({"ETH_RPC_URL": ""}, "ETH_RPC_URL is not set"),
            ({"EVM_CHAIN_ID": ""}, "EVM_CHAIN_ID is not set"),
            ({"ETH_KEYSTORE": "/nowhere"}, "ETH_KEYSTORE: cannot read /nowhere"),
            ({"EVM_CONTRACTS": self.elsewhere}, f"the app {self.app} is not among EVM_CONTRACTS"),
        ):
            with self.subTest(changed=changed):
                settings = self.settings(**changed)
                self.assertEqual(self.complaint("register", settings=settings), expected)

    def test_register_elsewhere_wants_another_contract(self):
        for elsewhere, expected in (
            ("", "EVM_ELSEWHERE is not set: name another contract of the signer"),
            (self.app, "EVM_ELSEWHERE is the app's own contract"),
        ):
            settings = self.settings(EVM_ELSEWHERE=elsewhere)
            said = self.complaint("register-elsewhere", settings=settings)
            self.assertEqual(said, expected)

    # ---- what they say when it fails ----

    def test_without_cast_it_says_so(self):
        folder = self.folder / "bin"
        folder.mkdir()
        for name in "cat date dirname flock mktemp printf rm sed sh tr".split():
            (folder / name).symlink_to(shutil.which(name))
        for hook in ("register", "revert", "register-elsewhere", "unregister"):
            said = self.complaint(hook, path=str(folder))
            self.assertEqual(said, "no cast: install Foundry, or put cast into PATH")

    def test_on_the_wrong_chain_it_says_so_and_sends_nothing(self):
        before = self.node.nonce()
        said = self.complaint("register", settings=self.settings(EVM_CHAIN_ID="8453"))
        self.assertEqual(said, "wrong chain: the node is on chain 31337, EVM_CHAIN_ID is 8453")
        self.assertEqual(self.node.nonce(), before)

    def test_without_funds_it_says_so(self):
        for hook in ("register", "revert", "register-elsewhere"):
            said = self.complaint(hook, settings=self.settings("pauper"))
            self.assertRegex(said, r"^no funds: the signer 0x\w{40} holds 0 wei on chain 31337$")

    def test_a_signer_who_is_not_the_owner_is_told(self):
        said = self.complaint("register", settings=self.settings("stranger"))
        self.assertRegex(
            said.lower(),
            f"^not the owner: the contract {self.app} is owned by {evm.OWNER}, the signer is 0x",
        )

    def test_a_call_that_reverts_is_told(self):
        """A contract without owner() and addComposeHash(): its code is one REVERT."""
        refusing = "0x" + "00" * 18 + "0bad"
        self.node.rpc("anvil_setCode", refusing, "0x60006000fd")  # PUSH1 0 PUSH1 0 REVERT
        said = self.complaint("register", app=refusing)
        self.assertRegex(said, f"^reverted: the contract {refusing} refuses the call")

    def test_a_transaction_mined_and_reverted_is_told(self):
        """The node's estimate says yes; by the time it is mined the contract says no."""
        with evm.Node(self.work, block_s=1) as node:
            (app,) = node.deploy(1)
            process = self.start("register", self.settings(ETH_RPC_URL=node.url))
            ended = []
            waiter = threading.Thread(target=lambda: ended.append(self.end(process, app=app)))
            waiter.start()
            house.wait_until(
                lambda: int(node.rpc("txpool_status")["pending"], 16), "a transaction in the pool"
            )
            node.rpc("anvil_setCode", app, "0x60006000fd")
            waiter.join()
        ((code, said),) = ended
        self.assertEqual(code, 1)
        self.assertRegex(said["error"], "^reverted: transaction 0x[0-9a-f]{64}$")

    def test_an_address_without_a_contract_is_told(self):
        nobody = "0x" + "00" * 18 + "beef"
        said = self.complaint("register", app=nobody)
        self.assertEqual(said, f"there is no contract at {nobody} on chain 31337")

    def test_a_node_that_is_away_is_told_without_its_url(self):
        relay = evm.Mistreating(self.node.url)
        with relay:
            pass
        settings = self.settings(ETH_RPC_URL=relay.url + "/secret-of-the-provider")
        said = self.complaint("register", settings=settings)
        self.assertEqual(said, "the node behind ETH_RPC_URL does not answer")
        self.assertNotIn("secret", self.said)

    def test_a_wrong_password_is_told_without_it(self):
        wrong = self.folder / "wrong"
        wrong.write_text("not-the-password")
        said = self.complaint("register", settings=self.settings(ETH_PASSWORD=str(wrong)))
        self.assertRegex(said, "^the signer cannot be used: ")
        self.assertNotIn("not-the-password", self.said)

    def test_an_input_without_a_hash_is_told(self):
        said = self.complaint("register", compose_hash="5c" * 31)
        self.assertEqual(said, "the input has no compose_hash of 64 hex digits")

    # ---- secrets ----

    def test_no_secret_is_on_a_command_line_or_in_the_output(self):
        """Every start of cast leaves its arguments; other processes are looked at as they run."""
        folder, seen = self.folder / "bin", self.folder / "seen"
        folder.mkdir()
        cast = folder / "cast"
        cast.write_text(
            f'#!/bin/sh\ntr "\\0" "\\n" </proc/$$/cmdline >>{seen}\n'
            f'exec {evm.program(self.work, "cast")} "$@"\n'
        )
        cast.chmod(0o755)
        lines, over = set(), threading.Event()

        def watch(session):
            while not over.is_set():
                for pid in house.processes_of(session):
                    with contextlib.suppress(OSError):
                        lines.add(Path(f"/proc/{pid}/cmdline").read_text())

        relay = self.enter(evm.Mistreating(self.node.url))
        settings = self.settings(ETH_RPC_URL=relay.url + "/secret-of-the-provider")
        path = f"{folder}:{os.environ['PATH']}"
        process = self.start("register", settings, path)
        watcher = threading.Thread(target=watch, args=(process.pid,))
        watcher.start()
        code, said = self.end(process, "8a" * 32)
        over.set()
        watcher.join()
        everything = seen.read_text() + "".join(lines) + self.said + json.dumps(said)
        self.assertIn("mktx", seen.read_text())
        for secret in (evm.OWNER_KEY[2:], evm.PASSWORD, "secret-of-the-provider"):
            self.assertNotIn(secret, everything)
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    house.main()
