#!/usr/bin/python3
"""Runs clang-tidy over our own files of a clang build's compile_commands.json, several at a time."""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def sources(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        names = {os.path.normpath(os.path.join(e["directory"], e["file"])) for e in json.load(f)}
    tops = tuple(os.path.join(ROOT, top) + "/" for top in ("client", "server", "common"))
    return sorted(n for n in names if n.startswith(tops) and n.endswith(".c"))


def tidy(build, name):
    r = subprocess.run(["clang-tidy", "--quiet", "-p", build, name], capture_output=True, text=True)
    return r.returncode, r.stdout


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--build", required=True)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("files", nargs="*", help="only these (default: all)")
    a = p.parse_args()
    names = [os.path.abspath(f) for f in a.files] or sources(a.build)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        for code, text in pool.map(lambda n: tidy(a.build, n), names):
            if code:
                bad += 1
                print(text)
    print(f"{len(names)} files, {bad} with findings")
    return 1 if bad or not names else 0


if __name__ == "__main__":
    sys.exit(main())
