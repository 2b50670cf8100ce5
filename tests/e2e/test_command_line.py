"""What every command has: help with examples, short options, defaults from the environment."""

import re
import shlex

import house


def commands():
    listed = house.call("--help").out
    return re.findall(r"^  (\w+) ", listed.partition("commands:")[2], re.MULTILINE)


def examples(text):
    """The command lines of a help's examples, as words."""
    lines = text.partition("\nexamples:\n")[2].replace("\\\n", " ")
    return [shlex.split(line) for line in re.findall(r"^  (cvm-conformance .*)", lines, re.M)]


class CommandLine(house.Case):
    def test_help_is_the_same_however_it_is_asked_for(self):
        for command in commands():
            with self.subTest(command):
                long = house.call(command, "--help")
                self.assertEqual((long.code, long.err), (0, ""))
                self.assertEqual(house.call(command, "-h").out, long.out)
                self.assertEqual(house.call("help", command).out, long.out)
        self.assertEqual(house.call("-h").out, house.call("--help").out)
        self.assertEqual(house.call("help").out, house.call("--help").out)

    def test_version_has_a_short_option(self):
        self.assertEqual(house.call("-V").out, house.call("--version").out)

    def test_every_help_has_examples_with_options_that_exist(self):
        known = {name: house.call(name, "--help").out for name in commands()}
        for name, text in known.items():
            shown = examples(text)
            self.assertTrue(shown, name)
            for _, command, *words in shown:
                for option in (w for w in words if w.startswith("--")):
                    self.assertIn(f"\n  {option} ", known[command], f"{name}: {words}")

    def test_the_environment_names_a_profile(self):
        env = {"CVM_CONFORMANCE_PROFILE": "/nonexistent/acme.json"}
        for command in ("run", "list", "check"):
            done = house.call(command, env=env, cwd=self.folder)
            self.assertEqual(done.code, 2, str(done))
            self.assertIn("/nonexistent/acme.json", done.err)
        done = house.call("run", "--deviation", "accepted-200", env=env, cwd=self.folder)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("CVM_CONFORMANCE_PROFILE names a profile", done.err)
        done = house.call("check", env={"CVM_CONFORMANCE_PROFILE": ""})
        self.assertEqual(done.code, 0, str(done))

    def test_an_option_outweighs_the_environment(self):
        env = {"CVM_CONFORMANCE_PROFILE": "/nonexistent/a", "CVM_CONFORMANCE_OUT": "of-variable"}
        done = house.call("check", "--profile", "/nonexistent/b", env=env)
        self.assertIn("/nonexistent/b", done.err)
        del env["CVM_CONFORMANCE_PROFILE"]
        case = ("--case", "accepted.status-202*")
        done = house.call("run", *case, env=env, cwd=self.folder)
        self.assertEqual(done.code, 0, str(done))
        self.assertTrue((self.folder / "of-variable" / "results.json").is_file())
        done = house.call("run", *case, "--out", "of-option", env=env, cwd=self.folder)
        self.assertEqual(done.code, 0, str(done))
        self.assertTrue((self.folder / "of-option" / "results.json").is_file())


if __name__ == "__main__":
    house.main()
