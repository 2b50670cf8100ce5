"""check --openapi holds a server's own OpenAPI document against the contract's pages.

The documents are the pages themselves, the one that the reference implementation serves, what
FastAPI generates, and changes of these, each with one thing that is not as the contract says.
"""

import copy
import json
import subprocess
import unittest

import house

REFERENCE = json.loads((house.SOURCE / "reference" / "openapi.json").read_text())
CVM = "/api/v1/cvms/{cvm_id}"
SCRIPT = f"{CVM}/pre-launch-script"
GENERATE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import app
print(json.dumps(app.create_app().openapi()))
"""


def patch(document, path=CVM):
    return document["paths"][path]["patch"]


def member(document, name, schema="UpdateCvmRequest"):
    return document["components"]["schemas"][schema]["properties"][name]


def header(document, name):
    return next(p for p in patch(document)["parameters"] if p["name"] == name)


class OpenApi(house.Case):
    def check(self, document, expect=0, name="openapi.json"):
        path = self.folder / name
        if isinstance(document, bytes):
            path.write_bytes(document)
        else:
            path.write_text(document if isinstance(document, str) else json.dumps(document))
        done = house.call("check", "--openapi", path, limit_s=60)
        self.assertEqual(done.code, expect, str(done)[:4000])
        return done

    def changed(self, change):
        document = copy.deepcopy(REFERENCE)
        change(document)
        return document


class Agreeing(OpenApi):
    def test_the_pages_agree_with_themselves(self):
        for name in ("update-cvm.md", "update-pre-launch-script.md"):
            done = house.call("check", "--openapi", house.SOURCE / "docs/contract" / name)
            self.assertEqual(done.code, 0, str(done))
            self.assertRegex(done.out, r"1 endpoints compared, 0 contradictions\n$")
            self.assertNotIn("PATCH", done.out)

    def test_the_reference_agrees_from_its_url(self):
        server = self.enter(house.Reference())
        done = house.call("check", "--openapi", f"{server.base_url}/openapi.json")
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("2 endpoints compared, 0 contradictions", done.out)

    def test_the_same_in_other_words_agrees(self):
        def older(d):
            d["openapi"] = "3.0.3"
            d["components"]["schemas"]["UpdateCvmRequest"]["properties"]["vcpu"] = {
                "type": "integer", "nullable": True}
            d["components"]["schemas"]["UpdateCvmRequest"]["properties"]["gpus"] = {
                "nullable": True, "allOf": [{"$ref": "#/components/schemas/GpuConfig"}]}

        def types_in_a_list(d):
            d["components"]["schemas"]["UpdateCvmRequest"]["properties"]["vcpu"] = {
                "type": ["integer", "null"]}

        def below_a_server(d):
            d["servers"] = [{"url": "https://api.acme.example/api/v1/"}]
            d["paths"] = {path.replace("/api/v1", "").replace("cvm_id", "id"): item
                          for path, item in d["paths"].items()}

        def for_all_operations(d):
            item = d["paths"][CVM]
            item["parameters"] = item["patch"].pop("parameters")

        def by_reference(d):
            d["components"]["responses"] = {"Gone": patch(d)["responses"]["404"]}
            patch(d)["responses"]["404"] = {"$ref": "#/components/responses/Gone"}
            d["components"]["pathItems"] = {"a~b": d["paths"][SCRIPT]}
            d["paths"][SCRIPT] = {"$ref": "#/components/pathItems/a~0b"}

        for change in (older, types_in_a_list, below_a_server, for_all_operations, by_reference):
            with self.subTest(change.__name__):
                done = self.check(self.changed(change))
                self.assertIn("2 endpoints compared, 0 contradictions", done.out)

    def test_yaml_agrees(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("python3-yaml is not installed")
        self.check(yaml.safe_dump(REFERENCE), name="openapi.yaml")

    def test_what_fastapi_generates_agrees(self):
        done = subprocess.run(["/usr/bin/python3", "-B", "-c", GENERATE,
                               house.SOURCE / "tests" / "fastapi"], capture_output=True, text=True)
        if done.returncode:
            self.skipTest("FastAPI is not installed")
        said = self.check(done.stdout).out
        self.assertIn("409: the document does not have it (conflict.in-progress, ", said)
        self.assertIn("POST /api/v1/cvms/{cvm_id}/commit-update", said)

    def test_the_rest_of_an_api_is_listed_as_not_covered(self):
        def more(d):
            for i in range(500):
                d["paths"][f"/api/v1/things/{i}"] = {"get": {}, "post": {}}
            patch(d)["responses"]["429"] = {}
            patch(d)["parameters"].append({"name": "X-Phala-Version", "in": "header"})
            member(d, "vcpu")["title"] = "other words"
            d["components"]["schemas"]["UpdateCvmRequest"]["properties"]["colour"] = {}

        said = self.check(self.changed(more)).out
        for words in ("answer 429", "header parameter X-Phala-Version", "body.colour",
                      "GET /api/v1/things/0", "more\n"):
            self.assertIn(words, said)


class Contradicting(OpenApi):
    def test_each_contradiction_is_named_with_its_requirement(self):
        def bounds(d):
            member(d, "shutdown_timeout")["anyOf"][0]["minimum"] = 0

        def no_bound(d):
            del member(d, "shutdown_timeout")["anyOf"][0]["maximum"]

        def type_of_member(d):
            member(d, "vcpu")["anyOf"][0]["type"] = "string"

        def wider_type(d):
            member(d, "memory")["anyOf"][0]["type"] = "number"

        def null(d):
            member(d, "image")["anyOf"].pop()

        def null_of_force_stop(d):
            member(d, "allow_force_stop")["type"] = ["boolean", "null"]

        def default(d):
            member(d, "allow_force_stop")["default"] = True

        def missing_member(d):
            del d["components"]["schemas"]["UpdateCvmRequest"]["properties"]["disk_size"]

        def required_member(d):
            d["components"]["schemas"]["UpdateCvmRequest"]["required"] = ["vcpu"]

        def required_new_member(d):
            schema = d["components"]["schemas"]["UpdateCvmRequest"]
            schema["properties"]["reason"] = {"type": "string"}
            schema["required"] = ["reason"]

        def some_member(d):
            d["components"]["schemas"]["UpdateCvmRequest"]["minProperties"] = 1

        def slot_optional(d):
            d["components"]["schemas"]["GpuSpec"]["required"] = []

        def items(d):
            member(d, "allowed_envs")["anyOf"][0]["items"]["type"] = "integer"

        def missing_header(d):
            patch(d)["parameters"].remove(header(d, "X-Compose-Hash"))

        def required_header(d):
            header(d, "X-Prepare-Only")["required"] = True

        def required_new_header(d):
            patch(d)["parameters"].append({"name": "X-Reason", "in": "header", "required": True})

        def body_optional(d):
            patch(d)["requestBody"]["required"] = False

        def other_media_type(d):
            content = patch(d)["requestBody"]["content"]
            content["application/merge-patch+json"] = content.pop("application/json")

        def other_success(d):
            patch(d)["responses"]["200"] = patch(d)["responses"].pop("202")

        def no_correlation_id(d):
            patch(d)["responses"]["202"]["content"]["application/json"]["schema"] = {
                "type": "object", "properties": {"id": {"type": "string"}}}

        def error_shape(d):
            member(d, "msg", "ValidationError")["type"] = "object"

        def row_member_optional(d):
            d["components"]["schemas"]["ValidationError"]["required"] = ["loc", "type"]

        def no_script(d):
            del d["paths"][SCRIPT]

        def form_member(d):
            content = patch(d, SCRIPT)["requestBody"]["content"]
            content["multipart/form-data"]["schema"] = {
                "type": "object", "properties": {"script": {"type": "string"}}}

        for change, words, requirement in (
            (bounds, "minimum is 10 by the contract, 0 by the document", "validation.bounds"),
            (no_bound, "maximum is 1200 by the contract, not limited by", "validation.bounds"),
            (type_of_member, "vcpu: the contract says integer or null, the document string or",
             "validation.wrong-type"),
            (wider_type, "memory: the contract says integer or null, the document number or",
             "validation.wrong-type"),
            (null, "image: the contract says string or null, the document string",
             "partial.null-accepted"),
            (null_of_force_stop, "boolean, the document boolean or null", "validation."),
            (default, "the default is false by the contract, true", "partial.omitted-unchanged"),
            (missing_member, "body.disk_size: the document does not have it",
             "partial.present-applied"),
            (required_member, "vcpu is optional by the contract, required", "partial.every-field"),
            (required_new_member, "body.reason: required by the document", "validation."),
            (some_member, "wants some member", "partial.empty-object"),
            (slot_optional, "slot is required by the contract, optional", "validation.nested"),
            (items, "allowed_envs[]: the contract says string, the document integer",
             "validation.nested"),
            (missing_header, "header X-Compose-Hash: the document does not", "two-phase."),
            (required_header, "X-Prepare-Only: optional by the contract", "prepare."),
            (required_new_header, "header parameter X-Reason: required by", "accepted."),
            (body_optional, "request body: required by the contract", "validation.body-required"),
            (other_media_type, "body: the document does not have application/json", "validation."),
            (other_success, "202: the document does not have it", "accepted.status-202"),
            (no_correlation_id, "202: the document has no correlation_id", "correlation-id"),
            (error_shape, "msg: the contract says string, the document object",
             "validation.error-shape"),
            (row_member_optional, "msg is required by the contract", "validation.error-shape"),
            (no_script, f"{SCRIPT}: the document does not have it", "script.replaced"),
            (form_member, "body.file: the document does not have it", "script.replaced"),
        ):
            with self.subTest(change.__name__):
                said = self.check(self.changed(change), expect=1).out
                lines = [line for line in said.splitlines() if words in line]
                self.assertTrue(lines, said)
                self.assertIn(requirement, lines[0])

    def test_what_only_narrows_is_a_remark(self):
        def narrow(d):
            member(d, "vcpu")["anyOf"][0].update(minimum=1, multipleOf=1)
            member(d, "image")["anyOf"][0]["enum"] = ["a", "b"]
            d["components"]["schemas"]["UpdateCvmRequest"]["additionalProperties"] = False
            del patch(d)["responses"]["409"]

        said = self.check(self.changed(narrow)).out
        for words in ("a minimum of 1, the contract none", "by multipleOf", "lists the texts",
                      "refuses unknown members", "409: the document does not have it (conflict."):
            self.assertIn(words, said)


class Broken(OpenApi):
    def test_what_is_not_a_document_is_told(self):
        for name, text, words in (
            ("a.json", "", "a.json"),
            ("b.json", "{", "b.json:1:2"),
            ("c.json", "{}", "not an OpenAPI 3 document"),
            ("d.json", '{"swagger": "2.0", "paths": {}}', "Swagger 2"),
            ("e.json", '{"openapi": "3.1.0"}', '"paths" is absent'),
            ("f.json", '{"openapi": "3.1.0", "paths": []}', '"paths" is array'),
            ("g.json", '{"openapi": 3.1, "paths": {}}', "not an OpenAPI 3 document"),
            ("h.json", '{"openapi": "4.0.0", "paths": {}}', "is 4.0.0"),
            ("i.json", '{"openapi": "3.1.0", "openapi": "3.1.0"}', "occurs twice"),
            ("j.yaml", "a: [", "j.yaml:"),
            ("k.yaml", "- 1", "not an object but array"),
            ("l.yaml", "a: &x 1\nb: *x", "anchors and aliases"),
            ("m.yaml", "a: 1\n---\nb: 2", "a second document"),
            ("n.yaml", "? [a]\n: 1", "a key has to be a text"),
            ("o.yaml", "a: \t1\n\tb: 2", "o.yaml:2"),
            ("p.md", "# A page\n", "no fenced block of yaml"),
            ("q.md", "```yaml\na: [\n```\n", "q.md:"),
            ("r.yaml", "a: 1\na: 2", "occurs twice"),
            ("s.json", b'{"openapi": "3.1.0", "paths": "\xff"}', "s.json:1:"),
            ("t.yaml", "[" * 100000, "nested too deeply"),
            ("u.json", '{"a":' * 100000, "u.json"),
        ):
            with self.subTest(name):
                self.assertIn(words, self.check(text, expect=2, name=name).err)

    def test_a_document_that_is_not_there_is_told(self):
        done = house.call("check", "--openapi", self.folder / "none.json")
        self.assertEqual(done.code, 2, str(done))
        with house.Hostile("garbage") as server:
            done = house.call("check", "--openapi", f"http://127.0.0.1:{server.port}/openapi.json")
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("/openapi.json: ", done.err)

    def test_hostile_documents_come_to_an_end(self):
        def circle(d):
            d["components"]["schemas"]["UpdateCvmRequest"] = {
                "$ref": "#/components/schemas/UpdateCvmRequest"}

        def circle_of_unions(d):
            d["components"]["schemas"]["UpdateCvmRequest"] = {
                "anyOf": [{"$ref": "#/components/schemas/UpdateCvmRequest"}] * 2}

        def many_unions(d):
            schemas = d["components"]["schemas"]
            for i in range(30):
                schemas[f"S{i}"] = {"allOf": [{"oneOf": [{"$ref": f"#/components/schemas/S{i + 1}"}]
                                                * 8}]}
            schemas["S30"] = {"type": "integer"}
            member(d, "vcpu").clear()
            member(d, "vcpu")["$ref"] = "#/components/schemas/S0"

        def references_elsewhere(d):
            for i, target in enumerate(("other.json#/a", "#/nowhere", "#", 7, "")):
                name = ("vcpu", "memory", "image", "gpus", "disk_size")[i]
                member(d, name).clear()
                member(d, name)["$ref"] = target

        def many_paths(d):
            for i in range(30000):
                d["paths"][f"/x/{i}\x1b[31m"] = {"get": None}

        def wrong_types(d):
            operation = patch(d)
            operation["parameters"] = [None, 7, "x", [], {"name": 1, "in": []}]
            operation["requestBody"] = {"content": {"application/json": {"schema": []}}}
            operation["responses"] = {"202": 5, "2xx": [], "x": None}
            d["paths"][SCRIPT] = 7
            d["servers"] = {"url": 7}

        for change in (circle, circle_of_unions, many_unions, references_elsewhere, many_paths,
                       wrong_types):
            with self.subTest(change.__name__):
                path = self.folder / "hostile.json"
                path.write_text(json.dumps(self.changed(change)))
                done = house.call("check", "--openapi", path, limit_s=60)
                self.assertIn(done.code, (0, 1), str(done)[:2000])
                self.assertNotIn("\x1b", done.out)


if __name__ == "__main__":
    house.main()
