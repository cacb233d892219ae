"""One virtual session that changes its size under windows of several sizes, which come, go and lose their link."""
import collections
import os
import random
import re
import subprocess
import time
import unittest

from lab import Canvas, Display, Failure, Lab, end, kill9, program, wait_for

SCREEN = "1600x1000"
ROUNDS = 8  # of leaving the session large and coming back small
STEPS = 24
STEPS_TO_REST = 4
SEED = int(os.environ.get("FARSEAT_E2E_SEED", "0")) or random.randrange(1, 1 << 31)
VARIETY_MIN = 16  # different bytes in a row that stands nowhere else
SIZES = ("900x600", "640x480", "1280x800", "700x900", "1023x577", "1500x950")

Picture = collections.namedtuple("Picture", "width height rows")


class VirtualDisplay(Display):
    """The display of a virtual session, which asks for its cookie."""

    def __init__(self, lab):  # pylint: disable=super-init-not-called
        self.name = lab.ctl_json("status")["daemon"]["display"]
        self.cookie = os.path.join(lab.server_home, "run", "Xauthority")

    def environment(self):
        return {**os.environ, "DISPLAY": self.name, "XAUTHORITY": self.cookie}


def picture_of(display, path):
    """What the display shows; None when it changed its size just then."""
    if subprocess.run([program("xlook"), "ppm", display.name, path], env=display.environment(), capture_output=True, timeout=20).returncode != 0:
        return None
    with open(path, "rb") as f:
        data = f.read()
    _, size, _, pixels = data.split(b"\n", 3)
    width, height = (int(n) for n in size.split())
    return Picture(width, height, [pixels[y * width * 3:(y + 1) * width * 3] for y in range(height)])


def wrong_rows(session, rows, x, y):
    return sum(row != session.rows[y + i][x * 3:x * 3 + len(row)] for i, row in enumerate(rows))


def is_part(session, rows):
    """Whether these rows are those of some place of the session, which is looked for by the row that has most in it."""
    variety, at = max((len(set(row)), i) for i, row in enumerate(rows))
    if variety < VARIETY_MIN:
        return False
    for y in range(session.height - len(rows) + 1):
        x = session.rows[y + at].find(rows[at])
        if x >= 0 and x % 3 == 0 and all(row == session.rows[y + i][x:x + len(row)] for i, row in enumerate(rows)):
            return True
    return False


