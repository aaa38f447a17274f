# Who may include whom, and that the pure rooms are pure.
load lib

PURE="features model policy sim rollup learn audit"

@test "every #include is allowed by the table of rooms" {
	tests/rooms
}

# The check itself must be able to fail: each made-up file breaks one rule.
breaks() {
	local tree=$TMP/tree
	rm -rf "$tree"
	mkdir -p "$tree/$(dirname "$1")"
	printf '%s\n' "$2" >"$tree/$1"
	code 1 tests/rooms "$tree"
	has "$1:1: " "$TMP/out"
	lines 1 "$TMP/out"
}

@test "the table of rooms is not without effect" {
	breaks lib/base/x.c '#include "record/json.h"'
	breaks lib/record/x.c '#include "run/tool.h"'
	breaks lib/features/x.c '#include "model/model.h"'
	breaks lib/learn/x.c '#include "features/catalogue.h"'
	breaks lib/policy/x.h '#include "sim/sim.h"'
	breaks lib/rollup/x.c '#include "policy/policy.h"'
	breaks lib/port/x.c '#include "run/tool.h"'
	breaks lib/run/x.c '#include "cmd/x.h"'
	breaks lib/run/x.c '#include "review/x.h"'
	breaks lib/review/x.c '#include "port/sink.h"'
	breaks lib/base/x.c '#include "buf.h"'
	breaks lib/base/x.c '#include "../record/json.h"'
	breaks lib/new/x.c '#include <stdio.h>'
	breaks lib/model/x.c '#include <unistd.h>'
	breaks lib/sim/x.c '#include <time.h>'
	breaks lib/base/x.c '#include <yyjson.h>'
	breaks lib/run/x.c '#include <librdkafka/rdkafka.h>'
	breaks cmd/dq-score.c '#include <xgboost/c_api.h>'
	breaks lib/model/x.c '#include <xgboost/c_api.h>'
	breaks cmd/dq-train.c '#include <xgboost/c_api.h>'
}

# Symbols that an object wants from outside.
wanted() {
	nm -u "$@" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u
}

# What does I/O, reads a clock, the environment or a hidden state of the process.
IMPURE='f?open(64|at)?|creat|p?read(v|64)?|p?write(v|64)?|f(read|write|gets|getc|puts|putc|flush|close|seek|tell|scanf|printf)|getline|printf|puts|putchar|perror'
IMPURE+='|stdin|stdout|stderr|getenv|secure_getenv|setenv|clock(_gettime)?|time|gettimeofday|(local|gm|mk)time(_r)?|getpid|random|s?rand(_r)?|drand48|getrandom'
IMPURE+='|system|popen|fork|exec.*|socket|connect|sleep|usleep|nanosleep|dq_clock_.*|dq_warn'

@test "the pure rooms read no clock, file or environment and write nothing" {
	local found=0
	for room in $PURE; do
		[ -d "lib/$room" ] || continue
		found=$((found + 1))
		for source in lib/"$room"/*.c; do
			object=build/obj/${source#lib/}
			object=${object%.c}.o
			[ -e "$object" ] || make -s "$object"
			if wanted "$object" | grep -xE "$IMPURE"; then
				echo "that is what $object asks for"
				return 1
			fi
		done
	done
	[ "$found" -gt 0 ]
}

@test "the purity check can fail" {
	printf '#include <stdio.h>\n#include <time.h>\nlong f(void);\nlong f(void) { puts("x"); return (long)time(NULL); }\n' >"$TMP/x.c"
	gcc -c -o "$TMP/x.o" "$TMP/x.c"
	[ "$(wanted "$TMP/x.o" | grep -cxE "$IMPURE")" -eq 2 ]
}
