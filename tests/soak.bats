# The short form of `make soak`: disturbed on purpose, and nothing shows.
load lib

# soak ARGS...   What it found is shown; a soak in which nothing happened proves nothing.
soak() {
	export BIN
	run timeout 150 tests/kafka/soak "$@"
	echo "$output"
	echo "# $output" >&3
	[ "$status" -eq 0 ]
	for what in kills zombies slow supervisors left brokers rebalances; do
		[[ $output =~ \ $what\ [1-9] ]] || { echo "no $what"; return 1; }
	done
}

@test "killed, stopped, slowed, rebalanced, the only broker killed: lost 0, duplicated 0, wrong 0, order and state kept" {
	soak -s 22
}

@test "the same where one process is source, filter and sink" {
	soak -s 10 -o
}

@test "the same with one of three brokers killed" {
	soak -s 12 -b 3
}

# A limit on the size of files needs no privilege and fails as a full disk does: some bytes are written, the rest are not.
@test "a disk that is full again and again: each run is exit 74, the last one's output and state are right" {
	dq-simulate --customers 200 20000 >"$TMP/in"
	dq-features --state "$TMP/calm" --from "$TMP/in" --to "$TMP/want"
	full=0 code=0
	for blocks in 0 1 2 5 10 20 50 90 130 170 210 300 500 800 1200 2000 3000 5000 unlimited; do
		code=0
		(
			trap '' XFSZ
			ulimit -f $blocks
			dq-features --state "$TMP/state" --checkpoint-interval 10ms --from "$TMP/in" --to "$TMP/got"
		) 2>"$TMP/err" || code=$?
		[ $code -ne 0 ] || break
		[ $code -eq 74 ] || { cat "$TMP/err"; return 1; }
		full=$((full + 1))
	done
	[ $code -eq 0 ] && [ $full -gt 8 ]
	cmp "$TMP/want" "$TMP/got"
	cmp "$TMP"/calm/snapshot* "$TMP"/state/snapshot*
}
