"""The command that repeats a case, pasted into a shell from every report, fails again."""

import html
import json
import re
import subprocess
import xml.etree.ElementTree as ET

import house

CASE = "accepted.status-202[update-cvm]"


def from_junit(text):
    element = ET.fromstring(text).find(f".//testcase[@name='{CASE}']/failure")
    return [line for line in element.text.splitlines() if " --case " in line][-1]


def from_html(text):
    for piece in re.findall(r'class="cf-piece">(.*?)</script>', text, re.DOTALL):
        for case in json.loads(piece):
            if case["record"]["id"] == CASE:
                return case["repeat"]
    raise AssertionError("the case is not in the page")


def from_lines(text):
    return [line.strip() for line in text.splitlines() if line.endswith(f"--case '{CASE}'")][0]


def from_plain_html(text):
    """What a reader without scripts sees."""
    return html.unescape(from_lines(text.replace("&#39;", "'")))


def from_tap(text):
    point = text.partition(f"- {CASE}\n")[2]
    return json.loads(re.search(r"^ *repeat: (.*)$", point, re.MULTILINE)[1])


class Again(house.Case):
    def commands(self, done):
        results = self.out / "results.json"
        found = {"console": from_lines(done.out)}
        for name, read in (("junit", from_junit), ("html", from_html), ("markdown", from_lines),
                           ("tap", from_tap)):
            path = self.folder / f"report.{name}"
            self.assertEqual(house.call("report", results, f"--{name}", path).code, 0)
            found[name] = read(path.read_text())
        found["html, plain"] = from_plain_html((self.folder / "report.html").read_text())
        return found

    def paste(self, done):
        """Each, once: they are the same, but for what a report does to its text."""
        commands = self.commands(done)
        self.assertEqual(set(commands.values()), {commands["console"]})
        pasted = subprocess.run(["bash", "-c", commands["console"]], capture_output=True, text=True,
                                cwd=self.folder, env=house.environment(), timeout=house.LIMIT_S)
        self.assertEqual(pasted.returncode, 1, pasted.stdout + pasted.stderr)
        return commands["console"], json.loads(
            (self.folder / "conformance-report" / "results.json").read_text())

    def test_a_deviation_of_the_reference(self):
        done = self.run_suite("--case", "accepted.status-202*", "--deviation", "accepted-200",
                              "--seed", "7", expect=1)
        command, again = self.paste(done)
        self.assertEqual(again["seed"], 7)
        self.assertEqual([c["verdict"] for c in again["cases"] if c["id"] == CASE], ["fail"])
        self.assertNotIn("--out", command)

    def test_a_profile_whose_name_wants_quotes(self):
        reference = self.enter(house.Reference("--deviation", "accepted-200"))
        profile = reference.write(self.folder, name="it's $a \"profile\".json")
        cases = self.folder / "more cases"
        cases.mkdir()
        done = self.run_suite("--profile", profile.name, "--cases", cases.name, "--case",
                              "accepted.status-202*", expect=1, cwd=self.folder)
        _, again = self.paste(done)
        self.assertEqual(again["iut"]["base_url"], reference.base_url)

    def test_a_profile_from_the_environment(self):
        reference = self.enter(house.Reference("--deviation", "accepted-200"))
        profile = reference.write(self.folder)
        done = self.run_suite("--case", "accepted.status-202*", expect=1,
                              env={"CVM_CONFORMANCE_PROFILE": str(profile)})
        _, again = self.paste(done)
        self.assertEqual(again["iut"]["base_url"], reference.base_url)


if __name__ == "__main__":
    house.main()
