"""A read that tells nothing, of whichever kind, each time that one path is asked for.

It is never taken for "idle", "unchanged" or "not listed": the case is inconclusive, and its reason
says what was asked, how it was answered and what was wrong with that.
"""

import concurrent.futures
import copy
import gzip
import itertools
import re
import time
import zlib

import between
import house

OMITTED = "partial.omitted-unchanged[docker_compose_file]"
CONFLICT = "conflict.in-progress[user_config-then-user_config]"
TRACKABLE = "accepted.trackable[update-cvm]"
DEFECT = ("--deviation", "partial-omitted-envs-cleared")
LOCK = ("--operation-ms", "1500")
NO_LOCK = ("--deviation", "conflict-ignored", *LOCK)
JSON = ("Content-Type", "application/json")


def answers(status, *headers, body=None, change=None):
    def trouble(answer):
        return status, [JSON, *headers], change(answer[2]) if change else body or b""

    return trouble


def coded(name, code):
    return answers(200, ("Content-Encoding", name), change=code)


def slowly(body):
    def pieces():
        for byte in body:
            yield bytes([byte])
            time.sleep(0.2)

    return between.Stream(pieces())


KINDS = {
    "part": (answers(206, ("Content-Range", "bytes 0-9/1000"), change=lambda b: b[:10]), "206"),
    "not modified": (answers(304), "304"),
    "circle": (answers(302, ("Location", "")), "302"),
    "utf-16": (answers(200, change=lambda b: b.decode().encode("utf-16")), "JSON"),
    "utf-16 without mark": (answers(200, change=lambda b: b.decode().encode("utf-16-le")), "JSON"),
    "utf-32": (answers(200, change=lambda b: b.decode().encode("utf-32")), "JSON"),
    "gzip": (coded("gzip", gzip.compress), 'coded as "gzip"'),
    "deflate": (coded("deflate", zlib.compress), 'coded as "deflate"'),
    "br": (coded("br", lambda b: b"\x0b\x02\x80" + b[:9]), 'coded as "br"'),
    "zstd": (coded("zstd", lambda b: b"\x28\xb5\x2f\xfd" + b[:9]), 'coded as "zstd"'),
    "trickling": (answers(200, change=slowly), "time|ms"),
    "endless": (answers(200, change=lambda b: between.Stream(itertools.repeat(b" " * 65536))),
                "bytes|long|MiB"),
    "headers": (answers(200, *[(f"X-{i}", "x" * 60000) for i in range(40)], body=b"{}"), "header"),
    "login": (lambda _: (200, [("Content-Type", "text/html")], b"<html>Log in</html>"), "JSON"),
    "text": (answers(200, body=b'"please wait"'), "200.*(JSON|no list|nothing|neither)"),
    "number": (answers(200, body=b"12"), "200.*(JSON|no list|nothing|neither)"),
    "no content": (answers(204), "204"),
    "accepted": (answers(202, body=b'{"status": "in_progress"}'), "202"),
    "too many": (answers(429, ("Retry-After", "1")), "429"),
}


BESIDE = 4  # runs at a time, which wait more than they work
FEW = ("part", "utf-16", "trickling", "login", "number")


class Path(between.Between):
    """Has a trouble with each GET of a path, once the first update was taken."""

    trouble = None
    end = ""
    updates = 0

    def answer(self, method, path, sent, status, headers, body):
        self.updates += method == "PATCH" and status == 202
        if method == "GET" and path.endswith(self.end) and self.updates > 1:
            return self.trouble((status, headers, body))
        return status, headers, body


def impatient(profile):
    profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]
    profile["pixit"]["timing"]["read_timeout_ms"] = 300
    profile["pixit"]["timing"]["request_timeout_ms"] = 2000
    profile["pixit"]["timing"]["settle_timeout_ms"] = 4000


class ReadKinds(between.Case):
    def each_kind(self, case, end, allowed, serve=(), kinds=KINDS):
        """What is inconclusive says why. Each kind has a run of its own, some beside each other."""

        def run(name):
            trouble, said = KINDS[name]
            one = copy.copy(self)
            one.folder = self.folder / name
            one.folder.mkdir()
            one.out = one.folder / "out"
            one.run_behind(Path, "--case", case, expect=None, change=impatient, serve=serve,
                           end=end, trouble=trouble)
            found = one.case(case)
            reason = found.get("reason") or ""
            told = end in reason and re.search(said, reason)
            right = found["verdict"] in allowed and (found["verdict"] != "inconclusive" or told)
            return "" if right else f"{name}: {found['verdict']}: {reason}"

        with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
            self.assertEqual([wrong for wrong in pool.map(run, kinds) if wrong], [])

    def test_of_the_list_of_operations(self):
        self.each_kind(TRACKABLE, "/operations", ("inconclusive",))

    def test_of_the_list_while_an_operation_runs(self):
        """The CVM itself tells, too."""
        self.each_kind(CONFLICT, "/operations", ("inconclusive", "pass"), LOCK, FEW)

    def test_of_the_list_beside_a_defect(self):
        self.each_kind(CONFLICT, "/operations", ("inconclusive", "fail"), NO_LOCK, FEW)

    def test_of_a_field(self):
        self.each_kind(OMITTED, "/compose_file", ("inconclusive",), DEFECT)


if __name__ == "__main__":
    house.main(beside=4)
