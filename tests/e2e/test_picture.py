"""The client's window is the workstation's display, bit for bit."""
import itertools
import os
import subprocess
import time
import unittest

from lab import Canvas, Display, Lab, end, program, wait_for, within
from pictures import assert_same_picture

SETTLE_MS = 1000  # exact within a second after changes stop
DELAYED_PICTURES = 60


class Picture(unittest.TestCase):
    kind = Display

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(kind=cls.kind)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()
        cls.canvas = Canvas(cls.lab.display)
        cls.addClassCleanup(cls.canvas.stop)
        cls.laptop.connect()
        cls.canvas("photo 1")
        cls.laptop.same_ms()

    def settles(self, draw):
        """What draw(number of the try) says is drawn, and the window is exact in time."""
        tries = itertools.count()

        def measure():
            for command in draw(next(tries)):
                self.canvas(command)
            return self.laptop.same_ms()
        within(SETTLE_MS, measure)

    def test_photograph(self):
        """a full-screen photograph is exact within a second"""
        for seed in range(2, 6):
            self.settles(lambda number, seed=seed: [f"photo {seed + 10 * number}"])

    def test_rectangles(self):
        """200 random rectangles are exact within a second"""
        for seed in range(3):
            self.settles(lambda number, seed=seed: [f"rects 200 {seed + 10 * number}"])

    def test_moved_window(self):
        """a window moved over a photograph is exact within a second"""
        self.settles(lambda number: [f"photo {9 + 10 * number}", *(f"window {step * 13} {step * 7}" for step in range(40))])

    def test_scrolled_noise(self):
        """scrolled content is exact within a second"""
        self.settles(lambda _: [f"scroll {lines}" for lines in (1, 8, 37, 120, 8, 8)])

    def test_counted(self):
        """what 'sessions' tells of each kind of coding is there while a picture is encoded, too"""
        before = self.lab.sessions()[0]["stats"]["bytes"]
        self.assertGreater(sum(before.values()), 0)
        for seed in range(200, 220):
            self.canvas(f"photo {seed}")
            after = self.lab.sessions()[0]["stats"]["bytes"]
            for kind, count in before.items():
                self.assertGreaterEqual(after[kind], count, kind)
            before = after
        self.laptop.same_ms()

    def test_terminal(self):
        """a scrolling terminal is exact within a second"""
        within(SETTLE_MS, self.after_terminal_ms)

    def after_terminal_ms(self):
        done = os.path.join(self.lab.folder, f"printed-{time.monotonic_ns()}")
        terminal = subprocess.Popen(
            ["xterm", "-geometry", "160x50+100+80", "-fa", "DejaVu Sans Mono", "-e",
             "for i in 1 2 3 4 5; do ls -lR --color=always /etc | head -n 400; done; tput civis; touch \"$DONE\"; sleep 60"],
            env={**self.lab.display.environment(), "DONE": done},
            stdout=self.lab.log, stderr=self.lab.log)
        self.addCleanup(end, terminal)
        wait_for("the terminal has printed", lambda: os.path.exists(done))
        return self.laptop.same_ms()

    def test_screenshot(self):
        """`farseat screenshot` without a display writes the exact picture"""
        self.canvas("photo 3")
        assert_same_picture(self, self.lab, lambda path: self.laptop.run("screenshot", "office", path))


class Delays(unittest.TestCase):
    def test_none_stands_still(self):
        """whatever is delayed when, the picture never stands still before it is exact"""
        delays = {"LD_PRELOAD": program("libdelays.so")}
        with Lab() as lab:
            lab.init()
            lab.start_daemon(environment=delays)
            laptop = lab.enrolled()
            laptop.connect(environment=delays)
            canvas = Canvas(lab.display)
            self.addCleanup(canvas.stop)
            for number in range(DELAYED_PICTURES):
                canvas(f"rects 200 {number}")
                laptop.same_ms()


if __name__ == "__main__":
    unittest.main()
