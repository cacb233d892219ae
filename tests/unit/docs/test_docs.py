#!/usr/bin/python3
"""The manual page and the completions of a program hold every command and option of its --help.

  test_docs.py PROGRAM PAGE.scd
--help is printed from the tables that parse the command line (common/cli/options.h); so are the completions. The page is
written by hand. The completions are asked as the shells ask them; zsh and fish where they are installed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, PAGE = sys.argv[1], sys.argv[2]
NAME = os.path.basename(PROGRAM)
OPTION = re.compile(r"^  (?:-(.), |    )--([a-z0-9-]+)(?: (\S+))?")
COMMAND = re.compile(r"^  ([a-z]+) ")


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20, check=True).stdout


class Help:
    """What --help lists: commands, and of each command (and of the program: None) options as {name: (letter, value)}."""

    def __init__(self):
        self.options = {None: self.options_in(run("--help"))}
        block = re.search(r"^Commands:\n(.*?)\n\n", run("--help"), re.M | re.S)
        # The help of a long one stands on a line of its own.
        self.commands = [COMMAND.match(line).group(1) for line in block.group(1).splitlines() if line[2] != " "] if block else []
        for command in self.commands:
            self.options[command] = self.options_in(run(command, "--help"))

    @staticmethod
    def options_in(text):
        found = (OPTION.match(line) for line in text.splitlines())
        return {m.group(2): (m.group(1), m.group(3)) for m in found if m}

    def everywhere(self):
        return {**self.options[None]}


HELP = Help()


class Page(unittest.TestCase):
    """The manual page."""

    def setUp(self):
        with open(PAGE, encoding="utf-8") as f:
            self.text = f.read()

    def test_help_was_understood(self):
        self.assertIn("version", HELP.options[None])
        if NAME != "farseatd":
            self.assertGreater(len(HELP.commands), 5)
        else:
            self.assertIn("listen", HELP.options[None])

    def test_commands(self):
        for command in HELP.commands:
            self.assertRegex(self.text, rf"(?m)^\*{command}\*", f"'{command}' is not in {PAGE}")

    def section(self, command):
        """What stands below a command, up to the next."""
        m = re.search(rf"(?m)^\*{command}\*.*\n(?:(?:\t.*)?\n)*", self.text)
        return m.group(0) if m else ""

    def test_options(self):
        general = self.text[self.text.index("# OPTIONS"):]
        for command, options in HELP.options.items():
            for name, (letter, _) in options.items():
                entry = (rf"\*-{letter}\*, " if letter else "") + rf"\*--{name}\*"
                where = general if command is None else self.section(command) + general
                self.assertRegex(where, entry, f"--{name} of {command or NAME} is not in {PAGE}")

    def test_nothing_else(self):
        """An option that is gone is gone from the page."""
        known = {name for options in HELP.options.values() for name in options} | {"user", "now"}  # systemctl's
        for name in re.findall(r"--([a-z0-9-]+)", self.text):
            self.assertIn(name, known, f"{PAGE} names --{name}, which {NAME} does not have")


class Completions:
    """The same questions to each shell."""

    def test_commands(self):
        got = self.complete("")
        for command in HELP.commands:
            self.assertIn(command, got)

    def test_options(self):
        for command, options in HELP.options.items():
            got = self.complete(*([command] if command else []), "--")
            for name in options:
                if command is None or name not in HELP.options[None]:
                    self.assertIn("--" + name, got, f"after {command or NAME}")

    def test_words_of_a_value(self):
        asked = 0
        for command, options in HELP.options.items():
            for name, (_, value) in options.items():
                if value and re.fullmatch(r"[a-z|]+", value):
                    got = self.complete(*([command] if command else []), "--" + name, "")
                    self.assertEqual(sorted(got), sorted(value.split("|")), f"--{name}")
                    asked += 1
        if NAME != "farseatd":
            self.assertGreater(asked, 0)

    def test_names(self):
        """Names come from the program's own list: known workstations, enrolled devices."""
        if NAME == "farseat":
            for command in ("connect", "screenshot", "remove", "doctor"):
                self.assertEqual(sorted(self.complete(command, "")), ["home", "office"], command)
            self.assertIn("office", self.complete("o"))  # farseat NAME
            self.assertEqual(self.complete("connect", "--size", "800x600", "of"), ["office"])
            self.assertEqual(self.complete("connect", "office", ""), [])
        elif NAME == "farseatctl":
            self.assertEqual(sorted(self.complete("revoke", "")), ["home", "office"])
            self.assertEqual(sorted(self.complete("role", "office", "")), ["control", "view"])

    def test_files(self):
        if NAME == "farseat":
            self.assertEqual(self.complete("screenshot", "office", "pict"), ["picture.png"])
        elif NAME == "farseatctl":
            self.assertEqual(self.complete("sign", "--csr", "pict"), ["picture.png"])
        else:
            self.assertEqual(self.complete("--config", "pict"), ["picture.png"])

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        # A program of that name for the lists that completions ask for, as the real one prints them.
        stub = os.path.join(cls.folder, NAME)
        with open(stub, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nprintf 'NAME  REST\\noffice  10.0.0.1:7420  never\\nhome  x  y\\n'\n")
        os.chmod(stub, 0o755)
        with open(os.path.join(cls.folder, "picture.png"), "wb"):
            pass
        cls.script = os.path.join(cls.folder, "_" + NAME)
        with open(cls.script, "w", encoding="utf-8") as f:
            f.write(run("--completion", cls.shell))
        cls.environment = {**os.environ, "PATH": cls.folder + ":" + os.environ["PATH"], "HOME": cls.folder, "LC_ALL": "C.UTF-8"}

    def ask(self, *command, stdin=None):
        r = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=self.folder, env=self.environment, input=stdin)
        self.assertEqual(r.stderr, "")
        return r.stdout.split("\n")


