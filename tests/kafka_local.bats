# --state DIR of a tool that reads a topic: values are never wrong, whatever is killed; and what does not fit together is refused.
load lib
load kafka

setup_file() {
	load lib
	load kafka
	broker_up
	DQ_BOOTSTRAP_SERVER=$(tests/kafka/broker address)
	dq-simulate 12000 --customers 300 >"$BATS_FILE_TMPDIR/in"
	# as one undisturbed run gives it
	topics_in=$(printf '{"name":"%s","partitions":3,"days":1}\n' whole whole-out)
	dq-topics create --table - <<<"$topics_in" >/dev/null
	dq-cat --to kafka:whole <"$BATS_FILE_TMPDIR/in"
	dq-features --emit each --source never --from kafka:whole -e --to kafka:whole-out
	dq-cat --from kafka:whole-out -e | grep '"features"' | sort >"$BATS_FILE_TMPDIR/want"
	[ "$(wc -l <"$BATS_FILE_TMPDIR/want")" -gt 10000 ]
}
teardown_file() { broker_down; }

# features OUT ARGS...
features() {
	local out=$1
	shift
	DQ_STATE_LARGE=30000 dq-features --emit each --source never --from kafka:"$in" -G "g-$out" --state "$TMP/state" --to kafka:"$out" --checkpoint-interval 20ms "$@"
}

sum() { { cat "$TMP"/state/? 2>/dev/null || :; } | sha256sum; }

# Starts it again and again with a kill -9 while it is at work and the input grows, then lets it finish.
kills() {
	local out=$1 part pid killed=0 before
	shift
	split -n l/6 "$BATS_FILE_TMPDIR/in" "$TMP/part."
	for part in "$TMP"/part.*; do
		features "$out" --instance a "$@" 2>>"$TMP/log" 3>&- &
		pid=$!
		before=$(sum)
		dq-cat --to kafka:"$in" <"$part"
		within 30 eval '[ "$(sum)" != "$before" ]'
		sleep "0.0$((killed * 7 % 10))"
		pkill -KILL -P $pid
		wait $pid 2>/dev/null || killed=$((killed + 1))
	done
	features "$out" --instance a -e "$@" 2>>"$TMP/log"
	[ "$killed" -eq 6 ]
}

@test "at least once: killed again and again, records may repeat, no value is wrong" {
	in=local-a
	topics local-a local-a-out
	kills local-a-out --plain
	dq-cat --from kafka:local-a-out -e | grep '"features"' | sort >"$TMP/got"
	[ "$(wc -l <"$TMP/got")" -ge "$(wc -l <"$BATS_FILE_TMPDIR/want")" ]
	sort -u "$TMP/got" | cmp - <(sort -u "$BATS_FILE_TMPDIR/want")
	# written anew now and then: most of what was ever saved is gone
	for part in "$TMP"/part.a[a-c]; do
		dq-cat --to kafka:"$in" <"$part"
		features local-a-out --instance a --plain -e 2>>"$TMP/log"
	done
	[ "$(grep -a -o -m 1 '@offset[0-9]*' "$TMP/state/0" | sed -n 1p)" != @offset0 ]
}

@test "with transactions: the same, and nothing repeats" {
	in=local-b
	topics local-b local-b-out
	kills local-b-out
	dq-cat --from kafka:local-b-out -e | grep '"features"' | sort | cmp - "$BATS_FILE_TMPDIR/want"
}

@test "a state that is not the group's, or of other options, is refused and left alone" {
	in=local-c
	topics local-c local-c-out
	head -n 2000 "$BATS_FILE_TMPDIR/in" | dq-cat --to kafka:$in
	code 0 features local-c-out -e
	cp -r "$TMP/state" "$TMP/kept"
	code 2 features local-c-out -e --zone Europe/Berlin
	has "with other options"
	dq-cat --from kafka:$in -G g-local-c-out -e >/dev/null
	sed -n 2001,3000p "$BATS_FILE_TMPDIR/in" | dq-cat --to kafka:$in
	dq-cat --from kafka:$in -G g-local-c-out -e >/dev/null
	code 2 features local-c-out -e
	has "another process has moved it on"
	diff -r "$TMP/kept" "$TMP/state"
	rm -r "$TMP/state"
	code 2 features local-c-out -e
	got=0
	timeout 20 dq-features --source never --from kafka:$in --state "$TMP/state" -e 2>"$TMP/err" | cat >/dev/null || got=$?
	[ $got -eq 2 ]
	has "kafka:TOPIC, or --plain"
}

@test "behind a topic's reader a directory is refused" {
	in=local-d
	topics local-d
	head -n 10 "$BATS_FILE_TMPDIR/in" | dq-cat --to kafka:$in
	{ dq-cat --from kafka:$in -G g-behind -e 2>/dev/null || :; } | code 2 dq-features --state "$TMP/state"
	has "behind a topic's reader"
}

@test "what was torn or damaged behind the last commit does not matter" {
	in=local-e
	topics local-e local-e-out
	head -n 3000 "$BATS_FILE_TMPDIR/in" | dq-cat --to kafka:$in
	code 0 features local-e-out -e
	printf 'torn' >>"$TMP/state/0"
	tail -n +3001 "$BATS_FILE_TMPDIR/in" | dq-cat --to kafka:$in
	code 0 features local-e-out -e
	dq-cat --from kafka:local-e-out -e | grep '"features"' | sort | cmp - "$BATS_FILE_TMPDIR/want"
	# before it, it does
	size=$(stat -c %s "$TMP/state/0")
	printf 'X' | dd of="$TMP/state/0" bs=1 seek=$((size / 2)) conv=notrunc status=none
	code 2 features local-e-out -e
	has "reset"
}
