#!/usr/bin/env bash
# The packages from building to purging, for Debian 12 (built here) and Debian 13 (built in its chroot): installed into clean root file
# systems, a workstation and a laptop of each release in network namespaces of their own; the five-minute path of README.md word for word;
# each release's client with each release's server; an upgrade under a running session; nothing left after purging.
#   bash tests/support/packages.sh
#   bash tests/support/packages.sh build    only make the packages and the root file systems
# Root file systems and packages are kept in /var/cache/farseat and made again when what they are made of changes (chroot.sh).
# The last line is "N passed, N failed" or "N passed, N failed, N skipped". Exit status 77: it cannot be run here; the last line says why.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tests/support/chroot.sh

passed=0 failed=0 skipped=0
patience_s=30
chroot_possible
command -v dpkg-buildpackage >/dev/null || skip 'dpkg-dev and debhelper are not installed'
[ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = bookworm ] || skip 'the Debian 12 packages are built on Debian 12'
chroot_lock packages

work=$(mktemp -d "$cache/packages.XXXXXX")
near=fsw$$ far=fsl$$ # network namespaces: workstation, laptop
pids=() mounts=()
finish() {
	local i
	for i in "${pids[@]}"; do kill "$i" 2>/dev/null; done
	for ((i = ${#mounts[@]} - 1; i >= 0; i--)); do umount "${mounts[i]}" 2>/dev/null || umount -l "${mounts[i]}"; done
	ip netns del "$near" 2>/dev/null
	ip netns del "$far" 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# try NAME COMMAND...: one test; 77: it cannot be tried here, its last line says why
try() {
	local name=$1 begin=$SECONDS status
	shift
	"$@" >"$work/log" 2>&1
	status=$?
	case $status in
	0) passed=$((passed + 1)); echo "ok    $name ($((SECONDS - begin))s)" ;;
	77) skipped=$((skipped + 1)); echo "skip  $name: $(tail -n 1 "$work/log") ($((SECONDS - begin))s)" ;;
	*)
		failed=$((failed + 1)); echo "FAIL  $name ($((SECONDS - begin))s)"
		tail -n 40 "$work/log" | sed 's/^/      /'
		return 1
		;;
	esac
}

counts() {
	if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
}

# until COMMAND...: polls; fails when it is never true
until_true() {
	local end=$((SECONDS + patience_s))
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not within $patience_s s: $*"; return 1; }
		sleep 0.1
	done
}

# ---- packages, kept by what they are made of ----

inputs_key() {
	{ git ls-files -co --exclude-standard -- . ':!tests' | LC_ALL=C sort | xargs -d '\n' sha256sum && cat tests/support/trixie.sh; } | sha256sum | cut -c 1-32
}

# build RELEASE COMMAND...: which puts the packages into $FARSEAT_OUT
build() {
	local out=$cache/debs-$1
	shift
	[ "$(cat "$out/.key" 2>/dev/null)" != "$key" ] || return 0
	rm -rf "$out"
	mkdir -p "$out"
	FARSEAT_OUT=$out "$@" && printf %s "$key" >"$out/.key"
}

build_here() { bash assets/packaging/build.sh "$FARSEAT_OUT"; }
build_there() { bash tests/support/trixie.sh shell 'bash assets/packaging/build.sh ../out'; }

lintian_clean() { lintian --no-cfg --allow-root --fail-on error "$cache/debs-$1"/*.changes; }

# The same packages with a higher version: what an upgrade installs.
make_newer() {
	local deb to=$work/newer-$1 folder
	mkdir -p "$to"
	for deb in "$cache/debs-$1"/farseat*.deb; do
		folder=$(mktemp -d "$work/deb.XXXXXX")
		dpkg-deb -R "$deb" "$folder" && sed -i 's/^Version: .*/&+1/' "$folder/DEBIAN/control" &&
			dpkg-deb --root-owner-group -b "$folder" "$to/$(basename "$deb" | sed 's/_/_newer_/')" || return 1
	done
}

units_are_right() {
	local folder=$work/units
	mkdir -p "$folder"
	dpkg-deb -x "$cache/debs-bookworm"/farseat-server_*.deb "$folder" || return 1
	find "$folder" -name 'farseatd.s*' -exec sed -i 's|/usr/bin/farseatd|/bin/true|' {} + # verify looks for the program
	systemd-analyze verify --man=no "$folder/lib/systemd/system/farseatd.service" || return 1
	XDG_RUNTIME_DIR=$work systemd-analyze --user verify --man=no "$folder"/usr/lib/systemd/user/farseatd.{socket,service} || return 1
	systemd-analyze security --offline=true --threshold=25 "$folder/lib/systemd/system/farseatd.service"
}

# ---- clean systems ----

# Where what is installed goes: into memory, since dpkg waits for the disk after each file.
upper_of() {
	mkdir -p "$work/$1" "$work/$1.layer" && mount -t tmpfs -o mode=755 tmpfs "$work/$1.layer" && mounts+=("$work/$1.layer") &&
		mkdir "$work/$1.layer/upper" "$work/$1.layer/work"
}

# system NAME RELEASE: an overlay over the release's base
system() {
	local base=$cache/base-$2 root=$work/$1
	upper_of "$1" &&
		mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/$1.layer/upper,workdir=$work/$1.layer/work" "$root" && mounts+=("$root") &&
		mount -t proc proc "$root/proc" && mounts+=("$root/proc") &&
		mount -t tmpfs tmpfs "$root/dev/shm" && mounts+=("$root/dev/shm") &&
		mount -t tmpfs -o mode=755 tmpfs "$root/run" && mounts+=("$root/run") &&
		chroot_in "$root" useradd -m -s /bin/bash alice &&
		mkdir -p "$root/run/user" "$root/tmp/.X11-unix" && chmod 1777 "$root/tmp/.X11-unix" &&
		chroot_in "$root" install -d -m 700 -o alice /run/user/1000 &&
		chroot_in "$root" sh -c 'find / -xdev | sort' >"$work/$1.before"
}

networks() {
	ip netns add "$near" && ip netns add "$far" &&
		ip link add office netns "$near" type veth peer name home netns "$far" &&
		ip -n "$near" addr add 10.77.0.1/24 dev office && ip -n "$far" addr add 10.77.0.2/24 dev home &&
		ip -n "$near" link set office up && ip -n "$far" link set home up &&
		ip -n "$near" link set lo up && ip -n "$far" link set lo up
}

# as USER SYSTEM LINE: a line of shell there, in the network of a workstation or laptop
as() { (as_exec "$@"); }
as_exec() { # for the background: the process is then the line's last one
	local user=$1 name=$2 network=$near home=/root
	[[ $name != laptop* ]] || network=$far
	[ "$user" = root ] || home=/home/$user
	exec ip netns exec "$network" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$home" USER="$user" LANG=C.UTF-8 XDG_RUNTIME_DIR=/run/user/1000 \
		chroot --userspec="$user:$user" "$work/$name" bash -c "cd; $3" </dev/null
}

# A line of README.md's, as it stands there (without its comment): it must be there.
readme() {
	sed -n 's/^    //p' README.md | sed 's/ *#.*$//' | grep -qxF -- "$1" || { echo "README.md does not say: $1"; return 1; }
}

# install SYSTEM RELEASE LINE: the README's 'sudo apt install', where root has no questions to answer
install() {
	readme "$3" && cp "$cache/debs-$2"/farseat*.deb "$work/$1/root/" && apt_line "$1" "${3#sudo }"
}

apt_line() {
	local root=$work/$1 kept r
	kept=$cache/archives-$(. "$root/etc/os-release" && echo "$VERSION_CODENAME")
	mkdir -p "$kept/partial"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/99test"
	printf '%s\n' 'APT::Get::Assume-Yes "true";' 'APT::Keep-Downloaded-Packages "true";' 'APT::Sandbox::User "root";' >"$root/etc/apt/apt.conf.d/99test"
	mount --bind "$kept" "$root/var/cache/apt/archives"
	chroot_in "$root" bash -c "cd /root && $2"
	r=$?
	umount "$root/var/cache/apt/archives"
	return $r
}

# ---- a workstation and its laptops ----

status_of() { as "$2" "$1" 'farseatctl status --json' 2>/dev/null; }
field() { python3 -c 'import json, sys; o = json.load(sys.stdin)
for k in sys.argv[1:]: o = o[int(k) if k.isdigit() else k]
print(o)' "$@"; }
session_ready() { [ "$(status_of "$1" "$2" | field daemon session_ready 2>/dev/null)" = True ]; }
session_id() { as alice "$1" 'farseatctl sessions --json' 2>/dev/null | field sessions 0 session 2>/dev/null; }
has_session() { [ -n "$(session_id "$1")" ]; }

start_display() {
	as_exec alice "$1" 'exec Xvfb :0 -screen 0 1280x800x24 -nolisten tcp' >"$work/$1.xvfb" 2>&1 9>&- &
	display=$!
	pids+=($display)
	until_true test -S "$work/$1/tmp/.X11-unix/X0"
}

stop_display() { kill "$display" && { wait "$display" || true; }; }

# paint WORKSTATION COLOUR: its screen, by a tool of ours, since its own system has none
paint() {
	mkdir -p /tmp/.X11-unix
	ip netns exec "$near" sh -c 'mount --bind "$1/tmp/.X11-unix" /tmp/.X11-unix && DISPLAY=:0 exec xsetroot -solid "$2"' sh "$work/$1" "$2"
}

start_server() {
	readme 'farseatctl init' && as alice "$1" 'farseatctl init' || return 1
	readme 'farseatd --display :0 &' || return 1
	as_exec alice "$1" 'exec farseatd --display :0' >"$work/$1.log" 2>&1 9>&- &
	pids+=($!)
	daemon=$!
	until_true session_ready "$1" alice || { cat "$work/$1.log"; return 1; }
}

# enrol WORKSTATION LAPTOP DEVICE NAME
enrol() {
	local invitation
	invitation=$(as alice "$1" "farseatctl invite $3") && as alice "$2" "farseat enroll '$invitation' --name $4"
}

five_minutes() {
	readme 'farseatctl invite my-laptop' && readme "farseat enroll 'farseat://...' --name office" && readme 'farseat office' &&
		enrol "$1" "$2" my-laptop office && sees "$1" "$2" office
}

# The picture is that of the display.
sees() {
	paint "$1" '#123456' &&
		as alice "$2" "farseat wait $3 --still && farseat screenshot $3 now.png" &&
		python3 - "$work/$2/home/alice/now.png" <<'PY'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
pixels, at = b"", 8
while at < len(data):
    size, name = struct.unpack(">I4s", data[at:at + 8])
    pixels += data[at + 8:at + 8 + size] if name == b"IDAT" else b""
    at += 12 + size
raw, bytes_each = zlib.decompress(pixels), {2: 3, 6: 4}[kind]
# The first pixel of the first row is coded as itself with every filter of PNG (RFC 2083, 6).
assert (width, height) == (1280, 800), (width, height)
assert raw[1:4] == bytes.fromhex("123456"), raw[1:4]
PY
}

tls_is() { # LAPTOP NAME VERSION
	as alice "$1" "farseat doctor $2" >"$work/doctor" || { cat "$work/doctor"; return 1; }
	cat "$work/doctor"
	grep -q "TLSv$3" "$work/doctor"
}

upgrade() { # WORKSTATION LAPTOP RELEASE
	local before watcher
	as_exec alice "$2" 'exec farseat wait office --changed --timeout 120' 9>&- &
	watcher=$!
	pids+=($watcher)
	until_true has_session "$1" || return 1
	before=$(session_id "$1")
	cp "$work/newer-$3"/farseat-server_*.deb "$work/$1/root/newer.deb" && apt_line "$1" 'apt install ./newer.deb' || return 1
	as root "$1" "dpkg-query -W -f '\${Version}\n' farseat-server" | grep -q '+1$' || { echo 'it was not upgraded'; return 1; }
	[ "$(session_id "$1")" = "$before" ] || { echo 'the session was ended'; return 1; }
	paint "$1" '#654321' || return 1
	wait $watcher || { echo 'the session did not go on'; return 1; }
	as alice "$2" 'farseat screenshot office after.png' # a new connection to the old daemon
}

system_service_paths() { # what root's daemon makes
	as root "$1" 'farseatctl init' || return 1
	as_exec root "$1" 'exec farseatd --listen 127.0.0.1:7421 --display :0' >"$work/$1.root.log" 2>&1 9>&- &
	local pid=$!
	pids+=($pid)
	until_true session_ready "$1" root || { cat "$work/$1.root.log"; return 1; }
	kill $pid && wait $pid
	[ -d "$work/$1/etc/farseat" ] && [ -d "$work/$1/var/lib/farseat" ]
}

purge() { # SYSTEM PACKAGE
	local left
	apt_line "$1" "apt purge $2" && rm -f "$work/$1/root/"*.deb &&
		left=$(chroot_in "$work/$1" find / -xdev -iname '*farseat*' -not -path '/home/*') || return 1
	left+=$(chroot_in "$work/$1" find /run -iname '*farseat*' -not -path '/run/user/*')
	[ -z "$left" ] || { printf 'left behind:\n%s\n' "$left"; return 1; }
}

stays_the_persons() { [ -n "$(find "$work/$1/home/alice" -name "$2")" ]; }

daemon_is_gone() { until_true test ! -d "/proc/$daemon"; }

# ---- the units under a real systemd, in a container (Debian 12's; there is none in a chroot) ----

in_machine() { nsenter -t "$leader" -a "$@"; }
booted() { leader=$(pgrep -P "$1") && in_machine systemctl start display.service; }
laptop_there() { nsenter -t "$leader" -n chroot --userspec=alice:alice "$work/$1" env HOME=/home/alice bash -c "cd; $2" </dev/null; }
is_ready() { [ "$(in_machine farseatctl status --json 2>/dev/null | field daemon session_ready 2>/dev/null)" = True ]; }

machine() {
	local root=$work/machine
	upper_of machine && mount -t overlay overlay -o "lowerdir=$cache/base-bookworm,upperdir=$root.layer/upper,workdir=$root.layer/work" "$root" && mounts+=("$root") || return 1
	cp "$cache/debs-bookworm"/farseat-server_*.deb "$root/root/" && mount -t proc proc "$root/proc" || return 1
	apt_line machine 'apt install systemd ./farseat-server_*.deb'
	local r=$?
	umount "$root/proc"
	# By the name of a real one (which is installed, and has no screen here), with cookies where a display manager has them.
	ln -s ../../bin/Xvfb "$root/usr/local/bin/Xorg" || return 1
	printf '%s\n' '[Service]' 'ExecStartPre=/bin/mkdir -p /run/screen' "ExecStartPre=/bin/sh -c 'xauth -f /run/screen/:0 add :0 . 0123456789abcdef0123456789abcdef'" \
		'ExecStart=/usr/local/bin/Xorg :0 -screen 0 1280x800x24 -nolisten tcp -auth /run/screen/:0' >"$root/etc/systemd/system/display.service"
	return $r
}

units_run() { # LAPTOP
	local leader container invitation status=1
	command -v systemd-nspawn >/dev/null || { echo 'systemd-nspawn is not installed'; return 77; }
	machine || return 1
	systemd-nspawn --register=no --keep-unit -q -D "$work/machine" --private-network --boot --console=pipe \
		--system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self' >"$work/boot" 2>&1 </dev/null 9>&- &
	container=$!
	pids+=($container)
	until_true booted $container || { cat "$work/boot"; echo 'systemd cannot be started in a container here'; return 77; }
	hardened_service "$1" && activated_by_socket "$1" && status=0
	in_machine journalctl -u farseatd --no-pager -o cat | tail -n 30
	kill $container && wait $container
	return $status
}

hardened_service() {
	in_machine farseatctl init && in_machine systemctl enable --now farseatd &&
		until_true is_ready && invitation=$(in_machine farseatctl invite unit-test --address 127.0.0.1) &&
		laptop_there "$1" "farseat enroll '$invitation' --name machine && farseat key machine a && farseat screenshot machine m.png" &&
		laptop_there "$1" 'farseat doctor machine --exact' && in_machine systemctl reload farseatd && in_machine systemctl restart farseatd &&
		until_true is_ready && laptop_there "$1" 'farseat screenshot machine m.png' &&
		[ "$(in_machine systemctl show -P NRestarts farseatd)" = 0 ] && in_machine systemctl stop farseatd
}

# The person's units, run by the system's manager, which hands sockets over in the same way.
activated_by_socket() {
	in_machine sh -c 'cp /usr/lib/systemd/user/farseatd.* /etc/systemd/system/ && sed -i "/^ExecStart/i Environment=DISPLAY=:0" /etc/systemd/system/farseatd.service' &&
		in_machine systemctl daemon-reload && in_machine systemctl start farseatd.socket && ! in_machine systemctl -q is-active farseatd.service &&
		laptop_there "$1" 'farseat screenshot machine m.png' && in_machine systemctl -q is-active farseatd.service
}

# ---- all of it ----

key=$(inputs_key)
try 'packages for Debian 12' build bookworm build_here || { counts; exit 1; }
try 'packages for Debian 13' build trixie build_there || { counts; exit 1; }
for release in bookworm trixie; do
	(chroot_lock bases && chroot_make "$release" "$cache/base-$release") || exit
done
[ "${1:-}" != build ] || { counts; exit 0; }
for release in bookworm trixie; do
	try "lintian: $release" lintian_clean "$release"
	make_newer "$release" >/dev/null
done
try 'systemd: units, and how much they expose' units_are_right
try 'two networks' networks
for release in bookworm trixie; do
	try "clean systems of $release" eval "system workstation-$release $release && system laptop-$release $release"
	try "install the server on $release" install "workstation-$release" "$release" 'sudo apt install ./farseat-server_*.deb'
	try "install the client on $release" install "laptop-$release" "$release" 'sudo apt install ./farseat_*.deb'
done
for release in bookworm trixie; do
	w=workstation-$release l=laptop-$release
	[ $release = bookworm ] && other=trixie version=1.2 || other=bookworm version=1.3
	try "a display on $release" start_display "$w"
	try "the README's five minutes: init, start ($release)" start_server "$w"
	try "the README's five minutes: invite, enrol, connect ($release)" five_minutes "$w" "$l"
	try "doctor: TLS $version between $release and $release" tls_is "$l" office "$version"
	try "a client of $other enrols with a server of $release, and sees it" eval "enrol $w laptop-$other other-laptop office-$release && sees $w laptop-$other office-$release"
	try "doctor: TLS 1.2 between $other and $release" tls_is "laptop-$other" "office-$release" 1.2
	try "an upgrade leaves the session going ($release)" upgrade "$w" "$l" "$release"
	try "the system's own daemon ($release)" system_service_paths "$w"
	try "purging the server leaves nothing ($release)" purge "$w" farseat-server
	try "it has ended the person's daemon ($release)" daemon_is_gone
	try "its display ends ($release)" stop_display
	try "what is in home folders stays ($release)" stays_the_persons "$w" ca.key
done
try 'the units under systemd: hardened service, socket activation' units_run laptop-bookworm
for release in bookworm trixie; do
	try "purging the client leaves nothing ($release)" purge "laptop-$release" farseat
	try "what is in home folders stays ($release)" stays_the_persons "laptop-$release" device.key
done
counts
[ "$failed" -eq 0 ]
