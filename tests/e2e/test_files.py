"""farseat-files at both ends, without a connection between them: what is copied, what never is, and what is left after a kill."""
import ctypes
import hashlib
import os
import random
import shutil
import socket
import stat
import struct
import subprocess
import tempfile
import threading
import unittest

import files_pair as fp
from files_pair import Transfer
from lab import BUILD

MIB = 1 << 20
GIB = 1 << 30
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def tree_of(folder):
    """Every name beneath it: (kind and mode, time in ns, size and SHA-256 or link)."""
    found = {}
    for above, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            path = os.path.join(above, name)
            st = os.lstat(path)
            what = os.readlink(path) if stat.S_ISLNK(st.st_mode) else None
            if stat.S_ISREG(st.st_mode):
                with open(path, "rb") as f:
                    what = hashlib.file_digest(f, "sha256").hexdigest() if st.st_size else ""
            mtime = None if stat.S_ISLNK(st.st_mode) else st.st_mtime_ns
            found[os.path.relpath(path, os.fsencode(folder))] = (st.st_mode, mtime, what)
    return found


def write(path, content=b"", mode=0o644, mtime=1_600_000_000.25):
    with open(path, "wb") as f:
        f.write(content)
    os.chmod(path, mode)
    os.utime(path, (mtime, mtime))
    return path


class Pair(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="farseat-files-")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.served, self.laptop, self.outside = (os.path.join(self.root, n) for n in ("served", "laptop", "outside"))
        for folder in (self.served, self.laptop, self.outside):
            os.mkdir(folder)
        self.random = random.Random(11)

    def transfer(self, **more):
        return Transfer(BUILD, self.served, **more)

    def put(self, *sources, path="", flags=0, links=False, **more):
        t = self.transfer(**more).put(sources, path=path, flags=flags, links=links)
        return t, *t.wait()

    def get(self, path, flags=0, into=None, **more):
        t = self.transfer().get(path, into or self.laptop, flags=flags, **more)
        return t, *t.wait()

    def content(self, size):
        return self.random.randbytes(size)


