#!/usr/bin/python3
"""farseat.conf(5) and the sample configuration name the same sections and keys; assets/farseat.conf is that sample.

  test_config_page.py FARSEATCTL PAGE.scd
"""
import os
import re
import subprocess
import sys
import tempfile

farseatctl, page_path = sys.argv[1:]
with tempfile.TemporaryDirectory() as home:
    subprocess.run([farseatctl, "init"], env={**os.environ, "FARSEAT_HOME": home}, check=True, capture_output=True, timeout=30)
    with open(os.path.join(home, "config", "farseat.conf"), encoding="utf-8") as f:
        sample = f.read()
with open(page_path, encoding="utf-8") as f:
    page = f.read().split("# SEE ALSO")[0]


def keys(text, section, key):
    found, at = set(), None
    for line in text.splitlines():
        at = m.group(1) if (m := re.match(section, line)) else at
        if at and re.match(key, line):
            found.update((at, name) for name in re.findall(r"[a-z][a-z0-9_]*", re.match(key, line).group(1)))
    return found


in_sample = keys(sample, r"\[(\w+)\]", r"#?([a-z][a-z0-9_]*) =")
in_page = keys(page, r"# \[(\w+)\]", r"((?:\*[a-z][a-z0-9_]*\*(?: = [a-z|]+)?(?:, )?)+)")
in_page = {(section, name) for section, name in in_page if name not in ("yes", "no")}
with open(os.path.join(os.path.dirname(page_path), os.pardir, "farseat.conf"), encoding="utf-8") as f:
    if f.read() != sample:
        sys.exit("assets/farseat.conf is not what 'farseatctl init' writes (settings_sample): copy it")
if not in_sample or in_sample != in_page:
    print("only in the sample:", sorted(in_sample - in_page), "\nonly in the page:", sorted(in_page - in_sample))
    sys.exit(1)
