"""Completions, asked for in the shells themselves."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

import house

BASH = r"""
source "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_cvm_conformance
printf '%s\n' "${COMPREPLY[@]}"
"""

# zsh completes at a prompt only: in a terminal of its own, with the line and a tab typed into it.
# What is offered is noted by a compadd of ours.
ZSH_SETUP = r"""
autoload -Uz compinit
compinit -u -D
source $SCRIPT
LISTMAX=1000
unsetopt beep
compadd() {
    local -a seen
    if [[ "$*" != *-[OAD]\ * ]]; then
        builtin compadd -O seen "$@"
        print -rl -- $seen END >>$FOUND
    fi
    builtin compadd "$@"
}
"""
ZSH = r"""
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "source $SETUP"
zpty -w -n z "$LINE"$'\t'
for i in {1..400}; do
    zpty -r -t z chunk
    grep -q END $FOUND && break
    sleep 0.05
done
zpty -d z
"""


class Completions(house.Case):
    def script(self, shell):
        path = self.folder / f"completion.{shell}"
        done = house.call("completion", shell)
        self.assertEqual(done.code, 0, str(done))
        path.write_text(done.out)
        return path

    def shell(self, *command, **env):
        """Lines that the shell prints; the program is found on its path."""
        path = f"{Path(house.PROGRAM).parent}:{os.environ['PATH']}"
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=self.folder,
                              env={**house.environment(env), "PATH": path})
        self.assertEqual(done.returncode, 0, done.stderr)
        return [line for line in done.stdout.splitlines() if line]

    def bash(self, *words):
        return self.shell("bash", "--norc", "-c", BASH, "bash", "cvm-conformance", *words,
                          SCRIPT=str(self.script("bash")))

    def fish(self, line):
        if not shutil.which("fish"):
            self.skipTest("fish is not installed")
        script = f"source {self.script('fish')}; complete -C 'cvm-conformance {line}'"
        found = self.shell("fish", "--no-config", "-c", script, HOME=str(self.folder),
                           XDG_CONFIG_HOME=str(self.folder))
        return [text.partition("\t")[0] for text in found]

    def test_bash_knows_the_commands(self):
        self.assertEqual(self.bash("re"), ["restore", "report"])
        self.assertIn("explore", self.bash(""))

    def test_bash_knows_the_options_of_a_command(self):
        self.assertEqual(self.bash("run", "--fail"), ["--fail-fast", "--fail-on", "--failed"])
        self.assertEqual(self.bash("verify", "--fail"), [])

    def test_bash_knows_what_an_option_takes(self):
        (self.folder / "a profile.json").write_text("{}")
        (self.folder / "a folder").mkdir()
        self.assertEqual(self.bash("run", "--level", "m"), ["must"])
        self.assertEqual(self.bash("run", "--level", "="), ["must", "should", "observe"])
        self.assertEqual(self.bash("run", "--level", "=", "s"), ["should"])
        self.assertEqual(sorted(self.bash("run", "--profile", "a")),
                         ["a folder", "a profile.json"])
        self.assertEqual(self.bash("run", "--out", "a"), ["a folder"])
        self.assertEqual(self.bash("run", "--suite", "pa"), ["partial"])
        self.assertIn("accepted-200", self.bash("run", "--deviation", "accepted-"))

    def test_bash_knows_operands(self):
        (self.folder / "results.json").write_text("{}")
        self.assertEqual(self.bash("report", "res"), ["results.json"])
        self.assertEqual(self.bash("show", "accepted.status"), ["accepted.status-202"])
        self.assertEqual(self.bash("help", "ver"), ["verify"])
        self.assertEqual(self.bash("run", ""), [])

    def test_fish(self):
        self.assertEqual(sorted(self.fish("re")), ["report", "restore"])
        self.assertEqual(sorted(self.fish("run --fail")), ["--fail-fast", "--fail-on", "--failed"])
        self.assertEqual(self.fish("run --level m"), ["must"])
        self.assertEqual(self.fish("run --suite pa"), ["partial"])
        self.assertEqual(self.fish("show accepted.status"), ["accepted.status-202"])

    def test_zsh(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        script = self.script("zsh")
        self.shell("zsh", "-n", str(script))
        for line, wanted in (("re", {"report", "restore"}),
                             ("run --level ", {"must", "should", "observe"}),
                             ("run --suite pa", {"partial"})):
            with self.subTest(line):
                found = self.folder / "found"
                found.write_text("")
                setup = self.folder / "setup.zsh"
                setup.write_text(ZSH_SETUP)
                self.shell("zsh", "-f", "-c", ZSH, SCRIPT=str(script), FOUND=str(found),
                           SETUP=str(setup), LINE="cvm-conformance " + line,
                           HOME=str(self.folder))
                self.assertEqual(set(found.read_text().split()) & wanted, wanted)

    def test_another_shell_is_refused(self):
        done = house.call("completion", "tcsh")
        self.assertEqual(done.code, 2)
        self.assertIn('"tcsh" is not bash, zsh or fish', done.err)


if __name__ == "__main__":
    house.main()
