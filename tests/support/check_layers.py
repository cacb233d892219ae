#!/usr/bin/python3
"""Keeps the layers: which folder may include what, and which library is seen where.

The table is the architecture; a new arrow is drawn here first, with its reason.
Prints one line for each include that breaks it; exit status 1 when there is any.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# folder -> folders of ours that it may include (itself always)
MAY_INCLUDE = {
    "common/base": [],
    "common/cli": ["common/base"],
    "common/wire": ["common/base"],
    # X11 and Wayland are seen in files of it that are named for them
    "common/clipboard": ["common/base", "common/wire"],
    # between farseat-link and the window, and Opus, which farseat-sound and the link alone have
    "common/sound": ["common/base", "common/wire"],
    "common/crypto": ["common/base"],
    "common/codec": ["common/base"],
    "common/ipc": ["common/base", "common/wire"],
    # farseat-files, at both ends. Of the clipboard: what a list of files says
    "common/files": ["common/base", "common/wire", "common/clipboard", "common/ipc"],
    # what those share who start a farseat-tunnel: farseat, farseatd and farseatctl
    "common/ssh": ["common/base", "common/cli", "common/wire", "common/ipc"],
    # a protocol end over TLS: what worker, link and test clients share
    "common/peer": ["common/base", "common/wire", "common/crypto", "common/ipc"],
    # of the clipboard: the names of its kinds
    "server/registry": ["common/base", "common/cli", "common/wire", "common/clipboard", "common/crypto", "common/ipc", "common/ssh"],
    "server/supervisor": ["common/base", "common/cli", "common/wire", "common/clipboard", "common/crypto", "common/ipc", "common/ssh", "server/registry"],
    # what a channel may know of its worker, and the picture's channels: never the worker itself
    "server/worker/channel": ["common/base", "common/wire", "common/clipboard", "common/ipc", "common/peer"],
    "server/worker/screen": ["common/base", "common/wire", "common/crypto", "common/codec", "common/ipc", "common/peer", "server/worker/channel"],
    "server/worker": ["common/base", "common/wire", "common/clipboard", "common/crypto", "common/codec", "common/ipc", "common/peer", "server/worker/channel", "server/worker/screen"],
    # farseat-sound
    "server/sound": ["common/base", "common/wire", "common/sound", "common/ipc"],
    # The agent knows display.h alone; a kind of display implements it, with the agent's own means.
    "server/agent": ["common/base", "common/wire", "common/clipboard", "common/ipc"],
    "server/agent/x11": ["common/base", "common/wire", "common/clipboard", "common/ipc", "server/agent"],
    "server/agent/wlr": ["common/base", "common/wire", "common/clipboard", "common/ipc", "server/agent"],
    "server/admin": ["common/base", "common/cli", "common/wire", "common/crypto", "common/ipc", "common/ssh", "server/registry"],
    "client/link": ["common/base", "common/wire", "common/clipboard", "common/sound", "common/crypto", "common/codec", "common/ipc", "common/peer"],
    "client/tunnel": ["common/base", "common/ipc", "common/wire"],
    # farseat-paste and farseat-mount: FUSE, so no other system's. Of files: what lends says, and lists of URIs
    "client/paste": ["common/base", "common/wire", "common/ipc", "common/files"],
    # app -> window -> session -> way. They make keys and read invitations; none holds a TLS channel or a decoder
    "client/way": ["common/base", "common/cli", "common/wire", "common/crypto", "common/ipc", "common/ssh"],
    "client/session": ["common/base", "common/cli", "common/wire", "common/clipboard", "common/crypto", "common/ipc", "client/way"],
    # of files: the sentences for what was not copied
    "client/window": ["common/base", "common/cli", "common/wire", "common/clipboard", "common/sound", "common/crypto", "common/ipc", "common/files", "client/way", "client/session"],
    "client/app": ["common/base", "common/cli", "common/wire", "common/clipboard", "common/crypto", "common/ipc", "common/files", "client/way", "client/session", "client/window"],
}

# library header -> the folders that may see it
LIBRARIES = {
    r"(mbedtls|psa)/": ["common/crypto"],
    r"libssh2": ["client/tunnel"],
    r"fuse3/": ["client/paste"],
    r"SDL": ["client/window"],
    r"(xcb/|X11/|xkbcommon/xkbcommon-x11)": ["server/agent/x11", "client/window", "common/clipboard"],
    r"(wayland-|primary-selection)": ["client/window", "server/agent/wlr"],
    r"(screencopy|virtual-keyboard|virtual-pointer|data-control|xdg-output)-client-protocol": ["server/agent/wlr"],
    r"xkbcommon/": ["server/agent", "server/agent/x11", "server/agent/wlr", "client/window", "client/app"],
    r"(zstd|wels/|codec_api|libyuv)": ["common/codec"],
    r"xxhash": ["common/codec", "common/clipboard", "common/files"],
    r"opus": ["common/sound"],
    r"pulse/": ["server/sound"],
    r"(seccomp\.h|linux/landlock\.h)": ["common/ipc"],
    r"jansson": ["common/cli", "server/registry", "server/supervisor", "server/admin", "client/session", "client/app"],
    r"ini\.h": ["common/cli"],
    r"png\.h": ["client/app"],
    r"systemd/": ["server/supervisor"],
    r"uv\.h": ["server/supervisor", "server/agent"],
}

# What a client links knows its system by common/base alone (D-PORTABLE): a client for another system is new files beside
# those named for Linux, and no #ifdef. So the headers of POSIX and Linux stand in files of these folders that end in
# _linux.c or _linux.h, and nowhere else. <pthread.h>, <time.h> and <strings.h> are not among them: every compiler that can
# build the rest brings them along.
PORTABLE = ["common/base", "common/wire", "common/sound", "common/crypto", "common/codec", "common/peer", "common/ipc", "common/cli", "common/ssh", "common/files",
            "client/link", "client/tunnel", "client/way", "client/session", "client/window", "client/app"]
SYSTEM = re.compile(r"(poll|unistd|signal|fcntl|netdb|ifaddrs|termios|dirent|pwd|grp|dlfcn|sched|spawn|syslog|ucontext|utime|wait)\.h$"
                    r"|(sys|netinet|arpa|net|linux|asm)/")
OF_LINUX = re.compile(r"_linux\.[ch]$")

# (file, header) -> why it stands there all the same.
SYSTEM_EXCEPTIONS = {
    ("common/crypto/cert.h", "sys/types.h"): "ssize_t, which other systems have there too",
    ("client/window/keys.c", "linux/input-event-codes.h"): "the numbers of keys as the protocol has them; no call",
    ("client/window/window_actions.c", "linux/input-event-codes.h"): "the same",
    ("client/window/controls.c", "linux/input-event-codes.h"): "the same",
    ("client/window/window_keys.c", "linux/input-event-codes.h"): "the same",
    ("client/app/png_file.c", "sys/stat.h"): "the umask, for a file that others may read; to become a function of file.h",
    ("client/app/png_file.c", "unistd.h"): "fsync of a stream of the C library; the same",
}

# A program's main file puts its parts together: it alone sees those above its folder.
ASSEMBLES = {"server/agent/main.c": ["server/agent/x11"], "server/agent/wayland_main.c": ["server/agent/wlr"]}

# X11 in the client stands in files that are named for it, so that another system is a port of those.
CLIENT_X11 = re.compile(r"^client/window/[a-z0-9_]*x11[a-z0-9_]*\.[ch]$")

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def folder_of(path):
    for folder in sorted(MAY_INCLUDE, key=len, reverse=True):
        if path.startswith(folder + "/"):
            return folder
    return None


def problems_of(path):
    folder = folder_of(path)
    if folder is None:
        yield f"{path}: this folder is not in the table of tests/support/check_layers.py"
        return
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, header = match.groups()
            where = f"{path}:{number}: "
            if quote == '"':
                other = folder_of(header)
                if other is None:
                    yield where + f'"{header}" is not written from the root, or not ours'
                elif other != folder and other not in MAY_INCLUDE[folder] + ASSEMBLES.get(path, []):
                    yield where + f"{folder} may not include {other}"
                elif folder in PORTABLE and OF_LINUX.search(header) and not OF_LINUX.search(path):
                    yield where + f'"{header}" is of Linux alone: what a client links is portable'
                continue
            if folder in PORTABLE and SYSTEM.match(header) and not OF_LINUX.search(path) and (path, header) not in SYSTEM_EXCEPTIONS:
                yield where + f"<{header}> belongs to a file that ends in _linux.c (D-PORTABLE); common/base has what stands for it"
            for pattern, allowed in LIBRARIES.items():
                if re.match(pattern, header) and folder not in allowed:
                    yield where + f"<{header}> belongs to {', '.join(allowed)} alone"
            if folder == "client/window" and re.match(r"(xcb/|X11/|xkbcommon/xkbcommon-x11)", header) and not CLIENT_X11.match(path):
                yield where + f"<{header}>: X11 in the client belongs to a file named for it"


def main():
    found, count = [], 0
    for top in ("client", "server", "common"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    count += 1
                    found += problems_of(os.path.relpath(os.path.join(folder, name), ROOT))
    for top in sorted(os.listdir(ROOT)):
        if os.path.isdir(os.path.join(ROOT, top)) and not top.startswith((".", "build")) and \
                top not in ("client", "server", "common", "assets", "tests"):
            found.append(f"{top}/: no other folder at the top level")
    print("\n".join(found) if found else f"{count} files keep their layers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
