#!/usr/bin/env bash
# Builds everything and runs all tests; installs what is missing first. Quiet about what works.
#   bash tests/run.sh                     everything (about 35 minutes on 2 cores)
#   bash tests/run.sh unit e2e            only these: build unit e2e asan fuzz lint debian13 packages
# FARSEAT_SLOW_PROGRAMS=1: the clipboard with Firefox and KeePassXC as well, which take a busy machine minutes.
# FARSEAT_BUILD: where the builds go (default: build/). FARSEAT_FUZZ_SECONDS: for each target (default 10).
# The last line is "N passed, N failed" or "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD

build=${FARSEAT_BUILD:-$root/build}
fuzz_seconds=${FARSEAT_FUZZ_SECONDS:-10}
jobs=$(nproc)
passed=0 failed=0 skipped=0
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=(build unit e2e asan fuzz lint debian13 packages)
mkdir -p "$build/logs"

wants() {
	local w
	for w in "${wanted[@]}"; do [ "$w" = "$1" ] && return 0; done
	return 1
}

# say WORD NAME SECONDS: one line for each step
say() {
	printf '%-5s %s (%ss)\n' "$1" "$2" "$3"
}

# ahead NAME COMMAND...: starts a check before its turn, with what CPU the tests leave (which wait most of their time)
declare -A ahead_pids=()
ahead() {
	local name=$1
	shift
	setsid nice -n 19 "$@" >"$build/logs/${name//[^a-zA-Z0-9]/-}.log" 2>&1 </dev/null &
	ahead_pids[$name]=$!
}
end_ahead() {
	local pid
	for pid in "${ahead_pids[@]}"; do kill -- "-$pid" 2>/dev/null; done
}
trap end_ahead EXIT
trap 'exit 130' INT TERM

# check NAME COMMAND...: one test; exit status 77 means skipped, with its last line as the reason
check() {
	local name=$1 log status begin=$SECONDS
	shift
	log=$build/logs/${name//[^a-zA-Z0-9]/-}.log
	if [ -n "${ahead_pids[$name]:-}" ]; then
		wait "${ahead_pids[$name]}"
		status=$?
		unset "ahead_pids[$name]"
	else
		"$@" >"$log" 2>&1 </dev/null
		status=$?
	fi
	case $status in
	0) passed=$((passed + 1)); say ok "$name" $((SECONDS - begin)) ;;
	77) skipped=$((skipped + 1)); say skip "$name: $(tail -n 1 "$log")" $((SECONDS - begin)) ;;
	*)
		failed=$((failed + 1)); say FAIL "$name" $((SECONDS - begin))
		tail -n 60 "$log" | sed 's/^/      /'
		echo "      (all of it: $log)"
		;;
	esac
	return $status
}

