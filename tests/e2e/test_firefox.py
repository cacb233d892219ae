"""The clipboard with Firefox in the session, by the keys that a person at the laptop presses."""
import subprocess
import unittest

from clipboards import LINES, META, copy, is_shared, paste, paste_bytes, targets
from desktop import Home, slow_programs
from lab import Lab, end, wait_for
from marionette import Firefox

TEXT_BYTES = 1 << 18  # its layout of one field with more takes longer than all else
FIELD = "document.body.innerHTML = '<textarea style=\"width: 600px; height: 300px\">'; document.querySelector('textarea').focus()"
RICH = "document.body.innerHTML = '<div contenteditable style=\"width: 600px; height: 300px\">'; document.querySelector('div').focus()"


class FirefoxInTheSession(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        slow_programs()
        cls.lab = Lab("1024x768")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.share()
        home = Home(cls.lab.log, DISPLAY=cls.lab.display.name)
        cls.addClassCleanup(home.stop)
        manager = subprocess.Popen(["openbox"], env=cls.lab.display.environment(), stdin=subprocess.DEVNULL, stdout=cls.lab.log, stderr=cls.lab.log)
        cls.addClassCleanup(end, manager)
        cls.firefox = Firefox(home)
        cls.addClassCleanup(cls.firefox.stop)
        cls.laptop = cls.lab.enrolled()
        cls.laptop.connect()
        cls.laptop.same_ms()

    def field(self, script):
        """A page with one field that has the focus, as after a click into it."""
        self.firefox.run(script)
        self.laptop.xdotool("mousemove", "300", "300", "click", "1")
        wait_for("the field has the focus", lambda: self.firefox.run("return document.hasFocus() && document.activeElement != document.body"))

    def keys(self, *keys):
        self.laptop.xdotool("key", "--clearmodifiers", *keys)

    def copied(self, content, target):
        """On the laptop; returns when the session has heard of it."""
        owner = copy(self.laptop.display, content, target=target)
        self.addCleanup(end, owner)
        wait_for("it is offered", lambda: is_shared(self.lab.display) and target in targets(self.lab.display))

    def test_text(self):
        """text by Ctrl+V and back by Ctrl+A, Ctrl+C: as they were, with Firefox's one end of a line"""
        text = LINES * (TEXT_BYTES // len(LINES.encode()))
        self.field(FIELD)
        self.copied(text, "UTF8_STRING")
        self.keys("ctrl+v")
        expected = text.replace("\r\n", "\n")
        wait_for("it is pasted", lambda: self.firefox.run("return document.querySelector('textarea').value") == expected)
        self.firefox.run("document.querySelector('textarea').value += 'back'")
        self.keys("ctrl+a", "ctrl+c")
        wait_for("it is pasted on the laptop", lambda: paste(self.laptop.display) == expected + "back")

    def test_html(self):
        """HTML goes into a page and comes out of it as HTML, in UTF-8 that says so"""
        self.field(RICH)
        self.copied("<p>Grüße, <b>κόσμε</b> 🖐</p>", "text/html")
        self.keys("ctrl+v")
        wait_for("it is pasted with what is bold", lambda: self.firefox.run("let b = document.querySelector('div b'); return b && b.textContent") == "κόσμε")
        self.firefox.run("document.querySelector('div b').textContent = 'zurück שלום'")
        self.keys("ctrl+a", "ctrl+c")
        wait_for("it is pasted on the laptop", lambda: self.is_html(paste_bytes(self.laptop.display, "text/html")))

    def is_html(self, html):
        return bool(html) and html.startswith(META) and "<b>zurück שלום</b>" in html.decode() and html.count(b"<meta") == 1
