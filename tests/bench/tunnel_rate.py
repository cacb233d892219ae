#!/usr/bin/python3
"""Throughput of farseat-tunnel beside `ssh -W`, both through the same sshd, in turns: ratios, since machines differ.

  tunnel_rate.py --build BUILD [--build OTHER...]     downwards over loopback, each build and ssh in turns
  tunnel_rate.py --build BUILD --delay 20 --rate 12.5 over a link (tests/support/linkem): ms one way, MB/s
  tunnel_rate.py --build BUILD --up                   the other way
A source on the far side writes zeros, this program reads them from a socket pair as farseat-link does. CPU is of the program
measured, and of the login's sshd.
"""
import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PART = 1 << 20
WARM = 0.2  # of the bytes, not counted: the start of TCP and of the programs


def far_end(port, count, up):
    """The far side's program: on each connection sends count bytes, or takes them and says so."""
    with socket.create_server(("0.0.0.0", port)) as listener:
        print("ready", flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client, count, up), daemon=True).start()


def serve(client, count, up):
    zeros = memoryview(bytes(PART))
    with client, contextlib.suppress(OSError):
        if up:
            client.sendall(b"+")
            take(client, count)
            client.sendall(b"!")
        else:
            for at in range(0, count, PART):
                client.sendall(zeros[:min(PART, count - at)])
            client.recv(1)


def take(stream, count):
    """Reads count bytes; returns the seconds for those after the warming up, and their number."""
    part, got, began, before = bytearray(PART), 0, None, 0
    while got < count:
        n = stream.recv_into(part)
        if n == 0:
            raise OSError("the stream ended early")
        got += n
        if began is None and got >= count * WARM:
            began, before = time.monotonic(), got
    return time.monotonic() - began, got - before


def give(stream, count):
    stream.recv(1)  # the way is open
    began, zeros = time.monotonic(), memoryview(bytes(PART))
    for at in range(0, count, PART):
        stream.sendall(zeros[:min(PART, count - at)])
    stream.recv(1)
    return time.monotonic() - began, count


def cpu_s(pids):
    """Seconds of CPU these processes have used."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            fields = f.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, a, lab, ssh):
        self.a, self.lab, self.ssh, self.link = a, lab, ssh, None
        self.near, self.far, self.address = [], [], "127.0.0.1"
        if a.delay or a.rate:
            from lab import Link
            self.link = Link(lab.log)
            lab.cleanup.callback(self.link.stop)
            self.link(f"delay {a.delay}")
            self.link(f"rate {int(a.rate * 1e6)}")
            self.near, self.far, self.address = self.link.near, self.link.far, "10.77.0.2"
        self.count = int(a.megabytes * 1e6)
        self.sshd = ssh.Sshd(lab, "bench", command=[*self.far, ssh.SSHD], address=self.address)
        self.key = os.path.join(lab.folder, "id")
        self.sshd.allow(ssh.make_key(self.key))
        self.known = os.path.join(lab.folder, "known")
        with open(self.known, "w", encoding="ascii") as f:
            f.write(self.sshd.known_line())
        self.port = self.start_far_end()

    def start_far_end(self):
        from lab import end, free_port
        port = free_port()
        p = subprocess.Popen([*self.far, sys.executable, os.path.abspath(__file__), "--far-end", str(port), str(self.count)] +
                             (["--up"] if self.a.up else []), stdout=subprocess.PIPE, text=True)
        self.lab.cleanup.callback(end, p)
        if p.stdout.readline() != "ready\n":
            raise OSError("the far end did not start")
        return port

    def measure(self, stream, pid):
        """MB/s, and seconds of CPU a GB: of the program, of its sshd."""
        logins = self.ssh.descendants(self.sshd)
        before = cpu_s([pid]), cpu_s(logins)
        seconds, count = (give if self.a.up else take)(stream, self.count)
        after = cpu_s([pid]), cpu_s(logins)
        return count / seconds / 1e6, *((y - x) / self.count * 1e9 for x, y in zip(before, after))

    def by_tunnel(self, build):
        t = self.ssh.Tunnel(self.lab, self.sshd.port, host=f"[{self.address}]:{self.sshd.port}", address=self.address,
                            target_port=self.port, identities=[self.key], known_hosts=[self.known],
                            command_line=[*self.near, os.path.join(build, "client", "tunnel", "farseat-tunnel")])
        try:
            self.suite = t.opened()["suite"]
            return self.measure(t.stream, t.process.pid)
        finally:
            t.stop()

    def by_ssh(self, options):
        from lab import end
        ours, theirs = socket.socketpair()
        p = subprocess.Popen([*self.near, "ssh", "-F", "none", "-i", self.key, "-o", f"UserKnownHostsFile={self.known}",
                              "-o", "IdentityAgent=none", *options, "-p", str(self.sshd.port), "-W", f"127.0.0.1:{self.port}",
                              f"root@{self.address}"], stdin=theirs, stdout=theirs, stderr=self.lab.log)
        theirs.close()
        try:
            with ours:
                ours.recv(1, socket.MSG_PEEK)  # it has logged in
                return self.measure(ours, p.pid)
        finally:
            end(p)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", action="append", default=[], help="a build folder; more than once compares them")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--megabytes", type=float, default=400)
    p.add_argument("--delay", type=int, default=0, help="of the link, ms one way")
    p.add_argument("--rate", type=float, default=0, help="of the link, MB/s")
    p.add_argument("--up", action="store_true", help="from the laptop to the workstation")
    p.add_argument("--same-cipher", action="store_true", help="a third way: ssh with the methods that libssh2 chooses")
    p.add_argument("--far-end", nargs=2, type=int, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.far_end:
        return far_end(*a.far_end, a.up)
    if not a.build:
        p.error("--build is needed")
    os.environ["FARSEAT_E2E_BUILD"] = os.path.abspath(a.build[0])
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
    sys.dont_write_bytecode = True
    import ssh
    from lab import Lab
    with Lab() as lab:
        compare(Bench(a, lab, ssh), a)
    return 0


def compare(bench, a):
    ways = {"ssh -W": lambda: bench.by_ssh([])}
    for build in a.build:
        ways[build] = lambda build=build: bench.by_tunnel(build)
    if a.same_cipher:
        ways["ssh -W, its cipher"] = lambda: bench.by_ssh(["-c", "aes128-ctr", "-m", "hmac-sha2-256"])
    rows = {name: [] for name in ways}
    for n in range(a.rounds + 1):  # the first warms up
        for name, way in ways.items():
            figures = way()
            if n > 0:
                rows[name].append(figures)
    print(f"farseat-tunnel: {bench.suite}; {a.rounds} rounds in turns, medians (least to most)")
    for name, figures in rows.items():
        rates = [f[0] for f in figures]
        ratios = [f[0] / s[0] for f, s in zip(figures, rows["ssh -W"])]
        cpu = [statistics.median(f[i] for f in figures) for i in (1, 2)]
        print(f"{name}: {statistics.median(rates):.1f} MB/s ({min(rates):.1f} to {max(rates):.1f}), of ssh's in the same round "
              f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); CPU s/GB {cpu[0]:.2f}, sshd {cpu[1]:.2f}")


if __name__ == "__main__":
    sys.exit(main())
