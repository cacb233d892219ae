"""Clipboard managers as they are, in the session: what a laptop has copied is fetched by none of them, and pastes are right nevertheless."""
import unittest

from clipboards import Claim, copy, is_shared, paste_bytes
from desktop import Home, root_of_desktop
from lab import Failure, Lab, end, wait_for

START_S = 60  # clipman starts two daemons first


class Managers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        root_of_desktop()
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.share()
        cls.laptop = cls.lab.enrolled()
        cls.laptop.connect()
        cls.laptop.same_ms()

    def start(self, *command):
        """A manager on the session's display; all that it starts ends with it."""
        home = Home(self.lab.log, DISPLAY=self.lab.display.name)
        self.addCleanup(home.stop)
        return home.start(*command)

    def fetches(self, word):
        """It reads what a program of the session copies: whatever was copied before, it has dealt with."""
        wait_for("it fetches what is copied", lambda: self.fetches_once(word), START_S)

    def fetches_once(self, word):
        owner = Claim(self.lab.display, UTF8_STRING=word)
        try:
            return wait_for("it asks", owner.asked, 3)
        except Failure:  # it has not come up yet, and does not look at what was copied before
            return False
        finally:
            owner.stop()

    def came(self):
        return self.lab.lines().count("clipboard in:")

    def assert_nothing_fetched(self, *command):
        manager = self.start(*command)
        self.fetches("before")
        came = self.came()
        for turn in range(3):
            owner = copy(self.laptop.display, f"{command[0]} {turn}")
            self.addCleanup(end, owner)
            wait_for("it is offered", lambda: is_shared(self.lab.display))
            self.fetches(f"local {turn}")
        self.assertEqual(self.came(), came, "something was fetched without a gesture")
        owner = copy(self.laptop.display, f"{command[0]} at last")
        self.addCleanup(end, owner)
        wait_for("it is offered", lambda: is_shared(self.lab.display))
        wait_for("it is pasted", lambda: self.pasted() == f"{command[0]} at last".encode())
        self.assertIsNone(manager.poll())

    def pasted(self):
        self.laptop.xdotool("mousemove_relative", "1", "0", "click", "1")
        return paste_bytes(self.lab.display, "UTF8_STRING")

    def test_clipman(self):
        """xfce4-clipman fetches nothing of the laptop's"""
        self.assert_nothing_fetched("dbus-run-session", "xfce4-clipman")

    def test_copyq(self):
        """nor does CopyQ"""
        self.assert_nothing_fetched("copyq")

    def test_parcellite(self):
        """nor does Parcellite, which asks twice a second"""
        self.assert_nothing_fetched("parcellite", "-n")
