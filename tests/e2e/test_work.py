"""A person enrols a laptop, works in the office session, and the administrator sees and ends it."""
import ctypes
import json
import os
import shutil
import stat
import subprocess
import time
import unittest

from lab import Lab, end, wait_for


class Work(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.canvas = cls.lab.share()
        cls.laptop = cls.lab.enrolled()

    def terminal(self, script):
        """An xterm with the focus that runs script."""
        process = subprocess.Popen(["xterm", "-geometry", "100x30+0+0", "-e", script], env=self.lab.display.environment(),
                                   stdout=self.lab.log, stderr=self.lab.log)
        self.addCleanup(end, process)
        return process

    def typed(self, text, stdin=""):
        """What a program in the session reads after the client typed text and Return."""
        out = os.path.join(self.lab.folder, f"typed-{time.monotonic_ns()}")
        self.terminal(f"touch {out}.ready; head -n 1 > {out}; touch {out}.done")
        wait_for("the terminal is ready", lambda: os.path.exists(out + ".ready"))
        self.laptop.run("click", "office", "200", "200")
        self.laptop.run("type", "office", text, stdin=stdin)
        self.laptop.run("key", "office", "Return")
        wait_for("the text arrives", lambda: os.path.exists(out + ".done"))
        with open(out, encoding="utf-8") as f:
            return f.read().rstrip("\n")

    def test_typing(self):
        """text typed through the client arrives in an application, whatever the keyboard's layout"""
        self.assertEqual(self.typed("Hello, World! ~{}[]\\|@#"), "Hello, World! ~{}[]\\|@#")
        self.assertEqual(self.typed("Grüße, Привет €"), "Grüße, Привет €")

    def test_typing_from_standard_input(self):
        """a text that no other user sees in the list of processes"""
        self.assertEqual(self.typed("-", stdin="secret €"), "secret €")

    def test_typing_more_than_keycodes(self):
        """each letter of a long text needs a keycode of its own for a moment: farseat type stays until the last arrived"""
        text = "".join(chr(0x4e00 + i) for i in range(300))
        self.assertEqual(self.typed(text), text)

    def test_typing_into_a_session_that_hangs(self):
        """nothing takes the input: farseat type says so"""
        server = self.lab.display.process
        self.laptop.run("type", "office", "")
        before = time.monotonic()
        with subprocess.Popen(["bash", "-c", "sleep 3; kill -STOP $0; sleep 15; kill -CONT $0", str(server.pid)]) as stopper:
            r = self.laptop.run("type", "office", "".join(chr(0x5e00 + i) for i in range(600)), check=False)
            stopper.wait()
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("does not take the input", r.stderr)
        self.assertGreater(time.monotonic() - before, 10)

    def test_window_typing(self):
        """keys pressed in the window arrive in an application"""
        out = os.path.join(self.lab.folder, "window-typed")
        self.terminal(f"touch {out}.ready; head -n 1 > {out}; touch {out}.done")
        wait_for("the terminal is ready", lambda: os.path.exists(out + ".ready"))
        self.laptop.connect()
        self.addCleanup(self.laptop.close)
        self.laptop.same_ms()
        self.laptop.xdotool("mousemove", "200", "200", "click", "1")
        self.laptop.xdotool("type", "--delay", "5", "Typed in the window 123")
        self.laptop.xdotool("key", "Return")
        wait_for("the text arrives", lambda: os.path.exists(out + ".done"))
        with open(out, encoding="utf-8") as f:
            self.assertEqual(f.read().strip(), "Typed in the window 123")
        self.laptop.same_ms()

    def input_method(self):
        """Starts a bus with an input method on the laptop's display: (what the window's environment has to say, what the method says)."""
        folder = os.path.join(self.lab.folder, f"method-{time.monotonic_ns()}")
        bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:dir={self.lab.folder}"],
                               stdout=subprocess.PIPE, text=True)
        self.addCleanup(end, bus)
        environment = {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip(), "XMODIFIERS": "@im=ibus", "XDG_CONFIG_HOME": folder}
        said = open(f"{folder}.said", "w+", encoding="utf-8")  # noqa: SIM115
        self.addCleanup(said.close)
        method = subprocess.Popen(["/usr/bin/python3", os.path.join(os.path.dirname(__file__), "..", "support", "input_method.py"), folder,
                                   self.laptop.display.name], env={**os.environ, **environment}, stdout=said)
        self.addCleanup(end, method)

        def words():
            said.seek(0)
            return said.read().split("\n")
        wait_for("the input method", lambda: "ready" in words())
        return environment, words

    def test_window_input_method(self):
        """what the laptop's input method takes is not typed, what it composes is; its list stands where one has clicked"""
        out = os.path.join(self.lab.folder, "composed")
        self.terminal(f"stty -icanon -echo; touch {out}.ready; exec cat > {out}")
        wait_for("the terminal is ready", lambda: os.path.exists(out + ".ready"))
        if not self.laptop.display:
            self.laptop.start_display()
        environment, words = self.input_method()
        self.laptop.connect(environment=environment)
        self.addCleanup(self.laptop.close)
        self.laptop.same_ms()
        self.laptop.xdotool("mousemove", "200", "210", "click", "1")

        def came(text):
            with open(out, encoding="utf-8") as f:
                return f.read() == text
        # SDL brings what was composed behind the keys that wait with it: each word is waited for.
        for typed, text in ("x\\alpha ", "xα"), ("yz\\beta ", "xαyzβ"), (" 1", "xαyzβ 1"):
            self.laptop.xdotool("type", "--delay", "20", typed)
            wait_for(f"'{text}' arrives", lambda text=text: came(text))
        self.assertIn("caret 200 210", words())

    def test_window_brings_locks_in_line(self):
        """Caps Lock that is on in the session alone goes off when the window comes to it"""
        def caps():
            text = subprocess.run(["xset", "q"], env=self.lab.display.environment(), capture_output=True, text=True, check=True).stdout
            return "on" if "Caps Lock:   on" in text else "off"
        subprocess.run(["xdotool", "key", "Caps_Lock"], env=self.lab.display.environment(), check=True)
        self.assertEqual(caps(), "on")
        self.laptop.connect()
        self.addCleanup(self.laptop.close)
        wait_for("Caps Lock is off", lambda: caps() == "off")
        self.laptop.same_ms()
        self.laptop.xdotool("key", "Caps_Lock")
        wait_for("Caps Lock is on", lambda: caps() == "on")
        self.laptop.xdotool("key", "Caps_Lock")
        wait_for("Caps Lock is off", lambda: caps() == "off")

    def test_window_after_a_grab(self):
        """a window manager that grabs the keyboard takes Alt's release: the session gets it all the same"""
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XDefaultRootWindow.argtypes = x.XCloseDisplay.argtypes = [ctypes.c_void_p]
        x.XGrabKeyboard.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_ulong]
        x.XUngrabKeyboard.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        x.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self.laptop.connect()
        self.addCleanup(self.laptop.close)
        self.laptop.same_ms()
        down = self.lab.display.keys_down
        self.laptop.xdotool("key", "ctrl+alt+g")  # shortcuts stay on the laptop
        wait_for("all is up", lambda: not down())
        self.laptop.xdotool("mousemove", "200", "200", "keydown", "Alt_L")
        wait_for("Alt is down in the session", down)
        display = x.XOpenDisplay(self.laptop.display.name.encode())
        self.assertEqual(x.XGrabKeyboard(display, x.XDefaultRootWindow(display), 0, 1, 1, 0), 0)
        self.laptop.xdotool("keyup", "Alt_L")
        time.sleep(0.3)
        x.XUngrabKeyboard(display, 0)
        x.XSync(display, 0)
        wait_for("Alt is up in the session", lambda: not down())
        # And Ctrl that was pressed before the window had the keyboard counts for a click.
        self.assertEqual(x.XGrabKeyboard(display, x.XDefaultRootWindow(display), 0, 1, 1, 0), 0)
        self.laptop.xdotool("keydown", "Control_L")
        x.XUngrabKeyboard(display, 0)
        x.XSync(display, 0)
        x.XCloseDisplay(display)
        self.laptop.xdotool("mousedown", "1")
        wait_for("Ctrl is down in the session", down)
        self.laptop.xdotool("mouseup", "1", "keyup", "Control_L")
        wait_for("Ctrl is up in the session", lambda: not down())

    def test_administrator(self):
        """sessions are listed and ended by the administrator; the client says who ended it"""
        window = self.laptop.connect()
        self.laptop.same_ms()
        session = wait_for("the session is listed", self.lab.sessions)[0]
        self.assertEqual(session["device"], "laptop")
        self.lab.ctl("disconnect", str(session["session"]))
        wait_for("the session is gone", lambda: not self.lab.sessions())
        self.assertIsNone(window.poll(), "the window stays and says what happened")
        self.laptop.close()
        status = self.lab.ctl_json("status")
        self.assertIn("server_id", json.dumps(status))
        seen = {c["device"]: c["last_seen"] for c in self.lab.ctl_json("clients")["clients"]}["laptop"]
        self.assertLess(abs(time.time() - seen), 60, "clients shows when it was here last")

    def test_several_viewers(self):
        """several laptops show one session at once"""
        self.canvas("cursor 0")  # a window that only watches draws it into the picture
        others = [self.lab.enrolled(f"viewer{i}", "view") for i in range(2)]
        for laptop in (self.laptop, *others):
            laptop.connect()
            self.addCleanup(laptop.close)
        for laptop in (self.laptop, *others):
            laptop.same_ms()
        wait_for("three sessions", lambda: len(self.lab.sessions()) == 3)  # the one of a test before may just be ending

    def test_key_stays_home(self):
        """the private key is the person's alone, and its invitation works once"""
        keys = [os.path.join(f, n) for f, _, names in os.walk(self.laptop.home) for n in names if n.endswith(".key")]
        self.assertEqual(len(keys), 1)
        self.assertEqual(stat.S_IMODE(os.stat(keys[0]).st_mode), 0o600)
        with open(keys[0], "rb") as f:
            secret = f.read()
        for folder, _, names in os.walk(self.lab.server_home):
            for name in names:
                path = os.path.join(folder, name)
                if stat.S_ISREG(os.stat(path).st_mode):
                    with open(path, "rb") as f:
                        self.assertNotIn(secret, f.read(), name)
        invitation = self.lab.invite("second")
        self.lab.laptop("second").enroll(invitation)
        refused = self.lab.laptop("third").enroll(invitation, check=False)
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertIn("used already or withdrawn", refused.stderr)
        self.assertNotIn("alert", refused.stderr)
        wait_for("the log says why", lambda: "the invitation for second was used already" in self.lab.lines())

    def test_invitation_is_not_wasted(self):
        """an enrolment that could not be stored does not spend the invitation"""
        laptop = self.lab.laptop("full")
        invitation = self.lab.invite("full")
        in_the_way = os.path.join(laptop.home, "data")
        with open(in_the_way, "w", encoding="utf-8"):
            refused = laptop.enroll(invitation, check=False)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("not spent", refused.stderr)
        os.unlink(in_the_way)
        laptop.enroll(invitation)

    def test_click_outside(self):
        """a click outside of the screen is an error that tells the screen's size"""
        r = self.laptop.run("click", "office", "5000", "10", check=False)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("1920x1080", r.stderr)

    def test_withdrawn_invitation(self):
        """an invitation that is withdrawn opens nothing"""
        text = self.lab.invite("late")
        self.lab.ctl("withdraw", "late")
        refused = self.lab.laptop("late").enroll(text, check=False)
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertIn("used already or withdrawn", refused.stderr)
        wait_for("the log says why", lambda: "the invitation for late was withdrawn" in self.lab.lines())


