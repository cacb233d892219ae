#!/usr/bin/env python3
"""A decoder of the screen codec written from common/PROTOCOL.md, section 12, alone, against ours.

slices.py RECORD_SLICES PAGE: records sessions, decodes them here and compares the pictures; so too the slices of the page's section 14. Shares no code with common/codec: when
they differ, the page or the code is wrong. Film (H.264) is left out. Needs the zstd command; without it the test is skipped.
"""

import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

MASK = 0xFFFFFFFF
TILE = 64
SKIPPED = 77


class Reader:
    """Numbers and rectangles of sections."""

    def __init__(self, data, width, height):
        self.data, self.at, self.width, self.height = data, 0, width, height

    def u8(self):
        self.at += 1
        return self.data[self.at - 1]

    def take(self, count):
        part = self.data[self.at : self.at + count]
        assert len(part) == count, "a slice that is too short"
        self.at += count
        return part

    def rest(self):
        return self.take(len(self.data) - self.at)

    def number(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def folded(self):
        n = self.number()
        return (n >> 1) ^ -(n & 1)

    def rects(self, most):
        count = self.number()
        assert count <= most
        y = right = 0
        for _ in range(count):
            y += self.folded()
            x = right + self.folded()
            w, h = self.number() + 1, self.number() + 1
            assert 0 <= x <= self.width - w and 0 <= y <= self.height - h, "a rectangle outside"
            yield x, y, w, h
            right = x + w

    def tiles(self):
        tile = slot = 0
        for _ in range(self.number()):
            tile += self.folded()
            slot += self.folded()
            for _ in range(self.number() + 1):
                yield tile, slot
                tile, slot = tile + 1, slot + 1


def median_guess(left, up, corner):
    return left + up - max(min(left, up), min(corner, max(left, up)))


class Range:
    """The range coder's decoder; odds live in the model."""

    def __init__(self, data, odds):
        self.data, self.at, self.missing, self.odds = data, 0, 0, odds
        self.range = (1 << 64) - 1
        self.code = self.word() << 32
        self.code |= self.word()

    def word(self):
        value = 0
        for _ in range(4):
            value <<= 8
            if self.at < len(self.data):
                value |= self.data[self.at]
            else:
                self.missing += 1
            self.at += 1
        return value

    def shift(self):
        if self.range < 1 << 32:
            self.code = self.code << 32 | self.word()
            self.range <<= 32

    def decide(self, *name):
        odds = self.odds.get(name, 16384)
        bound = (self.range >> 15) * odds
        result = self.code >= bound
        if result:
            self.code -= bound
            self.range -= bound
            odds -= odds >> 4
        else:
            self.range = bound
            odds += (32768 - odds) >> 4
        self.odds[name] = odds
        self.shift()
        return int(result)

    def bits(self, count):
        self.range >>= count
        value = min(self.code // self.range, (1 << count) - 1)
        self.code -= value * self.range
        self.shift()
        return value

    def number(self, name):
        n = 0
        while n < 19 and self.decide(name, "longer", n):
            n += 1
        if n == 0:
            return 0
        value = 2 | self.decide(name, "second", n)
        rest = n - 1
        if rest > 10:
            value = value << (rest - 10) | self.bits(rest - 10)
            rest = 10
        return (value << rest | self.bits(rest)) - 1

    def residual(self, *name):
        if not self.decide(*name, "not zero"):
            return 0
        negative = self.decide(*name, "negative")
        n = 0
        while n < 7 and self.decide(*name, "longer", n):
            n += 1
        value = 1
        if n > 0:
            second = self.decide(*name, "second", n)
            value = 2 | second
            if n > 1:
                value = value << 1 | self.decide(*name, "third", n, second)
                if n > 2:
                    value = value << (n - 2) | self.bits(n - 2)
        return -value if negative else value


def finish(total):
    total &= MASK
    return (total ^ total >> 15) * 0x2C1B3C6D & MASK


def above_part(total):
    total &= MASK
    return total ^ total >> 13


def learn(entry, colour):
    old, count = entry
    if count > 0 and old == colour:
        return old, min(count + 1, 255)
    if count > 4:
        return old, 2
    if count > 1:
        return old, count - 1
    return colour, 1


class Decoder:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.before = 2 * width + 64
        self.pixels = [0] * (self.before + width * height + 64)
        self.cache = {}
        self.odds, self.wide, self.narrow, self.recent = {}, {}, {}, {}
        self.coder = None
        self.kinds = set()

    def place(self, x, y):
        return self.before + y * self.width + x

    def picture(self):
        size = self.width * self.height
        return struct.pack(f"<{size}I", *self.pixels[self.before : self.before + size])

    def slice(self, data):
        sections = {1: self.ctx, 2: self.medz, 3: self.copy, 4: self.save, 5: self.load, 8: self.part}
        reader = Reader(data, self.width, self.height)
        last = False
        while not last:
            kind = reader.u8()
            last = kind & 0x80
            payload = reader.rest() if last else reader.take(reader.number())
            self.kinds.add(kind & 0x7F)
            sections[kind & 0x7F](Reader(payload, self.width, self.height))

    def medz(self, reader):
        rects = list(reader.rects(3600))
        area = sum(w * h for _, _, w, h in rects)
        assert area <= 262144
        data = subprocess.run(
            ["zstd", "-d", "-c", "-q"], input=bytes(reader.rest()), stdout=subprocess.PIPE, check=True
        ).stdout
        assert len(data) == 3 * area
        offset = 0
        for x, y, w, h in rects:
            planes = [self.plane(data[c * area + offset :], w, h) for c in range(3)]
            for i, (g, b, r) in enumerate(zip(*planes)):
                colour = (b + g & 255) | g << 8 | (r + g & 255) << 16
                self.pixels[self.place(x + i % w, y + i // w)] = colour
            offset += w * h

    @staticmethod
    def plane(residuals, w, h):
        plane = [0] * (w * h)
        for i in range(w * h):
            left = plane[i - 1] if i % w else 0
            up = plane[i - w] if i >= w else 0
            corner = plane[i - w - 1] if i % w and i >= w else 0
            plane[i] = residuals[i] + median_guess(left, up, corner) & 255
        return plane

    def copy(self, reader):
        old = list(self.pixels)
        for _ in range(reader.number()):
            dx, dy = reader.folded(), reader.folded()
            for x, y, w, h in reader.rects(3600):
                for row in range(y, y + h):
                    to, source = self.place(x, row), self.place(x - dx, row - dy)
                    self.pixels[to : to + w] = old[source : source + w]

    def rows_of(self, tile):
        columns = (self.width + TILE - 1) // TILE
        x, y = tile % columns * TILE, tile // columns * TILE
        w, h = min(TILE, self.width - x), min(TILE, self.height - y)
        return [slice(self.place(x, row), self.place(x, row) + w) for row in range(y, y + h)]

    def save(self, reader):
        for tile, slot in reader.tiles():
            self.cache[slot] = [self.pixels[row] for row in self.rows_of(tile)]

    def load(self, reader):
        for tile, slot in reader.tiles():
            rows = self.rows_of(tile)
            assert len(rows) == len(self.cache[slot])
            for row, saved in zip(rows, self.cache[slot]):
                assert row.stop - row.start == len(saved)
                self.pixels[row] = saved

    def part(self, reader):
        rects = list(reader.rects(1024))
        slot = 0
        for x, y, w, h in rects:
            slot += reader.folded()
            saved = self.cache[slot]
            left, top = x % TILE, y % TILE
            assert left + w <= TILE and top + h <= TILE, "a part of two tiles"
            for i in range(h):
                row = self.place(x, y + i)
                self.pixels[row : row + w] = saved[top + i][left : left + w]
            slot += 1

    def ctx(self, reader):
        k = self.coder = Range(reader.rest(), self.odds)
        last_x = last_y = 0
        while k.decide("more"):
            y = last_y if k.decide("y same") else k.number("y")
            back = k.decide("x back")
            distance = k.number("x")
            x = last_x + (-distance if back else distance)
            w, h = k.number("width") + 1, k.number("height") + 1
            last_x, last_y = x + w, y
            assert 0 <= x <= self.width - w and 0 <= y <= self.height - h and w * h <= 8192
            for row in range(h):
                self.row(self.place(x, y + row), w)
        assert k.at >= len(k.data) and k.missing <= 8, "bytes that no encoder makes"

    def around(self, at):
        p, w = self.pixels, self.width
        return p[at - 1], p[at - 2], p[at - w], p[at - 2 * w], p[at - w - 1], p[at - w + 1], p[at - w + 2], p[at]

    def row(self, start, width):
        k, x = self.coder, 0
        while x < width:
            around = self.around(start + x)
            if len(set(around[:6])) == 1:
                left = width - x
                run = left if k.decide("run full") else min(k.number("run"), left - 1)
                self.pixels[start + x : start + x + run] = [around[0]] * run
                x += run
                if x == width:
                    return
                around = self.around(start + x)
            self.pixels[start + x] = self.pixel(around)
            x += 1

    def pixel(self, around):
        k = self.coder
        left, left2, up, up2, up_left, up_right, up_right2, old = around
        above = up * 0x85EBCA77 + up_left * 0xC2B2AE3D + up_right * 0x27D4EB2F
        further = above + up2 * 0x165667B1 + up_right2 * 0xD3A2646D
        near = finish(above_part(above) + left * 0x9E3779B1)
        far = finish(above_part(further) + left * 0x9E3779B1 + left2 * 0xFD7046C5)
        wide = self.wide.get(far >> 15, (0, 0))
        narrow = self.narrow.get(near >> 17, (0, 0))

        def agree(colour):
            return (colour == left) + 2 * (colour == up) + 4 * (colour == old)

        result = None
        if wide[1] > 0:
            context = min(wide[1], 3) | agree(wide[0]) << 2 | (wide[0] == narrow[0]) << 5
            if k.decide("wide", context << 2 | min(narrow[1], 3)):
                result = wide[0]
        if result is None and narrow[1] > 0 and not (wide[1] > 0 and narrow[0] == wide[0]):
            context = min(narrow[1], 3) | agree(narrow[0]) << 2 | (wide[1] > 0) << 5
            if k.decide("narrow", context):
                result = narrow[0]
        if result is None:
            result = self.beyond(around, [e[0] for e in (wide, narrow) if e[1] > 0])
        self.wide[far >> 15] = learn(wide, result)
        self.narrow[near >> 17] = learn(narrow, result)
        return result

    def beyond(self, around, out):
        k = self.coder
        left, left2, up, up2, up_left, up_right, _, old = around
        pairs = (left == up, up == up_left, up == up_right, left == left2, up == up2, old == left, old == up)
        shape = sum(bit << i for i, bit in enumerate(pairs))
        if left not in out and k.decide("left", shape):
            return left
        if up != left and up not in out and k.decide("up", shape):
            return up
        if old not in (left, up) and old not in out and k.decide("old", shape):
            return old
        index = ((left * 0x9E3779B1 & MASK) ^ (up * 0x85EBCA77 & MASK)) >> 26
        recent = self.recent.get(index, 0)
        if k.decide("recent", shape):
            return recent
        self.recent[index] = self.literal(around)
        return self.recent[index]

    def literal(self, around):
        k = self.coder
        left, _, up, _, corner, up_right, _, _ = ([p & 255, p >> 8 & 255, p >> 16] for p in around)
        blue, green, red = (median_guess(left[c], up[c], corner[c]) for c in range(3))
        change = abs(left[1] - corner[1]) + abs(up[1] - corner[1]) + abs(up[1] - up_right[1])
        activity = sum(change >= limit for limit in (3, 8, 16, 32, 64))

        def spread(residual):
            return sum(abs(residual) >= limit for limit in (1, 3, 8)) + (4 if activity > 2 else 0)

        g = k.residual("green", activity)
        r = k.residual("red", spread(g))
        b = k.residual("blue", spread(r))
        return (blue + b + g & 255) | (green + g & 255) << 8 | (red + r + g & 255) << 16


def decode(path):
    data = path.read_bytes()
    width, height = struct.unpack(">HH", data[:4])
    decoder, at = Decoder(width, height), 4
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        decoder.slice(data[at + 4 : at + 4 + length])
        at += 4 + length
    return decoder


def vectors(page):
    """The page's slices: (heading, width, height, slice, pixels)."""
    for heading in ("A slice with one CTX section", "A slice with one MEDZ section"):
        lines = iter(page.split(heading, 1)[1].split("\n```\n", 2)[1].splitlines())
        data = b""
        for line in lines:
            if line.startswith("picture"):
                break
            data += bytes.fromhex(line.split("  ", 1)[0])
        width, height = (int(side) for side in line.removeprefix("picture").split("x"))
        rows = [[int(colour, 16) for colour in next(lines).split()] for _ in range(height)]
        yield heading, width, height, data, [colour for row in rows for colour in row]


def wrong_vectors(page):
    wrong = 0
    for heading, width, height, data, colours in vectors(page):
        decoder = Decoder(width, height)
        decoder.slice(data)
        same = decoder.picture() == struct.pack(f"<{width * height}I", *colours)
        print(f"{heading} ({len(data)} bytes): {'equal' if same else 'DIFFERENT'}")
        wrong += not same
    return wrong


def main():
    if not shutil.which("zstd"):
        print("the zstd command is missing")
        return SKIPPED
    wrong, kinds = wrong_vectors(Path(sys.argv[2]).read_text(encoding="utf-8")), set()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        for path in sorted(Path(folder).glob("*.slices")):
            decoder = decode(path)
            kinds |= decoder.kinds
            same = decoder.picture() == path.with_suffix(".raw").read_bytes()
            print(f"{path.stem}: {'equal' if same else 'DIFFERENT'}, sections {sorted(decoder.kinds)}")
            wrong += not same
    if kinds != {1, 2, 3, 4, 5, 8}:
        print(f"not every kind of section came: {sorted(kinds)}")
        wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
