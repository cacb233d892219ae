"""Files that a program of the session has copied are pasted by a program of the laptop: out of a folder that is filled as it is read."""
import contextlib
import os
import shutil
import signal
import subprocess
import time
import unittest
import urllib.parse

from clipboards import copy, paste_bytes, targets
from lab import BUILD, PATIENCE_S, Canvas, Lab, children_of, end, kill9, name_of, wait_for

POSSIBLE = os.path.exists("/dev/fuse") and shutil.which("fusermount3") and os.path.exists(os.path.join(BUILD, "client/paste/farseat-paste"))


def mounts_beneath(folder):
    with open("/proc/self/mountinfo", encoding="utf-8") as f:
        return [line.split()[4] for line in f if line.split()[4].startswith(folder)]


class Pasting(unittest.TestCase):
    """What each test needs: a session, a folder of copies, and somebody who copies and pastes."""

    @classmethod
    def setUpClass(cls):
        if not POSSIBLE:
            raise unittest.SkipTest("no FUSE on this machine")
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.there = os.path.join(cls.lab.folder, "there")
        os.mkdir(cls.there)
        cls.lab.configure(f"[files]\nfolders = {cls.there}\n")
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()
        canvas = Canvas(cls.lab.display)
        cls.addClassCleanup(canvas.stop)
        canvas("photo 1")
        cls.connect()

    @classmethod
    def connect(cls):
        cls.laptop.connect()
        cls.laptop.same_ms()

    def made(self, name, data):
        path = os.path.join(self.there, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def copied_there(self, *paths):
        """A file manager of the session has copied these."""
        uris = "".join(f"file://{urllib.parse.quote(path)}\r\n" for path in paths)
        self.addCleanup(end, copy(self.lab.display, uris, target="text/uri-list"))
        wait_for("the session's program owns it", lambda: paste_bytes(self.lab.display, "text/uri-list") == uris.encode())

    def copied(self, *paths):
        """And the laptop's clipboard says so."""
        self.copied_there(*paths)
        wait_for("the laptop is told", lambda: "text/uri-list" in targets(self.laptop.display))

    def offered(self):
        """Where the files are that a program of the laptop gets; none: []."""
        uris = paste_bytes(self.laptop.display, "text/uri-list") or b""
        return [urllib.parse.unquote(line[len("file://"):]) for line in uris.decode().split("\r\n") if line]

    def pasted(self, *names):
        """The same, as soon as these are what the laptop has heard of."""
        return wait_for(f"{names} can be pasted", lambda: [found for found in [self.offered()] if [os.path.basename(p) for p in found] == list(names)])[0]

    def mounts(self):
        return mounts_beneath(self.laptop.home)


class Pasted(Pasting):
    def test_files_and_folders(self):
        """as cp copies them: bytes, names, times, permissions, empty ones, links within"""
        data = os.urandom(3_000_001)
        paths = [self.made("Übung 1%.bin", data), self.made("plain", b"plain")]
        self.made("tree/deep/er/inside", b"inside")
        self.made("tree/empty", b"")
        os.symlink("deep/er/inside", os.path.join(self.there, "tree", "link"))
        os.symlink("/etc/passwd", os.path.join(self.there, "tree", "outside"))
        os.chmod(paths[1], 0o640)
        os.utime(paths[1], ns=(10**18, 10**18 + 5))
        self.copied(*paths, os.path.join(self.there, "tree"))
        to = os.path.join(self.lab.folder, "pasted")
        os.mkdir(to)
        found = self.pasted("Übung 1%.bin", "plain", "tree")
        subprocess.run(["cp", "-rp", *found, to], check=True, timeout=PATIENCE_S)
        for name in "Übung 1%.bin", "plain", "tree/deep/er/inside", "tree/empty", "tree/link":
            with open(os.path.join(self.there, name), "rb") as a, open(os.path.join(to, name), "rb") as b:
                self.assertEqual(a.read(), b.read(), name)
        self.assertEqual(sorted(os.listdir(os.path.join(to, "tree"))), ["deep", "empty", "link"])  # and not the one that leads outside
        self.assertEqual(os.stat(os.path.join(to, "plain")).st_mtime_ns, 10**18 + 5)
        self.assertEqual(os.stat(os.path.join(to, "plain")).st_mode & 0o777, 0o440)
        with self.assertRaises(OSError):
            open(os.path.join(os.path.dirname(found[0]), "new"), "wb").close()

    def test_in_order(self):
        """a folder of 300 small files, as cp reads them"""
        for i in range(300):
            self.made(f"many/{i:04}", b"%d" % i * 100)
        self.copied(os.path.join(self.there, "many"))
        to = os.path.join(self.lab.folder, "pasted-many")
        began = time.monotonic()
        subprocess.run(["cp", "-r", *self.pasted("many"), to], check=True, timeout=PATIENCE_S)
        print(f"# 300 files in {time.monotonic() - began:.2f} s")
        for i in range(300):
            with open(os.path.join(to, f"{i:04}"), "rb") as f:
                self.assertEqual(f.read(), b"%d" % i * 100)

    def test_changed(self):
        """what was saved again in the session is pasted as it is now"""
        path = self.made("draft", b"first")
        self.copied(path)
        found = self.pasted("draft")
        for text in b"first", b"second, and longer", b"third":
            self.made("draft", text)
            with open(found[0], "rb") as f:
                self.assertEqual(f.read(), text)
            self.assertEqual(os.stat(found[0]).st_size, len(text))
        large = self.made("grows", os.urandom(1 << 20) * 8)
        self.copied(large)
        with open(self.pasted("grows")[0], "rb", buffering=0) as f:
            f.read(1000)
            with open(large, "ab") as g:
                g.write(b"!")
            with self.assertRaises(OSError):  # a mixture of both would be neither
                f.seek(7 << 20)
                f.read(1 << 20)

    def test_outside(self):
        """what lies in no folder of copies is left out, and said"""
        secret = os.path.join(self.lab.folder, "secret")
        with open(secret, "wb") as f:
            f.write(b"secret")
        self.copied(secret, self.made("beside", b"beside"))
        self.pasted("beside")
        wait_for("the sentence", lambda: "Not all can be pasted: " in self.lab.lines())
        self.copied(secret)
        wait_for("nothing to paste", lambda: self.offered() == [])
        wait_for("the sentence", lambda: "Not pasted: " in self.lab.lines())

    def test_sixty_thousand(self):
        """a folder of 60,000 files is listed by who looks into it, and nobody else waits for that"""
        folder = os.path.join(self.there, "huge")
        os.makedirs(folder)
        for i in range(60000):
            os.close(os.open(os.path.join(folder, f"file {i}"), os.O_CREAT | os.O_WRONLY))
        began = time.monotonic()
        self.copied(folder)
        found = self.pasted("huge")
        asked = time.monotonic()
        self.assertEqual(len(os.listdir(found[0])), 60000)
        print(f"# 60,000 files: copied and asked for {asked - began:.2f} s, listed {time.monotonic() - asked:.2f} s")
        self.assertLess(self.laptop.same_ms(), 5000)

    def test_text_comes_after_files(self):
        """and when something else is copied, that is pasted"""
        self.copied(self.made("file", b"file"))
        self.pasted("file")
        self.addCleanup(end, copy(self.lab.display, "a text"))
        wait_for("the text", lambda: paste_bytes(self.laptop.display, "UTF8_STRING") == b"a text")
        self.assertNotIn("text/uri-list", targets(self.laptop.display))


class PasteEnds(Pasting):
    """Each of these ends the window."""

    def setUp(self):
        if self.laptop.window is None:
            self.connect()
        name = self.id().rsplit(".", 1)[1]
        self.copied(self.made(name, os.urandom(1 << 20) * 16))
        self.found = self.pasted(name)

    def gone(self):
        wait_for("nothing is mounted", lambda: not self.mounts())
        folder = os.path.join(self.laptop.home, "run", "pasted")
        wait_for("nothing is left", lambda: os.listdir(folder) == [])
        self.laptop.window = None

    def test_closed(self):
        """the window is closed"""
        self.laptop.close()
        self.gone()

    def test_killed(self):
        """farseat is killed, and with it what it started; a program that reads gets an error"""
        fd = os.open(self.found[0], os.O_RDONLY)
        try:
            os.read(fd, 1000)
            kill9(self.laptop.window.pid)
            self.laptop.window.wait()
            with self.assertRaises(OSError):
                while os.read(fd, 1 << 20):
                    pass
        finally:
            with contextlib.suppress(OSError):  # says the same, and closes
                os.close(fd)
        self.gone()

    def test_all_killed(self):
        """the guardian, too: the next paste cleans up"""
        guardian = next(p for p in children_of(self.laptop.window.pid) if name_of(p) == "farseat-mount")
        kill9(guardian)
        kill9(self.laptop.window.pid)
        self.laptop.window.wait()
        self.assertEqual(len(self.mounts()), 1)
        self.connect()
        wait_for("the laptop is told", lambda: "text/uri-list" in targets(self.laptop.display))
        found = self.pasted(os.path.basename(self.found[0]))
        self.assertNotEqual(found, self.found)
        wait_for("the old one is gone", lambda: self.mounts() == [os.path.dirname(found[0])])
        self.laptop.close()
        self.gone()

    def test_cut(self):
        """the connection is gone in the middle: an error, not a hang, and the next paste works"""
        with open(self.found[0], "rb", buffering=0) as f:
            f.read(1000)
            worker = next(p for p in children_of(self.lab.daemon.pid) if name_of(p) == "farseat-worker")
            os.kill(worker, signal.SIGSTOP)
            began = time.monotonic()
            with self.assertRaises(OSError):
                while f.read(1 << 20):
                    pass
            print(f"# an error after {time.monotonic() - began:.1f} s")
        kill9(worker)
        wait_for("the next paste works", lambda: self.offered() not in ([], self.found))

    def test_cancelled(self):
        """a program that is killed while it waits is gone at once"""
        files = next(p for p in children_of(self.lab.daemon.pid) if name_of(p) == "farseat-files")
        os.kill(files, signal.SIGSTOP)
        reader = subprocess.Popen(["cat", self.found[0]], stdout=subprocess.DEVNULL)
        self.addCleanup(end, reader)
        wait_for("it waits", lambda: "fuse" in open(f"/proc/{reader.pid}/wchan", encoding="ascii").read() or "request_wait" in
                 open(f"/proc/{reader.pid}/wchan", encoding="ascii").read())
        reader.kill()
        reader.wait(timeout=5)
        os.kill(files, signal.SIGCONT)
        began = time.monotonic()
        with open(self.found[0], "rb") as f:
            self.assertEqual(len(f.read()), 16 << 20)
        print(f"# 16 MiB in {time.monotonic() - began:.1f} s")


class PasteDenied(Pasting):
    def test_denied(self):
        """neither without files-out, nor without clipboard-out, nor where the person wants no clipboard"""
        for right in "files-out", "clipboard-out":
            self.copied(self.made(right, b"x"))
            self.lab.ctl("caps", "--", "laptop", f"-{right}")
            wait_for("it is no more", lambda: "text/uri-list" not in targets(self.laptop.display))
            self.copied_there(os.path.join(self.there, right))
            self.assertNotIn("text/uri-list", targets(self.laptop.display))
            self.lab.ctl("caps", "--", "laptop", f"+{right}")
        self.laptop.close()
        self.laptop.connect("--clipboard", "to")
        self.laptop.same_ms()
        self.assertNotIn("text/uri-list", targets(self.laptop.display))
        self.assertEqual(self.mounts(), [])
