#!/usr/bin/env bash
# Builds and tests this tree in a Debian 13 chroot: mbedTLS 3.6 with TLS 1.3, a newer compiler and newer libraries.
#   bash tests/support/trixie.sh build           only build; the next run of the same tree builds what has changed since
#   bash tests/support/trixie.sh                 build, run the unit tests there, and what the channel promises end to end, by TLS 1.3
#   bash tests/support/trixie.sh shell COMMAND   run a command there, in a copy of this tree; what it puts into ../out is copied to $FARSEAT_OUT
# The chroot is made once by debootstrap: tests/support/chroot.sh.
# Exit status 77: it cannot be run here; the last line says why.
set -uo pipefail
cd "$(dirname "$0")/../.."

. tests/support/chroot.sh
root=$cache/trixie
packages=(gcc libc6-dev meson ninja-build pkgconf libmbedtls-dev libsdl2-dev libsdl2-ttf-dev libfontconfig-dev
	libuv1-dev libxcb1-dev libxcb-shm0-dev libxcb-damage0-dev libxcb-xfixes0-dev libxcb-randr0-dev
	libxcb-xtest0-dev libxcb-xkb-dev libxcb-xinput-dev libx11-dev libx11-xcb-dev libxkbcommon-dev
	libxkbcommon-x11-dev libwayland-dev wayland-protocols libzstd-dev libxxhash-dev libopus-dev libpulse-dev libopenh264-dev libyuv-dev libseccomp-dev libinih-dev
	libjansson-dev libpng-dev libsystemd-dev libcmocka-dev libfuse3-dev libssh2-1-dev scdoc openssl python3-minimal xvfb xauth xkb-data
	xterm x11-utils x11-xkb-utils x11-xserver-utils procps iproute2 python3 build-essential debhelper dpkg-dev)

chroot_possible
chroot_lock trixie
chroot_make trixie "$root" "${packages[@]}"

work=$(mktemp -d "$root/tmp/farseat.XXXXXX")
mounted=()
finish() {
	local m
	for m in "${mounted[@]}"; do umount "$root/$m" 2>/dev/null || umount -l "$root/$m"; done
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

mount -t proc proc "$root/proc" && mounted+=(proc)
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm" && mounted+=(dev/shm)
if [ -e /dev/net/tun ]; then # for links that can be cut
	mkdir -p "$root/dev/net" && : >>"$root/dev/net/tun" && mount --bind /dev/net/tun "$root/dev/net/tun" && mounted+=(dev/net/tun)
fi

# copy_tree FOLDER: the tree as it is, with what is not committed; not the builds. Times are kept, since ninja goes by them.
copy_tree() {
	rm -rf "$1/tree"
	mkdir -p "$1/tree"
	git ls-files -co --exclude-standard -z | xargs -0 cp --parents --preserve=mode,timestamps -t "$1/tree" 2>/dev/null
}

in_chroot() { # LINE: in the copied tree
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="${work#"$root"}/home" LANG=C.UTF-8 \
		${FARSEAT_LOG:+FARSEAT_LOG="$FARSEAT_LOG"} chroot "$root" sh -c "cd ${place#"$root"}/tree && $1"
}

mkdir "$work/home"
if [ "${1:-}" = shell ]; then
	shift
	place=$work
	copy_tree "$place"
	mkdir "$work/out"
	in_chroot "$*" || exit
	[ -z "${FARSEAT_OUT:-}" ] || cp "$work/out/"* "$FARSEAT_OUT/"
	exit
fi

# The build is kept for one checkout at a time: another one's files may be older than it, and different.
place=$root/var/tmp/farseat
[ "$(cat "$place/.of" 2>/dev/null)" = "$PWD" ] || rm -rf "$place"
copy_tree "$place"
printf %s "$PWD" >"$place/.of"
[ -f "$place/build/build.ninja" ] || in_chroot 'meson setup ../build --werror --buildtype=debugoptimized' >"$work/setup.log" 2>&1 || {
	tail -n 30 "$work/setup.log"
	echo 'meson setup failed on Debian 13'
	exit 1
}
in_chroot "ninja -C ../build -j $(nproc)" >"$work/build.log" 2>&1 || {
	grep -A 12 -E 'FAILED|error:' "$work/build.log" | head -n 60
	echo 'the build failed on Debian 13'
	exit 1
}
[ "${1:-}" != build ] || exit 0
in_chroot 'meson test -C ../build --no-rebuild --print-errorlogs --timeout-multiplier 3' || exit
in_chroot 'FARSEAT_E2E_TLS=1.3 python3 tests/e2e/run.py --build ../build Channel Resumption Interrupted.test_long Interrupted.test_revoked_meanwhile'
