#!/usr/bin/env python3
"""What a recorded scene costs as lossless Tight, the coding of TigerVNC, to compare codec_bench with.

    tight_bytes.py SCENE.zst...

Puts each frame of a recording (record_scenes.sh) into an Xvnc of its own, the 64x64 tiles that changed, as a toolkit
does; asks it for updates by RFB without JPEG, at compression level 2, and counts what comes. Needs:
tigervnc-standalone-server python3-numpy python3-xlib zstd
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

import numpy
from Xlib import X, display

WIDTH, HEIGHT, TILE = 1920, 1080, 64
QUIET_S = 0.08  # no update for so long: the frame is over (Xvnc sends within 17 ms)
TIGHT, COPY_RECT, COMPRESS_LEVEL_2 = 7, 1, -254
BASIC_LEAST_BYTES = 12  # shorter data stand there as they are


class Viewer:
    """The least of an RFB client (RFC 6143, and the Tight encoding of rfbproto)."""

    def __init__(self, port):
        for _ in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        self.bytes = 0
        self.read(12)
        self.socket.sendall(b"RFB 003.008\n")
        self.read(self.read(1)[0])
        self.socket.sendall(b"\x01")  # no authentication
        if self.read(4) != bytes(4):
            sys.exit("Xvnc refuses")
        self.socket.sendall(b"\x01")
        self.read(struct.unpack(">HH16xI", self.read(24))[2])
        self.socket.sendall(struct.pack(">B3xBBBBHHHBBB3x", 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0))
        encodings = (TIGHT, COPY_RECT, COMPRESS_LEVEL_2)
        self.socket.sendall(struct.pack(f">BxH{len(encodings)}i", 2, len(encodings), *encodings))
        self.ask(False)

    def read(self, count):
        parts = []
        while count > 0:
            part = self.socket.recv(count)
            if not part:
                sys.exit("Xvnc closed the connection")
            parts.append(part)
            count -= len(part)
            self.bytes += len(part)
        return b"".join(parts)

    def ask(self, incremental=True):
        self.socket.sendall(struct.pack(">BBHHHH", 3, incremental, 0, 0, WIDTH, HEIGHT))

    def compact(self):
        length = 0
        for shift in (0, 7, 14):
            byte = self.read(1)[0]
            length |= (byte & (0x7f if shift < 14 else 0xff)) << shift
            if shift == 14 or not byte & 0x80:
                return length

    def tight(self, width, height):
        control = self.read(1)[0]
        if control >> 4 == 8:  # one colour
            self.read(3)
            return
        if control >> 4 > 8:
            sys.exit("Xvnc sends JPEG")
        size = width * height * 3
        if control & 0x40 and self.read(1)[0] == 1:
            colours = self.read(1)[0] + 1
            self.read(3 * colours)
            size = (width + 7) // 8 * height if colours == 2 else width * height
        self.read(self.compact() if size >= BASIC_LEAST_BYTES else size)

    def update(self):
        """One message of the server."""
        kind = self.read(1)[0]
        if kind == 2:
            return
        if kind == 3:
            self.read(struct.unpack(">3xI", self.read(7))[0])
            return
        for _ in range(struct.unpack(">xH", self.read(3))[0]):
            _, _, width, height, encoding = struct.unpack(">HHHHi", self.read(12))
            if encoding == TIGHT:
                self.tight(width, height)
            elif encoding == COPY_RECT:
                self.read(4)
            else:
                sys.exit(f"encoding {encoding} was not asked for")
        self.ask()

    def settle(self):
        """Reads until nothing more comes; the bytes of it."""
        before = self.bytes
        while True:
            self.socket.settimeout(QUIET_S)
            try:
                self.socket.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                return self.bytes - before
            self.socket.settimeout(None)
            self.update()


def frames(path):
    size = WIDTH * HEIGHT * 4
    with subprocess.Popen(["zstdcat", path], stdout=subprocess.PIPE) as source:
        while len(frame := source.stdout.read(size)) == size:
            yield numpy.frombuffer(frame, numpy.uint8).reshape(HEIGHT, WIDTH, 4)


def put_changed(window, context, frame, before):
    for y in range(0, HEIGHT, TILE):
        for x in range(0, WIDTH, TILE):
            tile = frame[y:y + TILE, x:x + TILE, :3]
            if before is not None and (tile == before[y:y + TILE, x:x + TILE, :3]).all():
                continue
            height, width = tile.shape[:2]
            window.put_image(context, x, y, width, height, X.ZPixmap, 24, 0, frame[y:y + TILE, x:x + TILE].tobytes())


def measure(path):
    """Bytes of the first frame, and of all after it."""
    read_end, write_end = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["Xvnc", "-displayfd", str(write_end), "-geometry", f"{WIDTH}x{HEIGHT}", "-depth", "24", "-rfbport", str(port), "-localhost",
         "-SecurityTypes", "None", "-noreset", "-nolisten", "tcp"], pass_fds=[write_end], stderr=subprocess.DEVNULL, cwd=tempfile.gettempdir())
    try:
        shown = display.Display(":" + os.read(read_end, 16).decode().strip())
        screen = shown.screen()
        window = screen.root.create_window(0, 0, WIDTH, HEIGHT, 0, screen.root_depth, X.InputOutput, X.CopyFromParent, override_redirect=1)
        window.map()
        context = window.create_gc()
        shown.sync()
        viewer, before, costs = Viewer(port), None, []
        viewer.settle()
        for frame in frames(path):
            put_changed(window, context, frame, before)
            shown.sync()
            costs.append(viewer.settle())
            before = frame
        shown.close()
    finally:
        server.terminate()
        server.wait()
    return costs[0], sum(costs[1:])


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        first, later = measure(path)
        print(f"{os.path.basename(path):14} first frame {first / 1024:6.0f} KB, all after it {later / 1024:8.0f} KB", flush=True)


if __name__ == "__main__":
    main()
