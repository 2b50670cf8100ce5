"""The two PATCH endpoints, and the read side around them, as a FastAPI application.

Whatever FastAPI does by itself is left to FastAPI: parsing, coercion, the 422 answers, the order
in which a body is parsed, the caller authenticated and the members validated. The point of this
target is to be an ordinary application of that framework, with pydantic 1 as well as 2. So it
shares the framework's own faults; README.md in this folder lists them.

`CVM_OPERATION_MS` says how long an update takes; with 0 it is over before it is answered.
"""

import hashlib
import json
import os
import secrets
import uuid
from datetime import datetime, timezone
from typing import Any, List, Literal, Optional, Union

from fastapi import APIRouter, Depends, FastAPI, File, Header, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from cloud import Cloud, Cvm, Proof, Refused, compose_hash_of, compose_of, kms_info_of, plain_hash

LEGACY_VERSION = "2025-10-28"
FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
RAW_SCRIPT_TYPES = ("text/plain", "text/x-shellscript", "application/x-sh")


# --- request bodies ------------------------------------------------------------------------------


class GpuSpec(BaseModel):
    slot: str
    product_id: Optional[str] = None


class GpuConfig(BaseModel):
    gpus: List[GpuSpec]
    attach_mode: Union[Literal["listed", "all"], str] = "listed"


class UpdateCvmRequest(BaseModel):
    """Every member is optional; only those in the body are applied."""

    docker_compose_file: Optional[str] = None
    pre_launch_script: Optional[str] = None
    allowed_envs: Optional[List[str]] = None
    public_logs: Optional[bool] = None
    public_sysinfo: Optional[bool] = None
    public_tcbinfo: Optional[bool] = None
    encrypted_env: Optional[str] = None
    user_config: Optional[str] = None
    gpus: Optional[GpuConfig] = None
    vcpu: Optional[int] = None
    memory: Optional[int] = None
    disk_size: Optional[int] = None
    image: Optional[str] = None
    shutdown_timeout: Optional[int] = Field(None, ge=10, le=1200)
    allow_force_stop: bool = False

    def present(self) -> dict:
        """The members which the body had, whatever their values."""
        if hasattr(self, "model_dump"):
            values, names = self.model_dump(), self.model_fields_set
        else:  # pydantic 1
            values, names = self.dict(), self.__fields_set__
        return {name: values[name] for name in names}


class CommitUpdateRequest(BaseModel):
    token: str
    compose_hash: str
    transaction_hash: str


class ChainCall(BaseModel):
    app_id: str
    compose_hash: str


class CvmHash(BaseModel):
    cvm_id: str
    compose_hash: str


class ResetRequest(BaseModel):
    cvm_id: Optional[str] = None


def changes_from(body: UpdateCvmRequest) -> dict:
    """What the body asks to change. null leaves a value alone, but lifts the shutdown timeout."""
    changes = {
        name: value
        for name, value in body.present().items()
        if value is not None or name == "shutdown_timeout"
    }
    try:
        json.dumps(changes, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # JSON can spell half of a surrogate pair, and neither pydantic minds.
        raise Refused(400, "A string holds an unpaired surrogate") from None
    if "pre_launch_script" in changes:
        changes["pre_launch_script"] = changes["pre_launch_script"].encode()
    return changes


# --- dependencies --------------------------------------------------------------------------------

api_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)
bearer = HTTPBearer(auto_error=False)


async def the_cloud(request: Request) -> Cloud:
    return request.app.state.cloud


async def the_workspace(
    cloud: Cloud = Depends(the_cloud),
    api_key: Optional[str] = Depends(api_key_header),
    authorization: Optional[HTTPAuthorizationCredentials] = Depends(bearer),
) -> str:
    """The caller's workspace. A dependency, so that 401 comes before any 422."""
    if api_key is None and authorization is not None:
        api_key = authorization.credentials
    for known, workspace in cloud.api_keys.items():
        if secrets.compare_digest(known.encode(), (api_key or "").encode()):
            return workspace
    raise HTTPException(401, "Authentication required", headers={"WWW-Authenticate": "Bearer"})


