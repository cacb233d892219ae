#!/usr/bin/env bash
# Installs the Debian packages that are missing; does nothing when all are there.
#   bash tests/setup.sh          all: building, running, testing
#   bash tests/setup.sh demo     what tests/demo.sh needs
set -euo pipefail

build=(gcc libc6-dev meson ninja-build pkgconf libmbedtls-dev libsdl2-dev libsdl2-ttf-dev libfontconfig-dev
	libuv1-dev libxcb1-dev libxcb-shm0-dev libxcb-damage0-dev libxcb-xfixes0-dev libxcb-randr0-dev
	libxcb-xtest0-dev libxcb-xkb-dev libxcb-xinput-dev libx11-dev libx11-xcb-dev libxkbcommon-dev libxkbcommon-x11-dev libwayland-dev wayland-protocols libzstd-dev
	libxxhash-dev libopus-dev libpulse-dev libopenh264-dev libyuv-dev libseccomp-dev libinih-dev libjansson-dev libpng-dev libsystemd-dev
	libcmocka-dev libfuse3-dev libssh2-1-dev scdoc)
run=(xserver-xorg-core xserver-xorg-video-dummy xvfb xauth x11-utils x11-xserver-utils xterm openbox fonts-dejavu-core xkb-data fuse3)
test=(clang clang-format clang-tidy cppcheck libclang-rt-14-dev python3 openssl gnutls-bin xdotool xclip xsel xcompmgr pulseaudio pulseaudio-utils iproute2
	dbus python3-dbus python3-gi
	procps socat openssh-server openssh-client tinyproxy microsocks haproxy debootstrap strace sshfs rsync btrfs-progs git zstd x11-xkb-utils zsh fish desktop-file-utils dpkg-dev debhelper lintian systemd-container)

wanted=("${build[@]}" "${run[@]}")
[ "${1:-all}" = demo ] || wanted+=("${test[@]}")

missing=()
for package in "${wanted[@]}"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "setup: these packages are missing and sudo is not there; install them as root:" >&2
		echo "  apt-get install ${missing[*]}" >&2
		exit 1
	}
	as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "setup: installing ${#missing[@]} Debian packages" >&2
install() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}
if ! install >"$log" 2>&1; then
	# The lists may be missing or old.
	if ! "${as_root[@]}" apt-get update >"$log" 2>&1 || ! install >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "setup: apt-get failed (above); the packages wanted: ${missing[*]}" >&2
		exit 1
	fi
fi
