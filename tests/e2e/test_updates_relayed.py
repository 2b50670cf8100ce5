"""What answers an update in the server's place, before it was seen or after it was applied."""

import between
import house

HTML = [("Content-Type", "text/html")]


def page(number):
    return number, HTML, b"<h1>Oh</h1>"


class Nth(between.Between):
    """Answers the at-th update of the cases itself."""

    at = 1
    count = 0
    instead = None

    def request(self, method, path, headers, body):
        if not self.is_update_of_a_case(method):
            return None
        self.count += 1
        return self.instead if self.count == self.at else None


class Updates(between.Case):
    def test_a_conflict_told_among_refusals_is_held_against_none_of_them(self):
        """Whether it is one is asked by an update, of which the one look at all tells as well."""
        self.run_behind(Nth, "--case", "auth.before-validation*", "--jobs", "1", expect=0, at=5,
                        instead=page(409))
        self.assertNotIn("fail", self.verdicts().values())


if __name__ == "__main__":
    house.main()
