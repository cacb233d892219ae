"""The session that logind knows is shown: logind is played by its files, in folders that the daemon alone sees."""
import os
import shutil
import tempfile
import unittest

from lab import Canvas, Lab, wait_for
from sway import Sway

# logind's folder as the daemon sees it.
WITH_LOGIND = 'mount -t tmpfs tmpfs /run && mkdir /run/systemd && mount --bind "$0" /run/systemd && exec "$@"'


class Logind:
    """What sd-login(3) reads: logind's files, each replaced by another one as logind does."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("seats", "sessions", "users", "machines"):
            os.mkdir(os.path.join(folder, name))

    def put(self, path, **values):
        whole = os.path.join(self.folder, path)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as f:
            f.write("".join(f"{key}={value}\n" for key, value in values.items()))
        os.chmod(f.name, 0o644)
        os.rename(f.name, whole)

    def logs_in(self, session, kind, **more):
        self.put(f"sessions/{session}", UID=os.getuid(), ACTIVE=1, STATE="active", TYPE=kind, CLASS="user", **more)
        self.put(f"users/{os.getuid()}", STATE="active", DISPLAY=session, SESSIONS=session)

    def logs_out(self, session):
        os.unlink(os.path.join(self.folder, "sessions", session))
        self.put(f"users/{os.getuid()}", STATE="lingering")


def within_session():
    with open("/proc/self/cgroup", encoding="ascii") as f:
        return "session-" in f.read()


@unittest.skipIf(os.geteuid() != 0 or within_session(), "a mount of its own needs root; whoever is started within a session is shown that one")
class Login(unittest.TestCase):
    def setUp(self):
        self.lab = Lab("800x600")
        self.addCleanup(self.lab.__exit__, None, None, None)
        folder = os.path.join(self.lab.folder, "logind")
        os.mkdir(folder)
        self.logind = Logind(folder)
        self.lab.prefix = [shutil.which("unshare"), "--mount", "sh", "-c", WITH_LOGIND, folder]
        self.lab.init()

    def daemon(self):
        return self.lab.ctl_json("status")["daemon"]

    def start(self, **environment):
        self.lab.start_daemon("--listen", f"127.0.0.1:{self.lab.port}", environment=environment)

    def test_one_after_the_other(self):
        """an X11 session, nobody, a Wayland session: each is shown, and what cannot be is said"""
        x11 = self.lab.start_display()
        sway = Sway(self.lab.log, "640x480")
        self.addCleanup(sway.stop)
        self.logind.logs_in("c1", "x11", DISPLAY=x11.name)
        self.start(XDG_RUNTIME_DIR=sway.folder)
        wait_for("the X11 session", lambda: self.daemon()["display"] == x11.name)
        canvas = Canvas(x11)
        self.addCleanup(canvas.stop)
        canvas("photo 1")
        laptop = self.lab.enrolled()
        laptop.connect()
        laptop.same_ms()
        self.logind.logs_out("c1")
        wait_for("nobody is there", lambda: "nobody is logged in" in self.daemon()["session_failure"])
        self.logind.logs_in("c2", "wayland")
        wait_for("the Wayland session", lambda: self.daemon()["display"] == sway.name)
        self.assertEqual(self.daemon()["session_failure"], "")
        self.lab.display = sway
        other = self.lab.enrolled("other")
        other.connect()
        wait_for("it has the window's size", lambda: self.daemon()["width"] == 800)
        canvas = Canvas(sway)
        self.addCleanup(canvas.stop)
        canvas("photo 2")
        other.same_ms()

    def test_in_the_background(self):
        """that somebody else is at the screen is said, and no session ends for it"""
        x11 = self.lab.start_display()
        self.logind.logs_in("c1", "x11", DISPLAY=x11.name)
        self.start()
        wait_for("the session", lambda: self.daemon()["session_ready"])
        agent = self.lab.pid_of("farseat-agent")
        self.assertTrue(self.daemon()["session_active"])
        self.logind.put("sessions/c1", UID=os.getuid(), ACTIVE=0, STATE="online", TYPE="x11", CLASS="user", DISPLAY=x11.name)
        wait_for("it is said", lambda: not self.daemon()["session_active"])
        self.assertIn("in the background", self.lab.ctl("status").stdout)
        self.assertEqual(self.lab.pid_of("farseat-agent"), agent)

    def test_wayland_without_a_socket(self):
        """a Wayland session whose socket is not there is no black picture"""
        self.logind.logs_in("c1", "wayland")
        self.start(XDG_RUNTIME_DIR=self.lab.folder)
        wait_for("it is said", lambda: "no Wayland socket" in self.daemon()["session_failure"])


if __name__ == "__main__":
    unittest.main()
