"""Ways to a workstation: through a command, through proxies, through a gateway."""
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import unittest

from lab import Canvas, Lab, alive, children_of, end, free_port, name_of, program, wait_for
from wiretap import Wiretap, tls_records


class HttpProxy(Wiretap):
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
        with open(self.laptop.conf, encoding="utf-8") as f:
            text = f.read()
        self.addCleanup(self.laptop.put_conf, text)
        for key, value in keys.items():
            text = re.sub(rf"(?m)^{key} = .*\n", "", text) + f"{key} = {value}\n"
        self.laptop.put_conf(text)


class Command(Scene):
    RELAY = "exec socat - TCP:%h:%p"

    def test_exact(self):
        """a screenshot through a command's standard input and output is bit-exact; every byte is a TLS record"""
        relay = Wiretap(self.lab.port)
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
        with open(laptop.conf, encoding="utf-8") as f:
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
        for lab in (self.lab, other):
            self.assertIn(lab.ctl_json("status")["server_id"], r.stderr)


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
        self.assertEqual(os.stat(laptop.conf).st_mode & 0o777, 0o600)

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


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True, timeout=20)


class FarLab(Lab):
    """A workstation in a network namespace of its own: 10.77.N.2, with the gateway at 10.77.N.1."""

    def __init__(self, net, number):
        super().__init__("640x480")
        self.namespace = net.add(number)
        self.address = f"10.77.{number}.2"
        self.port = 7420
        self.gateway = f"10.77.{number}.1"

    def start(self, seed):
        self.init()
        with open(os.path.join(self.server_home, "config", "farseat.conf"), "a", encoding="utf-8") as f:
            f.write(f"\n[gateway]\nproxy_from = {self.gateway}\n")
        self.start_display()
        canvas = Canvas(self.display)
        self.cleanup.callback(canvas.stop)
        canvas(f"photo {seed}")
        self.daemon = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, program("farseatd"), "--listen", f"{self.address}:{self.port}", "--display",
             self.display.name],
            env=self.server_environment(), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for("farseatd listens", lambda: "listening on" in self.lines())

    def server_id(self):
        return self.ctl_json("status")["server_id"]


class Net:
    """Namespaces joined by one for the gateway; all go with the test."""

    def __init__(self, case):
        self.case, self.prefix = case, f"fs{os.getpid()}"
        self.gateway = self.namespace("gw")

    def namespace(self, name):
        full = f"{self.prefix}{name}"
        ip("netns", "add", full)
        self.case.addClassCleanup(ip, "netns", "del", full)
        ip("-n", full, "link", "set", "lo", "up")
        return full

    def add(self, number):
        """A namespace with 10.77.N.2, joined to the gateway's 10.77.N.1."""
        name = self.namespace(f"n{number}")
        here, there = f"{self.prefix}a{number}"[-15:], f"{self.prefix}b{number}"[-15:]
        ip("link", "add", here, "netns", self.gateway, "type", "veth", "peer", "name", there, "netns", name)
        for namespace, device, host in ((self.gateway, here, 1), (name, there, 2)):
            ip("-n", namespace, "addr", "add", f"10.77.{number}.{host}/24", "dev", device)
            ip("-n", namespace, "link", "set", device, "up")
        return name