class Bash(Completions, unittest.TestCase):
    shell = "bash"

    def complete(self, *words):
        code = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }\n'
                f'_{NAME}; printf "%s\\n" "${{COMPREPLY[@]}}"')
        return [w for w in self.ask("bash", "--norc", "-c", code, "bash", self.script, NAME, *words) if w]

    def test_divided_value(self):
        """Readline divides --name=value into three words."""
        if NAME == "farseat":
            self.assertEqual(self.complete("connect", "--keys", "=", "ph"), ["physical"])
            self.assertEqual(self.complete("connect", "--keys", "=", "physical", "of"), ["office"])

    def test_words_behind_a_placeholder(self):
        if NAME == "farseatctl":
            self.assertEqual(self.complete("tunnel", ""), ["init", "authorized-key", "connect"])
            self.assertEqual(self.complete("caps", "tom", "+cl"), ["+clipboard-in", "+clipboard-out"])
            self.assertEqual(self.complete("caps", "tom", "+see", "+re"), ["+resize"])


class Fish(Completions, unittest.TestCase):
    shell = "fish"

    def complete(self, *words):
        line = " ".join([NAME, *words])
        code = f"source {self.script}; complete -C '{line}'"
        return [w.split("\t")[0] for w in self.ask("fish", "--no-config", "-c", code) if w]


class Zsh(Completions, unittest.TestCase):
    """In a terminal of zsh's own (zpty), with a completion system that prints what it would offer; one for all questions."""
    shell = "zsh"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.process = subprocess.Popen(["zsh", "-f", "-c", ZSH_ANSWERS, "zsh", cls.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       text=True, cwd=cls.folder, env=cls.environment)
        cls.addClassCleanup(cls.process.communicate, timeout=30)

    def complete(self, *words):
        self.process.stdin.write(" ".join([NAME, *words]) + "\n")
        self.process.stdin.flush()
        got = []
        while (line := self.process.stdout.readline()) != "<answered>\n":
            self.assertNotEqual(line, "", "zsh ended")
            got.append(line.strip())
        return [w for w in got if w and (words[-1] or not w.startswith("-"))]  # zsh offers options where no argument is left


# compadd is where every completion of zsh ends: it is made to tell its matches (-O) and to add nothing.
ZSH_ANSWERS = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1= PROMPT_EOL_MARK= ; unsetopt zle_bracketed_paste; fpath=('$1' $fpath); autoload -U compinit; compinit -u -D'
zpty -w shell 'compadd() {
	local -a __matches
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
	builtin compadd -O __matches "$@"
	(( $#__matches )) && print -l -- $__matches
	return 0
}'
zpty -w shell 'complete_it() { print "<begin>"; _main_complete; compstate[insert]=; compstate[list]=; print "<end>" }
zle -C complete_it complete-word complete_it; bindkey "^I" complete_it; print "<ready>"'
zpty -r shell out '*<ready>'$'\r'
while IFS= read -r line; do
	zpty -w -n shell $'\025'$line$'\t' # ^U: away with the last one
	zpty -r shell out '*<end>'
	print -r -- ${${${out##*<begin>}%<end>*}//$'\r'/}
	print '<answered>'
done
zpty -d shell
"""

if __name__ == "__main__":
    loader = unittest.defaultTestLoader
    cases = [Page, Bash] + [case for case in (Zsh, Fish) if shutil.which(case.shell)]
    result = unittest.TextTestRunner(verbosity=1).run(unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in cases))
    sys.exit(not result.wasSuccessful())