class FilesCopied(Pair):
    def make_tree(self):
        top = os.path.join(self.laptop, "tree")
        os.makedirs(os.path.join(top, "a/b/empty"))
        write(os.path.join(top, "zero"))
        write(os.path.join(top, "a/one"), b"x", 0o755)
        write(os.path.join(top, "a/b/three"), self.content(3 * MIB + 17), 0o400)
        write(os.path.join(top, "a/b/exact"), self.content(2 * MIB), 0o666)
        for name in (b"a\nb", b"tab\t\x1b[31m", b"\xff\xfe\x80", "Grüße 🙂".encode(), b"n" * 255, b" ", b"...", b"-rf", b"COPY", b"copy"):
            write(os.path.join(os.fsencode(top), name), name)
        os.symlink("a/one", os.path.join(top, "link"))
        os.symlink("../../zero", os.path.join(top, "a/b/up"))
        os.chmod(os.path.join(top, "a/b/empty"), 0o500)
        os.utime(os.path.join(top, "a"), (1_500_000_000, 1_500_000_000))
        return top

    def test_trees(self):
        """A tree goes up and comes down again: bytes, names, permissions, times, links."""
        top = self.make_tree()
        t, here, there = self.put(top, links=True)
        self.assertEqual((here["fault"], here["faults"], t.laptop.faults), (0, 0, []))
        self.assertEqual(there["files"], here["files"])
        self.assertEqual(t.relay.total, (here["files"], here["bytes"]))
        self.assertEqual(tree_of(os.path.join(self.served, "tree")), tree_of(top))
        down = os.path.join(self.root, "down")
        os.mkdir(down)
        t, here, there = self.get("tree", fp.RECURSIVE | fp.LINKS, into=down)
        self.assertEqual((here["fault"], here["faults"]), (0, 0))
        self.assertTrue(there["sent"])
        self.assertEqual(t.relay.total, (here["files"], here["bytes"]))
        self.assertEqual(tree_of(os.path.join(down, "tree")), tree_of(top))

    def test_links_are_told(self):
        """Without -P a link is said to be one, and everything else is copied."""
        top = self.make_tree()
        t, here, _ = self.put(top)
        self.assertEqual(here["faults"], 2)
        self.assertEqual({f[0] for f in t.laptop.faults}, {fp.IS_LINK})
        self.assertFalse(os.path.lexists(os.path.join(self.served, "tree/link")))
        self.assertTrue(os.path.exists(os.path.join(self.served, "tree/a/b/exact")))

    def in_memory(self):
        """Both ends' folders where a disk that others use costs nothing: each file waits for it."""
        if shutil.disk_usage("/dev/shm").free < GIB:
            return
        self.root = tempfile.mkdtemp(prefix="farseat-files-", dir="/dev/shm")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.served, self.laptop = (os.path.join(self.root, n) for n in ("served", "laptop"))
        for folder in (self.served, self.laptop):
            os.mkdir(folder)

    def test_many_small_ones(self):
        """10,000 files; the sending end asks nothing between them."""
        self.in_memory()
        top = os.path.join(self.laptop, "many")
        for i in range(100):
            os.makedirs(os.path.join(top, str(i)))
            for k in range(100):
                write(os.path.join(top, str(i), str(k)), b"%d" % (i * k))
        t, here, _ = self.put(top)
        self.assertEqual((here["fault"], here["files"], here["faults"]), (0, 10000, 0))
        self.assertEqual(tree_of(os.path.join(self.served, "many")), tree_of(top))
        self.assertNotIn(fp.HAVE, t.relay.kinds)
        self.assertEqual(t.relay.total, (10000, here["bytes"]))
        self.assertEqual(t.laptop.progress[-1][1], 10000)

    def test_sparse(self):
        """5 GiB of which three pieces are there: what crosses, and what lies on the disk, is small."""
        path = os.path.join(self.laptop, "sparse")
        with open(path, "wb") as f:
            f.truncate(5 << 30)
            for at in (0, 3 * MIB + 5000, (5 << 30) - 100):
                f.seek(at)
                f.write(b"here" * 25)
        t, here, _ = self.put(path)
        self.assertEqual((here["fault"], here["bytes"]), (0, 5 << 30))
        self.assertLess(t.relay.passed, MIB)
        st = os.stat(os.path.join(self.served, "sparse"))
        self.assertEqual(st.st_size, 5 << 30)
        self.assertLess(st.st_blocks * 512, MIB)
        with open(path, "rb") as f, open(os.path.join(self.served, "sparse"), "rb") as g:
            for at in (0, 3 * MIB, (5 << 30) - MIB):  # the rest is a hole: the blocks say so
                f.seek(at)
                g.seek(at)
                self.assertEqual(f.read(MIB), g.read(MIB))

    def test_streams(self):
        """Standard input is a source, standard output a place."""
        out, feed = os.pipe()
        content = self.content(700_000)
        t = self.transfer().put([("piped", out)])
        os.close(out)
        with os.fdopen(feed, "wb") as f:
            f.write(content)
        here, _ = t.wait()
        self.assertEqual((here["fault"], here["bytes"]), (0, len(content)))
        self.assertIsNone(t.relay.total, "nobody knows how much a pipe will be")
        drain, into = os.pipe()
        t = self.transfer().get("piped", into)
        os.close(into)
        with os.fdopen(drain, "rb") as f:
            self.assertEqual(f.read(), content)
        self.assertEqual(t.wait()[0]["fault"], 0)

    def test_where_it_goes(self):
        """Into a folder, or under a new name; beneath no other folder of the workstation."""
        source = write(os.path.join(self.laptop, "a"), b"a")
        os.mkdir(os.path.join(self.served, "sub"))
        for path, flags, fault, place in (("sub", 0, 0, "sub/a"), ("sub/new", 0, 0, "sub/new"), ("./sub//other", 0, 0, "sub/other"),
                                          (os.path.join(self.served, "abs"), 0, 0, "abs"), ("no/where", 0, fp.NO_FOLDER, None),
                                          ("nofolder", fp.MANY, fp.NO_FOLDER, None), ("../outside/x", 0, fp.OUTSIDE, None),
                                          ("/etc/x", 0, fp.OUTSIDE, None), (self.served + "x", 0, fp.OUTSIDE, None),
                                          ("~/x", 0, fp.NO_FOLDER, None)):
            with self.subTest(path):
                _, here, there = self.put(source, path=path, flags=flags)
                self.assertEqual((here["fault"], there["fault"]), (fault, fault))
                if place:
                    self.assertTrue(os.path.isfile(os.path.join(self.served, place)))
        self.assertEqual(os.listdir(self.outside), [])

    def test_what_is_there(self):
        """Another file of that name stays, unless --force; the same one is no fault."""
        source = write(os.path.join(self.laptop, "a"), self.content(2 * MIB))
        self.put(source)
        t, here, _ = self.put(source)
        self.assertEqual((here["fault"], here["faults"], here["files"]), (0, 0, 1))
        write(os.path.join(self.served, "a"), b"mine", mtime=1)
        t, here, _ = self.put(source)
        self.assertEqual((here["files"], [f[0] for f in t.laptop.faults]), (0, [fp.EXISTS]))
        self.assertTrue(t.laptop.faults[0][1], "the other end found it")
        with open(os.path.join(self.served, "a"), "rb") as f:
            self.assertEqual(f.read(), b"mine")
        # same size and time, other bytes: looked at, not believed
        other = bytearray(open(source, "rb").read())
        other[-1] ^= 1
        write(os.path.join(self.served, "a"), other)
        t, here, _ = self.put(source)
        self.assertEqual([f[0] for f in t.laptop.faults], [fp.EXISTS])
        t, here, _ = self.put(source, flags=fp.FORCE)
        self.assertEqual((here["files"], here["faults"]), (1, 0))
        self.assertEqual(tree_of(self.served), tree_of(self.laptop))

    def test_what_cannot_be_had(self):
        """A folder without -r, what is not there, pipes and devices: a fault each, no waiting."""
        os.mkdir(os.path.join(self.served, "folder"))
        os.mkfifo(os.path.join(self.served, "fifo"))
        os.symlink(self.outside, os.path.join(self.served, "out"))
        write(os.path.join(self.outside, "secret"), b"secret")
        for path, fault in (("folder", fp.IS_FOLDER), ("missing", fp.NOT_FOUND), ("out/secret", fp.IS_LINK), ("out", fp.IS_LINK),
                            ("../outside/secret", fp.OUTSIDE), ("/etc/passwd", fp.OUTSIDE)):
            with self.subTest(path):
                _, here, _ = self.get(path)
                self.assertEqual((here["fault"], here["there"]), (fault, True))
        t, here, _ = self.get("", fp.RECURSIVE | fp.LINKS)
        self.assertIn(fp.SPECIAL, [f[0] for f in t.laptop.faults])
        self.assertNotIn(b"secret", b"".join(f[2] for f in t.laptop.faults))


