"""What a person sees of our own: launcher, session, menu, statistics and a card, at several sizes of text and in a tiny window.

FARSEAT_LOOKS=FOLDER keeps the pictures there, as PPM, to be looked at.
"""
import os
import subprocess
import unittest

from lab import Lab, end, program, wait_for


def grab(display, path):
    """(width, height, RGB bytes) of a display, which path keeps."""
    subprocess.run([program("xlook"), "ppm", display.name, path], check=True)
    with open(path, "rb") as f:
        _, size, _, pixels = f.read().split(b"\n", 3)
    return (*map(int, size.split()), pixels)


def box(before, after):
    """The smallest rectangle in which two pictures differ: (left, top, right, bottom), or None."""
    width, height, _ = before
    rows = [y for y in range(height) if before[2][3 * y * width:3 * (y + 1) * width] != after[2][3 * y * width:3 * (y + 1) * width]]
    if not rows:
        return None
    left, right = width, 0
    for y in rows:
        a, b = (p[2][3 * y * width:3 * (y + 1) * width] for p in (before, after))
        columns = [x for x in range(width) if a[3 * x:3 * x + 3] != b[3 * x:3 * x + 3]]
        left, right = min(left, columns[0]), max(right, columns[-1])
    return left, rows[0], right, rows[-1]


class Looks(unittest.TestCase):
    """The panels stand whole in their window, and are as large as the display's scale says."""

    def look(self, name):
        """The laptop's display once it rests."""
        path = os.path.join(os.environ.get("FARSEAT_LOOKS", self.lab.folder), f"{self.shot}-{name}.ppm")
        last = None
        while (now := grab(self.laptop.display, path)) != last:
            last = now
        return now

    def opened(self, what, before):
        """What was opened: where it stands, once something is there."""
        wait_for(what, lambda: box(before, self.look(what)))
        return box(before, self.look(what))

    def start(self, size, dpi):
        self.shot = f"{size}-{dpi}dpi"
        self.lab = Lab(size)
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.lab.share()
        self.laptop = self.lab.enrolled("laptop")
        self.laptop.start_display()
        subprocess.run(["xrdb", "-merge"], input=f"Xft.dpi: {dpi}\n", text=True, check=True, env=self.laptop.environment(self.laptop.display))

    def panels(self, size, dpi):
        """{panel: its width}."""
        self.start(size, dpi)
        width, height = map(int, size.split("x"))
        empty = self.look("empty")
        launcher = subprocess.Popen([program("farseat")], env=self.laptop.environment(self.laptop.display), stdin=subprocess.DEVNULL,
                                    stdout=self.lab.log, stderr=self.lab.log)
        self.addCleanup(end, launcher)
        self.opened("launcher", empty)
        for key, page in ("s", "settings"), ("Escape", "launcher-again"), ("Delete", "remove"):
            self.laptop.xdotool("key", key)
            self.look(page)
        end(launcher)
        self.laptop.connect()
        self.laptop.same_ms()
        session = self.look("session")
        widths = {}
        self.laptop.xdotool("key", "ctrl+alt+m")
        widths["menu"] = self.whole("menu", session, width, height)
        self.laptop.xdotool("key", "Escape")
        self.laptop.same_ms()
        self.lab.stop_daemon()
        self.opened("card", session)  # the picture behind it is dimmed: as large as the window
        self.laptop.close()
        return widths

    def whole(self, what, before, width, height):
        left, top, right, bottom = self.opened(what, before)
        self.assertTrue(0 < left and 0 < top and right < width - 1 and bottom < height - 1, (what, self.shot, left, top, right, bottom))
        return right - left + 1

    def test_scales(self):
        """at 96, 144 and 192 dpi"""
        plain = self.panels("1280x800", 96)
        for dpi in 144, 192:
            with self.subTest(dpi=dpi):
                for what, panel_width in self.panels("1280x800", dpi).items():
                    self.assertGreater(panel_width, plain[what] * dpi / 96 * 0.85, what)

    def test_tiny(self):
        """in 640x480 nothing is cut off"""
        self.panels("640x480", 96)
