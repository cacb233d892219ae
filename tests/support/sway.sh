#!/usr/bin/env bash
# Prints the path of a Debian 12 root file system that has sway, which is made where it is missing: tests/support/chroot.sh.
# A compositor and what it needs are installed there and never on this machine.
# Exit status 77: it cannot be made here; the last line says why.
set -uo pipefail
cd "$(dirname "$0")/../.."

. tests/support/chroot.sh
chroot_possible
chroot_lock sway
chroot_make bookworm "$cache/sway" sway wl-clipboard wtype
echo "$cache/sway"
