"""SSH: farseat-tunnel alone against a real sshd, then enrolment, hops and the reverse tunnel."""
import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
import unittest

import ssh
from lab import Failure, Lab, alive, program, wait_for
from pictures import assert_same_picture
from wiretap import Server, Wiretap, tls_records


def setUpModule():
    why = ssh.missing()
    if why:
        raise unittest.SkipTest(why)


class Echo(Server):
    """Sends back what it gets."""

    def __init__(self, lab):
        super().__init__()
        lab.cleanup.callback(self.stop)

    def serve(self, client):
        with client:
            while data := client.recv(65536):
                client.sendall(data)


class Pusher(Server):
    """Sends without end until its connection ends or size bytes are out, and counts what was taken from it."""

    def __init__(self, lab, size):
        self.size, self.taken = size, 0
        self.part = os.urandom(65536)
        super().__init__()
        lab.cleanup.callback(self.stop)

    def serve(self, client):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        with client:
            while self.taken < self.size:
                self.taken += client.send(self.part[self.taken % len(self.part):])


class TunnelAlone(unittest.TestCase):
    """farseat-tunnel with this test as its parent: host keys, ways to authenticate, what runs through it."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.sshd = ssh.Sshd(cls.lab, "jump")
        cls.key = os.path.join(cls.lab.folder, "id")
        cls.sshd.allow(ssh.make_key(cls.key))
        cls.locked = os.path.join(cls.lab.folder, "id_locked")
        cls.sshd.allow(ssh.make_key(cls.locked, passphrase="open sesame"))
        cls.ecdsa = os.path.join(cls.lab.folder, "id_ecdsa")
        cls.sshd.allow(ssh.make_key(cls.ecdsa, kind="ecdsa"))
        cls.echo = Echo(cls.lab)
        cls.known = cls.known_hosts("known", cls.sshd.known_line())

    @classmethod
    def known_hosts(cls, name, text):
        path = os.path.join(cls.lab.folder, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return path

    def tunnel(self, **more):
        more = {"target_port": self.echo.port, "identities": [self.key], "known_hosts": [self.known], **more}
        t = ssh.Tunnel(self.lab, self.sshd.port, **more)
        self.addCleanup(t.stop)
        return t

    def assert_echoes(self, t, size=3_000_000):
        """What goes in comes out, and the end travels, too."""
        data = os.urandom(size)
        out = hashlib.sha256()

        def send():
            t.stream.sendall(data)
            t.stream.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        while part := t.stream.recv(65536):
            out.update(part)
        sender.join()
        self.assertEqual(out.digest(), hashlib.sha256(data).digest())
        self.assertEqual(t.process.wait(10), 0)

    def logins(self):
        return self.sshd.lines().count("Accepted publickey for")

    def test_key_file(self):
        """a key file opens the way; every byte arrives; the host key is the one of known_hosts"""
        t = self.tunnel()
        opened = t.opened()
        self.assertEqual(opened["method"], "publickey")
        self.assertTrue(opened["fingerprint"].startswith("SHA256:"))
        self.assertEqual(t.steps, ["SSH key exchange", "SSH host key", "SSH authentication", "SSH channel"])
        self.assert_echoes(t)

    def test_rekey(self):
        """new session keys in the middle of a transfer lose nothing"""
        sshd = ssh.Sshd(self.lab, "rekey", options=["RekeyLimit 1M"])
        with open(self.key + ".pub", encoding="ascii") as f:
            sshd.allow(f.read().strip())
        t = ssh.Tunnel(self.lab, sshd.port, target_port=self.echo.port, identities=[self.key],
                       known_hosts=[self.known_hosts("known-rekey", sshd.known_line())])
        t.opened()
        self.assert_echoes(t, 6_000_000)

    def test_stalled_laptop(self):
        """while the laptop takes nothing, no more gathers on the way than the window and buffers of sockets; then all of it comes"""
        pusher = Pusher(self.lab, 64_000_000)
        t = self.tunnel(target_port=pusher.port)
        t.opened()
        stands, still = 0, 0
        while still < 10:
            time.sleep(0.1)
            still = still + 1 if pusher.taken == stands and stands > 0 else 0
            stands = pusher.taken
        self.assertLess(stands, 12_000_000)
        got = 0
        while part := t.stream.recv(1 << 20):
            at = got % len(pusher.part)
            self.assertEqual(part, (pusher.part * (len(part) // len(pusher.part) + 2))[at:at + len(part)])
            got += len(part)
        self.assertEqual(got, pusher.taken)

    def test_confined(self):
        """once it is open it has a filter, no new privileges, and only its own descriptors"""
        t = self.tunnel()
        t.opened()
        with open(f"/proc/{t.process.pid}/status", encoding="ascii") as f:
            status = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
        self.assertEqual(status["Seccomp"], "2")
        self.assertEqual(status["NoNewPrivs"], "1")
        kinds = [os.readlink(f"/proc/{t.process.pid}/fd/{n}").split(":")[0] for n in os.listdir(f"/proc/{t.process.pid}/fd")
                 if int(n) > 2]
        self.assertEqual(set(kinds), {"socket"})
        self.assertLessEqual(len(kinds), 3)

    def test_agent(self):
        """the agent's key is enough, and a key file is not even needed"""
        agent = ssh.Agent(self.lab, [self.ecdsa])
        t = self.tunnel(identities=[], agent=agent.path)
        self.assertEqual(t.opened()["method"], "publickey (agent)")
        self.assert_echoes(t, 1000)

    def test_identities_only(self):
        """IdentitiesOnly keeps the agent's other keys back"""
        agent = ssh.Agent(self.lab, [self.ecdsa])
        fault, _, reason = self.tunnel(identities=[], agent=agent.path, identities_only=True).fault()
        self.assertEqual(fault, "auth", reason)

    def test_passphrase(self):
        """the passphrase is asked for, twice when it was wrong"""
        t = self.tunnel(identities=[self.locked], ask=True)
        q = t.question()
        self.assertEqual((q["kind"], q["about"]), (1, self.locked))
        t.answer("wrong")
        self.assertEqual(t.question()["kind"], 1)
        t.answer("open sesame")
        self.assertEqual(t.opened()["method"], "publickey")
        self.assert_echoes(t, 1000)

    def test_passphrase_without_public_part(self):
        """a key without its .pub works, too"""
        bare = os.path.join(self.lab.folder, "id_bare")
        with open(self.locked, encoding="ascii") as f, open(bare, "w", encoding="ascii", opener=lambda p, fl: os.open(p, fl, 0o600)) as o:
            o.write(f.read())
        t = self.tunnel(identities=[bare], ask=True)
        self.assertEqual(t.question()["about"], bare)
        t.answer("open sesame")
        t.opened()

    def test_passphrase_in_a_script(self):
        """nobody to ask: refused, and it says which key wanted a passphrase"""
        fault, retry, reason = self.tunnel(identities=[self.locked]).fault()
        self.assertEqual((fault, retry), ("auth", False))
        self.assertIn("id_locked", reason)

    def test_key_that_others_may_read(self):
        """such a key is not used"""
        open_key = os.path.join(self.lab.folder, "id_open")
        self.sshd.allow(ssh.make_key(open_key))
        os.chmod(open_key, 0o644)
        os.unlink(open_key + ".pub")
        fault, _, reason = self.tunnel(identities=[open_key]).fault()
        self.assertEqual(fault, "auth")
        self.assertIn("id_open is not used: others may read it", reason)

    def test_skipped_keys_are_said(self):
        """a file that is no key, and one whose path is not UTF-8; such a path is taken when it holds a key"""
        odd = os.path.join(os.fsencode(self.lab.folder), b"id_\xff")
        with open(odd, "w", encoding="ascii", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.write("no key")
        fault, _, reason = self.tunnel(identities=[odd]).fault()
        self.assertEqual(fault, "auth")
        self.assertIn("id_? is no key that Farseat can read", reason)
        shutil.copy(self.key, odd)
        self.assertEqual(self.tunnel(identities=[odd]).opened()["method"], "publickey")

    def test_too_many_keys(self):
        """a server that ends the login after some keys: the hint names IdentitiesOnly"""
        sshd = ssh.Sshd(self.lab, "impatient", options=["MaxAuthTries 2"])
        keys = [os.path.join(self.lab.folder, f"id_many_{i}") for i in range(4)]
        for key in keys:
            ssh.make_key(key)
        agent = ssh.Agent(self.lab, keys)
        t = ssh.Tunnel(self.lab, sshd.port, target_port=self.echo.port, agent=agent.path,
                       known_hosts=[self.known_hosts("known-impatient", sshd.known_line())])
        self.addCleanup(t.stop)
        fault, _, reason = t.fault()
        self.assertEqual(fault, "auth")
        self.assertIn("IdentitiesOnly", reason)

    def test_wrong_key(self):
        """a key that the server does not know"""
        other = os.path.join(self.lab.folder, "id_other")
        ssh.make_key(other)
        fault, retry, reason = self.tunnel(identities=[other]).fault()
        self.assertEqual((fault, retry), ("auth", False))
        self.assertIn("publickey", reason)

    def assert_refused_before_login(self, expected, known, **more):
        before = self.logins()
        fault, retry, reason = self.tunnel(known_hosts=[known], **more).fault()
        self.assertEqual((fault, retry), (expected, False), reason)
        self.assertEqual(self.logins(), before)
        self.assertNotIn("Postponed publickey", self.sshd.lines()[-200:])
        return reason

    def other_key(self, name, kind="ed25519"):
        return ssh.make_key(os.path.join(self.lab.folder, name), kind=kind)

    def test_host_unknown(self):
        """unknown and nobody to ask: refused, with the fingerprint"""
        reason = self.assert_refused_before_login("unknown", self.known_hosts("empty", ""))
        self.assertIn("SHA256:", reason)

    def test_host_unknown_asked(self):
        """unknown: asked with the key and its fingerprint; no is no, yes goes on"""
        empty = self.known_hosts("empty2", "# nothing\n")
        t = self.tunnel(known_hosts=[empty], ask=True)
        q = t.question()
        self.assertEqual((q["kind"], q["type"]), (0, "ssh-ed25519"))
        self.assertEqual(q["key"], self.sshd.public.split()[1])
        t.answer()
        self.assertEqual(t.fault()[0], "unknown")
        t = self.tunnel(known_hosts=[empty], ask=True)
        t.question()
        t.answer("yes")
        t.opened()

    def test_host_changed(self):
        """another key of the same type: refused, even where somebody could be asked"""
        line = self.sshd.known_line(public=self.other_key("host-changed"))
        self.assert_refused_before_login("changed", self.known_hosts("changed", line), ask=True)

    def test_host_other_type(self):
        """known by a key of another type only: refused"""
        line = self.sshd.known_line(public=self.other_key("host-ecdsa", kind="ecdsa"))
        self.assert_refused_before_login("changed", self.known_hosts("other-type", line), ask=True)

    def test_host_revoked(self):
        """@revoked wins over the line that has the key"""
        text = self.sshd.known_line() + "@revoked * " + " ".join(self.sshd.public.split()[:2]) + "\n"
        self.assert_refused_before_login("revoked", self.known_hosts("revoked", text), ask=True)

    def test_host_key_preferred_by_type(self):
        """of a server's two keys the one is asked for that known_hosts has"""
        extra = os.path.join(self.lab.folder, "host-two")
        public = ssh.make_key(extra, kind="ecdsa")
        sshd = ssh.Sshd(self.lab, "two", options=[f"HostKey {extra}"])
        with open(self.key + ".pub", encoding="ascii") as f:
            sshd.allow(f.read().strip())
        t = ssh.Tunnel(self.lab, sshd.port, target_port=self.echo.port, identities=[self.key],
                       known_hosts=[self.known_hosts("known-two", sshd.known_line(public=public))])
        t.opened()

    def test_target_refused(self):
        """a port where nobody listens: said, and worth another try"""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            fault, retry, reason = self.tunnel(target_port=s.getsockname()[1]).fault()
        self.assertEqual((fault, retry), ("target", True), reason)

    def test_run(self):
        """a command's input, output, errors and status"""
        t = self.tunnel(mode=ssh.RUN, command="cat; echo oops >&2; exit 7")
        t.opened()
        t.stream.sendall(b"request")
        t.stream.shutdown(socket.SHUT_WR)
        answer = b""
        while part := t.stream.recv(4096):
            answer += part
        self.assertEqual(answer, b"request")
        kind, fields, _ = t.next()
        self.assertEqual(kind, ssh.EXITED)
        self.assertEqual((fields.number(1), fields.bytes(2)), (7, "oops"))

    def test_listen(self):
        """a remote forward: each connection comes as a descriptor of its own"""
        t = self.tunnel(mode=ssh.LISTEN, target="127.0.0.1", target_port=0)
        port = t.opened()["port"]
        pairs = []
        for i in range(3):
            s = socket.create_connection(("127.0.0.1", port), timeout=10)
            self.addCleanup(s.close)
            kind, _, fds = t.next()
            self.assertEqual(kind, ssh.ACCEPTED)
            end = socket.socket(fileno=fds[0])
            self.addCleanup(end.close)
            end.settimeout(10)
            pairs.append((s, end))
        for i, (s, end) in enumerate(pairs):
            s.sendall(b"to %d" % i)
            end.sendall(b"from %d" % i)
        for i, (s, end) in enumerate(pairs):
            self.assertEqual(end.recv(100), b"to %d" % i)
            self.assertEqual(s.recv(100), b"from %d" % i)
        pairs[0][1].close()
        self.assertEqual(pairs[0][0].recv(100), b"")
        pairs[1][0].sendall(b"still here")
        self.assertEqual(pairs[1][1].recv(100), b"still here")

    def test_listen_refused(self):
        """permitlisten keeps the relay's ports"""
        key = os.path.join(self.lab.folder, "id_relay")
        self.sshd.allow(ssh.make_key(key), 'restrict,port-forwarding,permitlisten="localhost:1"')
        fault, retry, _ = self.tunnel(mode=ssh.LISTEN, target="localhost", target_port=0, identities=[key]).fault()
        self.assertEqual((fault, retry), ("target", True))

    def test_server_falls_silent(self):
        """a server that lives, but says nothing any more (a network that is gone): given up by our own heartbeat"""
        sshd = ssh.Sshd(self.lab, "silent")
        with open(self.key + ".pub", encoding="ascii") as f:
            sshd.allow(f.read().strip())
        known = self.known_hosts("known-silent", sshd.known_line())
        tunnels = [ssh.Tunnel(self.lab, sshd.port, mode=mode, target="127.0.0.1", target_port=port, identities=[self.key],
                              known_hosts=[known]) for mode, port in ((ssh.CONNECT, self.echo.port), (ssh.LISTEN, 0))]
        for t in tunnels:
            t.opened()
        stopped = ssh.descendants(sshd)
        self.addCleanup(lambda: [os.kill(pid, 9) for pid in stopped])
        began = time.monotonic()
        for pid in stopped:
            os.kill(pid, 19)
        for t in tunnels:
            t.channel.settimeout(60)
            self.assertEqual(t.fault()[:2], ("network", True))
        self.assertGreater(time.monotonic() - began, 5)  # it was not the end of the connection

    def test_parent_gone(self):
        """it does not outlive its parent"""
        t = self.tunnel()
        t.opened()
        t.channel.close()
        wait_for("the tunnel ends", lambda: not alive(t.process.pid))

    def test_server_gone(self):
        """a server that dies: the stream ends, and the reason is said"""
        sshd = ssh.Sshd(self.lab, "dies")
        with open(self.key + ".pub", encoding="ascii") as f:
            sshd.allow(f.read().strip())
        t = ssh.Tunnel(self.lab, sshd.port, target_port=self.echo.port, identities=[self.key],
                       known_hosts=[self.known_hosts("known-dies", sshd.known_line())])
        t.opened()
        began = time.monotonic()
        for pid in ssh.descendants(sshd):
            os.kill(pid, 9)
        self.assertEqual(t.fault()[:2], ("network", True))
        self.assertEqual(t.stream.recv(100), b"")
        self.assertLess(time.monotonic() - began, 5)


class ThroughSsh(unittest.TestCase):
    """farseat through SSH: enrolment, hops, what the hops see."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(screen="800x600")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        lab = cls.lab
        lab.share("photo 5")
        cls.office = ssh.office(lab)
        cls.jump = ssh.Sshd(lab, "jump")
        cls.key = os.path.join(lab.folder, "id")
        public = ssh.make_key(cls.key)
        for sshd in (cls.office, cls.jump):
            sshd.allow(public)
        cls.locked = os.path.join(lab.folder, "id_locked")
        cls.office.allow(ssh.make_key(cls.locked, passphrase="open sesame"))

    def config(self, *, known=None, key=None, name="config", more=""):
        """A ~/.ssh/config of its own; known: lines of known_hosts."""
        known_path = os.path.join(self.lab.folder, name + "-known_hosts")
        if known is None:
            known = self.office.known_line() + self.jump.known_line()
        with open(known_path, "w", encoding="ascii") as f:
            f.write(known)
        path = os.path.join(self.lab.folder, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(f"Host jump\n  HostName 127.0.0.1\n  Port {self.jump.port}\n"
                    f"Host office\n  HostName 127.0.0.1\n  Port {self.office.port}\n"
                    f"Host inner\n  HostName 127.0.0.1\n  Port {self.office.port}\n  ProxyJump jump\n{more}"
                    f"Host *\n  UserKnownHostsFile {known_path}\n  GlobalKnownHostsFile none\n"
                    f"  IdentityFile {key or self.key}\n  IdentityAgent none\n")
        return path

    def farseat(self, laptop, *arguments, config, check=True, environment=None):
        e = {**laptop.environment(), "FARSEAT_SSH_CONFIG": config, **(environment or {})}
        e.pop("SSH_AUTH_SOCK", None)
        e.update(environment or {})
        r = subprocess.run([program("farseat"), *arguments], env=e, capture_output=True, text=True, timeout=60,
                           stdin=subprocess.DEVNULL, start_new_session=True)
        if check and r.returncode != 0:
            raise Failure(f"farseat {' '.join(arguments)}: status {r.returncode}: {r.stderr}")
        return r

    def on_terminal(self, laptop, arguments, config, talk):
        """farseat with a terminal: talk is (what to wait for, what to type). Returns (status, all that was shown)."""
        e = {**laptop.environment(), "FARSEAT_SSH_CONFIG": config}
        return ssh.on_terminal([program("farseat"), *arguments], e, talk)

    def assert_same_picture(self, laptop, name, *more, config):
        """A screenshot by that way equals the display, bit for bit."""
        assert_same_picture(self, self.lab, lambda path: self.farseat(laptop, "screenshot", name, path, *more, config=config))

    def enrolled(self, name, *more, key=None):
        laptop = self.lab.laptop(name)
        config = self.config(name="config-" + name, key=key)
        self.farseat(laptop, "enroll", "ssh://office", "--name", "office", *more, config=config)
        return laptop, config

    def test_enroll(self):
        """by a key file; only the request goes out, and the session opens"""
        laptop, config = self.enrolled("one")
        key = os.path.join(laptop.home, "data", "workstations", "office", "device.key")
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        self.assert_same_picture(laptop, "office", config=config)

    def test_enroll_by_agent(self):
        """by the agent alone"""
        agent = ssh.Agent(self.lab, [self.key])
        laptop = self.lab.laptop("agent")
        config = self.config(name="config-agent", key="/nowhere")
        with open(config, encoding="ascii") as f:
            text = f.read().replace("  IdentityAgent none\n", "")
        with open(config, "w", encoding="ascii") as f:
            f.write(text)
        self.farseat(laptop, "enroll", "ssh://office", "--name", "office", config=config,
                     environment={"SSH_AUTH_SOCK": agent.path})
        self.assert_same_picture(laptop, "office", config=config)

    def test_enroll_with_passphrase(self):
        """the passphrase is asked for on the terminal and not shown"""
        laptop = self.lab.laptop("passphrase")
        config = self.config(name="config-passphrase", key=self.locked)
        status, shown = self.on_terminal(laptop, ["enroll", "ssh://office", "--name", "office"], config,
                                         [("Passphrase of the key", "open sesame")])
        self.assertEqual(status, 0, shown)
        self.assertNotIn("open sesame", shown)
        self.assert_same_picture(laptop, "office", config=config)

    def test_enroll_through_the_login(self):
        """--through-ssh: afterwards every connection goes through that login"""
        laptop, config = self.enrolled("through", "--through-ssh")
        with open(laptop.conf, encoding="ascii") as f:
            self.assertIn("via", f.read())
        before = self.office.lines().count("Accepted publickey for")
        self.assert_same_picture(laptop, "office", config=config)
        self.assertEqual(self.office.lines().count("Accepted publickey for"), before + 1)

    def test_enroll_by_a_hop(self):
        """ProxyJump of ~/.ssh/config leads there through another host"""
        laptop = self.lab.laptop("hop")
        config = self.config(name="config-hop")
        before = self.jump.lines().count("Accepted publickey for")
        self.farseat(laptop, "enroll", "ssh://inner", "--name", "office", config=config)
        self.assertEqual(self.jump.lines().count("Accepted publickey for"), before + 1)

    def test_enroll_without_farseatctl(self):
        """a host without Farseat: said, with what to do"""
        laptop = self.lab.laptop("none")
        r = self.farseat(laptop, "enroll", "ssh://jump", config=self.config(name="config-none"), check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("farseatctl", r.stderr)

    def test_enroll_unknown_host(self):
        """unknown host key: refused in a script with status 3; on a terminal asked, and kept"""
        laptop = self.lab.laptop("unknown")
        config = self.config(name="config-unknown", known="")
        before = self.office.lines().count("Accepted publickey for")
        r = self.farseat(laptop, "enroll", "ssh://office", "--name", "office", config=config, check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn("SHA256:", r.stderr)
        self.assertEqual(self.office.lines().count("Accepted publickey for"), before)
        status, shown = self.on_terminal(laptop, ["enroll", "ssh://office", "--name", "office"], config,
                                         [("(yes/no)?", "no")])
        self.assertEqual(status, 3, shown)
        status, shown = self.on_terminal(laptop, ["enroll", "ssh://office", "--name", "office"], config,
                                         [("(yes/no)?", "yes")])
        self.assertEqual(status, 0, shown)
        with open(config + "-known_hosts", encoding="ascii") as f:
            self.assertEqual(f.read(), self.office.known_line())

    def test_changed_host(self):
        """a changed host key: status 3, and no login was tried, on a terminal neither"""
        laptop = self.lab.laptop("changed")
        other = ssh.make_key(os.path.join(self.lab.folder, "other-host"))
        config = self.config(name="config-changed", known=self.office.known_line(public=other))
        before = self.office.lines().count("Accepted publickey for")
        r = self.farseat(laptop, "enroll", "ssh://office", config=config, check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn("CHANGED", r.stderr)
        status, shown = self.on_terminal(laptop, ["enroll", "ssh://office"], config, [])
        self.assertEqual(status, 3, shown)
        self.assertEqual(self.office.lines().count("Accepted publickey for"), before)

    def test_one_hop(self):
        """a picture through one hop; what leaves the hop is TLS records only, without the key's bytes"""
        laptop, config = self.enrolled("hop1")
        tap = Wiretap(self.lab.port)
        self.addCleanup(tap.stop)
        laptop.edit_conf("^port = .*$", f"port = {tap.port}")
        self.assert_same_picture(laptop, "office", "--via", "jump", config=config)
        self.assertGreater(sum(map(len, tap.down)), 1000)
        for data in tap.up + tap.down:
            tls_records(bytes(data))

    def test_two_hops(self):
        """a picture through two hops, as the command line and as workstation.conf say"""
        laptop, config = self.enrolled("hop2")
        before = self.jump.lines().count("Accepted publickey for"), self.office.lines().count("Accepted publickey for")
        self.assert_same_picture(laptop, "office", "--via", "jump,office", config=config)
        self.assertEqual((self.jump.lines().count("Accepted publickey for"), self.office.lines().count("Accepted publickey for")),
                         (before[0] + 1, before[1] + 1))
        with open(laptop.conf, "a", encoding="ascii") as f:
            f.write("via = inner\n")
        self.assert_same_picture(laptop, "office", config=config)

    def test_hop_refuses(self):
        """a hop that does not let us in: status 3, with what it takes"""
        laptop, config = self.enrolled("refused")
        other = os.path.join(self.lab.folder, "id_nobody")
        ssh.make_key(other)
        config = self.config(name="config-refused2", key=other)
        r = self.farseat(laptop, "screenshot", "office", "/dev/null", "--via", "jump", config=config, check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn("does not let", r.stderr)

    def test_hop_changed(self):
        """a changed key in the middle: status 3"""
        laptop, _ = self.enrolled("midchanged")
        other = ssh.make_key(os.path.join(self.lab.folder, "other-mid"))
        config = self.config(name="config-mid", known=self.jump.known_line() + self.office.known_line(public=other))
        r = self.farseat(laptop, "screenshot", "office", "/dev/null", "--via", "jump,office", config=config, check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn("CHANGED", r.stderr)

    def test_jump_leads_elsewhere(self):
        """a jump host that leads to another genuine workstation of the same CA: refused, with both names; an honest one is not"""
        if why := ssh.own_mounts_missing():
            self.skipTest(why)
        laptop, _ = self.enrolled("elsewhere")
        other = Lab("640x480")
        self.addCleanup(other.__exit__, None, None, None)
        data = os.path.join(other.server_home, "data")
        shutil.copytree(os.path.join(self.lab.server_home, "data", "ca"), os.path.join(data, "ca"))
        os.makedirs(os.path.join(data, "server"), mode=0o700)
        shutil.copy(os.path.join(self.lab.server_home, "data", "server", "ca.crt"), os.path.join(data, "server"))
        other.init()
        other.host, other.port = "127.0.0.2", self.lab.port
        other.start_daemon()
        wait_for("the other one runs", lambda: other.ctl("status", check=False).returncode == 0)
        ours, theirs = (lab.ctl_json("status") for lab in (self.lab, other))
        self.assertEqual(ours["ca_key_sha256"], theirs["ca_key_sha256"])
        with open(self.key + ".pub", encoding="ascii") as f:
            public = f.read().strip()
        jumps = {}
        for name, address in (("honest", self.lab.host), ("liar", other.host)):
            hosts = f"127.0.0.1 localhost\n{address} desk.farseat.test\n"
            jumps[name] = ssh.Sshd(self.lab, name, command=ssh.with_files(self.lab, name, {"hosts": hosts}))
            jumps[name].allow(public)
        more = "".join(f"Host {name}\n  HostName 127.0.0.1\n  Port {sshd.port}\n" for name, sshd in jumps.items())
        config = self.config(name="config-elsewhere", known="".join(sshd.known_line() for sshd in jumps.values()), more=more)
        laptop.edit_conf("^host = .*$", "host = desk.farseat.test")
        self.assert_same_picture(laptop, "office", "--via", "honest", config=config)
        r = self.farseat(laptop, "screenshot", "office", "/dev/null", "--via", "liar", config=config, check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn(ours["server_id"], r.stderr)
        self.assertIn(theirs["server_id"], r.stderr)

    def test_options_are_no_hosts(self):
        """what begins like an option is wrong usage, and never reaches ssh"""
        laptop = self.lab.laptop("options")
        for bad in ("-oProxyCommand=touch /tmp/x", "a,-F", "me@-l", "x;y", "$(id)"):
            r = self.farseat(laptop, "screenshot", "office", "x.png", "--via=" + bad, config=self.config(name="config-bad"),
                             check=False)
            self.assertEqual(r.returncode, 2, bad)
