"""Manners that no page forbids are not held against a server, and some that hide a defect are."""

import json
import threading
import time

import between
import house


def is_update(method, path):
    return method == "PATCH" and "/pre-launch-script" not in path


class Limiting(between.Between):
    """Answers 429 to a CVM's first updates, as many as limit says."""

    limit = 0
    seen = {}

    def request(self, method, path, headers, body):
        if method != "PATCH":
            return None
        self.seen[path] = self.seen.get(path, 0) + 1
        if self.seen[path] > self.limit:
            return None
        return between.as_json(429, {"detail": "Too many requests"}, ("Retry-After", "0"))


class Silent(between.Between):
    """Shows neither in_progress nor a list of operations."""

    def answer(self, method, path, sent, status, headers, body):
        if path.endswith("/operations"):
            return between.as_json(404, {"detail": "Not found"})
        if method == "GET" and b'"in_progress"' in body:
            value = json.loads(body)
            value.pop("in_progress", None)
            value.pop("progress", None)
            return between.as_json(status, value)
        return status, headers, body


class Slow(between.Between):
    """Lists no operations, and starts to work on an update a while after it took it."""

    wait_s = 0.2

    def __init__(self, reference):
        super().__init__(reference)
        self.count = 0

    def request(self, method, path, headers, body):
        if path.endswith("/operations"):
            return between.as_json(404, {"detail": "Not found"})
        if not is_update(method, path):
            return None

        def later():
            time.sleep(self.wait_s)
            self.send(method, path, headers, body)

        threading.Thread(target=later, daemon=True).start()
        self.count += 1
        return between.as_json(202, {"correlation_id": f"queued-{self.count}"})


class Terse(between.Between):
    """Says of a CVM that something runs, and never that nothing does."""

    def answer(self, method, path, sent, status, headers, body):
        return status, headers, body.replace(b'"in_progress":false,', b"")


class Elsewhere(between.Between):
    """Shows CVMs under another path than the one that updates them, where there is nothing."""

    def request(self, method, path, headers, body):
        if method == "GET" and path.startswith("/api/v1/cvms/") and path.count("/") == 4:
            return between.as_json(404, {"detail": "Not found"})
        if path.startswith("/shown/"):
            return self.send(method, path.replace("/shown/", "/api/v1/cvms/"), headers, body)
        return None


class Late(between.Between):
    """Refuses an update without credentials, and applies it a moment later all the same."""

    def answer(self, method, path, sent, status, headers, body):
        if is_update(method, path) and status == 401:
            key = [("X-API-Key", self.reference.key), ("Content-Type", "application/json")]

            def later():
                time.sleep(0.15)
                self.send(method, path, key, sent)

            threading.Thread(target=later, daemon=True).start()
        return status, headers, body


class Failing(between.Between):
    """Takes any attach_mode, and calls the operation failed afterwards."""

    def __init__(self, reference):
        super().__init__(reference)
        self.odd = set()

    def answer(self, method, path, sent, status, headers, body):
        if status == 202 and b'"attach_mode":"mode-' in sent:
            self.odd.add(json.loads(body)["correlation_id"])
        if path.endswith("/operations"):
            value = json.loads(body)
            for item in value["items"]:
                if item["correlation_id"] in self.odd and item["status"] == "completed":
                    item["status"] = "failed"
            return between.as_json(status, value)
        return status, headers, body


class Lists(between.Between):
    """Shows GPUs as the bare list."""

    def answer(self, method, path, sent, status, headers, body):
        if method == "GET" and path.startswith("/_inspect/") and status == 200:
            value = json.loads(body)
            value["gpus"] = (value["gpus"] or {}).get("gpus")
            return between.as_json(status, value)
        return status, headers, body


class Halves(between.Between):
    """Every JSON object that it answers with, but for a user_config, holds half of a surrogate
    pair: what was sent may have one, and JavaScript and Python write it so."""

    def answer(self, method, path, sent, status, headers, body):
        if body.startswith(b"{") and not path.endswith("/user_config"):
            body = b'{"note": "\\ud83d",' + body[1:]
        return status, headers, body


