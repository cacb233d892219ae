"""A workstation whose session is a Wayland compositor's of the wlroots family: what other files ask of X11, asked of sway."""
import os
import subprocess
import unittest

import test_picture
from lab import Canvas, Display, Lab, alive, children_of, end, kill9, name_of, program, wait_for
from sway import OwnSway, Sway


class SwayPicture(test_picture.Picture):
    kind = Sway
    test_terminal = None  # an X11 program


class SwayInput(unittest.TestCase):
    """What is typed and pointed arrives in a program of the session."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(kind=Sway)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()
        cls.path = os.path.join(cls.lab.folder, "told")
        with open(cls.path, "wb") as out:
            window = subprocess.Popen([program("wkeys"), cls.lab.display.name], stdin=subprocess.DEVNULL, stdout=out, stderr=cls.lab.log)
        cls.addClassCleanup(end, window)
        wait_for("the window has the focus", lambda: "ready\n" in cls.told())

    @classmethod
    def told(cls, since=0):
        with open(cls.path, encoding="utf-8") as f:
            return f.read()[since:]

    def lines(self, since):
        return self.told(since).splitlines()

    def text(self, since):
        return "".join(line[len("text "):] for line in self.lines(since) if line.startswith("text "))

    def types(self, text):
        since = len(self.told())
        self.laptop.run("type", "office", text)
        wait_for(f"typed: {text}", lambda: len(self.text(since)) >= len(text))
        self.assertEqual(self.text(since), text)
        self.assertNotIn("keymap is broken", self.told())

    def test_layout(self):
        """every printable character of ASCII, by the keys of the layout and their modifiers"""
        self.types("".join(chr(c) for c in range(0x21, 0x7f)))

    def test_beyond_the_layout(self):
        """letters of other layouts, signs and pictures that the layout lacks"""
        self.types("Gr\u00fc\u00dfe \u20ac \u0416\u0443\u043a \u03a9 \u00e9\u00c9\u00f1 \U0001f600")

    def test_more_than_there_are_keycodes(self):
        """more letters that the layout lacks than keycodes are free"""
        self.types("".join(chr(c) for c in range(0x410, 0x450)))

    def test_shortcut(self):
        """a modifier is held while its key goes down, and let go afterwards"""
        since = len(self.told())
        self.laptop.run("key", "office", "ctrl+c")
        wait_for("the key is up again", lambda: any(line in self.lines(since) for line in ("key Control_L up", "key Control_R up")))
        keys = [line for line in self.lines(since) if line.startswith("key ")]
        self.assertEqual(keys, ["key Control_L down", "key c down", "key c up", "key Control_L up"])
        self.assertEqual(self.text(since), "")

    def test_window(self):
        """pointer, buttons and wheel, from the laptop's window"""
        self.laptop.connect()
        self.laptop.same_ms()
        since = len(self.told())

        def arrives(*lines):
            wait_for(f"{lines}", lambda: all(line in self.lines(since) for line in lines))
        self.laptop.xdotool("mousemove", "640", "360")
        arrives("motion 640 360")
        self.laptop.xdotool("click", "1", "click", "3")
        arrives("button 272 down", "button 272 up", "button 273 down", "button 273 up")
        self.laptop.xdotool("click", "5")
        arrives("wheel 0 1500")
        self.laptop.xdotool("click", "4")
        arrives("wheel 0 -1500")
        self.laptop.xdotool("key", "q", "Q")
        arrives("text q", "text Q")
        self.assertEqual(self.laptop.close(), 0)


def size_of(lab):
    daemon = lab.ctl_json("status")["daemon"]
    return f"{daemon['width']}x{daemon['height']}"


class SwaySizes(unittest.TestCase):
    def test_follows_the_window(self):
        """the headless output becomes as large as the window of whoever connects, and the picture is exact"""
        with Lab("1024x768", kind=Sway) as lab:
            lab.share()
            for name, size in (("one", "1281x803"), ("two", "700x901")):
                laptop = lab.enrolled(name)
                laptop.display = Display(lab.log, size)
                lab.cleanup.callback(laptop.display.stop)
                laptop.connect()
                wait_for(f"the session is {size}", lambda: size_of(lab) == size)
                laptop.same_ms()
                self.assertEqual(laptop.close(), 0)


