"""Copy and paste between the session and an X11 laptop: what arrives is what was copied, and nothing before somebody pastes."""
import subprocess
import unittest

from lab import PATIENCE_S, Lab, end, wait_for

# Right to left, beyond the basic plane, both ends of a line.
TEXT = "שלום, κόσμε 🖐\r\nzweite Zeile\n" * 40


def copy(display, text, selection="clipboard"):
    """Owns the selection until somebody else does; the process."""
    owner = subprocess.Popen(["xclip", "-quiet", "-in", "-selection", selection], env=display.environment(), stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    owner.stdin.write(text.encode())
    owner.stdin.close()
    return owner


def paste(display, selection="clipboard"):
    r = subprocess.run(["xclip", "-out", "-selection", selection, "-target", "UTF8_STRING"], env=display.environment(), capture_output=True,
                       timeout=PATIENCE_S)
    return r.stdout.decode() if r.returncode == 0 else None


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
        wait_for("it is copied", lambda: paste(display) == text)

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
