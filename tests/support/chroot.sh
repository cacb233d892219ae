# Debian root file systems for tests, made by debootstrap and kept outside the repository: sourced by the scripts beside this one.
# Each is made once and again when what it is made of changes. Exit status 77 of a test: it cannot be run here; its last line says why.
cache=${FARSEAT_CHROOTS:-/var/cache/farseat}
mirror=${FARSEAT_MIRROR:-http://deb.debian.org/debian}

skip() {
	echo "$*"
	exit 77
}

chroot_possible() {
	[ "$(id -u)" -eq 0 ] || skip 'a Debian root file system needs root'
	command -v debootstrap >/dev/null || skip 'debootstrap is not installed'
	mkdir -p "$cache"
}

# chroot_lock NAME: one at a time: two runs would make the same file system. Held until the script ends.
chroot_lock() {
	exec 9>"$cache/$1.lock"
	flock 9
}

# chroot_in ROOT COMMAND...: with an environment of its own
chroot_in() {
	local root=$1
	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

# chroot_apt ROOT ARGUMENTS...: apt-get there; what it downloads is kept for all file systems of that release
chroot_apt() {
	local root=$1 kept r
	shift
	kept=$cache/archives-$(. "$root/etc/os-release" && echo "$VERSION_CODENAME")
	mkdir -p "$kept/partial"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	mount --bind "$kept" "$root/var/cache/apt/archives"
	chroot_in "$root" apt-get -o DPkg::Options::=--force-unsafe-io -o APT::Keep-Downloaded-Packages=true -o APT::Sandbox::User=root -y "$@"
	r=$?
	umount "$root/var/cache/apt/archives"
	return $r
}

# chroot_minimal RELEASE: the path of a tar file of the minimal system that all of a release begin with
chroot_minimal() {
	local made=$cache/minimal-$1
	(
		flock 8
		[ ! -e "$made.tar" ] || exit 0
		rm -rf "$made" && debootstrap --variant=minbase "$1" "$made" "$mirror" >&2 && rm -f "$made"/var/cache/apt/archives/*.deb &&
			tar -C "$made" -cf "$made.new" . && mv "$made.new" "$made.tar" && rm -rf "$made"
	) 8>"$made.lock" && echo "$made.tar"
}

chroot_new() { # RELEASE ROOT
	local tar
	tar=$(chroot_minimal "$1") && mkdir "$2" && tar -C "$2" -xf "$tar" &&
		{ ! ls /etc/apt/apt.conf.d/*proxy* >/dev/null 2>&1 || cp /etc/apt/apt.conf.d/*proxy* "$2/etc/apt/apt.conf.d/"; }
}

# chroot_make RELEASE ROOT [PACKAGES...]: a minimal system with these packages. What is missing is added to one that is there. Exits with 77
# where it cannot be made.
chroot_make() {
	local release=$1 root=$2
	shift 2
	[ ! -e "$root/.complete" ] || [ "$(cat "$root/.complete")" != "$*" ] || return 0
	{
		[ -e "$root/.based" ] || [ -e "$root/.complete" ] || { rm -rf "$root" && chroot_new "$release" "$root" && : >"$root/.based"; }
		rm -f "$root/.complete"
		[ $# -eq 0 ] || chroot_apt "$root" install --no-install-recommends "$@"
	} >"$root.log" 2>&1 9>&- || {
		tail -n 20 "$root.log"
		skip "the root file system of $release cannot be made (no mirror?)"
	}
	printf %s "$*" >"$root/.complete"
}
