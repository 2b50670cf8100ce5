#!/usr/bin/env python3
"""Texts of several entries, each of several files, with rulers between; cases.txt says how.

As a program: texts.py FILE FOLDER writes every entry's files below FOLDER/ENTRY/.
"""

import re
import sys
from pathlib import Path


def read(path):
    """{entry: {title: text}}, the text's lines put in where it is a change of the first entry."""
    entries, parts, title = {}, None, None
    for line in Path(path).read_text().splitlines(keepends=True):
        if line.startswith("==== "):
            if title and parts[title].endswith("\n\n"):  # the blank line between entries
                parts[title] = parts[title][:-1]
            parts, title = entries.setdefault(line[5:-1], {}), None
        elif line.startswith("---- "):
            title = line[5:-1]
            parts[title] = ""
        elif title:
            parts[title] += line
    first = next(iter(entries.values()))
    return {name: dict(whole(first, *part) for part in parts.items())
            for name, parts in entries.items()}


def whole(first, title, text):
    change = re.fullmatch(r"(.*): (\d+)(?:-(\d+))?", title)
    if not change:
        return title, text
    start, end = int(change[2]), int(change[3] or change[2])
    lines = first[change[1]].splitlines(keepends=True)
    return change[1], "".join([*lines[:start - 1], text, *lines[end:]])


def main():
    source, target = map(Path, sys.argv[1:])
    for name, parts in read(source).items():
        for title, text in parts.items():
            if title != "says":
                path = target / name / title
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)


if __name__ == "__main__":
    main()
