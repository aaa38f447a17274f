# --spool DIR: what goes to a topic waits on disk while no broker answers. Whatever is killed, nothing is lost and each customer's order is kept.
load lib
load kafka

setup_file() {
	load lib
	load kafka
	broker_up
}
teardown_file() { broker_down; }

# in_order FILE TOPIC   The topic has every record of the file; of each customer first ones come in the file's order. Repeats are allowed.
in_order() {
	dq-cat --from kafka:"$2" -e | by_customer | awk '!seen[$0]++' | diff -q - <(by_customer <"$1")
}

# spooling FILE ARGS...   A dq-cat in the background, fed by standard input, that says what it does in $TMP/log.
spooled() {
	dq-cat --to kafka:"$topic" --spool "$TMP/spool" "$@" 2>>"$TMP/log" 3>&-
}

is_spooled() { grep -aqF -- "$1" "$TMP"/spool/*.log 2>/dev/null; }
waiting() { sed -nE 's/.*"delivered":([0-9]+).*/\1/p' "$TMP/spool/position"; }

@test "with a broker: the same records as without, and nothing stays behind" {
	topic=sp-plain
	topics sp-plain:3
	records 3000 >"$TMP/in"
	code 0 spooled <"$TMP/in"
	[ ! -s "$TMP/log" ]
	dq-cat --from kafka:sp-plain -e | by_customer | diff -q - <(by_customer <"$TMP/in")
	code 0 spooled --timeout 5s </dev/null
	[ "$(dq-cat --from kafka:sp-plain -e | wc -l)" -eq 3000 ]
}

@test "the broker is away at the start: the tool starts, takes all, says so and exits 75; the next run sends it" {
	topic=sp-away
	topics sp-away:3
	records 2000 >"$TMP/in"
	tests/kafka/broker kill
	code 75 dq-cat --to kafka:sp-away --spool "$TMP/spool" --timeout 2s <"$TMP/in"
	has "no broker answered: 2000 records wait there; the next run with it sends them"
	# asked to stop, it leaves at once, and that is no failure
	mkfifo "$TMP/fifo"
	dq-cat --to kafka:sp-away --spool "$TMP/spool" <"$TMP/fifo" 2>"$TMP/err" 3>&- &
	exec 4>"$TMP/fifo"
	records 10 | sed 's/"n":/"n":9000/' >&4
	within 10 is_spooled '"n":900010'
	kill -TERM $!
	code 0 wait $!
	exec 4>&-
	tests/kafka/broker restart
	code 0 dq-cat --to kafka:sp-away --spool "$TMP/spool" </dev/null
	has "a broker answers: 2010 records that waited go out"
	{ cat "$TMP/in"; records 10 | sed 's/"n":/"n":9000/'; } >"$TMP/all"
	dq-cat --from kafka:sp-away -e | by_customer | diff -q - <(by_customer <"$TMP/all")
}

@test "the broker is killed in the middle and comes back: every record, in order" {
	topic=sp-middle
	topics sp-middle:3
	records 40000 >"$TMP/in"
	{
		head -n 15000 "$TMP/in"
		sleep 1
		tests/kafka/broker kill
		sed -n 15001,30000p "$TMP/in"
		sleep 3
		tests/kafka/broker restart >/dev/null
		tail -n +30001 "$TMP/in"
	} | spooled
	has "no broker answers: records wait there" "$TMP/log"
	has "records that waited go out" "$TMP/log"
	in_order "$TMP/in" sp-middle
}

# spool_and_die FILE   A tool that is killed -9 once it has spooled all of it, its input still open.
spool_and_die() {
	[ -p "$TMP/fifo" ] || mkfifo "$TMP/fifo"
	dq-cat --to kafka:"$topic" --spool "$TMP/spool" <"$TMP/fifo" 2>>"$TMP/log" 3>&- &
	exec 4>"$TMP/fifo"
	cat "$1" >&4
	within 20 is_spooled "$(tail -n 1 "$1")"
	kill -KILL $!
	code 137 wait $!
	exec 4>&-
}

@test "the tool is killed -9 while it spools: what it took is there" {
	topic=sp-kill-spooling
	topics sp-kill-spooling:3
	records 30000 >"$TMP/in"
	tests/kafka/broker kill
	split -n l/3 "$TMP/in" "$TMP/part."
	for part in "$TMP"/part.*; do
		spool_and_die "$part"
	done
	tests/kafka/broker restart
	code 0 spooled </dev/null
	in_order "$TMP/in" sp-kill-spooling
}

@test "the tool is killed -9 while it drains: records may repeat, none is lost" {
	topic=sp-kill-draining
	topics sp-kill-draining:3
	records 60000 >"$TMP/in"
	tests/kafka/broker kill
	code 75 spooled --timeout 1s <"$TMP/in"
	tests/kafka/broker restart
	before=0 killed=0
	for _ in 1 2 3; do
		dq-cat --to kafka:"$topic" --spool "$TMP/spool" </dev/null 2>>"$TMP/log" 3>&- &
		within 20 eval '[ "$(waiting)" != "$before" ] || ! kill -0 $!'
		kill -KILL $! && wait $! 2>/dev/null || killed=$((killed + 1))
		before=$(waiting)
	done
	[ "$killed" -gt 0 ]
	code 0 spooled </dev/null
	in_order "$TMP/in" sp-kill-draining
}

@test "both are killed, again and again" {
	topic=sp-both
	topics sp-both:3
	records 30000 >"$TMP/in"
	split -n l/6 "$TMP/in" "$TMP/part."
	n=0
	for part in "$TMP"/part.*; do
		n=$((n + 1))
		case $n in 2 | 5) tests/kafka/broker kill ;; 3 | 6) tests/kafka/broker restart >/dev/null ;; esac
		spool_and_die "$part"
	done
	code 0 spooled </dev/null
	in_order "$TMP/in" sp-both
}

