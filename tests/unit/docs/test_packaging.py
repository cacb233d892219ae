#!/usr/bin/python3
"""What the build needs is the same wherever it is listed: tests/setup.sh, tests/support/trixie.sh, the packages' Build-Depends, README.md.

  test_packaging.py ROOT
"""
import os
import re
import sys

root = sys.argv[1]


def text(path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


def libraries(words):
    return {w for w in re.findall(r"\blib[a-z0-9.+-]+-dev\b", words)} - {"libc6-dev", "libcmocka-dev"}  # build-essential's; tests'


def readme():
    rows = text("README.md").split("## What it stands on")[1].split("\n## ")[0]
    # "libxcb-{shm0,damage0}-dev" stands for one package each
    for whole, start, words, end in re.findall(r"((lib[a-z-]+)\{([a-z0-9,-]+)\}(-dev))", rows):
        rows = rows.replace(whole, ", ".join(start + w + end for w in words.split(",")))
    return rows


wanted = libraries(re.search(r"^build=\((.*?)\)", text("tests/setup.sh"), re.M | re.S).group(1))
problems = []
for path, listed in {
    "tests/support/trixie.sh": libraries(re.search(r"^packages=\((.*?)\)", text("tests/support/trixie.sh"), re.M | re.S).group(1)),
    "assets/packaging/debian/control": libraries(re.search(r"^Build-Depends:(.*?)^Standards", text("assets/packaging/debian/control"), re.M | re.S).group(1)),
    "README.md": libraries(readme()),
}.items():
    problems += [f"{path} does not list {p}, which tests/setup.sh does" for p in sorted(wanted - listed)]
    problems += [f"{path} lists {p}, which tests/setup.sh does not" for p in sorted(listed - wanted)]
version = re.search(r"^  version: '(.*)',$", text("meson.build"), re.M).group(1)
if not text("assets/packaging/debian/changelog").startswith(f"farseat ({version}) "):
    problems.append(f"assets/packaging/debian/changelog does not begin with version {version} of meson.build")
if not wanted:
    problems.append("nothing was found in tests/setup.sh")
print("\n".join(problems))
sys.exit(bool(problems))
