"""Ways to a workstation: through a command, through proxies, through a gateway."""
import base64
import os
import re
import shutil
import socket
import subprocess
import threading
import unittest

from lab import Canvas, Lab, alive, children_of, end, free_port, name_of, wait_for


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


class HttpProxy(Relay):
    """CONNECT with Basic authentication; knows the workstation by a name that nobody else resolves."""

    NAME = "desk.farseat.test"

    def __init__(self, port, user="me", password="p@ss:word"):
        self.allowed = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.asked = []
        super().__init__(port)

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(4096)
            if not data:
                return
            head += data
        line, *headers = head.decode().split("\r\n")
        self.asked.append(line)
        if f"Proxy-Authorization: Basic {self.allowed}" not in headers:
            client.sendall(b'HTTP/1.1 407 Sign in\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 5\r\n\r\nsorry')
        elif line != f"CONNECT {self.NAME}:7420 HTTP/1.1":
            client.sendall(b"HTTP/1.1 502 Unknown\r\n\r\n")
        else:
            server = socket.create_connection(("127.0.0.1", self.target))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.join(client, server)
            return
        client.close()


class SocksProxy(HttpProxy):
    """SOCKS5 with user name and password."""

    def serve(self, client):
        take = lambda n: client.recv(n, socket.MSG_WAITALL)
        methods = take(take(2)[1])
        if 2 not in methods:
            client.sendall(b"\5\xff")
            client.close()
            return
        client.sendall(b"\5\2")
        take(1)
        user = take(take(1)[0])
        password = take(take(1)[0])
        if base64.b64encode(user + b":" + password).decode() != self.allowed:
            client.sendall(b"\1\1")
            client.close()
            return
        client.sendall(b"\1\0")
        head = take(4)
        name = take(take(1)[0]).decode() if head[3] == 3 else ""
        port = int.from_bytes(take(2), "big")
        self.asked.append((name, port))
        if (name, port) != (self.NAME, 7420):
            client.sendall(b"\5\4\0\1\0\0\0\0\0\0")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self.target))
        client.sendall(b"\5\0\0\1\177\0\0\1\0\1")
        self.join(client, server)


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


