"""The window around the session: the ways out, the bar and the hints."""
import re
import socket
import subprocess
import time
import unittest

from lab import Lab, alive, end, program, wait_for

HINT_S = 4  # how long a hint stands


class Window(unittest.TestCase):
    screen = "1280x800"

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(cls.screen)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.canvas = cls.lab.share()
        cls.laptop = cls.lab.enrolled("laptop")
        cls.laptop.start_display()

    def setUp(self):
        self.addCleanup(self.closed)

    def closed(self):
        if self.laptop.window:
            self.laptop.close()
        if not self.lab.daemon:
            self.lab.start_daemon()

    def ended(self):
        """Waits until the window closed itself; its status."""
        return self.laptop.window.wait(10)

    def covered(self):
        """Whether something of ours lies over the picture."""
        r = subprocess.run([program("xlook"), "same", self.lab.display.name, self.laptop.display.name, "150"], capture_output=True)
        return r.returncode != 0

    def silent_port(self):
        """The laptop's workstation is where somebody listens and says nothing."""
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        self.addCleanup(self.laptop.edit_conf(r"^port = \d+", f"port = {server.getsockname()[1]}"))

    def test_escape_while_connecting(self):
        """Escape gives up while the workstation does not answer"""
        self.silent_port()
        self.laptop.connect()
        self.laptop.wait_for_card()
        self.assertTrue(alive(self.laptop.window.pid))
        self.laptop.xdotool("key", "Escape")
        self.ended()

    def test_button_while_connecting(self):
        """the card's only button does the same: Return presses it"""
        self.silent_port()
        self.laptop.connect()
        self.laptop.wait_for_card()
        self.laptop.xdotool("key", "Return")
        self.ended()

    def test_escape_when_unreachable(self):
        """Escape gives up while nothing listens"""
        self.lab.stop_daemon()
        self.laptop.connect()
        self.laptop.wait_for_card()
        self.laptop.xdotool("key", "Escape")
        self.ended()

    def test_lost_in_full_screen(self):
        """a dead link in full screen: Tab and Return give up (when the card begins to take keys: unit test card)"""
        self.laptop.connect()
        self.laptop.same_ms()
        self.lab.stop_daemon()
        self.laptop.wait_for_card()
        self.laptop.xdotool("key", "Tab")
        self.laptop.xdotool("key", "Return")  # "Give up" is the second button
        self.ended()

    def test_try_again(self):
        """the first button of the card connects again"""
        self.laptop.connect()
        self.laptop.same_ms()
        self.lab.stop_daemon()
        self.laptop.wait_for_card()
        self.lab.start_daemon()
        self.laptop.xdotool("key", "Return")
        self.laptop.same_ms()

    def test_bar(self):
        """the pointer at the top edge brings the bar, the pointer elsewhere takes it away, its last button disconnects"""
        self.laptop.connect()
        self.laptop.same_ms()
        self.laptop.xdotool("mousemove", "640", "400", "mousemove", "640", "0")
        wait_for("the bar", self.covered)
        self.laptop.xdotool("mousemove", "640", "400")
        self.laptop.same_ms()
        self.laptop.xdotool("mousemove", "640", "0", "mousemove", "640", "30")  # in passing
        time.sleep(0.6)
        self.assertFalse(self.covered())
        self.laptop.xdotool("mousemove", "640", "0")
        wait_for("the bar", self.covered)
        for x in range(1200, 640, -25):  # the first button from the right
            self.laptop.xdotool("mousemove", str(x), "30", "click", "1")
            if self.laptop.window.poll() is not None:
                break
        self.assertEqual(self.ended(), 0)

    def test_hint_of_the_menu(self):
        """the first window to a workstation says how the menu opens, and stops saying it; the next one does not"""
        laptop = self.lab.enrolled("new")
        laptop.connect(first=True)
        self.addCleanup(laptop.close)
        began = time.monotonic()
        laptop.same_ms()
        self.assertGreater(time.monotonic() - began, HINT_S - 1)

    def test_view_only_is_said(self):
        """who may only watch is told so, with the picture and when typing"""
        self.canvas("cursor 0")
        laptop = self.lab.enrolled("watcher", "view")
        laptop.connect()
        self.addCleanup(laptop.close)
        began = time.monotonic()
        laptop.same_ms()
        self.assertGreater(time.monotonic() - began, HINT_S - 1)
        began = time.monotonic()
        laptop.xdotool("key", "a")
        time.sleep(0.3)
        laptop.same_ms()
        self.assertGreater(time.monotonic() - began, HINT_S - 1)

    def test_view_only_shows_the_pointer(self):
        """who may only watch sees where the session's pointer is, and what it looks like"""
        laptop = self.lab.enrolled("onlooker", "view")
        self.lab.display.xdotool("mousemove", "300", "200")
        self.canvas("cursor 0")
        laptop.connect()
        self.addCleanup(laptop.close)
        laptop.same_ms()
        self.canvas("cursor 20")
        self.addCleanup(self.canvas, "cursor 0")
        wait_for("the pointer", lambda: laptop.display.white(300, 200, 20))
        self.lab.display.xdotool("mousemove_relative", "200", "200")
        wait_for("the pointer elsewhere", lambda: laptop.display.white(500, 400, 20))
        self.assertFalse(laptop.display.white(300, 200, 20))
        self.canvas("cursor 0")
        laptop.same_ms()

    def test_pointer_is_followed(self):
        """what moves the session's pointer takes the window's along: the next click is where the pointer is seen"""
        self.laptop.connect()
        self.laptop.same_ms()
        self.laptop.xdotool("mousemove", "300", "300", "mousemove", "310", "300")
        wait_for("our motion", lambda: self.lab.display.pointer() == (310, 300))
        self.lab.display.xdotool("mousemove_relative", "390", "150")
        wait_for("the window's pointer", lambda: self.laptop.display.pointer() == (700, 450))
        self.lab.display.xdotool("mousemove", "640", "300")  # a warp, which makes no event
        wait_for("the window's pointer", lambda: self.laptop.display.pointer() == (640, 300))
        self.laptop.xdotool("click", "1")
        time.sleep(0.3)
        self.assertEqual(self.lab.display.pointer(), (640, 300))
        self.laptop.xdotool("mousemove_relative", "5", "5")
        wait_for("our motion", lambda: self.lab.display.pointer() == (645, 305))

    def test_other_depths(self):
        """a laptop whose display has 16 or 30 bits shows the same colours, as far as it has them"""
        for depth in 16, 30:
            with self.subTest(depth=depth):
                laptop = self.lab.enrolled(f"depth{depth}")
                laptop.start_display(depth)
                laptop.connect()
                self.addCleanup(laptop.close)
                laptop.same_ms()
                self.canvas(f"rects 200 {depth}")
                laptop.same_ms()


