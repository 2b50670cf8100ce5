"""What no compiler checks: which floor includes which, who owns a library, banned calls."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A folder may include its own headers and those of the folders named here.
ENGINE = ("harness/base", "harness/record", "harness/case", "harness/match", "harness/http")
DOMAIN = (*ENGINE, "harness/run")
BELOW_CLI = (*DOMAIN, "harness/pool", "suites", "reports", "reference")
FLOORS = {
    "harness/base": (),
    "harness/record": ("harness/base",),
    "harness/case": ("harness/base", "harness/record"),
    "harness/match": ("harness/base", "harness/record"),
    "harness/http": ("harness/base", "harness/record"),
    "harness/run": ENGINE,
    "harness/pool": (*ENGINE, "harness/run"),
    "suites": DOMAIN,
    "reports": ("harness/base", "harness/record"),
    "reference": ("harness/base",),
    "cli/base": BELOW_CLI,
    "cli/selftest": (*BELOW_CLI, "cli/base"),
    "cli/certify": (*BELOW_CLI, "cli/base", "cli/selftest"),
    "cli/cost": (*BELOW_CLI, "cli/base", "cli/selftest"),
    "cli/init": (*BELOW_CLI, "cli/base"),
    "cli/openapi": (*BELOW_CLI, "cli/base"),
    "cli/completion": ("harness/base", "cli/base"),
    "cli": (*BELOW_CLI, "cli/base", "cli/selftest", "cli/certify", "cli/init",
            "cli/openapi", "cli/cost", "cli/completion"),
}
ROOMS = ("harness", "suites", "reports", "reference", "cli")

# What the public names of a room begin with, where the room has a prefix of its own.
PREFIXES = {"suites": "cf_cvm_", "reference": "cf_ref_", "reports": "cf_report_"}
PUBLIC = re.compile(r"^(?:extern )?[a-z_][^;=/]*?\b(cf_\w+)(?:\(|\[[^]]*\];|;)")

# Names that every folder may have.
COMMON_NAMES = ("CMakeLists.txt", "README.md", ".gitignore", "package.json")

# Header of a library: the folders that may include it. tests/ may include anything.
OWNERS = {
    # The reference asks its node without the client that judges it.
    r"curl/": ("harness/http", "reference/rpc.c"),
    r"cmocka\.h": ("harness/pool",),
    r"microhttpd\.h": ("reference",),
    r"libxml/": (),
    r"yaml\.h": ("cli/openapi",),
    r"zlib\.h": ("harness/base/gzip.c", "harness/http"),
    r"openssl/": ("harness/base", "harness/http", "cli/certify"),
}

BANNED = {
    r"\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|sscanf|rand|srand|alloca"
    r"|system|popen|setlocale|mktemp|tmpnam)\s*\(": "banned by the style",
    r"\bcJSON_(GetObjectItem|HasObjectItem)\s*\(": "ignores the case of names",
    r"\bcJSON_Compare\s*\(": "takes different numbers for equal",
    r"\bcJSON_Parse(WithLength|WithOpts)?\s*\(": "is lenient; use cf_json_parse()",
    r"(->|\.)valueint\b": "saturates",
}


# Memory comes from harness/base/mem.h, which never answers NULL.
ALLOCATION = r"(?<![\w.>])(malloc|calloc|realloc|reallocarray|strn?dup|v?asprintf|getline)\s*\("


def sources(*folders):
    for folder in folders:
        yield from sorted(p for p in (ROOT / folder).rglob("*.[ch]") if p.is_file())


def without_comments_and_strings(text):
    """The code with the rest blanked out, lines kept."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL)


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*[<"]([^">]+)[">]', line)
        if found:
            yield number, found[1]


def folder_of(name):
    """The floor or room that a path below the root belongs to."""
    parts = Path(name).parts
    split = parts[0] == "harness" or (parts[0] == "cli" and len(parts) > 2)
    return "/".join(parts[:2]) if split else parts[0]


def expand(word):
    """The files that a word of a document names: x.[ch] is two. None where it is a made-up name, or
    a file that the program writes."""
    ends = r"(?:[ch]|\[ch\]|py|def)" if "/" not in word else r"(?:[ch]|\[ch\]|py|def|md|json|txt)"
    if not re.fullmatch(rf"[\w./*-]+\.{ends}", word) or "NAME" in word:
        return []
    return [word.replace("[ch]", end) for end in "ch"] if word.endswith("[ch]") else [word]


class Lint(unittest.TestCase):
    def expect_none(self, found):
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_includes_point_downwards(self):
        found = []
        for path in sources(*ROOMS):
            name = path.relative_to(ROOT)
            floor = folder_of(name)
            for number, header in includes(path):
                if not (ROOT / header).is_file():
                    continue
                if folder_of(header) not in (floor, *FLOORS[floor]):
                    found.append(f"{name}:{number}: {floor} must not know {header}")
        self.expect_none(found)

    def test_modules_do_not_include_each_other_in_a_circle(self):
        below = {}
        for path in sources(*ROOMS):
            module = path.relative_to(ROOT).with_suffix("").as_posix()
            below.setdefault(module, set()).update(
                header[:-2] for _, header in includes(path)
                if (ROOT / header).is_file() and header[:-2] != module
            )
        # What includes nothing that is left can be in no circle.
        while done := [m for m, needs in below.items() if not needs & below.keys()]:
            for module in done:
                del below[module]
        reached = {m for m in below if self.reaches(below, m, m)}
        self.expect_none(sorted(reached))

    @staticmethod
    def reaches(below, start, goal):
        seen, todo = set(), [start]
        while todo:
            for module in below.get(todo.pop(), ()):
                if module == goal:
                    return True
                if module not in seen:
                    seen.add(module)
                    todo.append(module)
        return False

    def test_no_two_files_share_a_name(self):
        """A case file is named by its requirement, within its suite."""
        seen, found = {}, []
        for path in sorted(ROOT.rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if not path.is_file() or path.name in COMMON_NAMES or path.name.endswith(".pyc"):
                continue
            if re.match(r"(build|conformance-report|\.git|tests/data|cases/[^/]*)/", name):
                continue
            first = seen.setdefault(path.name, name)
            if first != name:
                found.append(f"{name}: has the name of {first}")
        self.expect_none(found)

    def test_headers_are_named_from_the_root(self):
        found = []
        for path in sources(*ROOMS, "tests"):
            for number, header in includes(path):
                if (path.parent / header).is_file() and not (ROOT / header).is_file():
                    found.append(f"{path.relative_to(ROOT)}:{number}: {header}")
        self.expect_none(found)

    def test_each_library_has_one_owner(self):
        found = []
        for path in sources(*ROOMS):
            name = path.relative_to(ROOT)
            for number, header in includes(path):
                for pattern, owners in OWNERS.items():
                    if not re.match(pattern, header):
                        continue
                    if folder_of(name) not in owners and name.as_posix() not in owners:
                        found.append(f"{name}:{number}: {header} belongs to {', '.join(owners)}")
        self.expect_none(found)

    def test_banned_calls(self):
        found = []
        for path in sources(*ROOMS):
            code = without_comments_and_strings(path.read_text())
            for number, line in enumerate(code.splitlines(), 1):
                for pattern, why in BANNED.items():
                    hit = re.search(pattern, line)
                    if hit:
                        name = path.relative_to(ROOT)
                        found.append(f"{name}:{number}: {hit[0].strip('( ')}: {why}")
        self.expect_none(found)

    def test_memory_comes_from_one_place(self):
        found = []
        for path in sources(*ROOMS):
            name = path.relative_to(ROOT).as_posix()
            code = without_comments_and_strings(path.read_text())
            for number, line in enumerate(code.splitlines(), 1):
                hit = re.search(ALLOCATION, line)
                if hit and name != "harness/base/mem.c":
                    found.append(f"{name}:{number}: {hit[1]}: use harness/base/mem.h")
        self.expect_none(found)

    def test_public_names_begin_with_their_rooms_prefix(self):
        found = []
        for room, prefix in PREFIXES.items():
            for path in sources(room):
                for number, line in enumerate(path.read_text().splitlines(), 1):
                    name = PUBLIC.match(line) if path.suffix == ".h" else None
                    if name and not name[1].startswith(prefix):
                        found.append(f"{path.relative_to(ROOT)}:{number}: {name[1]}, not {prefix}")
        self.expect_none(found)

    def test_headers_have_guards_of_their_own(self):
        found = []
        seen = {}
        for path in sources(*ROOMS, "tests"):
            if path.suffix != ".h":
                continue
            name = path.relative_to(ROOT).as_posix()
            guard = re.search(r"^#ifndef (CF_\w+_H)\n#define \1\n", path.read_text(), re.MULTILINE)
            if not guard:
                found.append(f"{name}: no guard")
            elif seen.setdefault(guard[1], name) != name:
                found.append(f"{name}: has the guard of {seen[guard[1]]}")
        self.expect_none(found)

    def test_text_files_are_clean(self):
        found = []
        kinds = (".c", ".h", ".py", ".md", ".txt", ".cmake", ".json", ".sh")
        for path in sorted(ROOT.rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix not in kinds or not path.is_file():
                continue
            if re.match(r"(build|conformance-report|\.git|tests/data|docs/contract)/", name):
                continue
            text = path.read_text()
            if "\r" in text or "\t" in text:
                found.append(f"{name}: tab or carriage return")
            if re.search(r"[ ]+\n", text):
                found.append(f"{name}: white space at a line's end")
            if text and not text.endswith("\n"):
                found.append(f"{name}: no newline at the end")
        self.expect_none(found)

    def test_the_map_names_what_is_there(self):
        """Files and functions in the documents for contributors exist."""
        code = "".join(path.read_text() for path in sources(*ROOMS))
        tracked = [path for room in (*ROOMS, "cases", "tests", "scripts", "docs")
                   for path in (ROOT / room).rglob("*")]
        found = []
        for name in ("docs/design.md", "CONTRIBUTING.md"):
            for word in re.findall(r"`([^`\n]+)`", (ROOT / name).read_text()):
                call = re.fullmatch(r"(cf_[a-z0-9_]+)\(\)", word)
                if call and not re.search(rf"\b{call[1]}\b", code):
                    found.append(f"{name}: {word}")
                for file in expand(word):
                    if not any(path.match(file) for path in tracked):
                        found.append(f"{name}: {file}")
        self.expect_none(found)


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