class Proxies(Scene):
    GOOD = "me:p%40ss%3Aword"

    def proxy(self, kind):
        proxy = kind(self.lab.port)
        self.addCleanup(proxy.stop)
        return proxy

    def check_exact(self, kind, scheme):
        """By a name that only the proxy knows; what passes the proxy is TLS."""
        proxy = self.proxy(kind)
        self.write_conf(host=kind.NAME, port=7420)
        self.assertEqual(self.picture("--proxy", f"{scheme}://{self.GOOD}@127.0.0.1:{proxy.port}"), self.direct)
        self.assertIn(23, tls_records(proxy.up[0]))
        self.assertIn(23, tls_records(proxy.down[0]))
        return proxy

    def test_http(self):
        """a screenshot through HTTP CONNECT with Basic authentication is bit-exact; every byte is a TLS record"""
        self.check_exact(HttpProxy, "http")

    def test_socks(self):
        """a screenshot through SOCKS5 with a password is bit-exact; the proxy resolves the name"""
        proxy = self.check_exact(SocksProxy, "socks5")
        self.assertEqual(proxy.asked[0], (HttpProxy.NAME, 7420))

    def test_wrong_password(self):
        """a wrong password, or none, is said as that, once, and without the password"""
        for kind, scheme in ((HttpProxy, "http"), (SocksProxy, "socks5")):
            proxy = self.proxy(kind)
            r = self.picture("--proxy", f"{scheme}://me:hunter22@127.0.0.1:{proxy.port}", check=False)
            self.assertEqual(r.returncode, 1, r.stderr)
            self.assertIn("refused the user name or the password", r.stderr)
            self.assertNotIn("hunter22", r.stderr)
            r = self.picture("--proxy", f"{scheme}://127.0.0.1:{proxy.port}", check=False)
            self.assertEqual(r.returncode, 1, r.stderr)
            self.assertIn("wants a user name and a password", r.stderr)

    def test_saved(self):
        """the proxy of workstation.conf is used for enrolling and afterwards; doctor names it; none goes without"""
        proxy = self.proxy(HttpProxy)
        laptop = self.lab.laptop("proxied")
        invitation = self.lab.ctl("invite", "proxied", "--address", HttpProxy.NAME + ":7420").stdout.strip()
        laptop.run("enroll", invitation, "--name", "office", "--proxy", f"http://{self.GOOD}@127.0.0.1:{proxy.port}")
        laptop.run("wait", "office", "--still")
        self.assertEqual(set(proxy.asked), {f"CONNECT {HttpProxy.NAME}:7420 HTTP/1.1"})
        said = laptop.run("doctor", "office").stdout
        self.assertRegex(said, "connection to the proxy +ok")
        self.assertRegex(said, f"proxy +ok .*opened {HttpProxy.NAME}:7420")
        self.assertNotIn("ss:word", said)
        r = laptop.run("screenshot", "office", "/dev/null", "--proxy", "none", "--timeout", "5", check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        conf = os.path.join(laptop.home, "data", "workstations", "office", "workstation.conf")
        self.assertEqual(os.stat(conf).st_mode & 0o777, 0o600)

    def test_environment(self):
        """https_proxy, all_proxy and no_proxy count as elsewhere, and reach no process of ours that strangers speak to"""
        proxy = self.proxy(HttpProxy)
        self.write_conf(host=HttpProxy.NAME, port=7420)
        before = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ["https_proxy"] = f"http://{self.GOOD}@127.0.0.1:{proxy.port}"
        self.assertEqual(self.picture(), self.direct)
        os.environ["no_proxy"] = "example.org,.farseat.test"
        r = self.picture(check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("cannot be resolved", r.stderr)
        del os.environ["no_proxy"]
        self.laptop.connect()
        self.addCleanup(self.laptop.close)
        self.laptop.same_ms(15000)
        for pid in children_of(self.laptop.window.pid):
            for file in ("environ", "cmdline"):
                with open(f"/proc/{pid}/{file}", "rb") as f:
                    self.assertNotIn(b"p%40ss", f.read(), name_of(pid))

    def test_unusable(self):
        """a proxy that is down, that is none, and a URL that is none"""
        r = self.picture("--proxy", f"http://127.0.0.1:{free_port()}", check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("proxy is not there", r.stderr)
        for scheme, words in (("http", "no HTTP proxy"), ("socks5", "no SOCKS5 proxy")):
            with socket.create_server(("127.0.0.1", 0)) as s:
                threading.Thread(target=lambda: s.accept()[0].sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), daemon=True).start()
                r = self.picture("--proxy", f"{scheme}://127.0.0.1:{s.getsockname()[1]}", check=False)
            self.assertEqual(r.returncode, 1, r.stderr)
            self.assertIn(words, r.stderr)
        r = self.picture("--proxy", "https://127.0.0.1:1", check=False)
        self.assertEqual(r.returncode, 2, r.stderr)

    def test_tinyproxy(self):
        """tinyproxy lets us through, and tells a wrong password"""
        if not shutil.which("tinyproxy"):
            self.skipTest("tinyproxy is not installed")
        port, conf = free_port(), os.path.join(self.lab.folder, "tinyproxy.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(f"Port {port}\nListen 127.0.0.1\nBasicAuth me secret\nAllow 127.0.0.1\nLogFile \"{self.lab.folder}/tinyproxy.log\"\n")
        self.run_beside(port, "tinyproxy", "-d", "-c", conf)
        self.assertEqual(self.picture("--proxy", f"http://me:secret@127.0.0.1:{port}"), self.direct)
        r = self.picture("--proxy", f"http://me:wrong@127.0.0.1:{port}", check=False)
        self.assertIn("the user name or the password", r.stderr)

    def test_microsocks(self):
        """microsocks lets us through, and tells a wrong password"""
        if not shutil.which("microsocks"):
            self.skipTest("microsocks is not installed")
        port = free_port()
        self.run_beside(port, "microsocks", "-i", "127.0.0.1", "-p", str(port), "-u", "me", "-P", "secret")
        self.assertEqual(self.picture("--proxy", f"socks5://me:secret@127.0.0.1:{port}"), self.direct)
        r = self.picture("--proxy", f"socks5://me:wrong@127.0.0.1:{port}", check=False)
        self.assertIn("refused the user name or the password", r.stderr)

    def run_beside(self, port, *command):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.lab.log, stderr=self.lab.log)
        self.addCleanup(end, process)

        def listens():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0
        wait_for(f"{command[0]} listens", listens)
