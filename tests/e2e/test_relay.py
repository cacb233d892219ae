"""The reverse tunnel: farseatd keeps it to a real sshd, and laptops come in there."""
import json
import os
import subprocess
import time
import unittest

import ssh
from lab import Lab, alive, free_port, kill9, program, wait_for
from pictures import assert_same_picture
from wiretap import Wiretap, tls_records


def setUpModule():
    why = ssh.missing()
    if why:
        raise unittest.SkipTest(why)


class Relay(unittest.TestCase):
    """One workstation that is reached at its relay's port alone; each test gets its tunnel as the one before left it."""

    @classmethod
    def setUpClass(cls):
        cls.lab = lab = Lab()
        cls.addClassCleanup(lab.__exit__, None, None, None)
        cls.sshd = ssh.Sshd(lab, "relay")
        cls.bind = free_port()
        lab.share("photo 5")
        cls.configure()
        cls.laptop = lab.laptop()
        invitation = lab.ctl("invite", "laptop", "--address", f"127.0.0.1:{cls.bind}").stdout.strip()
        cls.prepare()
        cls.laptop.enroll(invitation)

    @classmethod
    def configure(cls):
        cls.lab.configure(f"[tunnel]\nrelay = root@127.0.0.1:{cls.sshd.port}\nbind = localhost:{cls.bind}\n")

    @classmethod
    def init(cls, *more, check=True):
        """In a script there is nobody to ask."""
        return subprocess.run([program("farseatctl"), "tunnel", "init", *more], env=cls.lab.server_environment(), capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL, start_new_session=True, check=check)

    @classmethod
    def fingerprint(cls):
        r = subprocess.run(["ssh-keygen", "-l", "-f", cls.sshd.host_key + ".pub"], capture_output=True, text=True, check=True)
        return r.stdout.split()[1]

    @classmethod
    def prepare(cls):
        """What a person does: init, then its line at the relay."""
        cls.init("--fingerprint", cls.fingerprint())
        cls.sshd.allow(cls.lab.ctl("tunnel", "authorized-key").stdout.strip())
        cls.lab.ctl("tunnel", "connect")
        cls.connected()

    @classmethod
    def status(cls):
        return cls.lab.ctl_json("status")["daemon"]["tunnel"]

    @classmethod
    def connected(cls, timeout_s=20):
        return wait_for("the tunnel stands", lambda: (s := cls.status())["state"] == "connected" and s, timeout_s)

    def assert_same_picture(self):
        assert_same_picture(self, self.lab, lambda path: self.laptop.run("screenshot", "office", path, timeout_s=60))

    def kill_tunnel(self):
        pid = wait_for("a tunnel runs", lambda: self.lab.pid_of("farseat-tunnel"))
        kill9(pid)
        return pid

    def test_picture(self):
        """a picture through the relay is exact; it sees TLS records only; the person sees who comes how"""
        tap = Wiretap(self.bind)
        self.addCleanup(tap.stop)
        self.addCleanup(self.laptop.edit_conf("^port = .*$", f"port = {tap.port}"))
        self.assert_same_picture()
        self.assertGreater(sum(map(len, tap.down)), 10_000)
        for data in tap.up + tap.down:
            tls_records(bytes(data))
        self.assertIn("relay 127.0.0.1", self.lab.lines())
        self.assertRegex(self.lab.ctl("status").stdout, rf"relay +root@\[127.0.0.1\]:{self.sshd.port} connected since .*:{self.bind}\n")
        self.assertEqual(self.status()["host_key"], self.fingerprint())

    def test_confined(self):
        """the tunnel runs with a filter and no new privileges"""
        pid = self.lab.pid_of("farseat-tunnel")
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            status = f.read()
        self.assertIn("Seccomp:\t2", status)
        self.assertIn("NoNewPrivs:\t1", status)

    def test_key(self):
        """the key is 0600, of a kind that ssh reads, and its line lets it do nothing but listen there"""
        key = os.path.join(self.lab.server_home, "data", "server", "tunnel.key")
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        read = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, text=True, check=True).stdout.split()
        line = self.lab.ctl("tunnel", "authorized-key").stdout
        self.assertEqual(read[:2], line.split()[1:3])
        self.assertIn(f'permitlisten="localhost:{self.bind}"', line)
        known = os.path.join(self.lab.server_home, "data", "server", "tunnel_known_hosts")
        base = ["ssh", "-F", "/dev/null", "-i", key, "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes",
                "-o", "ExitOnForwardFailure=yes", "-p", str(self.sshd.port), "root@127.0.0.1"]

        def run(*more):
            return subprocess.run([*base[:-1], *more[:-1], base[-1], *([more[-1]] if more[-1] else [])], capture_output=True, text=True,
                                  timeout=20, stdin=subprocess.DEVNULL)
        r = run("echo hello")
        self.assertNotEqual(r.returncode, 0)
        self.assertNotIn("hello", r.stdout)
        self.assertNotEqual(run("-W", f"127.0.0.1:{self.lab.port}", "").returncode, 0)
        self.assertNotEqual(run("-N", "-R", f"localhost:{free_port()}:localhost:1", "").returncode, 0)

    def test_login_dies(self):
        """the relay's process of it dies: the tunnel comes back by itself, and a client, too"""
        self.connected()
        since = self.status()
        for pid in ssh.descendants(self.sshd):
            os.kill(pid, 9)
        wait_for("it was noticed", lambda: self.status() != since)
        self.connected()
        self.assert_same_picture()

    def test_relay_away(self):
        """the relay is gone: status says so and when it is tried again; it comes back"""
        logins = ssh.descendants(self.sshd)
        self.sshd.stop()
        for pid in logins:
            kill9(pid)
        s = wait_for("it waits", lambda: (s := self.status())["state"] == "waiting" and s)
        self.assertIn("127.0.0.1", s["reason"])
        self.assertGreaterEqual(s["retry_in_s"], 0)
        self.assertRegex(self.lab.ctl("status").stdout, r"not connected, tries again in \d+ s\n")
        self.sshd.start()
        self.connected(40)
        self.assert_same_picture()

    def test_tunnel_dies(self):
        """farseat-tunnel is killed: another one starts, and nothing else ends"""
        pid = self.kill_tunnel()
        wait_for("another one runs", lambda: self.lab.pid_of("farseat-tunnel") not in (None, pid))
        self.connected()
        self.assert_same_picture()

    def test_wrong_host_key(self):
        """another host key: refused, nothing sent, and status says it with what to do; the right one again: it stands"""
        known = os.path.join(self.lab.server_home, "data", "server", "tunnel_known_hosts")
        with open(known, encoding="ascii") as f:
            right = f.read()
        self.addCleanup(self.connected)
        self.addCleanup(self.lab.ctl, "tunnel", "connect")
        self.addCleanup(lambda: open(known, "w", encoding="ascii").write(right))
        with open(known, "w", encoding="ascii") as f:
            f.write(self.sshd.known_line(public=ssh.make_key(os.path.join(self.lab.folder, "other-host"))))
        before = self.sshd.lines().count("Accepted publickey")
        self.kill_tunnel()
        s = wait_for("it is refused", lambda: (s := self.status())["state"] == "waiting" and "CHANGED" in s["reason"] and s)
        self.assertEqual(s["fault"], "host-key-changed")
        text = self.lab.ctl("status").stdout
        self.assertIn("CHANGED", text)
        self.assertIn("ask the relay's administrator", text)
        self.assertEqual(self.sshd.lines().count("Accepted publickey"), before)
        r = self.init(check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn("CHANGED", r.stderr)

    def test_not_let_in(self):
        """a relay that does not know the key: status says so, and with the line it is let in without a restart"""
        with open(self.sshd.authorized, encoding="ascii") as f:
            right = f.read()
        open(self.sshd.authorized, "w", encoding="ascii").close()
        self.kill_tunnel()
        s = wait_for("it is refused", lambda: (s := self.status())["state"] == "waiting" and "let" in s["reason"] and s)
        self.assertEqual(s["fault"], "not-let-in")
        self.assertIn("authorized-key", self.lab.ctl("status").stdout)
        with open(self.sshd.authorized, "w", encoding="ascii") as f:
            f.write(right)
        self.lab.ctl("tunnel", "connect")
        self.connected()

    def test_port_taken(self):
        """the relay's port is held by somebody else: said; free again: it stands"""
        for pid in ssh.descendants(self.sshd):
            os.kill(pid, 19)  # stopped, the login keeps its port
        stopped = ssh.descendants(self.sshd)
        self.kill_tunnel()
        s = wait_for("it is refused", lambda: (s := self.status())["state"] == "waiting" and "listen" in s["reason"] and s)
        self.assertEqual(s["fault"], "port-refused")
        for pid in stopped:
            kill9(pid)
        self.lab.ctl("tunnel", "connect")
        self.connected()

    def test_init_asks(self):
        """init in a script refuses an unknown relay; another fingerprint, too; on a terminal it shows the key and asks"""
        with Lab() as other:
            other.init()
            e = other.server_environment()
            relay = f"root@127.0.0.1:{self.sshd.port}"

            def script(*more):
                return subprocess.run([program("farseatctl"), "tunnel", "init", relay, *more], env=e, capture_output=True, text=True,
                                      timeout=60, stdin=subprocess.DEVNULL, start_new_session=True)
            known = os.path.join(other.server_home, "data", "server", "tunnel_known_hosts")
            for more in ((), ("--fingerprint", "SHA256:" + "A" * 43)):
                r = script(*more)
                self.assertEqual(r.returncode, 3, r.stderr)
                self.assertIn(self.fingerprint(), r.stderr)
                self.assertFalse(os.path.exists(known))
            for answer, expected in (("no", 3), ("yes", 0)):
                status, shown = ssh.on_terminal([program("farseatctl"), "tunnel", "init", relay], e, [("(yes/no)?", answer)])
                self.assertEqual(status, expected, shown)
                self.assertIn(self.fingerprint(), shown)
            self.assertIn("does not let it in yet", shown)
            self.assertIn("restrict,port-forwarding,permitlisten=", shown)
            with open(known, encoding="ascii") as f:
                self.assertEqual(f.read(), self.sshd.known_line())
            self.assertFalse(json.loads(script("--json").stdout)["changed"])
            os.unlink(known)
            self.assertTrue(json.loads(script("--json", "--fingerprint", self.fingerprint()).stdout)["changed"])

    def test_stop(self):
        """the daemon ends in order, its tunnel with it, and a client hears its goodbye through it"""
        laptop = self.laptop
        window = laptop.connect()
        wait_for("the session", lambda: self.lab.sessions())
        self.assertEqual(self.lab.sessions()[0]["peer"], "relay 127.0.0.1")
        tunnel = self.lab.pid_of("farseat-tunnel")
        began = time.monotonic()
        self.assertEqual(self.lab.stop_daemon(), 0)
        self.assertLess(time.monotonic() - began, 4)
        wait_for("the tunnel ends", lambda: not alive(tunnel))
        self.lab.start_daemon()
        self.connected()
        wait_for("the client is back", lambda: self.lab.sessions(), 30)
        laptop.same_ms()
        laptop.close()
        self.assertIsNotNone(window)
