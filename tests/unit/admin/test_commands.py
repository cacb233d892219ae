"""farseatctl's commands as scripts see them, without the daemon and with it.

usage: test_commands.py FARSEATCTL FARSEATD
"""
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

CTL, DAEMON = sys.argv[1:3]
PATIENCE_S = 60  # for anything that must happen, on a machine with other work, with sanitizers
NO_DISPLAY = ":5999"  # nobody has it: the daemon serves without a session to show


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Home(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="farseat-admin-")
        self.addCleanup(shutil.rmtree, self.home)
        self.environment = {**os.environ, "FARSEAT_HOME": self.home, "TZ": "UTC"}
        self.environment.pop("DISPLAY", None)

    def path(self, *parts):
        return os.path.join(self.home, *parts)

    def today(self):
        return self.path("state", "log", time.strftime("audit-%Y-%m-%d.log", time.gmtime()))

    def ctl(self, *arguments, status=0, stdin=None):
        r = subprocess.run([CTL, *arguments], env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, input=stdin)
        self.assertEqual(r.returncode, status, f"{arguments}: {r.stdout}{r.stderr}")
        return r

    def ctl_json(self, *arguments, status=0, stdin=None):
        return json.loads(self.ctl(*arguments, "--json", status=status, stdin=stdin).stdout)

    def request(self):
        """A certificate request as a laptop makes one."""
        key = self.path("laptop.key")
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True, capture_output=True)
        return subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=evil"], check=True, capture_output=True, text=True).stdout

    def start_daemon(self, *arguments):
        self.log = open(self.path("log"), "ab")
        self.addCleanup(self.log.close)
        self.port = free_port()
        self.daemon = subprocess.Popen([DAEMON, "--listen", f"127.0.0.1:{self.port}", *(arguments or ("--display", NO_DISPLAY))],
                                       env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.addCleanup(self.stop_daemon)
        end = time.monotonic() + PATIENCE_S
        while not (os.path.exists(self.path("run", "control.sock")) and self.running()):
            self.assertIsNone(self.daemon.poll(), self.said())
            self.assertLess(time.monotonic(), end, "farseatd does not answer: " + self.said())
            time.sleep(0.05)

    def running(self):
        return subprocess.run([CTL, "status"], env=self.environment, capture_output=True, timeout=PATIENCE_S).returncode == 0

    def stop_daemon(self):
        if self.daemon.poll() is None:
            self.daemon.terminate()
        return self.daemon.wait(PATIENCE_S)

    def said(self):
        with open(self.path("log"), encoding="utf-8") as f:
            return f.read()


class WithoutDaemon(Home):
    def test_nothing_is_there(self):
        """before init every command says what to do, and makes nothing"""
        for command in (["status"], ["clients"], ["invite", "a"], ["revoke", "a"], ["role", "a", "view"], ["renew"], ["invitations"]):
            self.assertIn("farseatctl init", self.ctl(*command, status=1).stderr, command)
        self.assertFalse(os.path.exists(self.path("data")))

    def test_init(self):
        """init makes an identity once; secrets are 0600, folders 0700"""
        out = self.ctl_json("init", "--name", "office")
        self.assertRegex(out["server_id"], r"^ws-[0-9a-f]{12}$")
        self.assertEqual(out["workstation"], "office")
        again = self.ctl_json("init")
        self.assertEqual((again.pop("changed"), again.pop("already")), (False, True))
        self.assertEqual((out.pop("changed"), out.pop("already")), (True, False))
        self.assertEqual(again, out)
        self.assertIn("already", self.ctl("init").stdout)
        self.assertIn("nothing was changed", self.ctl("init", "--name", "home", status=1).stderr)
        self.assertEqual(self.ctl_json("status", status=1)["server_id"], out["server_id"])
        for folder, _, names in os.walk(self.home):
            self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700, folder)
            for name in names:
                mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                self.assertEqual(mode & 0o022, 0, name)
                if name.endswith((".key", ".json", ".log")):
                    self.assertEqual(mode, 0o600, name)
        self.assertTrue(os.path.exists(self.path("data", "ca", "ca.key")))

    def test_changed(self):
        """commands that change something say whether they did"""
        first = self.ctl_json("init", "--if-missing", "--name", "office")
        self.assertEqual((first.pop("changed"), first.pop("already")), (True, False))
        again = self.ctl_json("init", "--if-missing")
        self.assertEqual((again.pop("changed"), again.pop("already")), (False, True))
        self.assertEqual(again, first)
        self.ctl("init", "--if-missing", "--name", "office")
        self.assertIn("office", self.ctl("init", "--if-missing", "--name", "other", status=1).stderr)
        self.assertTrue(self.ctl_json("sign", "--csr", "-", "--name", "tom", stdin=self.request())["changed"])
        for command, changed in ((["role", "tom", "control"], False), (["role", "tom", "view"], True), (["role", "tom", "view"], False),
                                 (["invite", "eve"], True), (["withdraw", "eve"], True), (["renew"], True), (["revoke", "tom"], True)):
            before = len(self.ctl_json("log")["events"])
            self.assertEqual(self.ctl_json(*command)["changed"], changed, command)
            self.assertEqual(len(self.ctl_json("log")["events"]), before + changed, command)
        self.ctl("sign", "--csr", "-", "--name", "new", stdin=self.request())
        self.assertFalse(json.loads(self.ctl("caps", "--json", "--", "new", "+see").stdout)["changed"])
        self.assertTrue(json.loads(self.ctl("caps", "--json", "--", "new", "-input").stdout)["changed"])

    def test_caps_in_words(self):
        """help and completion name the capabilities that there are, and no others; what this version does not carry out is not one"""
        self.ctl("init")
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())
        shown = [line.split()[0] for line in self.ctl("caps", "tom").stdout.splitlines()]
        self.assertEqual(self.ctl_json("caps", "tom")["caps"], shown)  # of the role control: all
        helped = self.ctl("caps", "--help").stdout.split("Capabilities: ")[1].split(".")[0].split(", ")
        self.assertEqual(helped, shown)
        offered = self.ctl("--completion", "bash").stdout.split("'caps '*)")[1].split("-W '")[1].split("'")[0].split()
        self.assertEqual(offered, [sign + cap for cap in shown for sign in "+-"])
        for word in offered:
            self.ctl("caps", "--", "tom", word)
        said = self.ctl("caps", "tom", "+fly", status=2).stderr
        self.assertIn(", ".join(shown), said)

    def test_long_arguments_in_help(self):
        """what is too long for the first column of --help stands on a line of its own, whole; the second column stays one"""
        lines = self.ctl("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
        i = lines.index("  tunnel init [USER@HOST[:PORT]] | authorized-key | connect")
        self.assertEqual(lines[i + 1], " " * 31 + "prepare the reverse tunnel to a relay")
        for line in lines:
            self.assertTrue(len(line) <= 30 or line[30] == " " or line.startswith("  tunnel") or line.startswith("  caps"), line)

    def test_init_after_a_crash(self):
        """an init that ended half way is completed, with the CA that it had made"""
        self.ctl("init")
        os.unlink(self.path("data", "server", "registry.json"))
        with open(self.path("data", "ca", "ca.key"), encoding="utf-8") as f:
            key = f.read()
        os.unlink(self.path("data", "server", "server.crt"))
        self.ctl("init")
        with open(self.path("data", "ca", "ca.key"), encoding="utf-8") as f:
            self.assertEqual(f.read(), key)
        self.assertTrue(self.ctl_json("config", "check")["ok"])

    def test_damaged_registry(self):
        """a damaged registry is told and never overwritten"""
        self.ctl("init")
        path = self.path("data", "server", "registry.json")
        with open(path, "w", encoding="utf-8") as f:
            f.write('{"version": 1,')
        for command in (["init"], ["status"], ["invite", "a"], ["revoke", "a"], ["renew"]):
            self.assertIn("damaged", self.ctl(*command, status=1).stderr, command)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), '{"version": 1,')

    def test_usage(self):
        """wrong usage is status 2, with what was wrong and where help is"""
        self.ctl("init")
        for command, word in (([], "command"), (["nonsense"], "nonsense"), (["invite"], "NAME"), (["invite", "a b"], "a b"),
                              (["invite", "../x"], "../x"), (["invite", "a", "--role", "root"], "root"), (["invite", "a", "--expires", "soon"], "soon"),
                              (["invite", "a", "--expires", "59s"], "expires"), (["invite", "a", "--expires", "31d"], "expires"),
                              (["invite", "a", "--address", "x:0"], "x:0"), (["role", "a", "boss"], "boss"), (["disconnect", "x"], "x"),
                              (["disconnect", "-1"], "-1"), (["sign"], "--csr"), (["log", "--since", "x"], "x"), (["config", "x"], "x"),
                              (["caps", "a", "+fly"], "+fly"), (["signer"], "farseatd"), (["init", "--name", "a b"], "a b")):
            r = self.ctl(*command, status=2)
            self.assertIn(word, r.stderr, command)
            self.assertIn("--help", r.stderr, command)
            self.assertEqual(r.stdout, "", command)

    def test_help(self):
        """every command explains itself, on standard output"""
        everything = self.ctl("--help").stdout
        self.assertNotIn("signer", everything)
        for line in everything.split("Commands:")[1].split("\n\n")[0].splitlines():
            if line.startswith("  ") and line[2] != " ":
                name = line.split()[0]
                self.assertIn("Usage: farseatctl " + name, self.ctl(name, "--help").stdout)

    def test_invitations(self):
        """an invitation is one line on stdout; its secret is stored nowhere; it can be taken back"""
        self.ctl("init")
        r = self.ctl("invite", "tom", "--address", "[2001:db8::1]:7000", "--expires", "2h")
        self.assertRegex(r.stdout, r"^farseat://\[2001:db8::1\]:7000/ws-[0-9a-f]{12}#v1\.[\w-]+\.[\w-]+\n$")
        secret = r.stdout.split("#v1.")[1][:40]
        # -e: every 64th secret begins with "-", which grep takes for an option otherwise
        self.assertEqual(subprocess.run(["grep", "-rFe", secret, self.home], capture_output=True).returncode, 1)
        self.ctl("invite", "tom", status=1)
        one, = self.ctl_json("invitations")["invitations"]
        self.assertEqual((one["device"], one["state"], one["role"]), ("tom", "pending", "control"))
        self.assertEqual(one["expires"] - one["created"], 7200)
        self.ctl("withdraw", "tom")
        self.ctl("withdraw", "tom", status=1)
        self.assertEqual(self.ctl_json("invitations")["invitations"][0]["state"], "withdrawn")
        self.assertIn("farseat://", self.ctl_json("invite", "tom", "--role", "view")["invitation"])

    def test_pending_is_bounded(self):
        """the 65th invitation that waits is refused"""
        self.ctl("init")
        for i in range(64):
            self.ctl("invite", f"d{i}")
        self.assertIn("64", self.ctl("invite", "more", status=1).stderr)
        with open(self.path("config", "farseat.conf"), "a", encoding="utf-8") as f:
            f.write("[limits]\ninvitations = 65\n")
        self.ctl("invite", "more")
        self.assertIn("65", self.ctl("invite", "most", status=1).stderr)

    def test_limits(self):
        """limits are numbers within their range"""
        self.ctl("init")
        for line in ("sessions = 0", "sessions = 61", "invitations = 161", "invitations = many", "control_clients = 257", "control_clients = -1"):
            with open(self.path("x.conf"), "w", encoding="utf-8") as f:
                f.write("[limits]\n" + line + "\n")
            self.assertIn(line.split()[0], self.ctl("config", "check", self.path("x.conf"), status=1).stderr, line)

    def test_sign(self):
        """a request is signed: our names, the request's key; openssl agrees; the name is taken then"""
        self.ctl("init")
        out = self.ctl_json("sign", "--csr", "-", "--name", "tom", "--role", "view", stdin=self.request())
        for name in ("certificate", "ca"):
            with open(self.path(name + ".pem"), "w", encoding="utf-8") as f:
                f.write(out[name])
        r = subprocess.run(["openssl", "verify", "-purpose", "sslclient", "-CAfile", self.path("ca.pem"), self.path("certificate.pem")],
                           capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        text = subprocess.run(["openssl", "x509", "-in", self.path("certificate.pem"), "-noout", "-text"], capture_output=True, text=True).stdout
        self.assertIn("URI:farseat:device:" + out["device_id"], text)
        self.assertNotIn("evil", text)
        self.assertNotIn("tom", text)
        client, = self.ctl_json("clients")["clients"]
        self.assertEqual((client["device"], client["role"], client["state"], client["device_id"]), ("tom", "view", "active", out["device_id"]))
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request(), status=1)
        self.ctl("invite", "tom", status=1)
        self.assertRegex(self.ctl("sign", "--csr", "-", stdin=self.request()).stderr, "laptop-[0-9a-f]{8}")

    def test_bad_requests(self):
        """what is no good request is not signed"""
        self.ctl("init")
        good = self.request()
        body = good.splitlines()
        middle = len(body) // 2
        changed = body[middle][::-1]
        for bad in ("", "hello", "\0\1\2", good[:200], good.replace(body[middle], changed), "x" * 20000, good.replace("REQUEST", "CHICKEN")):
            self.ctl("sign", "--csr", "-", "--name", "tom", stdin=bad, status=1)
        self.ctl("sign", "--csr", self.path("nowhere"), "--name", "tom", status=1)
        self.assertEqual(self.ctl_json("clients")["clients"], [])

    def test_device_life(self):
        """role, capabilities, revocation and the list for foreign tools"""
        self.ctl("init")
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())
        self.ctl("role", "tom", "view")
        self.assertEqual(self.ctl_json("caps", "tom")["role"], "view")
        self.ctl("caps", "--", "tom", "+input", "-files-in")
        self.assertEqual(self.ctl_json("caps", "tom")["caps"], ["see", "input", "sound"])
        self.ctl("role", "nobody", "view", status=1)
        self.assertEqual(self.ctl_json("revoke", "tom")["change"], "revoked")
        self.ctl("revoke", "tom", status=1)
        self.ctl("role", "tom", "control", status=1)
        r = subprocess.run(["openssl", "crl", "-in", self.path("data", "server", "crl.pem"), "-CAfile", self.path("data", "server", "ca.crt"),
                            "-noout", "-text"], capture_output=True, text=True)
        self.assertIn("verify OK", r.stderr)
        self.assertEqual(r.stdout.count("Serial Number:"), 1)
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())  # the name is free again
        self.assertEqual([c["state"] for c in self.ctl_json("clients")["clients"]], ["revoked", "active"])

    def test_renew(self):
        """the server's certificate is renewed for the same key"""
        self.ctl("init")
        crt, key = self.path("data", "server", "server.crt"), self.path("data", "server", "server.key")
        with open(crt, encoding="utf-8") as f, open(key, encoding="utf-8") as k:
            before = f.read(), k.read()
        self.ctl("renew")
        with open(crt, encoding="utf-8") as f, open(key, encoding="utf-8") as k:
            after = f.read(), k.read()
        self.assertNotEqual(before[0], after[0])
        self.assertEqual(before[1], after[1])
        self.assertTrue(self.ctl_json("config", "check")["ok"])

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True, cwd=self.home).stdout

    def new_key(self, name):
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name)
        return self.path(name)

    def tls(self, **values):
        """A farseat.conf with these of [tls]; its path."""
        with open(self.path("config", "farseat.conf"), "w", encoding="utf-8") as f:
            f.write("[tls]\n" + "".join(f"{k} = {v}\n" for k, v in values.items()))
        return self.path("config", "farseat.conf")

    def test_key_of_another_certificate(self):
        """a certificate and a key that do not belong together are told by their names"""
        self.ctl("init")
        other = self.new_key("other.key")
        own = self.path("own.crt")
        shutil.copy(self.path("data", "server", "server.crt"), own)
        self.tls(cert=own, key=other)
        out = self.ctl_json("config", "check", status=1)
        self.assertIn("does not belong", out["error"])
        self.assertIn(other, out["error"])
        r = subprocess.run([DAEMON, "--listen", f"127.0.0.1:{free_port()}", "--display", NO_DISPLAY], env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(r.returncode, 1)
        self.assertIn("does not belong", r.stderr)
        self.tls(cert=own, key=self.path("data", "server", "server.key"))
        self.assertTrue(self.ctl_json("config", "check")["ok"])

    def test_renew_of_a_company(self):
        """a certificate of one's own is not renewed by us, and is what status tells of"""
        self.ctl("init")
        own = self.path("own.crt")
        shutil.copy(self.path("data", "server", "server.crt"), own)
        self.tls(cert=own, key=self.path("data", "server", "server.key"))
        self.assertIn("whoever issued it", self.ctl("renew", status=1).stderr)
        os.unlink(own)
        self.assertEqual(self.ctl_json("status", status=1)["certificate_expires"], 0)

    def test_several_certificates(self):
        """all certificates of a file count: more than four, one that is no CA, one that is damaged are told"""
        self.ctl("init")
        with open(self.path("data", "server", "ca.crt"), encoding="ascii") as f:
            ca = f.read()
        with open(self.path("data", "server", "server.crt"), encoding="ascii") as f:
            server = f.read()
        for text, word in ((ca, None), (ca + ca, None), (ca * 4, None), (ca * 5, "more than 4"), (ca + server, "number 2"), (server + ca, "number 1"),
                           (ca + ca.replace("\nMI", "\nMM", 1), "malformed"), ("", "not a PEM")):
            with open(self.path("ca.pem"), "w", encoding="ascii") as f:
                f.write(text)
            self.tls(ca=self.path("ca.pem"))
            out = self.ctl_json("config", "check", status=1 if word else 0)
            self.assertIn(word or "", out.get("error", ""), text)

    def test_rsa(self):
        """RSA is refused with a sentence that says so"""
        self.ctl("init")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "rsa.key", "-out", "rsa.crt", "-subj", "/CN=Company")
        self.tls(ca=self.path("rsa.crt"))
        self.assertIn("RSA", self.ctl("config", "check", status=1).stderr)

    def test_lost_ca_key(self):
        """a CA's key that is lost is a state of its own, told by every command that needs it"""
        self.ctl("init")
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())
        key = self.path("data", "ca", "ca.key")
        self.assertEqual(self.ctl_json("status", status=1)["ca_state"], "ready")
        os.rename(key, key + ".away")
        status = self.ctl_json("status", status=1)
        self.assertEqual(status["ca_state"], "key-missing")
        self.assertIn("private key is not here", self.ctl("status", status=1).stdout)
        for command in (["invite", "eve"], ["renew"], ["sign", "--csr", "-"]):
            said = self.ctl(*command, status=1, stdin=self.request()).stderr
            self.assertIn("private key is not here", said, command)
            self.assertIn(key, said, command)
        self.assertIn("private key is not here", self.ctl("revoke", "tom").stderr)
        self.assertEqual(self.ctl_json("clients")["clients"][0]["state"], "revoked")
        shutil.copy(self.new_key("other.key"), key)
        self.assertEqual(self.ctl_json("status", status=1)["ca_state"], "key-of-another")
        self.assertIn("not that of the CA", self.ctl("invite", "eve", status=1).stderr)

    def test_keys_that_others_may_read(self):
        """a private key that other users may read is not used, and it says what to do"""
        self.ctl("init")
        ca, server = self.path("data", "ca", "ca.key"), self.path("data", "server", "server.key")
        os.chmod(ca, 0o644)
        for command in (["invite", "eve"], ["renew"], ["sign", "--csr", "-"]):
            said = self.ctl(*command, status=1, stdin=self.request()).stderr
            self.assertIn(f"{ca} cannot be used: other users may read it ('chmod 600'", said, command)
        self.assertEqual(self.ctl_json("status", status=1)["ca_state"], "unusable")
        os.chmod(ca, 0o600)
        os.chmod(server, 0o644)
        for command in (["renew"], ["config", "check"]):
            self.assertIn(f"{server} cannot be used: other users may read it", self.ctl(*command, status=1).stderr, command)
        os.chmod(server, 0o600)
        self.ctl("config", "check")

    def registry(self):
        with open(self.path("data", "server", "registry.json"), "rb") as f:
            return f.read()

    def write_registry(self, content):
        with open(self.path("data", "server", "registry.json"), "wb") as f:
            f.write(content)

    def test_restored_backup(self):
        """a registry from a backup is not taken as it is: what was revoked stays revoked, what was spent stays spent"""
        self.ctl("init")
        for name in ("tom", "eve"):
            self.ctl("sign", "--csr", "-", "--name", name, stdin=self.request())
        self.ctl("invite", "guest")
        backup = self.registry()
        self.ctl("revoke", "tom")
        self.ctl("role", "eve", "view")
        self.ctl("withdraw", "guest")
        self.ctl("sign", "--csr", "-", "--name", "new", stdin=self.request())
        self.write_registry(backup)
        for command in (["status"], ["clients"], ["invite", "a"], ["role", "tom", "view"], ["renew"]):
            self.assertIn("farseatctl restore", self.ctl(*command, status=1).stderr, command)
        out = self.ctl_json("restore")
        self.assertFalse(out["changed"])
        self.assertEqual(self.registry(), backup)
        self.assertEqual({(d["device"], d["difference"]) for d in out["differences"]},
                         {("tom", "revoked since"), ("eve", "other capabilities since"), ("guest", "invitation ended since"), ("new", "enrolled since")})
        self.assertIn("revoked since", self.ctl("restore").stdout)
        self.ctl("status", status=1)
        self.assertTrue(self.ctl_json("restore", "--yes")["changed"])
        self.assertEqual({c["device"]: (c["state"], c["role"]) for c in self.ctl_json("clients")["clients"]},
                         {"tom": ("revoked", "control"), "eve": ("active", "control")})
        self.assertEqual([i["state"] for i in self.ctl_json("invitations")["invitations"]], ["withdrawn"])
        self.assertEqual(self.ctl_json("log")["events"][-1]["event"], "restored")

    def test_restore_a_file(self):
        """a backup elsewhere is restored by its name; another workstation's is not; a damaged registry is mended by it"""
        self.ctl("init")
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())
        backup = self.path("backup.json")
        with open(backup, "wb") as f:
            f.write(self.registry())
        self.ctl("revoke", "tom")
        self.write_registry(b"{")
        self.assertEqual(self.ctl_json("restore", backup, "--yes")["differences"][0]["difference"], "revoked since")
        self.assertEqual(self.ctl_json("clients")["clients"][0]["state"], "revoked")
        with open(backup, "wb") as f:
            f.write(self.registry().replace(b'"id": "ws-', b'"id": "xx-', 1))
        self.assertIn("another workstation", self.ctl("restore", backup, "--yes", status=1).stderr)
        self.ctl("restore", self.path("nowhere"), status=1)

    def test_log(self):
        """what was changed is in the log; lines that a crash cut are left out"""
        self.ctl("init")
        self.ctl("invite", "tom")
        with open(self.today(), "a", encoding="utf-8") as f:
            f.write('{"time": 1, "event": "old"}\n{"time": 17954, "eve\n')
        self.ctl("withdraw", "tom")
        events = [e["event"] for e in self.ctl_json("log")["events"]]
        self.assertEqual(events, ["init", "invited", "old", "withdrawn"])
        self.assertEqual([e["event"] for e in self.ctl_json("log", "--since", "1h")["events"]], ["init", "invited", "withdrawn"])
        self.assertIn("withdrawn", self.ctl("log").stdout)

    def write_log(self, name, when_s, event, age_s):
        path = self.path("state", "log", name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(json.dumps({"time": when_s, "event": event}, separators=(",", ":")) + "\n")
        os.utime(path, (time.time() - age_s,) * 2)

    def test_log_files(self):
        """all files are read in their order, those from before there were dates too; --since leaves old ones unread"""
        self.ctl("init")
        now, day = int(time.time()), 86400
        self.write_log("audit.log.1", now - 40 * day, "oldest", 39 * day)
        self.write_log("audit.log", now - 30 * day, "older", 20 * day)
        self.write_log("audit-2020-01-01.log", now - 10 * day, "old", 10 * day)
        self.write_log("audit-2020-01-02.log.1", now - 9 * day, "renamed", 9 * day)
        self.write_log("audit-2020-01-03.log.2.gz", now - 8 * day, "packed", 8 * day)
        self.assertEqual([e["event"] for e in self.ctl_json("log")["events"]], ["oldest", "older", "old", "renamed", "init"])
        self.assertIn("1 compressed", self.ctl("log").stderr)
        # It says that it is new, but nothing was written to it since: so it is not looked at.
        self.write_log("audit-2020-01-04.log", now, "unread", 3 * day)
        self.assertEqual([e["event"] for e in self.ctl_json("log", "--since", "1d")["events"]], ["init"])

    def test_log_says_who(self):
        """who ran a command stands in its line"""
        self.ctl("init")
        self.environment["SUDO_USER"] = "somebody"
        self.ctl("invite", "tom")
        event = self.ctl_json("log")["events"][-1]
        self.assertEqual(event["user"], pwd.getpwuid(os.geteuid()).pw_name)
        self.assertEqual(event.get("sudo"), "somebody" if os.geteuid() == 0 else None)
        with open("/proc/self/loginuid", encoding="ascii") as f:
            login = int(f.read())
        self.assertEqual("login" in event, login != 2**32 - 1)

    def test_log_append_only(self):
        """files that can only be appended to are enough; a torn line is ended before the next one"""
        self.ctl("init")
        if not shutil.which("chattr") or subprocess.run(["chattr", "+a", self.today()], capture_output=True).returncode != 0:
            self.skipTest("no chattr here")
        try:
            with open(self.today(), "a", encoding="utf-8") as f:
                f.write('{"time": 17')
            self.ctl("invite", "tom")
            self.assertEqual([e["event"] for e in self.ctl_json("log")["events"]], ["init", "invited"])
        finally:
            subprocess.run(["chattr", "-a", self.today()], check=True)

    def test_log_at_once(self):
        """many writers at the same time, with a torn line before them: every line is whole"""
        self.ctl("init")
        with open(self.today(), "a", encoding="utf-8") as f:
            f.write("{")
        running = [subprocess.Popen([CTL, "invite", f"d{i}"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for i in range(12)]
        self.assertEqual([p.wait(PATIENCE_S) for p in running], [0] * 12)
        with open(self.today(), encoding="utf-8") as f:
            lines = f.read().splitlines()
        self.assertEqual([line for line in lines if not line.endswith("}")], ["{"])
        self.assertEqual(len(lines), 14)

    def test_log_follow(self):
        """log -f shows what happens, also over a rotation"""
        self.ctl("init")
        p = subprocess.Popen([CTL, "log", "-f", "--json"], env=self.environment, stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(json.loads(p.stdout.readline())["event"], "init")
            self.ctl("invite", "tom")
            self.assertEqual(json.loads(p.stdout.readline())["event"], "invited")
            os.rename(self.today(), self.today() + ".1")
            self.ctl("withdraw", "tom")
            self.assertEqual(json.loads(p.stdout.readline())["event"], "withdrawn")
        finally:
            p.kill()
            p.wait()
            p.stdout.close()

    def test_config_check(self):
        """a mistake in the configuration is told with its line"""
        self.ctl("init")
        path = self.path("config", "farseat.conf")
        self.assertIn("fine", self.ctl("config", "check").stdout)
        with open(path, "a", encoding="utf-8") as f:
            f.write("\nlisten_on = x\n")
        self.assertIn("listen_on", self.ctl("config", "check", status=1).stderr)
        self.assertFalse(self.ctl_json("config", "check", status=1)["ok"])
        self.ctl("config", "check", self.path("nowhere"), status=1)

    def test_at_once(self):
        """commands at the same time lose nothing"""
        self.ctl("init")
        running = [subprocess.Popen([CTL, "invite", f"d{i}"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for i in range(12)]
        self.assertEqual([p.wait(PATIENCE_S) for p in running], [0] * 12)
        self.assertEqual(len(self.ctl_json("invitations")["invitations"]), 12)

    def test_daemon_is_asked_for(self):
        """what only the daemon knows is status 1 without it"""
        self.ctl("init")
        for command in (["sessions"], ["disconnect", "1"], ["status"]):
            r = self.ctl(*command, status=1)
            self.assertIn("farseatd", r.stdout + r.stderr)

    def test_nobody_listens(self):
        """invite warns when nothing listens, and status says that a socket waits"""
        self.ctl("init")
        port = free_port()
        with open(self.path("config", "farseat.conf"), "a", encoding="utf-8") as f:
            f.write(f"\n[server]\nlisten = 127.0.0.1:{port}\n")
        self.assertIn("Nothing listens", self.ctl("invite", "tom").stderr)
        self.assertIn("is not running", self.ctl("status", status=1).stdout)
        with socket.socket() as waiting:
            waiting.bind(("127.0.0.1", port))
            waiting.listen()
            self.assertNotIn("Nothing listens", self.ctl("invite", "eve").stderr)
            self.assertIn("waits for the first connection", self.ctl("status").stdout)

    def test_output_that_is_lost(self):
        """what cannot be written is a failure, of every command, and an invitation is told to be lost"""
        self.ctl("init")
        for command in (["--version"], ["--help"], ["status", "--json"], ["clients"], ["invite", "tom"], ["invite", "eve", "--json"], ["config", "check"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                r = subprocess.run([CTL, *command], env=self.environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S)
            self.assertEqual((command, r.returncode), (command, 1), r.stderr)
            self.assertIn("could not be written", r.stderr)
        with open("/dev/full", "w", encoding="utf-8") as full:
            r = subprocess.run([DAEMON, "--help"], env=self.environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S)
        self.assertEqual(r.returncode, 1, r.stderr)

    def test_closed_descriptors(self):
        """programs that are started without standard input, output and error do their work all the same"""
        self.ctl("init")
        for program in (CTL, DAEMON):
            r = subprocess.run(["sh", "-c", 'exec "$0" --version <&- >&- 2>&-', program], env=self.environment, timeout=PATIENCE_S)
            self.assertEqual((program, r.returncode), (program, 0))
        subprocess.run(["sh", "-c", 'exec "$0" invite tom <&- >&- 2>&-', CTL], env=self.environment, timeout=PATIENCE_S, check=True)
        self.daemon = subprocess.Popen(["sh", "-c", 'exec "$0" --listen "$1" --display "$2" <&- >&- 2>&-', DAEMON, f"127.0.0.1:{free_port()}", NO_DISPLAY],
                                       env=self.environment)
        end = time.monotonic() + PATIENCE_S
        while not self.running() and time.monotonic() < end and self.daemon.poll() is None:
            time.sleep(0.05)
        self.assertTrue(self.ctl_json("status")["running"])
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(PATIENCE_S), 0)

    def test_wayland_session(self):
        """in a Wayland session farseatd says at its start and in status why its screen cannot be shown, unless a display is named"""
        self.ctl("init")
        for more, reason in (({"WAYLAND_DISPLAY": "wayland-0"}, "Wayland display wayland-0 cannot be opened"),
                             ({"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": ""}, "Wayland session whose socket is not known")):
            self.environment = {**self.environment, "DISPLAY": NO_DISPLAY, **more}
            self.start_daemon("--config", self.path("config", "farseat.conf"))
            end = time.monotonic() + PATIENCE_S
            while not self.ctl_json("status")["daemon"]["session_failure"] and time.monotonic() < end:
                time.sleep(0.05)  # the agent has to try
            self.assertIn(reason, self.said())
            self.assertIn(reason, self.ctl("status").stdout)
            self.assertIn(reason, self.ctl_json("status")["daemon"]["session_failure"])
            self.assertEqual(self.stop_daemon(), 0)
        self.start_daemon()
        self.assertIn("black screen", self.said())
        self.assertNotIn("Wayland", self.ctl("status").stdout)

    def test_listen_is_checked(self):
        """a port that is none is refused on the command line, as it is in the configuration"""
        for wrong in ("127.0.0.1:83440", ":99999", "7420", ":0", ":7420 # all"):
            r = subprocess.run([DAEMON, "--listen", wrong], env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)
            self.assertEqual((wrong, r.returncode), (wrong, 2), r.stderr)
            self.assertIn("addresses", r.stderr)
        r = subprocess.run([DAEMON, "--display", "0"], env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(r.returncode, 2, r.stderr)

    def test_daemon_before_init(self):
        """farseatd without an identity says what to do"""
        r = subprocess.run([DAEMON, "--listen", f"127.0.0.1:{free_port()}", "--display", NO_DISPLAY], env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(r.returncode, 1)
        self.assertIn("farseatctl init", r.stderr)


class Starts(Home):
    """starts that fail, and what they leave behind"""

    def start(self, *arguments):
        return subprocess.run([DAEMON, *arguments], env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)

    def test_reason(self):
        """status says why farseatd is not running; a start that succeeds, and an orderly end, leave no reason"""
        self.ctl("init")
        self.assertIn("not started yet", self.ctl("status", status=1).stdout)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            self.assertEqual(self.start("--listen", listen, "--display", NO_DISPLAY).returncode, 1)
        for said in (self.ctl("status", status=1).stdout, self.ctl_json("status", status=1)["error"]):
            self.assertIn("is not running: its last start", said)
            self.assertIn(listen, said)
        self.start_daemon()
        self.assertEqual(self.start("--listen", listen, "--display", NO_DISPLAY).returncode, 1)  # a second one, beside it
        self.assertEqual(self.stop_daemon(), 0)
        self.assertNotIn("its last start", self.ctl("status", status=1).stdout)
        with open(self.path("config", "farseat.conf"), "w", encoding="utf-8") as f:
            f.write("[server]\nlisten = nonsense\n")
        self.assertEqual(self.start("--display", NO_DISPLAY).returncode, 1)
        self.assertIn("nonsense", self.ctl("status", status=1).stdout)

    def test_no_stop_without_start(self):
        """a start that fails writes no stop into the audit log; one that succeeds writes both"""
        self.ctl("init")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            for _ in range(3):
                self.assertEqual(self.start("--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--display", NO_DISPLAY).returncode, 1)
        self.assertEqual([e["event"] for e in self.ctl_json("log")["events"]], ["init"])
        self.start_daemon()
        self.stop_daemon()
        self.assertEqual([e["event"] for e in self.ctl_json("log")["events"]], ["init", "start", "stop"])


class FullDisk(Home):
    """init where room ends at every step of it in turn."""

    # The folder is a file system of its own, in a mount namespace of its own; then there is room, and init is tried again.
    SCRIPT = """mount -t tmpfs -o mode=700,size=1m,$1 tmpfs "$FARSEAT_HOME" && exec 3>&1 || exit 77
"$0" init >/dev/null; echo "first $?" >&3
find "$FARSEAT_HOME" -type f | sed "s/^/file /"
mount -o remount,size=1m,nr_inodes=1000 "$FARSEAT_HOME" && "$0" init >/dev/null; echo "second $?"
"$0" config check >/dev/null; echo "check $?"
find "$FARSEAT_HOME" -type f | sed "s/^/file /"
"""

    def init_with(self, room):
        r = subprocess.run(["unshare", "--mount", "sh", "-c", self.SCRIPT, CTL, room], env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertNotIn(r.returncode, (77, 127), r.stderr)
        return dict(line.split() for line in r.stdout.splitlines() if not line.startswith("file")), r

    def test_every_step(self):
        """no room for the n-th file, or for its content: said, no parts are left, and the next init completes it"""
        if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
            self.skipTest("needs root and mount namespaces")
        for limit, most in (("nr_inodes=%d", 40), ("size=%dk", 64)):
            failed = 0
            for n in range(2 if limit[0] == "n" else 4, most, 1 if limit[0] == "n" else 4):
                words, r = self.init_with(limit % n)
                said = limit % n + ": " + r.stdout + r.stderr
                self.assertNotRegex(r.stdout, r"(?m)\.[0-9A-Za-z]{6}$", said)  # a temporary file
                self.assertEqual(words["check"], "0", said)
                if words["first"] == "0":
                    self.assertEqual(words["second"], "0", said)
                    break
                failed += 1
                self.assertEqual((words["first"], words["second"]), ("1", "0"), said)
                self.assertIn("No space left on device", r.stderr, said)
            self.assertGreaterEqual(failed, 4, limit)
            self.assertEqual(words["first"], "0", "it never had room")


class TwoUsers(Home):
    """Another user of this machine has the usual port, in a network of their own: the machine's may be in use."""

    SCRIPT = r"""
import json, os, socket, subprocess, sys
ctl, home, rounds = sys.argv[1:4]
subprocess.run(["ip", "link", "set", "lo", "up"])
alive, over = os.pipe()
def listen(uid, port):
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.setuid(uid)
        s = socket.create_server(("0.0.0.0", port))
        os.close(ours)
        os.close(over)
        os.write(theirs, b"x")
        os.read(alive, 1)  # until the test is over
        os._exit(0)
    os.close(theirs)
    assert os.read(ours, 1)
def run(*arguments):
    e = {"HOME": home, "XDG_RUNTIME_DIR": home, "PATH": os.environ["PATH"]}
    r = subprocess.run([ctl, "--json", *arguments], env=e, user=65533, group=65533, extra_groups=[], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    print(json.dumps([r.returncode, json.loads(r.stdout)]))
exec(rounds)
"""

    def rounds(self, script):
        """What each run of farseatctl said; listen(uid, port) stays until the end."""
        if os.geteuid() != 0 or subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode != 0:
            self.skipTest("needs root and network namespaces")
        os.chown(self.home, 65533, 65533)
        r = subprocess.run(["unshare", "--net", sys.executable, "-c", self.SCRIPT, CTL, self.home, script], input="", capture_output=True, text=True,
                           timeout=PATIENCE_S)
        self.assertEqual(r.returncode, 0, r.stderr)
        return [json.loads(line) for line in r.stdout.splitlines()]

    def read(self, *parts):
        with open(self.path(".config", *parts), encoding="utf-8") as f:
            return f.read()

    def test_another_port(self):
        """init chooses a free port, farseat.conf and the socket unit say it, and invitations name it"""
        init, invite, again = self.rounds("listen(65534, 7420); listen(65534, 7421); run('init'); run('invite', 'tom'); run('init')")
        self.assertEqual((init[1]["port"], init[1]["changed"], again[1]["port"], again[1]["changed"]), (7422, True, 7422, False))
        self.assertEqual(invite[1]["port"], 7422)
        self.assertIn("\nlisten = :7422\n", self.read("farseat", "farseat.conf"))
        self.assertIn("[Socket]\nListenStream=\nListenStream=7422\n", self.read("systemd", "user", "farseatd.socket.d", "port.conf"))

    def test_later(self):
        """who came first but listens second is told, and a second init chooses"""
        first, status, again, invite = self.rounds("run('init'); listen(65534, 7420); run('status'); run('init'); run('invite', 'tom')")
        self.assertEqual((first[1]["port"], again[1]["port"], invite[1]["port"]), (7420, 7421, 7421))
        self.assertEqual((again[1]["changed"], again[1]["already"]), (True, True))
        self.assertRegex(status[1]["error"], "another user's program listens on port 7420.*farseatctl init")

    def test_ones_own(self):
        """one's own socket unit is no stranger, and a port that the configuration names is not changed"""
        first, own = self.rounds("run('init'); listen(65533, 7420); run('init')")
        self.assertEqual((first[1]["port"], own[1]["port"], own[1]["changed"]), (7420, 7420, False))
        conf = self.path(".config", "farseat", "farseat.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write("[server]\nlisten = :7420\n")
        named, = self.rounds("listen(65534, 7420); run('init')")
        self.assertEqual((named[1]["port"], named[1]["changed"]), (7420, False))
        self.assertFalse(os.path.exists(self.path(".config", "systemd")))


class TheScreen(Home):
    """The system's service as it is documented: init, and a start that names no display. In folders, displays and a network of its own."""

    SCRIPT = r"""
mount -t tmpfs tmpfs "$1" && cd "$1" && mkdir etc etc.work lib lib.work || exit 77
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/etc.work" /etc || exit 77
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$1/lib,workdir=$1/lib.work" /var/lib || exit 77
mount -t tmpfs tmpfs /run && mkdir -p /tmp/.X11-unix && mount -t tmpfs -o mode=1777 tmpfs /tmp/.X11-unix || exit 77
ip link set lo up
ln -s "$(command -v Xvfb)" Xorg
until_it_says() { i=0; until "$CTL" status | grep "$1"; do i=$((i + 1)); [ $i -lt 300 ] || return 1; sleep 0.1; done; }
"$CTL" init | grep 'systemctl enable'
setpriv --bounding-set -all,+dac_read_search --inh-caps -all "$DAEMON" >log 2>&1 &
daemon=$!
until_it_says 'no X server'
xauth -q -f cookies add :0 . 0123456789abcdef0123456789abcdef
./Xorg :0 -screen 0 800x600x24 -nolisten tcp -auth "$1/cookies" >/dev/null 2>&1 &
server=$!
until_it_says 'display :0, 800x600'
kill $daemon $server
wait
cat log
"""

    def test_found(self):
        """farseatd says why there is nothing to show, and shows the screen as soon as its X server is there, with the server's own cookie"""
        if os.geteuid() != 0 or not shutil.which("Xvfb") or subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True).returncode != 0:
            self.skipTest("needs root, namespaces and Xvfb")
        e = {"PATH": os.environ["PATH"], "HOME": "/root", "CTL": os.path.abspath(CTL), "DAEMON": os.path.abspath(DAEMON)}
        r = subprocess.run(["unshare", "--mount", "--net", "sh", "-c", self.SCRIPT, "sh", self.home], env=e, capture_output=True, text=True, timeout=2 * PATIENCE_S)
        if r.returncode == 77:
            self.skipTest("no overlays here: " + r.stderr)
        for said in ("systemctl enable", "no X server shows this machine's screen", "display :0, 800x600", "this machine's screen is display :0"):
            self.assertIn(said, r.stdout, r.stdout + r.stderr)


class AdminGroup(Home):
    """admin_group: a group that may read what the daemon says, and nothing else."""

    READS = ("status", "sessions", "clients", "log")

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to be other users")
        super().setUp()
        os.chmod(self.home, 0o711)
        self.ctl("init")
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())

    def serve(self, group):
        with open(self.path("config", "farseat.conf"), "w", encoding="utf-8") as f:
            f.write(f"[server]\nadmin_group = {group}\n" if group else "")
        self.start_daemon()

    def be(self, *command, groups=("users",)):
        return subprocess.run(command, env=self.environment, user=65533, group=65533, extra_groups=[grp.getgrnam(g).gr_gid for g in groups],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S)

    def test_members(self):
        """a member reads the same as root, and reaches no file"""
        self.serve("users")
        for command in self.READS:
            r = self.be(CTL, "--json", command, "--system")
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
            told, own = json.loads(r.stdout), self.ctl_json(command)
            for key in own.keys() - {"ca_key_sha256", "ca_state", "renewal_due", "socket_waits"}:
                self.assertEqual(told[key], own[key], (command, key))
            self.assertTrue(self.be(CTL, command, "--system").stdout, command)
        for path in (("state", "log"), ("data", "server", "registry.json"), ("run",)):
            self.assertNotEqual(self.be("ls", "-l", self.path(*path, "")).returncode, 0, path)
        self.assertNotEqual(self.be("python3", "-c", f"import socket; socket.socket(socket.AF_UNIX).connect({self.path('run', 'control.sock')!r})").returncode, 0)
        self.assertNotEqual(self.be(CTL, "clients").returncode, 0)

    def test_strangers(self):
        """whoever is not in the group gets no answer, and is told why"""
        self.serve("users")
        r = self.be(CTL, "status", "--system", groups=("games",))
        self.assertEqual(r.returncode, 1)
        self.assertIn("not in the admin_group", r.stderr)
        self.assertIn("may not ask", self.said())

    def test_nothing_is_changed(self):
        """a member's requests that would change something are refused, whatever sends them"""
        self.serve("users")
        script = f"""
import json, socket
s = socket.socket(socket.AF_UNIX)
s.connect({self.path('run', 'read.sock')!r})
f = s.makefile("rw")
for cmd in ("status", "disconnect", "reload", "tunnel", "nonsense"):
    f.write(json.dumps({{"cmd": cmd, "id": 1}}) + "\\n")
    f.flush()
    print(json.dumps(json.loads(f.readline())))
"""
        answers = [json.loads(line) for line in self.be("python3", "-c", script).stdout.splitlines()]
        self.assertEqual([a["ok"] for a in answers], [True, False, False, False, False])
        self.assertEqual(["may only read" in a.get("error", "") for a in answers], [False, True, True, True, False])

    def test_none(self):
        """without the setting, or with a group that is none, there is no such socket, and the folder stays closed"""
        for group in ("", "no-such-group"):
            self.serve(group)
            self.assertFalse(os.path.exists(self.path("run", "read.sock")))
            self.assertEqual(stat.S_IMODE(os.stat(self.path("run")).st_mode), 0o700)
            self.assertIn("admin_group", self.be(CTL, "status", "--system").stderr)
            self.stop_daemon()
        self.assertIn("no such group", self.said())


class WithDaemon(Home):
    def setUp(self):
        super().setUp()
        self.ctl("init")
        self.start_daemon()

    def ask(self, message):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(PATIENCE_S)
            s.connect(self.path("run", "control.sock"))
            try:
                s.sendall(message)  # one that is too long is hung up on while it is sent
                return s.recv(65536)
            except ConnectionError:
                return b""

    def test_status(self):
        """status says what runs; without a display the reason is there, and the daemon serves on"""
        status = self.ctl_json("status")
        self.assertTrue(status["running"])
        self.assertEqual(status["daemon"]["listen"], f"127.0.0.1:{self.port}")
        end = time.monotonic() + PATIENCE_S
        while not status["daemon"]["session_failure"] and time.monotonic() < end:
            time.sleep(0.05)
            status = self.ctl_json("status")
        self.assertTrue(status["daemon"]["session_failure"])
        self.assertFalse(status["daemon"]["session_ready"])
        self.assertEqual(self.ctl_json("sessions"), {"version": 1, "sessions": []})
        self.ctl("disconnect", "7", status=1)

    def test_invite_names_the_port(self):
        """the invitation and a gateway's entry name the port on which the running daemon listens, whatever the configuration says"""
        self.assertEqual(self.ctl_json("invite", "tom")["port"], self.port)
        self.assertIn(f"127.0.0.1:{self.port}", self.ctl_json("gateway", "haproxy")["address"])
        self.assertIn(f":{self.port}/", self.ctl("invite", "eve").stdout)

    def test_changes_reach_it(self):
        """the daemon answers that it has taken a change over"""
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())
        out = self.ctl_json("revoke", "tom")
        self.assertTrue(out["applied"])
        self.assertEqual(out["ended"], 0)
        self.assertTrue(self.ctl_json("renew")["applied"])

    def test_reload_of_a_wrong_key(self):
        """at a reload a key that belongs to no certificate is told, and the one from before stays in use"""
        key = self.path("data", "server", "server.key")
        os.rename(key, key + ".away")
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key], check=True, capture_output=True)
        self.daemon.send_signal(signal.SIGHUP)
        end = time.monotonic() + PATIENCE_S
        while "does not belong" not in self.said() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertIn("stays in use", self.said())
        self.assertTrue(self.running())

    def test_older_registry(self):
        """a registry from a backup that is put under the running daemon is not taken, and a new daemon does not start with it"""
        self.ctl("sign", "--csr", "-", "--name", "tom", stdin=self.request())
        path = self.path("data", "server", "registry.json")
        with open(path, "rb") as f:
            backup = f.read()
        self.ctl("revoke", "tom")
        with open(path + ".new", "wb") as f:
            f.write(backup)
        os.rename(path + ".new", path)
        end = time.monotonic() + PATIENCE_S
        while "farseatctl restore" not in self.said() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertIn("what was read before stays in force", self.said())
        self.stop_daemon()
        r = subprocess.run([DAEMON, "--listen", f"127.0.0.1:{free_port()}", "--display", NO_DISPLAY], env=self.environment, capture_output=True,
                           text=True, timeout=PATIENCE_S)
        self.assertEqual(r.returncode, 1)
        self.assertIn("farseatctl restore", r.stderr)
        self.assertTrue(self.ctl_json("restore", "--yes")["changed"])
        self.start_daemon()

    def test_bad_questions(self):
        """whatever stands on the control socket, the daemon goes on"""
        for message in (b"\n", b"{}\n", b"[]\n", b"null\n", b'{"cmd":7}\n', b'{"cmd":"nonsense"}\n', b'{"cmd":"disconnect"}\n',
                        b'{"cmd":"disconnect","id":"1"}\n', b'{"cmd":"disconnect","id":4294967297}\n', b'{"cmd":"disconnect","id":-1}\n',
                        b"\0\0\0\n", b"\xff\xfe\n", b'{"cmd":"status","cmd":"status"}\n', b"[" * 3000 + b"\n"):
            self.assertIn(b'"ok":false', self.ask(message), message)
        self.assertEqual(self.ask(b"x" * 100000), b"")
        self.assertEqual(self.ask(b'{"cmd":"status"}\n{"cmd":"sessions"}\n')[:11], b'{"ok":true,')
        self.assertTrue(self.running())

    def test_log_keep(self):
        """farseatd removes the files that are older than log_keep, and leaves everything else"""
        self.stop_daemon()
        log = self.path("state", "log")
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 5 * 86400))
        for name in ("audit-2020-01-01.log", "audit-2020-01-02.log.1.gz", f"audit-{day}.log", "mine.log", "audit-x.log", "audit.log.1", "audit.log"):
            with open(os.path.join(log, name), "w", encoding="utf-8"):
                pass
        os.utime(os.path.join(log, "audit.log.1"), (1, 1))
        with open(self.path("config", "farseat.conf"), "a", encoding="utf-8") as f:
            f.write("[server]\nlog_keep = 10d\n")
        self.start_daemon()
        self.assertEqual(sorted(n for n in os.listdir(log) if n not in (os.path.basename(self.today()), "lock")),
                         sorted([f"audit-{day}.log", "audit-x.log", "audit.log", "mine.log"]))

    def test_only_one(self):
        """a second daemon for the same folders refuses to start, and the first is not disturbed"""
        r = subprocess.run([DAEMON, "--listen", f"127.0.0.1:{free_port()}", "--display", NO_DISPLAY], env=self.environment, capture_output=True,
                           text=True, timeout=PATIENCE_S)
        self.assertEqual(r.returncode, 1)
        self.assertIn("another farseatd", r.stderr)
        self.assertTrue(self.running())

    def test_killed(self):
        """after kill -9 a new one starts over the stale socket"""
        self.daemon.kill()
        self.daemon.wait()
        self.assertIn("is not running", self.ctl("status", status=1).stdout)
        self.start_daemon()
        self.assertTrue(self.running())

    def test_stops_cleanly(self):
        """SIGTERM: status 0 and no socket left"""
        self.assertEqual(self.stop_daemon(), 0)
        self.assertFalse(os.path.exists(self.path("run", "control.sock")))

    def test_cannot_read_the_ca(self):
        """the running daemon is confined"""
        with open(f"/proc/{self.daemon.pid}/status", encoding="utf-8") as f:
            self.assertIn("NoNewPrivs:\t1", f.read())

    def test_half_open(self):
        """this machine gets no more than 32 connections before authentication; the others are told at once that it is too many"""
        sockets = []
        for _ in range(38):
            s = socket.create_connection(("127.0.0.1", self.port))
            s.setblocking(False)
            self.addCleanup(s.close)
            sockets.append(s)
        end = time.monotonic() + 8  # those that stay are closed after 10 s
        while sum(map(self.is_refused, sockets)) < 6 and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(sum(map(self.is_refused, sockets)), 6, self.said())
        self.assertTrue(self.running())

    @staticmethod
    def is_refused(s):
        try:
            return s.recv(16, socket.MSG_PEEK) == bytes([21, 3, 3, 0, 2, 2, 80])
        except BlockingIOError:
            return False


class Json(Home):
    """One convention for --json: farseatctl(8), JSON."""

    TIMES = {"created", "expires", "issued", "since", "last_seen", "revoked", "certificate_expires"}
    NAMES = {"name": "device or workstation", "id": "device_id or session", "time_s": "a time without a unit"}  # none of ours, and what it is instead

    def check(self, value, where):
        """the same names everywhere; times are whole seconds"""
        if isinstance(value, list):
            for one in value:
                self.check(one, where)
        if not isinstance(value, dict):
            return
        for key, inner in value.items():
            self.assertRegex(key, r"^[a-z][a-z0-9_]*$", where)
            self.assertNotIn(key, self.NAMES, where)
            if key in self.TIMES:
                self.assertIs(type(inner), int, (where, key))
            self.check(inner, where)

    def run_it(self, *arguments, stdin=None):
        r = subprocess.run([CTL, *arguments], env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, input=stdin)
        self.assertTrue(r.stdout, (arguments, r.stderr))
        document = json.loads(r.stdout)  # one, and nothing beside it
        self.assertIsInstance(document, dict, arguments)
        self.assertEqual(next(iter(document.items())), ("version", 1), arguments)
        self.assertEqual("error" in document, r.returncode != 0, (arguments, r.returncode, document))
        if r.returncode:
            self.assertGreater(len(document["error"]), 5, arguments)
            self.assertNotIn("did not say why", document["error"], arguments)
        self.check(document, arguments)
        return document, r.returncode

    def commands(self):
        listed = self.ctl("--help").stdout.split("Commands:\n")[1].split("\n\n")[0]
        return [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]

    def run_all(self):
        request = self.request()
        lines = (["init"], ["init"], ["init", "--name", "other"], ["status"], ["invite", "tom"], ["invite", "tom"], ["invite", "a b"], ["invitations"],
                 ["withdraw", "tom"], ["withdraw", "tom"], ["sign", "--csr", "-", "--name", "tom"], ["sign"], ["clients"], ["role", "tom", "view"],
                 ["role", "eve", "view"], ["caps", "tom"], ["caps", "--", "tom", "+input"], ["caps", "tom", "+fly"], ["renew"], ["sessions"],
                 ["disconnect", "7"], ["disconnect", "x"], ["log"], ["gateway", "haproxy"], ["gateway", "nginx"], ["tunnel", "authorized-key"],
                 ["tunnel", "connect"], ["tunnel", "init"], ["tunnel", "nonsense"], ["restore"], ["restore", "/nowhere"], ["config", "check"],
                 ["config", "check", "/nowhere"], ["revoke", "tom"], ["revoke", "tom"], ["clients", "--all"], ["nonsense"], ["status", "more"], [],
                 ["status", "--nonsense"])
        self.assertEqual(sorted({line[0] for line in lines if line and line[0] != "nonsense"}), sorted(set(self.commands()) - {"help"}))
        return [(line, *self.run_it("--json", *line, stdin=request)) for line in lines]

    def test_every_command(self):
        """every command prints one object with a version, also when it fails, with the reason; without the daemon"""
        told = self.run_all()
        self.assertEqual({status for _, _, status in told}, {0, 1, 2})
        self.assertEqual({"device", "device_id", "role", "state"} - set(next(d for line, d, _ in told if line == ["clients"])["clients"][0]), set())

    def test_every_command_with_the_daemon(self):
        """and with it"""
        self.ctl("init")
        self.start_daemon()
        self.run_all()

    def test_follow(self):
        """a list without an end is one such object a line"""
        self.ctl("init")
        with subprocess.Popen([CTL, "log", "--follow", "--json"], env=self.environment, stdout=subprocess.PIPE, text=True) as p:
            document = json.loads(p.stdout.readline())
            p.terminate()
        self.assertEqual((document["version"], document["event"]), (1, "init"))


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=0).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    print(f"[  PASSED  ] {result.testsRun - failed} test(s)")
    sys.exit(1 if failed else 0)