class Viewer:
    """One laptop and its window, at 1:1."""

    def __init__(self, lab, name):
        self.laptop = lab.enrolled(name)
        self.laptop.start_display()
        self.lab = lab

    def connect(self, *arguments):
        self.laptop.connect("--scale", "1:1", *arguments, fullscreen=False)

    def xdotool(self, *arguments):
        return subprocess.run(["xdotool", *arguments], env=self.laptop.environment(self.laptop.display), capture_output=True, text=True, timeout=20)

    def area(self):
        """Where the window is: x, y, width, height; None before it is there."""
        r = self.xdotool("search", "--onlyvisible", "--class", "farseat", "getwindowgeometry", "--shell")
        found = {k: int(v) for k, v in re.findall(r"^([A-Z]+)=(-?\d+)$", r.stdout, re.MULTILINE)}
        return (found["X"], found["Y"], found["WIDTH"], found["HEIGHT"]) if "HEIGHT" in found else None

    def resize(self, size):
        self.xdotool("search", "--onlyvisible", "--class", "farseat", "windowsize", *size.split("x"))

    def lose_link(self):
        pid = self.laptop.link_pid()
        if pid:
            kill9(pid)

    def differs(self, session):
        """What is wrong with the window, or ""."""
        if self.laptop.window.poll() is not None:
            raise Failure(f"{self.laptop.name} ended with status {self.laptop.window.returncode}")
        area = self.area()
        if not area:
            return "no window"
        shown = picture_of(self.laptop.display, os.path.join(self.lab.folder, "shown.ppm"))
        if not shown:
            return "the laptop's display cannot be read"
        # At 1:1 what is smaller than the window is in its middle, and the pointer pans what is larger.
        x, y = (area[i] + max(area[2 + i] - session[i], 0) // 2 for i in (0, 1))
        width, height = (min(area[2 + i], session[i], shown[i] - at) for i, at in ((0, x), (1, y)))
        rows = [row[x * 3:(x + width) * 3] for row in shown.rows[y:y + height]]
        wrong = wrong_rows(session, rows, 0, 0)
        if not wrong or is_part(session, rows):
            return ""
        return f"{wrong} of {height} rows differ in the window {area} of a session of {session.width}x{session.height}"


class Sizes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(SCREEN)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon("--virtual", SCREEN, "--session", "exec sleep 1000000")
        wait_for("the session", lambda: cls.lab.ctl_json("status")["daemon"]["session_ready"])
        cls.display = VirtualDisplay(cls.lab)
        cls.canvas = Canvas(cls.display)
        cls.addClassCleanup(cls.canvas.stop)
        cls.canvas("photo 1")
        cls.canvas("cursor 0")  # a window whose own pointer is elsewhere draws the session's into the picture
        cls.viewers = [Viewer(cls.lab, name) for name in ("one", "two", "three")]

    def setUp(self):
        self.steps = []
        self.addCleanup(self.close)

    def close(self):
        for v in self.viewers:
            end(v.laptop.window)
            v.laptop.window = None

    def rest(self):
        """Every window shows what the session's display shows, and no link was ended for what it said."""
        wrong = ""

        def equal():
            nonlocal wrong
            session = picture_of(self.display, os.path.join(self.lab.folder, "session.ppm"))
            if not session:
                wrong = "the session changes its size"
                return False
            wrong = next(filter(None, (f"{v.laptop.name}: {d}" for v in self.viewers if v.laptop.window and (d := v.differs(session)))), "")
            return not wrong
        try:
            wait_for("the windows show the session", equal, pause_s=0.05)
        except Failure as e:
            self.fail(f"{e}; {wrong}; FARSEAT_E2E_SEED={SEED}, after: {'; '.join(self.steps)}")
        self.assertFalse("broke the rules" in self.lab.lines(), f"a link broke the rules; FARSEAT_E2E_SEED={SEED}, after: {'; '.join(self.steps)}")

    def test_left_larger(self):
        """a session that was left larger than the next window, round after round"""
        v = self.viewers[0]
        for i in range(ROUNDS):
            self.steps = [f"round {i}"]
            v.connect("--fullscreen")
            self.canvas(f"photo {i}")
            self.rest()
            end(v.laptop.window)
            v.connect("--size", "900x600")
            self.canvas(f"rects 40 {i}")
            self.rest()
            end(v.laptop.window)

    def step(self, rng):
        """One thing that happens to one of the windows; says what."""
        v = rng.choice(self.viewers)
        size = rng.choice(SIZES)
        what = rng.choice(("resize", "resize", "full screen", "reconnect", "lose the link", "several"))
        if not v.laptop.window or what == "reconnect":
            end(v.laptop.window)
            arguments = ("--fullscreen",) if rng.random() < 0.4 else ("--size", size)
            v.connect(*arguments)
            return f"{v.laptop.name} connects {arguments[-1]}"
        if what == "resize":
            v.resize(size)
            return f"{v.laptop.name} resizes {size}"
        if what == "full screen":
            wait_for("the window", v.area)
            time.sleep(0.2)  # it has the focus: Return alone would be the card's
            v.xdotool("key", "ctrl+alt+Return")
            return f"{v.laptop.name} {what}"
        if what == "lose the link":
            v.lose_link()
            return f"{v.laptop.name} loses its link"
        for other in self.viewers:
            if other.laptop.window:
                other.resize(rng.choice(SIZES))
        return "all resize"

    def test_at_random(self):
        """three windows resize, go full screen, reconnect and lose their links at random; at each rest all equal the session"""
        rng = random.Random(SEED)
        for i in range(STEPS):
            self.steps.append(self.step(rng))
            if rng.random() < 0.7:
                self.canvas(rng.choice((f"photo {i % 7}", f"rects {rng.randrange(100)} {i}", f"scroll {rng.randrange(300)}",
                                        f"window {rng.randrange(1200)} {rng.randrange(700)}")))
            time.sleep(rng.choice((0, 0.02, 0.1, 0.3)))
            if i % STEPS_TO_REST == STEPS_TO_REST - 1:
                self.rest()
