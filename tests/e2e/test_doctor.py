"""`farseat doctor` names what is wrong, and what it says to do helps."""
import contextlib
import json
import os
import shutil
import subprocess
import unittest

import ssh
from lab import Canvas, Lab, Link, free_port, program, wait_for

DAY_S = 86400


class Clinic(unittest.TestCase):
    """A workstation, a laptop, and a doctor."""
    more_environment = {}

    def make(self, lab=None):
        self.lab = lab or Lab("640x480")
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.lab.init()
        self.lab.start_daemon()
        self.laptop = self.lab.enrolled()
        self.folder = os.path.join(self.laptop.home, "data", "workstations", "office")

    def doctor(self, *arguments, shift_s=0):
        """What the doctor says, as JSON; every line has a time."""
        e = {**self.laptop.environment(), **self.more_environment}
        if shift_s:
            e.update(LD_PRELOAD=self.clockshift(), CLOCKSHIFT_S=str(shift_s))
        r = subprocess.run([*self.lab.laptop_prefix, program("farseat"), "doctor", "office", "--json", *arguments],
                           env=e, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        said = json.loads(r.stdout)
        said["status"] = r.returncode
        for line in said["checks"]:
            self.assertGreaterEqual(line["ms"], 0)
        return said

    @staticmethod
    def clockshift():
        return program("libclockshift.so")

    def assert_healthy(self):
        said = self.doctor()
        self.assertTrue(said["good"], said)
        self.assertEqual(said["status"], 0)
        return said

    def assert_diagnosis(self, said, word, step, remedy, status=1):
        self.assertEqual(said["diagnosis"], word, said)
        self.assertEqual(said["status"], status, said)
        bad = [line for line in said["checks"] if line["verdict"] == "FAILED"]
        self.assertEqual([line["step"] for line in bad], [step], said)
        self.assertRegex(bad[0]["remedy"], remedy)


class Doctor(Clinic):
    def setUp(self):
        self.make()

    def test_healthy(self):
        """a healthy connection: every step of the way is told"""
        said = self.assert_healthy()
        steps = [line["step"].strip() for line in said["checks"]]
        for step in ("configuration", "certificate", "name resolution", "TCP connection", "server certificate", "client certificate",
                     "client finished", "secured", "authorisation", "clocks", "capture", "input", "round trip", "throughput", "link quality",
                     "exact picture"):
            self.assertIn(step, steps)
        text = self.laptop.run("doctor", "office").stdout
        self.assertEqual(len([line for line in text.splitlines() if " ms  " in line]), len(steps))

    def test_name_wrong(self):
        """the host's name is wrong"""
        self.laptop.edit_conf("^host *=.*", "host = nowhere.invalid")
        self.assert_diagnosis(self.doctor(), "name", "name resolution", "workstation.conf")
        self.laptop.edit_conf("^host *=.*", "host = 127.0.0.1")
        self.assert_healthy()

    def test_daemon_down(self):
        """the daemon does not run"""
        self.lab.stop_daemon()
        self.assert_diagnosis(self.doctor(), "not-listening", "TCP connection", "start farseatd")
        self.lab.start_daemon()
        self.assert_healthy()

    def test_way(self):
        """the command or the proxy on the way fails"""
        said = self.doctor("--via-command", "echo 'Permission denied (publickey).' >&2; exit 255")
        self.assert_diagnosis(said, "way", "way", ".")
        self.assertIn("Permission denied", json.dumps(said))
        said = self.doctor("--proxy", f"http://127.0.0.1:{free_port()}")
        self.assert_diagnosis(said, "way", "way", "proxy")
        self.assert_healthy()

    def test_revoked(self):
        """the device was revoked"""
        self.lab.ctl("revoke", "laptop")
        self.assert_diagnosis(self.doctor(), "revoked", "authorisation", "new invitation", 3)
        shutil.rmtree(self.folder)
        self.laptop.enroll(self.lab.invite("laptop2"))
        self.assert_healthy()

    def test_wrong_ca(self):
        """the workstation was set up anew: another CA"""
        self.lab.stop_daemon()
        shutil.rmtree(self.lab.server_home)
        os.mkdir(self.lab.server_home, 0o700)
        self.lab.init()
        self.lab.start_daemon()
        self.assert_diagnosis(self.doctor(), "wrong-ca", "TLS", "enrol again", 3)
        self.laptop.run("remove", "office")
        self.laptop.enroll(self.lab.invite("laptop"))
        self.assert_healthy()

    def test_display_gone(self):
        """the X server on the workstation was killed"""
        self.lab.display.process.kill()
        self.lab.display.process.wait()
        wait_for("the agent has noticed", lambda: self.doctor()["diagnosis"] == "display", 20, 0.5)
        said = self.doctor()
        self.assertEqual([line["step"] for line in said["checks"] if line["verdict"] == "FAILED"], ["capture"], said)
        self.lab.stop_daemon()
        self.lab.start_display()
        self.lab.start_daemon()
        self.assert_healthy()

    def test_clock_ahead(self):
        """this laptop's clock is a year ahead, or behind"""
        said = self.doctor(shift_s=365 * DAY_S)
        self.assert_diagnosis(said, "clock-laptop", "clocks", "timedatectl")
        self.assertIn("365.0 days ahead", json.dumps(said))
        said = self.doctor(shift_s=-365 * DAY_S)
        self.assertEqual(said["diagnosis"], "clock-laptop", said)
        # What a wrong clock of some minutes does not break it does not fail, but says.
        said = self.doctor(shift_s=1200)
        self.assertEqual((said["status"], said["diagnosis"]), (0, "clocks"), said)
        self.assert_healthy()


class DoctorOnServerClock(Clinic):
    def test_server_clock(self):
        """the workstation's clock is a year ahead"""
        self.make()
        self.lab.stop_daemon()
        self.lab.start_daemon(environment={"LD_PRELOAD": self.clockshift(), "CLOCKSHIFT_S": str(365 * DAY_S)})
        self.assert_diagnosis(self.doctor(), "clock-workstation", "clocks", "date -u", 3)
        self.lab.stop_daemon()
        self.lab.start_daemon()
        self.assert_healthy()


class DoctorExpired(Clinic):
    def test_expired(self):
        """the device's certificate is over by both clocks"""
        self.lab = Lab("640x480")
        self.lab.init = lambda: self.back_then("init")
        self.make(self.lab)
        key, csr = (os.path.join(self.lab.folder, n) for n in ("old.key", "old.csr"))
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
                        csr, "-subj", "/CN=old"], check=True, capture_output=True)
        certificate = self.back_then("sign", "--csr", csr, "--name", "old").stdout.split("-----END CERTIFICATE-----")[0]
        shutil.copy(key, os.path.join(self.folder, "device.key"))
        with open(os.path.join(self.folder, "device.crt"), "w", encoding="utf-8") as f:
            f.write(certificate + "-----END CERTIFICATE-----\n")
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self.folder, "session.tls"))
        self.assert_diagnosis(self.doctor(), "expired", "authorisation", "new invitation", 3)
        shutil.rmtree(self.folder)
        self.laptop.enroll(self.lab.invite("laptop2"))
        self.assert_healthy()

    def back_then(self, *arguments):
        """farseatctl a hundred days ago: devices' certificates are good for ninety."""
        e = self.lab.server_environment(LD_PRELOAD=self.clockshift(), CLOCKSHIFT_S=str(-100 * DAY_S))
        return subprocess.run([program("farseatctl"), *arguments], env=e, capture_output=True, text=True, timeout=30, check=True)


