#!/usr/bin/env bash
# Prints the path of a Debian 12 root file system that has clipboard managers, which is made where it is missing (tests/support/chroot.sh):
# tests/e2e/test_managers.py runs them beside the session, where it is there.
# They live there since some change a desktop's settings.
# Exit status 77: it cannot be made here; the last line says why.
set -uo pipefail
cd "$(dirname "$0")/../.."

. tests/support/chroot.sh
chroot_possible
chroot_lock managers
chroot_make bookworm "$cache/managers" xfce4-clipman copyq parcellite dbus xauth fonts-dejavu-core
echo "$cache/managers"