async def the_cvm(
    cvm_id: str, cloud: Cloud = Depends(the_cloud), workspace: str = Depends(the_workspace)
) -> Cvm:
    return cloud.lookup_in(workspace, cvm_id)


async def the_proof(
    x_compose_hash: Optional[str] = Header(None),
    x_transaction_hash: Optional[str] = Header(None),
) -> Optional[Proof]:
    if x_compose_hash is None and x_transaction_hash is None:
        return None
    return Proof(x_compose_hash, x_transaction_hash)


# --- the two PATCH endpoints ---------------------------------------------------------------------

cvms = APIRouter(prefix="/api/v1/cvms/{cvm_id}")


def accepted(operation) -> JSONResponse:
    return JSONResponse(
        {
            "status": "in_progress",
            "message": "Update initiated",
            "correlation_id": operation.correlation_id,
        },
        status_code=202,
    )


@cvms.patch("", status_code=202)
async def update_cvm(
    cvm_id: str,
    body: UpdateCvmRequest,
    cloud: Cloud = Depends(the_cloud),
    workspace: str = Depends(the_workspace),
    proof: Optional[Proof] = Depends(the_proof),
    x_prepare_only: Optional[str] = Header(None),
):
    cvm = cloud.lookup_in(workspace, cvm_id)
    if cvm.gpu_rental:
        raise HTTPException(403, "This CVM is managed by a GPU rental")
    cvm.require_idle()
    committing = proof is not None and cvm.contract_owned
    if not committing and not body.present():
        raise HTTPException(400, "No field to update")
    prepare_only = (x_prepare_only or "").lower() == "true"
    return accepted(cloud.update(cvm, "update_cvm", changes_from(body), proof, prepare_only))


async def read_upload(request: Request, file: Optional[UploadFile]) -> bytes:
    if file is not None:
        return await file.read()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in FORM_TYPES:
        return b""
    raw = await request.body()
    if raw and media_type not in RAW_SCRIPT_TYPES:
        raise HTTPException(400, "Send the script as multipart/form-data, part 'file'")
    return raw


@cvms.patch("/pre-launch-script", status_code=202)
async def update_pre_launch_script(
    cvm_id: str,
    request: Request,
    file: Optional[UploadFile] = File(None),
    cloud: Cloud = Depends(the_cloud),
    workspace: str = Depends(the_workspace),
    proof: Optional[Proof] = Depends(the_proof),
):
    cvm = cloud.lookup_in(workspace, cvm_id)
    script = await read_upload(request, file)
    cvm.require_idle()
    if proof is not None and cvm.contract_owned:
        changes = {}  # phase 1 stored the script; what comes with the proof is not looked at
    elif script:
        changes = {"pre_launch_script": script}
    else:
        raise HTTPException(400, "The script is empty")
    return accepted(cloud.update(cvm, "update_pre_launch_script", changes, proof))


@cvms.post("/commit-update", status_code=202)
async def commit_update(cvm_id: str, body: CommitUpdateRequest, cloud: Cloud = Depends(the_cloud)):
    """The token is the credential, so this endpoint asks for no API key."""
    proof = Proof(body.compose_hash, body.transaction_hash)
    return accepted(cloud.commit_prepared(cloud.lookup(cvm_id), body.token, proof))


# --- the read side -------------------------------------------------------------------------------


def timestamp(seconds: Optional[float]) -> Optional[str]:
    return seconds and datetime.fromtimestamp(seconds, timezone.utc).isoformat()


def gigabytes(megabytes: int) -> Union[int, float]:
    return megabytes // 1024 if megabytes % 1024 == 0 else megabytes / 1024


def status_of(cvm: Cvm) -> str:
    return "updating" if cvm.running else "running"


