"""Smoke test of the FastAPI target: python3 -m unittest discover -s tests/fastapi"""

import http.client
import json
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
OPERATION_MS = 80


class Target(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        path = Path(cls.folder.name, "profile.json")
        command = [sys.executable, "-B", HERE / "serve.py", "--profile-out", path]
        cls.server = subprocess.Popen(
            [*command, "--operation-ms", str(OPERATION_MS)], stdout=subprocess.DEVNULL
        )
        cls.addClassCleanup(cls.stop)
        deadline = time.monotonic() + 20
        while not path.exists():
            if cls.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the target did not start")
            time.sleep(0.02)
        cls.profile = json.loads(path.read_text())
        pixit = cls.profile["pixit"]
        cls.address = cls.profile["iut"]["base_url"].removeprefix("http://")
        cls.key = {pixit["auth"]["header"]: pixit["auth"]["value_from"]["value"]}
        cls.cvms = pixit["cvms"]

    @classmethod
    def stop(cls):
        cls.server.terminate()
        if cls.server.wait(10) != 0:
            raise RuntimeError("the target did not stop cleanly")

    def send(self, method, path, body=None, headers=None, key=True):
        """The status and the body, as JSON where it is JSON."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers = {"Content-Type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request(method, path, body, {**(self.key if key else {}), **(headers or {})})
            response = connection.getresponse()
            content = response.read()
            if response.headers.get_content_type() == "application/json":
                content = json.loads(content)
            return response.status, content
        finally:
            connection.close()

    def patch(self, cvm, body, headers=None, tail=""):
        return self.send("PATCH", f"/api/v1/cvms/{cvm}{tail}", body, headers)

    def read(self, cvm, tail=""):
        status, content = self.send("GET", f"/api/v1/cvms/{cvm}{tail}")
        self.assertEqual(status, 200)
        return content

    def settle(self, cvm):
        deadline = time.monotonic() + 10
        while self.read(cvm, "/state")["in_progress"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def upload(self, cvm, script, headers=None):
        part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="s"\r\n\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=b", **(headers or {})}
        return self.patch(cvm, part + script + b"\r\n--b--\r\n", headers, "/pre-launch-script")

    def hook(self, name, **values):
        status, answer = self.send("POST", "/_chain/" + name, values, key=False)
        self.assertEqual(status, 200)
        return answer.get("transaction_hash")

    def phase_1(self, cvm, body, headers=None):
        status, answer = self.patch(cvm, body, headers)
        self.assertEqual(status, 465)
        self.assertEqual(answer["detail"]["error_code"], "ERR-01-005")
        return {row["field"]: row["value"] for row in answer["detail"]["details"]}

    def phase_2(self, cvm, compose_hash, transaction_hash, body=None):
        proof = {"X-Compose-Hash": compose_hash, "X-Transaction-Hash": transaction_hash}
        return self.patch(cvm, body or {}, proof)[0]

    def test_present_fields_are_applied_and_others_left(self):
        cvm = self.cvms["managed"][0]
        before = self.read(cvm)
        status, answer = self.patch(cvm, {"vcpu": 4, "memory": 4096, "public_logs": False})
        self.assertEqual(status, 202)
        self.assertEqual(self.read(cvm)["progress"]["correlation_id"], answer["correlation_id"])
        self.settle(cvm)
        after = self.read(cvm)
        self.assertEqual((after["resource"]["vcpu"], after["resource"]["memory_in_gb"]), (4, 4))
        self.assertEqual((after["public_logs"], after["os"]), (False, before["os"]))
        latest = self.read(cvm, "/operations")["items"][0]
        self.assertEqual(latest["correlation_id"], answer["correlation_id"])
        self.assertEqual(latest["status"], "completed")
        self.assertEqual(self.patch(cvm, {"shutdown_timeout": None})[0], 202)
        self.settle(cvm)
        settings = self.read(cvm, "/settings")
        self.assertIsNone(settings["shutdown_timeout"])
        self.assertFalse(settings["allow_force_stop"])

    def test_refusals_name_the_reason_and_apply_nothing(self):
        cvm = self.cvms["managed"][1]
        before = self.read(cvm)
        status, answer = self.patch(cvm, {"vcpu": "four", "memory": 4096, "shutdown_timeout": 9})
        self.assertEqual(status, 422)
        fields = sorted(row["loc"] for row in answer["detail"])
        self.assertEqual(fields, [["body", "shutdown_timeout"], ["body", "vcpu"]])
        self.assertEqual(self.patch(cvm, {"allow_force_stop": None})[0], 422)
        self.assertEqual(self.patch(cvm, {"gpus": {"gpus": [{}]}})[0], 422)
        self.assertEqual(self.patch(cvm, [1])[0], 422)
        self.assertEqual(self.patch(cvm, {"vcpu": 10**30})[0], 400)
        path = "/api/v1/cvms/" + cvm
        self.assertEqual(self.send("PATCH", path, {"vcpu": "four"}, key=False)[0], 401)
        bearer = {"Authorization": "Bearer " + self.key["X-API-Key"]}
        self.assertEqual(self.send("PATCH", path, {"vcpu": "four"}, bearer, key=False)[0], 422)
        self.assertEqual(self.patch(self.cvms["unknown"][0], {"vcpu": 2})[0], 404)
        self.assertEqual(self.patch(self.cvms["foreign"][0], {"vcpu": 2})[0], 403)
        self.assertEqual(self.patch(self.cvms["gpu_rental"][0], {"vcpu": 2})[0], 403)
        self.read(self.cvms["gpu_rental"][0])
        self.assertEqual(self.read(cvm), before)

    def test_one_update_at_a_time_whichever_the_endpoint(self):
        cvm = self.cvms["managed"][2]
        sizes = range(2, 10)
        with ThreadPoolExecutor(len(sizes)) as pool:
            statuses = list(pool.map(lambda size: self.patch(cvm, {"vcpu": size})[0], sizes))
        self.assertEqual(sorted(statuses), [202] + [409] * (len(sizes) - 1))
        self.assertEqual(self.upload(cvm, b"late")[0], 409)
        self.assertEqual(self.patch(self.cvms["managed"][3], {"vcpu": 2})[0], 202)
        self.settle(cvm)
        self.assertEqual(self.read(cvm)["resource"]["vcpu"], sizes[statuses.index(202)])
        self.assertEqual(self.upload(cvm, b"now")[0], 202)

    def test_two_phases(self):
        cvm = self.cvms["contract_owned"][0]
        before = self.read(cvm)
        body = {"docker_compose_file": "services: {}\n", "vcpu": 2}
        rows = self.phase_1(cvm, body)
        where = {"app_id": rows["app_id"], "compose_hash": rows["compose_hash"]}
        compose_hash = rows["compose_hash"]
        elsewhere = self.hook("register-elsewhere", **where)
        reverted = self.hook("revert-registration", **where)
        self.assertEqual(self.phase_2(cvm, "0x" + "0" * 64, reverted), 466)
        good = self.hook("register-compose-hash", **where)
        for bad in ("0x" + "1" * 64, "nonsense", elsewhere, reverted):
            self.assertEqual(self.phase_2(cvm, compose_hash, bad), 467)
        self.hook("unregister-compose-hash", **where)
        self.assertEqual(self.phase_2(cvm, compose_hash, good), 468)
        good = self.hook("register-compose-hash", **where)
        self.assertEqual(self.phase_2(self.cvms["contract_owned"][1], compose_hash, good), 466)
        self.assertEqual(self.read(cvm), before)
        self.assertEqual(self.phase_2(cvm, compose_hash, good, body), 202)
        self.settle(cvm)
        after = self.read(cvm)
        self.assertEqual(after["compose_hash"], compose_hash.removeprefix("0x"))
        self.assertEqual(after["resource"]["vcpu"], 2)
        self.assertEqual(self.phase_2(cvm, compose_hash, good), 466)
        self.assertEqual(self.patch(cvm, {"vcpu": 1})[0], 202)
        self.settle(cvm)
        expired = self.phase_1(cvm, {"public_logs": False})["compose_hash"]
        self.hook("expire-compose-hash", cvm_id=cvm, compose_hash=expired)
        self.assertEqual(self.phase_2(cvm, expired, good), 466)

    def test_prepare_only(self):
        cvm = self.cvms["contract_owned"][2]
        prepare = {"X-Prepare-Only": "true"}
        old = self.phase_1(cvm, {"public_sysinfo": False}, prepare)
        rows = self.phase_1(cvm, {"public_sysinfo": False}, prepare)
        self.assertEqual(old["compose_hash"], rows["compose_hash"])
        commit = {"token": old["commit_token"], "compose_hash": rows["compose_hash"]}
        where = {"app_id": rows["app_id"], "compose_hash": rows["compose_hash"]}
        commit["transaction_hash"] = self.hook("register-compose-hash", **where)
        path = f"/api/v1/cvms/{cvm}/commit-update"
        self.assertEqual(self.send("POST", path, commit, key=False)[0], 466)
        commit["token"] = rows["commit_token"]
        self.assertEqual(self.send("POST", path, commit, key=False)[0], 202)
        self.settle(cvm)
        self.assertIs(self.read(cvm)["public_sysinfo"], False)

    def test_scripts_are_kept_to_the_byte(self):
        cvm = self.cvms["managed"][4]
        for script in (b"#!/bin/sh\r\n\techo \xc3\xa9", b"\xff\x00\n\n", b"x" * (2 << 20)):
            self.assertEqual(self.upload(cvm, script)[0], 202)
            self.settle(cvm)
            self.assertEqual(self.read(cvm, "/pre-launch-script"), script)
            self.read(cvm, "/compose_file")
        self.assertEqual(self.upload(cvm, b"")[0], 400)
        for media_type in ("application/json", "application/xml"):
            refused = self.patch(cvm, b"{}", {"Content-Type": media_type}, "/pre-launch-script")
            self.assertEqual(refused[0], 400)

    def test_a_script_takes_two_phases_too(self):
        cvm = self.cvms["contract_owned"][3]
        status, answer = self.upload(cvm, b"#!/bin/sh\n:\n")
        self.assertEqual(status, 465)
        rows = {row["field"]: row["value"] for row in answer["detail"]["details"]}
        where = {"app_id": rows["app_id"], "compose_hash": rows["compose_hash"]}
        proof = {"X-Compose-Hash": rows["compose_hash"]}
        proof["X-Transaction-Hash"] = self.hook("register-compose-hash", **where)
        self.assertEqual(self.patch(cvm, None, proof, "/pre-launch-script")[0], 202)
        self.settle(cvm)
        self.assertEqual(self.read(cvm, "/pre-launch-script"), b"#!/bin/sh\n:\n")


if __name__ == "__main__":
    unittest.main()
