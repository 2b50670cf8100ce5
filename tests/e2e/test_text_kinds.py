"""Kinds of text x fields x endpoints: each is sent by some case, taken, and looked at."""

import email.parser
import email.policy
import json
import re
import threading
import unicodedata

import between
import house

CASES = (
    "partial.present-applied.exact-value*", "partial.stored-or-refused*", "partial.names-as-sent*",
    "script.replaced*", "script.stored-or-refused*", "script.large*",
)  # fmt: skip

TEMPLATES = ("$$", "$&", "\\1", "%s", "{{x}}", "${HOME}")
MARKUP = ("<", ">", "&", "'", '"')

KINDS = {
    "nothing but blanks": lambda t: t.strip() == "" and " " in t,
    "no final newline": lambda t: not t.endswith("\n"),
    "one final newline": lambda t: re.search(r"[^\n\r]\n\Z", t),
    "several final newlines": lambda t: t.endswith(("\n\n", "\r\n\r\n")),
    "blanks at line ends": lambda t: re.search(r"[ \t]\n", t),
    "tabs": lambda t: "\t" in t,
    "CRLF": lambda t: "\r\n" in t,
    "markup": lambda t: all(c in t for c in MARKUP),
    "template characters": lambda t: all(c in t for c in TEMPLATES),
    "beyond the BMP": lambda t: any(ord(c) > 0xFFFF for c in t),
    "decomposed accents": lambda t: unicodedata.normalize("NFC", t) != t,
    "a byte order mark first": lambda t: t.startswith("\ufeff"),
    "a line of EOF inside": lambda t: "\nEOF\n" in t[:-1],
    "a line that goes on": lambda t: "\\\n" in t and "=\n" in t,
    "more than 255 bytes": lambda t: len(t.encode()) > 255,
    "more than 4096 bytes": lambda t: len(t.encode()) > 4096,
    "more than 65535 bytes": lambda t: len(t.encode()) > 65535,
    "more than 300000 bytes": lambda t: len(t.encode()) > 300000,
    "a character over each border of 1024": lambda t: splits(t.encode(), 1024),
    "a character over each border of 4096": lambda t: splits(t.encode(), 4096),
}
NAMES = {
    "out of order": lambda names: names != sorted(names),
    "one of them twice": lambda names: len(set(names)) < len(names),
    "blanks around one": lambda names: any(name.strip() != name for name in names),
}

# What no case sends.
LEFT_OUT = {
    # A compose file has services: nobody takes one of nothing but blanks.
    ("update-cvm docker_compose_file", "nothing but blanks"),
    # Nor one with lines that are no YAML.
    ("update-cvm docker_compose_file", "a line of EOF inside"),
    ("update-cvm docker_compose_file", "a line that goes on"),
}


def splits(text, size):
    """Whether most of three borders in a row, between pieces of that size, split a character."""
    inside = [text[at] & 0xC0 == 0x80 for at in range(size, len(text), size)]
    return any(sum(inside[at:at + 3]) > 1 for at in range(len(inside)))


class Taken(between.Between):
    """Keeps what the texts of accepted updates are made of."""

    def __init__(self, reference):
        super().__init__(reference)
        self.lock = threading.Lock()
        self.texts = {}
        self.types = {}

    def request(self, method, path, headers, body):
        if method == "PATCH":
            content_type = {k.lower(): v for k, v in headers}.get("content-type", "")
            with self.lock:
                self.types[body] = content_type

    def answer(self, method, path, sent, status, headers, body):
        if method == "PATCH" and status == 202:
            found = self.uploaded(sent) if path.endswith("/pre-launch-script") else self.asked(sent)
            with self.lock:
                for place, value in found:
                    self.texts.setdefault(place, []).append(value)
        return status, headers, body

    def uploaded(self, sent):
        head = f"Content-Type: {self.types[sent]}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + sent)
        for part in form.iter_parts():
            yield "pre-launch-script", part.get_payload(decode=True).decode()

    def asked(self, sent):
        for field, value in json.loads(sent).items():
            yield f"update-cvm {field}", value


class TextKinds(between.Case):
    def test_each_kind_is_asked_of_each_field(self):
        selected = [word for case in CASES for word in ("--case", case)]
        reference = self.enter(house.Reference("--operation-ms", "15"))
        taken = Taken(reference)
        self.addCleanup(taken.close)
        profile = reference.write(
            self.folder, lambda p: p["iut"].__setitem__("base_url", taken.base_url)
        )
        self.run_suite("--profile", profile, *selected, expect=0)
        fields = ("docker_compose_file", "pre_launch_script", "user_config")
        places = ["pre-launch-script", *(f"update-cvm {field}" for field in fields)]
        table = {(place, kind): any(is_kind(text) for text in taken.texts[place])
                 for place in places for kind, is_kind in KINDS.items()}
        lists = taken.texts["update-cvm allowed_envs"]
        table |= {("update-cvm allowed_envs", kind): any(map(is_kind, lists))
                  for kind, is_kind in NAMES.items()}
        self.assertEqual({cell for cell, there in table.items() if not there}, LEFT_OUT)


if __name__ == "__main__":
    house.main()