class Gateway(unittest.TestCase):
    """HAProxy before three workstations; a laptop that reaches HAProxy alone."""

    @classmethod
    def setUpClass(cls):
        if not shutil.which("haproxy") and not os.path.exists("/usr/sbin/haproxy"):
            raise unittest.SkipTest("haproxy is not installed")
        try:
            cls.net = Net(cls)
        except (OSError, subprocess.SubprocessError) as e:
            raise unittest.SkipTest(f"network namespaces cannot be made here: {e}") from e
        cls.home = cls.net.add(9)
        cls.labs = []
        for number in (1, 2, 3):
            lab = FarLab(cls.net, number)
            cls.addClassCleanup(lab.__exit__, None, None, None)
            lab.start(number)
            cls.labs.append(lab)
        cls.start_haproxy()
        cls.laptops = []
        for lab in cls.labs:
            laptop = lab.laptop()
            cls.farseat(laptop, "enroll", lab.ctl("invite", "laptop", "--address", "10.77.9.1:7420").stdout.strip(), "--name", "office")
            cls.laptops.append(laptop)

    @classmethod
    def start_haproxy(cls):
        """The sample configuration with what 'farseatctl gateway haproxy' prints, and a port that leads to the first one always."""
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "haproxy.cfg"), encoding="utf-8") as f:
            text = f.read()
        text = text[:text.index("\tuse_backend")].replace("bind :7420", "bind 10.77.9.1:7420")
        entries = [lab.ctl_json("gateway", "haproxy", "--address", lab.address) for lab in cls.labs]
        text += "".join(f"\t{e['use_backend']}\n" for e in entries) + "".join(e["backend"].replace("10s", "1s") for e in entries)
        text += f"frontend wrong\n\tbind 10.77.9.1:7421\n\tdefault_backend farseat-{entries[0]['server_id']}\n"
        path = os.path.join(cls.labs[0].folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        process = subprocess.Popen(["ip", "netns", "exec", cls.net.gateway, "/usr/sbin/haproxy", "-db", "-f", path],
                                   stdin=subprocess.DEVNULL, stdout=cls.labs[0].log, stderr=cls.labs[0].log)
        cls.addClassCleanup(end, process)

        def listens():
            if process.poll() is not None:
                raise AssertionError("haproxy ended")
            return subprocess.run(["ip", "netns", "exec", cls.home, "socat", "-u", "OPEN:/dev/null", "TCP:10.77.9.1:7420"],
                                  capture_output=True, timeout=10).returncode == 0
        wait_for("haproxy listens", listens)

    @classmethod
    def farseat(cls, laptop, *arguments, check=True):
        r = subprocess.run(["ip", "netns", "exec", cls.home, program("farseat"), *arguments], env=laptop.environment(),
                           capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
        if check and r.returncode != 0:
            raise AssertionError(f"farseat {' '.join(arguments)}: status {r.returncode}: {r.stderr}")
        return r

    def picture(self, number, *options):
        path = os.path.join(self.labs[number].folder, "shot.png")
        self.farseat(self.laptops[number], "screenshot", "office", path, *options)
        with open(path, "rb") as f:
            return f.read()

    def inside(self, lab, namespace, command):
        """A command's own way to a workstation, from a namespace."""
        return f"exec ip netns exec {namespace} {command}:{lab.address}:{lab.port}"

    def test_routes(self):
        """each laptop gets its own workstation, bit-exact, through one port"""
        pictures = [self.picture(i) for i in range(3)]
        self.assertEqual(len(set(pictures)), 3)
        for i, lab in enumerate(self.labs):
            direct = self.picture(i, "--via-command", self.inside(lab, lab.namespace, "socat - TCP"))
            self.assertEqual(pictures[i], direct)

    def test_real_address(self):
        """sessions, log and audit name the laptop's address, not the gateway's"""
        lab = self.labs[1]
        waiting = subprocess.Popen(["ip", "netns", "exec", self.home, program("farseat"), "wait", "office", "--changed"],
                                   env=self.laptops[1].environment(), stdin=subprocess.DEVNULL, stdout=lab.log, stderr=lab.log)
        self.addCleanup(end, waiting)
        session = wait_for("the session is listed", lambda: [s for s in lab.sessions() if s["device"] == "laptop"])[0]
        self.assertRegex(session["peer"], r"^10\.77\.9\.2:\d+$")
        self.assertRegex(session["gateway"], r"^10\.77\.2\.1:\d+$")
        self.assertRegex(lab.lines(), r"laptop \(10\.77\.9\.2:\d+\): session \d+ begins")
        self.assertIn("10.77.9.2:", lab.ctl("log", "--json").stdout)

    def test_mandatory(self):
        """from the gateway's address a connection without the header is refused, and said why"""
        lab = self.labs[2]
        r = self.farseat(self.laptops[2], "screenshot", "office", "/dev/null", "--timeout", "5", "--via-command",
                         self.inside(lab, self.net.gateway, "socat - TCP"), check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        wait_for("the log says why", lambda: re.search(r"refused 10\.77\.3\.1:\d+.*send-proxy-v2 is missing", lab.lines()))

    def test_header_from_others(self):
        """a header from an address that is no gateway's is refused, and its word does not count"""
        lab = self.labs[2]
        before = len(lab.lines())
        header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\x09\x0a\0\0\1\0\1\0\2"
        r = subprocess.run(["ip", "netns", "exec", lab.namespace, "socat", "-t5", "-", f"TCP:{lab.address}:{lab.port}"], input=header,
                           capture_output=True, timeout=20)
        self.assertNotIn(b"\x16", r.stdout[:1])
        wait_for("the log tells of it", lambda: f"{lab.address}:" in lab.lines()[before:])
        self.assertNotIn("192.0.2.9", lab.lines()[before:])

    def test_wrong_workstation(self):
        """a gateway that leads to another workstation is refused, with both names"""
        self.addCleanup(self.laptops[1].edit_conf("^port = 7420$", "port = 7421"))
        r = self.farseat(self.laptops[1], "screenshot", "office", "/dev/null", check=False)
        self.assertEqual(r.returncode, 3, r.stderr)
        for lab in self.labs[:2]:
            self.assertIn(lab.server_id(), r.stderr)

    def test_health_checks(self):
        """the gateway's health checks are no events: nothing is refused, nobody is named"""
        for lab in self.labs:
            self.assertNotIn("looked whether", lab.lines())
            self.assertFalse([e for e in lab.ctl_json("log")["events"] if e["event"] == "refused" and lab.gateway in e.get("peer", "")
                              and "send-proxy-v2" not in json.dumps(e)])
