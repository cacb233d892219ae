"""SSH logins that ask the person: keyboard-interactive and passwords, by a stock sshd with PAM.

The account and its PAM service exist in the sshd's private mount namespace alone.
"""
import os
import subprocess
import unittest

import ssh
from lab import Lab, program
from pictures import assert_same_picture

SECRET = "tr0ub4dor & 3"
USER = "farseat-kbd"


def setUpModule():
    if why := ssh.missing() or ssh.own_mounts_missing():
        raise unittest.SkipTest(why)


class PamSshd(ssh.Sshd):
    """A server that takes no keys, and one account with a password; root's uid, so that it may run the lab's farseatctl."""

    def __init__(self, lab, name, options=(), **more):
        hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=SECRET, capture_output=True, text=True, check=True).stdout.strip()
        with open("/etc/passwd", encoding="utf-8") as f:
            passwd = f.read()
        files = {
            "passwd": passwd + f"{USER}:x:0:0::/root:/bin/sh\n",
            "shadow": f"root:*:19000:0:99999:7:::\n{USER}:{hashed}:19000:0:99999:7:::\n",
            "pam.d/sshd": "auth optional pam_echo.so The office, third floor\nauth required pam_unix.so nodelay\naccount required pam_unix.so\n"
                          "session required pam_permit.so\n",
        }
        command = ssh.with_files(lab, name, files)
        super().__init__(lab, name, ["UsePAM yes", "PermitRootLogin yes", "PubkeyAuthentication no", *options], command=command, **more)


class AskedByTheServer(unittest.TestCase):
    """farseat-tunnel with this test as the person."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.interactive = PamSshd(cls.lab, "interactive", ["KbdInteractiveAuthentication yes"])
        cls.password = PamSshd(cls.lab, "password", ["PasswordAuthentication yes"])

    def tunnel(self, sshd, **more):
        known = os.path.join(self.lab.folder, f"known-{sshd.port}")
        with open(known, "w", encoding="ascii") as f:
            f.write(sshd.known_line())
        t = ssh.Tunnel(self.lab, sshd.port, mode=ssh.RUN, command="echo inside", **{"user": USER, "ask": True, "known_hosts": [known], **more})
        self.addCleanup(t.stop)
        return t

    def assert_inside(self, t):
        self.assertEqual(t.stream.recv(100), b"inside\n")

    def test_interactive(self):
        """the server's own question and words reach the person; a wrong answer is asked again; the right one opens"""
        t = self.tunnel(self.interactive)
        q = t.question()
        said = q
        if not q["prompts"]:  # what PAM only says can come by itself
            t.answer()
            q = t.question()
        self.assertEqual((q["kind"], [echo for _, echo in q["prompts"]]), (3, [0]))
        self.assertIn("assword", q["prompts"][0][0])
        self.assertIn("third floor", said["instruction"] + q["instruction"] + q["prompts"][0][0])
        t.answer("wrong")
        while not (q := t.question())["prompts"]:
            t.answer()
        t.answer(SECRET)
        self.assertEqual(t.opened()["method"], "keyboard-interactive")
        self.assert_inside(t)
        self.assertIn(f"Accepted keyboard-interactive/pam for {USER}", self.interactive.lines())

    def test_password(self):
        """a password is asked for in our words, again when it was wrong"""
        t = self.tunnel(self.password)
        q = t.question()
        self.assertEqual(q["kind"], 2)
        self.assertIn(USER, q["prompts"][0][0])
        t.answer("wrong")
        self.assertEqual(t.question()["kind"], 2)
        t.answer(SECRET)
        self.assertEqual(t.opened()["method"], "password")
        self.assert_inside(t)

    def test_three_tries(self):
        """three wrong ones are the end; neither is asked for ever"""
        for sshd in (self.interactive, self.password):
            t = self.tunnel(sshd)
            asked = 0
            while (record := t.next())[0] == ssh.QUESTION:
                asked += 1
                t.answer("wrong")
                self.assertLess(asked, 10)
            self.assertEqual((record[0], t.fault_of(record[1])[:2]), (ssh.FAILED, ("auth", False)))
            self.assertGreaterEqual(asked, 3)

    def test_nobody_to_ask(self):
        """without a person there is no question, and the reason names what the server takes"""
        for sshd, takes in ((self.interactive, "keyboard-interactive"), (self.password, "password")):
            before = sshd.lines().count("Failed")
            fault, _, reason = self.tunnel(sshd, ask=False).fault()
            self.assertEqual(fault, "auth", reason)
            self.assertIn(takes, reason)
            self.assertEqual(sshd.lines().count("Failed"), before)

    def test_person_gives_up(self):
        """who does not answer a question is not asked again"""
        for sshd in (self.interactive, self.password):
            t = self.tunnel(sshd)
            asked = 0
            while (record := t.next())[0] == ssh.QUESTION:
                asked += bool(t.question_of(record[1])["prompts"])
                t.answer()
            self.assertEqual(asked, 1)
            self.assertEqual(t.fault_of(record[1])[0], "auth")

    def test_changed_host(self):
        """a server with another key is asked nothing, and so is the person"""
        known = os.path.join(self.lab.folder, "known-other")
        with open(known, "w", encoding="ascii") as f:
            f.write(self.password.known_line(public=ssh.make_key(os.path.join(self.lab.folder, "other"))))
        self.assertEqual(self.tunnel(self.password, known_hosts=[known]).fault()[0], "changed")


class EnrolmentByPassword(unittest.TestCase):
    """farseat on a terminal against such a server."""

    def test_enroll(self):
        """the password is typed, not shown; then the session opens, and through that login, too"""
        lab = Lab(screen="800x600")
        self.addCleanup(lab.__exit__, None, None, None)
        lab.share("photo 5")
        office = ssh.office(lab, PamSshd, options=["KbdInteractiveAuthentication yes"])
        known, config = (os.path.join(lab.folder, n) for n in ("known_hosts", "config"))
        with open(known, "w", encoding="ascii") as f:
            f.write(office.known_line())
        with open(config, "w", encoding="ascii") as f:
            f.write(f"Host office\n  HostName 127.0.0.1\n  Port {office.port}\n  User {USER}\n  UserKnownHostsFile {known}\n"
                    "  GlobalKnownHostsFile none\n  IdentityFile none\n  IdentityAgent none\n")
        laptop = lab.laptop()
        e = {**laptop.environment(), "FARSEAT_SSH_CONFIG": config}
        status, shown = ssh.on_terminal([program("farseat"), "enroll", "ssh://office", "--name", "office", "--through-ssh"], e,
                                        [("assword:", SECRET)])
        self.assertEqual(status, 0, shown)
        self.assertNotIn(SECRET, shown)
        self.assertIn("(SSH server)", shown)  # whose words they are is seen

        def take(path):
            status, shown = ssh.on_terminal([program("farseat"), "screenshot", "office", path], e, [("assword:", SECRET)])
            self.assertEqual(status, 0, shown)
        assert_same_picture(self, lab, take)
        self.assertNotIn(SECRET, lab.lines() + office.lines())
