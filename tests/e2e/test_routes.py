"""Ways to a workstation: through a command, through proxies, through a gateway."""
import os
import re
import socket
import threading
import unittest

from lab import Canvas, Lab, alive, children_of, free_port, name_of, wait_for


class Relay:
    """Carries bytes between a loopback port and another, and keeps what passed: what a gateway sees."""

    def __init__(self, port):
        self.target = port
        self.up, self.down = [], []  # of each connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        self.join(client, socket.create_connection(("127.0.0.1", self.target)))

    def join(self, client, server):
        up, down = bytearray(), bytearray()
        self.up.append(up)
        self.down.append(down)
        threading.Thread(target=self.pump, args=(client, server, up), daemon=True).start()
        self.pump(server, client, down)

    @staticmethod
    def pump(source, target, kept):
        try:
            while data := source.recv(65536):
                kept += data
                target.sendall(data)
        except OSError:
            pass
        for s, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                s.shutdown(how)
            except OSError:
                pass

    def stop(self):
        self.listener.close()


def tls_records(data):
    """The types of the TLS records that data consists of; an error where it is anything else. The last one may be cut."""
    types, at = [], 0
    while at + 5 <= len(data):
        kind, major, length = data[at], data[at + 1], int.from_bytes(data[at + 3:at + 5], "big")
        if kind not in (20, 21, 22, 23) or major != 3 or length > 16384 + 256:
            raise AssertionError(f"no TLS record at byte {at}: {data[at:at + 16].hex()}")
        types.append(kind)
        at += 5 + length
    return types


class Scene(unittest.TestCase):
    """A workstation that stands still, and a laptop enrolled with it directly."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("1280x720")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        canvas = Canvas(cls.lab.display)
        cls.addClassCleanup(canvas.stop)
        canvas("photo 7")
        cls.laptop = cls.lab.enrolled()
        cls.conf = os.path.join(cls.laptop.home, "data", "workstations", "office", "workstation.conf")
        cls.direct = cls.picture(cls)

    def picture(self, *options, check=True):
        """A screenshot's bytes, or with check=False the finished process."""
        path = os.path.join(self.lab.folder, "shot.png")
        r = self.laptop.run("screenshot", "office", path, *options, check=check)
        if not check:
            return r
        with open(path, "rb") as f:
            return f.read()

    def write_conf(self, **keys):
        """The workstation's file with these keys added or replaced, until the test ends."""
        with open(self.conf, encoding="utf-8") as f:
            text = f.read()
        self.addCleanup(self.put_conf, text)
        for key, value in keys.items():
            text = re.sub(rf"(?m)^{key} = .*\n", "", text) + f"{key} = {value}\n"
        self.put_conf(text)

    def put_conf(self, text):
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(text)


class Command(Scene):
    RELAY = "exec socat - TCP:%h:%p"

    def test_exact(self):
        """a screenshot through a command's standard input and output is bit-exact; every byte is a TLS record"""
        relay = Relay(self.lab.port)
        self.addCleanup(relay.stop)
        self.write_conf(port=relay.port)
        self.assertEqual(self.picture("--via-command", self.RELAY), self.direct)
        self.assertEqual(len(relay.up), 1)
        self.assertIn(23, tls_records(relay.up[0]))
        self.assertIn(23, tls_records(relay.down[0]))

    def test_saved(self):
        """the command of workstation.conf is used, and the command line overrides it"""
        mark = os.path.join(self.lab.folder, "used")
        self.write_conf(via_command=f"echo %h %p >{mark}; {self.RELAY}")
        self.assertEqual(self.picture(), self.direct)
        with open(mark, encoding="utf-8") as f:
            self.assertEqual(f.read(), f"127.0.0.1 {self.lab.port}\n")
        os.unlink(mark)
        self.assertEqual(self.picture("--via-command", "none"), self.direct)
        self.assertFalse(os.path.exists(mark))

    def test_enrolment(self):
        """enrolling through a command keeps it with the workstation"""
        mark = os.path.join(self.lab.folder, "count")
        command = f"echo x >>{mark}; {self.RELAY}"
        laptop = self.lab.laptop("through")
        laptop.run("enroll", self.lab.invite("through"), "--name", "office", "--via-command", command)
        with open(os.path.join(laptop.home, "data", "workstations", "office", "workstation.conf"), encoding="utf-8") as f:
            self.assertIn(f"via_command = {command}\n", f.read())
        before = os.path.getsize(mark)
        self.assertGreater(before, 0)
        laptop.run("wait", "office", "--still")
        self.assertGreater(os.path.getsize(mark), before)
        r = self.lab.laptop("long").run("enroll", self.lab.invite("long"), "--via-command", "x" * 500, check=False)
        self.assertEqual(r.returncode, 2, r.stderr)

    def test_failing(self):
        """a command that fails: its last words and its status, status 1, and what to do"""
        r = self.picture("--via-command", "echo the jump host is down >&2; exit 9", check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("the jump host is down", r.stderr)
        self.assertIn("status 9", r.stderr)
        self.assertIn("--via-command", r.stderr)
        r = self.picture("--via-command", "no-such-program-here", check=False)
        self.assertIn("not found", r.stderr)
        r = self.picture("--via-command", "nc %x", check=False)
        self.assertEqual(r.returncode, 2, r.stderr)

    def test_ends(self):
        """the command ends with the window, even one that ignores its input's end"""
        self.laptop.connect("--via-command", f"trap '' TERM; {self.RELAY.replace('exec ', '')}; sleep 600")
        self.laptop.same_ms(15000)
        pids = [p for p in children_of(self.laptop.window.pid) if name_of(p) in ("sh", "socat", "sleep")]
        self.assertGreaterEqual(len(pids), 2)
        self.laptop.close()
        wait_for("the command is gone", lambda: not any(alive(p) for p in pids))

    def test_again(self):
        """a command that dies is started again, and the picture is back"""
        self.laptop.connect("--via-command", self.RELAY)
        self.addCleanup(self.laptop.close)
        self.laptop.same_ms(15000)
        pid = next(p for p in children_of(self.laptop.window.pid) if name_of(p) == "socat")
        os.kill(pid, 9)
        wait_for("another one runs", lambda: [p for p in children_of(self.laptop.window.pid) if name_of(p) == "socat" and p != pid])
        self.laptop.same_ms(15000)

    def test_other_ways(self):
        """two ways at once are wrong usage"""
        r = self.picture("--via", "jump", "--via-command", "x", check=False)
        self.assertEqual(r.returncode, 2, r.stderr)
        self.assertIn("one of them", r.stderr)

    def test_wrong_workstation(self):
        """a command that leads to another genuine workstation is refused, with both names"""
        other = Lab("640x480")
        self.addCleanup(other.__exit__, None, None, None)
        other.init()
        other.start_daemon()
        r = self.picture("--via-command", f"exec socat - TCP:127.0.0.1:{other.port}", check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
