"""Files and the window: what is dropped onto it is copied to the workstation, with progress and a way to cancel it."""
import os
import subprocess
import unittest

from lab import PATIENCE_S, Lab, program, wait_for


def contents(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


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
        cls.laptop.connect()
        wait_for("the session", cls.lab.sessions)

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
        self.laptop.xdotool("key", "ctrl+alt+m")
        self.laptop.xdotool("key", "Up", "Up", "Up", "Return")
        wait_for("it is cancelled", lambda: "Copying endless was cancelled." in self.lab.lines())
        wait_for("nothing is left", lambda: not [n for n in os.listdir(self.there) if n.startswith((".farseat-", "endless"))])


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