class SwayOutputs(unittest.TestCase):
    """Outputs that are turned, placed and added while somebody is connected. sway 1.7 can switch none off that is headless."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480", kind=Sway)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        cls.sway = cls.lab.display
        cls.laptop = cls.lab.enrolled(role="view")
        cls.laptop.connect()

    def becomes(self, size):
        wait_for(f"the session is {size}", lambda: size_of(self.lab) == size)

    def photo(self):
        """A picture that fills the first output, as the laptop has it."""
        canvas = Canvas(self.sway)
        path = os.path.join(self.lab.folder, "seen.png")
        try:
            canvas("photo 1")
            self.laptop.run("screenshot", "office", path)
        finally:
            canvas.stop()
        with open(path, "rb") as f:
            return f.read()

    def test_turned(self):
        """however the monitor is turned, the picture is upright, bit for bit"""
        self.becomes("640x480")
        lying = self.photo()
        for transform in ("180", "flipped", "flipped-180"):
            self.sway.order(f"output HEADLESS-1 transform {transform}")
            self.assertEqual(self.photo(), lying, transform)
        self.sway.order("output HEADLESS-1 transform normal mode 480x640@144Hz")
        self.becomes("480x640")
        standing = self.photo()
        self.sway.order("output HEADLESS-1 mode 640x480@144Hz")
        for transform in ("90", "270", "flipped-90", "flipped-270"):
            self.sway.order(f"output HEADLESS-1 transform {transform}")
            self.becomes("480x640")
            self.assertEqual(self.photo(), standing, transform)
        self.sway.order("output HEADLESS-1 transform normal")
        self.becomes("640x480")

    def test_two(self):
        """a second output comes, is placed, turned and scaled"""
        self.becomes("640x480")
        self.sway.order("create_output")
        self.sway.order("output HEADLESS-2 mode 320x200@60Hz position 640 100")
        self.becomes("960x480")
        self.sway.order("output HEADLESS-2 position 0 480")
        self.becomes("640x680")
        self.sway.order("output HEADLESS-2 transform 90")
        self.becomes("640x800")
        self.sway.order("output HEADLESS-1 scale 2")
        self.becomes("840x480")  # beside each other: of two scales
        self.sway.order("output HEADLESS-2 scale 2")
        self.sway.order("output HEADLESS-2 position 0 240")
        self.becomes("640x800")


class SwayVirtual(unittest.TestCase):
    def test_session_of_its_own(self):
        """`farseatd --virtual --session sway`: the size that was asked for, then the window's; another compositor after a crash; nothing is left"""
        with Lab("1024x768") as lab:
            lab.init()
            own = OwnSway(lab)
            lab.start_daemon("--virtual", "1111x777", "--session", own.command, environment={"XDG_RUNTIME_DIR": own.folder})
            wait_for("the session has its size", lambda: size_of(lab) == "1111x777")
            self.assertEqual(os.path.dirname(own.name), own.folder)
            first = lab.pid_of("sway")
            kill9(first)
            wait_for("another compositor", lambda: lab.pid_of("sway") not in (None, first) and size_of(lab) == "1111x777")
            lab.display = own
            canvas = Canvas(own)
            self.addCleanup(canvas.stop)
            laptop = lab.enrolled()
            laptop.connect()
            wait_for("the session has the window's size", lambda: size_of(lab) == "1024x768")
            end(canvas.process)
            canvas = Canvas(own)
            self.addCleanup(canvas.stop)
            canvas("photo 1")
            laptop.same_ms()
            started = children_of(lab.daemon.pid)
            self.assertIn(lab.pid_of("sway"), started)
            lab.stop_daemon()
            self.assertEqual([pid for pid in started if alive(pid) and name_of(pid) in ("sway", "farseat-session", "farseat-agent-w")], [])
            self.assertEqual([name for name in os.listdir(own.folder) if name.startswith("wayland-") and not name.endswith(".lock")], [])

    def test_compositor_that_ends_at_once(self):
        """the reason is told to whoever asks"""
        with Lab() as lab:
            lab.init()
            lab.start_daemon("--virtual", "640x480", "--session", "sway --no-such-option", environment={"XDG_RUNTIME_DIR": lab.folder, "PATH": "/bin:/usr/bin"})
            wait_for("the reason is in status", lambda: "ended at once" in lab.ctl_json("status")["daemon"]["session_failure"])


class SwayFaults(unittest.TestCase):
    def test_agent_and_compositor(self):
        """the agent is killed with a key held, then the compositor ends: the key goes up, the picture comes back, and the reason is told"""
        with Lab(kind=Sway) as lab:
            canvas, laptop = lab.share_with_window()
            path = os.path.join(lab.folder, "told")
            with open(path, "wb") as out:
                window = subprocess.Popen([program("wkeys"), lab.display.name], stdin=subprocess.DEVNULL, stdout=out, stderr=lab.log)
            self.addCleanup(end, window)

            def told():
                with open(path, encoding="utf-8") as f:
                    return f.read()
            wait_for("the window has the focus", lambda: "ready\n" in told())
            laptop.xdotool("keydown", "a")
            wait_for("the key is down", lambda: "key a down\n" in told())
            agent = lab.pid_of("farseat-agent-wayland")
            kill9(agent)
            wait_for("the key is up", lambda: "key a up\n" in told())
            wait_for("another agent", lambda: lab.pid_of("farseat-agent-wayland") not in (None, agent))
            laptop.xdotool("keyup", "a")
            end(window)
            canvas("photo 2")
            laptop.same_ms()
            lab.display.stop()
            wait_for("the reason is in status", lambda: "cannot be opened" in lab.ctl_json("status")["daemon"]["session_failure"])


if __name__ == "__main__":
    unittest.main()
