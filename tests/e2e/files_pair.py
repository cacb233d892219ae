"""Two farseat-files joined by a socketpair, as worker and link would join them, and the records of their parents.

One is the workstation's (it serves a folder), the other the laptop's (it sends, or receives). In between may stand a Relay,
which can count, cut and forge what passes.
"""
import array
import os
import select
import signal
import socket
import struct
import subprocess
import threading

CONFIG, PLACE, GO, CANCEL, PROGRESS, FAULT, RESULT = range(136, 143)
LOG = 24
RECORD_WIRE = 112
SEND, RECEIVE, SERVE = range(3)
PUT, GET, SFTP, OPENED, TOTAL, ENTRY, DATA, SKIP, END, LAST, HAVE, ACK, FILE_FAULT, CLOSE, STOP, STREAM = range(96, 112)
FORCE, MANY, RECURSIVE, LINKS = 1, 2, 1, 2
TRANSFER = 7
EXISTS, NOT_FOUND, DENIED, NO_SPACE, QUOTA, READ_ONLY, BAD_NAME, TOO_DEEP, IS_LINK, SPECIAL, IS_FOLDER, NO_FOLDER, IO = range(1, 14)
CHANGED, DAMAGED, TOO_LARGE, BUSY, OUTSIDE, STOPPED, NOT_ALLOWED, UNAVAILABLE, PROTOCOL, INTERNAL = range(14, 24)


def blob(value):
    value = os.fsencode(value)
    return struct.pack(">H", len(value)) + value


def message(kind, payload, transfer=TRANSFER):
    payload = bytes([transfer]) + payload
    return struct.pack(">BBH", kind, 0, len(payload)) + payload


def order(kind, path, flags):
    return message(kind, bytes([flags]) + blob(path))


def entry(number, path, size=0, kind=0, mode=0o644, mtime=1000, target=b""):
    return message(ENTRY, struct.pack(">IBHqIQ", number, kind, mode, mtime, 0, size) + blob(path) + blob(target))


def pair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_record(sock, kind, body=b"", fd=None):
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))] if fd is not None else []
    sock.sendmsg([bytes([kind]) + body], ancillary)


class Files:
    """One farseat-files and its parent's end."""

    def __init__(self, build, role, places, wire, force=False, links=False, rename="", home="", caps=0x60):
        self.faults, self.log, self.result, self.progress = [], [], None, []
        self.parent, theirs = pair()
        program = os.path.join(build, "common/files/farseat-files")
        # the channels become descriptors 3 and 4, whatever numbers they have here
        fds = [os.dup(theirs.fileno()), os.dup(wire.fileno())]
        high = [os.dup2(fd, 200 + i, inheritable=True) for i, fd in enumerate(fds)]
        command = f"exec {program} 3<&{high[0]} 4<&{high[1]} {high[0]}<&- {high[1]}<&-"
        self.process = subprocess.Popen(["/bin/bash", "-c", command], pass_fds=high, stderr=subprocess.PIPE, text=True)
        for fd in fds + high:
            os.close(fd)
        theirs.close()
        wire.close()
        send_record(self.parent, CONFIG,
                    struct.pack(">BB??I", role, TRANSFER, force, links, caps) + blob(rename) + blob(home))
        for name, place in places:
            fd = place if isinstance(place, int) else os.open(place, os.O_RDONLY)
            send_record(self.parent, PLACE, blob(name), fd)
            if not isinstance(place, int):
                os.close(fd)
        send_record(self.parent, GO)

    def take(self, timeout_s):
        """One record of it; False when its channel has ended."""
        if not select.select([self.parent], [], [], timeout_s)[0]:
            raise TimeoutError("farseat-files says nothing")
        try:
            packet = self.parent.recv(100000)
        except ConnectionResetError:
            return False
        if not packet:
            return False
        kind, body = packet[0], packet[1:]
        if kind == FAULT:
            self.faults.append((body[0], bool(body[1]), body[4:]))
        elif kind == PROGRESS:
            self.progress.append(struct.unpack(">IIQQ", body[:24]))
        elif kind == LOG:
            self.log.append(body[3:].decode())
        elif kind == RESULT:
            fault, there, sent, files, faults, size = struct.unpack(">B??IIQ", body[:19])
            self.result = dict(fault=fault, there=there, sent=sent, files=files, faults=faults, bytes=size, name=body[21:])
        return True

    def wait(self, timeout_s=60):
        """Its result, when it has exited; None when it told none."""
        while self.take(timeout_s):
            pass
        self.process.wait(timeout_s)
        self.parent.close()
        self.stderr = self.process.stderr.read()
        self.process.stderr.close()
        return self.result

    def cancel(self):
        send_record(self.parent, CANCEL)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)


class Relay(threading.Thread):
    """Passes records on between two sockets, at most `window` bytes of DATA ahead of ACK, as worker and link do, until
    cut_after bytes have passed."""

    def __init__(self, one, other, cut_after=None):
        super().__init__()
        self.ends, self.cut_after = (one, other), cut_after
        self.passed, self.kinds, self.data_bytes, self.kept_bytes, self.total = 0, {}, 0, 0, None
        self.start()

    def run(self):
        other = {self.ends[0]: self.ends[1], self.ends[1]: self.ends[0]}
        open_ends = set(self.ends)
        while open_ends == set(self.ends):
            for end in select.select(list(open_ends), [], [], 30)[0]:
                try:
                    packet = end.recv(100000)
                except ConnectionResetError:
                    packet = b""
                if not packet or (self.cut_after is not None and self.passed >= self.cut_after):
                    open_ends.discard(end)
                    break
                self.count(packet)
                try:
                    other[end].send(packet)
                except (BrokenPipeError, ConnectionResetError):
                    open_ends.discard(end)
                    break
        for end in self.ends:
            end.close()

    def count(self, packet):
        kind = packet[3]
        self.passed += len(packet)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if kind == TOTAL:
            self.total = struct.unpack(">IQ", packet[8:20])
        if kind == DATA:
            self.data_bytes += len(packet) - 8
        if kind == SKIP and packet[8]:
            self.kept_bytes += struct.unpack(">Q", packet[9:17])[0]


def wrap(wire_message):
    return bytes([RECORD_WIRE]) + struct.pack(">H", len(wire_message)) + wire_message


class Transfer:
    """PUT or GET between two of them, with a relay."""

    def __init__(self, build, served, cut_after=None, caps=0x60, home=""):
        self.build = build
        self.laptop_wire, a = pair()
        b, self.server_wire = pair()
        self.relay_ends, self.cut_after = (a, b), cut_after
        places = [(served, served)] if isinstance(served, str) else served
        self.server = Files(build, SERVE, places, self.server_wire, caps=caps, home=home)

    def put(self, sources, path="", flags=0, links=False):
        self.relay_ends[1].send(wrap(order(PUT, path, flags)))
        places = [(os.path.basename(s), s) if isinstance(s, str) else s for s in sources]
        self.laptop = Files(self.build, SEND, places, self.laptop_wire, links=links)
        self.relay = Relay(*self.relay_ends, cut_after=self.cut_after)
        return self

    def get(self, path, into, flags=0, rename="", force=False):
        self.relay_ends[1].send(wrap(order(GET, path, flags)))
        self.laptop = Files(self.build, RECEIVE, [("", into)], self.laptop_wire, force=force, rename=rename)
        self.relay = Relay(*self.relay_ends, cut_after=self.cut_after)
        return self

    def wait(self, timeout_s=120):
        """The results of the laptop's and of the workstation's."""
        results = self.laptop.wait(timeout_s), self.server.wait(timeout_s)
        self.relay.join()
        return results
