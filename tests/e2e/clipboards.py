"""Programs that copy and paste, for the tests of the clipboard: xclip, and an owner that shows who asks it (tests/support/xclaim.c)."""
import os
import select
import subprocess

from lab import PATIENCE_S, Failure, end, program, wait_for


# Right to left, beyond the basic plane, both ends of a line.
LINES = "שלום, κόσμε 🖐\r\nzweite Zeile\n"
META = b'<meta http-equiv="content-type" content="text/html; charset=utf-8">'  # with which HTML arrives, however it left


def copy(display, content, selection="clipboard", target=None):
    """Owns the selection until somebody else does; the process. content is text or bytes."""
    owner = subprocess.Popen(["xclip", "-quiet", "-in", "-selection", selection, *(["-target", target] if target else [])],
                             env=display.environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    owner.stdin.write(content.encode() if isinstance(content, str) else content)
    owner.stdin.close()
    return owner


SOON_S = 3  # what this machine's own programs need


def paste_bytes(display, target, selection="clipboard", timeout_s=PATIENCE_S):
    """What a program gets; None where it gets nothing. xclip as the owner drops questions while it gives somebody a large text, and xclip
    as the asker waits for ever then: who waits asks again."""
    try:
        r = subprocess.run(["xclip", "-out", "-selection", selection, "-target", target], env=display.environment(), capture_output=True,
                           timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return None
    return r.stdout if r.returncode == 0 else None


def paste(display, selection="clipboard", timeout_s=PATIENCE_S):
    text = paste_bytes(display, "UTF8_STRING", selection, timeout_s)
    return text.decode() if text is not None else None


def targets(display, selection="clipboard"):
    """The names of what is there, without asking for any of it."""
    return (paste_bytes(display, "TARGETS", selection, SOON_S) or b"").decode().split()


def is_shared(display, selection="clipboard"):
    """Whether a Farseat owns it, and has something."""
    names = targets(display, selection)
    return "_FARSEAT_ORIGIN" in names and bool({"UTF8_STRING", "text/html", "image/png", "text/rtf"} & set(names))


class Claim:
    """Owns the clipboard with several targets at once, and knows who has asked for which."""

    def __init__(self, display, **targets_):
        self.seen = []
        self.process = subprocess.Popen([program("xclaim"), display.name, "clipboard", *self.words(targets_)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        wait_for("it is owned", lambda: "owned" in self.lines())

    @staticmethod
    def words(targets_):
        return [f"{name}={text}" for name, text in targets_.items()]

    def again(self, **targets_):
        """Copies something else, and waits until somebody has looked at the names of that."""
        count = self.lines().count("asked TARGETS")
        self.process.stdin.write("\t".join(self.words(targets_)).encode() + b"\n")
        self.process.stdin.flush()
        wait_for("its names are looked at", lambda: self.lines().count("asked TARGETS") > count)

    def lines(self):
        """All that it has said so far."""
        while select.select([self.process.stdout], [], [], 0)[0]:
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                break
            self.seen.append(data)
        lines = b"".join(self.seen).decode().splitlines()
        if "refused" in lines:
            raise Failure("the display did not let it own the clipboard")
        return lines

    def asked(self):
        """What was asked for beside the names."""
        return [line.split()[1] for line in self.lines() if line.startswith("asked ") and line != "asked TARGETS"]

    def lost(self):
        return "lost" in self.lines()

    def stop(self):
        end(self.process)
