"""What the channel promises, seen from outside: forged certificates, changed bytes, tickets of a device that was revoked."""
import contextlib
import os
import re
import selectors
import socket
import subprocess
import threading
import time
import unittest

from lab import Canvas, Failure, Lab, end, free_port, program, wait_for
from wiretap import Server

PROFILE = """[leaf]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage={purpose}
subjectAltName={name}
"""


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=True, timeout=30)


class Relay(Server):
    """Stands between a laptop and the workstation; may change one byte in one direction, as soon as so many came down."""

    def __init__(self, port, direction=None, after=0):
        self.target, self.direction, self.after = port, direction, after
        self.down = 0
        self.changed = threading.Event()
        super().__init__()

    def serve(self, client):
        workstation = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self.carry, args=(client, workstation, "up"), daemon=True).start()
        self.carry(workstation, client, "down")

    def carry(self, source, sink, direction):
        try:
            while data := source.recv(65536):
                if direction == "down":
                    self.down += len(data)
                if direction == self.direction and self.down > self.after and not self.changed.is_set():
                    data = data[:-1] + bytes([data[-1] ^ 1])
                    self.changed.set()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Channel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(screen="640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()
        canvas = Canvas(cls.lab.display)
        cls.addClassCleanup(canvas.stop)
        canvas("photo 1")
        cls.server_id = cls.lab.ctl_json("status")["server_id"]

    def files(self, laptop):
        base = os.path.join(laptop.home, "data", "workstations", "office")
        return [os.path.join(base, n) for n in ("device.crt", "device.key", "ca.crt")]

    # -- certificates that the workstation's own authority signed, and that are still not let in
    def forge(self, start, end, purpose="clientAuth", name="URI:farseat:device:f53d69be-3e43-4185-8229-ea0eaf721e6c"):
        """A certificate by the authority's key, as somebody would make it who got hold of that key."""
        folder = os.path.join(self.lab.folder, f"forged-{len(os.listdir(self.lab.folder))}")
        os.mkdir(folder)
        key, csr, crt, conf = (os.path.join(folder, n) for n in ("key", "csr", "crt", "conf"))
        data = os.path.join(self.lab.server_home, "data")
        with open(conf, "w", encoding="utf-8") as f:
            f.write("[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
                    "email_in_dn=no\n[p]\ncommonName=supplied\n" % (folder, folder) + PROFILE.format(purpose=purpose, name=name))
        open(os.path.join(folder, "index"), "w", encoding="utf-8").close()
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", csr, "-subj", "/CN=x")
        openssl("ca", "-batch", "-config", conf, "-extensions", "leaf", "-cert", os.path.join(data, "server", "ca.crt"), "-keyfile",
                os.path.join(data, "ca", "ca.key"), "-in", csr, "-out", crt, "-startdate", start, "-enddate", end, "-notext")
        return crt, key

    def refused(self, certificate, key, alert, said):
        before = len(self.lab.lines())
        name = self.server_id + ".farseat.internal"
        r = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.lab.port}", "-CAfile", self.files(self.laptop)[2], "-servername", name,
             "-alpn", "farseat/1", "-cert", certificate, "-key", key, "-msg", "-tls1_2"], input="", capture_output=True, text=True, timeout=20)
        self.assertIn(f"alert number {alert}", (r.stdout + r.stderr).replace("SSL alert", "alert"), r.stderr)
        wait_for(f"the log says: {said}", lambda: said in self.lab.lines()[before:])
        self.assertFalse(self.lab.sessions())

    def test_expired(self):
        """an expired certificate: alert certificate_expired"""
        self.refused(*self.forge("20200101000000Z", "20210101000000Z"), 45, "has expired")

    def test_not_yet_valid(self):
        """one of tomorrow: alert certificate_unknown, and the log says that it is not valid yet"""
        self.refused(*self.forge("20900101000000Z", "20910101000000Z"), 46, "not valid yet")

    def test_purpose_of_a_server(self):
        """the right authority, but a server's purpose: alert unsupported_certificate"""
        self.refused(*self.forge("20200101000000Z", "20900101000000Z", purpose="serverAuth"), 43, "purpose")

    def test_not_in_the_registry(self):
        """all is right with it, but the registry does not know it: alert access_denied"""
        self.refused(*self.forge("20200101000000Z", "20900101000000Z"), 49, "not admitted")

    def test_revoked(self):
        """a revoked certificate: alert certificate_revoked"""
        laptop = self.lab.enrolled("gone")
        self.lab.ctl("revoke", "gone")
        crt, key, _ = self.files(laptop)
        self.refused(crt, key, 44, "revoked")

    def test_enrolment_by_a_device(self):
        """a device's certificate opens nothing where invitations are spent"""
        r = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.lab.port}", "-servername", self.server_id + ".farseat.internal", "-alpn",
             "farseat-enroll/1", "-cert", self.files(self.laptop)[0], "-key", self.files(self.laptop)[1], "-tls1_2"],
            input="", capture_output=True, text=True, timeout=20)
        self.assertRegex(r.stdout + r.stderr, "alert number (4[0-9])")

    # -- a server that is not the one that was asked for
    def test_wrong_name(self):
        """another server of the same authority: refused by name with both names said, and told by alert bad_certificate"""
        other = "ws-0123456789ab.farseat.internal"
        crt, key = self.forge("20200101000000Z", "20900101000000Z", purpose="serverAuth", name="DNS:" + other)
        port = free_port()
        server = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", crt, "-key", key, "-CAfile", self.files(self.laptop)[2],
             "-Verify", "1", "-alpn", "farseat/1", "-tls1_2", "-msg", "-naccept", "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(end, server)
        wait_for("s_server listens", lambda: server.stdout.readline().startswith("ACCEPT"))
        r = self.through_port(port)
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertIn(self.server_id, r.stderr)
        self.assertIn("ws-0123456789ab", r.stderr)
        # It ends with the second connection: this one, or the client's own, without the session of the real server's TLS 1.3.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
        said = server.communicate(timeout=20)[0]
        self.assertRegex(said, r"<<<.*Alert \[length 0002\], fatal bad_certificate")
        self.assertNotRegex(said, r"<<<.*(CertificateVerify|ClientKeyExchange)")  # it did not prove who it is

    def test_exporter_as_of_openssl(self):
        """what the second proof is bound to is what another library exports of the same connection"""
        data = os.path.join(self.lab.server_home, "data", "server")
        crt, key, ca = self.files(self.laptop)
        for version in ([], ["-tls1_2"]):
            port = free_port()
            server = subprocess.Popen(
                ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", data + "/server.crt", "-key", data + "/server.key", "-CAfile", ca,
                 "-Verify", "1", "-alpn", "farseat/1", *version, "-keymatexport", "EXPERIMENTAL farseat proof", "-keymatexportlen", "32",
                 "-naccept", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.addCleanup(end, server)
            wait_for("s_server listens", lambda: server.stdout.readline().startswith(b"ACCEPT"))
            client = subprocess.Popen(
                [program("raw_client"), "--connect", f"127.0.0.1:{port}", "--server-id", self.server_id, "--cert", crt, "--key", key, "--ca", ca,
                 "session", "0"], stdout=subprocess.PIPE, text=True)
            self.addCleanup(end, client)
            said = b""
            while b"raw_client" not in said:  # its HELLO: the handshake is over at both ends
                more = server.stdout.read1(4096)
                self.assertTrue(more, said)
                said += more
            end(server)
            theirs = re.search(rb"Keying material: (\w+)", said).group(1).decode().lower()
            self.assertIn(f"binding={theirs} ", client.communicate(timeout=20)[0])

    # -- bytes that are changed on their way
    def through(self, relay):
        """farseat screenshot by way of a relay."""
        self.addCleanup(relay.stop)
        return self.through_port(relay.port)

    def through_port(self, port):
        put_back = self.laptop.edit_conf("^port = .*$", f"port = {port}")
        try:
            return self.laptop.run("screenshot", "office", os.path.join(self.lab.folder, "x.png"), "--timeout", "8", check=False)
        finally:
            put_back()

    def test_flipped_on_the_way_down(self):
        """a byte changed in the picture: the client says so, and nothing of it reaches the decoder"""
        self.assertEqual(self.through(Relay(self.lab.port)).returncode, 0, "without a change it works")
        relay = Relay(self.lab.port, "down", 20000)
        r = self.through(relay)
        self.assertTrue(relay.changed.is_set())
        self.assertIn("changed on their way", r.stderr)
        self.assertNotIn("malformed", r.stderr)

    def test_flipped_on_the_way_up(self):
        """a byte changed in what the client sends: the workstation says so and ends the connection"""
        before = len(self.lab.lines())
        relay = Relay(self.lab.port, "up", 20000)
        self.through(relay)
        self.assertTrue(relay.changed.is_set())
        wait_for("the log says so", lambda: "changed on its way" in self.lab.lines()[before:])
        wait_for("the session is gone", lambda: not self.lab.sessions())

    # -- tickets
    def resume(self, laptop, meanwhile):
        """What a client gets that comes back with the ticket of its session after meanwhile()."""
        crt, key, ca = self.files(laptop)
        client = subprocess.Popen(
            [program("raw_client"), "--connect", f"127.0.0.1:{self.lab.port}", "--server-id", self.server_id, "--cert", crt, "--key", key,
             "--ca", ca, "resume"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if client.stdout.readline().strip() != "open":
            raise Failure("no session to resume")
        meanwhile()
        out, _ = client.communicate("\n", timeout=20)
        return dict(re.findall(r'(\w+)="?([^"\s]*)', out))

    def test_ticket(self):
        """a ticket makes the next handshake short"""
        r = self.resume(self.laptop, lambda: None)
        self.assertEqual((r["resumed"], r["session"]), ("1", "open"), r)

    def test_ticket_of_a_revoked_device(self):
        """the ticket of a device that was revoked meanwhile opens nothing"""
        laptop = self.lab.enrolled("stolen")
        r = self.resume(laptop, lambda: self.lab.ctl("revoke", "stolen"))
        self.assertEqual((r["resumed"], r["session"], r["caps"], r["fault"]), ("0", "refused", r["caps"], "refused"), r)
        self.assertFalse([s for s in self.lab.sessions() if s["device"] == "stolen"])


class Crowd(unittest.TestCase):
    """More connections come from one place than its share: whoever means it gets in all the same."""

    FLOOD_S = 0.8

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(screen="640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()

    @contextlib.contextmanager
    def flood(self):
        """Strangers that come as fast as they can, for a while after the first was refused; what the refused ones
        were told. Who is let in says nothing and stays."""
        told, underway, over = [], threading.Event(), threading.Event()

        def come():
            with contextlib.ExitStack() as here, selectors.DefaultSelector() as waiting:
                last = None
                while not over.is_set() and (last is None or time.monotonic() < last):
                    s = here.enter_context(socket.create_connection(("127.0.0.1", self.lab.port)))
                    waiting.register(s, selectors.EVENT_READ)
                    for key, _ in waiting.select(0.005):
                        with contextlib.suppress(ConnectionError):
                            told.append(key.fileobj.recv(16))
                            last = last or time.monotonic() + self.FLOOD_S
                            underway.set()
                        waiting.unregister(key.fileobj)
                        key.fileobj.close()

        strangers = threading.Thread(target=come)
        strangers.start()
        try:
            self.assertTrue(underway.wait(20), "nobody was refused")
            yield told
        finally:
            over.set()
            strangers.join()

    def test_commands_try_again(self):
        """a script's command that comes in the middle of it takes a little longer"""
        picture = os.path.join(self.lab.folder, "crowd.png")
        with self.flood() as told:
            self.laptop.run("screenshot", "office", picture)
            self.assertIn(bytes([21, 3, 3, 0, 2, 2, 80]), told)

    def test_enrolment_tries_again(self):
        """so does an enrolment, and its invitation is good"""
        laptop, invitation = self.lab.laptop("patient"), self.lab.invite("patient")
        with self.flood():
            laptop.enroll(invitation)
