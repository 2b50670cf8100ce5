"""What else stands between suite and server: it is never taken for the server's doing."""

import threading
import time

import between
import house

OWNED = "partial.omitted-unchanged.contract-owned[resources]"
AFTER_REFUSAL = "conflict.in-progress.first-field-after-a-refusal[disk_size]"
PHASE_2 = "conflict.in-progress.phase-2"
OPERATION_MS = 200


def one_cvm(profile):
    profile["pixit"]["cvms"]["managed"] = profile["pixit"]["cvms"]["managed"][:1]


def page(number):
    return number, [("Content-Type", "text/html")], b"<h1>Oh</h1>"


class Slow(between.Between):
    """Updates come when the operation before is over. Without one on its way, every second look at
    the compose file fails, so that no reading is whole."""

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.on_the_way = 0
        self.looks = 0

    def request(self, method, path, headers, body):
        if method == "PATCH":
            with self.lock:
                self.on_the_way += 1
            time.sleep(OPERATION_MS * 1.3 / 1000)

    def answer(self, method, path, sent, number, headers, body):
        with self.lock:
            if method == "PATCH":
                self.on_the_way -= 1
            elif path.endswith("/compose_file") and self.on_the_way == 0:
                self.looks += 1
                if self.looks % 2:
                    return page(502)
        return number, headers, body


class Late(between.Between):
    """The second update of the first pair comes when the first one's operation is over."""

    updates = 0

    def request(self, method, path, headers, body):
        if self.is_update_of_a_case(method):
            self.updates += 1
            if self.updates == 3:
                time.sleep(OPERATION_MS * 2 / 1000)


class Relays(between.Case):
    def test_what_a_pair_that_came_too_late_did_accounts_for_nothing_after_it(self):
        self.run_behind(Late, "--case", AFTER_REFUSAL, expect=1, change=one_cvm,
                        serve=("--deviation", "conflict-applied", "--operation-ms", OPERATION_MS))
        self.assertIn("request refused with 409 had an effect", self.case(AFTER_REFUSAL)["reason"])

    def test_what_was_read_while_an_update_was_on_its_way_is_not_kept(self):
        def adjust(profile):
            cvms = profile["pixit"]["cvms"]
            cvms["contract_owned"] = cvms["contract_owned"][:1]
            profile["pixit"]["observe"].setdefault("fields", {})["operations"] = None

        self.run_behind(Slow, "--case", PHASE_2, "--case", OWNED, "--jobs", "1", "--seed", "1",
                        expect=3, change=adjust, serve=("--operation-ms", OPERATION_MS))
        self.assertEqual(self.case(OWNED)["verdict"], "pass", self.case(OWNED).get("reason"))


if __name__ == "__main__":
    house.main()
