"""A company's own certificate authority, set up by the commands of farseat-company(7)."""
import os
import re
import signal
import ssl
import subprocess
import unittest

import lab
from lab import Lab, wait_for

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "assets", "man", "farseat-company.7.scd")


class Company(unittest.TestCase):
    def setUp(self):
        with open(PAGE, encoding="utf-8") as f:
            page = f.read()
        self.commands = {title: "\n".join(re.findall(r"^```\n(.*?)^```$", text, re.M | re.S))
                         for title, text in re.findall(r"^# (.*?)\n(.*?)(?=^# |\Z)", page, re.M | re.S)}

    def shell(self, w, section, before=""):
        """Runs the page's commands, with the lab's folders for the system's and the lab's farseatctl."""
        text = self.commands[section]
        self.assertIn("openssl", text)
        text = text.replace("/etc/farseat", os.path.join(w.server_home, "config")).replace("/var/lib/farseat", os.path.join(w.server_home, "data"))
        folder = os.path.join(w.folder, "company")
        os.makedirs(folder, exist_ok=True)
        r = subprocess.run(["sh", "-eu", "-c", before + text], cwd=folder, capture_output=True, text=True, timeout=120,
                           env={**w.server_environment(), "PATH": os.path.dirname(lab.program("farseatctl")) + ":" + os.environ["PATH"]})
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        return folder

    def reload(self, w):
        """SIGHUP; until farseatd says that it has the new certificate."""
        new = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", os.path.join(w.server_home, "config", "tls", "server.crt")],
                             capture_output=True, text=True, check=True).stdout.strip().split("=")[1]
        expires = int(ssl.cert_time_to_seconds(new))
        w.daemon.send_signal(signal.SIGHUP)
        wait_for("farseatd has the new certificate", lambda: w.ctl_json("status")["daemon"]["certificate_expires"] == expires)

    def picture(self, w, laptop):
        name = os.path.join(w.folder, laptop.name + ".png")
        laptop.run("screenshot", "office", name)
        self.assertGreater(os.path.getsize(name), 0)
        os.unlink(name)

    def test_from_openssl_to_the_screen(self):
        """the page's commands, an invitation, a connected laptop; then a certificate renewed by hand, one below another CA, and another issuing CA"""
        with Lab() as w:
            folder = self.shell(w, "SETTING IT UP")
            w.start_daemon()
            self.assertEqual(w.ctl_json("status")["ca_state"], "ready")
            first = w.laptop("first")
            first.enroll(w.invite("first"))
            self.picture(w, first)

            # A new key and certificate for the workstation, from a CA below the issuing one.
            functions = self.commands["SETTING IT UP"]
            new_key = re.search(r"^new_key\(\).*$", functions, re.M).group(0)
            subprocess.run(["sh", "-eu", "-c", new_key + """
new_key below.key; openssl req -new -key below.key -subj "/CN=Below" -out below.csr
openssl x509 -req -in below.csr -CA issuing.crt -CAkey issuing.key -CAcreateserial -sha256 -days 365 -extfile ca.ext -out below.crt
new_key server.key; openssl req -new -key server.key -subj "/CN=workstation" -out server.csr
openssl x509 -req -in server.csr -CA below.crt -CAkey below.key -CAcreateserial -sha256 -days 397 -extfile server.ext -out server1.crt
cat server1.crt below.crt >"$1/server.crt"; cat server.key >"$1/server.key" """, "sh", os.path.join(w.server_home, "config", "tls")],
                           cwd=folder, check=True, capture_output=True, timeout=60)
            w.ctl("config", "check")
            self.reload(w)
            self.picture(w, first)
            second = w.laptop("second")
            second.enroll(w.invite("second"))
            self.picture(w, second)

            self.shell(w, "ANOTHER ISSUING CA", new_key + "\ncat server.key >/dev/null\n")
            self.reload(w)
            self.picture(w, first)
            self.picture(w, second)
            third = w.laptop("third")
            third.enroll(w.invite("third"))
            self.picture(w, third)

    # Families of x509-limbo as an issuing CA meets them: what its certificate says beside the page's profile, and whether it is one for us.
    CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
    ISSUERS = {
        "as the page says": (CA, True),
        "no subject key identifier is needed": (CA + "subjectKeyIdentifier=none\n", True),
        "path length 0": ("basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n", True),
        "a usage for both ends": (CA + "extendedKeyUsage=serverAuth,clientAuth\n", True),
        "any usage": (CA + "extendedKeyUsage=anyExtendedKeyUsage\n", True),
        "a usage that excludes us": (CA + "extendedKeyUsage=codeSigning\n", False),
        "a usage that excludes laptops": (CA + "extendedKeyUsage=serverAuth\n", False),
        "constraints of names, not critical": (CA + "nameConstraints=permitted;DNS:.example.org\n", False),
        "constraints of names, critical": (CA + "nameConstraints=critical,permitted;DNS:.example.org\n", False),
        "constraints of policies, not critical": (CA + "policyConstraints=requireExplicitPolicy:0\n", False),
        "any policy inhibited, not critical": (CA + "inhibitAnyPolicy=0\n", False),
        "no CA": ("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyCertSign\n", False),
        "no basic constraints": ("keyUsage=critical,keyCertSign\n", False),
        "no key usage": ("basicConstraints=critical,CA:TRUE\n", False),
        "a key usage without signing certificates": ("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n", False),
    }
    # The same of a CA between the issuing one and the workstation's certificate, which issues for a server alone.
    BETWEEN = {
        "as the page says": (CA, True),
        "a usage for servers": (CA + "extendedKeyUsage=serverAuth\n", True),
        "a usage for clients": (CA + "extendedKeyUsage=clientAuth\n", False),
        "constraints of names, not critical": (CA + "nameConstraints=permitted;DNS:.farseat.internal\n", False),
        "no CA": ("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyCertSign\n", False),
    }

    def test_families_of_issuers(self):
        """what a company's CA may say of itself: config check takes it or says that it cannot be used"""
        with Lab() as w:
            folder, tls = self.shell(w, "SETTING IT UP"), os.path.join(w.server_home, "config", "tls")

            def issue(name, issuer, extensions):
                with open(os.path.join(folder, "case.ext"), "w", encoding="utf-8") as f:
                    f.write(extensions)
                subprocess.run(["openssl", "x509", "-req", "-in", name + ".csr", "-CA", issuer + ".crt", "-CAkey", issuer + ".key", "-CAcreateserial", "-sha256",
                                "-days", "300", "-extfile", "case.ext", "-out", name + ".crt"], cwd=folder, check=True, capture_output=True, timeout=30)

            def install(target, *names):
                with open(os.path.join(tls, target), "w", encoding="utf-8") as out:
                    for name in names:
                        with open(os.path.join(folder, name + ".crt"), encoding="utf-8") as f:
                            out.write(f.read())

            def judge(what, good):
                r = w.ctl("config", "check", check=False)
                self.assertEqual(r.returncode == 0, good, f"{what}: {r.stdout}{r.stderr}")
                if not good:
                    self.assertRegex(r.stderr, "cannot (be used|read)", what)

            with open(os.path.join(folder, "server.ext"), encoding="utf-8") as f:
                server = f.read()
            for what, (extensions, good) in self.ISSUERS.items():
                issue("issuing", "root", extensions)
                issue("server", "issuing", server)
                install("ca.crt", "issuing")
                install("server.crt", "server")
                judge(what, good)
            subprocess.run(["sh", "-eu", "-c", "openssl ecparam -name prime256v1 -genkey -noout -out below.key; openssl req -new -key below.key -subj /CN=Below -out below.csr"],
                           cwd=folder, check=True, capture_output=True, timeout=30)
            issue("issuing", "root", self.CA)
            install("ca.crt", "issuing")
            for what, (extensions, good) in self.BETWEEN.items():
                issue("below", "issuing", extensions)
                issue("server", "below", server)
                install("server.crt", "server", "below")
                judge("between: " + what, good)
            # The issuing CA may have nobody below it that issues.
            issue("issuing", "root", "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n")
            issue("below", "issuing", self.CA)
            issue("server", "below", server)
            install("ca.crt", "issuing")
            install("server.crt", "server", "below")
            judge("deeper than the path length", False)