class Launcher(unittest.TestCase):
    """The window without a workstation's name."""

    def setUp(self):
        self.lab = Lab("1280x800")
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.lab.init()
        self.lab.start_daemon()
        self.laptop = self.lab.enrolled("laptop")
        self.laptop.start_display()
        self.start()

    def start(self):
        self.process = subprocess.Popen([program("farseat")], env=self.laptop.environment(self.laptop.display), stdin=subprocess.DEVNULL,
                                        stdout=self.lab.log, stderr=self.lab.log)
        self.addCleanup(end, self.process)
        wait_for("the launcher's window", lambda: subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--class", "farseat"], env=self.laptop.environment(self.laptop.display),
            capture_output=True).returncode == 0)
        time.sleep(0.3)

    def known(self):
        return "office" in self.laptop.run("list", "--json").stdout

    def test_enter_removes_nothing(self):
        """Remove asks, and Enter keeps: what cannot be taken back wants the other button"""
        self.laptop.xdotool("key", "Delete")
        self.laptop.xdotool("key", "Return")
        time.sleep(0.3)
        self.assertTrue(self.known())
        for key in "Delete", "Tab", "Return":
            self.laptop.xdotool("key", key)
        wait_for("it is removed", lambda: not self.known())

    def test_enrolling_is_cancelled(self):
        """Escape ends an enrolment that gets no answer, at once, and nothing is stored"""
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        invitation = self.lab.ctl("invite", "second", "--address", f"127.0.0.1:{server.getsockname()[1]}").stdout.strip()
        self.laptop.xdotool("key", "e")
        self.laptop.xdotool("type", "--delay", "1", invitation)
        self.laptop.xdotool("key", "Tab")
        self.laptop.xdotool("type", "--delay", "1", "second")
        self.laptop.xdotool("key", "Return")
        server.settimeout(10)
        connection, _ = server.accept()
        self.addCleanup(connection.close)
        for _ in range(3):  # the enrolment, the form, the window
            self.laptop.xdotool("key", "Escape")
        self.process.wait(3)
        self.assertNotIn("second", self.laptop.run("list", "--json").stdout)

    def conf(self):
        return self.laptop.run("set", "office").stdout

    def test_settings(self):
        """what is kept of a workstation is changed by keyboard and by mouse; Escape keeps it as it was"""
        self.laptop.xdotool("key", "s")
        self.laptop.xdotool("type", "--delay", "1", "2")
        self.laptop.xdotool("key", "Escape")
        self.laptop.xdotool("key", "s")
        for key in "Tab", "ctrl+u":
            self.laptop.xdotool("key", key)
        self.laptop.xdotool("type", "--delay", "1", "desk.example.org:0")
        self.laptop.xdotool("key", "Return")  # refused: the form stays
        self.laptop.xdotool("key", "BackSpace")
        self.laptop.xdotool("type", "--delay", "1", "99")
        for key in ["Down"] * 4 + ["Right"]:
            self.laptop.xdotool("key", key)
        self.laptop.xdotool("key", "Return")
        wait_for("the settings are kept", lambda: "desk.example.org:99" in self.conf())
        self.assertRegex(self.conf(), r"scale +fit\n")
        self.assertRegex(self.conf(), r"name +office\n")

    def test_settings_by_mouse(self):
        """a click opens the settings, chooses, and saves"""
        # The middle of the launcher's window, and places in it at 96 dpi.
        x, y = 1280 // 2 - 760 // 2, 800 // 2 - 560 // 2

        def click(dx, dy):
            self.laptop.xdotool("mousemove", str(x + dx), str(y + dy), "click", "1")

        click(260, 510)  # Settings
        click(175, 28 + 52 + 6 * 40 + 17)  # Full screen: yes
        click(690, 510)  # Save
        wait_for("full screen is kept", lambda: re.search(r"fullscreen +yes\n", self.conf()))
