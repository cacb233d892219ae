#!/usr/bin/python3
"""What comments and documents name is there: files, decisions, functions.

A comment that cites a file which does not exist sends its reader nowhere; so does a decision that ARCHITECTURE.md does not have.
Usage: test_citations.py ROOT
"""
import os
import re
import shutil
import subprocess
import sys

# Files that are not ours: the kernel's, libraries', or made by the build. Headers that we include with <> are taken as known, too.
FOREIGN = {
    "drivers/hid/hid-input.c", "include/linux/socket.h", "input-event-codes.h", "linux/in.h", "linux/mptcp.h", "ssl_misc.h", "video_table.c", "Xauth.h",
}
SYSTEM = re.compile(r"^\s*#\s*include\s*<([^>]+)>", re.M)
# Folders in which comments are looked at, and what a comment is there.
CODE = ("client", "server", "common", "tests", "assets")
NAMED = re.compile(r"(?<![\w/.$~*-])((?:[\w-]+/)*[\w-]+\.(?:md|[ch]|py|sh|toml|scd))(?![\w/(-])")
DECISION = re.compile(r"\bD-[A-Z][A-Z-]*[A-Z]\b")
C_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
C_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
CHAIN = re.compile(r"`((?:client|server|common)/[\w/]+\.c):(\w+)`")
PATH = re.compile(r"`((?:client|server|common|tests|assets)/[\w./-]*[\w/])`")


def tracked(root):
    names = []
    if shutil.which("git"):
        out = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True)
        names = out.stdout.split("\n") if out.returncode == 0 else []
    if not any(names):  # an unpacked archive
        names = [os.path.relpath(os.path.join(d, f), root) for d, _, fs in os.walk(root) for f in fs if "/build" not in d and "/.git" not in d]
    return sorted(n for n in names if n and os.path.isfile(os.path.join(root, n)))


def comments(name, text):
    """(line, text) of each comment."""
    if name.endswith((".c", ".h")):
        blank = C_STRING.sub(lambda m: '"' + " " * (len(m.group()) - 2) + '"', text)
        for m in C_COMMENT.finditer(blank):
            yield text.count("\n", 0, m.start()) + 1, text[m.start():m.end()]
    else:
        for number, line in enumerate(text.split("\n"), 1):
            if "#" in line:
                yield number, line[line.index("#"):]


def main():
    root = sys.argv[1]
    files = tracked(root)
    known, bases = set(files), {os.path.basename(f) for f in files}
    problems = []
    foreign = set(FOREIGN)
    for name in files:
        if name.endswith((".c", ".h")):
            with open(os.path.join(root, name), encoding="utf-8") as f:
                foreign |= set(SYSTEM.findall(f.read()))
    with open(os.path.join(root, "ARCHITECTURE.md"), encoding="utf-8") as f:
        architecture = f.read()
    decisions = set(re.findall(r"^\*\*(D-[A-Z-]+)\.\*\*", architecture, re.M))

    def check(where, text, folder):
        for name in NAMED.findall(text):
            if name.startswith("_") or "NAME" in name:  # how names end, or are made
                continue
            if name in known or name in foreign or os.path.normpath(os.path.join(folder, name)) in known:
                continue
            if "/" not in name and name in bases:
                continue
            problems.append(f"{where}: names {name}, which is not there")
        for name in DECISION.findall(text):
            if name not in decisions:
                problems.append(f"{where}: cites {name}, which ARCHITECTURE.md does not have")

    for name in files:
        folder = os.path.dirname(name)
        if name.startswith(CODE) and name.endswith((".c", ".h", ".py", ".sh", "meson.build", ".toml")) and name != "tests/unit/docs/test_citations.py":
            with open(os.path.join(root, name), encoding="utf-8") as f:
                for line, text in comments(name, f.read()):
                    check(f"{name}:{line}", text, folder)
        elif name.endswith(".md"):
            with open(os.path.join(root, name), encoding="utf-8") as f:
                for line, text in enumerate(f, 1):
                    check(f"{name}:{line}", text, folder)
                    for path in PATH.findall(text):
                        if not os.path.exists(os.path.join(root, path.rstrip("/"))) and "*" not in path:
                            problems.append(f"{name}:{line}: names {path}, which is not there")
                    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                        if not os.path.exists(os.path.join(root, folder, link)):
                            problems.append(f"{name}:{line}: links to {link}, which is not there")
    for path, function in CHAIN.findall(architecture):
        if path not in known:
            problems.append(f"ARCHITECTURE.md: names {path}, which is not there")
            continue
        with open(os.path.join(root, path), encoding="utf-8") as f:
            if not re.search(rf"^[a-z][^;=\n]*\b{function}\(", f.read(), re.M):
                problems.append(f"ARCHITECTURE.md: {path} has no function {function}")
    print("\n".join(problems) if problems else f"{len(files)} files name what is there")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
