"""Programs of a person's desktop as they are, in a root file system of their own (tests/support/desktop.sh) and as an ordinary user."""
import functools
import os
import shutil
import subprocess
import tempfile
import unittest

from lab import HERE, PATIENCE_S, Failure, end

USER = 65534  # nobody: a person is not root, and sway refuses to be


@functools.cache
def root_of_desktop():
    """The path of the root file system; skips the test where there can be none."""
    r = subprocess.run(["bash", os.path.join(HERE, "..", "support", "desktop.sh")], capture_output=True, text=True)
    last = (r.stdout.strip().splitlines() or [r.stderr.strip()])[-1]
    if r.returncode == 77:
        raise unittest.SkipTest(last)
    if r.returncode != 0:
        raise Failure(f"tests/support/desktop.sh: {last}")
    return last


def slow_programs():
    """Skips the test but where it was asked for: Firefox may take longer to start than all other tests of the clipboard together."""
    if not os.environ.get("FARSEAT_SLOW_PROGRAMS"):
        raise unittest.SkipTest("with FARSEAT_SLOW_PROGRAMS=1 alone: it takes a busy machine minutes")


class Home:
    """A folder of the person's there, and what is started with it; all of that ends with stop()."""

    def __init__(self, log, **environment):
        """environment: which display, at least."""
        self.root = root_of_desktop()
        self.log = log
        self.folder = tempfile.mkdtemp(prefix="home-", dir=os.path.join(self.root, "tmp"))
        self.inside = self.folder[len(self.root):]
        os.chown(self.folder, USER, USER)
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": self.inside, "XDG_RUNTIME_DIR": self.inside, "LANG": "C.UTF-8", **environment}
        self.processes = []

    def command(self, *command):
        return [shutil.which("unshare"), "--pid", "--fork", "--kill-child=KILL", f"--mount-proc={self.root}/proc",  # Firefox finds itself by /proc
                shutil.which("chroot"), f"--userspec={USER}:{USER}", self.root, *command]

    def start(self, *command, stdin=subprocess.DEVNULL, stdout=None):
        """A process; whatever it starts ends with it."""
        process = subprocess.Popen(self.command(*command), env=self.environment, stdin=stdin, stdout=stdout or self.log, stderr=self.log)
        self.processes.append(process)
        return process

    def put(self, name, content):
        """Makes a file, and says how the programs call it."""
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(content)
        os.chmod(path, 0o644)
        return os.path.join(self.inside, name)

    def stop(self):
        for process in self.processes:
            process.kill()  # unshare takes no SIGTERM; with it all dies that it has started
            end(process)
        shutil.rmtree(self.folder, ignore_errors=True)


KINDS = {"text": "text", "html": "text/html", "png": "image/png"}  # text: as the toolkit itself copies and pastes one


class Toolkit:
    """A program of GTK or Qt that copies and pastes when it is told to (tests/support/toolkits)."""

    def __init__(self, home, name):
        self.home = home
        self.name = name
        with open(os.path.join(HERE, "..", "support", "toolkits", f"{name}_clipboard.py"), "rb") as f:
            program = home.put(f"{name}.py", f.read())
        self.process = home.start("python3", program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answer()

    def answer(self):
        line = self.process.stdout.readline().decode().strip()
        if line not in ("done", "nothing"):
            raise Failure(f"the program of {self.name} said {line!r}")
        return line == "done"

    def order(self, *words):
        self.process.stdin.write(" ".join(words).encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def copy(self, **targets):
        """Owns the clipboard with these, by the names of KINDS."""
        words = []
        for name, content in targets.items():
            words += [KINDS[name], self.home.put(f"{self.name}-{name}", content)]
        if not self.order("copy", *words):
            raise Failure(f"the program of {self.name} could not copy")

    def paste(self, name):
        """What it gets; None for nothing."""
        path = os.path.join(self.home.folder, f"{self.name}-pasted")
        if not self.order("paste", KINDS[name], os.path.join(self.home.inside, f"{self.name}-pasted")):
            return None
        with open(path, "rb") as f:
            return f.read()
