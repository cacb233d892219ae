#!/bin/bash
# Records what real Debian applications draw, for codec_bench: raw BGRX frames of 1920x1080, compressed by zstd, one
# file for each scene. About 1 minute; the recordings (some 100 MB) are not kept in git.
#
#   record_scenes.sh DIRECTORY [SCENE...]
#
# Needs: xvfb openbox xterm mousepad netsurf-gtk abiword pcmanfm xdotool feh ffmpeg zstd lomiri-wallpapers-16.04
set -eu
for program in Xvfb openbox xterm mousepad netsurf-gtk abiword pcmanfm xdotool feh ffmpeg zstd; do
	command -v "$program" >/dev/null || {
		echo "record_scenes: there is no $program: install the packages named at the top of this file" >&2
		exit 1
	}
done
out=$1
shift
scenes=${*:-term type web office drag menu switch photos}
display=${RECORD_DISPLAY:-:80}
here=$(mktemp -d)
pids=()
mkdir -p "$out"

cleanup() {
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null || true
	done
	wait 2>/dev/null || true
	rm -rf "$here"
}
trap cleanup EXIT

start() { # command...
	"$@" >/dev/null 2>&1 &
	pids+=($!)
}

window() { # name: waits for a window and prints its id
	timeout 20 xdotool search --sync --onlyvisible --name "$1" | head -n 1
}

place() { # window x y width height
	xdotool windowsize --sync "$1" "$4" "$5" windowmove --sync "$1" "$2" "$3" windowactivate --sync "$1"
	sleep 0.7
}

record() { # scene seconds frames-per-second; runs beside what acts on the screen
	ffmpeg -v error -f x11grab -framerate "$3" -draw_mouse 0 -video_size 1920x1080 -t "$2" -i "$display" \
		-f rawvideo -pix_fmt bgr0 - | zstd -q -1 --long=25 -T1 -f -o "$out/$1.zst" &
	recorder=$!
	sleep 0.3
}

page() { # a long page of text, tables and pictures
	echo '<html><head><title>Long page</title></head><body bgcolor="#fdfdfb">'
	for i in $(seq 1 40); do
		echo "<h2>Section $i</h2>"
		[ $((i % 4)) -eq 1 ] && echo "<img src=$here/small$((i / 4 % 4)).jpg width=520 align=right>"
		for j in 1 2 3; do
			head -c $((700 + (i * 97 + j * 131) % 400)) /usr/share/common-licenses/GPL-$((2 + (i + j) % 2)) | tail -c 620 |
				sed 's/&/and/g; s/</(/g; s/>/)/g; 1s/^/<p>/'
		done
		[ $((i % 3)) -eq 0 ] && {
			echo '<table border=1 cellpadding=5 bgcolor="#eef3ff">'
			for k in 1 2 3 4 5 6; do echo "<tr><td>row $k</td><td>$((i * k * 7919 % 1000))</td><td bgcolor=#dde>$((i + k))</td></tr>"; done
			echo '</table>'
		}
	done
	echo '</body></html>'
}

