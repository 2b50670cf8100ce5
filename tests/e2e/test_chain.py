"""The two phases on a chain: a node, contracts, the reference that asks it, hooks on cast.

Every 466, 467 and 468 is decided from receipts and allow lists there.
"""

import contextlib
import http.server
import json
import os
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request

import evm
import house

APPS = 12  # one a contract-owned CVM of the reference
FLOWS = ("--suite", "two-phase", "--suite", "prepare")
BUGS = (
    "two-phase-unknown-transaction-accepted",
    "two-phase-reverted-accepted",
    "two-phase-other-contract-accepted",
    "two-phase-other-hash-accepted",
    "two-phase-allow-list-unchecked",
    "two-phase-script-allow-list-unchecked",
    "two-phase-proof-optional",
    "two-phase-467-burns-hash",
    "two-phase-468-applied",
    "two-phase-hash-of-now",
    "prepare-commit-list-unchecked",
    "prepare-already-registered-refused",
)


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

    def serve(self, *options, url=None, operation_ms=15):
        apps = [word for app in self.apps for word in ("--app-id", app)]
        chain = ["--chain", url or self.node.url, *apps]
        return self.enter(house.Reference(*chain, "--operation-ms", str(operation_ms), *options))

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
        env = self.settings(url or self.node.url)
        # A busy machine takes its time over hundreds of hooks, each of several processes.
        return self.run_suite("--profile", profile, *options, expect=expect, env=env, limit_s=400)

    def expect_all_to_pass(self):
        """Some send many requests while an operation runs, and each of them asks the node."""
        self.certify(self.serve(operation_ms=400), *FLOWS)
        others = {k: v for k, v in self.verdicts().items() if v != "pass"}
        self.assertEqual(others, {})


