"""The manual page and --help name the same commands and options; profiles in documents work."""

import re
import shutil
import subprocess
import unittest

import house

PAGE = house.SOURCE / "docs" / "cvm-conformance.1"
EVERYWHERE = {"help"}


def commands():
    listed = house.call("--help").out
    return re.findall(r"^  (\w+) ", listed.partition("commands:")[2], re.MULTILINE)


def options_of_help(command):
    said = house.call(command, "--help")
    return set(re.findall(r"^  --([a-z-]+)", said.out, re.MULTILINE)) - EVERYWHERE


def sections():
    """Options that the page names under each command."""
    text = PAGE.read_text().partition(".SH COMMANDS")[2].partition(".SH EXIT STATUS")[0]
    found = {}
    for part in text.split("\n.SS ")[1:]:
        head, _, body = part.partition("\n")
        body = re.sub(r'"run \\-\\-.*', "", body)  # of another command
        names = re.findall(r"\\-\\-((?:[a-z]|\\-)+)", body)
        found[head.split()[0]] = {name.replace("\\-", "-") for name in names}
    return found


class Manual(house.Case):
    def test_commands_are_the_same(self):
        self.assertEqual(list(sections()), commands())

    def test_options_are_the_same(self):
        named = sections()
        for command in commands():
            with self.subTest(command):
                self.assertEqual(named.get(command), options_of_help(command))

    def test_variables_are_the_same(self):
        told = set()
        for command in commands():
            told |= set(re.findall(r"\$(CVM_CONFORMANCE_\w+)", house.call(command, "--help").out))
        self.assertTrue(told)
        page = PAGE.read_text().partition(".SH ENVIRONMENT")[2]
        self.assertEqual(set(re.findall(r"^\.B (CVM_CONFORMANCE_\w+)$", page, re.M)), told)

    def test_profiles_in_documents_are_good(self):
        for page in ("README.md", "docs/profile.md"):
            text = (house.SOURCE / page).read_text()
            path = self.folder / "acme.json"
            path.write_text(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])
            done = house.call("check", "--profile", path, env={"ACME_API_KEY": "not-a-secret"})
            self.assertEqual(done.code, 0, f"{page}: {done}")

    def test_links_of_documents_lead_somewhere(self):
        pages = [*house.SOURCE.glob("*.md"), *house.SOURCE.glob("docs/**/*.md")]
        pages += [house.SOURCE / "cases/README.md", house.SOURCE / "tests/fastapi/README.md"]
        for path in pages:
            name = path.relative_to(house.SOURCE)
            for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
                self.assertTrue((path.parent / target).exists(), f"{name}: {target}")

    def test_exit_codes_are_told(self):
        text = PAGE.read_text().partition(".SH EXIT STATUS")[2]
        for code in ("0", "1", "2", "3", "128+n"):
            self.assertIn(f"\n.B {code}\n", text)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_page_is_well_formed(self):
        done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", PAGE], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    house.main()
