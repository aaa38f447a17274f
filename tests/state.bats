# --state: what a stateful tool remembers survives being killed at any moment, and is never half-read.
load lib

STATEFUL="dq-features dq-intervene dq-rollup"

# predictions A_MONTH   A year of them, of rising and falling risk.
predictions() {
	awk -v month="$1" 'BEGIN {
		split("LOW MEDIUM HIGH CRITICAL", level)
		day = month / 25; hour = day / 20
		for (i = 0; i < month * 12; i++) {
			c = (i * 7919) % 3000; score = ((i * 104729) % 1000) / 1000
			l = score >= 0.7 ? 4 : score >= 0.5 ? 3 : score >= 0.3 ? 2 : 1
			printf "{\"event_type\":\"prediction\",\"event_time\":\"2026-%02d-%02dT%02d:%02d:00Z\",\"prediction_id\":\"p%d\",\"customer_id\":\"C%d\",\"risk_score\":%.3f,\"risk_level\":\"%s\",\"top_features\":[]}\n",
				1 + int(i / month), 1 + int(i % month / day), int(i % day / hour), int(i % hour * 60 / hour), i, c, score, level[l]
		}
	}'
}

# Input for each, long enough to be killed in its middle several times: customers that transact, or predictions.
setup_file() {
	load lib
	dq-simulate 100000 --customers 500 --seed 5 >"$BATS_FILE_TMPDIR/dq-features.in"
	predictions 10000 >"$BATS_FILE_TMPDIR/dq-intervene.in"
	predictions 50000 >"$BATS_FILE_TMPDIR/dq-rollup.in"
}

setup() {
	for t in $STATEFUL; do ln -s "$BATS_FILE_TMPDIR/$t.in" "$TMP/$t.in"; done
	cd "$TMP"
}

whole() { "$1" --state "$1.once" --from "$1.in" --to "$1.want" --tick 1d; }

# The run that is interrupted and continued. `start TOOL &` has the tool's own pid in $!.
start() { exec "$1" --state "$1.state" --from "$1.in" --to "$1.out" --tick 1d --checkpoint-interval 1ms; }
file() { (start "$1"); }

@test "killed with -9 again and again in mid-file: the same bytes as one run" {
	for t in $STATEFUL; do
		whole "$t"
		[ -s "$t.want" ]
		kills=0
		for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
			start "$t" &
			pid=$!
			# the first checkpoint of this run must be behind it, the end before it
			before=$(jq -r '.number // 0' "$t.state/commit" 2>/dev/null || echo 0)
			within 20 eval '[ "$(jq -r ".number // 0" "$t.state/commit" 2>/dev/null || echo 0)" -gt '"${before:-0}"' ] || ! kill -0 $pid 2>/dev/null'
			sleep "0.00$((round * 3 % 10))"
			kill -9 $pid 2>/dev/null || :
			if ! wait $pid 2>/dev/null; then kills=$((kills + 1)); else break; fi
		done
		echo "$t: killed $kills times, $(jq -c . "$t.state/commit")"
		[ "$kills" -ge 3 ]
		if [ "$(jq -r .ended "$t.state/commit")" = 0 ]; then file "$t"; fi
		cmp "$t.want" "$t.out"
	done
}

@test "stopped by SIGTERM in mid-file it ends with 0, and continues to the same bytes" {
	for t in $STATEFUL; do
		whole "$t"
		start "$t" &
		pid=$!
		within 20 test -s "$t.state/commit"
		kill -TERM $pid 2>/dev/null || :
		wait $pid
		[ "$(jq -r .ended "$t.state/commit")" = 0 ] || { echo "$t was too quick to be stopped"; return 1; }
		file "$t"
		cmp "$t.want" "$t.out"
	done
}

@test "a directory in use is exit 2" {
	for t in $STATEFUL; do
		mkfifo "$t.fifo"
		"$t" --state "$t.state" <"$t.fifo" >/dev/null &
		pid=$!
		exec 7>"$t.fifo"
		within 10 test -e "$t.state/lock"
		within 10 eval '! flock -n "$t.state/lock" true'
		code 2 "$t" --state "$t.state" </dev/null
		has "in use by another process"
		lines 1
		exec 7>&-
		wait $pid
	done
}

# state TOOL   A fresh state after half of the input.
state() {
	rm -rf "$1.state"
	head -n 5000 "$1.in" | "$1" --state "$1.state" --tick 1d >/dev/null
}

snapshot() { echo "$1".state/snapshot.*; }

