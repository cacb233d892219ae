"""Upgrading under a running daemon: what runs goes on with the programs that it was started with."""
import os
import shutil
import unittest

import lab
from lab import Canvas, Lab, alive, kill9, wait_for

PROGRAMS = ("farseatd", "farseat-worker", "farseat-agent", "farseat-session", "farseat-starter", "farseatctl")


class Upgrade(unittest.TestCase):
    def test_programs_are_exchanged(self):
        """every program is exchanged: sessions go on, others come, a crashed agent is started again"""
        with Lab() as w, lab_programs(w) as installed:
            w.init()
            w.start_daemon()
            laptop = w.enrolled("one")
            canvas = Canvas(w.display)
            w.cleanup.callback(canvas.stop)
            canvas("photo 1")
            laptop.connect()
            laptop.same_ms()
            session, worker = w.sessions()[0]["session"], w.pid_of("farseat-worker")
            installed.upgrade()

            canvas("photo 2")
            laptop.same_ms()
            self.assertEqual([s["session"] for s in w.sessions()], [session])
            self.assertTrue(alive(worker))
            self.assertTrue(os.readlink(f"/proc/{worker}/exe").endswith(" (deleted)"))
            # A new connection gets the daemon's own version of the worker, and enrolling its own version of the signer.
            picture = os.path.join(w.folder, "picture.png")
            other = w.laptop("two")
            other.enroll(w.invite("two"))
            other.run("screenshot", "office", picture)
            self.assertGreater(os.path.getsize(picture), 0)

            agent = w.pid_of("farseat-agent")
            kill9(agent)
            wait_for("another agent", lambda: w.pid_of("farseat-agent") not in (None, agent))
            canvas("photo 3")
            laptop.same_ms()
            self.assertEqual([s["session"] for s in w.sessions()], [session])


class lab_programs:
    """The lab's workstation programs as a copy in one folder, which can be exchanged as a package manager does it."""

    def __init__(self, w):
        self.lab = w
        self.folder = os.path.join(w.folder, "installed")

    def __enter__(self):
        os.mkdir(self.folder)
        self.whole = {name: lab.program(name) for name in PROGRAMS}
        for name, path in self.whole.items():
            shutil.copy(path, os.path.join(self.folder, name))
        self.program, lab.program = lab.program, self.find
        return self

    def find(self, name):
        # farseatctl is asked for by the tests themselves: theirs stays the build's.
        copy = os.path.join(self.folder, name)
        return copy if name in PROGRAMS and name != "farseatctl" else self.program(name)

    def upgrade(self):
        """A new file under each name, one that cannot work: whoever started it would be found out."""
        for name in PROGRAMS:
            new = os.path.join(self.folder, name + ".new")
            shutil.copy("/bin/false", new)
            os.rename(new, os.path.join(self.folder, name))

    def __exit__(self, *_):
        lab.program = self.program
