"""A laptop's private key stays on the laptop: it is in nothing that leaves, in the clear or not, and nothing leaves for a stranger."""
import base64
import json
import os
import re
import socket
import stat
import subprocess
import threading
import unittest

import ssh
from lab import Lab, program, wait_for
from wiretap import Wiretap

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33  # socket(7); root may have more than the system's usual maximum, so that a busy machine loses nothing


class Capture:
    """Every packet of the loopback interface, from any program, as root sees them."""

    def __init__(self):
        self.bytes = bytearray()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind(("lo", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.socket.settimeout(0.2)
        self.going = True
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while self.going:
            try:
                self.bytes += self.socket.recv(70000)
            except TimeoutError:
                continue

    def stop(self):
        self.going = False
        self.thread.join()
        self.socket.close()
        return bytes(self.bytes)


def forms_of(path):
    """What a private key could look like on its way: its scalar (RFC 5915) raw, in hex and in base64, and the lines of its file."""
    der = subprocess.run(["openssl", "ec", "-in", path, "-outform", "DER"], capture_output=True, check=True).stdout
    scalar = re.match(rb"\x30.\x02\x01\x01\x04\x20(.{32})", der, re.DOTALL).group(1)
    forms = [scalar, scalar[::-1], scalar.hex().encode(), scalar.hex().upper().encode()]
    for skip in range(3):  # wherever in three bytes it begins
        part = scalar[skip:skip + 27]
        forms += [base64.b64encode(part), base64.urlsafe_b64encode(part)]
    with open(path, "rb") as f:
        forms += [line for line in f.read().splitlines() if len(line) > 40 and b"PRIVATE" not in line]
    return forms


class KeyStaysHome(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        why = ssh.missing()
        if why:
            raise unittest.SkipTest(why)
        cls.lab = Lab(screen="640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        lab = cls.lab
        lab.init()
        with open(os.path.join(lab.server_home, "config", "farseat.conf"), "w", encoding="ascii") as f:
            f.write(f"[server]\nlisten = 127.0.0.1:{lab.port}\n")
        lab.start_daemon()
        cls.received = os.path.join(lab.folder, "received")
        cls.sshd = ssh.Sshd(lab, "office", options=["LogLevel DEBUG1"],
                            environment=[("FARSEAT_HOME", lab.server_home), ("PATH", cls.eavesdropper() + ":/usr/bin:/bin")])
        cls.login_key = os.path.join(lab.folder, "id")
        cls.sshd.allow(ssh.make_key(cls.login_key))

    @classmethod
    def eavesdropper(cls):
        """A farseatctl at the workstation that keeps its arguments, environment and input: what came out of SSH there, in the clear."""
        folder = os.path.join(cls.lab.folder, "bin")
        os.mkdir(folder)
        path = os.path.join(folder, "farseatctl")
        with open(path, "w", encoding="ascii") as f:
            f.write(f'#!/bin/sh\nout={cls.received}\nprintf "%s\\n" "$@" >>$out\nenv >>$out\n'
                    f'tee -a $out.stdin | {program("farseatctl")} "$@"\n')
        os.chmod(path, 0o755)
        return folder

    def enroll_over_ssh(self, name, port, known):
        """(laptop, finished process)."""
        laptop = self.lab.laptop(name)
        hosts = os.path.join(laptop.home, "known_hosts")
        config = os.path.join(laptop.home, "ssh_config")
        with open(hosts, "w", encoding="ascii") as f:
            f.write(known.replace(f":{self.sshd.port} ", f":{port} "))
        with open(config, "w", encoding="ascii") as f:
            f.write(f"Host *\n  UserKnownHostsFile {hosts}\n  GlobalKnownHostsFile none\n  IdentityFile {self.login_key}\n  IdentityAgent none\n")
        e = {k: v for k, v in laptop.environment().items() if k != "SSH_AUTH_SOCK"}
        r = subprocess.run([program("farseat"), "enroll", f"ssh://127.0.0.1:{port}", "--name", "office"], env={**e, "FARSEAT_SSH_CONFIG": config},
                           capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, start_new_session=True)
        return laptop, r

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()

    def device_key(self, laptop):
        return os.path.join(laptop.home, "data", "workstations", "office", "device.key")

    def assert_in_none(self, key, seen):
        self.assertTrue(any(form in self.read(key) for form in forms_of(key)), "it would not be recognised")
        for form in forms_of(key):
            for what, data in seen.items():
                self.assertNotIn(form, data, f"the key's {form!r} is in {what}")

    def everything_there(self):
        """All that the workstation has kept."""
        seen = {"the programs' log": self.lab.lines().encode(), "sshd's log": self.sshd.lines().encode()}
        for folder, _, names in os.walk(self.lab.server_home):
            for name in names:
                path = os.path.join(folder, name)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    seen[path] = self.read(path)
        return seen

    def make_due(self):
        """As if the device's certificate were 70 days old. A change of something else has farseatd read the registry."""
        path = os.path.join(self.lab.server_home, "data", "server", "registry.json")
        with open(path, encoding="utf-8") as f:
            registry = json.load(f)
        device = registry["devices"][-1]  # the newest
        key = device["key"]
        key["issued"], key["expires"] = key["issued"] - 70 * 86400, key["expires"] - 70 * 86400
        with open(path, "w", encoding="utf-8") as f:
            json.dump(registry, f)
        self.lab.ctl("caps", "--", device["name"], "-clipboard-out")

    def test_enrolment_over_ssh(self):
        """enrolling over SSH, a picture, renewing: the keys are in no packet, in nothing that came out of SSH, in no file at the workstation"""
        tap = Wiretap(self.sshd.port)
        self.addCleanup(tap.stop)
        for name in (self.received, self.received + ".stdin"):
            open(name, "wb").close()
        capture = Capture()
        laptop, r = self.enroll_over_ssh("one", tap.port, self.sshd.known_line())
        key = self.device_key(laptop)
        try:
            self.assertEqual(r.returncode, 0, r.stderr)
            first = os.path.join(self.lab.folder, "first.key")
            with open(first, "wb") as f:
                f.write(self.read(key))
            laptop.run("screenshot", "office", os.path.join(self.lab.folder, "one.png"))
            self.make_due()
            laptop.run("renew", "office")
            laptop.run("screenshot", "office", os.path.join(self.lab.folder, "two.png"))
        finally:
            packets = capture.stop()
        self.assertNotEqual(self.read(first), self.read(key))
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(key)).st_mode), 0o700)
        # That there is something to look at: the packets hold SSH and TLS, and what came out of SSH is the request and nothing else.
        self.assertIn(b"SSH-2.0-", packets)
        self.assertIn(b".farseat.internal", packets)
        self.assertGreater(len(tap.up[0]), 1000)
        stdin = self.read(self.received + ".stdin")
        self.assertRegex(stdin, rb"\A-----BEGIN CERTIFICATE REQUEST-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE REQUEST-----\n\Z")
        public = subprocess.run(["openssl", "req", "-pubkey", "-noout"], input=stdin, capture_output=True, check=True).stdout
        self.assertEqual(public, subprocess.run(["openssl", "ec", "-in", first, "-pubout"], capture_output=True, check=True).stdout)
        seen = {"a packet": packets, "what SSH carried": bytes(tap.up[0]) + bytes(tap.down[0]), "the login's input": stdin,
                "the login's arguments and environment": self.read(self.received), **self.everything_there()}
        self.assert_in_none(first, seen)
        self.assert_in_none(key, seen)

    def test_enrolment_by_invitation(self):
        """enrolling by an invitation: neither the laptop's key nor the invitation's secret is in a packet or at the workstation"""
        invitation = self.lab.invite("two")
        laptop = self.lab.laptop("two")
        capture = Capture()
        try:
            laptop.enroll(invitation)
        finally:
            packets = capture.stop()
        self.assertIn(b".farseat.internal", packets)
        seen = {"a packet": packets, **self.everything_there()}
        self.assert_in_none(self.device_key(laptop), seen)
        secret = invitation.split("#v1.")[1].split(".")[0].encode()
        raw = base64.urlsafe_b64decode(secret + b"=" * (-len(secret) % 4))
        self.assertGreaterEqual(len(raw), 32)
        for what, data in seen.items():
            self.assertNotIn(secret, data, what)
            self.assertNotIn(raw, data, what)

    def test_changed_host_key(self):
        """a changed host key: status 3, and not even the user's name was sent; no key was made"""
        other = ssh.make_key(os.path.join(self.lab.folder, "other-host"))
        tap = Wiretap(self.sshd.port)
        self.addCleanup(tap.stop)
        before = len(self.sshd.lines())
        laptop, r = self.enroll_over_ssh("three", tap.port, self.sshd.known_line(public=other))
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn("CHANGED", r.stderr)
        wait_for("sshd has noticed the end", lambda: "Connection closed" in self.sshd.lines()[before:] or "Disconnected" in
                 self.sshd.lines()[before:] or "disconnect" in self.sshd.lines()[before:])
        self.assertIn("SSH2_MSG_KEXINIT received", self.sshd.lines()[before:])
        self.assertNotIn("userauth-request", self.sshd.lines()[before:])
        self.assertEqual(len(tap.up), 1)
        self.assertFalse(os.path.exists(self.device_key(laptop)))
        # The same with the right key is let in: what is looked for above is there then.
        before = len(self.sshd.lines())
        _, r = self.enroll_over_ssh("four", tap.port, self.sshd.known_line())
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("userauth-request", self.sshd.lines()[before:])
