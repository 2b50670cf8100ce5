"""Nothing that a run sends says who sends it, where the profile gives it an ordinary name."""

import contextlib
import json
import re

import between
import house

FAST = ("--operation-ms", "15")
AGENT = "python-httpx/0.27.2"
DEVIATION = "accepted-200-unwatched"
# Words that only a tester would write, whatever asks for them.
TELLING = r"(?i)conformance|fresh|\btest|cvm-[0-9a-f]"


class Noting(between.Between):
    """Notes who asks, by method, and what for."""

    def __init__(self, reference):
        super().__init__(reference)
        self.agents, self.bodies = {}, []

    def request(self, method, path, headers, body):
        agents = [value for name, value in headers if name.lower() == "user-agent"]
        self.agents.setdefault(method, set()).update(agents or [None])
        self.bodies.append(body.decode("utf-8", "replace"))
        return None


def named(profile):
    profile["pixit"]["headers"]["User-Agent"] = AGENT


def unnamed(profile):
    profile["pixit"]["headers"].pop("User-Agent")


class Ordinary(house.Case):
    def through(self, server, change, *options):
        def aim(profile):
            profile["iut"]["base_url"] = server.base_url
            change(profile)

        path = server.reference.write(self.folder, aim)
        self.run_suite("--profile", path, *options)  # what it is judged to be, others test

    def test_each_request_has_the_profiles_user_agent_and_no_telling_word(self):
        with house.Reference(*FAST) as reference, contextlib.closing(Noting(reference)) as server:
            self.through(server, named, "--suite", "accepted", "--suite", "partial", "--suite",
                         "two-phase")
        self.assertEqual(server.agents, dict.fromkeys(("GET", "PATCH", "POST"), {AGENT}))
        self.assertGreater(len(server.bodies), 100)
        told = [body[:300] for body in server.bodies if re.search(TELLING, body)]
        self.assertEqual(told, [])

    def test_without_one_the_suite_says_who_it_is(self):
        with house.Reference(*FAST) as reference, contextlib.closing(Noting(reference)) as server:
            self.through(server, lambda profile: None, "--case", "accepted.status-202*")
        (agent,) = server.agents["PATCH"]
        self.assertRegex(agent, r"^cvm-conformance/\d")

    def test_a_server_that_behaves_for_the_suite_alone_is_caught_by_an_ordinary_name_alone(self):
        with house.Reference(*FAST, "--deviation", DEVIATION) as reference:
            path = reference.write(self.folder)
            self.assertIn("User-Agent", json.loads(path.read_text())["pixit"]["headers"])
            self.run_suite("--profile", path, "--case", "accepted.status-202*", expect=1)
            path = reference.write(self.folder, unnamed)
            self.run_suite("--profile", path, "--case", "accepted.status-202*", expect=0)


if __name__ == "__main__":
    house.main()
