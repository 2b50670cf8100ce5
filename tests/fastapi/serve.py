#!/usr/bin/python3
"""Runs the FastAPI target on a free loopback port and writes the profile that describes it."""

import argparse
import asyncio
import ctypes
import json
import os
import secrets
import signal
import socket
import sys
from pathlib import Path

import fastapi
import pydantic
import uvicorn

from app import LEGACY_VERSION, create_app
from cloud import IMAGES, INITIAL_SETTINGS, Cloud

CURRENT_VERSION = "2026-01-21"
CVMS_OF_A_KIND = 8
PR_SET_PDEATHSIG = 1
STOP_GRACE_SECONDS = 2


def furnish(cloud: Cloud) -> dict:
    """Fills the cloud and gives the names under which a tester may use its CVMs."""
    ours, theirs = "ours", "theirs"
    managed, contract_owned = [], []
    for number in range(CVMS_OF_A_KIND):
        managed.append(cloud.add_cvm(f"managed-{number}", ours).id)
        cvm = cloud.add_cvm(f"contract-{number}", ours, ("ethereum", "base")[number % 2])
        contract_owned.append("app_" + cvm.app_id)
    return {
        "managed": managed,
        "contract_owned": contract_owned,
        "foreign": [cloud.add_cvm("foreign", theirs).id],
        "gpu_rental": [cloud.add_cvm("rented", ours, gpu_rental=True).id],
        "unknown": ["no-such-cvm"],
    }


def hook(path: str, *inputs: str, captures: bool = False) -> dict:
    request = {
        "method": "POST",
        "url": "{base_url}" + path,
        "json": {name: "{" + name + "}" for name in inputs},
    }
    if captures:
        request["capture"] = {"transaction_hash": "/transaction_hash"}
    return {"http": request}


def profile(base_url: str, api_key: str, cvms: dict, options: argparse.Namespace) -> dict:
    version = LEGACY_VERSION if options.legacy else CURRENT_VERSION
    base = "/api/v1/cvms/{cvm_id}"
    fields = {
        name: {"get": base + "/settings", "pointer": "/" + name}
        for name in ("encrypted_env", "shutdown_timeout", "allow_force_stop", "gpus")
    }
    fields["user_config"] = {"get": base + "/user_config", "pointer": "", "format": "text"}
    if options.at_once:
        names = (*INITIAL_SETTINGS, "in_progress")
        fields = {name: {"get": base + "/settings", "pointer": "/" + name} for name in names}
        fields["operations"] = None
    pics = {"contract_owned_kms": True, "prepare_only": True, "gpu_rental": True}
    if options.operation_ms == 0:
        pics["instant_operations"] = True
    one_app = ("app_id", "compose_hash")
    return {
        "iut": {
            "name": "FastAPI target",
            "version": f"fastapi {fastapi.__version__}, pydantic {pydantic.VERSION}",
            "base_url": base_url,
        },
        "pics": pics,
        "pixit": {
            "auth": {"header": "X-API-Key", "value_from": {"value": api_key}},
            "headers": {"X-Phala-Version": version},
            "cvms": cvms,
            "values": {
                "vcpu": [1, 2, 4],
                "memory": [2048, 4096],
                "disk_size": [20480, 40960],
                "image": list(IMAGES),
                "gpus": [
                    {"gpus": [{"slot": "0a:00.0", "product_id": "h200"}], "attach_mode": "listed"},
                    {"gpus": [], "attach_mode": "all"},
                ],
                "encrypted_env": ["00ff00ff", "c0ffee"],
            },
            "observe": {"preset": version, "fields": fields},
            "hooks": {
                "register-compose-hash": hook(
                    "/_chain/register-compose-hash", *one_app, captures=True
                ),
                "revert-registration": hook("/_chain/revert-registration", *one_app, captures=True),
                "register-elsewhere": hook("/_chain/register-elsewhere", *one_app, captures=True),
                "unregister-compose-hash": hook("/_chain/unregister-compose-hash", *one_app),
                "expire-compose-hash": hook(
                    "/_chain/expire-compose-hash", "cvm_id", "compose_hash"
                ),
                "reset": hook("/_test/reset", "cvm_id"),
            },
            "timing": {
                "settle_timeout_ms": 10000 + 10 * options.operation_ms,
                "poll_interval_ms": 10,
                "request_timeout_ms": 10000,
            },
            "phase2_body": options.phase2_body,
        },
    }


def write_whole(path: Path, text: str) -> None:
    """Readers see the whole file or none."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text)
    partial.replace(path)


class Server(uvicorn.Server):
    """uvicorn which says when it is ready, and does not wait for ever for a client to finish."""

    def __init__(self, config: uvicorn.Config, when_ready):
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        self._when_ready()

    async def shutdown(self, sockets=None):
        loop = asyncio.get_running_loop()
        loop.call_later(STOP_GRACE_SECONDS, setattr, self, "force_exit", True)
        await super().shutdown(sockets=sockets)


def die_with_parent() -> None:
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def parse_options() -> argparse.Namespace:
    def milliseconds(text: str) -> int:
        if not text.isdigit():
            raise argparse.ArgumentTypeError("must be a whole number of milliseconds")
        return int(text)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile-out", type=Path, metavar="FILE", help="write the profile here")
    parser.add_argument(
        "--operation-ms",
        type=milliseconds,
        default=os.environ.get("CVM_OPERATION_MS", "80"),
        metavar="N",
        help="how long an update takes (default: $CVM_OPERATION_MS or 80; 0: none)",
    )
    parser.add_argument("--legacy", action="store_true", help=f"profile asks for {LEGACY_VERSION}")
    parser.add_argument(
        "--at-once", action="store_true", help="profile reads everything at one path"
    )
    parser.add_argument("--phase2-body", choices=("empty", "repeat"), default="empty")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--outlive-parent", action="store_true", help="go on when the parent ends")
    return parser.parse_args()


def main() -> None:
    options = parse_options()
    if not options.outlive_parent:
        die_with_parent()
    if options.profile_out:
        options.profile_out.unlink(missing_ok=True)

    api_key = "key-" + secrets.token_hex(16)
    cloud = Cloud(options.operation_ms)
    cloud.api_keys[api_key] = "ours"
    cvms = furnish(cloud)

    # asyncio turns Nagle's algorithm off only on sockets that say that they are TCP. With it, every
    # request on a connection after the first waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    listener.listen(1024)
    base_url = "http://127.0.0.1:%d" % listener.getsockname()[1]

    def ready() -> None:
        if options.profile_out:
            text = json.dumps(profile(base_url, api_key, cvms, options), indent=2)
            write_whole(options.profile_out, text + "\n")
        print(base_url, flush=True)

    # Recent versions of uvicorn raise the signal again once they have stopped for it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        create_app(cloud), log_level="warning", access_log=False, lifespan="off", backlog=1024
    )
    Server(config, ready).run(sockets=[listener])


if __name__ == "__main__":
    main()
