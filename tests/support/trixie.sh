#!/usr/bin/env bash
# Builds and tests this tree in a Debian 13 chroot: mbedTLS 3.6 with TLS 1.3, a newer compiler and newer libraries.
#   bash tests/support/trixie.sh                 build and run the unit tests there
#   bash tests/support/trixie.sh shell COMMAND   run a command there, in a copy of this tree
# The chroot is made once by debootstrap, in ${FARSEAT_TRIXIE:-/var/cache/farseat/trixie}, outside the repository.
# Exit status 77: it cannot be run here; the last line says why.
set -uo pipefail
cd "$(dirname "$0")/../.."

root=${FARSEAT_TRIXIE:-/var/cache/farseat/trixie}
packages=(gcc libc6-dev meson ninja-build pkgconf libmbedtls-dev libsdl2-dev libsdl2-ttf-dev libfontconfig-dev
	libuv1-dev libxcb1-dev libxcb-shm0-dev libxcb-damage0-dev libxcb-xfixes0-dev libxcb-randr0-dev
	libxcb-xtest0-dev libxcb-xkb-dev libxcb-xinput-dev libx11-dev libx11-xcb-dev libxkbcommon-dev
	libxkbcommon-x11-dev libzstd-dev libxxhash-dev libopenh264-dev libyuv-dev libseccomp-dev libinih-dev
	libjansson-dev libpng-dev libsystemd-dev libcmocka-dev openssl python3-minimal xvfb xauth xkb-data
	xterm x11-utils x11-xkb-utils x11-xserver-utils procps python3)

skip() {
	echo "$*"
	exit 77
}

[ "$(id -u)" -eq 0 ] || skip 'a Debian 13 chroot needs root'
command -v debootstrap >/dev/null || skip 'debootstrap is not installed'

# One at a time: two runs would make the same chroot.
mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock 9

mirror=http://deb.debian.org/debian
make_chroot() {
	debootstrap --variant=minbase trixie "$root" "$mirror" &&
		cp /etc/resolv.conf "$root/etc/resolv.conf" &&
		{ ! ls /etc/apt/apt.conf.d/*proxy* >/dev/null 2>&1 || cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/"; } &&
		chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}" &&
		chroot "$root" apt-get clean
}

if [ ! -e "$root/.complete" ] || [ "$(cat "$root/.complete")" != "${packages[*]}" ]; then
	rm -rf "$root"
	if ! make_chroot >"$root.log" 2>&1; then
		tail -n 20 "$root.log"
		rm -rf "$root"
		skip 'the Debian 13 chroot cannot be made (no mirror?)'
	fi
	printf %s "${packages[*]}" >"$root/.complete"
fi

work=$(mktemp -d "$root/tmp/farseat.XXXXXX")
inside=${work#"$root"}
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

# The tree as it is, with what is not committed; not the builds.
mkdir -p "$work/tree" "$work/home"
git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$work/tree" 2>/dev/null

in_chroot() {
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$inside/home" LANG=C.UTF-8 \
		${FARSEAT_LOG:+FARSEAT_LOG="$FARSEAT_LOG"} chroot "$root" sh -c "cd $inside/tree && $1"
}

if [ "${1:-}" = shell ]; then
	shift
	in_chroot "$*"
	exit
fi
in_chroot 'meson setup ../build --werror --buildtype=debugoptimized' >"$work/setup.log" 2>&1 || {
	tail -n 30 "$work/setup.log"
	echo 'meson setup failed on Debian 13'
	exit 1
}
in_chroot "ninja -C ../build -j $(nproc)" >"$work/build.log" 2>&1 || {
	grep -A 12 -E 'FAILED|error:' "$work/build.log" | head -n 60
	echo 'the build failed on Debian 13'
	exit 1
}
in_chroot 'meson test -C ../build --no-rebuild --print-errorlogs --timeout-multiplier 3'
