"""Who is let in, who is not, and what is said about it."""
import ctypes
import errno
import json
import os
import socket
import subprocess
import time
import unittest

from lab import Lab, free_port, program, wait_for, within


def openssl(*arguments, stdin=None, check=True):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, text=True, check=check, timeout=30)


class Trust(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.share()
        cls.laptop = cls.lab.enrolled()
        base = os.path.join(cls.laptop.home, "data", "workstations", "office")
        cls.files = {n: os.path.join(base, n) for n in ("device.key", "device.crt", "ca.crt")}
        cls.server_name = cls.lab.ctl_json("status")["server_id"] + ".farseat.internal"

    def s_client(self, *arguments, good=True):
        """What openssl s_client says, with the laptop's own certificate or without."""
        more = ["-cert", self.files["device.crt"], "-key", self.files["device.key"]] if good else []
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.lab.port}", "-CAfile", self.files["ca.crt"],
             "-servername", self.server_name, "-verify_return_error", "-verify_hostname", self.server_name, "-tls1_2", *more, *arguments],
            input="", capture_output=True, text=True, timeout=20)

    def refused(self, said, *arguments, alert=None, good=False):
        before = len(self.lab.lines())
        r = self.s_client("-alpn", "farseat/1", *arguments, good=good)
        out = r.stdout + r.stderr
        if alert:
            self.assertIn(alert, out)
        wait_for(f"the log says: {said}", lambda: said in self.lab.lines()[before:])

    def test_foreign_stacks(self):
        """openssl and gnutls with a good certificate complete the handshake"""
        r = self.s_client("-alpn", "farseat/1")
        self.assertIn("Verify return code: 0", r.stdout)
        self.assertIn("ALPN protocol: farseat/1", r.stdout)
        self.assertRegex(r.stdout, "CHACHA20|AES256-GCM|AES_256_GCM")
        g = subprocess.run(
            ["gnutls-cli", "--x509cafile", self.files["ca.crt"], "--x509certfile", self.files["device.crt"], "--x509keyfile",
             self.files["device.key"], "--sni-hostname", self.server_name, "--verify-hostname", self.server_name, "--alpn", "farseat/1",
             "-p", str(self.lab.port), "127.0.0.1"], input="", capture_output=True, text=True, timeout=20)
        self.assertIn("Handshake was completed", g.stdout + g.stderr)

    def test_without_certificate(self):
        """without a certificate the handshake ends"""
        self.refused("no certificate", alert="alert")

    def test_other_ca(self):
        """a certificate of another CA is refused as unknown"""
        folder = self.lab.folder
        key, crt = os.path.join(folder, "o.key"), os.path.join(folder, "o.crt")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", crt, "-days",
                "9", "-subj", "/CN=x", "-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=clientAuth",
                "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=URI:farseat:device:1")
        self.refused("not signed by the authority", "-cert", crt, "-key", key, alert="unknown ca")

    def test_old_versions(self):
        """TLS 1.1 is refused"""
        r = self.s_client("-alpn", "farseat/1", "-no_tls1_2", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        self.assertNotIn("Verify return code: 0", r.stdout)

    def test_no_alpn(self):
        """a client that does not speak our protocol is refused"""
        before = len(self.lab.lines())
        self.s_client()
        wait_for("the log says why", lambda: "ALPN" in self.lab.lines()[before:] or "protocol" in self.lab.lines()[before:])

    def test_wrong_server(self):
        """a genuine server of another name is refused by the client, with both names"""
        other = Lab()
        self.addCleanup(other.__exit__, None, None, None)
        other.init()
        other.start_display()
        other.start_daemon()
        self.addCleanup(self.laptop.edit_conf("^port = .*$", f"port = {other.port}"))
        r = self.laptop.run("screenshot", "office", os.path.join(self.lab.folder, "x.png"), check=False)
        self.assertEqual(r.returncode, 3, r.stderr)

    def test_revocation(self):
        """revoking ends a running session within a second, and nothing lets the device back in"""
        tries = iter(("lost", "stolen", "sold"))

        def end_of_a_session_ms():
            nonlocal laptop
            name = next(tries)
            laptop = self.lab.enrolled(name)
            laptop.connect()
            self.addCleanup(laptop.close)
            laptop.same_ms()
            begin = time.monotonic()
            self.lab.ctl("revoke", name)
            wait_for("the session is gone", lambda: not [s for s in self.lab.sessions() if s["device"] == name], pause_s=0.01)
            return (time.monotonic() - begin) * 1000
        laptop = None
        within(1000, end_of_a_session_ms)
        r = laptop.run("screenshot", "office", os.path.join(self.lab.folder, "x.png"), check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn("revoked", r.stderr)

    def test_key_that_others_may_read(self):
        """a laptop's key that other users may read proves nothing: it is not used, and doctor and the command say why"""
        os.chmod(self.files["device.key"], 0o644)
        self.addCleanup(os.chmod, self.files["device.key"], 0o600)
        r = self.laptop.run("screenshot", "office", os.path.join(self.lab.folder, "x.png"), check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("device.key cannot be used: other users may read it ('chmod 600'", r.stderr)
        self.assertIn("farseat renew NAME", r.stderr)
        r = self.laptop.run("doctor", "office", "--json", check=False)
        self.assertEqual(json.loads(r.stdout)["diagnosis"], "key-mode")

    def test_down(self):
        """nobody listens: status 1 and what to do"""
        self.addCleanup(self.laptop.edit_conf("^port = .*$", f"port = {free_port()}"))
        r = self.laptop.run("screenshot", "office", os.path.join(self.lab.folder, "x.png"), check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("refused", r.stderr.lower())


class SocketUnit(unittest.TestCase):
    def test_names(self):
        """at a socket of both families, as systemd makes them, a client by IPv4 has its IPv4 address in the log, not [::ffff:...]"""
        lab = Lab("640x480")
        self.addCleanup(lab.__exit__, None, None, None)
        lab.init()
        lab.start_display()
        with socket.socket(socket.AF_INET6) as s:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            s.bind(("::ffff:127.0.0.1", lab.port))
            s.listen()
            lab.daemon = subprocess.Popen(
                ["bash", "-c", 'exec 3<&"$1"; shift; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "bash", str(s.fileno()), program("farseatd"), "--display",
                 lab.display.name], pass_fds=[s.fileno()], env=lab.server_environment(), stdin=subprocess.DEVNULL, stdout=lab.log, stderr=lab.log)
        laptop = lab.enrolled()  # it waits in the socket's queue until farseatd accepts
        laptop.run("screenshot", "office", os.path.join(lab.folder, "x.png"))
        for said in lab.lines(), lab.ctl("log").stdout:
            self.assertIn("127.0.0.1:", said)
            self.assertNotIn("::ffff", said)


LANDLOCK_VERSION = (444, None, 0, 1)  # landlock_create_ruleset that only asks for the kernel's version of it


def forbid_landlock():
    """What a container's list of system calls does that does not know Landlock: EPERM."""
    s = ctypes.CDLL("libseccomp.so.2")
    s.seccomp_init.restype = ctypes.c_void_p
    s.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    s.seccomp_load.argtypes = [ctypes.c_void_p]
    everything_else = s.seccomp_init(0x7fff0000)  # SCMP_ACT_ALLOW
    number = s.seccomp_syscall_resolve_name(b"landlock_restrict_self")
    if s.seccomp_rule_add(everything_else, 0x00050000 | errno.EPERM, number, 0) or s.seccomp_load(everything_else):  # SCMP_ACT_ERRNO
        os._exit(99)


class Container(unittest.TestCase):
    @unittest.skipIf(ctypes.CDLL(None).syscall(*LANDLOCK_VERSION) < 1, "this kernel has no Landlock")
    def test_without_landlock(self):
        """where a container forbids Landlock farseatd serves nobody; it and status say what the container has to let through"""
        lab = Lab("640x480")
        self.addCleanup(lab.__exit__, None, None, None)
        lab.init()
        lab.start_display()
        r = subprocess.run([program("farseatd"), "--listen", f"127.0.0.1:{lab.port}", "--display", lab.display.name], preexec_fn=forbid_landlock,
                           env=lab.server_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        self.assertEqual(r.returncode, 1, r.stderr)
        for said in r.stderr, lab.ctl("status", check=False).stdout:
            self.assertIn("cannot confine farseatd", said)
            self.assertIn("landlock_restrict_self", said)


class Usage(unittest.TestCase):
    def test_help(self):
        """every program explains itself, and wrong usage is status 2"""
        for name, words in (("farseat", ["connect", "enroll"]), ("farseatctl", ["invite", "revoke"]), ("farseatd", ["--listen"])):
            r = subprocess.run([program(name), "--help"], capture_output=True, text=True, timeout=10)
            self.assertEqual(r.returncode, 0, name)
            for word in words:
                self.assertIn(word, r.stdout, name)
            r = subprocess.run([program(name), "--no-such-option"], capture_output=True, text=True, timeout=10)
            self.assertEqual(r.returncode, 2, name)
            self.assertIn("no-such-option", r.stderr, name)
