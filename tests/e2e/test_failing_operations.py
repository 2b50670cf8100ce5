"""Operations that fail: bad luck now and then, a defect in every try."""

import json

import between
import house

CASE = "partial.present-applied[vcpu]"


class Unlucky(between.Between):
    """On some CVMs operations fail: they are listed so, and change nothing."""

    unlucky = ()  # ids

    def __init__(self, reference):
        super().__init__(reference)
        self.before = {}

    def is_unlucky(self, path):
        return any(cvm in path for cvm in self.unlucky)

    def answer(self, method, path, sent, status, headers, body):
        if method != "GET" or status != 200 or not self.is_unlucky(path):
            return status, headers, body
        if path.endswith("/operations"):
            body = body.replace(b'"completed"', b'"failed"')
        shown = json.loads(body) if path.endswith(self.unlucky) else None
        if isinstance(shown, dict) and "resource" in shown:
            first = self.before.setdefault(path, shown["resource"])
            body = json.dumps({**shown, "resource": first}).encode()
        return status, headers, body


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

    def run_unlucky(self, count, expect, only=None, listed=True):
        def change(profile):
            if only:
                profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:only]
            if not listed:
                without_list(profile)

        reference = self.enter(house.Reference())
        relay = Unlucky(reference)
        self.addCleanup(relay.close)
        ids = json.loads(reference.write(self.folder).read_text())["pixit"]["cvms"]["managed"]
        relay.unlucky = tuple(ids[:count])

        def adjust(profile):
            profile["iut"]["base_url"] = relay.base_url
            change(profile)

        profile = reference.write(self.folder, adjust)
        self.run_suite("--profile", profile, "--case", CASE, expect=expect)
        return self.case(CASE)

    def test_one_cvm_is_bad_luck(self):
        case = self.run_unlucky(1, 0)
        self.assertEqual((case["verdict"], case["tries"]), ("pass", 2))

    def test_the_only_cvm_proves_nothing(self):
        case = self.run_unlucky(1, 3, only=1)
        self.assertEqual((case["verdict"], case["tries"]), ("inconclusive", 3))
        self.assertRegex(case["reason"], r"operation .* failed on CVM")

    def test_one_cvm_is_bad_luck_where_no_list_tells(self):
        case = self.run_unlucky(1, 0, listed=False)
        self.assertEqual((case["verdict"], case["tries"]), ("pass", 2))

    def test_what_never_shows_was_not_applied_where_no_list_tells(self):
        reference = self.enter(house.Reference("--deviation", "partial-image-ignored"))
        profile = reference.write(self.folder, without_list)
        image = "partial.present-applied[image]"
        self.run_suite("--profile", profile, "--case", image, expect=1)
        case = self.case(image)
        self.assertEqual((case["verdict"], case["tries"]), ("fail", 3))
        self.assertIn("a field of the request was not applied", case["reason"])

    def test_over_odd_values_operations_may_fail_unlisted(self):
        reference = self.enter(house.Reference("--variant", "empty-files-fail"))
        profile = reference.write(self.folder, without_list)
        odd = "partial.stored-or-refused.odd-words[0-null-quoted]"
        self.run_suite("--profile", profile, "--case", odd, "--case", CASE, expect=0)
        self.assertEqual(self.case(odd)["verdict"], "not-applicable")
        self.assertNotIn("tries", self.case(CASE))


if __name__ == "__main__":
    house.main()
