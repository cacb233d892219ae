"""A real sshd on loopback with keys and configuration of its own, and farseat-tunnel driven by hand."""
import os
import pty
import select
import shutil
import socket
import struct
import subprocess
import time

from lab import Failure, children_of, end, free_port, program, wait_for

SSHD = "/usr/sbin/sshd"


def missing():
    """Why SSH cannot be tested here, or None."""
    for tool in (SSHD, "ssh-keygen", "ssh-agent", "ssh-add"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if os.getuid() != 0:
        return "sshd needs root to log somebody in"
    try:
        program("farseat-tunnel")
    except Failure:
        return "built without farseat-tunnel"
    return None


def make_key(path, kind="ed25519", passphrase=""):
    """A key pair; returns the public line."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", path], check=True, stdin=subprocess.DEVNULL)
    with open(path + ".pub", encoding="ascii") as f:
        return f.read().strip()


class Sshd:
    """One server. Its user is whoever runs the tests; authorized_keys are its own."""

    def __init__(self, lab, name, options=(), environment=(), command=None, address="127.0.0.1"):
        self.lab = lab
        self.address = address
        self.folder = os.path.join(lab.folder, "sshd-" + name)
        os.mkdir(self.folder, 0o700)
        self.port = free_port()
        self.host_key = os.path.join(self.folder, "host_key")
        self.public = make_key(self.host_key)
        self.process = None
        self.authorized = os.path.join(self.folder, "authorized_keys")
        open(self.authorized, "w", encoding="ascii").close()
        self.config = os.path.join(self.folder, "sshd_config")
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        lines = [f"ListenAddress {address}:{self.port}", f"HostKey {self.host_key}", "PidFile none",
                 f"AuthorizedKeysFile {self.authorized}", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
                 "KbdInteractiveAuthentication no", "LogLevel VERBOSE", "MaxAuthTries 20", "PrintMotd no", *options]
        # What is said first counts: options that contradict a line above stand before it.
        lines = list(options) + lines
        if environment:
            lines.append("SetEnv " + " ".join(f'"{k}={v}"' for k, v in environment))
        with open(self.config, "w", encoding="ascii") as f:
            f.write("\n".join(lines) + "\n")
        self.log_path = os.path.join(self.folder, "log")
        self.command = command or [SSHD]
        lab.cleanup.callback(self.stop)
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.log_before = log.tell()
            self.process = subprocess.Popen([*self.command, "-D", "-e", "-f", self.config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        wait_for("sshd listens", self.listening)

    def listening(self):
        if self.process.poll() is not None:
            raise Failure(f"sshd ended with status {self.process.returncode}: {self.lines()}")
        with open(self.log_path, "rb") as f:  # without a connection: it may be in another network
            f.seek(self.log_before)
            return b"Server listening on" in f.read()

    def stop(self):
        end(self.process)

    def lines(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def allow(self, public, options=""):
        with open(self.authorized, "a", encoding="ascii") as f:
            f.write((options + " " if options else "") + public + "\n")

    def known_line(self, host=None, public=None):
        kind, key = (public or self.public).split()[:2]
        return f"[{host or self.address}]:{self.port} {kind} {key}\n"


def own_mounts_missing():
    """Why a server cannot have files of its own in /etc, or None."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        return "no mount namespaces here"
    return None


def with_files(lab, name, files):
    """A command for Sshd: a server that sees files {path below /etc: text} there, in a mount namespace of its own."""
    folder = os.path.join(lab.folder, "etc-" + name)
    os.mkdir(folder, 0o700)
    mounts = []
    for path, text in files.items():
        ours = os.path.join(folder, path.replace("/", "-"))
        with open(ours, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.write(text)
        os.chmod(ours, os.stat("/etc/" + path).st_mode & 0o777)
        mounts.append(f"mount --bind '{ours}' '/etc/{path}'")
    return ["unshare", "-m", "--propagation", "private", "sh", "-ec", "; ".join(mounts) + f'; exec {SSHD} "$@"', "sshd"]


def office(lab, kind=Sshd, **more):
    """A server of the workstation's own: its logins run the lab's farseatctl, which tells the lab's port."""
    lab.configure(f"[server]\nlisten = 127.0.0.1:{lab.port}\n")
    path = os.path.dirname(program("farseatctl")) + ":/usr/bin:/bin"
    return kind(lab, "office", environment=[("FARSEAT_HOME", lab.server_home), ("PATH", path)], **more)


class Agent:
    """An ssh-agent with the given keys."""

    def __init__(self, lab, keys):
        self.path = os.path.join(lab.folder, f"agent-{free_port()}")
        self.process = subprocess.Popen(["ssh-agent", "-D", "-a", self.path], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=lab.log)
        lab.cleanup.callback(lambda: end(self.process))
        wait_for("ssh-agent listens", self.listening)
        for key in keys:
            subprocess.run(["ssh-add", "-q", key], env={**os.environ, "SSH_AUTH_SOCK": self.path}, check=True,
                           stdin=subprocess.DEVNULL, capture_output=True)

    def listening(self):
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(self.path) == 0


def on_terminal(command, environment, talk):
    """A program with a terminal: talk is (what to wait for, what to type). Returns (status, all that was shown)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(command[0], command, environment)
    shown, talk, end_at = b"", list(talk), time.monotonic() + 60
    while time.monotonic() < end_at:
        ready, _, _ = select.select([fd], [], [], 0.5)
        if not ready:
            continue
        try:
            part = os.read(fd, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
        if talk and talk[0][0].encode() in shown:
            os.write(fd, talk.pop(0)[1].encode() + b"\n")
    os.close(fd)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown.decode(errors="replace")


# ---- farseat-tunnel by hand: records as common/ipc/records_tunnel.c has them ----

CONFIG, ANSWER, STEP, LOG = 120, 121, 97, 24
QUESTION, OPEN, FAILED, EXITED, ACCEPTED = 124, 125, 126, 127, 128
CONNECT, RUN, LISTEN = 0, 1, 2
FAULTS = ("", "network", "unknown", "changed", "revoked", "auth", "target", "protocol", "internal")


def text(value):
    raw = os.fsencode(value)
    return bytes([len(raw)]) + raw


class Fields:
    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def number(self, size):
        self.at += size
        return int.from_bytes(self.raw[self.at - size:self.at], "big")

    def bytes(self, size_bytes):
        n = self.number(size_bytes)
        self.at += n
        return self.raw[self.at - n:self.at].decode()


class Tunnel:
    """One farseat-tunnel, with this test as its parent."""

    def __init__(self, lab, port, *, mode=CONNECT, host=None, user="root", target="127.0.0.1", target_port=0, command="",
                 identities=(), known_hosts=(), agent="", ask=False, identities_only=False, address="127.0.0.1",
                 command_line=None):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel, self.stream, stream = ours, None, None
        fd = theirs.fileno()

        def place():
            os.dup2(fd, 3)
            os.set_inheritable(3, True)

        self.process = subprocess.Popen(command_line or [program("farseat-tunnel")], pass_fds=[3, fd] if fd != 3 else [3],
                                        preexec_fn=place, close_fds=True, stdin=subprocess.DEVNULL, stdout=lab.log, stderr=lab.log)
        theirs.close()
        lab.cleanup.callback(self.stop)
        config = bytes([CONFIG, mode, 1, int(ask), int(identities_only)]) + text(host or f"[127.0.0.1]:{port}") + \
            text(address) + struct.pack(">H", port) + text(user) + text(target) + struct.pack(">H", target_port) + \
            text(command) + text(agent) + bytes([len(identities)]) + b"".join(map(text, identities)) + \
            bytes([len(known_hosts)]) + b"".join(map(text, known_hosts))
        fds = []
        if mode != LISTEN:
            self.stream, stream = socket.socketpair()
            self.stream.settimeout(20)
            fds = [stream.fileno()]
        socket.send_fds(ours, [config], fds)
        if stream:
            stream.close()
        ours.settimeout(20)
        self.steps = []

    def next(self):
        """The next record but steps and log: (type, Fields, descriptors); (0, None, []) at the end."""
        while True:
            raw, fds, _, _ = socket.recv_fds(self.channel, 98304, 1)
            if not raw:
                return 0, None, []
            if raw[0] == STEP:
                self.steps.append(Fields(raw[1:]).bytes(1))
            elif raw[0] != LOG:
                return raw[0], Fields(raw[1:]), fds

    def opened(self):
        kind, fields, _ = self.next()
        if kind == FAILED:
            raise Failure("the tunnel failed: " + str(self.fault_of(fields)))
        if kind != OPEN:
            raise Failure(f"record {kind} instead of OPEN")
        return {"fingerprint": fields.bytes(1), "method": fields.bytes(1), "suite": fields.bytes(1), "port": fields.number(2)}

    @staticmethod
    def fault_of(fields):
        fault, retry, reason = fields.number(1), fields.number(1), fields.bytes(1)
        return FAULTS[fault], bool(retry), reason

    def fault(self):
        kind, fields, _ = self.next()
        if kind != FAILED:
            raise Failure(f"record {kind} instead of FAILED")
        return self.fault_of(fields)

    def question(self):
        kind, f, _ = self.next()
        if kind != QUESTION:
            raise Failure(f"record {kind} instead of QUESTION: {self.fault_of(f) if kind == FAILED else ''}")
        return self.question_of(f)

    @staticmethod
    def question_of(f):
        what, about, instruction = f.number(1), f.bytes(1), f.bytes(1)
        prompts = [(f.bytes(1), f.number(1)) for _ in range(f.number(1))]
        return {"kind": what, "about": about, "instruction": instruction, "prompts": prompts, "type": f.bytes(1),
                "key": f.bytes(2), "fingerprint": f.bytes(1)}

    def answer(self, *texts):
        self.channel.send(bytes([ANSWER, int(bool(texts)), len(texts)]) + b"".join(map(text, texts)))

    def stop(self):
        for s in (self.channel, self.stream):
            if s:
                s.close()
        end(self.process)


def descendants(sshd):
    """The processes of a server's logins."""
    return children_of(sshd.process.pid)
