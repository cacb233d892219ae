"""KeePassXC itself: a password that it copies stays on the machine where it was copied."""
import secrets
import subprocess
import unittest

from clipboards import copy, is_shared, paste, paste_bytes, targets
from desktop import Home, slow_programs
from lab import PATIENCE_S, Lab, end, wait_for

HINT = "x-kde-passwordManagerHint"
MASTER = "master"
CONFIG = b"[General]\nUpdateCheckMessageShown=true\n[GUI]\nCheckForUpdates=false\n[Security]\nClearClipboard=false\n"


class KeePassXC(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        slow_programs()
        cls.lab = Lab("1024x768")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.share()
        cls.laptop = cls.lab.enrolled()
        cls.laptop.connect()
        cls.laptop.same_ms()

    def entry(self, home, password):
        """Makes a database with one entry, and opens it."""
        database = f"{home.inside}/passwords.kdbx"
        for command, answers in ((("db-create", "-p", database), (MASTER, MASTER)), (("add", "-p", "-u", "me", database, "entry"), (MASTER, password))):
            subprocess.run(home.command("keepassxc-cli", *command), env=home.environment, input="".join(a + "\n" for a in answers).encode(), check=True,
                           timeout=PATIENCE_S, stdout=self.lab.log, stderr=self.lab.log)
        process = home.start("keepassxc", "--config", home.put("keepassxc.ini", CONFIG), "--pw-stdin", database, stdin=subprocess.PIPE)
        process.stdin.write(MASTER.encode() + b"\n")
        process.stdin.flush()

    def assert_stays(self, source, sink):
        """Copies by KeePassXC's own shortcut on source: sink has nothing any more."""
        home = Home(self.lab.log, DISPLAY=source.name)
        home.environment["TMPDIR"] = home.inside  # where it looks for another one of the same person
        self.addCleanup(home.stop)
        before = copy(source, "no secret")
        self.addCleanup(end, before)
        wait_for("what is none is offered", lambda: is_shared(sink))
        password = secrets.token_urlsafe(24)
        self.entry(home, password)
        window = wait_for("its window is there", lambda: self.window(source), 60)
        wait_for("it copies the password", lambda: self.copies(source, window) and paste(source) == password, 60, 0.5)
        self.laptop.xdotool("search", "--onlyvisible", "--class", "farseat", "windowfocus")
        wait_for("there is nothing to paste any more", lambda: self.gesture() or not paste_bytes(sink, "UTF8_STRING"))
        self.assertNotIn("clipboard out" if source is self.lab.display else "clipboard in", self.lab.lines())

    @staticmethod
    def window(display):
        """By its title, which has the database's name once that is open."""
        r = subprocess.run(["xdotool", "search", "--name", "passwords.*KeePassXC"], env=display.environment(), capture_output=True, text=True)
        return (r.stdout.split() or [None])[0]

    @staticmethod
    def copies(display, window):
        display.xdotool("windowfocus", window, "key", "--clearmodifiers", "Tab", "Down", "ctrl+c")
        return HINT in targets(display)

    def gesture(self):
        self.laptop.xdotool("mousemove_relative", "1", "0", "click", "1")

    def test_in_the_session(self):
        """copied in the session: not offered to the laptop"""
        self.assert_stays(self.lab.display, self.laptop.display)

    def test_on_the_laptop(self):
        """copied on the laptop: not offered to the session"""
        self.assert_stays(self.laptop.display, self.lab.display)
