"""farseat sftp: OpenSSH's sftp and sshfs through the whole chain, and what neither can reach."""
import os
import re
import shutil
import stat
import subprocess
import unittest

from lab import Lab, PATIENCE_S, program, wait_for


class Sftp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.folder = os.path.join(cls.lab.folder, "shared")
        cls.outside = os.path.join(cls.lab.folder, "outside")
        for folder in (cls.folder, cls.outside):
            os.mkdir(folder)
        cls.lab.configure(f"[files]\nfolders = {cls.folder}\n")
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()
        cls.command = f"{program('farseat')} sftp office"

    def made(self, folder, name, content=b"secret"):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def sftp(self, *lines, laptop=None):
        """A batch of sftp's; '-' before a line: it may fail."""
        return subprocess.run(["sftp", "-q", "-b", "-", "-D", self.command], input="\n".join(lines) + "\n", text=True, capture_output=True,
                              env=(laptop or self.laptop).environment(), timeout=PATIENCE_S, cwd=self.lab.folder)

    def refused(self, *lines, laptop=None):
        """Every line fails, and the session goes on."""
        r = self.sftp(*(f"-{line}" for line in lines), "pwd", laptop=laptop)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("Remote working directory", r.stdout)
        errors = r.stderr.splitlines()
        self.assertGreaterEqual(len(errors), len(lines), errors)

    def test_there_and_back(self):
        """put, get, rename, folders, permissions and times"""
        here = self.made(self.lab.folder, "here", os.urandom(3_000_001))
        os.utime(here, (1_600_000_000, 1_600_000_000))
        r = self.sftp("mkdir sub", "put -p here sub/there", "rename sub/there moved", "chmod 640 moved", "get -p moved back", "symlink moved link",
                      "ls -l", "rmdir sub", "df")
        self.assertEqual(r.returncode, 0, r.stderr)
        there, back = os.path.join(self.folder, "moved"), os.path.join(self.lab.folder, "back")
        with open(here, "rb") as f, open(there, "rb") as g, open(back, "rb") as h:
            content = f.read()
            self.assertEqual((g.read(), h.read()), (content, content))
        st = os.stat(there)
        self.assertEqual((stat.S_IMODE(st.st_mode), int(st.st_mtime)), (0o640, 1_600_000_000))
        self.assertTrue({"link", "moved"} <= set(os.listdir(self.folder)) and "sub" not in os.listdir(self.folder))
        wait_for("the line in the log", lambda: re.search(r"laptop \(.*\): SFTP, \d+ bytes to and fro", self.lab.lines()))

    def test_nothing_outside(self):
        """what lies elsewhere is neither read, written, moved, listed nor changed, by no kind of way"""
        secret = self.made(self.outside, "secret")
        os.chmod(secret, 0o600)
        inside = self.made(self.folder, "inside", b"mine")
        os.symlink(secret, os.path.join(self.folder, "out"))
        os.symlink(self.outside, os.path.join(self.folder, "away"))
        before = os.stat(secret)
        self.refused(f"get {secret} stolen", "get out stolen", "get /etc/passwd stolen", f"put {inside} {self.outside}/new", f"put {inside} away/new",
                     f"put {inside} out", f"rm {secret}", "rm away/secret", f"rename {secret} taken", f"rename inside {self.outside}/given",
                     f"ln {secret} second", f"chmod 777 {secret}", "chmod 777 out", f"chmod 777 {self.outside}", f"ls {self.outside}", "ls away",
                     f"mkdir {self.outside}/made", f"rmdir {self.outside}", f"symlink x {self.outside}/made", "chmod 4755 inside")
        self.assertEqual(os.listdir(self.outside), ["secret"])
        after = os.stat(secret)
        self.assertEqual((after.st_mode, after.st_mtime_ns, after.st_ctime_ns, after.st_nlink),
                         (before.st_mode, before.st_mtime_ns, before.st_ctime_ns, 1))
        self.assertFalse(os.path.exists(os.path.join(self.lab.folder, "stolen")) and os.path.getsize(os.path.join(self.lab.folder, "stolen")))
        self.assertEqual(stat.S_IMODE(os.stat(inside).st_mode) & 0o7000, 0)

    def test_rights(self):
        """without files-out nothing; without files-in it reads alone"""
        self.made(self.folder, "read", b"read")
        viewer = self.lab.enrolled("viewer", "view")
        r = self.sftp("ls", laptop=viewer)
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("farseatctl caps NAME +files-out", r.stderr)
        self.lab.ctl("caps", "viewer", "+files-out")
        self.made(self.lab.folder, "source")
        self.assertEqual(self.sftp("get read got", laptop=viewer).returncode, 0)
        self.refused("put source written", "rm read", "mkdir made", "chmod 600 read", "rename read moved", laptop=viewer)
        self.assertEqual([n for n in ("written", "made", "moved") if os.path.exists(os.path.join(self.folder, n))], [])

    def server_pid(self):
        return self.lab.pid_of("sftp-server")

    def test_box(self):
        """sftp-server is confined, and ends with its session"""
        r = subprocess.Popen(self.command.split(), env=self.laptop.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            r.stdin.write(b"\0\0\0\5\1\0\0\0\3")  # INIT, version 3
            r.stdin.flush()
            self.assertEqual(r.stdout.read(9)[4:], b"\2\0\0\0\3")
            pid = wait_for("sftp-server", self.server_pid)
            with open(f"/proc/{pid}/status", encoding="ascii") as f:
                status = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
            r.kill()
            wait_for("its end", lambda: not os.path.exists(f"/proc/{pid}"))
        finally:
            r.kill()
            r.communicate()

    def mount(self, place):
        """sshfs on it; what unmounts it."""
        sshfs = f"sshfs -f -o passive office\\: {place}"
        p = subprocess.Popen(["socat", f"EXEC:{self.command}", f"EXEC:{sshfs}"], env=self.laptop.environment(), stderr=subprocess.PIPE, text=True)

        def stop():
            subprocess.run(["fusermount3", "-u", "-z", place], capture_output=True)
            p.terminate()
            p.communicate()
        self.addCleanup(stop)
        wait_for("the mounted folder", lambda: os.path.ismount(place) or p.poll() is not None)
        if p.poll() is not None:
            self.fail(f"sshfs ended: {p.stderr.read()}")

    @unittest.skipUnless(shutil.which("sshfs") and os.access("/dev/fuse", os.R_OK | os.W_OK), "sshfs or /dev/fuse is not there")
    def test_sshfs(self):
        """a mounted folder: made, written, changed, renamed, cut, removed"""
        place = os.path.join(self.lab.folder, "mounted")
        os.mkdir(place)
        self.mount(place)
        path, there = os.path.join(place, "made"), os.path.join(self.folder, "made")
        content = os.urandom(2_000_000)
        self.made(place, "made", content)
        os.chmod(path, 0o600)
        os.utime(path, (1_500_000_000, 1_500_000_000))
        with open(there, "rb") as f:
            self.assertEqual(f.read(), content)
        st = os.stat(there)
        self.assertEqual((stat.S_IMODE(st.st_mode), int(st.st_mtime)), (0o600, 1_500_000_000))
        os.truncate(path, 1000)
        os.mkdir(os.path.join(place, "folder"))
        os.rename(path, os.path.join(place, "folder", "renamed"))
        with open(os.path.join(self.folder, "folder", "renamed"), "rb") as f:
            self.assertEqual(f.read(), content[:1000])
        shutil.rmtree(os.path.join(place, "folder"))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "folder")))