class FilesBrokenOff(Pair):
    def check_names(self, source):
        """Nothing partial has a file's name."""
        for name in os.listdir(self.served):
            if not name.startswith(".farseat-"):
                with open(os.path.join(self.served, name), "rb") as f, open(os.path.join(source, name), "rb") as g:
                    self.assertEqual(f.read(), g.read(), name)

    def test_cuts(self):
        """50 cuts and kills at random places; each try goes on, and at last everything is there."""
        source = os.path.join(self.laptop, "files")
        os.mkdir(source)
        names = [write(os.path.join(source, f"f{i}"), self.content(size)) for i, size in enumerate((5 * MIB + 3, 10, 9 * MIB, 0, MIB))]
        total = sum(os.path.getsize(n) for n in names)
        kept = 0
        for i in range(50):
            t = self.transfer(cut_after=self.random.randrange(total)).put(names)
            if i % 3:
                victim = t.laptop if i % 3 == 1 else t.server
                until = self.random.randrange(total)
                while t.relay.is_alive() and t.relay.passed < until:
                    t.relay.join(0.001)
                victim.kill()
            t.wait()
            kept += t.relay.kept_bytes
            self.check_names(source)
        _, here, _ = self.put(*names)
        self.assertEqual((here["fault"], here["faults"], here["files"]), (0, 0, len(names)))
        self.assertEqual(tree_of(self.served), tree_of(source))
        self.assertGreater(kept, 0, "no block was ever spared")

    def test_resumed_by_blocks(self):
        """What had arrived does not cross again; a block that changed meanwhile does."""
        source = write(os.path.join(self.laptop, "big"), self.content(24 * MIB))
        self.transfer(cut_after=20 * MIB).put([source]).wait()
        self.assertEqual(len(os.listdir(self.served)), 1)
        with open(source, "r+b") as f:
            f.write(b"changed")
        t, here, _ = self.put(source)
        self.assertEqual((here["fault"], here["faults"]), (0, 0))
        self.assertGreater(t.relay.kept_bytes, MIB)
        self.assertLess(t.relay.data_bytes, 23 * MIB)
        self.assertEqual(tree_of(self.served), tree_of(self.laptop))

    def test_cancelled(self):
        """Stopped by the person: nothing is left, at either end."""
        for direction in ("put", "get"):
            with self.subTest(direction):
                here, there = (self.laptop, self.served) if direction == "put" else (self.served, self.laptop)
                source = write(os.path.join(here, direction), self.content(64 * MIB))
                t = self.transfer()
                t = t.put([source]) if direction == "put" else t.get(direction, self.laptop)
                while t.relay.data_bytes < 3 * MIB and t.relay.is_alive():
                    t.relay.join(0.001)
                t.laptop.cancel()
                result, other = t.wait()
                self.assertEqual((result["fault"], other["fault"]), (fp.STOPPED, fp.STOPPED))
                self.assertFalse(os.path.exists(os.path.join(there, direction)))
                self.assertEqual([n for n in os.listdir(there) if n.startswith(".farseat-")], [])
                os.remove(source)

    def test_two_of_one_name(self):
        """Two transfers to one name: one of them is told that it is busy."""
        source = write(os.path.join(self.laptop, "a"), self.content(8 * MIB))
        drain, feed = os.pipe()
        os.write(feed, b"x")
        first = self.transfer().put([("a", drain)])
        os.close(drain)
        while not os.listdir(self.served):
            first.relay.join(0.001)
        t, here, _ = self.put(source)
        self.assertEqual([f[0] for f in t.laptop.faults], [fp.BUSY])
        os.close(feed)
        self.assertEqual(first.wait()[0]["files"], 1)
        with open(os.path.join(self.served, "a"), "rb") as f:
            self.assertEqual(f.read(), b"x")