def current_shape(cvm: Cvm) -> dict:
    settings, running = cvm.settings, cvm.running
    compose_file = settings["docker_compose_file"].encode()
    return {
        "id": cvm.id,
        "name": cvm.name,
        "app_id": cvm.app_id,
        "vm_uuid": str(uuid.UUID(cvm.id)),
        "resource": {
            "instance_type": "custom",
            "vcpu": settings["vcpu"],
            "memory_in_gb": gigabytes(settings["memory"]),
            "disk_in_gb": gigabytes(settings["disk_size"]),
            "gpus": len(settings["gpus"]["gpus"]),
        },
        "os": {
            "name": settings["image"],
            "version": settings["image"].rpartition("-")[2],
            "os_image_hash": hashlib.sha256(settings["image"].encode()).hexdigest(),
        },
        "kms_type": cvm.kms_type,
        "kms_info": kms_info_of(cvm),
        "status": status_of(cvm),
        "in_progress": running is not None,
        "progress": running
        and {
            "target": "running",
            "started_at": timestamp(running.started_at),
            "correlation_id": running.correlation_id,
        },
        "compose_hash": compose_hash_of(settings),
        "docker_compose_hash": hashlib.sha256(compose_file).hexdigest(),
        "pre_launch_script_hash": hashlib.sha256(settings["pre_launch_script"]).hexdigest(),
        "public_logs": settings["public_logs"],
        "public_sysinfo": settings["public_sysinfo"],
        "public_tcbinfo": settings["public_tcbinfo"],
    }


def legacy_shape(cvm: Cvm) -> dict:
    settings = cvm.settings
    return {
        "id": cvm.id,
        "name": cvm.name,
        "status": status_of(cvm),
        "in_progress": cvm.running is not None,
        "app_id": cvm.app_id,
        "vm_uuid": str(uuid.UUID(cvm.id)),
        "vcpu": settings["vcpu"],
        "memory": settings["memory"],
        "disk_size": gigabytes(settings["disk_size"]),
        "base_image": settings["image"],
        "public_sysinfo": settings["public_sysinfo"],
        "public_logs": settings["public_logs"],
        "kms_type": cvm.kms_type,
        "kms_info": kms_info_of(cvm),
    }


@cvms.get("")
async def get_cvm(cvm: Cvm = Depends(the_cvm), x_phala_version: Optional[str] = Header(None)):
    legacy = x_phala_version == LEGACY_VERSION
    return JSONResponse(legacy_shape(cvm) if legacy else current_shape(cvm))


@cvms.get("/pre-launch-script")
async def get_pre_launch_script(cvm: Cvm = Depends(the_cvm)):
    return PlainTextResponse(cvm.settings["pre_launch_script"])


@cvms.get("/docker-compose.yml")
async def get_docker_compose(cvm: Cvm = Depends(the_cvm)):
    return Response(cvm.settings["docker_compose_file"], media_type="application/yaml")


@cvms.get("/compose_file")
async def get_compose_file(cvm: Cvm = Depends(the_cvm)):
    compose = compose_of(cvm.settings)
    # A script may be any bytes, JSON only text.
    compose["pre_launch_script"] = cvm.settings["pre_launch_script"].decode("utf-8", "replace")
    return JSONResponse(compose)


@cvms.get("/user_config")
async def get_user_config(cvm: Cvm = Depends(the_cvm)):
    return PlainTextResponse(cvm.settings["user_config"])


@cvms.get("/settings")
async def get_settings(cvm: Cvm = Depends(the_cvm)):
    """This vendor's own: also the values which no documented endpoint shows."""
    script = cvm.settings["pre_launch_script"].decode("utf-8", "replace")
    running = cvm.running is not None
    return JSONResponse({**cvm.settings, "pre_launch_script": script, "in_progress": running})