class AtOnce(OnChain):
    def test_every_case_of_the_flows_passes(self):
        self.expect_all_to_pass()

    def test_bugs_of_the_two_phases_are_caught(self):
        """Each by the requirement that it breaks, as on the simulator."""
        listed = json.loads(house.call("serve", "--list-deviations", "--json").out)
        requirement_of = {row["name"]: row["requirement"] for row in listed}
        for name in BUGS:
            with self.subTest(name):
                requirement = requirement_of[name]
                done = self.certify(
                    self.serve("--deviation", name), "--requirement", requirement,
                    "--fail-on", "should", expect=1,
                )
                failed = {r["id"] for r in self.results()["requirements"] if r["verdict"] == "fail"}
                self.assertIn(requirement, failed, done)

    def with_what_init_writes(self, reference, *words, cvms, expect=None):
        """A run with the profile of init, and its verdicts. All that is added is what init leaves
        to its user: the settings of the hooks."""
        env = {**self.settings(self.node.url), "A_KEY": reference.key}
        out = self.folder / "made" / "acme.json"
        out.parent.mkdir()
        done = house.call("init", "--service", "phala-cloud", "--base-url", reference.base_url,
                          "--key-env", "A_KEY", "--out", out,
                          *(word for cvm in cvms for word in ("--cvm", cvm)), env=env)  # fmt: skip
        self.assertEqual(done.code, 0, done)
        self.run_suite("--profile", out, *words, env=env, expect=expect, limit_s=400)
        verdicts = self.verdicts()
        self.assertNotIn("fail", verdicts.values())
        self.assertNotIn("error", verdicts.values())
        return verdicts

    def test_the_profile_of_init_brings_hooks_that_register(self):
        reference = self.serve()
        verdicts = self.with_what_init_writes(
            reference, "--case", "two-phase.commit.*", "--case", "prepare.*commit*",
            cvms=reference.profile["pixit"]["cvms"]["contract_owned"][:2],
        )  # fmt: skip
        self.assertGreater(sum(verdict == "pass" for verdict in verdicts.values()), 10)

    def test_a_service_in_the_field_is_judged_through_the_hooks_of_init(self):
        reference = self.serve("--variant", "field-service")
        kinds = reference.profile["pixit"]["cvms"]
        verdicts = self.with_what_init_writes(
            reference, "--requirement", "two-phase.466*", "--requirement", "two-phase.467*",
            "--requirement", "two-phase.468*", "--level", "must",
            cvms=[*kinds["managed"][:2], *kinds["contract_owned"][:4], *kinds["foreign"][:1]],
            expect=0,
        )  # fmt: skip
        # Time cannot be made to pass there, which is what the service is known for.
        left = {name for name, verdict in verdicts.items() if verdict != "pass"}
        self.assertEqual({name for name in left if "466-expired" not in name}, set(), left)
        self.assertGreater(sum(verdict == "pass" for verdict in verdicts.values()), 4)

    def test_the_vendors_sdk_updates_and_registers_by_its_own_code(self):
        reference = self.serve()
        cvm = reference.profile["pixit"]["cvms"]["contract_owned"][0]
        done = subprocess.run(
            ["node", evm.CHAIN_TESTS / "sdk.cjs"],
            cwd=self.work,
            env={
                **house.environment(),
                "API": reference.base_url,
                "API_KEY": reference.key,
                "CVM": cvm,
                "RPC": self.node.url,
                "OWNER_KEY": evm.OWNER_KEY,
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertIs(told["update"]["asked"], True)
        self.assertEqual(told["script"]["asked"], "precondition_required")
        self.assertIs(told["commit"]["allowedBefore"], False)
        operations = reference.get(f"/api/v1/cvms/{cvm}/operations")["items"]
        ended = [o["correlation_id"] for o in operations if o["status"] == "completed"]
        ways = ("commit", "script", "update")
        self.assertEqual(ended, [told[way]["correlationId"] for way in ways])
        state = reference.get(f"/_inspect/{cvm}")
        self.assertEqual(state["docker_compose_file"], "services: {sdk: {image: b}}\n")
        self.assertEqual(state["pre_launch_script"], "#!/bin/sh\necho by the SDK\n")
        self.assertEqual(state["vcpu"], 4)


class EverySecond(OnChain):
    block_s = 1

    def test_every_case_of_the_flows_passes(self):
        self.expect_all_to_pass()

    def test_a_transaction_in_no_block_yet_is_told_apart_from_none(self):
        self.node.rpc("evm_setIntervalMining", 0)
        self.addCleanup(self.node.rpc, "evm_setIntervalMining", 1)
        client = Client(self.serve(), self)
        compose_hash = client.phase_1()
        pending = self.node.register(client.app_id, compose_hash)
        for transaction, expected in (
            (pending, "The transaction is in no block yet"),
            ("0x" + "12" * 32, "There is no receipt for this transaction"),
        ):
            status, said = client.phase_2(compose_hash, transaction)
            self.assertEqual((status, said["details"][0]["message"]), (467, expected))
        self.node.rpc("evm_mine")
        self.assertEqual(client.phase_2(compose_hash, pending)[0], 202)


class LosingRequests(OnChain):
    def test_cases_of_the_flows_pass(self):
        """Every tenth request is lost, the reference's and the hooks'."""
        self.relay.lose = 10
        cases = ("--case", "two-phase.46*", "--case", "two-phase.commit*", "--case", "prepare.*")
        reference = self.serve(url=self.relay.url)
        self.certify(reference, *cases, "--level", "must", url=self.relay.url)
        self.expect_all_to_pass()
        self.assertGreater(self.relay.lost, 20)


class Client:
    """Somebody who uploads a script to a contract-owned CVM of the reference."""

    def __init__(self, reference, test):
        self.reference, self.test = reference, test
        self.cvm = reference.profile["pixit"]["cvms"]["contract_owned"][0]
        self.app_id = "0x" + reference.get(f"/api/v1/cvms/{self.cvm}")["app_id"].removeprefix("0x")

    def send(self, path, content_type, body, headers):
        request = urllib.request.Request(
            f"{self.reference.base_url}/api/v1/cvms/{self.cvm}{path}",
            body,
            {"X-API-Key": self.reference.key, "Content-Type": content_type, **headers},
            method="PATCH",
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def upload(self, headers):
        return self.send("/pre-launch-script", "text/plain", b"#!/bin/sh\ntrue\n", headers)

    def phase_1(self):
        status, said = self.upload({})
        self.test.assertEqual(status, 465, said)
        return next(row["value"] for row in said["details"] if row["field"] == "compose_hash")

    def phase_2(self, compose_hash, transaction):
        return self.upload({"X-Compose-Hash": compose_hash, "X-Transaction-Hash": transaction})

    def phase_2_of_update_cvm(self, compose_hash, transaction):
        headers = {"X-Compose-Hash": compose_hash, "X-Transaction-Hash": transaction}
        return self.send("", "application/json", b"{}", headers)


class OutOfOrder(OnChain):
    def setUp(self):
        super().setUp()
        self.reference = self.serve(url=self.relay.url)

    def test_a_node_that_talks_nonsense_is_a_500_of_scripts_and_a_503_of_updates(self):
        client = Client(self.reference, self)
        compose_hash = client.phase_1()
        transaction = self.node.register(client.app_id, compose_hash)
        self.node.receipt(transaction)
        before = self.reference.state()
        for nonsense in (
            b"", b"<html>busy</html>", b"[]", b"{}", b'{"jsonrpc": "2.0", "id": 1}',
            b'{"jsonrpc": "2.0", "id": 999999, "result": "0x"}',
            b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -32005, "message": "limit exceeded"}}',
            b'{"jsonrpc": "2.0", "result": "0x' + b"0" * 63 + b'1"}',
            b'{"result": "' + b"x" * (2 << 20) + b'"}',
        ):
            with self.subTest(nonsense[:60]):
                self.relay.nonsense = nonsense
                self.assertEqual(client.phase_2(compose_hash, transaction)[0], 500)
                status, _ = client.phase_2_of_update_cvm(compose_hash, transaction)
                self.assertEqual(status, 503)
        self.assertEqual(self.reference.state(), before)
        self.relay.nonsense = None
        self.assertEqual(client.phase_2(compose_hash, transaction)[0], 202)

    def test_an_address_without_a_contract_is_a_500(self):
        self.relay.come_back()
        reference = self.enter(
            house.Reference("--chain", self.node.url, "--app-id", "0x" + "ee" * 20)
        )
        client = Client(reference, self)
        self.assertEqual(client.phase_2(client.phase_1(), "0x" + "12" * 32)[0], 500)

    def test_a_node_that_is_away_and_comes_back_by_hooks(self):
        """The suite breaks and mends the way to the node; the hooks on cast have their own."""
        control = self.enter(Control(self.relay))

        def change(profile):
            self.with_hooks(profile)
            for name, path in (("break-chain", "/go-away"), ("mend-chain", "/come-back")):
                http = {"method": "POST", "url": control.url + path}
                profile["pixit"]["hooks"][name] = {"http": http}

        profile = self.reference.write(self.folder, change)
        cases = ("--case", "script.chain-*", "--case", "two-phase.chain-*")
        self.run_suite(
            "--profile", profile, *cases, expect=0, env=self.settings(self.node.url)
        )
        told = {c["id"]: c for c in self.results()["cases"] if ".chain-" in c["id"]}
        self.assertEqual({c["verdict"] for c in told.values()}, {"pass"})
        observation = told["two-phase.chain-away"]["observation"]
        self.assertEqual((observation["away"], observation["mended"]), (503, 202))


class Control:
    """Lets hooks break and mend the way to the node."""

    def __init__(self, relay):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                {"/go-away": relay.go_away, "/come-back": relay.come_back}[self.path]()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    house.main()
