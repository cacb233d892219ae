#!/usr/bin/env bash
# Installs what is missing, builds, and runs the main job on this machine: an office session of its own, a laptop that enrols, connects and
# types into it. Where there is a display a window opens; else a PNG is written.
#   bash tests/demo.sh [PNG]        the picture goes to PNG (default: build/demo.png)
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
build=${FARSEAT_BUILD:-$root/build}/demo
picture=${1:-${FARSEAT_BUILD:-$root/build}/demo.png}
text='Hello from the laptop: typed through Farseat.'

step() { printf '%s\n' "demo: $*" >&2; }
fail() {
	printf '%s\n' "demo: FAILED: $*" >&2
	[ -s "$lab/farseatd.log" ] && sed 's/^/  farseatd: /' "$lab/farseatd.log" | tail -n 20 >&2
	exit 1
}

lab=$(mktemp -d)
daemon=
finish() {
	[ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null || true; }
	rm -rf "$lab"
}
trap finish EXIT

step 'installing what is missing'
bash tests/setup.sh demo

step 'building'
mkdir -p "$build"
{ [ -f "$build/build.ninja" ] || meson setup "$build" -Dtests=false --buildtype=debugoptimized; } >"$lab/build.log" 2>&1 &&
	ninja -C "$build" >>"$lab/build.log" 2>&1 || { tail -n 30 "$lab/build.log" >&2; fail 'the build'; }

farseat=$build/client/ui/farseat
farseatctl=$build/server/admin/farseatctl
farseatd=$build/server/supervisor/farseatd
port=${FARSEAT_DEMO_PORT:-7427}
export FARSEAT_LOG=${FARSEAT_LOG:-warning}
at_work() { FARSEAT_HOME=$lab/workstation "$@"; }
at_home() { FARSEAT_HOME=$lab/laptop "$@"; }
mkdir -m 700 "$lab/workstation" "$lab/laptop"

step 'the workstation: an identity, and a session with a terminal'
at_work "$farseatctl" init >"$lab/init.log" 2>&1 || { cat "$lab/init.log" >&2; fail 'farseatctl init'; }
FARSEAT_HOME=$lab/workstation "$farseatd" --listen "127.0.0.1:$port" --virtual 1280x800 \
	--session 'openbox & exec xterm -fa "DejaVu Sans Mono" -fs 12 -geometry 90x24+60+60 -T "Office workstation"' \
	>"$lab/farseatd.log" 2>&1 &
daemon=$!
for _ in $(seq 100); do
	at_work "$farseatctl" status >/dev/null 2>&1 && break
	kill -0 "$daemon" 2>/dev/null || fail 'farseatd ended'
	sleep 0.1
done

step 'the laptop: an invitation, spent once'
invitation=$(at_work "$farseatctl" invite demo-laptop --address "127.0.0.1:$port" 2>"$lab/invite.log") || { cat "$lab/invite.log" >&2; fail 'farseatctl invite'; }
at_home "$farseat" enroll "$invitation" --name office >"$lab/enroll.log" 2>&1 || { cat "$lab/enroll.log" >&2; fail 'farseat enroll'; }

step 'working: click, type, look'
at_home "$farseat" wait office --still >"$lab/work.log" 2>&1 || { cat "$lab/work.log" >&2; fail 'farseat wait'; }
{
	at_home "$farseat" click office 400 300 &&
		at_home "$farseat" type office "echo '$text'" &&
		at_home "$farseat" key office Return &&
		at_home "$farseat" wait office --still &&
		at_home "$farseat" screenshot office "$picture"
} >"$lab/work.log" 2>&1 || { cat "$lab/work.log" >&2; fail 'working in the session'; }

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	step 'a window opens; close it to end the demo'
	at_home "$farseat" connect office || fail 'farseat connect'
fi
kill "$daemon" && wait "$daemon" || fail 'farseatd did not stop cleanly'
daemon=
echo "demo: done; the office session with the text typed through the client: ${picture#"$root/"}"
