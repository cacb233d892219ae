"""Screenshots against the screen they are of."""
import os
import struct
import subprocess
import time
import zlib

from lab import program


def assert_same_picture(test, lab, take):
    """take(path) writes a PNG, which equals the workstation's display bit for bit."""
    path = os.path.join(lab.folder, f"shot-{time.monotonic_ns()}.png")
    take(path)
    ppm = path + ".ppm"
    subprocess.run([program("xlook"), "ppm", lab.display.name, ppm], check=True)
    with open(path, "rb") as f:
        test.assertEqual(f.read(8), b"\x89PNG\r\n\x1a\n")
    with open(ppm, "rb") as f:
        screen = f.read()
    test.assertEqual(decode_png(path), screen[screen.index(b"255\n") + 4:])


def decode_png(path):
    """RGB bytes of an 8-bit RGB or RGBA PNG without interlace."""
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


def noise_png():
    """A PNG of noise, made here (W3C PNG, 5 and 11)."""
    width, height = 300, 200
    rows = b"".join(b"\0" + os.urandom(3 * width) for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))
