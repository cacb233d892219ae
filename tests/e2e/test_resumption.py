"""What a ticket is worth when its time is over, in the version of TLS that this Debian's library speaks.

FARSEAT_E2E_TLS: that version (default 1.2, Debian 12's; tests/support/trixie.sh says 1.3). Resumption after a cut, and a device that is
revoked during one: test_link.py.
"""
import json
import os
import re
import subprocess
import time
import unittest

from lab import Canvas, Lab, Link, end, program, wait_for

VERSION = "TLSv" + os.environ.get("FARSEAT_E2E_TLS", "1.2")
DEVICE_S = 90 * 86400 - 5 * 60  # a certificate's life, from the moment it is signed: it begins five minutes before
TICKET_S = 7  # how long a ticket is good: longer than coming back at once takes on a busy machine
ALIVE_S = 8  # how long the device's certificate is still good


class Resumption(unittest.TestCase):
    def setUp(self):
        self.lab = Lab("640x480")
        self.addCleanup(self.lab.__exit__, None, None, None)

    def start(self, tls=""):
        self.lab.init()
        with open(os.path.join(self.lab.server_home, "config", "farseat.conf"), "a", encoding="ascii") as f:
            f.write(f"[tls]\n{tls}\n")
        self.lab.start_daemon()
        return self.lab.enrolled()

    def session(self):
        one = self.lab.sessions()[0]
        self.assertEqual(one["tls"], VERSION)
        return one

    def files(self, laptop, *names):
        return [os.path.join(laptop.home, "data", "workstations", "office", n) for n in names]

    def test_expired_ticket(self):
        """a ticket that expired during a cut of the link: the picture is back all the same, by a full handshake"""
        if not Link.possible():
            self.skipTest("needs root and /dev/net/tun")
        link = self.lab.over_link()
        laptop = self.start(f"ticket_lifetime = {TICKET_S}s")
        canvas = Canvas(self.lab.display)
        self.addCleanup(canvas.stop)
        laptop.connect()
        canvas("photo 1")
        laptop.same_ms()
        self.assertFalse(self.session()["resumed"])
        ticket, = self.files(laptop, "session.tls")
        wait_for("the ticket is stored", lambda: os.path.exists(ticket))
        stored = os.stat(ticket).st_mtime_ns
        # It is good for something first: the next connection resumes.
        laptop.close()
        wait_for("no session", lambda: not self.lab.sessions())
        laptop.connect()
        laptop.same_ms()
        self.assertTrue(self.session()["resumed"])
        wait_for("another ticket is stored", lambda: os.stat(ticket).st_mtime_ns != stored)
        expires = time.monotonic() + TICKET_S
        link("cut")
        wait_for("the session has ended", lambda: not self.lab.sessions())
        time.sleep(max(0, expires + 1 - time.monotonic()))
        canvas("photo 2")
        link("join")
        laptop.same_ms()
        self.assertFalse(self.session()["resumed"])

    def test_ticket_is_good_once(self):
        """each connection leaves a ticket for the next; one that was used opens nothing again, as somebody would who had recorded it"""
        laptop = self.start()
        ticket, = self.files(laptop, "session.tls")
        picture = os.path.join(self.lab.folder, "x.png")
        used = b""
        for resumed in (False, True, True):
            before = len(self.lab.lines())
            laptop.run("screenshot", "office", picture)
            self.assertEqual(", resumed" in self.lab.lines()[before:], resumed)
            used, former = self.read(ticket), used
            self.assertNotEqual(used, former)
        with open(ticket, "wb") as f:
            f.write(former)
        before = len(self.lab.lines())
        laptop.run("screenshot", "office", picture)
        self.assertNotIn(", resumed", self.lab.lines()[before:])

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()

    @unittest.skipIf(VERSION == "TLSv1.2", "this library has one version only")
    def test_version_changes(self):
        """a ticket of one version of TLS, and a workstation that speaks only the other now: connected, by a full handshake"""
        laptop = self.start()
        picture = os.path.join(self.lab.folder, "x.png")
        conf = os.path.join(self.lab.server_home, "config", "farseat.conf")
        with open(conf, encoding="ascii") as f:
            text = f.read()
        ticket, = self.files(laptop, "session.tls")
        for only in ("tls12 = no", "tls13 = no", "tls12 = no"):
            self.lab.stop_daemon()
            with open(conf, "w", encoding="ascii") as f:
                f.write(text + only + "\n")
            self.lab.start_daemon()
            before = len(self.lab.lines())
            laptop.run("screenshot", "office", picture)
            self.assertIn("TLSv1.3" if only == "tls12 = no" else "TLSv1.2", self.lab.lines()[before:])
            self.assertTrue(os.path.exists(ticket))
            os.unlink(picture)

    def short_lived(self, laptop):
        """A certificate of the registry for the laptop's key, which ends soon: the signer's clock was that wrong."""
        key, crt = self.files(laptop, "device.key", "device.crt")
        request = subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=x"], capture_output=True, text=True, check=True).stdout
        e = self.lab.server_environment(LD_PRELOAD=program("libclockshift.so"), CLOCKSHIFT_S=str(ALIVE_S - DEVICE_S))
        r = subprocess.run([program("farseatctl"), "sign", "--csr", "-", "--name", "brief", "--json"], env=e, input=request,
                           capture_output=True, text=True, check=True)
        with open(crt, "w", encoding="ascii") as f:
            f.write(json.loads(r.stdout)["certificate"])
        return time.monotonic() + ALIVE_S

    def test_expired_device(self):
        """the ticket of a device whose certificate has ended meanwhile opens nothing"""
        laptop = self.start()
        ends = self.short_lived(laptop)
        crt, key, ca = self.files(laptop, "device.crt", "device.key", "ca.crt")
        client = subprocess.Popen(
            [program("raw_client"), "--connect", f"127.0.0.1:{self.lab.port}", "--server-id", self.lab.ctl_json("status")["server_id"],
             "--cert", crt, "--key", key, "--ca", ca, "resume"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(end, client)
        said = client.stdout.readline()
        self.assertEqual(said.strip(), "open", "no session to resume")
        self.assertEqual(self.session()["device"], "brief")
        time.sleep(max(0, ends + 1 - time.monotonic()))
        before = len(self.lab.lines())
        out, _ = client.communicate("\n", timeout=30)
        r = dict(re.findall(r'(\w+)="?([^"\s]*)', out))
        self.assertEqual((r["session"], r["resumed"]), ("refused", "0"), r)
        wait_for("the log says why", lambda: "expired" in self.lab.lines()[before:])
        self.assertFalse([s for s in self.lab.sessions() if s["device"] == "brief"])