export DISPLAY=$display HOME=$here XDG_RUNTIME_DIR=$here LC_ALL=C.UTF-8
Xvfb "$display" -screen 0 1920x1080x24 -nolisten tcp >/dev/null 2>&1 &
pids+=($!)
sleep 1
start dbus-run-session -- openbox
pictures=(/usr/share/backgrounds/*_by_*.jpg)
sleep 1
feh --bg-fill "${pictures[0]}" >/dev/null 2>&1
for i in 0 1 2 3; do
	ffmpeg -v error -y -i "${pictures[i]}" -vf scale=520:-1 "$here/small$i.jpg"
done

scene_term() {
	start xterm -title term -fa 'DejaVu Sans Mono' -fs 10 -geometry 150x55 -bg black -fg gray90 -e bash --norc
	w=$(window term)
	place "$w" 200 80 1300 900
	record term 8 30
	xdotool type --delay 5 'ls -lR --color=always /usr/share/doc /etc | while read -r l; do echo "$l"; n=$((n + 1)); [ $((n % 7)) = 0 ] && sleep 0.02; done'
	xdotool key Return
	wait $recorder
	xdotool key --clearmodifiers ctrl+c
	xdotool windowclose "$w"
}

scene_type() {
	cp /usr/include/stdio.h "$here/source.c"
	start mousepad "$here/source.c"
	w=$(window source.c)
	place "$w" 150 60 1400 950
	record type 8 30
	xdotool type --delay 75 'static int add(struct thing *t, int n) { return t->count + n; }'
	xdotool key Return Return
	xdotool type --delay 75 'for (int i = 0; i < 10; i++)'
	wait $recorder
	xdotool windowkill "$w"
}

scene_web() {
	page >"$here/page.html"
	start netsurf-gtk "file://$here/page.html"
	w=$(window 'Long page')
	place "$w" 100 20 1600 1000
	sleep 2
	xdotool mousemove 700 500
	record web 8 30
	for i in $(seq 1 70); do
		xdotool click 5
		sleep 0.08
	done
	wait $recorder
	xdotool windowkill "$w"
}

scene_office() {
	start abiword /usr/share/common-licenses/GPL-3
	w=$(window 'GPL-3')
	place "$w" 60 20 1800 1000
	sleep 1
	xdotool mousemove 900 600
	record office 8 30
	for i in $(seq 1 25); do
		xdotool click 5
		sleep 0.1
	done
	for i in 1 2 3 4 5 6; do
		xdotool key Next
		sleep 0.5
	done
	wait $recorder
	xdotool windowkill "$w"
}

scene_drag() {
	start xterm -title below -fa 'DejaVu Sans Mono' -fs 10 -geometry 120x50 -e sh -c 'ls -l /usr/bin | head -48; sleep 60'
	below=$(window below)
	place "$below" 500 100 1000 800
	start mousepad /usr/share/common-licenses/GPL-2
	w=$(window GPL-2)
	place "$w" 100 100 1000 600
	record drag 6 30
	for i in $(seq 1 60); do
		xdotool windowmove "$w" $((100 + i * 13)) $((100 + (i * i / 9) % 380))
		sleep 0.06
	done
	wait $recorder
	xdotool windowkill "$w" windowclose "$below"
}

scene_menu() {
	start pcmanfm "$HOME"
	w=$(window "$(basename "$here")")
	place "$w" 300 150 1000 700
	record menu 8 30
	for i in 1 2 3; do
		for key in alt+f Right Right Down Down Right Escape Escape; do
			xdotool key $key
			sleep 0.13
		done
		xdotool mousemove 900 500 click 3
		sleep 0.3
		xdotool key Down Down Down Escape
		xdotool mousemove 1700 900 click 3
		sleep 0.3
		xdotool key Down Down Right Escape Escape
		sleep 0.2
	done
	wait $recorder
	xdotool windowkill "$w"
}

scene_switch() {
	page >"$here/page.html"
	start netsurf-gtk "file://$here/page.html"
	a=$(window 'Long page')
	place "$a" 100 20 1600 1000
	start abiword /usr/share/common-licenses/GPL-3
	b=$(window 'GPL-3')
	place "$b" 60 20 1700 1000
	start mousepad /usr/share/common-licenses/GPL-2
	c=$(window GPL-2)
	place "$c" 200 100 1200 800
	sleep 2
	record switch 8 20
	for i in 1 2 3 4; do
		for w in "$a" "$b" "$c"; do
			xdotool windowactivate "$w"
			sleep 0.5
		done
	done
	wait $recorder
	xdotool windowkill "$a" windowkill "$b" windowkill "$c"
}

scene_photos() {
	record photos 6 10
	for i in 1 2 3 4 5 6 0 1; do
		feh --bg-fill "${pictures[i]}" >/dev/null 2>&1
		sleep 0.5
	done
	wait $recorder
}

for scene in $scenes; do
	"scene_$scene"
	sleep 0.5
	echo "$scene: $(stat -c %s "$out/$scene.zst") bytes"
done
