#!/usr/bin/python3
"""Seconds of `farseat cp` over an emulated link (tests/support/linkem): one large file, and many small ones, each way.

  files_rate.py --build BUILD                                20 ms one way, 12.5 MB/s
  files_rate.py --build BUILD --delay 0 --rate 125 --mib 1024

The clock runs from the command's start to its end: connecting and the TLS handshake are in it, and are shown as "nothing".
"""
import argparse
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL_BYTES = 1024


def fill(path, size):
    with open(path, "wb") as f:
        for at in range(0, size, 1 << 20):
            f.write(os.urandom(min(1 << 20, size - at)))


def seconds(lab, laptop, *arguments):
    from lab import program
    began = time.monotonic()
    subprocess.run([*lab.laptop_prefix, program("farseat"), "cp", *arguments], env=laptop.environment(), check=True)
    return time.monotonic() - began


def measure(lab, a):
    """Prints a line for each way: nothing, small files, a large one, and the large one's rate."""
    laptop, served = lab.enrolled(), os.path.join(lab.folder, "shared")
    small = os.path.join(lab.folder, "small")
    os.mkdir(small)
    for i in range(a.small):
        fill(os.path.join(small, str(i)), SMALL_BYTES)
    size = a.mib << 20
    for name, length in (("nothing", 0), ("large", size)):
        fill(os.path.join(lab.folder, name), length)
    print(f"{a.delay:g} ms one way, {a.rate:g} MB/s: seconds of nothing, {a.small} files of {SMALL_BYTES} bytes, {a.mib} MiB; MB/s of the last")
    back = os.path.join(lab.folder, "back")
    os.mkdir(back)
    for way in ("up", "down"):
        took = []
        for name in ("nothing", "small", "large"):
            ends = (os.path.join(lab.folder, name), f"office:{served}") if way == "up" else (f"office:{served}/{name}", back)
            took.append(seconds(lab, laptop, "-r", *ends))
        print(f"{way:5}{took[0]:7.2f}{took[1]:7.2f}{took[2]:7.2f}{size / 1e6 / max(took[2] - took[0], 0.001):8.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--delay", type=float, default=20)
    parser.add_argument("--rate", type=float, default=12.5, help="MB/s of each way; 0: no limit")
    parser.add_argument("--mib", type=int, default=64)
    parser.add_argument("--small", type=int, default=300)
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
        link(f"delay {a.delay:g}")
        link(f"rate {a.rate * 1e6:.0f}")
        measure(lab, a)


main()
