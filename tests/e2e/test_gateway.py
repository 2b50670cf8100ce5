"""What stands between suite and server fails now and then: that is no word of the server's.

Each kind of trouble meets a read at each single moment of a case; no verdict may change by it. What
lasts makes the case inconclusive and says what was wrong, where, and how it was answered.
"""

import concurrent.futures
import datetime
import email.utils
import gzip
import json
import os
import random
import threading
import time
import unittest

import between
import house

OMITTED = "partial.omitted-unchanged[docker_compose_file]"
CONFLICT = "conflict.in-progress[user_config-then-user_config]"
TRACKABLE = "accepted.trackable[update-cvm]"
MARKED = "partial.stored-or-refused[byte-order-marks-and-crlf]"
LATE = "partial.present-applied[pre_launch_script]"
BESIDE = 4  # runs at a time: they wait for operations more than they work
LOOKS = 5  # at least as many as a value that is not as asked gets before it fails
IDENTITY = "partial.no-field.managed"
DEVIATION = "partial-omitted-envs-cleared"
DEVIATIONS = ("conflict-ignored", "conflict-applied", "conflict-423", "auth-missing-applied",
              "auth-invalid-applied", "two-phase-replay-accepted", "two-phase-467-as-500",
              "script-trimmed", "accepted-text-body", "accepted-operation-unlisted")
# Longer than answers take on a busy machine: what has to meet one that runs comes in time.
LONG = ("--operation-ms", "1000")
QUIET = ("--quiet", "--fail-on", "should")
# These show in some states of a CVM only: which cases meet one is up to who ran there before. So is
# who is refused beside one that had an effect, of which a look at both does not tell whose it was.
BY_STATE = {"partial-omitted-envs-cleared": "partial.omitted-unchanged",
            "partial-false-ignored": "partial.present-applied",
            "validation-half-applied": "validation.atomic"}


def in_a_second():
    now = datetime.datetime.now(datetime.timezone.utc)
    return [("Date", email.utils.format_datetime(now, True)),
            ("Retry-After", email.utils.format_datetime(now + datetime.timedelta(seconds=1), True))]


def status(number, *headers):
    return lambda answer: (number, [("Content-Type", "text/html"), *headers], b"<h1>Oh</h1>")


def coded(answer):
    number, headers, body = answer
    return number, [*headers, ("Content-Encoding", "gzip")], gzip.compress(body)


def emptied(answer):
    """Of a text it could not be told that it is not empty."""
    number, headers, body = answer
    return number, headers, b"" if "json" in dict(headers).get("Content-Type", "") else body


TROUBLE = {
    "502": status(502),
    "503 in no time": status(503, ("Retry-After", "0")),
    "429": status(429),
    "500": status(500),
    "504": status(504),
    "dropped": lambda answer: between.DROP,
    "coded": coded,
    "marked": lambda answer: (answer[0], answer[1], b"\xef\xbb\xbf" + answer[2]),
    "cut": lambda answer: (answer[0], answer[1], between.Cut(answer[2])),
    "empty": emptied,
}


def said_as(number, text):
    return lambda answer: (number, [("Content-Type", "application/json")], text)


def said(text):
    """JSON and 200, and nothing of what is read there."""
    return said_as(200, text)


STRANGE = {
    "null": said(b"null"),
    "list": said(b"[]"),
    "nothing": said(b"{}"),
    "error": said(b'{"error": "try again"}'),
    "text": said(b'"busy"'),
    "true": said(b"true"),
}

# A gateway's word in the place of the server's, on any page.
BETWEEN = {
    "404": status(404),
    "401": said_as(401, b'{"detail": "Unauthorized"}'),
    "403": status(403),
    "page": status(200),
    "408": status(408),
    "error": said(b'{"error": "try again"}'),
    "425": status(425),
    "451": said_as(451, b'{"detail": "No"}'),
}


class Moment(between.Between):
    """Has a trouble at the n-th GET that counts; without one, only counts them."""

    trouble = None
    at = -1

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.gets = 0
        self.updates = 0

    def counts(self, path):
        return path.startswith("/api/") and self.updates > 0

    def answer(self, method, path, sent, number, headers, body):
        with self.lock:
            # those of the preflight come before the case's
            if method == "PATCH" and number == 202:
                self.updates += 1
            if method != "GET" or not self.counts(path):
                return number, headers, body
            self.gets += 1
            hit = self.gets - 1 == self.at
        return self.trouble((number, headers, body)) if hit else (number, headers, body)


