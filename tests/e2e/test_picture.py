"""The client's window is the workstation's display, bit for bit."""
import os
import subprocess
import unittest

from lab import Canvas, Lab, end, program, wait_for

SETTLE_MS = 1000  # exact within a second after changes stop


class Picture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon()
        cls.laptop = cls.lab.enrolled()
        cls.canvas = Canvas(cls.lab.display)
        cls.addClassCleanup(cls.canvas.stop)
        cls.laptop.connect()
        cls.canvas("photo 1")
        cls.laptop.same_ms(15000)

    def test_photograph(self):
        """a full-screen photograph is exact within a second"""
        for seed in range(2, 6):
            self.canvas(f"photo {seed}")
            self.laptop.same_ms(SETTLE_MS)

    def test_rectangles(self):
        """200 random rectangles are exact within a second"""
        for seed in range(3):
            self.canvas(f"rects 200 {seed}")
            self.laptop.same_ms(SETTLE_MS)

    def test_moved_window(self):
        """a window moved over a photograph is exact within a second"""
        self.canvas("photo 9")
        for step in range(40):
            self.canvas(f"window {step * 13} {step * 7}")
        self.laptop.same_ms(SETTLE_MS)

    def test_scrolled_noise(self):
        """scrolled content is exact within a second"""
        for lines in (1, 8, 37, 120, 8, 8):
            self.canvas(f"scroll {lines}")
        self.laptop.same_ms(SETTLE_MS)

    def test_terminal(self):
        """a scrolling terminal is exact within a second"""
        terminal = subprocess.Popen(
            ["xterm", "-geometry", "160x50+100+80", "-fa", "DejaVu Sans Mono", "-e",
             "for i in 1 2 3 4 5; do ls -lR --color=always /etc | head -n 400; done; tput civis; touch \"$DONE\"; sleep 60"],
            env={**self.lab.display.environment(), "DONE": os.path.join(self.lab.folder, "printed")},
            stdout=self.lab.log, stderr=self.lab.log)
        self.addCleanup(end, terminal)
        wait_for("the terminal has printed", lambda: os.path.exists(os.path.join(self.lab.folder, "printed")))
        self.laptop.same_ms(SETTLE_MS)

    def test_screenshot(self):
        """`farseat screenshot` without a display writes the exact picture"""
        self.canvas("photo 3")
        png, ours, theirs = (os.path.join(self.lab.folder, n) for n in ("shot.png", "shot.ppm", "screen.ppm"))
        self.laptop.run("screenshot", "office", png)
        subprocess.run([program("xlook"), "ppm", self.lab.display.name, theirs], check=True)
        with open(png, "rb") as f:
            self.assertEqual(f.read(8), b"\x89PNG\r\n\x1a\n")
        pixels = decode_png(png)
        with open(theirs, "rb") as f:
            ppm = f.read()
        self.assertEqual(pixels, ppm[ppm.index(b"255\n") + 4:], ours)


def decode_png(path):
    """RGB bytes of an 8-bit RGB or RGBA PNG without interlace."""
    import struct
    import zlib
    with open(path, "rb") as f:
        data = f.read()
    at, idat, header = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            idat += body
        at += 12 + size
    width, height, depth, colour, _, _, interlace = header
    assert depth == 8 and colour in (2, 6) and interlace == 0, header
    channels = 3 if colour == 2 else 4
    raw, stride = zlib.decompress(idat), width * channels
    previous, out = bytes(stride), []
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        unfilter(kind, row, previous, channels)
        previous = bytes(row)
        out.append(previous if channels == 3 else bytes(b for i, b in enumerate(previous) if i % 4 != 3))
    return b"".join(out)


def unfilter(kind, row, previous, channels):
    """PNG, section 9.2."""
    if kind == 2:
        for i, up in enumerate(previous):
            row[i] = (row[i] + up) & 255
        return
    for i in range(len(row)) if kind else ():
        left = row[i - channels] if i >= channels else 0
        up = previous[i]
        corner = previous[i - channels] if i >= channels else 0
        if kind == 1:
            row[i] = (row[i] + left) & 255
        elif kind == 3:
            row[i] = (row[i] + (left + up) // 2) & 255
        else:
            p = left + up - corner
            a, b, c = abs(p - left), abs(p - up), abs(p - corner)
            row[i] = (row[i] + (left if a <= b and a <= c else up if b <= c else corner)) & 255


if __name__ == "__main__":
    unittest.main()