class Headstrong(between.Between):
    """Takes 16 KiB of a header, and closes where there is more."""

    def cuts_off(self, headers):
        return sum(len(k) + len(v) for k, v in headers.items()) > 16384


class Manners(between.Case):
    def test_a_rate_limit_is_waited_for(self):
        self.run_behind(
            Limiting, "--case", "accepted.*", "--level", "must", expect=0, limit=2, seen={}
        )

    def test_a_rate_limit_that_does_not_end_is_no_defect(self):
        done = self.run_behind(Limiting, "--case", "accepted.*",
                               "--case", "conflict.single-winner*",
                               "--case", "conflict.in-progress[*",
                               expect=3, limit=10**9, seen={})
        self.assertEqual(self.results()["summary"]["cases"]["fail"], 0)
        self.assertIn("429", done.out)
        self.assertIn("--rate", done.out)

    def test_an_operation_that_cannot_be_seen_is_no_defect(self):
        """Nor can anything be judged: the next update may meet it. That is said at once."""
        done = self.run_behind(Silent, "--case", "partial.present-applied*", expect=3,
                               serve=("--operation-ms", "400"))
        self.assertIn("nothing on the read side tells when an operation has ended", done.err)

    def test_an_operation_whose_end_cannot_be_seen_is_no_defect(self):
        def without_list(profile):
            profile["pixit"]["observe"]["fields"]["operations"] = None

        done = self.run_behind(Terse, "--case", "partial.present-applied*", expect=3,
                               change=without_list, serve=("--operation-ms", "400"))
        self.assertIn("nothing on the read side tells when an operation has ended", done.err)

    def test_the_read_side_may_be_elsewhere(self):
        def change(profile):
            for name in ("in_progress", "app_id"):
                shown = {"get": "/shown/{cvm_id}", "pointer": f"/{name}"}
                profile["pixit"]["observe"]["fields"][name] = shown

        self.run_behind(Elsewhere, "--case", "partial.no-field*", expect=0, change=change)

    def test_a_slow_read_side_is_waited_for(self):
        def lag(profile):
            profile["pixit"]["timing"]["read_lag_ms"] = 600

        self.run_behind(Slow, "--case", "partial.present-applied[*", "--case",
                        "partial.present-applied.there*", expect=0, change=lag,
                        serve=("--operation-ms", "50"))

    def test_a_refusal_that_takes_effect_later(self):
        def patient(profile):
            profile["pixit"]["timing"]["poll_interval_ms"] = 200

        self.run_behind(
            Late, "--case", "auth.nothing-applied.no-credentials*", expect=1, change=patient
        )

    def test_an_operation_that_fails_in_the_end(self):
        self.run_behind(Failing, "--case", "validation.nested.any-attach-mode", expect=0)

    def test_half_a_pair_is_no_reason_not_to_read(self):
        self.run_behind(Halves, "--case", "partial.omitted-unchanged[*",
                        "--case", "validation.bounds*", "--case", "two-phase.commit", expect=0)

    def test_a_refusal_of_a_long_request_that_is_lost(self):
        """What goes with all the rest is asked alone then, and who hangs up on little is blamed."""
        self.run_behind(Headstrong, "--suite", "robustness", "--fail-on", "should", expect=0)
        together = "robustness.duplicate-members.and-more-oddities[a-member-a-thousand-times]"
        self.assertEqual(self.case(together)["verdict"], "not-applicable")
        self.assertIn("cut the connection off", self.case(together)["reason"])
        for each in ("robustness.duplicate-members.thousand-times",
                     "robustness.long-headers[4-KiB-compose-hash]"):
            self.assertEqual(self.case(each)["verdict"], "pass", each)

    def test_gpus_as_a_list_are_put_back(self):
        def no_reset(profile):
            profile["pixit"]["hooks"].pop("reset", None)

        done = self.run_behind(Lists, "--case", "partial.present-applied[gpus]",
                               "--case", "partial.present-applied.gpus*", expect=0, change=no_reset)
        self.assertNotIn("could not be put back", done.out + done.err)


if __name__ == "__main__":
    house.main()