class Cache(between.Between):
    """Has each page for a while, and says since when."""

    lasts_s = 0.5

    def __init__(self, reference):
        super().__init__(reference)
        self.pages = {}

    def request(self, method, path, headers, body):
        since, page = self.pages.get(path, (0, None))
        age = time.monotonic() - since
        if method != "GET" or not page or age > self.lasts_s:
            return None
        number, kept, content = page
        return number, [*kept, ("Age", str(int(age)))], content

    def answer(self, method, path, sent, number, headers, body):
        if method == "GET" and number == 200:
            self.pages[path] = time.monotonic(), (number, headers, body)
        return number, headers, body


class Replica(between.Between):
    """Shows the script of before an update a number of times more, and no Age."""

    times = 0
    page = None
    left = 0

    def answer(self, method, path, sent, number, headers, body):
        if method == "PATCH" and number == 202 and b"pre_launch_script" in sent:
            self.left = self.times
        if method != "GET" or not path.endswith("/compose_file"):
            return number, headers, body
        if self.page and self.left > 0:
            self.left -= 1
            return self.page
        self.page = number, headers, body
        return number, headers, body


class Lasting(between.Between):
    """Has a trouble with each GET whose path ends so, once the first update was taken."""

    trouble = None
    end = ""
    updates = 0

    def answer(self, method, path, sent, number, headers, body):
        if method == "PATCH" and number == 202:
            self.updates += 1
        if method == "GET" and path.endswith(self.end) and self.updates > 1:
            return self.trouble((number, headers, body))
        return number, headers, body


class Updates(between.Between):
    """Has a trouble with updates: those for which picks() says so."""

    trouble = None
    picks = None
    count = 0

    def answer(self, method, path, sent, number, headers, body):
        if not self.is_update_of_a_case(method):
            return number, headers, body
        self.count += 1
        return self.trouble((number, headers, body)) if self.picks(self.count, sent) else (
            number, headers, body)


class Strange(between.Between):
    """Shows nothing of the CVM in one look, the last of those after it was put back."""

    looks = None
    takes_s = 0

    def answer(self, method, path, sent, status, headers, body):
        time.sleep(self.takes_s)
        if method == "PATCH" and status == 202 and b"hostname" not in sent:
            self.looks.append(0)
        if method == "GET" and path.endswith("/user_config") and self.looks:
            self.looks[0] += 1
            if self.looks[0] == 4:
                return said(b'{"items": []}')((status, headers, body))
        return status, headers, body


class Random(between.Between):
    """Fails one GET in twenty, by a seed."""

    seed = 0
    share = 0.05

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.random = None
        self.failed = 0

    def answer(self, method, path, sent, number, headers, body):
        if method != "GET" or not path.startswith("/api/"):
            return number, headers, body
        with self.lock:
            self.random = self.random or random.Random(self.seed)
            if self.random.random() >= self.share:
                return number, headers, body
            trouble = self.random.choice(list(TROUBLE.values()))
            self.failed += 1
        return trouble((number, headers, body))


class OneMarkMore(between.Between):
    """Puts a mark before a text that has one, in the second of four answers."""

    marked = 0

    def answer(self, method, path, sent, number, headers, body):
        mark = b"\xef\xbb\xbf"
        if method == "GET" and body.startswith(mark):
            self.marked += 1
            if self.marked % 4 == 2:
                return number, headers, mark + body
        return number, headers, body


def one_cvm(profile):
    profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]


def seldom(profile):
    """Few looks, so that a case has few moments."""
    profile["pixit"]["timing"]["poll_interval_ms"] = 60


def impatient(profile):
    profile["pixit"]["timing"]["read_timeout_ms"] = 150


