#!/usr/bin/python3
"""Runs the end-to-end tests: test_*.py beside this file, each class one after the other.

  run.py --build build/gcc            all
  run.py --build build/gcc NAME...    only tests whose name contains one of these
Prints a line for each test and "N passed, N failed, N skipped" last.
"""
import argparse
import importlib
import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Lines(unittest.TestResult):
    """A line for each test as it ends, with its seconds; what failed in full."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.began = time.monotonic()  # what fails before a test starts (setUpClass) is said with its seconds, too

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, word, test, more=""):
        where = test.id().split(".", 1)[1] if isinstance(test, unittest.TestCase) else test.id()  # else: a class's or module's set-up
        print(f"{word:5} {where}: {test.shortDescription() or 'the tests'} ({time.monotonic() - self.began:.1f}s){more}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("FAIL", test, "\n" + self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.say("FAIL", test, "\n" + self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.say("FAIL", subtest, "\n" + self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("skip", test, ": " + reason)

    def stopTest(self, test):
        super().stopTest(test)
        self.began = time.monotonic()


def tests_of(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests_of(item)
        else:
            yield item


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("--build", required=True)
    p.add_argument("names", nargs="*")
    a = p.parse_args()
    os.environ["FARSEAT_E2E_BUILD"] = os.path.abspath(a.build)
    sys.path.insert(0, HERE)
    sys.dont_write_bytecode = True
    suite = unittest.TestSuite()
    for name in sorted(os.listdir(HERE)):
        if name.startswith("test_") and name.endswith(".py"):
            suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name[:-3])))
    if a.names:
        suite = unittest.TestSuite(t for t in tests_of(suite) if any(n in t.id() for n in a.names))
    result = Lines()
    suite.run(result)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.passed} passed, {bad} failed" + (f", {len(result.skipped)} skipped" if result.skipped else ""))
    return 1 if bad or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