class FilesRefused(Pair):
    """A hostile other end, and a disk that does not take it."""

    def hostile(self, *messages, path="", flags=0, caps=0x60, first=None):
        wire, theirs = fp.pair()
        wire.send(fp.wrap(first or fp.order(fp.PUT, path, flags)))
        server = fp.Files(BUILD, fp.SERVE, [(self.served, self.served)], theirs, caps=caps)
        for m in messages:
            try:
                wire.send(fp.wrap(m))
            except (BrokenPipeError, ConnectionResetError):
                break
        wire.shutdown(socket.SHUT_WR)
        result = server.wait()
        said = []
        while True:
            try:
                packet = wire.recv(100000)
            except ConnectionResetError:
                break
            if not packet:
                break
            said.append((packet[3], packet[8:]))
        wire.close()
        return result, said

    def test_names(self):
        """Names that lead elsewhere end the transfer before anything is made."""
        for name in (b"../x", b"a/../../x", b"/etc/x", b".", b"..", b"a//b", b"a/", b"", b"a\0b", b"n" * 256, b"/".join([b"d"] * 65)):
            with self.subTest(name):
                result, _ = self.hostile(fp.entry(1, name), fp.message(fp.LAST, b""))
                self.assertEqual(result["fault"], fp.PROTOCOL)
        self.assertEqual((os.listdir(self.served), os.listdir(self.outside)), ([], []))

    def test_links(self):
        """A link that leads outside is not made; nothing is written through one that is there."""
        os.symlink(self.outside, os.path.join(self.served, "out"))
        os.symlink(os.path.join(self.outside, "file"), os.path.join(self.served, "dangling"))
        for target in (b"/etc/passwd", b"../x", b"a/../../x", b"../../outside"):
            result, said = self.hostile(fp.entry(1, b"l", kind=2, target=target), fp.message(fp.LAST, b""))
            self.assertEqual(result["faults"], 1, target)
            self.assertFalse(os.path.lexists(os.path.join(self.served, "l")))
        end = struct.pack(">Q", 0) + bytes(16)
        for path in (b"out/x", b"dangling", b"out"):
            result, said = self.hostile(fp.entry(1, path), fp.message(fp.END, end), fp.message(fp.LAST, b""), flags=fp.FORCE)
            self.assertGreaterEqual(result["faults"], 1, path)
        self.assertEqual(os.listdir(self.outside), [])

    def test_order_of_messages(self):
        """What comes out of turn ends the transfer."""
        end = fp.message(fp.END, struct.pack(">Q", 5) + bytes(16))
        data = fp.message(fp.DATA, b"12345678")
        for messages in ([fp.entry(2, b"a")], [fp.entry(1, b"a"), fp.entry(1, b"b")], [fp.entry(1, b"a", size=7), data],
                         [fp.entry(1, b"a", size=MIB), fp.message(fp.SKIP, b"\1" + struct.pack(">Q", MIB))],
                         [fp.entry(1, b"a", size=1 << 42), fp.message(fp.SKIP, b"\0" + struct.pack(">Q", 1 << 42)), data],
                         [fp.message(fp.HAVE, struct.pack(">II", 1, 0) + bytes(16))], [fp.order(fp.PUT, "", 0)],
                         [fp.entry(1, b"a", size=9), data, end], [fp.message(fp.LAST, b"", transfer=8)], [fp.message(fp.CLOSE, bytes(16))]):
            with self.subTest(messages):
                result, _ = self.hostile(*messages)
                self.assertEqual(result["fault"], fp.PROTOCOL)
        self.assertEqual([n for n in os.listdir(self.served) if not n.startswith(".farseat-")], [])

    def test_wrong_hash(self):
        """Bytes that arrive damaged get no name."""
        result, said = self.hostile(fp.entry(1, b"a", size=8), fp.message(fp.DATA, b"12345678"),
                                    fp.message(fp.END, struct.pack(">Q", 8) + bytes(16)), fp.message(fp.LAST, b""))
        self.assertEqual((result["faults"], result["files"]), (1, 0))
        self.assertIn(fp.DAMAGED, [body[4] for kind, body in said if kind == fp.FILE_FAULT])
        self.assertEqual(os.listdir(self.served), [])

    def test_rights(self):
        """Without files in nothing is taken, without files out nothing given, whatever the worker lets through."""
        write(os.path.join(self.served, "there"), b"x")
        for caps, first in ((0x40, fp.order(fp.PUT, "", 0)), (0x20, fp.order(fp.GET, "there", 0)), (0, fp.order(fp.GET, "there", 0))):
            result, said = self.hostile(caps=caps, first=first)
            self.assertEqual(result["fault"], fp.NOT_ALLOWED)
            self.assertEqual([kind for kind, _ in said], [fp.STOP])

    def test_swapped_folders(self):
        """A folder that is swapped for a link out of it all the time: nothing ever lands outside."""
        place = os.path.join(self.served, "top", "in")
        aside = os.path.join(self.served, "aside")
        source = os.path.join(self.laptop, "top")
        exchange = ctypes.CDLL(None).renameat2
        os.makedirs(place)
        os.symlink(self.outside, aside)
        os.makedirs(os.path.join(source, "in"))
        for i in range(400):
            write(os.path.join(source, "in", f"{i}"), b"x" * 50)
        done = threading.Event()

        def swap():
            while not done.is_set():
                if exchange(AT_FDCWD, os.fsencode(place), AT_FDCWD, os.fsencode(aside), RENAME_EXCHANGE):
                    raise OSError("the folder and the link cannot be exchanged")

        swapper = threading.Thread(target=swap)
        swapper.start()
        try:
            faults = 0
            for _ in range(5):
                t, here, _ = self.put(source, flags=fp.FORCE)
                faults += here["faults"]
        finally:
            done.set()
            swapper.join()
        self.assertEqual(os.listdir(self.outside), [])
        self.assertGreater(faults, 0, "no file ever met the link: the test saw nothing")

    def mounted(self, *options):
        """A file system of its own, or the test is passed over."""
        path = os.path.join(self.root, "mounted")
        os.makedirs(path, exist_ok=True)
        if subprocess.run(["mount", "-t", "tmpfs", *options, "none", path], capture_output=True).returncode:
            self.skipTest("a file system cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", path], check=True)
        return path

    def test_full_disk(self):
        """No room: it is said, the transfer ends, nothing partial stays."""
        self.served = self.mounted("-o", "size=4m")
        small = write(os.path.join(self.laptop, "small"), b"small")
        big = write(os.path.join(self.laptop, "big"), self.content(16 * MIB))
        t, here, there = self.put(small, big, small)
        self.assertEqual((here["fault"], there["fault"]), (fp.NO_SPACE, fp.NO_SPACE))
        self.assertIn(fp.NO_SPACE, [f[0] for f in t.laptop.faults])
        self.assertNotIn("big", os.listdir(self.served))
        self.assertEqual([n for n in os.listdir(self.served) if n.startswith(".farseat-")], [])

    def with_quota(self):
        """A folder in which 4 MiB may lie: a btrfs of its own, whose limits count for root, too."""
        image, path = os.path.join(self.root, "image"), self.root + "/mounted"
        if not shutil.which("mkfs.btrfs"):
            self.skipTest("btrfs-progs is not installed")
        with open(image, "wb") as f:
            f.truncate(128 * MIB)  # the least that btrfs takes is 109 MiB; next to nothing of it is written
        subprocess.run(["mkfs.btrfs", "-q", image], check=True, capture_output=True)
        os.mkdir(path)
        if subprocess.run(["mount", "-o", "loop", image, path], capture_output=True).returncode:
            self.skipTest("a btrfs cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", path], check=True)
        served = os.path.join(path, "served")
        for command in (["quota", "enable", path], ["subvolume", "create", served], ["qgroup", "limit", "4M", served]):
            subprocess.run(["btrfs", *command], check=True, capture_output=True)
        return served

    def test_quota(self):
        """The person may keep no more there: that is what both ends say, and nothing partial stays; what fits goes on to be copied later."""
        self.served = self.with_quota()
        small = write(os.path.join(self.laptop, "small"), b"small")
        big = write(os.path.join(self.laptop, "big"), self.content(16 * MIB))
        t, here, there = self.put(big)
        self.assertEqual((here["fault"], there["fault"]), (fp.QUOTA, fp.QUOTA))
        self.assertIn(fp.QUOTA, [f[0] for f in t.laptop.faults])
        self.assertEqual(os.listdir(self.served), [])
        _, here, _ = self.put(small)
        self.assertEqual((here["fault"], os.listdir(self.served)), (0, ["small"]))

    def test_read_only(self):
        """A read-only file system: said at once."""
        self.served = self.mounted("-o", "ro")
        t, here, there = self.put(write(os.path.join(self.laptop, "a"), b"a"))
        self.assertEqual(there["fault"], fp.READ_ONLY)

    def test_box(self):
        """What the process may reach, by its own words: the sandbox is in force, its folders alone are there."""
        wire, theirs = fp.pair()
        server = fp.Files(BUILD, fp.SERVE, [(self.served, self.served)], theirs)
        wire.send(fp.wrap(fp.order(fp.PUT, "", 0)))
        self.assertEqual(wire.recv(1000)[3], fp.OPENED)
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as f:
            status = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        wire.close()
        self.assertEqual(server.wait()["fault"], fp.IO)
