"""farseat cp between a laptop and its workstation, through the whole chain."""
import hashlib
import json
import os
import subprocess
import unittest

from lab import Lab, PATIENCE_S, program, wait_for
from wiretap import Wiretap


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


class FirstCopy(unittest.TestCase):
    def test_folder_is_made(self):
        """~/Farseat is made by the first copy, not before"""
        with Lab("640x480") as lab:
            lab.init()
            lab.start_daemon()
            laptop, there = lab.enrolled(), os.path.join(lab.server_home, "Farseat")
            here = os.path.join(lab.folder, "note")
            with open(here, "w", encoding="ascii") as f:
                f.write("note")
            self.assertFalse(os.path.exists(there))
            laptop.run("cp", here, "office:")
            self.assertEqual(digest(os.path.join(there, "note")), digest(here))
            self.assertEqual(os.stat(there).st_mode & 0o777, 0o700)


class Copy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.folder = os.path.join(cls.lab.folder, "shared")
        os.mkdir(cls.folder)
        cls.lab.configure(f"[files]\nfolders = {cls.folder}\n")
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()

    def made(self, name, size):
        path = os.path.join(self.lab.folder, name)
        with open(path, "wb") as f:
            f.write(os.urandom(size))
        return path

    def test_both_ways(self):
        """a file goes there and comes back, byte for byte"""
        here = self.made("here.bin", 3_000_001)
        self.laptop.run("cp", here, f"office:{self.folder}/there.bin")
        self.assertEqual(digest(os.path.join(self.folder, "there.bin")), digest(here))
        back = os.path.join(self.lab.folder, "back.bin")
        self.laptop.run("cp", f"office:{self.folder}/there.bin", back)
        self.assertEqual(digest(back), digest(here))

    def test_tree(self):
        """a folder with -r"""
        top = os.path.join(self.lab.folder, "tree")
        os.makedirs(os.path.join(top, "deep"))
        for i in range(30):
            with open(os.path.join(top, "deep", f"{i} é"), "w", encoding="ascii") as f:
                f.write("x" * i)
        self.laptop.run("cp", "-r", top, f"office:{self.folder}")
        self.assertEqual(sorted(os.listdir(os.path.join(self.folder, "tree", "deep"))), sorted(os.listdir(os.path.join(top, "deep"))))

    def test_not_replaced(self):
        """another file of that name stays as it is, without --force"""
        path = os.path.join(self.folder, "kept")
        with open(path, "w", encoding="ascii") as f:
            f.write("old")
        new = self.made("new", 10)
        self.assertNotEqual(self.laptop.run("cp", new, f"office:{path}", check=False).returncode, 0)
        self.assertEqual(open(path, encoding="ascii").read(), "old")
        self.laptop.run("cp", "--force", new, f"office:{path}")
        self.assertEqual(digest(path), digest(new))

    def test_json(self):
        """events are lines of the one shape of JSON; where it fails, one more says why"""
        here = self.made("events.bin", 1000)
        for status in (0, 1):  # the second time another one is there
            r = self.laptop.run("cp", "--json", here, f"office:{self.folder}/events.bin", check=False)
            self.assertEqual(r.returncode, status, r.stderr)
            lines = [json.loads(line) for line in r.stdout.splitlines()]
            self.assertEqual({next(iter(line.items())) for line in lines}, {("version", 1)})
            self.assertEqual(["error" in line for line in lines], [False] * (len(lines) - status) + [True] * status)
            self.assertEqual([line["bytes"] for line in lines if line.get("event") == "end"], [1000 * (1 - status)])
            with open(here, "wb") as f:
                f.write(b"other")

    def test_events(self):
        """--json: progress with the total, a fault with its name made harmless, the end"""
        top = os.path.join(self.lab.folder, "events")
        os.mkdir(top)
        self.made("events/big", 3_000_000)
        os.symlink("big", os.path.join(os.fsencode(top), b"\xff\x1b[31m"))
        r = self.laptop.run("cp", "-r", "--json", top, f"office:{self.folder}", check=False)
        self.assertEqual(r.returncode, 1)
        events = [json.loads(line) for line in r.stdout.splitlines()]
        events = [e for e in events if "event" in e]
        progress = [e for e in events if e["event"] == "progress"]
        self.assertEqual((progress[-1]["total_files"], progress[-1]["total_bytes"]), (1, 3_000_000))
        fault = next(e for e in events if e["event"] == "fault")
        self.assertEqual((fault["fault"], fault["there"]), ("a symbolic link", False))
        self.assertTrue(fault["file"].isprintable() and fault["file"].startswith("events/"), fault["file"])
        self.assertEqual(events[-1], {"version": 1, "event": "end", "end": "done", "files": 1, "bytes": 3_000_000, "faults": 1})

    def test_goes_on(self):
        """the same command once more, after the first one was killed in the middle: only what is missing crosses"""
        size = 48 << 20
        here, tap = self.made("resumed.bin", size), Wiretap(self.lab.port)
        self.addCleanup(tap.stop)
        self.addCleanup(self.laptop.edit_conf("^port = .*$", f"port = {tap.port}"))
        command = ["cp", here, f"office:{self.folder}/resumed.bin"]
        first = subprocess.Popen([program("farseat"), *command], env=self.laptop.environment())
        wait_for("half of it", lambda: tap.up and len(tap.up[0]) > size // 2, pause_s=0.001)
        first.kill()
        first.wait(PATIENCE_S)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "resumed.bin")))
        self.laptop.run(*command)
        self.assertEqual(digest(os.path.join(self.folder, "resumed.bin")), digest(here))
        self.assertLess(len(tap.up[1]), size * 3 // 4)

    def test_outside(self):
        """nothing outside of the folders is read or written"""
        r = self.laptop.run("cp", "office:/etc/hostname", os.path.join(self.lab.folder, "stolen"), check=False)
        self.assertNotEqual(r.returncode, 0)
        self.assertFalse(os.path.exists(os.path.join(self.lab.folder, "stolen")))
        self.assertNotEqual(self.laptop.run("cp", self.made("evil", 5), f"office:{self.folder}/../evil-there", check=False).returncode, 0)
        self.assertFalse(os.path.exists(os.path.join(self.lab.folder, "evil-there")))

    def test_without_the_capability(self):
        """a device without it is told so, and nothing is copied"""
        viewer = self.lab.enrolled("viewer", "view")
        r = viewer.run("cp", self.made("no", 5), f"office:{self.folder}/no", check=False)
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("not", r.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "no")))
