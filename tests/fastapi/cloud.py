"""A cloud of confidential virtual machines, in memory.

It holds the CVMs, the operations running on them and the contracts which list the compose hashes
a CVM may boot. It knows nothing of HTTP beyond the status codes in which it names its refusals.

Everything here runs on one event loop and never awaits, so every method is atomic: of several
simultaneous updates the first to arrive takes the CVM and the others find it taken.
"""

import asyncio
import hashlib
import json
import re
import time
import uuid
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

COMPOSE_FIELDS = (
    "docker_compose_file",
    "pre_launch_script",
    "allowed_envs",
    "public_logs",
    "public_sysinfo",
    "public_tcbinfo",
)
IMAGES = ("dstack-0.5.4", "dstack-0.5.5", "dstack-dev-0.5.5")
LIMITS = {"vcpu": (1, 256), "memory": (512, 4 << 20), "disk_size": (1024, 64 << 20)}
PREPARED_FOR_SECONDS = 14 * 24 * 3600
ALREADY_REGISTERED = "already-registered"

INITIAL_SETTINGS = {
    "docker_compose_file": "services:\n  web:\n    image: nginx:1.27\n",
    "pre_launch_script": b"#!/bin/sh\necho starting\n",
    "allowed_envs": ["LOG_LEVEL"],
    "public_logs": True,
    "public_sysinfo": True,
    "public_tcbinfo": True,
    "encrypted_env": "",
    "user_config": "",
    "gpus": {"gpus": [], "attach_mode": "listed"},
    "vcpu": 1,
    "memory": 2048,
    "disk_size": 20480,
    "image": IMAGES[0],
    "shutdown_timeout": 60,
    "allow_force_stop": False,
}


class Refused(Exception):
    """A request which the cloud turns down, with the status and the rows which explain it."""

    def __init__(self, status: int, message: str, code: str | None = None, **rows: Any):
        super().__init__(message)
        self.status, self.message, self.code, self.rows = status, message, code, rows


def script_text(script: bytes) -> str:
    return script.decode("utf-8", "surrogateescape")


def compose_of(settings: dict) -> dict:
    compose = {name: settings[name] for name in COMPOSE_FIELDS}
    compose["pre_launch_script"] = script_text(compose["pre_launch_script"])
    return compose


