#!/usr/bin/python3
"""Seconds of `farseat cp` over an emulated link (tests/support/linkem), beside scp, sftp and rsync over the same link in the same run.

  files_rate.py --build BUILD                                 wan: 20 ms one way, 12.5 MB/s
  files_rate.py --build BUILD --delay 0 --rate 125 --mib 1024     lan
  files_rate.py --build BUILD --only farseat,scp              some of them

Root, for the link's network namespaces. The clock runs from a command's start to its end: connecting and logging in are in it, and are
shown as "nothing", a file of no bytes. The peers' sshd is the bench's own, at the far end of the link. "tls" is one stream of the same
cipher (tls_stream.py), which reads and writes no file: what the link and TLS could give. Only farseat waits until everything is on the disk.
"""
import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL_BYTES = 1024


def fill(path, size):
    with open(path, "wb") as f:
        for at in range(0, size, 1 << 20):
            f.write(os.urandom(min(1 << 20, size - at)))


def seconds(command, **more):
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    return time.monotonic() - began


class Farseat:
    def __init__(self, lab):
        from lab import program
        self.program, self.near, self.environment = program("farseat"), lab.laptop_prefix, lab.enrolled().environment()

    def copy(self, up, source, target):
        ends = (source, f"office:{target}") if up else (f"office:{source}", target)
        return seconds([*self.near, self.program, "cp", "-r", *ends], env=self.environment)


class Ssh:
    """What the peers have in common: a server, a key, and options of ssh."""

    def __init__(self, lab):
        from ssh import SSHD, Sshd, make_key
        server = Sshd(lab, "rate", command=[*lab.prefix, SSHD, "-o", "Subsystem=sftp internal-sftp", "-o", f"SetEnv=HOME={lab.folder}"], address=lab.host)
        key = os.path.join(lab.folder, "key")
        server.allow(make_key(key))
        known = os.path.join(lab.folder, "known")
        with open(known, "w", encoding="ascii") as f:
            f.write(server.known_line())
        self.near, self.host = lab.laptop_prefix, lab.host
        self.options = ["-F", "none", "-i", key, "-o", f"Port={server.port}", "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"]

    def scp(self, up, source, target):
        ends = (source, f"{self.host}:{target}") if up else (f"{self.host}:{source}", target)
        return seconds([*self.near, "scp", "-r", *self.options, *ends])

    def sftp(self, up, source, target):
        order = f"{'put' if up else 'get'} -r {source} {target}/\n"
        return seconds([*self.near, "sftp", "-b", "-", *self.options, self.host], input=order.encode())

    def rsync(self, up, source, target):
        ends = (source, f"{self.host}:{target}") if up else (f"{self.host}:{source}", target)
        return seconds([*self.near, "rsync", "-a", "-e", shlex.join(["ssh", *self.options]), *ends])


class Tls:
    """A stream without files (tls_stream.py)."""

    def __init__(self, lab):
        self.lab = lab
        self.key, self.certificate = (os.path.join(lab.folder, f"tls.{name}") for name in ("key", "cert"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=bench", "-keyout",
                        self.key, "-out", self.certificate], check=True, capture_output=True)

    def copy(self, up, source, target):
        from lab import Failure, end, free_port
        port, size, script = str(free_port()), str(os.path.getsize(source)), [sys.executable, os.path.join(HERE, "tls_stream.py")]
        there = subprocess.Popen([*self.lab.prefix, *script, "listen", self.lab.host, port, self.certificate, self.key, "take" if up else "give", size],
                                 stdout=subprocess.PIPE)
        try:
            if there.stdout.readline() != b"ready\n":
                raise Failure("the far end of the stream did not start")
            return seconds([*self.lab.laptop_prefix, *script, "connect", self.lab.host, port, "give" if up else "take", size])
        finally:
            end(there)


def peers(lab, names):
    """The copying function of each."""
    ssh = Ssh(lab) if {"scp", "sftp", "rsync"} & set(names) else None
    made = {"farseat": lambda: Farseat(lab).copy, "tls": lambda: Tls(lab).copy, "scp": lambda: ssh.scp, "sftp": lambda: ssh.sftp, "rsync": lambda: ssh.rsync}
    return {name: made[name]() for name in names}


def measure(lab, copies, a):
    """A line for each peer and way, of the median of each column's tries; all peers take turns within a try."""
    sources = {name: os.path.join(lab.folder, "shared", name) for name in ("nothing", "small", "large")}
    os.mkdir(sources["small"])
    for i in range(a.small):
        fill(os.path.join(sources["small"], str(i)), SMALL_BYTES)
    fill(sources["nothing"], 0)
    fill(sources["large"], a.mib << 20)
    print(f"{a.delay} ms one way, {a.rate:g} MB/s, {a.tries} tries: seconds of nothing, {a.small} files of {SMALL_BYTES} bytes, {a.mib} MiB; MB/s of that")
    took = {(name, up, what): [] for name in copies for up in (True, False) for what in sources if name != "tls" or what == "large"}
    for _ in range(a.tries):
        for name, up, what in took:
            target = os.path.join(lab.folder, "shared", "copies")
            os.mkdir(target)
            took[name, up, what].append(copies[name](up, sources[what], target))
            check(name, sources[what], target)
            shutil.rmtree(target)
    for name in copies:
        for up in (True, False):
            column = {what: statistics.median(took[name, up, what]) for what in sources if (name, up, what) in took}
            cells = "".join(f"{column[what]:9.2f}" if what in column else " " * 9 for what in sources)
            print(f"{name:8} {'up' if up else 'down':5}{cells}{(a.mib << 20) / 1e6 / max(column['large'] - column.get('nothing', 0), 0.001):9.1f}", flush=True)


def check(name, source, target):
    """All of it has arrived."""
    copied = os.path.join(target, os.path.basename(source))
    if name != "tls" and subprocess.run(["diff", "-r", source, copied], capture_output=True).returncode != 0:
        raise SystemExit(f"{name} copied something else: {source}, {copied}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--delay", type=int, default=20)
    parser.add_argument("--rate", type=float, default=12.5, help="MB/s of each way; 0: no limit")
    parser.add_argument("--mib", type=int, default=64)
    parser.add_argument("--small", type=int, default=300)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--only", default="farseat,tls,scp,sftp,rsync")
    a = parser.parse_args()
    os.environ["FARSEAT_E2E_BUILD"] = os.path.abspath(a.build)
    sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
    from lab import Lab
    with Lab("640x480") as lab:
        link = lab.over_link()
        lab.init()
        served = os.path.join(lab.folder, "shared")
        os.mkdir(served)
        lab.configure(f"[files]\nfolders = {served}\n")
        lab.start_daemon()
        copies = peers(lab, a.only.split(","))
        link(f"delay {a.delay}")
        link(f"rate {a.rate * 1e6:.0f}")
        measure(lab, copies, a)


main()
