"""Operations that fail: bad luck now and then, a defect in every try."""

import json

import between
import house

CASE = "partial.present-applied[vcpu]"


class Unlucky(between.Between):
    """Operations fail on the CVM that a case updates first: listed so, and without effect."""

    unlucky = None  # its id

    def __init__(self, reference):
        super().__init__(reference)
        self.before = {}

    def request(self, method, path, headers, body):
        if not self.unlucky and self.is_update_of_a_case(method):
            self.unlucky = path.rpartition("/")[2]

    def answer(self, method, path, sent, status, headers, body):
        if method != "GET" or status != 200:
            return status, headers, body
        if self.unlucky and path.endswith(f"{self.unlucky}/operations"):
            body = body.replace(b'"completed"', b'"failed"')
        shown = json.loads(body) if path.count("/") == 4 else None
        if isinstance(shown, dict) and "resource" in shown:
            if not self.unlucky:
                self.before[path] = shown["resource"]
            elif path.endswith(self.unlucky):
                body = json.dumps({**shown, "resource": self.before[path]}).encode()
        return status, headers, body


class OneEach(between.Between):
    """Of the updates of the first CVM that a case takes the first one fails, of those of the second
    the second one, and so on: listed so, and without effect."""

    def __init__(self, reference):
        super().__init__(reference)
        self.updates = {}  # by CVM
        self.failed = set()  # CVMs of which the last one did
        self.shown = {}  # by path: the last body before that

    def request(self, method, path, headers, body):
        if self.is_update_of_a_case(method):
            cvm = path.rpartition("/")[2]
            self.updates[cvm] = self.updates.get(cvm, 0) + 1
            self.failed.discard(cvm)
            if self.updates[cvm] == list(self.updates).index(cvm) + 1:
                self.failed.add(cvm)

    def answer(self, method, path, sent, status, headers, body):
        failed = any(cvm in path for cvm in self.failed)
        if method == "GET" and status == 200 and path.endswith("/operations"):
            body = body.replace(b'"completed"', b'"failed"') if failed else body
        elif method == "GET" and status == 200:
            body = self.shown[path] = self.shown[path] if failed else body
        return status, headers, body


class Twice(between.Between):
    """After the first update of a case two are taken, and fail."""

    updates = 0

    def request(self, method, path, headers, body):
        if not self.is_update_of_a_case(method):
            return None
        self.updates += 1
        return between.as_json(202, {"correlation_id": f"lost-{self.updates}"}) \
            if self.updates in (2, 3) else None


def without_list(profile):
    profile["pixit"]["observe"]["fields"]["operations"] = None


class FailingOperations(between.Case):
    def test_in_every_try_and_on_several_cvms_is_a_failure(self):
        self.run_suite("--deviation", "partial-operations-fail", "--case", CASE, expect=1)
        case = self.case(CASE)
        self.assertEqual((case["verdict"], case["tries"]), ("fail", 3))
        self.assertIn("in every try, and on more than one CVM", case["reason"])
        tried = [*case["failed_on"], case["cvm"]]
        self.assertEqual(len(set(tried)), 3, "each try on a CVM of its own")

    def run_unlucky(self, expect, only=None, listed=True):
        def change(profile):
            if only:
                profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:only]
            if not listed:
                without_list(profile)

        reference = self.enter(house.Reference())
        relay = Unlucky(reference)
        self.addCleanup(relay.close)

        def adjust(profile):
            profile["iut"]["base_url"] = relay.base_url
            change(profile)

        profile = reference.write(self.folder, adjust)
        self.run_suite("--profile", profile, "--case", CASE, expect=expect)
        return self.case(CASE)

    def test_one_cvm_is_bad_luck(self):
        case = self.run_unlucky(0)
        self.assertEqual((case["verdict"], case["tries"]), ("pass", 2))

    def test_the_only_cvm_proves_nothing(self):
        case = self.run_unlucky(3, only=1)
        self.assertEqual((case["verdict"], case["tries"]), ("inconclusive", 3))
        self.assertRegex(case["reason"], r"operation .* failed on CVM")

    def test_one_cvm_is_bad_luck_where_no_list_tells(self):
        case = self.run_unlucky(0, listed=False)
        self.assertEqual((case["verdict"], case["tries"]), ("pass", 2))

    def test_what_never_shows_was_not_applied_where_no_list_tells(self):
        reference = self.enter(house.Reference("--deviation", "partial-image-ignored"))
        profile = reference.write(self.folder, without_list)
        image = "partial.present-applied[image]"
        self.run_suite("--profile", profile, "--case", image, expect=1)
        case = self.case(image)
        self.assertEqual((case["verdict"], case["tries"]), ("fail", 3))
        self.assertIn("a field of the request was not applied", case["reason"])

    def test_another_operation_in_each_try_is_bad_luck(self):
        turn = "partial.omitted-unchanged.in-turn[image,shutdown_timeout,allow_force_stop]"
        for change in (None, without_list):
            self.run_behind(OneEach, "--case", turn, expect=3, change=change)
            case = self.case(turn)
            self.assertEqual((case["verdict"], case["tries"]), ("inconclusive", 3), case["reason"])

    def test_who_is_to_be_put_back_is_tried_once_more(self):
        def change(profile):
            without_list(profile)
            profile["pixit"]["hooks"].pop("reset")
            profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]

        self.run_behind(Twice, "--case", "partial.every-field-optional[vcpu]", expect=0,
                        change=change)
        self.assertEqual(self.results().get("left", []), [])

    def test_over_odd_values_operations_may_fail_unlisted(self):
        reference = self.enter(house.Reference("--variant", "empty-files-fail"))
        profile = reference.write(self.folder, without_list)
        odd = "partial.stored-or-refused.odd-words[0-null-quoted]"
        self.run_suite("--profile", profile, "--case", odd, "--case", CASE, expect=0)
        self.assertEqual(self.case(odd)["verdict"], "not-applicable")
        self.assertNotIn("tries", self.case(CASE))


if __name__ == "__main__":
    house.main()
