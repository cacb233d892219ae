"""What dies, dies alone: nothing is left behind, and the rest goes on."""
import os
import time
import unittest

from lab import Canvas, Lab, alive, children_of, end, kill9, wait_for

PICTURE_BACK_MS = 5000


class Faults(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.addCleanup(self.assert_nothing_left)
        self.canvas, self.laptop = self.lab.share_with_window()

    def assert_nothing_left(self):
        """After every fault: the daemon still ends cleanly, without a process, socket or shared memory left."""
        if self.lab.daemon:
            left = children_of(self.lab.daemon.pid)
            self.assertEqual(self.lab.stop_daemon(), 0)
            wait_for("no process of it is left", lambda: not [p for p in left if alive(p)])
        run = os.path.join(self.lab.server_home, "run")
        self.assertFalse([n for n in os.listdir(run) if n.endswith(".sock")])
        self.assertFalse([n for n in os.listdir("/dev/shm") if "farseat" in n])

    def hold_key(self):
        """Holds a key in the client's window until the session has it down."""
        self.laptop.xdotool("mousemove", "100", "100")
        self.laptop.xdotool("keydown", "a")
        wait_for("the key is down in the session", self.lab.display.keys_down)

    def assert_released(self):
        wait_for("no key is stuck", lambda: not self.lab.display.keys_down())

    def test_worker(self):
        """kill -9 of a worker: keys are released, the client comes back by itself"""
        self.hold_key()
        kill9(self.lab.pid_of("farseat-worker"))
        self.laptop.xdotool("keyup", "a")
        self.assert_released()
        self.canvas("photo 2")
        self.laptop.same_ms(PICTURE_BACK_MS)

    def test_agent(self):
        """kill -9 of the agent: it is started again, keys are released, the picture comes back"""
        self.hold_key()
        kill9(self.lab.pid_of("farseat-agent"))
        self.laptop.xdotool("keyup", "a")
        wait_for("a new agent", lambda: self.lab.pid_of("farseat-agent"))
        self.assert_released()
        self.canvas("photo 3")
        self.laptop.same_ms(PICTURE_BACK_MS)

    def test_client(self):
        """kill -9 of the client: its link ends, keys are released, the daemon goes on"""
        self.hold_key()
        left = children_of(self.laptop.window.pid)
        kill9(self.laptop.window.pid)
        self.laptop.window.wait()
        wait_for("no process of it is left", lambda: not [p for p in left if alive(p)])
        self.assert_released()
        wait_for("the session is gone", lambda: not self.lab.sessions())
        self.laptop.connect()
        self.laptop.same_ms()  # a new window: nothing is promised about its time

    def test_link(self):
        """kill -9 of farseat-link: the window stays and the picture comes back"""
        for pid in children_of(self.laptop.window.pid):
            kill9(pid)
        self.canvas("photo 4")
        self.laptop.same_ms(PICTURE_BACK_MS)
        self.assertIsNone(self.laptop.window.poll())

    def test_daemon(self):
        """kill -9 of the daemon: no orphan, keys released, a restart works at once"""
        self.hold_key()
        left = children_of(self.lab.daemon.pid)
        self.assertTrue(left)
        kill9(self.lab.daemon.pid)
        self.lab.daemon.wait()
        wait_for("no process of it is left", lambda: not [p for p in left if alive(p)])
        self.laptop.xdotool("keyup", "a")
        self.lab.start_daemon()
        self.assert_released()
        self.canvas("photo 5")
        self.laptop.same_ms(PICTURE_BACK_MS)

    def display_again(self, away_s):
        """kill -9 of the display under the window, which is back after a while."""
        kill9(self.lab.display.process.pid)
        self.lab.display.process.wait()
        end(self.canvas.process)
        time.sleep(away_s)
        self.lab.start_display(self.lab.display.name)
        self.canvas = Canvas(self.lab.display)
        self.lab.cleanup.callback(self.canvas.stop)

    def test_display(self):
        """kill -9 of the display: the window waits for the next session and joins it by itself"""
        for away_s in (0, 3):
            self.display_again(away_s)
            self.canvas(f"photo {6 + away_s}")
            self.laptop.same_ms(15000)
            self.assertIsNone(self.laptop.window.poll())

    def test_giving_up(self):
        """Escape gives up waiting for the next session"""
        kill9(self.lab.display.process.pid)
        self.laptop.wait_for_card()
        self.assertIsNone(self.laptop.window.poll())
        self.laptop.xdotool("key", "Escape")
        self.laptop.window.wait(10)

    def test_daemon_stops(self):
        """a daemon that is stopped and started, twice: the window joins the session again by itself"""
        for picture in (7, 8):
            self.assertEqual(self.lab.stop_daemon(), 0)
            time.sleep(1)
            self.lab.start_daemon()
            self.canvas(f"photo {picture}")
            self.laptop.same_ms(PICTURE_BACK_MS)

    def test_ended_by_the_administrator(self):
        """who was disconnected by the administrator stays disconnected"""
        self.lab.ctl("disconnect", str(self.lab.sessions()[0]["session"]))
        time.sleep(3)
        self.assertFalse(self.lab.sessions())
        self.assertIsNone(self.laptop.window.poll())

    def test_nothing_left(self):
        """a daemon that stops leaves no process, socket or shared memory"""
        self.assertTrue(children_of(self.lab.daemon.pid))
        self.assert_nothing_left()
