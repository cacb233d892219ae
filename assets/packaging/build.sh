#!/usr/bin/env bash
# Builds the Debian packages farseat, farseat-server and farseat-server-wayland of this tree, for the Debian that this machine runs.
#   bash assets/packaging/build.sh [OUTDIR]      default: build/packages
# Prints the packages' paths. What is missing for it: apt-get install debhelper, and debian/control's Build-Depends.
set -euo pipefail
out=${1:-}
out=${out:-$(dirname "$0")/../../build/packages}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/../.."

version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)
packaged=$(sed -n '1s/^farseat (\(.*\)) .*/\1/p' assets/packaging/debian/changelog)
[ "$version" = "$packaged" ] || {
	echo "build.sh: meson.build says version $version, assets/packaging/debian/changelog $packaged" >&2
	exit 1
}
command -v dpkg-buildpackage >/dev/null && [ -d /usr/share/perl5/Debian/Debhelper ] || {
	echo 'build.sh: dpkg-dev and debhelper are needed: apt-get install dpkg-dev debhelper' >&2
	exit 1
}

# A copy, so that the tree stays clean: what git knows, with what is not committed; or everything but builds.
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/farseat"
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files -co --exclude-standard -z | xargs -0 cp -P --parents -t "$stage/farseat"
else
	tar -c --exclude=./build --exclude=./.git . | tar -x -C "$stage/farseat"
fi
cp -r assets/packaging/debian "$stage/farseat/debian"

if ! (cd "$stage/farseat" && dpkg-buildpackage --build=binary --no-sign) >"$out/build.log" 2>&1; then
	tail -n 40 "$out/build.log" >&2
	echo "build.sh: the build failed (all of it: $out/build.log)" >&2
	exit 1
fi
rm -f "$out"/farseat*.deb "$out"/farseat*.changes "$out"/farseat*.buildinfo
mv "$stage"/farseat*.deb "$stage"/farseat*.changes "$stage"/farseat*.buildinfo "$out"/
ls "$out"/*.deb
