# Helpers of every tests/*.bats: `load lib` at the top. Tests run from the checkout's root, against the tools in $BIN, with nothing of the
# caller's own settings in the way. What a test writes goes to $TMP, which is its own and removed after it.
# shellcheck shell=bash

set -o pipefail
TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BIN=${BIN:-$TOP/bin}
case $BIN in /*) ;; *) BIN=$TOP/$BIN ;; esac
PATH=$BIN:$PATH
TMP=$BATS_TEST_TMPDIR
TOOL=$(basename "$BATS_TEST_FILENAME" .bats)
HOME=$BATS_FILE_TMPDIR
export TOP BIN PATH HOME TZ=UTC LC_ALL=C.UTF-8
for name in ${!DQ_@}; do unset "$name"; done
# A sanitizer's finding must not look like an ordinary exit code.
export ASAN_OPTIONS=exitcode=99:detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
cd "$TOP" || exit 1

# What a failed test left running would keep bats waiting for ever. A test file with its own teardown calls this too.
end_jobs() {
	local left
	left=$(jobs -p)
	# shellcheck disable=SC2086
	[ -z "$left" ] || kill -KILL $left 2>/dev/null || :
}
teardown() { end_jobs; }

# golden NAME < output   Compares with tests/golden/TOOL/NAME (TOOL: this .bats file's name); `make golden` rewrites it instead.
golden() {
	local want=$TOP/tests/golden/$TOOL/$1
	if [ -n "${GOLDEN:-}" ]; then
		mkdir -p "${want%/*}" && cat >"$want"
	else
		cat >"$TMP/golden.out"
		diff -u "$want" "$TMP/golden.out"
	fi
}

# code N COMMAND...   Runs it, wants exit code N; leaves what it wrote in $TMP/out and $TMP/err. Standard input is passed on.
code() {
	local want=$1 got=0
	shift
	"$@" >"$TMP/out" 2>"$TMP/err" || got=$?
	[ "$got" -eq "$want" ] && return
	echo "$*: exit $got, expected $want"
	head -c 2000 "$TMP/err"
	return 1
}

# out_is TEXT, err_is TEXT   What the last `code` wrote is exactly this text (newlines at its end aside).
out_is() {
	diff -u <(printf '%s\n' "$1") "$TMP/out"
}

err_is() {
	diff -u <(printf '%s\n' "$1") "$TMP/err"
}

# has TEXT [FILE]   The file ($TMP/err) contains that text.
has() {
	grep -qF -- "$1" "${2:-$TMP/err}" && return
	echo "\"$1\" is not in:"
	head -c 2000 "${2:-$TMP/err}"
	return 1
}

# lines N [FILE]   The file ($TMP/err) has N lines.
lines() {
	local got
	got=$(wc -l <"${2:-$TMP/err}")
	[ "$got" -eq "$1" ] && return
	echo "$got lines, expected $1:"
	head -c 2000 "${2:-$TMP/err}"
	return 1
}

# within SECONDS COMMAND...   Waits until the command succeeds; fails when it has not by then.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}