def operation_shape(operation) -> dict:
    return {
        "correlation_id": operation.correlation_id,
        "operation_type": operation.type,
        "status": operation.status,
        "started_at": timestamp(operation.started_at),
        "finished_at": timestamp(operation.finished_at),
    }


@cvms.get("/operations")
async def get_operations(cvm: Cvm = Depends(the_cvm)):
    items = [operation_shape(operation) for operation in cvm.operations[:100]]
    return JSONResponse({"items": items, "total": len(cvm.operations)})


@cvms.get("/operation-status")
async def get_operation_status(cvm: Cvm = Depends(the_cvm)):
    latest = operation_shape(cvm.operations[0]) if cvm.operations else None
    return JSONResponse({"in_progress": cvm.running is not None, "operation": latest})


@cvms.get("/state")
async def get_state(cvm: Cvm = Depends(the_cvm)):
    return JSONResponse({"status": status_of(cvm), "in_progress": cvm.running is not None})


# --- hooks for tests -----------------------------------------------------------------------------

hooks = APIRouter()


def on_chain(call: ChainCall) -> tuple:
    app_id, compose_hash = call.app_id.lower(), plain_hash(call.compose_hash)
    if compose_hash is None:
        raise HTTPException(400, "compose_hash must be 32 bytes in hexadecimal")
    return app_id.removeprefix("app_").removeprefix("0x"), compose_hash


@hooks.post("/_chain/register-compose-hash")
async def register_compose_hash(call: ChainCall, cloud: Cloud = Depends(the_cloud)):
    return JSONResponse({"transaction_hash": cloud.chain.register(*on_chain(call))})


@hooks.post("/_chain/revert-registration")
async def revert_registration(call: ChainCall, cloud: Cloud = Depends(the_cloud)):
    return JSONResponse({"transaction_hash": cloud.chain.revert(*on_chain(call))})


@hooks.post("/_chain/register-elsewhere")
async def register_elsewhere(call: ChainCall, cloud: Cloud = Depends(the_cloud)):
    app_id, compose_hash = on_chain(call)
    elsewhere = hashlib.sha256(app_id.encode()).hexdigest()[:40]
    return JSONResponse({"transaction_hash": cloud.chain.register(elsewhere, compose_hash)})


@hooks.post("/_chain/unregister-compose-hash")
async def unregister_compose_hash(call: ChainCall, cloud: Cloud = Depends(the_cloud)):
    cloud.chain.unregister(*on_chain(call))
    return JSONResponse({})


@hooks.post("/_chain/expire-compose-hash")
async def expire_compose_hash(call: CvmHash, cloud: Cloud = Depends(the_cloud)):
    cloud.expire(cloud.lookup(call.cvm_id), plain_hash(call.compose_hash))
    return JSONResponse({})


@hooks.post("/_test/reset")
async def reset(call: ResetRequest, cloud: Cloud = Depends(the_cloud)):
    for cvm in cloud.cvms if call.cvm_id is None else [cloud.lookup(call.cvm_id)]:
        cloud.reset(cvm)
    return JSONResponse({})


# --- the application -----------------------------------------------------------------------------


async def answer_refusal(request: Request, refused: Refused) -> JSONResponse:
    detail: Any = {
        "error_code": refused.code,
        "message": refused.message,
        "request_id": str(uuid.uuid4()),
        "details": [
            {"field": name, "value": value, "message": None} for name, value in refused.rows.items()
        ],
        "suggestions": [],
        "links": [],
    }
    if refused.code is None:  # nothing for which the vendor has a code
        detail = refused.message
    return JSONResponse({"detail": detail}, status_code=refused.status)


def create_app(cloud: Optional[Cloud] = None) -> FastAPI:
    app = FastAPI(title="A FastAPI cloud", docs_url=None, redoc_url=None)
    app.state.cloud = cloud or Cloud(int(os.environ.get("CVM_OPERATION_MS", "80")))
    app.add_exception_handler(Refused, answer_refusal)
    app.include_router(cvms)
    app.include_router(hooks)
    return app
