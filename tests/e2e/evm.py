"""A chain for tests: a node, contracts on it, a signer, and a relay that mistreats requests.

The node is anvil; what the npm packages of tests/chain hold is installed into the build directory.
"""

import contextlib
import fcntl
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import unittest
import urllib.request
from pathlib import Path

import house

CHAIN_TESTS = house.SOURCE / "tests" / "chain"
HOOKS = house.SOURCE / "hooks" / "evm"
CHAIN_ID = 31337
PASSWORD = "a-password-for-tests"
ADD = "0xdfc77223"  # cast sig 'addComposeHash(bytes32)'
ALLOWED = "0x2f6622e5"  # cast sig 'allowedComposeHashes(bytes32)'

# Accounts that anvil gives 10000 ether each, from its public mnemonic.
OWNER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
OWNER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
STRANGER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
# An account that nobody gave anything.
PAUPER_KEY = "0x" + "7" * 64


def packages():
    """The folder with node_modules; skips the test, with the reason, where it is not to be had."""
    for program in ("npm", "node"):
        if not shutil.which(program):
            raise unittest.SkipTest(f"no {program} on this machine")
    work = Path(os.environ.get("CF_BUILD", "/tmp")) / "tests" / "chain"
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (CHAIN_TESTS / "package-lock.json").read_text()
        marker = work / "installed.json"
        if not marker.exists() or marker.read_text() != wanted:
            install(work)
            marker.write_text(wanted)
    return work


def install(work):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(CHAIN_TESTS / name, work / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise unittest.SkipTest("npm cannot install the packages: " + done.stderr.strip()[-300:])


def program(work, name):
    """A binary of the packages without its JavaScript wrapper, which costs a start of node."""
    found = sorted((work / "node_modules" / "@foundry-rs").glob(f"{name}-*/bin/{name}"))
    if not found:
        raise unittest.SkipTest(f"there is no {name} for this machine among the packages")
    return found[0]


def cast_folder(work):
    return program(work, "cast").parent


def keystore(work, folder, name, key):
    """A key as a keystore that cast opens with the password file beside it; both paths."""
    password = Path(folder) / "password"
    password.write_text(PASSWORD)
    subprocess.run(
        [program(work, "cast"), "wallet", "import", name, "--keystore-dir", folder,
         "--private-key", key],
        env={**os.environ, "CAST_UNSAFE_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
    )
    return Path(folder) / name, password


@functools.cache
def bytecode(work):
    """The app contract, compiled."""
    done = subprocess.run(
        ["node", CHAIN_TESTS / "compile.cjs", CHAIN_TESTS / "AppContract.sol"],
        cwd=work,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


class Node:
    """A chain of one node; block_s: seconds between blocks, 0 for a block a transaction."""

    def __init__(self, work, block_s=0):
        self.work, self.block_s = work, block_s

    def __enter__(self):
        options = ["--block-time", str(self.block_s)] if self.block_s else []
        self.process = subprocess.Popen(
            [program(self.work, "anvil"), "--port", "0", "--chain-id", str(CHAIN_ID), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # With a worker a core, on two cores, all of them were seen to wait for each other.
            env={**house.environment(), "TOKIO_WORKER_THREADS": "16"},
        )
        said = []
        for line in self.process.stdout:
            said.append(line)
            found = re.search(r"Listening on (127\.0\.0\.1:\d+)", line)
            if found:
                self.url = f"http://{found[1]}"
                break
        else:
            raise AssertionError("anvil ended: " + "".join(said))
        threading.Thread(target=self._drain, daemon=True).start()
        return self

    def _drain(self):
        with contextlib.suppress(ValueError):
            for _ in self.process.stdout:
                pass

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def rpc(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        request = urllib.request.Request(
            self.url, body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = json.loads(answer.read())
        if "error" in said:
            raise AssertionError(f"{method}: {said['error']}")
        return said["result"]

    def receipt(self, transaction):
        """The receipt, waited for."""
        return house.wait_until(
            lambda: self.rpc("eth_getTransactionReceipt", transaction), f"receipt of {transaction}"
        )

    def deploy(self, count):
        """So many app contracts of the owner; their addresses."""
        what = {"from": OWNER, "data": bytecode(self.work), "gas": hex(1_000_000)}
        sent = [self.rpc("eth_sendTransaction", what) for _ in range(count)]
        return [self.receipt(transaction)["contractAddress"] for transaction in sent]

    def register(self, contract, compose_hash):
        """Send the owner's registration, and do not wait for it; the transaction."""
        data = ADD + compose_hash.removeprefix("0x")
        return self.rpc("eth_sendTransaction", {"from": OWNER, "to": contract, "data": data})

    def nonce(self, address=OWNER):
        return int(self.rpc("eth_getTransactionCount", address, "latest"), 16)

    def allows(self, contract, compose_hash):
        data = ALLOWED + compose_hash.removeprefix("0x")
        return int(self.rpc("eth_call", {"to": contract, "data": data}, "latest"), 16) == 1


class Mistreating:
    """A way to the node with troubles of its own, to be set at any time.

    lose: every so-manieth request is lost, in turns before the node has seen it and after.
    away: no connection is taken. nonsense: what is answered instead of the node's words.
    """

    def __init__(self, url):
        self.target = url
        self.lose, self.nonsense = 0, None
        self.count, self.lost = 0, 0
        self.lock = threading.Lock()

    def __enter__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                outer.serve(self)

            def log_message(self, *_):
                pass

        self.handler = Handler
        self.port = 0
        self.come_back()
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self.go_away()

    def come_back(self):
        """Take connections again; may be called without need."""
        if self.port and self.server:
            return
        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def go_away(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None

    def serve(self, client):
        body = client.rfile.read(int(client.headers.get("Content-Length", 0)))
        with self.lock:
            self.count += 1
            losing = self.lose > 0 and self.count % self.lose == 0
            self.lost += losing
            before = losing and self.lost % 2 == 1
        client.close_connection = True
        if before:
            return
        status, said = 200, self.nonsense
        if said is None:
            request = urllib.request.Request(
                self.target, body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, said = answer.status, answer.read()
        if losing:
            return
        with contextlib.suppress(OSError):
            client.send_response(status)
            client.send_header("Content-Type", "application/json")
            client.send_header("Content-Length", str(len(said)))
            client.send_header("Connection", "close")
            client.end_headers()
            client.wfile.write(said)
