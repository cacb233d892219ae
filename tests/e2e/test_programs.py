"""The clipboard with programs as they are, each of them as the one that copies and the one that pastes: xclip, xsel, GTK, Qt, wl-copy."""
import subprocess
import time
import unittest

from clipboards import LINES, META, copy, is_shared, paste_bytes, targets
from desktop import Home, Toolkit
from lab import PATIENCE_S, Lab, end, wait_for
from pictures import noise_png
from sway import Sway

TEXT_BYTES = 4 << 20
TARGETS = {"text": "UTF8_STRING", "html": "text/html", "png": "image/png"}


def contents(word, text_bytes):
    """What is copied, and what is pasted then; each with a word of its own, so that an older copy is not taken for it."""
    text = (word + LINES * (text_bytes // len(LINES.encode()))).encode()
    html = f"<p>{word}: Grüße, <b>κόσμε</b> 🖐</p>".encode()
    picture = noise_png()
    return {"text": (text, text), "html": (html, META + html), "png": (picture, picture)}


class Program:
    """What copies and pastes kinds of TARGETS."""

    text_bytes = TEXT_BYTES

    @staticmethod
    def gets(content):
        """What it makes of what it is given."""
        return content

    def stop(self):
        """Where it does not end with its home."""


class Xclip(Program):
    name, kinds = "xclip", ("text", "html", "png")

    def __init__(self, display):
        self.display = display
        self.owners = []

    def copy(self, kind, content):
        self.owners.append(copy(self.display, content, target=TARGETS[kind]))

    def paste(self, kind):
        return paste_bytes(self.display, TARGETS[kind])

    def stop(self):
        for owner in self.owners:
            end(owner)


class Xsel(Program):
    name, kinds = "xsel", ("text",)
    text_bytes = TEXT_BYTES // 8  # it gives 4000 bytes at a time: more takes a busy machine longer than a paste may

    def __init__(self, display):
        self.environment = display.environment()

    def copy(self, _kind, content):
        subprocess.run(["xsel", "--clipboard", "--input"], input=content, env=self.environment, check=True)

    def paste(self, _kind):
        return subprocess.run(["xsel", "--clipboard", "--output"], env=self.environment, capture_output=True, timeout=PATIENCE_S).stdout

    def stop(self):
        subprocess.run(["xsel", "--clipboard", "--clear"], env=self.environment)


class Wl(Program):
    name, kinds = "wl-copy", ("text", "html", "png")
    TYPES = {"text": "text/plain;charset=utf-8", "html": "text/html", "png": "image/png"}

    def __init__(self, home):
        self.home = home

    def copy(self, kind, content):
        path = self.home.put("copied", content)
        self.home.start("sh", "-c", f'exec wl-copy --foreground --type "$1" <{path}', "sh", self.TYPES[kind])

    def paste(self, kind):
        r = subprocess.run(self.home.command("wl-paste", "--no-newline", "--type", self.TYPES[kind]), env=self.home.environment, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, timeout=PATIENCE_S)
        return r.stdout if r.returncode == 0 else None


class Gui(Program):
    kinds = ("text", "html", "png")

    def __init__(self, home, name):
        self.name = name
        self.toolkit = Toolkit(home, name)

    def gets(self, content):
        """GTK ends lines as it likes to (gtk_selection_data_get_text)."""
        return content.replace(b"\r\n", b"\n") if self.name == "gtk" and not content.startswith(b"\x89PNG") else content

    def copy(self, kind, content):
        self.toolkit.copy(**{kind: content})

    def paste(self, kind):
        return self.toolkit.paste(kind)


class End:
    """One of the two machines with its programs."""

    def __init__(self, programs, offered, go_to):
        """offered() -> the kinds that a Farseat offers there; go_to(program) gives it the focus, where copying and pasting need that."""
        self.programs, self.offered, self.go_to = programs, offered, go_to


def offered_on(display):
    names = targets(display) if is_shared(display) else []
    return {kind for kind, target in TARGETS.items() if target in names}


class Programs:
    """The tests of one kind of laptop; subclasses make cls.session and cls.laptop_end, each an End, and gesture()."""
    copied_for_s = PATIENCE_S

    def assert_all_cross(self, source, sink):
        """Each program copies each kind that it knows, for the next one of the other end: all of them do both."""
        for kind in TARGETS:
            copiers = [p for p in source.programs if kind in p.kinds]
            pasters = [p for p in sink.programs if kind in p.kinds]
            for i, copier in enumerate(copiers):
                paster = pasters[(i + 1) % len(pasters)]
                content, expected = contents(f"{kind} of {copier.name} ", copier.text_bytes)[kind]
                with self.subTest(kind=kind, copied=copier.name, pasted=paster.name):
                    def crosses():
                        source.go_to(copier)
                        copier.copy(kind, content)
                        self.go_back()
                        wait_for("it is offered", lambda: kind in sink.offered())
                        sink.go_to(paster)
                        return self.is_pasted(paster, kind, paster.gets(expected))
                    wait_for("it is pasted as it was", crosses)

    def is_pasted(self, paster, kind, expected):
        """Whether it is so before it is to be copied once more."""
        end_s = time.monotonic() + self.copied_for_s
        while time.monotonic() < end_s:
            self.gesture()
            if paster.paste(kind) == expected:
                return True
        return False

    def test_to_the_session(self):
        """four MiB of text, HTML and a picture of each program of the laptop, in each of the session's: byte for byte"""
        self.assert_all_cross(self.laptop_end, self.session)

    def test_from_the_session(self):
        """the same the other way"""
        self.assert_all_cross(self.session, self.laptop_end)

    @classmethod
    def home(cls, **environment):
        home = Home(cls.lab.log, **environment)
        cls.addClassCleanup(home.stop)
        return home

    @classmethod
    def x11_end(cls, display):
        home = cls.home(DISPLAY=display.name)
        programs = [Xclip(display), Xsel(display), Gui(home, "gtk"), Gui(home, "qt")]
        for program in programs:
            cls.addClassCleanup(program.stop)
        return End(programs, lambda: offered_on(display), lambda program: None)


class ProgramsX11(Programs, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.share()
        cls.laptop = cls.lab.enrolled()
        cls.laptop.connect()
        cls.laptop.same_ms()
        cls.session = cls.x11_end(cls.lab.display)
        cls.laptop_end = cls.x11_end(cls.laptop.display)

    def gesture(self):
        self.laptop.xdotool("mousemove_relative", "1", "0", "click", "1")

    def go_back(self):
        """The focus is there all the time: there is no window manager that would give it to others."""


GESTURE_EVERY_MS = 300


class ProgramsWayland(Programs, unittest.TestCase):
    """Without Qt: its version 5 on sway goes on with what it has copied itself after somebody else has copied, also where there is no Farseat."""
    copied_for_s = 5  # a compositor passes over who copies in the moment in which the focus changes; a person then copies again

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.sway = Sway(cls.lab.log, "640x480")
        cls.addClassCleanup(cls.sway.stop)
        cls.lab.share()
        cls.sway.window_of(cls.lab, cls.lab.enrolled())
        cls.session = cls.x11_end(cls.lab.display)
        cls.there = cls.home(**cls.sway.inside(), GDK_BACKEND="wayland")
        # One keyboard for all gestures: with each that comes or goes the compositor tells anew what is copied, as news. It types nothing.
        cls.there.start("wtype", *["-k", "Shift_L", "-s", str(GESTURE_EVERY_MS)] * 1000)
        wl = Wl(cls.there)
        cls.sway.message("workspace", "gtk")
        programs = [wl, Gui(cls.there, "gtk")]
        wait_for("its window is there", lambda: cls.sway.message('[title="^gtk$"]', "focus"))
        cls.laptop_end = End(programs, lambda: {k for k, t in Wl.TYPES.items() if t in cls.types()}, cls.go_to)
        cls.go_to(wl)

    @classmethod
    def types(cls):
        return subprocess.run(cls.there.command("wl-paste", "--list-types"), env=cls.there.environment, capture_output=True, text=True,
                              timeout=PATIENCE_S).stdout.splitlines()

    @classmethod
    def go_to(cls, program):
        """Only who has the focus copies and pastes there, but wl-copy."""
        cls.sway.message("workspace", program.name if isinstance(program, Gui) else "1")

    def go_back(self):
        self.sway.message("workspace", "1")

    def gesture(self):
        """The keyboard makes them."""
