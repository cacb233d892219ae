#!/usr/bin/env bash
# Prints the path of a Debian 12 root file system with what stands on a person's desktop, which is made where it is missing
# (tests/support/chroot.sh): a Wayland compositor, clipboard managers, programs of GTK and Qt; with
# FARSEAT_SLOW_PROGRAMS=1 also Firefox and KeePassXC, which stay once they are there.
# They live there and never on this machine, since some of them change a desktop's settings.
# Exit status 77: it cannot be made here; the last line says why.
set -uo pipefail
cd "$(dirname "$0")/../.."

. tests/support/chroot.sh
chroot_possible
chroot_lock desktop
packages=(sway wl-clipboard wtype xfce4-clipman copyq parcellite dbus xauth fonts-dejavu-core python3-gi gir1.2-gtk-3.0 python3-pyqt5)
[ -z "${FARSEAT_SLOW_PROGRAMS:-}" ] && ! grep -q firefox "$cache/desktop/.complete" 2>/dev/null || packages+=(firefox-esr keepassxc)
chroot_make bookworm "$cache/desktop" "${packages[@]}"
chmod 1777 "$cache/desktop/dev/shm" # the compositor's buffers and Firefox's memory; debootstrap makes it for root alone
echo "$cache/desktop"