def compose_hash_of(settings: dict) -> str:
    canonical = json.dumps(
        compose_of(settings), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()


def plain_hash(text: str | None) -> str | None:
    """64 lower-case hex digits, or None for anything which is not 32 bytes in hexadecimal."""
    match = re.fullmatch(r"(?:0[xX])?([0-9a-fA-F]{64})", text or "")
    return match and match[1].lower()


@dataclass
class Transaction:
    app_id: str
    compose_hash: str
    succeeded: bool


class Chain:
    """The app contracts: which compose hashes each of them allows, and how they came to."""

    def __init__(self):
        self.allowed: set[tuple[str, str]] = set()
        self.transactions: dict[str, Transaction] = {}

    def _mine(self, app_id: str, compose_hash: str, succeeded: bool) -> str:
        transaction_hash = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
        self.transactions[transaction_hash] = Transaction(app_id, compose_hash, succeeded)
        return "0x" + transaction_hash

    def register(self, app_id: str, compose_hash: str) -> str:
        self.allowed.add((app_id, compose_hash))
        return self._mine(app_id, compose_hash, succeeded=True)

    def revert(self, app_id: str, compose_hash: str) -> str:
        return self._mine(app_id, compose_hash, succeeded=False)

    def unregister(self, app_id: str, compose_hash: str) -> None:
        self.allowed.discard((app_id, compose_hash))

    def verify(self, app_id: str, compose_hash: str, transaction_hash: str | None) -> None:
        """Refuses unless the transaction put the hash on the app's list and it is still there."""
        allowed = (app_id, compose_hash) in self.allowed
        if not (allowed and transaction_hash in (None, ALREADY_REGISTERED)):
            receipt = self.transactions.get(plain_hash(transaction_hash) or "")
            if receipt != Transaction(app_id, compose_hash, succeeded=True):
                raise Refused(
                    467,
                    "The transaction did not register this compose hash with the app's contract",
                    "ERR-01-007",
                    transaction_hash=transaction_hash,
                )
        if not allowed:
            raise Refused(
                468,
                "The app's contract does not allow this compose hash",
                "ERR-01-008",
                compose_hash="0x" + compose_hash,
            )


@dataclass
class Operation:
    type: str
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "in_progress"
    started_at: float = field(default_factory=time.time)
    finished_at: float | None = None
    timer: asyncio.TimerHandle | None = None


@dataclass
class Pending:
    """A change which waits for its compose hash to be registered."""

    compose_hash: str
    operation_type: str
    changes: dict
    token: str | None
    expires_at: float


@dataclass
class Proof:
    """What phase 2 says: this hash is registered, and here is the transaction."""

    compose_hash: str | None
    transaction_hash: str | None


@dataclass
class Cvm:
    id: str
    app_id: str
    name: str
    workspace: str
    kms_type: str
    gpu_rental: bool = False
    settings: dict = field(default_factory=lambda: deepcopy(INITIAL_SETTINGS))
    operations: list[Operation] = field(default_factory=list)
    running: Operation | None = None
    pending: Pending | None = None

    @property
    def contract_owned(self) -> bool:
        return self.kms_type != "phala"

    @property
    def device_id(self) -> str:
        return hashlib.sha256(b"device of " + self.id.encode()).hexdigest()

    def names(self) -> tuple[str, ...]:
        app_ids = (self.app_id, "0x" + self.app_id, "app_" + self.app_id)
        return (self.id, str(uuid.UUID(self.id)), *app_ids)

    def require_idle(self) -> None:
        if self.running:
            raise Refused(
                409, "Another operation is in progress", correlation_id=self.running.correlation_id
            )


class Cloud:
    def __init__(self, operation_ms: int):
        self.operation_ms = operation_ms
        self.chain = Chain()
        self.api_keys: dict[str, str] = {}
        self.cvms: list[Cvm] = []
        self._by_name: dict[str, Cvm] = {}

    def add_cvm(
        self, name: str, workspace: str, kms_type: str = "phala", gpu_rental: bool = False
    ) -> Cvm:
        app_id = hashlib.sha256(uuid.uuid4().bytes).hexdigest()[:40]
        cvm = Cvm(uuid.uuid4().hex, app_id, name, workspace, kms_type, gpu_rental)
        self.cvms.append(cvm)
        self._by_name.update(dict.fromkeys(cvm.names(), cvm))
        return cvm

    def lookup(self, cvm_id: str) -> Cvm:
        try:
            return self._by_name[cvm_id]
        except KeyError:
            raise Refused(404, "CVM not found", "ERR-03-001", cvm_id=cvm_id) from None

    def lookup_in(self, workspace: str, cvm_id: str) -> Cvm:
        cvm = self.lookup(cvm_id)
        if cvm.workspace != workspace:
            raise Refused(403, "CVM is not in your workspace", "ERR-03-004", cvm_id=cvm_id)
        return cvm

    def update(
        self,
        cvm: Cvm,
        operation_type: str,
        changes: dict,
        proof: Proof | None = None,
        prepare_only: bool = False,
    ) -> Operation:
        """Starts the update, or refuses it and leaves the CVM as it was.

        A proof is looked at only where one is needed: a CVM whose keys the vendor holds takes
        every change in one request.
        """
        cvm.require_idle()
        if proof and cvm.contract_owned:
            pending = self._redeem(cvm, proof)
            if changes and changes != pending.changes:
                raise Refused(
                    466, "The request is not the one which this compose hash is for", "ERR-01-006"
                )
            return self._commit(cvm, pending, proof)
        check_legal(changes)
        target = compose_hash_of({**cvm.settings, **changes})
        if cvm.contract_owned and target != compose_hash_of(cvm.settings):
            token = str(uuid.uuid4()) if prepare_only else None
            expires_at = time.time() + PREPARED_FOR_SECONDS
            cvm.pending = Pending(target, operation_type, changes, token, expires_at)
            raise self._registration_required(cvm)
        return self._start(cvm, operation_type, changes)

    def commit_prepared(self, cvm: Cvm, token: str, proof: Proof) -> Operation:
        cvm.require_idle()
        pending = self._redeem(cvm, proof)
        if pending.token is None or pending.token != token:
            raise Refused(466, "The commit token is unknown, used or superseded", "ERR-01-006")
        return self._commit(cvm, pending, proof)

    def _redeem(self, cvm: Cvm, proof: Proof) -> Pending:
        pending = cvm.pending
        if (
            pending is None
            or pending.compose_hash != plain_hash(proof.compose_hash)
            or pending.expires_at <= time.time()
        ):
            raise Refused(
                466,
                "The compose hash is unknown, used, superseded or expired",
                "ERR-01-006",
                compose_hash=proof.compose_hash,
            )
        return pending

    def _commit(self, cvm: Cvm, pending: Pending, proof: Proof) -> Operation:
        self.chain.verify(cvm.app_id, pending.compose_hash, proof.transaction_hash)
        cvm.pending = None
        return self._start(cvm, pending.operation_type, pending.changes)

    def _registration_required(self, cvm: Cvm) -> Refused:
        pending = cvm.pending
        rows = {
            "compose_hash": "0x" + pending.compose_hash,
            "app_id": "0x" + cvm.app_id,
            "device_id": "0x" + cvm.device_id,
            "kms_info": kms_info_of(cvm),
        }
        if pending.token:
            allowed = (cvm.app_id, pending.compose_hash) in self.chain.allowed
            rows["commit_token"] = pending.token
            rows["commit_url"] = f"https://cloud.example/commit/{cvm.id}?token={pending.token}"
            rows["api_commit_url"] = f"/api/v1/cvms/{cvm.id}/commit-update"
            rows["onchain_status"] = {
                "compose_hash_allowed": allowed,
                "device_id_allowed": True,
                "is_allowed": allowed,
            }
        return Refused(465, "Register the compose hash on chain, then repeat", "ERR-01-005", **rows)

    def _start(self, cvm: Cvm, operation_type: str, changes: dict) -> Operation:
        operation = Operation(operation_type)
        cvm.operations.insert(0, operation)
        cvm.running = operation
        if self.operation_ms:
            loop = asyncio.get_running_loop()
            delay = self.operation_ms / 1000
            operation.timer = loop.call_later(delay, self._finish, cvm, changes, "completed")
        else:
            self._finish(cvm, changes, "completed")
        return operation

    @staticmethod
    def _finish(cvm: Cvm, changes: dict, status: str) -> None:
        cvm.settings.update(deepcopy(changes))
        cvm.running.status = status
        cvm.running.finished_at = time.time()
        cvm.running = None

    def expire(self, cvm: Cvm, compose_hash: str | None) -> None:
        if cvm.pending and cvm.pending.compose_hash == compose_hash:
            cvm.pending.expires_at = 0

    def reset(self, cvm: Cvm) -> None:
        if cvm.running:
            if cvm.running.timer:
                cvm.running.timer.cancel()
            self._finish(cvm, {}, "failed")
        cvm.settings = deepcopy(INITIAL_SETTINGS)
        cvm.pending = None


def kms_info_of(cvm: Cvm) -> dict:
    slug = f"kms-{cvm.kms_type}"
    return {
        "id": "kms_" + hashlib.sha256(slug.encode()).hexdigest()[:8],
        "slug": slug,
        "url": f"https://{slug}.example",
        "version": "0.5.5",
        "chain_id": {"ethereum": 1, "base": 8453}.get(cvm.kms_type),
        "kms_contract_address": "0x" + "2f" * 20 if cvm.contract_owned else None,
        "dstack_app_address": "0x" + cvm.app_id if cvm.contract_owned else None,
        "gateway_app_id": "0x" + "3a" * 20,
    }


def check_legal(changes: dict) -> None:
    """Refuses what the schema lets through and no machine could be given."""
    for name, (low, high) in LIMITS.items():
        if name in changes and not low <= changes[name] <= high:
            raise Refused(400, f"{name} must lie between {low} and {high}", field=name)
    if changes.get("image", IMAGES[0]) not in IMAGES:
        raise Refused(400, "No such OS image", field="image")
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", changes.get("encrypted_env", "")):
        raise Refused(400, "encrypted_env must be hexadecimal", field="encrypted_env")
