"""The words of a race, and ids that are nearly a CVM's: what is sent, and what is made of it."""

import json
import threading

import between
import house

BEFORE = {"observe": "before"}
UPDATE = {"request": "update-cvm", "json": {"user_config": "{\"hostname\": \"${contender}\"}"}}
SCRIPT = {"request": "pre-launch-script", "script": "#!/bin/sh\necho '${contender}'\n"}
NAMELESS = UPDATE | {"auth": "none"}
ASKS = {"pre_launch_script": "#!/bin/sh\necho '${contender}'\n"}


class Sent(between.Between):
    """Keeps the targets of all updates. In turn: each waits for the end of the one before."""

    in_turn = False

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.targets = []

    def request(self, method, path, headers, body):
        if method != "PATCH":
            return None
        with self.lock:
            self.targets.append(path)
            if not self.in_turn:
                return None
            answer = self.send(method, path, headers, body)
            house.wait_until(lambda: not self.is_busy(path, headers), "the end of an operation")
            return answer

    def is_busy(self, path, headers):
        reads = [(name, value) for name, value in headers if not name.startswith("Content-")]
        answer = self.send("GET", path.removesuffix("/pre-launch-script"), reads, b"")
        return answer[0] == 200 and json.loads(answer[2])["in_progress"]


class RaceWords(between.Case):
    def try_steps(self, *steps, expect, in_turn=False, operation_ms=100):
        """Run a case of those steps; the targets of what it sent."""
        cases = self.folder / "cases"
        (cases / "words").mkdir(parents=True, exist_ok=True)
        (cases / "words" / "of.json").write_text(json.dumps({
            "requirement": "words.of", "level": "must", "source": "common sense",
            "statement": "A sentence.",
            "cases": [{"id": "words.of", "title": "A title", "fixtures": {"cvm": "managed"},
                       "steps": [BEFORE, *steps]}],
        }))  # fmt: skip
        reference = self.enter(house.Reference("--operation-ms", str(operation_ms)))
        sent = Sent(reference)
        sent.in_turn = in_turn
        self.addCleanup(sent.close)
        profile = reference.write(
            self.folder, lambda p: p["iut"].__setitem__("base_url", sent.base_url)
        )
        self.run_suite("--profile", profile, "--cases", cases, "--case", "words.of", expect=expect)
        return [target.removeprefix("/api/v1/cvms/") for target in sent.targets]

    def words(self):
        return self.case("words.of")

    def test_against_is_sent_by_every_second_contender(self):
        race = {"race": 4, "with": SCRIPT, "against": UPDATE, "asks": ASKS, "since": "before"}
        # Long enough for the slowest machine: all four are sent while the first one's runs.
        targets = self.try_steps(race, {"settle": "cvm"}, expect=0, operation_ms=3000)
        self.assertEqual(self.words()["verdict"], "pass")
        cvm = self.words()["cvm"]
        self.assertEqual(targets.count(f"{cvm}/pre-launch-script"), 2)
        self.assertGreaterEqual(targets.count(cvm), 2)

    def test_a_loser_deserves_what_or_says(self):
        race = {"race": 2, "with": UPDATE, "against": NAMELESS, "since": "before"}
        self.try_steps(race, {"settle": "cvm"}, expect=1)
        self.assertIn("401", self.words()["reason"])
        self.try_steps(race | {"or": [401]}, {"settle": "cvm"}, expect=0)
        self.assertEqual(self.words()["verdict"], "pass")

    def test_a_winner_does_not_deserve_it(self):
        race = {"race": 2, "with": NAMELESS, "or": [401], "since": "before"}
        self.try_steps(race, {"settle": "cvm"}, expect=1)
        self.assertIn("nobody won the race", self.words()["reason"])

    def test_what_they_race_for_once_is_not_raced_for_again(self):
        race = {"race": 4, "with": UPDATE, "once": True, "since": "before"}
        targets = self.try_steps(race, {"settle": "cvm"}, in_turn=True, expect=3)
        case = self.words()
        self.assertIn("4 of 4 answered 202", case["reason"])
        # In each try, and the preflight's two.
        self.assertEqual(len(targets), 4 * case["tries"] + 2)

    def test_an_id_that_is_nearly_one(self):
        near = {"request": "update-cvm", "json": {"vcpu": 2}, "expect": {"status": "4xx"}}
        targets = self.try_steps(
            near | {"to_id": "${id.shortened:cvm}"},
            near | {"to_id": "${id.swapped-case:cvm}", "expect": {"status": ["2xx", "4xx"]}},
            {"settle": "cvm"}, expect=0,
        )  # fmt: skip
        cvm = self.words()["cvm"]
        self.assertIn(cvm[:-1], targets)
        self.assertIn(cvm.swapcase(), targets)
        self.assertNotEqual(cvm, cvm.swapcase())

    def test_an_id_in_no_such_way(self):
        near = {"request": "update-cvm", "to_id": "${id.reversed:cvm}", "json": {"vcpu": 2}}
        self.try_steps(near, {"settle": "cvm"}, expect=3)
        self.assertIn("id has shortened, beheaded, swapped-case", self.words()["reason"])


if __name__ == "__main__":
    house.main()
