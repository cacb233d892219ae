"""Copy and paste between the session and an X11 laptop: what arrives is what was copied, and nothing before somebody pastes."""
import os
import secrets
import subprocess
import unittest

from clipboards import LINES, META, SOON_S, Claim, copy, is_shared, paste, paste_bytes, targets
from lab import Lab, end, wait_for
from pictures import noise_png
from wiretap import Wiretap

TEXT = LINES * 40


class Clipboard(unittest.TestCase):
    def setUp(self):
        self.lab = Lab("640x480")
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.lab.share()
        self.laptop = self.lab.enrolled()

    def connect(self, *arguments):
        self.laptop.connect(*arguments)
        self.laptop.same_ms()

    def copied(self, display, text):
        """Copies, and waits until that is done: of two that copy at once either may be the last."""
        owner = copy(display, text)
        self.addCleanup(end, owner)
        wait_for("it is copied", lambda: paste(display, timeout_s=SOON_S) == text)

    def pasted(self, display):
        """What a paste gives right after the person did something."""
        self.laptop.xdotool("mousemove_relative", "1", "0", "click", "1")
        return paste(display)

    def test_to_the_session(self):
        """what was copied on the laptop is pasted in the session"""
        self.connect()
        self.copied(self.laptop.display, TEXT)
        wait_for("it is pasted", lambda: self.pasted(self.lab.display) == TEXT)

    def test_from_the_session(self):
        """what was copied in the session is pasted on the laptop"""
        self.connect()
        self.copied(self.lab.display, TEXT)
        wait_for("it is pasted", lambda: self.pasted(self.laptop.display) == TEXT)

    def test_in_turns(self):
        """each end copies after the other one: the last copy counts at both"""
        self.connect()
        for turn in range(3):
            self.copied(self.lab.display, f"session {turn}")
            wait_for("it is pasted on the laptop", lambda: self.pasted(self.laptop.display) == f"session {turn}")
            self.copied(self.laptop.display, f"laptop {turn}")
            wait_for("it is pasted in the session", lambda: self.pasted(self.lab.display) == f"laptop {turn}")

    def test_large(self):
        """four million bytes cross both ways"""
        self.connect()
        text = TEXT * (4_000_000 // len(TEXT.encode()))
        other = text + "other"
        self.copied(self.lab.display, other)
        wait_for("it is pasted", lambda: self.pasted(self.laptop.display) == other)
        self.copied(self.laptop.display, text)
        wait_for("it is pasted", lambda: self.pasted(self.lab.display) == text)

    def test_one_way(self):
        """with --clipboard from nothing goes to the session, and the other way all does"""
        self.connect("--clipboard", "from")
        self.copied(self.laptop.display, "not for the session")
        self.copied(self.lab.display, "for the laptop")
        wait_for("it is pasted", lambda: self.pasted(self.laptop.display) == "for the laptop")
        self.assertEqual(self.pasted(self.lab.display), "for the laptop")

    def test_without_the_capability(self):
        """a device without it pastes nothing, from the moment when it was taken away"""
        self.connect()
        self.copied(self.lab.display, "first")
        wait_for("it is pasted", lambda: self.pasted(self.laptop.display) == "first")
        self.lab.ctl("caps", "--", "laptop", "-clipboard-out")
        wait_for("nothing is pasted", lambda: not self.pasted(self.laptop.display))
        self.copied(self.lab.display, "second")
        self.assertFalse(self.pasted(self.laptop.display))

    def test_not_allowed(self):
        """who copies for a session in which nothing of the laptop's may be pasted is told so, once"""
        told = "clipboard: what was copied here stays here: the workstation does not allow it"
        self.laptop.start_display()
        self.copied(self.laptop.display, "before the session")
        self.connect()
        self.lab.ctl("caps", "--", "laptop", "-clipboard-in")
        self.copied(self.lab.display, "for the laptop")
        wait_for("it is pasted", lambda: self.pasted(self.laptop.display) == "for the laptop")
        self.assertNotIn(told, self.lab.lines())
        self.copied(self.laptop.display, "first")
        wait_for("the person is told", lambda: told in self.lab.lines())
        self.copied(self.laptop.display, "second")
        self.copied(self.lab.display, "for the laptop again")
        wait_for("it is pasted", lambda: self.pasted(self.laptop.display) == "for the laptop again")
        self.assertEqual(self.lab.lines().count(told), 1)


HTML = "<p>Grüße, <b>κόσμε</b> 🖐</p>"
QUIET_BYTES = 1000  # an offer, and what a connection says when nothing happens
HINT = "x-kde-passwordManagerHint"


class Contents(unittest.TestCase):
    """One connection for all: each test copies anew, over a wire whose bytes are counted."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.share()
        cls.laptop = cls.lab.enrolled()
        cls.tap = Wiretap(cls.lab.port)
        cls.addClassCleanup(cls.tap.stop)
        cls.laptop.run("set", "office", "address", f"127.0.0.1:{cls.tap.port}")
        cls.laptop.connect()
        cls.laptop.same_ms()

    def ends(self):
        """(who copies, who pastes), both ways."""
        return (self.lab.display, self.laptop.display), (self.laptop.display, self.lab.display)

    def copied(self, source, sink, content, target="UTF8_STRING"):
        """Copies at one end, and waits until the other one has heard of that, and of the last of all."""
        owner = copy(source, content, target=target)
        self.addCleanup(end, owner)
        kept = {"text/html": "text/html", "image/png": "image/png", "text/rtf": "text/rtf"}.get(target, "UTF8_STRING")
        wait_for("it is offered", lambda: is_shared(sink) and kept in targets(sink) and "_FARSEAT_ORIGIN" not in targets(source))
        return owner

    def pasted(self, sink, target):
        """What a program gets within the time after which a person's gesture no longer counts."""
        self.laptop.xdotool("mousemove_relative", "1", "0", "click", "1")
        return paste_bytes(sink, target)

    def assert_crosses(self, content, target, expected=None):
        for source, sink in self.ends():
            self.copied(source, sink, content, target)
            expected = content if expected is None else expected
            wait_for("it is pasted as it was", lambda: self.pasted(sink, target) == expected)

    def wire_bytes(self):
        return sum(len(data) for data in self.tap.up + self.tap.down)

    def test_nothing_but_the_offer(self):
        """of ten million bytes less than a thousand are on the wire before somebody pastes, and then all of them"""
        for source, sink in self.ends():
            text = f"on {source.name:>12}\n" * (10 * 65536)
            before = self.wire_bytes()
            self.copied(source, sink, text)
            self.assertLess(self.wire_bytes() - before, QUIET_BYTES)
            wait_for("it is pasted", lambda: (self.pasted(sink, "UTF8_STRING") or b"").decode() == text)
            self.assertGreater(self.wire_bytes() - before, len(text))

    def test_secrets(self):
        """of 200 passwords with the hint of their manager nothing is told, nothing is read, nothing is on the wire"""
        for source, sink in self.ends():
            owner = Claim(source, UTF8_STRING="no secret")
            self.addCleanup(owner.stop)
            wait_for("it is offered", lambda: is_shared(sink))
            before, asked = self.wire_bytes(), owner.asked()
            for _ in range(100):
                owner.again(UTF8_STRING=secrets.token_urlsafe(24), **{HINT: "secret"})
            wait_for("there is nothing to paste any more", lambda: self.pasted(sink, "UTF8_STRING") == b"")
            self.assertEqual(owner.asked(), asked)
            self.assertLess(self.wire_bytes() - before, 2 * QUIET_BYTES)  # the pointer's moves as well
            owner.again(UTF8_STRING="no secret either")
            wait_for("what is none is pasted", lambda: self.pasted(sink, "UTF8_STRING") == b"no secret either")
            owner.stop()

    def test_html(self):
        """HTML arrives as UTF-8 that says so, whatever its program wrote: with a meta, without one, as UTF-16"""
        plain = META + HTML.encode()
        self.assert_crosses(plain, "text/html")
        self.assert_crosses(HTML.encode(), "text/html", plain)
        self.assert_crosses(HTML.encode("utf-16"), "text/html", plain)
        self.assert_crosses("<b>é</b>".encode("utf-16-le"), "text/html", META + "<b>é</b>".encode())

    def test_picture(self):
        """a PNG arrives byte for byte"""
        self.assert_crosses(noise_png(), "image/png")

    def test_rtf(self):
        """so does RTF"""
        self.assert_crosses(b"{\\rtf1\\ansi {\\b Gr\\'fc\\'dfe}\\par\n}", "text/rtf")

    def test_too_large(self):
        """what is over the limit is refused at once, and the person is told in the window"""
        for (source, sink), where in zip(self.ends(), ("on this laptop", "in the session")):
            owner = self.copied(source, sink, b"x" * (17 << 20))
            wait_for("the person is told", lambda: self.pasted(sink, "UTF8_STRING") is not None or
                     f"not pasted {where}: it is too large (at most 16 MiB of text" in self.lab.lines())
            self.assertIsNone(self.pasted(sink, "UTF8_STRING"))
            end(owner)  # xclip answers nobody any more once somebody has not read all of a large text

    def test_damaged_picture(self):
        """a picture that is none is refused, and the person is told in the window"""
        for (source, sink), where in zip(self.ends(), ("on this laptop", "in the session")):
            self.copied(source, sink, b"BM, which is no PNG, whatever its program says", "image/png")
            wait_for("it is refused", lambda: self.pasted(sink, "image/png") is None and f"not pasted {where}: it is damaged" in self.lab.lines())

    def test_xsel(self):
        """xsel copies and pastes, CLIPBOARD and PRIMARY each for itself"""
        for source, sink in self.ends():
            for option, word in (("--clipboard", "copied"), ("--primary", "selected")):
                text = f"{word} on {source.name}"
                subprocess.run(["xsel", option, "--input"], input=text.encode(), env=source.environment(), check=True)
                self.addCleanup(subprocess.run, ["xsel", option, "--delete"], env=source.environment())
                wait_for("it is pasted", lambda: self.gesture() or self.selected(sink, option) == text)

    def gesture(self):
        self.laptop.xdotool("mousemove_relative", "1", "0", "click", "1")

    @staticmethod
    def selected(display, option):
        return subprocess.run(["xsel", option, "--output"], env=display.environment(), capture_output=True, timeout=20).stdout.decode()


class Nested(unittest.TestCase):
    """A session in which another workstation's window stands."""

    def test_nested(self):
        """copy and paste go through both, each way, and nothing goes round"""
        outer, inner = Lab("640x480"), Lab("640x480")
        for lab in (inner, outer):
            self.addCleanup(lab.__exit__, None, None, None)
        inner.share()
        outer.init()
        outer.start_daemon()
        between = inner.enrolled()  # in the outer session
        between.display = outer.display
        between.connect()
        between.same_ms()
        laptop = outer.enrolled()
        tap = Wiretap(outer.port)
        self.addCleanup(tap.stop)
        laptop.run("set", "office", "address", f"127.0.0.1:{tap.port}")
        laptop.connect()
        laptop.same_ms()

        def pasted(display):
            laptop.xdotool("mousemove_relative", "1", "0", "click", "1")
            return paste(display)
        for turn in range(2):
            for source, sink in ((inner.display, laptop.display), (laptop.display, inner.display)):
                owner = copy(source, f"turn {turn} from {source.name}")
                self.addCleanup(end, owner)
                wait_for("it is pasted", lambda: pasted(sink) == f"turn {turn} from {source.name}")
                self.assertEqual(paste(source), f"turn {turn} from {source.name}")
                self.assertNotIn("_FARSEAT_ORIGIN", targets(source))
