#!/usr/bin/env bash
# Installs what is missing, builds, and runs the main job on this machine: an office session of its own, a laptop that enrols, connects and
# types into it. Where there is a display a window opens; else the laptop's screen is one of its own. Either way a PNG is written of it.
#   bash tests/demo.sh [PNG]        the picture goes to PNG (default: build/demo.png); assets/demo.png was made so, without a display
# FARSEAT_DEMO_BUILD: a build to be used instead of one of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
build=${FARSEAT_DEMO_BUILD:-${FARSEAT_BUILD:-$root/build}/demo}
picture=${1:-${FARSEAT_BUILD:-$root/build}/demo.png}
text='Hello from the laptop: typed through Farseat.'

step() { printf '%s\n' "demo: $*" >&2; }
fail() {
	printf '%s\n' "demo: FAILED: $*" >&2
	for log in farseatd-office farseatd-screen work; do
		[ ! -s "$lab/$log.log" ] || tail -n 20 "$lab/$log.log" | sed "s/^/  $log: /" >&2
	done
	exit 1
}

lab=$(mktemp -d)
daemons=()
finish() {
	for daemon in ${daemons[@]+"${daemons[@]}"}; do
		kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null || true
	done
	rm -rf "$lab"
}
trap finish EXIT

# until_true WHAT COMMAND...: as long as a busy machine may need
until_true() {
	local what=$1
	shift
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	fail "$what: not within 30 s"
}

step 'installing what is missing'
bash tests/setup.sh demo

step 'building'
mkdir -p "$build"
{ [ -f "$build/build.ninja" ] || meson setup "$build" -Dtests=false --buildtype=debugoptimized; } >"$lab/build.log" 2>&1 &&
	ninja -C "$build" >>"$lab/build.log" 2>&1 || { tail -n 30 "$lab/build.log" >&2; fail 'the build'; }

farseat=$build/client/app/farseat
farseatctl=$build/server/admin/farseatctl
farseatd=$build/server/supervisor/farseatd
export FARSEAT_LOG=${FARSEAT_LOG:-warning}

# workstation NAME PORT SIZE SESSION: makes its identity and starts its daemon
workstation() {
	local home=$lab/$1
	mkdir -m 700 "$home"
	FARSEAT_HOME=$home "$farseatctl" init --name "$1" >>"$lab/work.log" 2>&1 || fail 'farseatctl init'
	FARSEAT_HOME=$home "$farseatd" --listen "127.0.0.1:$2" --virtual "$3" --session "$4" >"$lab/farseatd-$1.log" 2>&1 &
	daemons+=($!)
	until_true "farseatd of $1 answers" env FARSEAT_HOME="$home" "$farseatctl" status
}

# enrol WORKSTATION PORT LAPTOP: an invitation, spent once
enrol() {
	local invitation
	mkdir -p -m 700 "$lab/$3"
	invitation=$(FARSEAT_HOME=$lab/$1 "$farseatctl" invite "$3" --address "127.0.0.1:$2" 2>>"$lab/work.log") || fail 'farseatctl invite'
	printf '%s\n' "$invitation" | FARSEAT_HOME=$lab/$3 "$farseat" enroll - --name "$1" >>"$lab/work.log" 2>&1 || fail 'farseat enroll'
}

at() { # LAPTOP COMMAND...: farseat there
	FARSEAT_HOME=$lab/$1 "$farseat" "${@:2}" >>"$lab/work.log" 2>&1 || fail "farseat ${*:2}"
}

# The shell in the session notes each line that it was given: what the demo looks at in the end.
cat >"$lab/bashrc" <<END
cd '$root'
PS1='\[\e[1;32m\]you@office\[\e[0m\] \[\e[1;34m\]farseat\[\e[0m\] $ '
PROMPT_COMMAND='history 1 >$lab/shell'
ls --color=always -C common client server
END
cat >"$lab/session" <<END
xsetroot -solid '#34495e'
openbox &
until xprop -root _NET_SUPPORTING_WM_CHECK | grep -q 0x; do sleep 0.1; done
terminal() { xterm -fa 'DejaVu Sans Mono' -fs 9 +sb -b 8 "\$@"; }
terminal -bg '#fbfaf7' -fg '#2b2b2b' -geometry 78x36+620+76 -T reader.c -e sh -c 'expand -t 4 "$root/common/wire/reader.c" | head -n 34; exec sleep 86400' &
until xprop -root _NET_CLIENT_LIST | grep -q 0x; do sleep 0.1; done
terminal -bg '#1d232b' -fg '#d5dae1' -geometry 82x22+20+180 -T 'Office workstation' -e bash --rcfile '$lab/bashrc' -i
END

step 'the workstation: an identity, and a session with a terminal'
port=${FARSEAT_DEMO_PORT:-7427}
workstation office "$port" 1200x720 "exec sh $lab/session"

step 'the laptop: an invitation, spent once; the session begins with the first laptop that comes'
enrol office "$port" laptop
at laptop screenshot office "$lab/first.png"
until_true 'the shell in the session' test -e "$lab/shell"

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	step 'no display here: the laptop gets one of its own, and the window opens there'
	workstation screen $((port + 1)) 1280x800 \
		"xsetroot -solid '#8fa3ad'; openbox & until xprop -root _NET_SUPPORTING_WM_CHECK | grep -q 0x; do sleep 0.1; done; FARSEAT_HOME='$lab/laptop' exec '$farseat' connect office --size 1200x720 --stats"
	enrol screen $((port + 1)) camera
	at camera screenshot screen "$lab/first.png"
	until_true 'the window is connected' sh -c "FARSEAT_HOME='$lab/office' '$farseatctl' sessions --json | grep -q laptop"
fi

step 'working: click, type, look'
at laptop wait office --still
at laptop click office 300 400
at laptop type office "echo '$text'"
at laptop key office Return
until_true 'the text arrives in the shell' grep -qF "$text" "$lab/shell"
at laptop wait office --still
if [ -d "$lab/camera" ]; then
	at camera wait screen --still
	at camera screenshot screen "$picture"
else
	at laptop screenshot office "$picture"
	step 'a window opens; close it to end the demo'
	at laptop connect office
fi
for daemon in "${daemons[@]}"; do
	kill "$daemon" && wait "$daemon" || fail 'farseatd did not stop cleanly'
done
daemons=()
echo "demo: done; the office session with the text typed through the client: ${picture#"$root/"}"
