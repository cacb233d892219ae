"""A Wayland compositor without a screen: sway, in a root file system of its own, as an ordinary user."""
import glob
import os
import shutil
import socket
import struct
import subprocess
import tempfile

from desktop import USER, root_of_desktop
from lab import PATIENCE_S, Failure, end, program, wait_for

SWAY_CONF = """xwayland disable
output HEADLESS-1 mode {size}@144Hz position 0 0 scale {scale} bg #000000 solid_color
default_border none
focus_on_window_activation focus
"""


def runtime_folder(root, **files):
    """A folder of the person's in that root file system, with these files: its path here, and there."""
    folder = tempfile.mkdtemp(prefix="sway-", dir=os.path.join(root, "tmp"))
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as f:
            f.write(text)
    os.chmod(folder, 0o700)
    os.chown(folder, USER, USER)
    return folder, folder[len(root):]


class Sway:
    """Stands where a Display stands; its name is the path of its socket."""

    def __init__(self, log, screen, scale=1):
        self.root = root_of_desktop()
        self.folder, inside = runtime_folder(self.root, conf=SWAY_CONF.format(size=screen, scale=scale))
        environment = {"PATH": "/usr/bin:/bin", "HOME": inside, "XDG_RUNTIME_DIR": inside, "WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman",
                       "WLR_LIBINPUT_NO_DEVICES": "1", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen([shutil.which("chroot"), f"--userspec={USER}:{USER}", self.root, "sway", "-c", inside + "/conf"], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.name = os.path.join(self.folder, "wayland-1")
        try:
            wait_for("sway listens", self.listens)
        except Failure:
            self.stop()
            raise

    def listens(self):
        if self.process.poll() is not None:
            raise Failure(f"sway ended with status {self.process.returncode}")
        return os.path.exists(self.name)

    def message(self, *words):
        """swaymsg: whether it did what it was told."""
        socket = glob.glob(os.path.join(self.folder, "sway-ipc.*.sock"))[0]
        return self.run("swaymsg", "-s", socket[len(self.root):], *words) is not None

    def environment(self):
        return {**{k: v for k, v in os.environ.items() if k != "DISPLAY"}, "WAYLAND_DISPLAY": self.name}

    def window_of(self, lab, laptop):
        """A laptop's window in full screen on it, once it has its session."""
        laptop.remember_seen()
        window = subprocess.Popen([program("farseat"), "connect", "office", "--fullscreen"],
                                  env={**laptop.environment(), "SDL_VIDEODRIVER": "wayland", "WAYLAND_DISPLAY": self.name,
                                       "XDG_RUNTIME_DIR": self.folder}, stdin=subprocess.DEVNULL, stdout=lab.log, stderr=lab.log)
        lab.cleanup.callback(end, window)
        wait_for("the window has its session", lab.sessions)

    def there(self, *command):
        """What starts a program of the person's, in their root file system."""
        inside = self.folder[len(self.root):]
        return {"args": [shutil.which("chroot"), f"--userspec={USER}:{USER}", self.root, *command],
                "env": {"PATH": "/usr/bin:/bin", "HOME": inside, "LANG": "C.UTF-8", **self.inside()}}

    def inside(self):
        """Where programs in its root file system find it."""
        return {"XDG_RUNTIME_DIR": self.folder[len(self.root):], "WAYLAND_DISPLAY": os.path.basename(self.name)}

    def run(self, *command):
        """What it prints; None where it fails."""
        r = subprocess.run(**self.there(*command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE_S)
        return r.stdout if r.returncode == 0 else None

    def copy(self, content, *options):
        """By wl-copy."""
        wait_for("it is copied", lambda: self.copy_once(content, options) is not None)

    def copy_once(self, content, options):
        # It stays behind as the owner, and would keep a pipe of ours open.
        path = os.path.join(self.folder, "copied")
        with open(path, "wb") as f:
            f.write(content)
        os.chmod(path, 0o644)
        inside = path[len(self.root):]
        return self.run("sh", "-c", f'exec wl-copy "$@" <{inside} >/dev/null 2>&1', "sh", *options)

    def order(self, command):
        """As the person would by swaymsg."""
        path = next(os.path.join(self.folder, name) for name in os.listdir(self.folder) if name.startswith("sway-ipc."))
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            s.sendall(b"i3-ipc" + struct.pack("=II", len(command), 0) + command.encode())
            answer = s.recv(4096)
        if b'"success": true' not in answer:
            raise Failure(f"sway does not {command}: {answer}")

    def stop(self):
        end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


class OwnSway:
    """A sway that farseatd starts: `command` is what a person would have as sway in PATH, in its root file system and as an ordinary user."""

    def __init__(self, lab):
        self.root = root_of_desktop()
        self.folder, inside = runtime_folder(self.root, conf="xwayland disable\noutput * bg #000000 solid_color\ndefault_border none\n")
        lab.cleanup.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.lab = lab
        self.command = os.path.join(lab.folder, "sway")
        with open(self.command, "w", encoding="ascii") as f:
            f.write(f"#!/bin/sh\nHOME={inside} XDG_RUNTIME_DIR={inside} PATH=/usr/bin:/bin exec {shutil.which('chroot')} --userspec={USER}:{USER} {self.root} sway -c {inside}/conf\n")
        os.chmod(self.command, 0o755)

    @property
    def name(self):
        return self.lab.ctl_json("status")["daemon"]["display"]

    environment = Sway.environment
