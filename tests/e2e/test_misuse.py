"""What a client gets that misbehaves, and that nobody else notices (tests/support/raw_client)."""
import concurrent.futures
import hashlib
import itertools
import os
import re
import subprocess
import unittest

from clipboards import Claim
from lab import SCREEN, Lab, children_of, end, name_of, program, wait_for, within

BROKEN = int(os.environ.get("FARSEAT_BROKEN_MESSAGES", "630"))  # 126 are each message of a client's broken in each way
DELAY_MS = 2000  # what nobody else's picture may take
HANDSHAKE_S = 10  # what a connection has for it, in all
CLIPBOARD_MESSAGES = range(64, 70)  # OFFER, WITHDRAW, ASK, DATA, MORE, STOP (common/PROTOCOL.md, section 8)
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
        cls.canvas = cls.lab.share()
        cls.good = cls.lab.enrolled("good")
        cls.bad = cls.lab.enrolled("bad")
        cls.viewer = cls.lab.enrolled("viewer", "view")
        cls.server_id = cls.lab.ctl_json("status")["server_id"]
        cls.seeds = itertools.count(2)

    def raw_command(self, laptop, *arguments, sources=1):
        """raw_client with a laptop's identity."""
        base = os.path.join(laptop.home, "data", "workstations", "office")
        return [program("raw_client"), "--connect", f"127.0.0.1:{self.lab.port}", "--server-id", self.server_id, "--sources", str(sources),
                "--cert", base + "/device.crt", "--key", base + "/device.key", "--ca", base + "/ca.crt", *arguments]

    def raw(self, laptop, *arguments, timeout_s=60, sources=1):
        """What it says, as a dict."""
        r = subprocess.run(self.raw_command(laptop, *arguments, sources=sources), capture_output=True, text=True, timeout=timeout_s)
        self.assertIn(r.returncode, (0, 3), r.stderr)
        return dict(re.findall(r'(\w+)="?([^"\s]*)', r.stdout))

    def assert_no_delay(self, pictures=1):
        """The good laptop sees in time what is drawn."""
        def measure():
            for _ in range(pictures):
                self.canvas(f"photo {next(self.seeds)}")
            return self.good.same_ms()
        within(DELAY_MS, measure)

    def workers(self):
        return [p for p in children_of(self.lab.daemon.pid) if name_of(p) == "farseat-worker"[:15]]


class MisuseOfTyping(Hostile):
    """On a workstation of its own: what was taken is typed after its session has ended, too."""

    def test_types_too_much(self):
        """as much as a large file is typed; far more in one go ends the session"""
        r = self.raw(self.bad, "type", "60000")
        self.assertEqual(r["ended"], "open", r)
        r = self.raw(self.bad, "type", "200000")
        self.assertEqual(r["goodbye"], "6", r)
        wait_for("the log says so", lambda: "characters a second were typed" in self.lab.lines())


