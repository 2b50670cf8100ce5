"""No two files call each other in a circle: seen in the object files, by what each asks for."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

BUILD = Path(os.environ["CF_BUILD"])


def objects():
    """{object file: (names it defines, names it asks for)}"""
    found = {}
    for library in sorted(BUILD.glob("*/libcf_*.a")):
        for line in subprocess.check_output(["nm", "-P", "-A", library], text=True).splitlines():
            place, name, kind = line.split()[:3]
            defines, asks = found.setdefault(place.partition("libcf_")[2], (set(), set()))
            (asks if kind == "U" else defines if kind.isupper() else set()).add(name)
    return found


def reached(below, start):
    seen, todo = set(), [start]
    while todo:
        for other in below[todo.pop()] - seen:
            seen.add(other)
            todo.append(other)
    return seen


class Calls(unittest.TestCase):
    def test_no_two_files_call_each_other_in_a_circle(self):
        files = objects()
        self.assertGreater(len(files), 150)
        home = {name: source for source, (defines, _) in files.items() for name in defines}
        below = {source: {home[name] for name in asks if name in home} - {source}
                 for source, (_, asks) in files.items()}
        circles = sorted(source for source in files if source in reached(below, source))
        self.assertEqual(circles, [], "\n" + "\n".join(circles))


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
