"""Copy and paste where one end has Wayland: sway, wl-copy and wl-paste as a person there has them."""
import os
import subprocess
import time
import unittest

from clipboards import copy, paste_bytes
from lab import Lab, end, wait_for
from sway import Sway

TEXT = "שלום, κόσμε 🖐\r\nzweite Zeile\n" * 40


class ClipboardWayland(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.sway = Sway(cls.lab.log, "640x480")
        cls.addClassCleanup(cls.sway.stop)
        cls.lab.share()
        cls.sway.window_of(cls.lab, cls.lab.enrolled())
        # A keyboard that stays: with the last one the focus goes, and comes with the next.
        keyboard = subprocess.Popen(**cls.sway.there("wtype", "-s", "600000"), stdout=subprocess.DEVNULL, stderr=cls.lab.log)
        cls.addClassCleanup(end, keyboard)

    def pasted(self, target):
        """What a program of the session gets right after the person did something."""
        self.sway.run("wtype", "-k", "Shift_L")
        return paste_bytes(self.lab.display, target)

    def copied_in_session(self, content, target=None):
        owner = copy(self.lab.display, content, target=target)
        self.addCleanup(end, owner)

    def test_text(self):
        """text, both ways"""
        self.sway.copy(TEXT.encode())
        wait_for("it is pasted in the session", lambda: self.pasted("UTF8_STRING") == TEXT.encode())
        self.copied_in_session("back: " + TEXT)
        wait_for("it is pasted on the laptop", lambda: self.sway.run("wl-paste", "--no-newline") == ("back: " + TEXT).encode())

    def test_large(self):
        """four million bytes, both ways"""
        text = (TEXT * (4_000_000 // len(TEXT.encode()))).encode()
        self.sway.copy(text)
        wait_for("it is pasted in the session", lambda: self.pasted("UTF8_STRING") == text)
        self.copied_in_session(b"back" + text)
        wait_for("it is pasted on the laptop", lambda: self.sway.run("wl-paste", "--no-newline") == b"back" + text)

    def test_picture(self):
        """a PNG byte for byte, both ways"""
        for size in (40, 300_001):
            content = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1" + os.urandom(size)
            self.sway.copy(content, "--type", "image/png")
            wait_for("it is pasted in the session", lambda: self.pasted("image/png") == content)
            self.copied_in_session(content + b"back", "image/png")
            wait_for("it is pasted on the laptop", lambda: self.sway.run("wl-paste", "--type", "image/png") == content + b"back")

    def test_selected(self):
        """what is selected, each way, beside what is copied"""
        self.sway.copy(b"copied")
        self.sway.copy(b"selected", "--primary")
        wait_for("it is pasted in the session", lambda: self.sway.run("wtype", "-k", "Shift_L") is not None and
                 paste_bytes(self.lab.display, "UTF8_STRING", "primary") == b"selected" and self.pasted("UTF8_STRING") == b"copied")
        owner = copy(self.lab.display, "selected there", "primary")
        self.addCleanup(end, owner)
        wait_for("it is pasted on the laptop", lambda: self.sway.run("wtype", "-k", "Shift_L") is not None and
                 self.sway.run("wl-paste", "--no-newline", "--primary") == b"selected there")


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1"
HINT = b"x-kde-passwordManagerHint"


class ClipboardWaylandSession(unittest.TestCase):
    """The session is sway's, the laptop's window X11's."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480", kind=Sway)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.share()
        cls.sway = cls.lab.display
        cls.laptop = cls.lab.enrolled()
        cls.laptop.connect()
        cls.laptop.same_ms()

    def gesture(self):
        self.laptop.xdotool("mousemove_relative", "1", "0", "click", "1")

    def pasted_there(self, *options):
        """What a program of the session gets right after the person did something."""
        self.gesture()
        return self.sway.run("wl-paste", "--no-newline", *options)

    def copied_here(self, content, selection="clipboard", target=None):
        owner = copy(self.laptop.display, content, selection, target)
        self.addCleanup(end, owner)

    def crosses(self, content, target, *options):
        """It is pasted in the session, and what is copied there on the laptop."""
        self.copied_here(content, target=target)
        wait_for("it is pasted in the session", lambda: self.pasted_there(*options) == content)
        back = content + b"back"
        self.sway.copy(back, *options)
        wait_for("it is pasted on the laptop", lambda: paste_bytes(self.laptop.display, target) == back)

    def test_text(self):
        """text, both ways"""
        self.crosses(TEXT.encode(), "UTF8_STRING")

    def test_large(self):
        """four million bytes, both ways"""
        self.crosses((TEXT * (4_000_000 // len(TEXT.encode()))).encode(), "UTF8_STRING")

    def test_picture(self):
        """a PNG byte for byte, both ways"""
        self.crosses(PNG + os.urandom(300_001), "image/png", "--type", "image/png")

    def test_html(self):
        """HTML of the laptop, with its encoding said"""
        self.copied_here("<b>Grüße</b>", target="text/html")
        wait_for("it is pasted in the session", lambda: (self.pasted_there("--type", "text/html") or b"").endswith("<b>Grüße</b>".encode()))

    def test_selected(self):
        """what is selected, each way, beside what is copied"""
        self.copied_here("copied")
        self.copied_here("selected", "primary")
        wait_for("both are pasted", lambda: self.pasted_there("--primary") == b"selected" and self.pasted_there() == b"copied")
        self.sway.copy(b"selected there", "--primary")
        wait_for("it is pasted on the laptop", lambda: paste_bytes(self.laptop.display, "UTF8_STRING", "primary") == b"selected there")

    def test_nobody_pasted(self):
        """a program that fetches what is offered gets nothing, and is told that it is none of its business"""
        self.copied_here("nobody has pasted this")
        wait_for("it is offered", lambda: HINT in (self.sway.run("wl-paste", "--list-types") or b""))
        self.assertFalse(self.sway.run("wl-paste", "--no-newline"))
        wait_for("it is pasted", lambda: self.pasted_there() == b"nobody has pasted this")

    def test_pipe_that_stays(self):
        """a program that pastes much and reads none of it costs the agent no time, and the next one gets all"""
        text = (TEXT * 2000).encode()
        self.copied_here(text)
        wait_for("it is offered", lambda: self.pasted_there() == text)
        self.gesture()
        lazy = subprocess.Popen(**self.sway.there("sh", "-c", "wl-paste | sleep 600"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(end, lazy)
        wait_for("the next one is served", lambda: self.pasted_there() == text)
        agent = self.lab.pid_of("farseat-agent-wayland")
        before, start = cpu_s(agent), time.monotonic()
        wait_for("a second passes", lambda: time.monotonic() - start > 1)
        self.assertLess(cpu_s(agent) - before, 0.5)


def cpu_s(pid):
    """Seconds of a processor that it has used."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
