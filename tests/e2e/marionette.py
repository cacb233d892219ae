"""Firefox, driven by what it brings along for tests (Marionette): to fill a page and to read it. Copying and pasting are done by keys."""
import json
import os
import socket

from lab import Failure, free_port, wait_for

START_S = 120  # it makes its profile first, which a busy machine has taken a minute for

PREFERENCES = """user_pref("marionette.port", {port});
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.startup.page", 0);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.socks", "127.0.0.1");
user_pref("network.proxy.socks_port", 9);
"""


class Firefox:
    """One page, without a network."""

    def __init__(self, home):
        port = free_port()
        profile = os.path.join(home.folder, "profile")
        os.mkdir(profile, 0o755)
        os.chown(profile, *([os.stat(home.folder).st_uid] * 2))
        with open(os.path.join(profile, "user.js"), "w", encoding="ascii") as f:
            f.write(PREFERENCES.format(port=port))
        self.process = home.start("firefox-esr", "--marionette", "--no-remote", "--profile", os.path.join(home.inside, "profile"), "about:blank")
        self.socket = wait_for("Firefox listens", lambda: self.dial(port), START_S, 0.2)
        self.unread = b""
        self.count = 0
        self.receive()
        self.call("WebDriver:NewSession", {})

    def dial(self, port):
        if self.process.poll() is not None:
            raise Failure(f"Firefox ended with status {self.process.returncode}")
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=START_S)
        except OSError:
            return None

    def receive(self):
        """A message: its length in digits, a colon, JSON."""
        while b":" not in self.unread:
            self.unread += self.socket.recv(65536)
        length, _, self.unread = self.unread.partition(b":")
        while len(self.unread) < int(length):
            self.unread += self.socket.recv(1 << 20)
        message, self.unread = self.unread[:int(length)], self.unread[int(length):]
        return json.loads(message)

    def call(self, command, parameters):
        self.count += 1
        message = json.dumps([0, self.count, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self.receive()
        if error:
            raise Failure(f"Firefox, {command}: {error['message']}")
        return result

    def run(self, script, *arguments):
        """What the script returns, in the page."""
        return self.call("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})["value"]

    def stop(self):
        self.socket.close()