class Misuse(Hostile):
    def test_session(self):
        """the raw client opens a session like any other"""
        r = self.raw(self.bad, "session", "1")
        self.assertEqual(r["fault"], "ok")
        self.assertGreaterEqual(int(r["frames"]), 1)

    def test_processes_are_as_they_must_be(self):
        """farseatctl says of each process how it is confined, and that all is as it must be"""
        client = subprocess.Popen(self.raw_command(self.bad, "session", "5"), stdout=subprocess.DEVNULL)
        self.addCleanup(end, client)
        wait_for("a session", self.lab.sessions)
        listed = {p["process"]: p for p in self.lab.ctl_json("status", "--processes")["processes"]}
        self.assertEqual(set(listed), {"farseatd", "farseat-starter", "farseat-worker", "farseat-agent", "signer"})
        for name, p in listed.items():
            self.assertEqual(p["faults"], [], p)
            self.assertEqual(p["calls_filtered"], name in ("farseat-worker", "signer"), p)
            self.assertIsNot(p["open_to_others"], True, p)
        self.assertLess(listed["farseat-worker"]["descriptors"], 16)

    def test_view_sends_input(self):
        """a device that may only see sends every input: nothing reaches X, its session ends, one line tells"""
        wait_for("nothing is down that another test's session held", lambda: self.lab.display.keys_down() == [])
        before = len(self.lab.lines())
        r = self.raw(self.viewer, "inputs")
        self.assertEqual(r["goodbye"], "5", r)
        self.assertEqual(self.lab.display.keys_down(), [])
        wait_for("its session ends", lambda: not any(s.get("device") == "viewer" for s in self.lab.sessions()))
        said = [line for line in self.lab.lines()[before:].splitlines() if "not allowed" in line]
        self.assertEqual(len(said), 1, said)

    def sends_clipboard(self, laptop, allowed):
        """Each message of the clipboard in a session of its own: what is not allowed ends it, with one line in the log."""
        for kind in CLIPBOARD_MESSAGES:
            before = len(self.lab.lines())
            r = self.raw(laptop, "clipboard", str(kind))
            self.assertEqual(r["goodbye"], "0" if kind in allowed else "5", (kind, r))
            wait_for("its session ends", lambda: not self.lab.sessions())
            said = [line for line in self.lab.lines()[before:].splitlines() if "not allowed" in line]
            self.assertEqual(len(said), 0 if kind in allowed else 1, said)

    def test_clipboard_without_the_right(self):
        """a device that lacks a right of the clipboard sends each of its messages: its session ends, X is neither asked nor given anything"""
        owner = Claim(self.lab.display, UTF8_STRING="kept")
        self.addCleanup(owner.stop)
        self.sends_clipboard(self.viewer, allowed=())
        self.addCleanup(self.lab.ctl, "role", "bad", "control")
        self.lab.ctl("caps", "--", "bad", "-clipboard-in", "-clipboard-out")
        self.sends_clipboard(self.bad, allowed=())
        self.lab.ctl("caps", "--", "bad", "+clipboard-out")
        self.sends_clipboard(self.bad, allowed=(66, 68, 69))
        self.assertEqual(owner.asked(), [])  # it still owns, and gave nothing
        self.lab.ctl("caps", "--", "bad", "-clipboard-out", "+clipboard-in")
        self.sends_clipboard(self.bad, allowed=(64, 65, 67))
        wait_for("what a device may offer takes its place", owner.lost)

    def test_claims_another_device(self):
        """a proof over another device's certificate opens nothing"""
        other = subprocess.run(["openssl", "x509", "-in", os.path.join(self.good.home, "data", "workstations", "office", "device.crt"),
                                "-outform", "DER"], capture_output=True, check=True).stdout
        r = self.raw(self.bad, "claim", hashlib.sha256(other).hexdigest())
        self.assertNotEqual(r["ended"], "open")
        self.assertEqual(r["frames"], "0")
        self.assertEqual(r["caps"], "0")

    def test_proof_of_another_connection(self):
        """a proof that names another connection, as one that was handed on does: refused, and the log says so"""
        before = len(self.lab.lines())
        r = self.raw(self.bad, "--proof", "elsewhere", "session", "1")
        self.assertEqual((r["goodbye"], r["frames"]), ("4", "0"), r)
        self.assertIn("of another connection", self.lab.lines()[before:])

    def test_proof_of_an_older_laptop(self):
        """a laptop from before the bound proof is let in until it has bound one; then it is told what to do"""
        laptop = self.lab.enrolled("older")
        for proof, goodbye in (("unbound", "0"), ("bound", "0"), ("unbound", "4"), ("bound", "0")):
            r = self.raw(laptop, "--proof", proof, "session", "0")
            self.assertEqual(r["goodbye"], goodbye, (proof, r))
        wait_for("the log says what to do", lambda: "Update it, or enrol it again" in self.lab.lines())

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
        wait_for("the log says so", lambda: "changed on its way" in self.lab.lines()[before:])

    def test_half_open(self):
        """200 connections that say nothing are gone after 10 s, and nobody else notices"""
        self.good.connect()
        self.good.same_ms()
        with concurrent.futures.ThreadPoolExecutor() as beside:
            held = beside.submit(self.raw, self.bad, "half-open", "200", str(2 * HANDSHAKE_S), sources=SOURCES)
            wait_for("they are there", lambda: len(self.workers()) > 20)
            self.assert_no_delay()
            self.assertFalse(held.done(), "they were gone before anybody could have noticed")
            r = held.result()
        self.assert_gone(r)
        self.assert_no_delay()
        self.good.close()

    def assert_gone(self, r):
        self.assertEqual(r["left"], "0", r)
        self.assertLess(int(r["seconds"]), HANDSHAKE_S * 3 // 2, r)

    def test_drip(self):
        """nor do connections live longer that send a byte a second"""
        r = self.raw(self.bad, "drip", "60", str(2 * HANDSHAKE_S), sources=SOURCES)
        self.assert_gone(r)

    def test_stalled_viewer(self):
        """a client that never acknowledges delays nobody, takes no memory, and is ended after a while"""
        self.good.connect()
        self.good.same_ms()
        others = set(self.workers())
        staller = subprocess.Popen(self.raw_command(self.bad, "stall", "120"), stdout=self.lab.log)
        self.addCleanup(end, staller)
        wait_for("both are in", lambda: len(self.lab.sessions()) == 2)
        worker, = set(self.workers()) - others  # the good one's takes what a film takes, by right
        kib = []
        for _ in range(3):
            self.assert_no_delay(12)
            kib.append(memory_kib(worker))
        self.assertLess(kib[2] - kib[1], 4 * 1024, kib)  # what one picture takes was there long before
        # It answers PING, so it has got the frames (common/PROTOCOL.md, section 10).
        wait_for("its session is ended", lambda: len(self.lab.sessions()) == 1, 30)
        self.assertIn("acknowledged no picture for 10 s", self.lab.lines())
        self.assert_no_delay()
        self.good.close()


class Broken(Hostile):
    screen = "640x480"  # each of the thousands of sessions begins with a picture

    def test_broken_messages(self):
        """each message broken in each way, five times over, a session for each: no crash, no growth, another's session goes on"""
        daemon_before = memory_kib(self.lab.daemon.pid)
        self.good.connect()
        self.good.same_ms()
        restarts = self.lab.pid_of("farseat-agent")
        with concurrent.futures.ThreadPoolExecutor() as both:
            proven = both.submit(self.raw, self.bad, "malformed", str(BROKEN * 4 // 5), "7", timeout_s=600, sources=SOURCES)
            early = both.submit(self.raw, self.viewer, "unproven", str(BROKEN // 5), "8", timeout_s=600, sources=SOURCES)
            for r, count in ((proven.result(), BROKEN * 4 // 5), (early.result(), BROKEN // 5)):
                self.assertGreaterEqual(int(r["sessions"]) + int(r["left"]), count * 9 // 10, r)
                self.assertEqual(r["left"], "0", r)
        self.assert_no_delay()
        self.assertEqual(self.lab.pid_of("farseat-agent"), restarts)
        self.assertNotIn("killed by signal", self.lab.lines())
        self.assertLess(memory_kib(self.lab.daemon.pid) - daemon_before, 4096)
        self.good.close()
        wait_for("no worker is left", lambda: not self.workers())
