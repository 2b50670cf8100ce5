"""Whose a CVM is: one listed as another workspace's, and one that has nearly the id of another."""

import between
import house

FOREIGN = ("auth.foreign-cvm[update-cvm]", "auth.foreign-cvm[pre-launch-script]")
ASKED = [word for case in FOREIGN for word in ("--case", case)]
LETS_IN = ("--deviation", "auth-foreign-accepted")
NEAR = "auth.unknown-cvm.near[without-its-last-character,update-cvm]"
FINDS_NEAR = ("--deviation", "auth-id-beginning-finds")


def own_as_foreign(profile):
    cvms = profile["pixit"]["cvms"]
    cvms["foreign"] = [cvms["managed"].pop()]


class Listed(between.Between):
    """Counts updates by CVM."""

    updated = None

    def answer(self, method, path, sent, number, headers, body):
        if method == "PATCH":
            self.updated.append(path.split("/")[4])
        return number, headers, body


class Unlisted(Listed):
    """Has no list of CVMs."""

    def request(self, method, path, headers, body):
        return between.as_json(404, {}) if path == "/api/v1/cvms" else None


class Useless(Listed):
    """Has a list without any CVM."""

    def request(self, method, path, headers, body):
        return between.as_json(200, {"items": []}) if path == "/api/v1/cvms" else None


class Numbered(Listed):
    """Beside each CVM there is another one, whose id lacks the last character: vm-1 and vm-10."""

    def request(self, method, path, headers, body):
        id = path.removeprefix("/api/v1/cvms/").split("/")[0]
        if id not in self.others:
            return None
        if method == "GET":
            return between.as_json(200, {"id": id, "in_progress": False})
        self.updated.append(id)
        return between.as_json(202, {"correlation_id": "of-another"})


class Whose(between.Case):
    def ask(self, kind, expect, verdict, **given):
        updated = []
        self.run_behind(kind, *ASKED, expect=expect, updated=updated, **given)
        self.assertEqual([self.case(case)["verdict"] for case in FOREIGN], [verdict] * 2)
        return updated, self.case(FOREIGN[0]).get("reason")

    def test_one_that_the_list_has_is_not_changed_and_held_against_nobody(self):
        profiles = []
        updated, reason = self.ask(Listed, 3, "inconclusive",
                                   change=lambda p: (own_as_foreign(p), profiles.append(p)))
        self.assertNotIn(profiles[0]["pixit"]["cvms"]["foreign"][0], updated)
        self.assertRegex(reason, r"pixit\.cvms\.foreign, and GET .* lists it .* profile is wrong")

    def test_where_no_list_tells_it_is_one_or_the_other(self):
        for kind in (Unlisted, Useless):
            for given in ({"change": own_as_foreign}, {"serve": LETS_IN}):
                with self.subTest(kind.__name__, **given):
                    _, reason = self.ask(kind, 3, "inconclusive", **given)
                    self.assertRegex(reason, "the profile is wrong, or the server lets")

    def test_a_server_that_lets_in_fails_where_a_list_tells(self):
        self.ask(Listed, 1, "fail", serve=LETS_IN)

    def test_where_no_list_tells_a_refusal_passes(self):
        self.ask(Unlisted, 0, "pass")

    def near(self, kind, expect, **given):
        updated = []
        self.run_behind(kind, "--case", NEAR, expect=expect, updated=updated, **given)
        return updated, self.case(NEAR)

    def test_a_cvm_that_has_nearly_the_id_of_another_is_left_alone(self):
        others = []

        def change(profile):
            others.extend(id[:-1] for id in profile["pixit"]["cvms"]["managed"])

        updated, case = self.near(Numbered, 0, change=change, others=others)
        self.assertEqual(case["verdict"], "not-applicable")
        self.assertRegex(case["reason"], r"made of another CVM's id, is the id of a CVM itself$")
        self.assertFalse(set(updated) & set(others))

    def test_one_that_the_profile_has_is_left_alone(self):
        def change(profile):
            cvms = profile["pixit"]["cvms"]
            cvms["foreign"] = [id[:-1] for id in cvms["managed"]]

        updated, case = self.near(Listed, 0, change=change)
        self.assertEqual(case["verdict"], "not-applicable")
        self.assertNotIn(case["cvm"][:-1], updated)

    def test_a_server_that_finds_it_by_its_beginning_fails(self):
        _, case = self.near(Listed, 1, serve=FINDS_NEAR)
        self.assertEqual(case["verdict"], "fail")


if __name__ == "__main__":
    house.main()