# suite NAME COMMAND...: a command that prints "N passed, N failed, N skipped" last; its tests count one by one. 77 as with check
suite() {
	local name=$1 log begin=$SECONDS line p f s
	shift
	log=$build/logs/${name//[^a-zA-Z0-9]/-}.log
	"$@" >"$log" 2>&1 </dev/null
	[ $? -ne 77 ] || {
		skipped=$((skipped + 1)); say skip "$name: $(tail -n 1 "$log")" $((SECONDS - begin))
		return
	}
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	if ! [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
		p=0 f=1 s=0
		line='it did not finish'
	else
		p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[4]:-0}
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$f" -eq 0 ]; then
		say ok "$name: $line" $((SECONDS - begin))
	else
		say FAIL "$name: $line" $((SECONDS - begin))
		grep -E '^(FAIL|ERROR)' "$log" | head -n 40 | sed 's/^/      /'
		tail -n 60 "$log" | sed 's/^/      /'
		echo "      (all of it: $log)"
	fi
}

# configure FOLDER ENVIRONMENT... -- MESON ARGUMENTS...
configure() {
	local folder=$build/$1 environment=()
	shift
	while [ "$1" != -- ]; do environment+=("$1"); shift; done
	shift
	if [ -f "$folder/build.ninja" ]; then
		meson configure "$folder" "$@" && return
		rm -rf "$folder"
	fi
	env "${environment[@]}" meson setup "$folder" "$root" "$@"
}

compile() {
	local folder=$build/$1
	configure "$@" && ninja -C "$folder" -j "$jobs"
}
export -f configure compile
export build root jobs

unit_tests() { # FOLDER [MULTIPLIER]: runs meson's tests, with so many times the time for each, and prints the counts
	local folder=$build/$1
	# One more than there are cores: many of them wait.
	meson test -C "$folder" --no-rebuild --num-processes $((jobs + 1)) --print-errorlogs --timeout-multiplier "${2:-2}"
	python3 tests/support/meson_counts.py "$folder/meson-logs/testlog.json"
}

lint_format() {
	git ls-files -co --exclude-standard -- '*.c' '*.h' | xargs clang-format --dry-run -Werror
}

lint_tidy=(python3 tests/support/tidy.py --build "$build/clang" --jobs "$jobs")

mkdir -p "$build/cppcheck"
lint_cppcheck=(cppcheck --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet -j "$jobs"
	--cppcheck-build-dir="$build/cppcheck" --std=c11 --suppress=missingIncludeSystem --suppress=preprocessorErrorDirective -D_GNU_SOURCE
	--template=gcc -I . client server common)

lint_shell() {
	local f
	for f in $(git ls-files -- '*.sh') .ci/run; do bash -n "$f" || return 1; done
	git ls-files -- '*.py' | xargs -r python3 -m py_compile
}

fuzz_one() {
	local target=$1 name=${1##*/fuzz_} work
	work=$(mktemp -d)
	mkdir -p "$work/new"
	"$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$work/" -print_final_stats=1 \
		"$work/new" $([ -d "tests/data/fuzz/$name" ] && echo "tests/data/fuzz/$name")
	local status=$?
	[ $status -eq 0 ] && rm -rf "$work"
	return $status
}

echo "Farseat: building and testing (logs: ${build#"$root/"}/logs)"
bash tests/setup.sh || exit 1
wants e2e && ahead "root file system of a person's desktop" bash tests/support/desktop.sh

werror=(--werror)
if wants build || wants unit || wants e2e; then
	check 'build with gcc, hardened' compile gcc CC=gcc -- "${werror[@]}" --buildtype=debugoptimized
fi
if wants build || wants lint; then
	check 'build with clang' compile clang CC=clang -- "${werror[@]}" --buildtype=debugoptimized
fi
if wants unit; then
	check 'the layers are kept' python3 tests/support/check_layers.py
	suite 'unit tests' unit_tests gcc
fi
asan_build=(bash -c 'compile "$@"' compile asan CC=gcc -- "${werror[@]}" --buildtype=debugoptimized -Db_sanitize=address,undefined)
fuzz_build=(bash -c 'compile "$@"' compile fuzz CC=clang -- --buildtype=debugoptimized -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false)
chroot_builds=() # each a line of shell
wants debian13 && chroot_builds+=('bash tests/support/trixie.sh build || exit')
wants packages && chroot_builds+=('bash tests/support/packages.sh build')
chroots_build=(bash -c "$(printf '%s\n' "${chroot_builds[@]}")")
if wants e2e; then
	check "root file system of a person's desktop" false
	wants lint && ahead 'clang-tidy' "${lint_tidy[@]}" && ahead 'cppcheck' "${lint_cppcheck[@]}"
	wants asan && ahead 'build with sanitizers' "${asan_build[@]}"
	wants fuzz && ahead 'build of the fuzz targets' "${fuzz_build[@]}"
	[ ${#chroot_builds[@]} -eq 0 ] || ahead 'builds for Debian 13 and packages' "${chroots_build[@]}"
	check 'the demo' env -u DISPLAY -u WAYLAND_DISPLAY FARSEAT_DEMO_BUILD="$build/gcc" bash tests/demo.sh
	suite 'end to end' python3 tests/e2e/run.py --build "$build/gcc"
fi
if wants asan; then
	check 'build with sanitizers' "${asan_build[@]}"
	suite 'unit tests with sanitizers' unit_tests asan 4
fi
if wants fuzz; then
	check 'build of the fuzz targets' "${fuzz_build[@]}"
	export -f fuzz_one
	export fuzz_seconds
	targets=()
	for target in "$build"/fuzz/tests/fuzz/fuzz_*; do
		[ -f "$target" ] && [ -x "$target" ] && targets+=("$target")
	done
	for ((i = 0; i < ${#targets[@]}; i += jobs)); do
		for target in "${targets[@]:i:jobs}"; do ahead "fuzz ${target##*/fuzz_}, ${fuzz_seconds} s" bash -c 'fuzz_one "$1"' fuzz "$target"; done
		for target in "${targets[@]:i:jobs}"; do check "fuzz ${target##*/fuzz_}, ${fuzz_seconds} s" false; done
	done
fi
if wants lint; then
	check 'clang-format' lint_format
	check 'shell and Python files parse' lint_shell
	check 'clang-tidy' "${lint_tidy[@]}"
	check 'cppcheck' "${lint_cppcheck[@]}"
fi
[ ${#chroot_builds[@]} -eq 0 ] || check 'builds for Debian 13 and packages' "${chroots_build[@]}"
if wants debian13; then
	check 'Debian 13: mbedTLS 3.6, TLS 1.3' bash tests/support/trixie.sh
fi
if wants packages; then
	suite 'packages on Debian 12 and 13' bash tests/support/packages.sh
fi

if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
