"""Copy and paste between the session and a laptop with Wayland: sway, wl-copy and wl-paste as a person there has them."""
import os
import shutil
import subprocess
import unittest

from clipboards import copy, paste_bytes
from lab import PATIENCE_S, Lab, end, wait_for
from sway import USER, Sway

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
        keyboard = subprocess.Popen(**cls.there("wtype", "-s", "600000"), stdout=subprocess.DEVNULL, stderr=cls.lab.log)
        cls.addClassCleanup(end, keyboard)

    @classmethod
    def there(cls, *command):
        """What starts a program of the person's, in their root file system."""
        inside = cls.sway.folder[len(cls.sway.root):]
        return {"args": [shutil.which("chroot"), f"--userspec={USER}:{USER}", cls.sway.root, *command],
                "env": {"PATH": "/usr/bin:/bin", "HOME": inside, "XDG_RUNTIME_DIR": inside, "WAYLAND_DISPLAY": "wayland-1", "LANG": "C.UTF-8"}}

    def run_there(self, *command):
        """What it prints; None where it fails."""
        r = subprocess.run(**self.there(*command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE_S)
        return r.stdout if r.returncode == 0 else None

    def wl_copy(self, content, *options):
        wait_for("it is copied", lambda: self.copy_once(content, options) is not None)

    def copy_once(self, content, options):
        # It stays behind as the owner, and would keep a pipe of ours open.
        path = os.path.join(self.sway.folder, "copied")
        with open(path, "wb") as f:
            f.write(content)
        os.chmod(path, 0o644)
        inside = path[len(self.sway.root):]
        return self.run_there("sh", "-c", f'exec wl-copy "$@" <{inside} >/dev/null 2>&1', "sh", *options)

    def pasted(self, target):
        """What a program of the session gets right after the person did something."""
        self.run_there("wtype", "-k", "Shift_L")
        return paste_bytes(self.lab.display, target)

    def copied_in_session(self, content, target=None):
        owner = copy(self.lab.display, content, target=target)
        self.addCleanup(end, owner)

    def test_text(self):
        """text, both ways"""
        self.wl_copy(TEXT.encode())
        wait_for("it is pasted in the session", lambda: self.pasted("UTF8_STRING") == TEXT.encode())
        self.copied_in_session("back: " + TEXT)
        wait_for("it is pasted on the laptop", lambda: self.run_there("wl-paste", "--no-newline") == ("back: " + TEXT).encode())

    def test_large(self):
        """four million bytes, both ways"""
        text = (TEXT * (4_000_000 // len(TEXT.encode()))).encode()
        self.wl_copy(text)
        wait_for("it is pasted in the session", lambda: self.pasted("UTF8_STRING") == text)
        self.copied_in_session(b"back" + text)
        wait_for("it is pasted on the laptop", lambda: self.run_there("wl-paste", "--no-newline") == b"back" + text)

    def test_picture(self):
        """a PNG byte for byte, both ways"""
        for size in (40, 300_001):
            content = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1" + os.urandom(size)
            self.wl_copy(content, "--type", "image/png")
            wait_for("it is pasted in the session", lambda: self.pasted("image/png") == content)
            self.copied_in_session(content + b"back", "image/png")
            wait_for("it is pasted on the laptop", lambda: self.run_there("wl-paste", "--type", "image/png") == content + b"back")

    def test_selected(self):
        """what is selected, each way, beside what is copied"""
        self.wl_copy(b"copied")
        self.wl_copy(b"selected", "--primary")
        wait_for("it is pasted in the session", lambda: self.run_there("wtype", "-k", "Shift_L") is not None and
                 paste_bytes(self.lab.display, "UTF8_STRING", "primary") == b"selected" and self.pasted("UTF8_STRING") == b"copied")
        owner = copy(self.lab.display, "selected there", "primary")
        self.addCleanup(end, owner)
        wait_for("it is pasted on the laptop", lambda: self.run_there("wtype", "-k", "Shift_L") is not None and
                 self.run_there("wl-paste", "--no-newline", "--primary") == b"selected there")
