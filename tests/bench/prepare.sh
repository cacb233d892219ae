#!/usr/bin/env bash
# prepare.sh DIR IP PORT: makes an identity and an enrolled laptop for the end-to-end bench, over loopback before the link is there.
set -euo pipefail
dir=$1 ip=$2 port=$3
: "${FARSEAT:?the build folder}"
mkdir -p -m 700 "$dir/workstation" "$dir/laptop"
export FARSEAT_HOME=$dir/workstation
"$FARSEAT/server/admin/farseatctl" init

Xvfb -displayfd 3 -screen 0 64x64x24 -nolisten tcp 3>"$dir/display" &
x=$!
trap 'kill $x $daemon 2>/dev/null || true' EXIT
daemon=
for _ in $(seq 100); do [ -s "$dir/display" ] && break; sleep 0.05; done
"$FARSEAT/server/supervisor/farseatd" --display ":$(cat "$dir/display")" --listen "127.0.0.1:$port" &
daemon=$!
for _ in $(seq 100); do "$FARSEAT/server/admin/farseatctl" status >/dev/null 2>&1 && break; sleep 0.05; done
invitation=$("$FARSEAT/server/admin/farseatctl" invite laptop --address "127.0.0.1:$port")
FARSEAT_HOME=$dir/laptop "$FARSEAT/client/app/farseat" enroll "$invitation" --name office
sed -i "s/127\.0\.0\.1/$ip/" "$dir/laptop/data/workstations/office/workstation.conf"
