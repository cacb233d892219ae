#!/usr/bin/python3
"""Counts the results of `meson test` and prints "N passed, N failed, N skipped" last.

A cmocka program that prints how many of its tests passed counts as so many; any other program as one. What a failed
program said of the reason is printed with it, since the log's end is about other programs.
"""
import json
import re
import sys

PASSED = re.compile(r"^\[  PASSED  \] (\d+) test\(s\)", re.M)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) test\(s\)", re.M)
WHY = re.compile(r"^(?:\[  ERROR   \] --- |\[   LINE   \] --- |\[  FAILED  \] (?!\d)|SUMMARY: |.*runtime error: ).*", re.M)
WHY_LINES = 12
SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) test\(s\)", re.M)


def first(pattern, text):
    match = pattern.search(text)
    return int(match.group(1)) if match else 0


def main():
    passed = failed = skipped = 0
    with open(sys.argv[1], encoding="utf-8") as f:
        for line in f:
            test = json.loads(line)
            text = (test.get("stdout") or "") + (test.get("stderr") or "")
            p, bad, s = first(PASSED, text), first(FAILED, text), first(SKIPPED, text)
            if test["result"] == "OK":
                passed += max(p, 1)
                skipped += s
            elif test["result"] == "SKIP":
                skipped += 1
                print(f"SKIP {test['name']}")
            else:
                passed += p
                failed += max(bad, 1)
                print(f"FAIL {test['name']}: {test['result']}")
                for why in list(WHY.finditer(text))[:WHY_LINES]:
                    print(f"FAIL   {why.group(0)}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
