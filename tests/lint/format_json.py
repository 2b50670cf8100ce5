#!/usr/bin/python3
"""Writes JSON files of this project in their one form: cases, the ledger, the schema.

    format_json.py [--check] [FILE…]

Without files: all that have the form. With --check nothing is written; the exit code is 1 where a
file is not as it would be written.

- An object or an array stands on one line where that has at most 100 columns, else its members
  stand on one line each; scalars of an array fill lines. What is the only member of an object
  begins on the object's line: {"let": {"asked": {
- A request has one member a line, and what lists cases, steps or rows one of them a line.
- A text for readers that is too long (TEXTS) is an array of lines; whoever reads it puts a space
  between each two. A file with any other string that does not fit is refused.
- Scalars stay as they were written, down to the escapes.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("cases/*/*.json", "cases/*.json", "tests/contract/elements.json",
         "docs/*.schema.json", "reports/*.schema.json")
COLUMNS = 100
INDENT = 2

TEXTS = {"source", "statement", "title", "why", "open", "reading", "treatment", "says"}
LISTS = {"cases", "steps", "for_each", "and_each", "rows", "readings"}

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+)')


class Wrong(Exception):
    pass


# ---- reading: scalars are their text, objects lists of (key, value), arrays lists ---------------


class Object(list):
    pass


class Array(list):
    pass


def tokens_of(text):
    at = 0
    text = text.rstrip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token:
            raise Wrong(f"no JSON at byte {at}")
        yield token[1]
        at = token.end()


def read_members(tokens, end, read):
    token = next(tokens)
    while token != end:
        yield read(token)
        token = next(tokens)
        if token == ",":
            token = next(tokens)


def read_value(tokens, token):
    if token == "{":
        def member(key):
            if next(tokens) != ":":
                raise Wrong(f"no colon after {key}")
            return key, read_value(tokens, next(tokens))
        return Object(read_members(tokens, "}", member))
    if token == "[":
        return Array(read_members(tokens, "]", lambda item: read_value(tokens, item)))
    return token


def read(text):
    tokens = tokens_of(text)
    return read_value(tokens, next(tokens))


# ---- writing ------------------------------------------------------------------------------------


def name_of(key):
    return key[1:-1]


def is_text(value):
    return isinstance(value, str) and value.startswith('"')


def one_line(value):
    if isinstance(value, Object):
        return "{" + ", ".join(f"{key}: {one_line(item)}" for key, item in value) + "}"
    if isinstance(value, Array):
        return "[" + ", ".join(map(one_line, value)) + "]"
    return value


def has_form_of_request(value):
    return len(value) > 1 and any(name_of(k) == "request" and is_text(v) for k, v in value)


def never_one_line(value, key):
    """Whether a value is spread over lines even where it would fit in one."""
    if isinstance(value, Object):
        return has_form_of_request(value) or any(never_one_line(v, name_of(k)) for k, v in value)
    if isinstance(value, Array):
        spread = key in LISTS and any(isinstance(item, Object) for item in value)
        return spread or any(never_one_line(item, None) for item in value)
    return False


def as_lines(text, columns):
    """A text cut at spaces, as the array of its lines."""
    lines = [""]
    for word in text[1:-1].split(" "):
        if len(lines[-1]) + 1 + len(word) + 3 <= columns or not lines[-1]:
            lines[-1] += (" " if lines[-1] else "") + word
        else:
            lines.append(word)
    return Array(f'"{line}"' for line in lines)


def whole_text(value):
    """A text for readers, put together where it is an array of lines."""
    if isinstance(value, Array) and value and all(map(is_text, value)):
        return '"' + " ".join(line[1:-1] for line in value) + '"'
    return value


class Writer:
    def __init__(self):
        self.out = []

    def spread(self, opening, items, closing, indent):
        self.out.append(opening + "\n")
        for index, (prefix, key, item) in enumerate(items):
            last = index + 1 == len(items)
            self.out.append(" " * (indent + INDENT) + prefix)
            self.value(item, key, indent + INDENT, indent + INDENT + len(prefix), 0 if last else 1)
            self.out.append("\n" if last else ",\n")
        self.out.append(" " * indent + closing)

    def fill(self, items, indent):
        line = ""
        self.out.append("[\n")
        for index, item in enumerate(items):
            piece = item if index + 1 == len(items) else item + ","
            if line and indent + INDENT + len(line) + 1 + len(piece) > COLUMNS:
                self.out.append(" " * (indent + INDENT) + line + "\n")
                line = ""
            line += (" " if line else "") + piece
        self.out.append(" " * (indent + INDENT) + line + "\n" + " " * indent + "]")

    def value(self, value, key, indent, column, after):
        """indent: of the line that the value begins on, at column; after: columns behind it."""
        if key in TEXTS:
            value = whole_text(value)
        fits = column + len(one_line(value)) + after <= COLUMNS
        if key in TEXTS and is_text(value) and not fits:
            lines = as_lines(value, COLUMNS - indent - INDENT)
            self.spread("[", [("", None, line) for line in lines], "]", indent)
        elif isinstance(value, str) or (fits and not never_one_line(value, key)):
            self.out.append(one_line(value))
        elif isinstance(value, Object) and len(value) == 1 and not isinstance(value[0][1], str):
            name, only = value[0]
            self.out.append("{" + name + ": ")
            self.value(only, name_of(name), indent, column + len(name) + 3, after + 1)
            self.out.append("}")
        elif isinstance(value, Object):
            items = [(f"{name}: ", name_of(name), item) for name, item in value]
            self.spread("{", items, "}", indent)
        elif all(isinstance(item, str) for item in value):
            self.fill(value, indent)
        else:
            self.spread("[", [("", None, item) for item in value], "]", indent)


def written(text):
    writer = Writer()
    root = read(text)
    if isinstance(root, Object):
        items = [(f"{key}: ", name_of(key), item) for key, item in root]
        writer.spread("{", items, "}", 0)
    else:
        writer.spread("[", [("", None, item) for item in root], "]", 0)
    return "".join(writer.out) + "\n"


def problems_of(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS:
            yield f"{path}:{number}: {len(line)} columns"


def all_files():
    return sorted({path for pattern in FILES for path in ROOT.glob(pattern)})


def main(arguments):
    check = "--check" in arguments
    files = [Path(name) for name in arguments if name != "--check"] or all_files()
    found = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        form = written(text)
        found += problems_of(path, form)
        if form != text and check:
            found.append(f"{path}: not in form; tests/lint/format_json.py writes it")
        elif form != text:
            path.write_text(form, encoding="utf-8")
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