class DoctorOverLink(Clinic):
    def setUp(self):
        if not Link.possible():
            self.skipTest("needs root and /dev/net/tun")
        lab = Lab("640x480")
        self.link = lab.over_link()
        self.make(lab)

    def test_port_closed(self):
        """a firewall drops what goes to the port"""
        self.link(f"block {self.lab.port}")
        self.assert_diagnosis(self.doctor(), "no-answer", "TCP connection", "firewall")
        self.link("block 0")
        self.assert_healthy()

    def test_loss(self):
        """a link with 20 % loss: everything works, and the loss is told"""
        canvas = Canvas(self.lab.display)
        self.addCleanup(canvas.stop)
        canvas("photo 3")
        self.link("delay 5")
        self.link("loss 20")
        said = self.doctor("--timeout", "40")
        self.assertEqual((said["diagnosis"], said["status"]), ("loss", 0), said)
        line = next(line for line in said["checks"] if line["step"] == "link quality")
        self.assertRegex(line["remedy"], "another network")
        self.link("loss 0")
        said = self.assert_healthy()
        self.assertEqual(said["diagnosis"], "", said)


class DoctorOnHops(Clinic):
    """Through SSH: each hop's steps with their times, and what is wrong at which."""

    @classmethod
    def setUpClass(cls):
        if why := ssh.missing():
            raise unittest.SkipTest(why)

    def setUp(self):
        self.make()
        self.key = os.path.join(self.lab.folder, "id")
        public = ssh.make_key(self.key)
        self.jumps = {name: ssh.Sshd(self.lab, name, options) for name, options in
                      (("one", ()), ("two", ()), ("forbids", ("AllowTcpForwarding no",)))}
        for sshd in self.jumps.values():
            sshd.allow(public)
        self.config = os.path.join(self.lab.folder, "ssh_config")
        self.known = os.path.join(self.lab.folder, "known_hosts")
        self.more_environment = {"FARSEAT_SSH_CONFIG": self.config}
        self.know({})
        with open(self.config, "w", encoding="ascii") as f:
            for name, sshd in self.jumps.items():
                f.write(f"Host {name}\n  HostName 127.0.0.1\n  Port {sshd.port}\n")
            f.write(f"Host closed\n  HostName 127.0.0.1\n  Port {free_port()}\nHost nowhere\n  HostName nowhere.invalid\n"
                    f"Host *\n  UserKnownHostsFile {self.known}\n  GlobalKnownHostsFile none\n  IdentityFile {self.key}\n"
                    f"  IdentityAgent none\n  BatchMode yes\n")

    def know(self, other_keys):
        with open(self.known, "w", encoding="ascii") as f:
            f.writelines(sshd.known_line(public=other_keys.get(name)) for name, sshd in self.jumps.items())

    def assert_hop(self, via, word, step, remedy, status=1):
        said = self.doctor("--via", via)
        self.assert_diagnosis(said, word, step, remedy, status)
        # What went well before it is told, too, in order.
        steps = [line["step"] for line in said["checks"]]
        return steps[:steps.index(step)]

    def assert_healthy_by(self, via):
        said = self.doctor("--via", via)
        self.assertTrue(said["good"], said)
        return said

    def test_healthy(self):
        """two hops that work: every step of each with its time"""
        checks = self.assert_healthy_by("one,two")["checks"]
        steps = [line["step"] for line in checks]
        ssh_steps = ["SSH key exchange", "SSH host key", "SSH authentication", "SSH channel"]
        expected = ["hop 1 name resolution", "hop 1 TCP connection", *(f"hop {n} {step}" for n in (1, 2) for step in ssh_steps)]
        at = steps.index(expected[0])
        self.assertEqual(steps[at:at + len(expected)], expected)
        self.assertGreater(sum(line["ms"] for line in checks if "key exchange" in line["step"]), 0)

    def test_closed(self):
        """no SSH server on the jump host's port, or no such host"""
        self.assert_hop("closed", "hop-not-listening", "hop 1 TCP connection", "start sshd")
        self.assert_hop("nowhere", "hop-name", "hop 1 name resolution", "HostName")
        self.assert_healthy_by("one")

    def test_not_let_in(self):
        """the second hop does not know our key; with it, it does"""
        with open(self.jumps["two"].authorized, encoding="ascii") as f:
            right = f.read()
        open(self.jumps["two"].authorized, "w", encoding="ascii").close()
        before = self.assert_hop("one,two", "hop-not-let-in", "hop 2 SSH authentication", "ssh-add", 3)
        self.assertIn("hop 1 SSH channel", before)
        self.jumps["two"].allow(right.strip())
        self.assert_healthy_by("one,two")

    def test_forbidden(self):
        """the jump host lets us in, but forbids to forward; another does not"""
        before = self.assert_hop("forbids", "hop-forbidden", "hop 1 SSH channel", "AllowTcpForwarding")
        self.assertIn("hop 1 SSH authentication", before)
        self.assert_healthy_by("one")

    def test_target(self):
        """the jump host lets us through, but nobody listens there"""
        self.lab.stop_daemon()
        self.assert_hop("one", "hop-target", "hop 1 SSH channel", "farseatd")
        self.lab.start_daemon()
        self.assert_healthy_by("one")

    def test_host_key(self):
        """another host key than the known one"""
        self.know({"one": ssh.make_key(os.path.join(self.lab.folder, "other"))})
        before = self.assert_hop("one", "hop-host-key", "hop 1 SSH host key", "administrator", 3)
        self.assertNotIn("hop 1 SSH authentication", before)
        self.know({})
        self.assert_healthy_by("one")