class Gateway(between.Case):
    def each_moment(self, case, verdict, *options, serve=(), troubles=TROUBLE):
        """The case's verdict with a trouble at each of its reads, each in a run of its own."""
        names = list(troubles)

        def run(at):
            """How many reads there were, and what was found wrong."""
            name = names[at % len(names)]
            folder = self.folder / str(at)
            folder.mkdir()
            with house.Reference(*serve) as reference:
                relay = Moment(reference)
                relay.trouble, relay.at = troubles[name], at

                def adjust(profile):
                    profile["iut"]["base_url"] = relay.base_url
                    one_cvm(profile)
                    seldom(profile)

                profile = reference.write(folder, adjust)
                house.call("run", "--out", folder / "out", "--profile", profile, "--case", case,
                           *options)
                relay.close()
            cases = json.loads((folder / "out" / "results.json").read_text())["cases"]
            found = {case["id"]: case for case in cases}[case]
            right = found["verdict"] == verdict
            return relay.gets, "" if right else f"GET {at} {name}: {found['reason']}"

        gets, first = run(0)
        self.assertGreater(gets, 4)
        with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
            found = [first, *(wrong for _, wrong in pool.map(run, range(1, gets)))]
        self.assertEqual([wrong for wrong in found if wrong], [])

    def test_a_defect_is_seen_whatever_read_fails(self):
        self.each_moment(OMITTED, "fail", serve=("--deviation", DEVIATION))

    def test_a_conflict_is_judged_whatever_read_fails(self):
        self.each_moment(CONFLICT, "pass", serve=LONG)

    def test_an_operation_is_found_whatever_read_fails(self):
        self.each_moment(TRACKABLE, "pass")

    def test_an_answer_that_shows_nothing_of_the_cvm_is_not_a_cleared_field(self):
        self.each_moment(OMITTED, "pass", troubles=STRANGE)

    def test_a_defect_is_seen_whatever_answer_shows_nothing(self):
        self.each_moment(OMITTED, "fail", serve=("--deviation", DEVIATION), troubles=STRANGE)

    def test_an_operation_is_found_whatever_answer_shows_nothing(self):
        self.each_moment(TRACKABLE, "pass", troubles=STRANGE)

    def test_an_operation_that_one_look_does_not_show_is_found(self):
        """As a replica that lags has it, or one that answers for another CVM."""
        self.each_moment(TRACKABLE, "pass",
                         troubles={"no items": said(b'{"items": [], "total": 0}')})

    def test_a_cvm_is_known_whatever_read_a_gateway_refuses(self):
        self.each_moment(IDENTITY, "pass", troubles=BETWEEN)

    def test_a_defect_is_seen_whatever_read_a_gateway_refuses(self):
        self.each_moment(OMITTED, "fail", serve=("--deviation", DEVIATION), troubles=BETWEEN)

    def test_what_was_put_back_is_told_so_whatever_one_look_shows(self):
        for takes_s in (0, 0.06):
            with self.subTest(takes_s):
                self.put_back_behind(takes_s)

    def put_back_behind(self, takes_s):
        looks = []
        self.out = self.folder / str(takes_s)
        done = self.run_behind(Strange, "--case", CONFLICT, expect=0, looks=looks,
                               takes_s=takes_s,
                               change=lambda p: (one_cvm(p), p["pixit"]["hooks"].pop("reset")))
        self.assertGreater(looks[0], 4)
        self.assertNotIn("differs", done.out + done.err)

    def test_a_page_that_is_not_there_is_asked_for_again_once(self):
        """Then it is the server's word."""
        asked = []

        class Without(between.Between):
            def answer(self, method, path, sent, number, headers, body):
                asked.append(path)
                if method == "GET" and path.endswith("/user_config"):
                    return between.as_json(404, {"detail": "none"})
                return number, headers, body

        self.run_behind(Without, "--jobs", "1", "--case", OMITTED, "--case", TRACKABLE, expect=0)
        missing = [p.endswith("/user_config") and p == q for p, q in zip(asked, asked[1:])]
        self.assertGreater(sum(missing), 0)
        self.assertLess(sum(missing), len(set(asked)))

    def test_what_a_cache_had_before_an_update_is_not_its_effect(self):
        self.run_behind(Cache, "--case", OMITTED, expect=0, change=one_cvm)
        self.assertEqual(self.case(OMITTED)["verdict"], "pass")

    def test_a_defect_is_seen_behind_a_cache(self):
        self.run_behind(Cache, "--case", OMITTED, expect=1, change=one_cvm,
                        serve=("--deviation", DEVIATION))
        self.assertEqual(self.case(OMITTED)["verdict"], "fail")

    def test_a_cache_that_never_lets_go_is_named(self):
        done = self.run_behind(Cache, "--case", OMITTED, expect=3, lasts_s=3600,
                               change=lambda p: (impatient(p), one_cvm(p)))
        self.assertIn("from a cache", done.out + done.err)

    def lagging(self, times):
        done = self.run_behind(Replica, "--case", LATE, expect=1, times=times, change=one_cvm)
        failures = [f["message"] + ": " + f["actual"] for f in self.case(LATE)["failures"]]
        return "\n".join(failures), done.out, (self.out / "summary.md").read_text()

    def test_a_value_that_shows_too_late_fails_and_is_told_as_late(self):
        failures, *told = self.lagging(LOOKS + 1)
        self.assertRegex(failures, r"in timing.read_lag_ms: the value .* was there \d+ ms later")
        for text in told:
            self.assertEqual(text.count("1 failed case found what was asked for a moment too"), 1)

    def test_a_value_that_never_shows_is_not_told_as_late(self):
        failures, *told = self.lagging(10**9)
        self.assertIn("not applied", failures)
        self.assertNotIn("read_lag_ms", failures + "".join(told))

    def lasting(self, end, trouble, case, *words, serve=()):
        self.run_behind(Lasting, "--case", case, expect=3, end=end, trouble=TROUBLE[trouble],
                        change=lambda p: (impatient(p), one_cvm(p)), serve=serve)
        found = self.case(case)
        self.assertEqual(found["verdict"], "inconclusive", found.get("reason"))
        for word in words:
            self.assertIn(word, found["reason"])

    def test_a_list_that_cannot_be_read_is_not_empty(self):
        for trouble, word in (("503 in no time", "answered 503"), ("429", "answered 429"),
                              ("coded", 'coded as "gzip"'), ("marked", "byte order mark"),
                              ("empty", "not JSON"), ("cut", "broken"),
                              ("dropped", "without an answer")):
            with self.subTest(trouble):
                self.run_behind(Lasting, "--case", TRACKABLE, expect=3, end="/operations",
                                trouble=TROUBLE[trouble],
                                change=lambda p: (impatient(p), one_cvm(p)))
                found = self.case(TRACKABLE)
                self.assertEqual(found["verdict"], "inconclusive")
                self.assertIn("/operations", found["reason"])
                self.assertIn(word, found["reason"])

    def test_a_flag_that_cannot_be_read_is_not_idle(self):
        # While the list is given up the operation runs on: the CVM's own flag cannot stand for it.
        self.lasting("/operations", "502", CONFLICT, "answered 502", "/operations",
                     serve=("--operation-ms", "2000"))

    def test_a_field_that_cannot_be_read_is_not_unchanged(self):
        self.lasting("/compose_file", "502", OMITTED, "docker_compose_file cannot be observed",
                     "answered 502", "/compose_file", serve=("--deviation", DEVIATION))

    def test_a_mark_before_the_texts_own_is_a_gateways(self):
        self.run_behind(OneMarkMore, "--case", MARKED, "--case", "robustness.deep-nesting*",
                        "--case", "validation.atomic*", expect=0, change=one_cvm)
        self.assertEqual({v for v in self.verdicts().values()}, {"pass"})

    def test_a_date_to_come_again_is_kept(self):
        moments = []

        class Dated(between.Between):
            def answer(self, method, path, sent, number, headers, body):
                if method == "GET" and path.endswith("/compose_file"):
                    moments.append(time.monotonic())
                    if len(moments) == 1:
                        return status(503, *in_a_second())((number, headers, body))
                return number, headers, body

        self.run_behind(Dated, "--case", OMITTED, expect=0, change=one_cvm)
        self.assertGreater(moments[1] - moments[0], 0.9)

    def test_an_hour_to_come_again_is_told_and_not_waited_for(self):
        def adjust(profile):
            one_cvm(profile)
            profile["pixit"]["timing"]["read_timeout_ms"] = 60000

        done = self.run_behind(Lasting, "--case", OMITTED, expect=3, end="/compose_file",
                               trouble=status(503, ("Retry-After", "3600")), change=adjust)
        self.assertIn("answered 503 with a Retry-After of 3600 s", self.case(OMITTED)["reason"])
        self.assertLess(done.seconds, 50)

    def test_it_asks_for_no_coding(self):
        asked = set()

        class Asked(between.Between):
            def request(self, method, path, headers, body):
                asked.update(v for k, v in headers if k.lower() == "accept-encoding")

        self.run_behind(Asked, "--case", OMITTED, expect=0)
        self.assertEqual(asked, {"identity"})

    def test_a_gateway_that_answers_an_update_now_and_then(self):
        done = self.run_behind(Updates, "--case", "partial.present-applied*", "--case",
                               "two-phase.commit*", expect=0, trouble=TROUBLE["502"],
                               picks=lambda n, sent: n % 9 == 3)
        self.assertNotIn("fail ", done.out)
        self.assertIn(2, {case.get("tries", 1) for case in self.results()["cases"]})

    def second_update(self, number, picks, expect):
        self.run_behind(Updates, "--case", CONFLICT, expect=expect, trouble=status(number),
                        picks=picks, change=one_cvm, serve=LONG)
        return self.case(CONFLICT)

    def test_a_page_in_the_place_of_a_conflict_is_no_word_of_the_servers(self):
        for number in (200, 403, 408):
            with self.subTest(number):
                found = self.second_update(number, lambda n, sent: n == 2, expect=0)
                self.assertEqual((found["verdict"], found["tries"]), ("pass", 2))

    def test_a_page_in_the_place_of_a_conflict_in_every_try_is(self):
        found = self.second_update(200, lambda n, sent: n % 2 == 0, expect=1)
        self.assertEqual((found["verdict"], found["tries"]), ("fail", 3))

    def test_a_refused_update_is_told_with_its_url_and_form(self):
        found = self.second_update(403, lambda n, sent: n <= 3, expect=3)
        self.assertEqual(found["verdict"], "inconclusive")
        for word in ("answered 403", "PATCH http://", "/api/v1/cvms/", "HTML: text/html"):
            self.assertIn(word, found["reason"])

    def test_a_502_in_every_try_is_the_servers_word(self):
        self.run_behind(Updates, "--case", "partial.null-accepted[gpus]", expect=1,
                        trouble=TROUBLE["502"], picks=lambda n, sent: b'"gpus":null' in sent)
        found = self.case("partial.null-accepted[gpus]")
        self.assertEqual((found["verdict"], found["tries"]), ("fail", 3))

    def test_a_request_that_is_dropped_in_every_try(self):
        self.run_behind(Updates, "--case", "partial.null-accepted*", expect=1,
                        trouble=TROUBLE["dropped"], picks=lambda n, sent: b'"gpus":null' in sent)
        self.assertEqual(set(self.verdicts().values()), {"pass", "fail"})
        self.assertIn("in every try", self.case("partial.null-accepted[gpus]")["reason"])
        self.assertEqual(self.verdicts()["partial.null-accepted[vcpu]"], "pass")

    def test_a_request_that_is_dropped_once(self):
        self.run_behind(Updates, "--case", OMITTED, expect=0, trouble=TROUBLE["dropped"],
                        picks=lambda n, sent: n == 1)
        self.assertEqual(self.case(OMITTED)["tries"], 2)

    def test_a_server_that_ends_every_connection_unsaid(self):
        self.run_behind(between.Between, "--suite", "partial", expect=0, closes=True)
        self.assertEqual(self.results()["summary"]["verdict"], "conforming")
        self.run_behind(between.Between, "--suite", "conflict", expect=0, closes=True, serve=LONG)
        self.assertEqual(self.results()["summary"]["verdict"], "conforming")

    def test_one_read_in_twenty_fails(self):
        """Few cases here; all of them, and ten defects, with CF_ALL_SEEDS=1."""
        for seed in (1, 2, 3):
            with self.subTest(seed):
                self.run_behind(Random, "--case", "accepted.*", "--case", "conflict.*",
                                "--case", "two-phase.commit*", expect=0, seed=seed, serve=LONG)
                bad = {k: v for k, v in self.verdicts().items()
                       if v not in ("pass", "not-applicable")}
                self.assertEqual(bad, {})

    def judged(self):
        return {one["id"]: one["verdict"] for one in self.results()["requirements"]}

    @unittest.skipUnless(os.environ.get("CF_ALL_SEEDS"), "takes minutes: CF_ALL_SEEDS=1")
    def test_one_read_in_twenty_fails_whoever_is_tested(self):
        for name in (None, *DEVIATIONS, *BY_STATE):
            with self.subTest(name):
                self.each_seed(name, ("--deviation", name) if name else ())

    def each_seed(self, name, serve):
        code = 1 if name else 0
        self.run_behind(between.Between, *QUIET, expect=code, serve=serve)
        wanted = self.judged()
        for seed in (1, 2, 3):
            self.run_behind(Random, *QUIET, expect=code, serve=serve, seed=seed)
            found = self.judged()
            changed = {k: (v, found[k]) for k, v in wanted.items() if found[k] != v}
            print(f"{name or 'reference'} seed {seed}: {len(wanted)} requirements, "
                  f"{len(changed)} changed {changed}", flush=True)
            if name in BY_STATE:
                self.assertEqual(found[BY_STATE[name]], "fail")
            else:
                self.assertEqual(changed, {})


if __name__ == "__main__":
    house.main(beside=4)