@test "a damaged snapshot is exit 70, wherever the damage is" {
	for t in $STATEFUL; do
		state "$t"
		s=$(snapshot "$t")
		cp "$s" good
		size=$(stat -c %s good)
		[ "$size" -gt 1000 ]
		for at in 9 30 200 $((size / 2)) $((size - 9)) $((size - 1)); do
			cp good "$s"
			byte=$(od -An -tu1 -j "$at" -N1 good)
			# shellcheck disable=SC2059
			printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$s" bs=1 seek="$at" conv=notrunc status=none
			code 70 "$t" --state "$t.state" --tick 1d </dev/null || { echo "byte $at of $size"; return 1; }
			lines 1
		done
		sed '1s/dqstate./dqstate0/' good >"$s"
		code 2 "$t" --state "$t.state" --tick 1d </dev/null
		for keep in 0 7 30 $((size / 3)) $((size - 8)) $((size - 1)); do
			head -c "$keep" good >"$s"
			code 70 "$t" --state "$t.state" --tick 1d </dev/null || { echo "cut to $keep of $size"; return 1; }
		done
		{ cat good; echo; } >"$s"
		code 70 "$t" --state "$t.state" --tick 1d </dev/null
		rm "$s"
		code=0
		"$t" --state "$t.state" --tick 1d </dev/null 2>err || code=$?
		[ $code -eq 70 ] || [ $code -eq 2 ]
		cp good "$s"
		code 0 "$t" --state "$t.state" --tick 1d </dev/null
	done
}

@test "a damaged commit file is exit 70" {
	for t in $STATEFUL; do
		state "$t"
		echo '{"tool":' >"$t.state/commit"
		code 70 "$t" --state "$t.state" --tick 1d </dev/null
		lines 1
		: >"$t.state/commit"
		code 70 "$t" --state "$t.state" --tick 1d </dev/null
	done
}

@test "a snapshot of another version is exit 2 and says what to do" {
	for t in $STATEFUL; do
		state "$t"
		s=$(snapshot "$t")
		sed -i '2s/"version":"/"version":"other-/' "$s"
		code 2 "$t" --state "$t.state" --tick 1d </dev/null
		lines 1
	done
}

@test "another tool's directory is exit 2" {
	state dq-features
	code 2 dq-intervene --state dq-features.state </dev/null
	has "another tool"
	lines 1
}

# halfway TOOL   Stopped in mid-file.
halfway() {
	rm -rf "$1.state" "$1.out"
	start "$1" &
	within 20 test -s "$1.state/commit"
	kill -9 $!
	wait $! 2>/dev/null || :
	[ "$(jq -r .ended "$1.state/commit")" = 0 ]
}

@test "in mid-file, other files than before are exit 2" {
	for t in $STATEFUL; do
		halfway "$t"
		cp "$t.in" other.in
		code 2 "$t" --state "$t.state" --from other.in --to "$t.out" --tick 1d
		has "finish that first"
		code 2 "$t" --state "$t.state" --from "$t.in" --to other.out --tick 1d
		code 2 "$t" --state "$t.state" --tick 1d <"$t.in"
		mv "$t.in" old
		sed '1s/20../2031/' old >"$t.in"
		code 2 file "$t"
		has "is not the file"
		head -n 1 old >"$t.in"
		code 2 file "$t"
		rm "$t.in"
		mv old "$t.in"
		: >"$t.out"
		code 2 file "$t"
		has "output was lost"
	done
}

@test "a state that cannot be written is exit 74, and the last one still holds" {
	for t in $STATEFUL; do
		whole "$t"
		state "$t"
		cp -r "$t.state" kept
		tail -n +5001 "$t.in" >rest
		got=0
		(
			trap '' XFSZ
			ulimit -f 4
			"$t" --state "$t.state" --tick 1d <rest | cat >/dev/null
			exit "${PIPESTATUS[0]}"
		) 2>err || got=$?
		[ $got -eq 74 ] || { echo "$t: exit $got"; cat err; return 1; }
		{ head -n 5000 "$t.in" | "$t" --state "$t.again" --tick 1d; "$t" --state "$t.state" --tick 1d <rest; } >both
		cmp both "$t.want"
		rm -rf kept
	done
}

@test "a directory that cannot be made is exit 2" {
	for t in $STATEFUL; do
		code 2 "$t" --state "$TMP/no/such" </dev/null
		lines 1
		: >plain
		code 2 "$t" --state plain </dev/null
		lines 1
	done
}

@test "a refused record leaves the state as it was before this run" {
	for t in $STATEFUL; do
		state "$t"
		sum=$(cat "$t.state/commit" "$(snapshot "$t")" | sha256sum)
		{ sed -n 5001,6000p "$t.in"; echo '{bad'; } | code 65 "$t" --state "$t.state" --tick 1d
		[ "$(cat "$t.state/commit" "$(snapshot "$t")" | sha256sum)" = "$sum" ]
	done
}

@test "a path longer than 255 bytes is continued in mid-file like any other" {
	deep=$(printf 'd%.0s' $(seq 200))/$(printf 'e%.0s' $(seq 200))
	mkdir -p "$deep"
	for t in $STATEFUL; do
		ln -s "$(readlink "$t.in")" "$deep/$t.in"
		long() { exec "$t" --state "$t.state" --from "$deep/$t.in" --to "$deep/$t.out" --tick 1d --checkpoint-interval 1ms; }
		whole "$t"
		long &
		pid=$!
		within 20 test -s "$t.state/commit"
		kill -TERM $pid 2>/dev/null || :
		wait $pid
		[ "$(jq -r .ended "$t.state/commit")" = 0 ] || { echo "$t was too quick to be stopped"; return 1; }
		[ "$(jq -r '.input | length' "$t.state/commit")" -gt 255 ]
		(long)
		cmp "$t.want" "$deep/$t.out"
	done
}
