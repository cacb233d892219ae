"""Files and the window: what is dropped onto it is copied to the workstation, with progress and a way to cancel it."""
import os
import subprocess
import unittest

from lab import PATIENCE_S, Canvas, Lab, end, program, wait_for

GET_A_FILE = ["Down"] * 6  # from the menu's first line


def contents(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def shown(lab):
    """Something is on the screen: a window that shows the same has its session."""
    canvas = Canvas(lab.display)
    lab.cleanup.callback(canvas.stop)
    canvas("photo 1")


class Dropped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("800x600")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.there = os.path.join(cls.lab.folder, "there")
        os.mkdir(cls.there)
        cls.lab.configure(f"[files]\nfolders = {cls.there}\n")
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()
        shown(cls.lab)
        cls.laptop.connect()
        cls.laptop.same_ms()

    def made(self, name, data):
        path = os.path.join(self.lab.folder, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def drop(self, *paths):
        uris = ["file://" + "".join(c if c.isalnum() or c in "/-._" else "".join(f"%{b:02X}" for b in c.encode()) for c in p) for p in paths]
        subprocess.run([program("xdrop"), self.laptop.display.name, *uris], check=True, timeout=PATIENCE_S)

    def arrived(self, name):
        return contents(os.path.join(self.there, name))

    def test_files(self):
        """files, one of them with a name that is no ASCII, and a folder"""
        data = os.urandom(3_000_001)
        folder = os.path.join(self.lab.folder, "folder")
        os.mkdir(folder)
        self.made("folder/inside", b"inside")
        self.drop(self.made("Übung 1%.bin", data), self.made("second", b"2"), folder)
        wait_for("all of it", lambda: self.arrived("Übung 1%.bin") == data and self.arrived("second") == b"2" and self.arrived("folder/inside") == b"inside")

    def test_not_replaced(self):
        """what is there stays, and the person is told"""
        path = os.path.join(self.there, "kept")
        with open(path, "wb") as f:
            f.write(b"old")
        self.drop(self.made("kept", b"new and longer"))
        wait_for("the sentence", lambda: "kept: there is another one of that name already" in self.lab.lines())
        self.assertEqual(contents(path), b"old")

    def test_cancelled(self):
        """the menu's line cancels what is under way, and nothing of it has its name"""
        path = os.path.join(self.lab.folder, "endless")
        os.mkfifo(path)
        writer = os.open(path, os.O_RDWR)
        self.addCleanup(os.close, writer)
        os.write(writer, b"first bytes")
        self.drop(path)
        wait_for("it has begun", lambda: any(name.startswith(".farseat-") for name in os.listdir(self.there)))
        self.menu(*GET_A_FILE, "Down", "Down", "Down")
        wait_for("it is cancelled", lambda: "Copying endless was cancelled." in self.lab.lines())
        wait_for("nothing is left", lambda: not [n for n in os.listdir(self.there) if n.startswith((".farseat-", "endless"))])


    def in_clipboard(self, target):
        """What a program of the session gets that pastes."""
        r = subprocess.run(["xclip", "-out", "-selection", "clipboard", "-target", target], env=self.lab.display.environment(), capture_output=True,
                           timeout=PATIENCE_S)
        return r.stdout if r.returncode == 0 else None

    def test_pasted(self):
        """what was dropped can be pasted in the session, as file managers want it, until something else is copied"""
        self.drop(self.made("Maß 2", b"2"), self.made("other", b"other"))
        uris = [f"file://{self.there}/Ma%C3%9F%202".encode(), f"file://{self.there}/other".encode()]
        wait_for("it is in the clipboard", lambda: self.in_clipboard("text/uri-list") == b"".join(u + b"\r\n" for u in uris))
        self.assertEqual(self.in_clipboard("x-special/gnome-copied-files"), b"\n".join([b"copy", *uris]))
        owner = subprocess.Popen(["xclip", "-quiet", "-in", "-selection", "clipboard"], env=self.lab.display.environment(), stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(end, owner)
        owner.stdin.write(b"text")
        owner.stdin.close()
        wait_for("the text is in its place", lambda: self.in_clipboard("UTF8_STRING") == b"text")
        self.assertNotIn(b"file:", self.in_clipboard("text/uri-list") or b"")  # xclip gives its text for every target


    def copied(self, display, *uris):
        """A program there has copied these, as a file manager does."""
        owner = subprocess.Popen(["xclip", "-quiet", "-in", "-selection", "clipboard", "-target", "text/uri-list"], env=display.environment(),
                                 stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(end, owner)
        owner.stdin.write("".join(uri.replace(" ", "%20") + "\r\n" for uri in uris).encode())
        owner.stdin.close()
        wait_for("the program owns it", lambda: subprocess.run(
            ["xclip", "-out", "-selection", "clipboard", "-target", "TARGETS"], env=display.environment(), capture_output=True,
            check=False).stdout.split() == [b"TARGETS", b"text/uri-list"])

    def menu(self, *keys):
        self.laptop.xdotool("key", "ctrl+alt+m")
        self.laptop.xdotool("key", *keys, "Return")

    def test_copied_on_the_laptop(self):
        """what a file manager of the laptop has copied is sent by the menu; what lies elsewhere is said"""
        path = self.made("copied here", b"copied")
        self.copied(self.laptop.display, "file://" + path, "sftp://other/file")
        self.menu(*GET_A_FILE, "Down")
        wait_for("it is there", lambda: self.arrived("copied here") == b"copied")
        wait_for("the sentence", lambda: "Not copied: what lies on another machine" in self.lab.lines())

    def test_copied_in_the_session(self):
        """what a file manager of the session has copied comes by the menu, as far as it lies in the folder for files"""
        outside = self.made("outside", b"secret")
        for name in ("copied there", "beside it"):
            with open(os.path.join(self.there, name), "wb") as f:
                f.write(name.encode())
        self.copied(self.lab.display, f"file://{self.there}/copied there", "file://" + outside, f"file://{self.there}/beside it")
        self.menu(*GET_A_FILE, "Down", "Down")
        here = os.path.join(self.laptop.home, "Farseat")
        wait_for("it is here", lambda: contents(os.path.join(here, "beside it")) == b"beside it")
        wait_for("the sentence", lambda: "2 of 3 were copied. Not copied: " in self.lab.lines() and "in none of the workstation's folders" in self.lab.lines())
        self.assertEqual(contents(os.path.join(here, "copied there")), b"copied there")
        self.assertIsNone(contents(os.path.join(here, "outside")))

    def test_none_copied(self):
        """and a sentence where nothing of the kind is copied, or the device may not read the clipboard"""
        self.copied(self.lab.display, "http://example.org/")
        self.menu(*GET_A_FILE, "Down", "Down")
        said = "No files are copied in the session."
        wait_for("the sentence", lambda: self.lab.lines().count(said) == 1)
        self.lab.ctl("caps", "--", "laptop", "-clipboard-out")
        self.addCleanup(self.lab.ctl, "caps", "--", "laptop", "+clipboard-out")
        self.copied(self.lab.display, f"file://{self.there}")
        self.menu(*GET_A_FILE, "Down", "Down")
        wait_for("the sentence again", lambda: self.lab.lines().count(said) == 2)


class Got(unittest.TestCase):
    def setUp(self):
        self.lab = Lab("800x600")
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.lab.init()
        self.there = os.path.join(self.lab.folder, "there")
        os.makedirs(os.path.join(self.there, "~"))
        self.lab.configure(f"[files]\nfolders = {self.there}\n")
        self.lab.start_daemon()
        self.laptop = self.lab.enrolled()

    def names_came(self, count):
        wait_for("the list", lambda: self.lab.lines().count("names in the folder on office") == count)

    def open_list(self):
        shown(self.lab)
        self.laptop.connect(environment={"FARSEAT_LOG": "debug"})
        self.laptop.same_ms()
        self.laptop.xdotool("key", "ctrl+alt+m")
        self.laptop.xdotool("key", *GET_A_FILE, "Return")
        self.names_came(1)

    def got(self, name, folder="Farseat"):
        return contents(os.path.join(self.laptop.home, folder, name))

    def test_get_a_file(self):
        """from a folder in the list, one whose name means something else elsewhere"""
        data = os.urandom(200_000)
        with open(os.path.join(self.there, "~", "Größe.bin"), "wb") as f:
            f.write(data)
        self.open_list()
        self.laptop.xdotool("key", "Return")  # into the folder
        self.names_came(2)
        self.laptop.xdotool("key", "Down", "Down", "Return")
        wait_for("it is here", lambda: self.got("Größe.bin") == data)
        wait_for("the sentence", lambda: "Größe.bin was copied to ~/Farseat." in self.lab.lines())

    def test_get_a_folder(self):
        """as a whole, to ~/Downloads where there is one"""
        os.mkdir(os.path.join(self.laptop.home, "Downloads"))
        with open(os.path.join(self.there, "~", "inside"), "wb") as f:
            f.write(b"inside")
        self.open_list()
        self.laptop.xdotool("key", "Return")
        self.names_came(2)
        self.laptop.xdotool("key", "Down", "Return")
        wait_for("it is here", lambda: self.got("~/inside", "Downloads") == b"inside")

    def test_many(self):
        """a folder of 5000 names is shown as far as it goes, and the window works on"""
        for i in range(5000):
            with open(os.path.join(self.there, f"{i:04}"), "wb"):
                pass
        self.open_list()
        self.laptop.xdotool("key", "Down", "Return")  # the first file after the folder
        wait_for("a file is here", lambda: os.path.isdir(os.path.join(self.laptop.home, "Farseat")) and
                 len(os.listdir(os.path.join(self.laptop.home, "Farseat"))) == 1)


class NotAllowed(unittest.TestCase):
    def test_view(self):
        """a laptop that may only watch copies nothing, and is told so"""
        with Lab("640x480") as lab:
            lab.share()
            laptop = lab.enrolled("viewer", "view")
            laptop.connect()
            wait_for("the session", lab.sessions)
            path = os.path.join(lab.folder, "note")
            with open(path, "wb") as f:
                f.write(b"note")
            subprocess.run([program("xdrop"), laptop.display.name, "file://" + path], check=True, timeout=PATIENCE_S)
            wait_for("the sentence", lambda: "This laptop may not copy files to office" in lab.lines())
            self.assertFalse(os.path.exists(os.path.join(lab.server_home, "Farseat")))