class VirtualSession(unittest.TestCase):
    def test_virtual(self):
        """`farseatd --virtual` starts a session of its own, and ends it with itself"""
        with Lab() as lab:
            lab.init()
            out = os.path.join(lab.folder, "in-session")
            lab.start_daemon("--virtual", "1280x800", "--session", f"(echo $DISPLAY; xrdb -query; xdpyinfo | grep resolution) > {out}; exec xterm -geometry 80x24+0+0")
            laptop = lab.enrolled()
            wait_for("the session", lambda: lab.ctl_json("status")["daemon"]["session_ready"])
            self.assertFalse(os.path.exists(out))  # its programs start for the first who comes
            laptop.start_display()
            subprocess.run(["xrdb", "-merge"], input="Xft.dpi: 144\n", text=True, check=True, env=laptop.environment(laptop.display))
            laptop.connect("--size", "1280x800", fullscreen=False)
            wait_for("the session runs", lambda: os.path.exists(out) and "resolution" in open(out, encoding="utf-8").read())
            laptop.close()
            with open(out, encoding="utf-8") as f:
                self.assertRegex(f.read(), r"(?s)Xft.dpi:\s*144.*resolution: *14[345]x14[345] dots")
            laptop.run("wait", "office", "--still")
            png = os.path.join(lab.folder, "v.png")
            laptop.run("wait", "office", "--still")
            laptop.run("screenshot", "office", png)
            with open(png, "rb") as f:
                head = f.read(24)
            self.assertEqual((int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")), (1280, 800))
            with open(out, encoding="utf-8") as f:
                number = f.readline().strip().lstrip(":").split(".")[0]
            self.assertTrue(os.path.exists(f"/tmp/.X11-unix/X{number}"))
            laptop.connect()  # 1920x1080: the session follows the window, and status tells
            wait_for("the session has the window's size", lambda: lab.ctl_json("status")["daemon"]["width"] == 1920)
            laptop.close()
            lab.stop_daemon()
            wait_for("the X server is gone", lambda: not os.path.exists(f"/tmp/.X11-unix/X{number}"))

    def test_default_session(self):
        """without --session, where only a window manager and a terminal are installed: one can type at once"""
        with Lab() as lab:
            lab.init()
            programs = os.path.join(lab.folder, "programs")
            os.mkdir(programs)
            for name in ("Xvfb", "xkbcomp", "openbox", "xterm", "xprop", "sh", "bash", "grep", "sleep", "touch", "xauth"):
                if shutil.which(name):
                    os.symlink(shutil.which(name), os.path.join(programs, name))
            lab.start_daemon("--virtual", "1000x700", environment={"PATH": programs, "HOME": lab.folder, "SHELL": "/bin/sh"})
            laptop = lab.enrolled()
            wait_for("the session", lambda: lab.ctl_json("status")["daemon"]["session_ready"])
            display = {"DISPLAY": lab.ctl_json("status")["daemon"]["display"], "PATH": os.environ["PATH"],
                       "XAUTHORITY": os.path.join(lab.server_home, "run", "Xauthority")}

            laptop.run("wait", "office", "--still")  # its programs start for the first who comes

            def managed():
                r = subprocess.run(["xprop", "-root", "_NET_ACTIVE_WINDOW", "_NET_CLIENT_LIST"], env=display, capture_output=True, text=True)
                return r.stdout.count("# 0x") == 2 and "# 0x0" not in r.stdout
            wait_for("the terminal has a frame and the focus", managed)
            out = os.path.join(lab.folder, "typed")
            laptop.run("type", "office", f"touch {out}")
            laptop.run("key", "office", "Return")
            wait_for("the command runs", lambda: os.path.exists(out))
