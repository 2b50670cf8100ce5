"""How files are written: one form for case files, clang-format for C, no line over 100 columns."""

import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import format_json
import environments

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 100
CLANG_FORMAT = "14.0.6"

KINDS = (".c", ".h", ".def", ".cmake", ".sh", ".py")
# Written by programs, or by people elsewhere.
NOT_OURS = r"(build|conformance-report|\.git|docs/contract)/"


def files(*kinds):
    for path in sorted(ROOT.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and path.suffix in kinds and not re.match(NOT_OURS, name):
            yield path


def is_script(path):
    with open(path, "rb") as file:
        return not path.suffix and file.read(2) == b"#!"


class Form(unittest.TestCase):
    def expect_none(self, found):
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_json_is_as_the_formatter_writes_it(self):
        found = []
        for path in format_json.all_files():
            name = path.relative_to(ROOT)
            text = path.read_text(encoding="utf-8")
            found += format_json.problems_of(name, text)
            if format_json.written(text) != text:
                found.append(f"{name}: not in form; tests/lint/format_json.py writes it")
        self.expect_none(found)

    def test_no_line_is_over_100_columns(self):
        found = []
        scripts = [p for p in sorted((ROOT / "scripts").iterdir()) if is_script(p)]
        lists = [p for p in files(".txt") if p.name == "CMakeLists.txt"]
        for path in [*files(*KINDS), *lists, *scripts, ROOT / ".ci" / "run"]:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if len(line) > COLUMNS:
                    found.append(f"{path.relative_to(ROOT)}:{number}: {len(line)} columns")
        self.expect_none(found)

    @staticmethod
    def clang_format():
        """Other versions write other forms, so it is this one or none."""
        for name in ("clang-format-14", "clang-format"):
            program = shutil.which(name)
            said = subprocess.check_output([program, "--version"], text=True) if program else ""
            if CLANG_FORMAT in said:
                return program
        wanted = f"clang-format=={CLANG_FORMAT}\n"
        return environments.environment("clang-format", wanted) / "clang-format"

    def test_c_is_as_clang_format_writes_it(self):
        sources = [str(path) for path in files(".c", ".h")]
        done = subprocess.run([self.clang_format(), "--dry-run", *sources], cwd=ROOT,
                              capture_output=True, text=True, timeout=120)
        self.expect_none([line for line in done.stderr.splitlines() if "warning:" in line])
        self.assertEqual(done.returncode, 0, done.stderr)


class FormatJson(unittest.TestCase):
    """What format_json.py does with what it is given."""

    def expect(self, given, written):
        self.assertEqual(format_json.written(given), written)
        self.assertEqual(format_json.written(written), written)

    def test_what_fits_stands_on_one_line(self):
        self.expect('{"a":\n{"b" : [1,\n2], "c":{}}}', '{\n  "a": {"b": [1, 2], "c": {}}\n}\n')

    def test_scalars_stay_as_they_were_written(self):
        text = '{\n  "a": [1e400, 9007199254740993, 1.0, "\\u00e9\\/", "é", null, true]\n}\n'
        self.expect(text, text)

    def test_a_request_has_one_member_a_line(self):
        self.expect(
            '{"steps": [{"request": "read", "setup": true}, {"request": "read"}]}',
            '{\n  "steps": [\n    {\n      "request": "read",\n      "setup": true\n    },\n'
            '    {"request": "read"}\n  ]\n}\n',
        )

    def test_an_only_member_begins_on_the_line_of_its_object(self):
        long = "x" * 90
        self.expect(
            '{"let": {"asked": {"a": "%s", "b": 1}}, "c": 1}' % long,
            '{\n  "let": {"asked": {\n    "a": "%s",\n    "b": 1\n  }},\n  "c": 1\n}\n' % long,
        )

    def test_a_long_text_is_cut_at_spaces_and_put_together_again(self):
        words = " ".join(["word"] * 30)
        written = format_json.written('{"why": "%s"}' % words)
        self.assertIn('  "why": [\n    "word word', written)
        self.assertEqual(list(format_json.problems_of("f", written)), [])
        self.expect(written, written)
        self.expect('{"why": ["a few", "words"]}', '{\n  "why": "a few words"\n}\n')

    def test_a_line_that_cannot_be_cut_is_told(self):
        text = format_json.written('{"json": "%s"}' % ("x" * 100))
        self.assertEqual(list(format_json.problems_of("f", text)), ["f:2: 112 columns"])


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
