#!/usr/bin/python3
"""farseat's command line where no workstation is needed: slips, other spellings, what is refused before anything is done.

  test_commands.py FARSEAT
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv[1]
ENDING = "#v1.AAAA.BBBB"  # no invitation: a part is missing


class Commands(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home)

    def know(self, name):
        """A workstation that is known, as far as its name."""
        os.makedirs(os.path.join(self.home, "data", "workstations", name), mode=0o700)

    def run_it(self, *arguments, status, stdin="", **environment):
        e = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        e.update({"FARSEAT_HOME": self.home, "FARSEAT_LOG": "error", **environment})
        r = subprocess.run([PROGRAM, *arguments], env=e, capture_output=True, text=True, input=stdin, timeout=20)
        self.assertEqual(r.returncode, status, r.stderr)
        return r.stdout + r.stderr

    def test_help(self):
        self.assertEqual(self.run_it("help", "connect", status=0), self.run_it("connect", "--help", status=0))
        self.assertEqual(self.run_it("help", status=0), self.run_it("--help", status=0))
        self.assertIn("Did you mean 'list'?", self.run_it("help", "lst", status=2))

    def test_both_spellings(self):
        """enrol is enroll: our own texts write it so"""
        self.assertEqual(self.run_it("enrol", "--help", status=0), self.run_it("enroll", "--help", status=0))
        self.assertIn("not an invitation", self.run_it("enrol", "nonsense", status=2))

    def test_did_you_mean(self):
        for slip, meant in ("conect", "connect"), ("lst", "list"), ("screnshot", "screenshot"):
            self.assertIn(f"Did you mean '{meant}'?", self.run_it(slip, status=2))
        self.assertIn("Did you mean 'connect'?", self.run_it("conect", "office", status=2))
        self.assertIn("Did you mean --fullscreen?", self.run_it("connect", "--fulscreen", "x", status=2))
        said = self.run_it("workshop", status=1)  # a name, and near nothing
        self.assertIn("no workstation is known as 'workshop'", said)
        self.assertNotIn("Did you mean", said)

    def test_a_name_that_was_meant(self):
        self.know("office")
        self.assertIn("Did you mean 'office'?", self.run_it("connect", "ofice", status=1))
        self.know("lst")  # a workstation that is called like a slip is no slip
        self.assertNotIn("Did you mean 'list'", self.run_it("lst", status=1))

    def put(self, name, more=""):
        """A workstation that is known, with what is kept of it."""
        self.know(name)
        with open(self.conf(name), "w", encoding="utf-8") as f:
            f.write(f"[workstation]\nhost = pc.example.org\nport = 7420\nserver_id = ab12\n{more}")

    def conf(self, name):
        return os.path.join(self.home, "data", "workstations", name, "workstation.conf")

    def kept(self, name):
        with open(self.conf(name), encoding="utf-8") as f:
            return dict(line.strip().split(" = ", 1) for line in f if " = " in line)

    def test_set(self):
        self.put("office")
        for key, value, expected in (
            ("address", "10.0.0.5:7421", {"host": "10.0.0.5", "port": "7421"}),
            ("address", "other.example.org", {"host": "other.example.org", "port": "7420"}),
            ("address", "[2001:db8::1]:99", {"host": "2001:db8::1", "port": "99"}),
            ("address", "2001:db8::2", {"host": "2001:db8::2", "port": "7420"}),
            ("via", "me@jump:2222,inner", {"via": "me@jump:2222,inner"}),
            ("via_command", "ssh -W %h:%p jump", {"via": None, "via_command": "ssh -W %h:%p jump"}),  # takes the other's place
            ("proxy", "socks5://p:1080", {"via_command": None, "proxy": "socks5://p:1080"}),
            ("proxy", "none", {"proxy": "none"}),
            ("proxy", "default", {"proxy": None}),
            ("scale", "1:1", {"scale": "1:1"}),
            ("fullscreen", "yes", {"fullscreen": "yes"}),
            ("keys", "physical", {"keys": "physical"}),
            ("clipboard", "from", {"clipboard": "from"}),
        ):
            self.assertEqual(self.run_it("set", "office", key, value, status=0), "")
            for name, text in expected.items():
                self.assertEqual(self.kept("office").get(name), text, key)
            self.assertEqual(self.kept("office")["server_id"], "ab12")
        self.assertEqual(self.run_it("set", "office", "scale", status=0), "1:1\n")
        self.assertIn("fullscreen   yes", self.run_it("set", "office", status=0))

    def test_set_refuses(self):
        """a value that cannot be is refused, and nothing is changed"""
        self.put("office")
        before = self.kept("office")
        for key, value, said in (
            ("address", "pc:0", "a port from 1 to 65535"), ("address", "pc:65536", "a port from 1 to 65535"), ("address", "pc:", "a port"),
            ("address", "", "HOST:PORT"), ("address", "a b", "HOST:PORT"), ("address", "[::1", "like ["), ("address", "x" * 300, "too long"),
            ("scale", "big", "auto, fit or 1:1"), ("fullscreen", "maybe", "yes or no"), ("keys", "", "layout or physical"),
            ("clipboard", "none", "both, to, from or off"),
            ("via", "a b", "via: "), ("via", "", "via: "), ("via_command", "x ;y", "one line"), ("via_command", "ssh %q", "%h, %p or %%"),
            ("proxy", "ftp://x", "proxy: "), ("name", "a/b", "must be letters"), ("name", "", "must be letters"),
            ("server_id", "cd34", "there is no setting 'server_id'"),
        ):
            self.assertIn(said, self.run_it("set", "office", key, value, status=2), (key, value))
            self.assertEqual(self.kept("office"), before)
        self.assertIn("no workstation is known", self.run_it("set", "elsewhere", "scale", "fit", status=1))

    def test_rename(self):
        self.put("office")
        self.put("home")
        self.assertIn("already", self.run_it("set", "office", "name", "home", status=1))
        self.run_it("set", "office", "name", "work", status=0)
        self.assertFalse(os.path.exists(self.conf("office")))
        self.assertEqual(self.kept("work")["host"], "pc.example.org")

    def test_names_that_are_not_utf8(self):
        """refused where they enter; what is on the disk from before is named, not left out without a word"""
        self.put("office")
        old = os.fsencode(self.conf("office")).replace(b"office", b"b\xfcro")
        os.mkdir(os.path.dirname(old))
        shutil.copy(self.conf("office"), old)
        self.assertIn("in UTF-8", self.run_it("set", "office", "name", b"b\xfcro", status=2))
        self.assertIn("via_command: must be one line of UTF-8", self.run_it("set", "office", "via_command", b"x \xfc", status=2))
        self.assertIn("in UTF-8", self.run_it("connect", b"b\xfcro", status=1))
        said = self.run_it("list", "--json", status=0, FARSEAT_LOG="warning")
        self.assertIn("workstations/b\\xfcro is left out", said)
        self.assertIn('"office"', said)
        with open(self.conf("office"), "ab") as f:
            f.write(b"via_command = nc \xfc\n")
        self.assertIn("not UTF-8", self.run_it("list", status=0))

    def test_set_json(self):
        self.put("office", "proxy = http://me:secret@p:3128\n")
        told = json.loads(self.run_it("set", "office", "scale", "fit", "--json", status=0))
        self.assertEqual((told["version"], told["workstation"], told["changed"]), (1, "office", True))
        self.assertEqual(told["settings"]["scale"], "fit")
        self.assertEqual(told["settings"]["proxy"], "http://me:***@p:3128")  # no password on a screen
        self.assertEqual(self.kept("office")["proxy"], "http://me:secret@p:3128")
        self.assertFalse(json.loads(self.run_it("set", "office", "scale", "fit", "--json", status=0))["changed"])
        self.assertEqual(json.loads(self.run_it("set", "office", "--json", status=0))["settings"]["address"], "pc.example.org:7420")

    def run_json(self, *arguments):
        e = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        e.update(FARSEAT_HOME=self.home, FARSEAT_LOG="error")
        r = subprocess.run([PROGRAM, "--json", *arguments], env=e, capture_output=True, text=True, input="", timeout=20)
        document = json.loads(r.stdout)  # one, and nothing beside it
        self.assertEqual(next(iter(document.items())), ("version", 1), arguments)
        self.assertEqual("error" in document, r.returncode != 0, (arguments, document))
        self.assertNotIn("did not say why", document.get("error", ""), arguments)
        return document, r.returncode

    def test_json(self):
        """every command prints one object with a version, also when it fails, with the reason: farseat(1), JSON"""
        self.put("office")
        self.put("home")
        self.know("broken")
        lines = (["list"], ["set", "office"], ["set", "office", "nonsense"], ["set", "office", "name", "home"], ["connect", "nowhere"], ["enroll", "nonsense"],
                 ["open", "a", "b"], ["renew", "nowhere"], ["screenshot", "nowhere", "x.png"], ["screenshot", "nowhere", "-"], ["type", "nowhere", "x"],
                 ["key", "nowhere", "x"], ["click", "nowhere", "1", "1"], ["wait", "nowhere"], ["cp", "nowhere:a", "."], ["cp", "a", "b"], ["sftp", "nowhere"], ["doctor", "nowhere"], ["remove", "nowhere"],
                 ["remove", "office"], ["nonsense", "x"], ["list", "x"], ["list", "--nonsense"])
        listed = self.run_it("--help", status=0).split("Commands:\n")[1].split("\n\n")[0]
        commands = {line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "}
        self.assertEqual({line[0] for line in lines if line[0] != "nonsense"}, commands - {"help"})
        told = [(line, *self.run_json(*line)) for line in lines]
        self.assertEqual({status for _, _, status in told}, {0, 1, 2})
        first = told[0][1]
        self.assertEqual([w["workstation"] for w in first["workstations"]], ["home", "office"])
        self.assertEqual([w["workstation"] for w in first["unusable"]], ["broken"])
        self.assertIn("nowhere", next(d for line, d, _ in told if line[0] == "renew")["error"])
        self.assertEqual({k: v for line, d, _ in told if line == ["remove", "office"] for k, v in d.items()},
                         {"version": 1, "changed": True, "workstation": "office"})

    def test_arguments(self):
        self.assertIn("takes no arguments", self.run_it("list", "x", status=2))
        self.assertIn("an argument is missing", self.run_it("type", "office", status=2))
        self.assertIn("too many arguments", self.run_it("remove", "a", "b", status=2))

    def test_invitation_in_a_mail(self):
        """line breaks, blanks and brackets are not what is wrong with it"""
        for given in "<farseat://h:1/i" + ENDING + ">", " farseat://h:1/i\n" + ENDING + " \n":
            for said in self.run_it("enroll", given, status=2), self.run_it("enroll", "-", status=2, stdin=given):
                self.assertIn("incomplete or damaged", said)

    def test_screenshot_is_png(self):
        for name in "x.jpg", "a/b.PNG.gif", "x.webp":
            self.assertIn("PNG only", self.run_it("screenshot", "office", name, status=2))
        for name in "x.png", "x.PNG", "a.b/x", "-":
            self.assertIn("no workstation is known", self.run_it("screenshot", "office", name, status=1))

    def test_display_that_is_not_there(self):
        """where DISPLAY is set, setting it is no advice"""
        said = self.run_it(status=1, DISPLAY=":999")
        self.assertIn("cannot open display :999 (from DISPLAY)", said)
        self.assertIn("Set DISPLAY or WAYLAND_DISPLAY", self.run_it(status=1))

    def test_type_from_standard_input(self):
        self.assertIn("no workstation is known", self.run_it("type", "office", "-", status=1, stdin="Grüße\n"))
        self.assertIn("without control characters", self.run_it("type", "office", "-", status=2, stdin="a\0b"))
        self.assertIn("without control characters", self.run_it("type", "office", "-", status=2, stdin="\x1b[A"))
        self.assertIn("at most", self.run_it("type", "office", "-", status=2, stdin="x" * (1 << 20)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
