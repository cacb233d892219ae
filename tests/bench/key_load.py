#!/usr/bin/python3
"""What copies do to the picture: ms from a key at the laptop until its picture is there, while nothing, a copy or a paste is under way.

  key_load.py --build BUILD                 over lan and wan (tests/support/linkem, root)
  key_load.py --build BUILD --only wan --loads idle,upload

upload, download: `farseat cp` of a large file, again and again. paste: a PNG of 64 MiB that was copied in the session is pasted at the
laptop, again and again; paste-up: the other way. The MB/s beside are what got through meanwhile; xclip says what it got at the end alone.
tests/bench/key_to_picture.c measures.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
LINKS = {"lan": (0, 125), "wan": (20, 2.5)}  # ms one way, MB/s: those of the end-to-end bench
PNG_BYTES = (64 << 20) - 4096
FILE_BYTES = 256 << 20
SETTLE_S = 2


def noise_picture():
    """What the ends check of a PNG (its beginning), and bytes that do not compress."""
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", 4096, 4096, 8, 2, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + ihdr + struct.pack(">I", zlib.crc32(ihdr))
    return head + os.urandom(PNG_BYTES - len(head))


class Load:
    """Runs one command after the other until it is stopped, and counts the bytes that got through."""

    def __init__(self):
        self.bytes, self.process, self.stopped = 0, None, False
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.stopped:
            self.process = self.start()
            with self.process.stdout:
                self.count(self.process.stdout)
            self.process.wait()

    def rate(self):
        """MB/s so far."""
        return self.bytes / 1e6 / (time.monotonic() - self.began)

    def stop(self):
        from lab import end
        self.stopped = True
        while self.thread.is_alive():  # the next one may be starting just now
            if self.process and self.process.poll() is None:
                self.process.terminate()
            self.thread.join(0.1)
        end(self.process)


class Copy(Load):
    def __init__(self, laptop, up, served, folder):
        super().__init__()
        self.laptop = laptop
        self.ends = (os.path.join(folder, "large"), f"office:{served}/copied") if up else (f"office:{served}/large", os.path.join(folder, "copied"))
        self.thread.start()

    def start(self):
        from lab import program
        return subprocess.Popen([*self.laptop.lab.laptop_prefix, program("farseat"), "cp", "--json", "--force", *self.ends],
                                env=self.laptop.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.laptop.lab.log)

    def count(self, lines):
        before, whole = self.bytes, 0
        for line in lines:
            whole = json.loads(line).get("bytes", whole)
            self.bytes = before + whole


class Paste(Load):
    def __init__(self, source, target, picture):
        super().__init__()
        from clipboards import copy, targets
        from lab import wait_for
        self.target = target
        self.owner = copy(source, picture, target="image/png")
        wait_for("the picture is offered", lambda: {"_FARSEAT_ORIGIN", "image/png"} <= set(targets(target)))
        self.began = time.monotonic()
        self.thread.start()

    def start(self):
        return subprocess.Popen(["xclip", "-out", "-selection", "clipboard", "-target", "image/png"], env=self.target.environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def count(self, stream):
        while part := os.read(stream.fileno(), 1 << 20):
            self.bytes += len(part)

    def stop(self):
        from lab import end
        super().stop()
        end(self.owner)


def measure(lab, laptop, names, count):
    """A line for each load."""
    from lab import program
    folder, served = os.path.join(lab.folder, "laptop-files"), os.path.join(lab.folder, "shared")
    os.mkdir(folder)
    for path in (folder, served):
        with open(os.path.join(path, "large"), "wb") as f:
            for _ in range(FILE_BYTES >> 20):
                f.write(os.urandom(1 << 20))
    loads = {"idle": Load, "upload": lambda: Copy(laptop, True, served, folder), "download": lambda: Copy(laptop, False, served, folder),
             "paste": lambda: Paste(lab.display, laptop.display, noise_picture()),
             "paste-up": lambda: Paste(laptop.display, lab.display, noise_picture())}
    for name in names:
        load = loads[name]()
        time.sleep(SETTLE_S)  # what is measured is the load under way, not its beginning
        r = subprocess.run([program("key_to_picture"), lab.display.name, laptop.display.name, str(count)], capture_output=True, text=True)
        if r.returncode:
            raise SystemExit(f"{name}: {r.stderr}")
        print(f"  {name:9} p50, p95, longest ms: {r.stdout.strip():20}" + (f"{load.rate():7.1f} MB/s" if load.bytes else ""), flush=True)
        if load.thread.ident:
            load.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", default="lan,wan")
    parser.add_argument("--loads", default="idle,upload,download,paste,paste-up")
    parser.add_argument("--count", type=int, default=100)
    a = parser.parse_args()
    os.environ["FARSEAT_E2E_BUILD"] = os.path.abspath(a.build)
    sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
    from lab import Lab
    for name in a.only.split(","):
        delay, rate = LINKS[name]
        with Lab() as lab:
            link = lab.over_link()
            lab.init()
            os.mkdir(os.path.join(lab.folder, "shared"))
            lab.configure(f"[files]\nfolders = {lab.folder}/shared\n")
            lab.start_daemon()
            laptop = lab.enrolled()
            link(f"delay {delay}")
            link(f"rate {rate * 1e6:.0f}")
            laptop.connect()
            laptop.same_ms()
            print(f"{name}: {delay} ms one way, {rate} MB/s, {a.count} keys", flush=True)
            measure(lab, laptop, a.loads.split(","), a.count)


main()
