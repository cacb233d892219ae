"""What a client gets that misbehaves, and that nobody else notices (tests/support/raw_client)."""
import concurrent.futures
import hashlib
import os
import re
import subprocess
import unittest

from lab import SCREEN, Canvas, Lab, children_of, name_of, program, wait_for

BROKEN = int(os.environ.get("FARSEAT_BROKEN_MESSAGES", "630"))  # 126 are each message of a client's broken in each way
SOURCES = 200  # addresses that the many connections come from: the limits hold for each


def memory_kib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


class Hostile(unittest.TestCase):
    """A workstation with a laptop that behaves, one that does not, and one that may only see."""
    screen = SCREEN

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(cls.screen)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        cls.good = cls.lab.enrolled("good")
        cls.bad = cls.lab.enrolled("bad")
        cls.viewer = cls.lab.enrolled("viewer", "view")
        cls.server_id = cls.lab.ctl_json("status")["server_id"]
        cls.canvas = Canvas(cls.lab.display)
        cls.addClassCleanup(cls.canvas.stop)

    def raw(self, laptop, *arguments, timeout_s=60, sources=1):
        """raw_client with a laptop's identity; its line as a dict."""
        base = os.path.join(laptop.home, "data", "workstations", "office")
        r = subprocess.run(
            [program("raw_client"), "--connect", f"127.0.0.1:{self.lab.port}", "--server-id", self.server_id, "--sources", str(sources),
             "--cert", base + "/device.crt", "--key", base + "/device.key", "--ca", base + "/ca.crt", *arguments],
            capture_output=True, text=True, timeout=timeout_s)
        self.assertIn(r.returncode, (0, 3), r.stderr)
        return dict(re.findall(r'(\w+)="?([^"\s]*)', r.stdout))

    def workers(self):
        return [p for p in children_of(self.lab.daemon.pid) if name_of(p) == "farseat-worker"[:15]]


class Misuse(Hostile):
    def test_session(self):
        """the raw client opens a session like any other"""
        r = self.raw(self.bad, "session", "1")
        self.assertEqual(r["fault"], "ok")
        self.assertGreaterEqual(int(r["frames"]), 1)

    def test_view_sends_input(self):
        """a device that may only see sends every input: nothing reaches X, its session ends, one line tells"""
        before = len(self.lab.lines())
        r = self.raw(self.viewer, "inputs")
        self.assertEqual(r["goodbye"], "5", r)
        self.assertEqual(self.lab.display.keys_down(), [])
        wait_for("its session ends", lambda: not any(s.get("device") == "viewer" for s in self.lab.sessions()))
        said = [line for line in self.lab.lines()[before:].splitlines() if "not allowed" in line]
        self.assertEqual(len(said), 1, said)

    def test_claims_another_device(self):
        """a proof over another device's certificate opens nothing"""
        other = subprocess.run(["openssl", "x509", "-in", os.path.join(self.good.home, "data", "workstations", "office", "device.crt"),
                                "-outform", "DER"], capture_output=True, check=True).stdout
        r = self.raw(self.bad, "claim", hashlib.sha256(other).hexdigest())
        self.assertNotEqual(r["ended"], "open")
        self.assertEqual(r["frames"], "0")
        self.assertEqual(r["caps"], "0")

    def test_input_before_proof(self):
        """input before the proof ends the connection"""
        r = self.raw(self.bad, "no-proof")
        self.assertEqual(r["goodbye"], "6", r)
        self.assertEqual(self.lab.display.keys_down(), [])

    def test_flipped_byte(self):
        """a changed byte ends the connection and is told as such"""
        before = len(self.lab.lines())
        r = self.raw(self.bad, "flip", "20")
        self.assertEqual(r["ended"], "closed")
        wait_for("the log says so", lambda: "changed on its way" in self.lab.lines()[before:], 5)

    def test_half_open(self):
        """200 connections that say nothing are gone after 11 s, and nobody else notices"""
        self.good.connect()
        self.good.same_ms(5000)
        r = self.raw(self.bad, "half-open", "200", "11", sources=SOURCES)
        self.assertEqual(r["left"], "0", r)
        self.assertLess(self.good.same_ms(2000), 2000)
        self.good.close()

    def test_drip(self):
        """nor do connections live longer that send a byte a second"""
        r = self.raw(self.bad, "drip", "60", "12", sources=SOURCES)
        self.assertEqual(r["left"], "0", r)

    def test_stalled_viewer(self):
        """a client that never acknowledges delays nobody and takes no memory"""
        self.good.connect()
        self.good.same_ms(5000)
        others = set(self.workers())
        staller = subprocess.Popen(
            [program("raw_client"), "--connect", f"127.0.0.1:{self.lab.port}", "--server-id", self.server_id,
             "--cert", os.path.join(self.bad.home, "data/workstations/office/device.crt"),
             "--key", os.path.join(self.bad.home, "data/workstations/office/device.key"),
             "--ca", os.path.join(self.bad.home, "data/workstations/office/ca.crt"), "stall", "4"], stdout=subprocess.PIPE, text=True)
        wait_for("both are in", lambda: len(self.lab.sessions()) == 2)
        worker, = set(self.workers()) - others  # the good one's takes what a film takes, by right
        kib = []
        for part in range(2):
            for seed in range(12):
                self.canvas(f"photo {12 * part + seed}")
            self.assertLess(self.good.same_ms(2000), 2000)
            kib.append(memory_kib(worker))
        self.assertLess(kib[1] - kib[0], 4 * 1024)  # what one picture takes was there after the first dozen
        out, _ = staller.communicate(timeout=20)
        self.assertIn("frames=", out)
        self.good.close()


class Broken(Hostile):
    screen = "640x480"  # each of the thousands of sessions begins with a picture

    def test_broken_messages(self):
        """each message broken in each way, five times over, a session for each: no crash, no growth, another's session goes on"""
        daemon_before = memory_kib(self.lab.daemon.pid)
        self.good.connect()
        self.good.same_ms(5000)
        restarts = self.lab.pid_of("farseat-agent")
        with concurrent.futures.ThreadPoolExecutor() as both:
            proven = both.submit(self.raw, self.bad, "malformed", str(BROKEN * 4 // 5), "7", timeout_s=600, sources=SOURCES)
            early = both.submit(self.raw, self.viewer, "unproven", str(BROKEN // 5), "8", timeout_s=600, sources=SOURCES)
            for r, count in ((proven.result(), BROKEN * 4 // 5), (early.result(), BROKEN // 5)):
                self.assertGreaterEqual(int(r["sessions"]) + int(r["left"]), count * 9 // 10, r)
                self.assertEqual(r["left"], "0", r)
        self.canvas("rects 50 3")
        self.assertLess(self.good.same_ms(2000), 2000)
        self.assertEqual(self.lab.pid_of("farseat-agent"), restarts)
        self.assertNotIn("killed by signal", self.lab.lines())
        self.assertLess(memory_kib(self.lab.daemon.pid) - daemon_before, 4096)
        self.good.close()
        wait_for("no worker is left", lambda: not self.workers())