@test "--spool-limit: full, the tool waits with one line and loses nothing" {
	topic=sp-limit
	topics sp-limit:3
	records 40000 >"$TMP/in"
	tests/kafka/broker kill
	spooled --spool-limit 1048576 <"$TMP/in" &
	within 20 grep -q ': full with ' "$TMP/log"
	sleep 1
	[ "$(grep -c ': full with ' "$TMP/log")" -eq 1 ]
	[ "$(du -sb "$TMP/spool" | cut -f 1)" -lt 1600000 ]
	kill -0 $!
	tests/kafka/broker restart
	code 0 wait $!
	in_order "$TMP/in" sp-limit
}

@test "a torn tail is cut with a line that says so; what stands before it is sent" {
	topic=sp-torn
	topics sp-torn:3
	records 1000 >"$TMP/in"
	tests/kafka/broker kill
	code 75 spooled --timeout 1s <"$TMP/in"
	log=$(ls "$TMP"/spool/*.log)
	at=$(grep -abo '"n":991}' "$log" | sed -n 1p | cut -d : -f 1)
	printf 'X' | dd of="$log" bs=1 seek="$at" conv=notrunc status=none
	tests/kafka/broker restart
	code 0 dq-cat --to kafka:sp-torn --spool "$TMP/spool" </dev/null
	has "torn behind byte"
	has "a broker answers: 990 records that waited go out"
	grep -aq '"n":1000}' "$TMP"/spool/*.cut
	head -n 990 "$TMP/in" >"$TMP/want"
	in_order "$TMP/want" sp-torn
}

@test "simulated customers through the spool, ticks in every partition" {
	topic=sp-ticks
	topics sp-ticks:3 sp-direct:3
	dq-simulate 4000 >"$TMP/in"
	code 0 spooled <"$TMP/in"
	dq-cat --to kafka:sp-direct <"$TMP/in"
	dq-cat --from kafka:sp-direct -e | sort >"$TMP/want"
	dq-cat --from kafka:sp-ticks -e | sort | cmp - "$TMP/want"
	code 0 dq-simulate 1000 --to kafka:sp-ticks --spool "$TMP/spool"
	[ "$(dq-cat --from kafka:sp-ticks -e | wc -l)" -gt "$(wc -l <"$TMP/want")" ]
}

@test "from a topic with --plain: offsets are committed when records are on the disk" {
	topic=sp-out
	topics sp-in:3 sp-out:3
	records 5000 | tee "$TMP/in" | dq-cat --to kafka:sp-in
	code 0 spooled --from kafka:sp-in -G sp --plain -e
	in_order "$TMP/in" sp-out
	code 0 spooled --from kafka:sp-in -G sp --plain -e
	[ "$(dq-cat --from kafka:sp-out -e | wc -l)" -eq 5000 ]
}

@test "what does not fit together is refused with 2" {
	topics sp-x:1
	code 2 dq-cat --spool "$TMP/spool" </dev/null
	has "for --to kafka:TOPIC"
	code 2 dq-cat --from kafka:sp-x -G sp-x --to kafka:sp-x --spool "$TMP/spool" -e
	has "--plain"
	code 2 dq-features --to kafka:sp-x --state kafka:sp-x --spool "$TMP/spool" </dev/null
	has "--state DIR"
	code 2 dq-cat --to kafka:sp-x --transactional-id a --spool "$TMP/spool" </dev/null
	has "choose one"
	code 2 dq-cat --to kafka:sp-x --dlq kafka:sp-x --spool "$TMP/spool" </dev/null
	has "a path then"
	code 2 dq-cat --to kafka:sp-x --spool-limit 1000 --spool "$TMP/spool" </dev/null
	has "at least 1048576"
	code 2 dq-cat --to kafka:sp-no-such --spool "$TMP/no-such" --timeout 60s < <(records 1)
	has "no such topic"
	# its records are for that topic
	code 2 dq-cat --to kafka:sp-x --spool "$TMP/no-such" </dev/null
	has "are for kafka:sp-no-such"
	# what comes with checkpoints is exactly once
	{ dq-cat --from kafka:sp-x -G sp-pipe -e 2>/dev/null || :; } | code 2 dq-cat --to kafka:sp-x --spool "$TMP/spool"
	has "exactly once"
	# one owner
	rm -rf "$TMP/spool"
	mkfifo "$TMP/fifo"
	dq-cat --to kafka:sp-x --spool "$TMP/spool" <"$TMP/fifo" 3>&- &
	exec 4>"$TMP/fifo"
	within 10 test -e "$TMP/spool/position"
	code 2 dq-cat --to kafka:sp-x --spool "$TMP/spool" </dev/null
	has "in use by another process"
	exec 4>&-
	code 0 wait $!
}
