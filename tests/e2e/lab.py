"""A workstation and a laptop on this machine: real programs, own folders, own X displays, loopback only.

Everything that a Lab starts is a child of it, ends with it, and is ended by pid.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("FARSEAT_E2E_BUILD", "")
SCREEN = "1920x1080"
PATIENCE_S = 20  # for anything that must happen; what is measured has its own limit
CHOSEN = bytes((0x3f, 0xa7, 0x96)) * 16  # a run of the chosen button's colour; the stripe of a card is not so wide


class Failure(AssertionError):
    """Something took too long, or a program ended that should not have."""


def program(name):
    """The path of a program of the build."""
    for part in ("client/app", "client/link", "client/tunnel", "server/supervisor", "server/admin", "server/worker", "server/agent", "tests/support",
                 "tests/support/wayland", "tests/support/raw_client", "tests/support/linkem", "tests/support/clockshift", "tests/support/delays", "tests/bench"):
        path = os.path.join(BUILD, part, name)
        if os.path.isfile(path):
            return path
    raise Failure(f"{name} is not in the build {BUILD}")


def wait_for(what, condition, timeout_s=PATIENCE_S, pause_s=0.02):
    """Polls until condition() is true and returns its value."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {timeout_s} s")
        time.sleep(pause_s)


def within(limit_ms, measure):
    """measure() does something once and returns its milliseconds. Longer than limit_ms it may take once of three times: a busy machine
    spoils one try, a slow program all of them."""
    times = [measure()]
    if times[0] > limit_ms:
        times += [measure(), measure()]
    if sorted(times)[len(times) // 2] > limit_ms:
        raise Failure(f"it took {', '.join(f'{t:.0f}' for t in times)} ms, not {limit_ms} ms")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def children_of(pid):
    """All descendants' pids."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                parents.setdefault(int(fields[1]), []).append(int(entry))
    out, todo = [], [pid]
    while todo:
        for child in parents.get(todo.pop(), []):
            out.append(child)
            todo.append(child)
    return out


def name_of(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
            return f.read().strip()
    return ""


def alive(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    return False


class Display:
    """An Xvfb of its own, on a number that it chose itself unless it has a name already."""

    def __init__(self, log, screen=SCREEN, name=None, depth=24):
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", *([name] if name else []), "-displayfd", str(write), "-screen", "0", f"{screen}x{depth}", "-nolisten", "tcp", "-noreset",
             "-dpi", "96"],
            pass_fds=[write], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(write)
        with os.fdopen(read) as f:
            line = f.readline().strip()
        if not line:
            raise Failure("Xvfb did not start")
        self.name = ":" + line

    def environment(self):
        return {**os.environ, "DISPLAY": self.name}

    def keys_down(self):
        return subprocess.run([program("xlook"), "down", self.name], capture_output=True, text=True, check=True).stdout.split()

    def xdotool(self, *arguments):
        return subprocess.run(["xdotool", *arguments], env=self.environment(), check=True, timeout=PATIENCE_S, capture_output=True,
                              text=True).stdout

    def pointer(self):
        """Where its pointer is: (x, y)."""
        place = dict(line.split("=") for line in self.xdotool("getmouselocation", "--shell").split())
        return int(place["X"]), int(place["Y"])

    def picture(self):
        """What stands on it: (its width, RGB bytes). The pointer does not count."""
        with tempfile.NamedTemporaryFile() as shot:
            subprocess.run([program("xlook"), "ppm", self.name, shot.name], check=True)
            head, size, top, pixels = shot.read().split(b"\n", 3)
        if (head, top) != (b"P6", b"255"):
            raise Failure(f"xlook wrote no PPM of {self.name}")
        return int(size.split()[0]), pixels

    def white(self, x, y, side):
        """Whether a square of it is white."""
        width, pixels = self.picture()
        return all(pixels[3 * (row * width + x):3 * (row * width + x + side)] == b"\xff" * 3 * side for row in range(y, y + side))

    def stop(self):
        end(self.process)


def end(process, timeout_s=15):
    """Ends a child by pid: TERM, then KILL. Returns its status."""
    if process is None:
        return None
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()
    return process.returncode


class Canvas:
    """Draws on a display by commands (tests/support/xdraw.c, tests/support/wayland/wdraw.c)."""

    def __init__(self, display):
        self.process = subprocess.Popen([program("wdraw" if "/" in display.name else "xdraw"), display.name], env=display.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != "done":
            raise Failure(f"what draws does not answer to: {command}")

    def stop(self):
        end(self.process)


class Link:
    """Two networks and a link between them with faults by command (tests/support/linkem)."""

    @staticmethod
    def possible():
        return os.geteuid() == 0 and os.path.exists("/dev/net/tun") and shutil.which("nsenter") is not None

    def __init__(self, log):
        self.process = subprocess.Popen([program("linkem")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        self.near = self.network("near")
        self.far = self.network("far")

    def network(self, name):
        word, _, path = self.process.stdout.readline().strip().partition(" ")
        if word != name:
            raise Failure("linkem did not start")
        return ["nsenter", f"--net={path}"]

    def __call__(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != "done":
            raise Failure(f"linkem does not answer to: {command}")

    def stop(self):
        end(self.process)


class Lab:
    """One workstation with its daemon, and as many laptops as wanted."""

    def __init__(self, screen=SCREEN, kind=Display):
        """kind: what makes the workstation's display, Display or sway.Sway."""
        self.kind = kind
        self.folder = tempfile.mkdtemp(prefix="farseat-e2e-")
        self.log_path = os.path.join(self.folder, "log")
        self.log = open(self.log_path, "ab")
        self.screen = screen
        self.server_home = os.path.join(self.folder, "workstation")
        self.port = free_port()
        self.cleanup = contextlib.ExitStack()
        self.daemon = None
        self.display = None
        self.host = "127.0.0.1"  # where laptops look for the daemon
        self.prefix = []  # in front of the daemon's command: what puts it into another network
        self.laptop_prefix = []
        os.mkdir(self.server_home, 0o700)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop_daemon()
        self.cleanup.close()
        self.log.close()
        if kind and kind.__name__ not in ("SkipTest",):
            with open(self.log_path, encoding="utf-8", errors="replace") as f:
                print("--- the programs' log:\n" + "".join(f.readlines()[-80:]), flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- the workstation
    def server_environment(self, **extra):
        e = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "XAUTHORITY")}
        return {**e, "FARSEAT_HOME": self.server_home, "FARSEAT_LOG": os.environ.get("FARSEAT_LOG", "info"), **extra}

    def ctl(self, *arguments, check=True, home=None, stdin=None):
        """farseatctl; returns the finished process."""
        e = self.server_environment()
        if home:
            e["FARSEAT_HOME"] = home
        r = subprocess.run([program("farseatctl"), *arguments], env=e, capture_output=True, text=True, timeout=30, input=stdin)
        if check and r.returncode != 0:
            raise Failure(f"farseatctl {' '.join(arguments)}: status {r.returncode}: {r.stderr}")
        return r

    def ctl_json(self, *arguments):
        return json.loads(self.ctl(*arguments, "--json").stdout)

    def start_display(self, name=None):
        self.display = self.kind(self.log, self.screen, name) if name else self.kind(self.log, self.screen)
        self.cleanup.callback(self.display.stop)
        return self.display

    def start_daemon(self, *arguments, environment=None):
        """farseatd on a loopback port; attached to the lab's display unless told otherwise."""
        if not arguments:
            if not self.display:
                self.start_display()
            arguments = ("--wayland" if "/" in self.display.name else "--display", self.display.name)
        self.daemon = subprocess.Popen(
            [*self.prefix, program("farseatd"), "--listen", f"{self.host}:{self.port}", *arguments],
            env=self.server_environment(**(environment or {})), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for("farseatd listens", self.listening)

    def listening(self):
        if self.daemon.poll() is not None:
            raise Failure(f"farseatd ended with status {self.daemon.returncode}")
        if self.prefix:
            return self.ctl("status", check=False).returncode == 0
        with socket.socket() as s:
            s.settimeout(1)
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop_daemon(self):
        status = end(self.daemon)
        self.daemon = None
        return status

    def init(self):
        self.ctl("init")

    def share(self, picture="photo 1"):
        """init, a daemon on the lab's display and a picture on it; returns what draws there. Without a picture the screen is as black as that of
        a laptop that shows nothing yet."""
        self.init()
        self.start_daemon()
        canvas = Canvas(self.display)
        self.cleanup.callback(canvas.stop)
        canvas(picture)
        return canvas

    def share_with_window(self):
        """The same, and an enrolled laptop whose window shows the first picture: (what draws, laptop)."""
        canvas = self.share("photo 1")
        laptop = self.enrolled()
        laptop.connect()
        laptop.same_ms(15000)
        return canvas, laptop

    def configure(self, text):
        with open(os.path.join(self.server_home, "config", "farseat.conf"), "w", encoding="ascii") as f:
            f.write(text)

    def over_link(self):
        """Before init: workstation and laptops stand at the two ends of a link, which is returned."""
        link = Link(self.log)
        self.cleanup.callback(link.stop)
        self.host = "10.77.0.2"
        self.prefix, self.laptop_prefix = link.far, link.near
        return link

    def pid_of(self, name):
        """The pid of the daemon's child of that name, or None."""
        for pid in children_of(self.daemon.pid):
            if name_of(pid) == name[:15]:
                return pid
        return None

    def sessions(self):
        return self.ctl_json("sessions")["sessions"]

    def lines(self):
        self.log.flush()
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    # -- laptops
    def laptop(self, name="laptop"):
        return Laptop(self, name)

    def enrolled(self, name="laptop", role="control"):
        """A laptop that has spent an invitation."""
        laptop = self.laptop(name)
        laptop.enroll(self.invite(name, role))
        return laptop

    def invite(self, name, role="control", *more):
        return self.ctl("invite", name, "--role", role, "--address", f"{self.host}:{self.port}", *more).stdout.strip()


class Laptop:
    """A client's files and display."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.home = os.path.join(lab.folder, "laptop-" + name)
        os.mkdir(self.home, 0o700)
        self.display = None
        self.window = None

    def environment(self, display=None):
        e = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY")}
        e.update(FARSEAT_HOME=self.home, FARSEAT_LOG=os.environ.get("FARSEAT_LOG", "info"))
        if display:
            e["DISPLAY"] = display.name
        return e

    def run(self, *arguments, check=True, timeout_s=PATIENCE_S, stdin=""):
        """farseat, without a display."""
        r = subprocess.run([*self.lab.laptop_prefix, program("farseat"), *arguments], env=self.environment(), capture_output=True, text=True,
                           timeout=timeout_s, input=stdin)
        if check and r.returncode != 0:
            raise Failure(f"farseat {' '.join(arguments)}: status {r.returncode}: {r.stderr}")
        return r

    @property
    def conf(self):
        """What the laptop knows of the workstation."""
        return os.path.join(self.home, "data", "workstations", "office", "workstation.conf")

    def edit_conf(self, pattern, new):
        """Replaces what a regular expression finds in workstation.conf; returns what puts it back."""
        with open(self.conf, encoding="utf-8") as f:
            before = f.read()
        after = re.sub(pattern, new, before, flags=re.MULTILINE)
        if after == before:
            raise Failure(f"{pattern} is not in {self.conf}, or says the same:\n{before}")

        self.put_conf(after)
        return lambda: self.put_conf(before)

    def put_conf(self, text):
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(text)

    def enroll(self, invitation, check=True):
        return self.run("enroll", invitation, "--name", "office", check=check)

    def start_display(self, depth=24):
        self.display = Display(self.lab.log, self.lab.screen, depth=depth)
        self.lab.cleanup.callback(self.display.stop)

    def remember_seen(self):
        """As if the window had been shown before: then no hint lies over the picture."""
        seen = os.path.join(self.home, "state", "seen")
        os.makedirs(seen, mode=0o700, exist_ok=True)
        with open(os.path.join(seen, "office"), "a", encoding="ascii") as f:
            f.write("" if f.tell() else f"{int(time.time())}\n")

    def connect(self, *arguments, environment=None, first=False, fullscreen=True):
        """Opens the window on a display of its own; waits for nothing."""
        if not self.display:
            self.start_display()
        if not first:
            self.remember_seen()
        self.window = subprocess.Popen([*self.lab.laptop_prefix, program("farseat"), "connect", "office", *(["--fullscreen"] if fullscreen else []), *arguments],
                                       env={**self.environment(self.display), **(environment or {})}, stdin=subprocess.DEVNULL,
                                       stdout=self.lab.log, stderr=self.lab.log)
        window = self.window
        self.lab.cleanup.callback(lambda: end(window))
        return window

    def link_pid(self):
        """The pid of the window's farseat-link, or None."""
        return next((p for p in children_of(self.window.pid) if name_of(p) == "farseat-link"), None)

    def wait_for_card(self):
        """Until a card stands whose chosen button is to be seen: from then on it takes keys."""
        wait_for("the card's chosen button", lambda: CHOSEN in self.display.picture()[1])

    def close(self):
        status = end(self.window)
        self.window = None
        return status

    def same_ms(self, timeout_ms=PATIENCE_S * 1000):
        """Milliseconds until the window equals the workstation's display bit for bit; fails when it never does."""
        if self.window.poll() is not None:
            raise Failure(f"the client ended with status {self.window.returncode}")
        r = subprocess.run([program("xlook"), "same", self.lab.display.name, self.display.name, str(timeout_ms)],
                           capture_output=True, text=True)
        if r.returncode != 0:
            raise Failure("the window is not equal to the display: " + (r.stdout or r.stderr).strip())
        return int(r.stdout)

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *arguments], env=self.environment(self.display), check=True, timeout=PATIENCE_S,
                       capture_output=True)


def kill9(pid):
    os.kill(pid, signal.SIGKILL)
