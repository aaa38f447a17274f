# Topics as endpoints, on a real broker.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

@test "dq-topics makes the table once, and check agrees" {
	code 1 dq-topics check
	lines 9 "$TMP/out"
	code 0 dq-topics create --dry-run
	code 1 dq-topics check
	code 0 dq-topics create
	lines 9 "$TMP/out"
	within 10 dq-topics check
	code 0 dq-topics create
	lines 0 "$TMP/out"
	code 0 dq-topics list
	jq -se 'length == 9 and (map(select(.topic == "interventions-stream"))[0].partitions == 2)' "$TMP/out"
	code 0 dq-topics describe customer-updates
	jq -e '."cleanup.policy" == "compact" and ."delete.retention.ms" == "2592000000" and ."max.compaction.lag.ms" == "2592000000"' "$TMP/out"
	code 0 dq-topics describe transactions-stream
	jq -e '."cleanup.policy" == "delete" and ."retention.ms" == "604800000"' "$TMP/out"
}

@test "dq-topics says each difference, apply mends it, other settings stay" {
	topics diffs:2
	code 0 java_tool kafka.admin.ConfigCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --alter --topic diffs --add-config segment.ms=123456
	echo '{"name":"diffs","partitions":4,"days":2}' >"$TMP/table"
	code 1 dq-topics check --table "$TMP/table"
	jq -sec 'map([.what, .have, .want]) == [["partitions", "2", "4"], ["retention.ms", "86400000", "172800000"]]' "$TMP/out"
	code 0 dq-topics diff --table "$TMP/table"
	code 0 dq-topics apply --table "$TMP/table"
	within 10 dq-topics check --table "$TMP/table"
	code 0 dq-topics describe diffs
	jq -e '."segment.ms" == "123456" and .partitions == 4' "$TMP/out"
	echo '{"name":"diffs","partitions":3,"days":2}' >"$TMP/table"
	code 1 dq-topics apply --table "$TMP/table"
	has "cannot be taken away"
	code 0 dq-topics delete diffs
	within 10 sh -c '! dq-topics describe diffs'
}

@test "what is written is read again, byte for byte, each customer in order" {
	topics round
	records 5000 >"$TMP/in"
	code 0 dq-cat --to kafka:round <"$TMP/in"
	code 0 dq-cat --from kafka:round -e
	cmp <(by_customer <"$TMP/in") <(by_customer <"$TMP/out")
	lines 0
}

@test "a queue that is full holds the filter back: nothing is lost, each customer in order" {
	topics full full2
	records 100000 >"$TMP/in"
	code 0 dq-cat --to kafka:full -X queue.buffering.max.messages=300 <"$TMP/in"
	dq-cat --from kafka:full -e >"$TMP/first"
	cmp <(by_customer <"$TMP/in") <(by_customer <"$TMP/first")
	code 0 dq-cat --from kafka:full -G g-full -e --checkpoint-interval 50ms --to kafka:full2 -X queue.buffering.max.messages=300
	dq-cat --from kafka:full2 -e >"$TMP/second"
	cmp <(by_customer <"$TMP/in") <(by_customer <"$TMP/second")
}

@test "a line too long for a message, amid many: exit 65, what came before it is there, of a transaction nothing" {
	topics amid amid2:1
	{
		records 20000
		printf '{"event_type":"weather","customer_id":"C1","x":"%0150000d"}\n' 0
		records 20000
	} >"$TMP/in"
	code 65 dq-cat --to kafka:amid -X message.max.bytes=100000 <"$TMP/in"
	[ "$(grep -c "too long for a message" "$TMP/err")" -eq 1 ]
	# what came before it is there
	[ "$(dq-cat --from kafka:amid -e | wc -l)" -eq 20000 ]
	topics amid3:1
	code 0 dq-cat --to kafka:amid3 <"$TMP/in"
	code 65 dq-cat --from kafka:amid3 -G g-amid -e --checkpoint-interval 10s --to kafka:amid2 -X message.max.bytes=100000
	has "too long for a message"
	[ "$(dq-cat --from kafka:amid2 -e | wc -l)" -eq 0 ]
}

@test "keys land in the partition where the Java client puts them" {
	topics ours:7 theirs:7
	for i in $(seq 200); do
		printf '{"event_type":"weather","customer_id":"%s","n":%d}\n' "$(printf 'customer-%d-é' $((i * 7919)) | cut -c "1-$((i % 16 + 1))")" "$i"
	done >"$TMP/in"
	code 0 dq-cat --to kafka:ours <"$TMP/in"
	jq -r '.customer_id + "\t" + (. | tojson)' "$TMP/in" |
		java_tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --topic theirs --property parse.key=true
	for t in ours theirs; do
		dq-cat --from kafka:$t -e --envelope | jq -r '[.key, .partition] | @tsv' | sort -u >"$TMP/$t"
	done
	[ "$(wc -l <"$TMP/ours")" -gt 50 ]
	diff "$TMP/ours" "$TMP/theirs"
}

@test "kcat and the Java consumer read what we write, we read what they write" {
	topics inter
	records 20 >"$TMP/in"
	code 0 dq-cat --to kafka:inter <"$TMP/in"
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t inter -e -q | sort | cmp - <(sort "$TMP/in")
	java_tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --topic inter --from-beginning --max-messages 20 |
		sort | cmp - <(sort "$TMP/in")
	echo 'k:{"event_type":"weather","by":"kcat"}' | kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t inter -K: -H h=v
	code 0 dq-cat --from kafka:inter -e --where '.by == "kcat"'
	out_is '{"event_type":"weather","by":"kcat"}'
	dq-cat --from kafka:inter -e --envelope | grep kcat >"$TMP/out"
	jq -e '.key == "k" and .headers == ["h", "v"] and .topic == "inter" and (.payload | fromjson | .by == "kcat")' "$TMP/out"
}

@test "-o, -c, -e: beginning, end, N, -N, times" {
	topics places:1
	records 10 | dq-cat --to kafka:places
	sleep 0.2
	middle=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
	sleep 0.2
	records 20 | tail -n 10 | dq-cat --to kafka:places
	ns() { sed -E 's/.*"n":([0-9]+).*/\1/' "$TMP/out" | paste -s -d ' '; }
	code 0 dq-cat --from kafka:places -e -o 17
	[ "$(ns)" = "18 19 20" ]
	code 0 dq-cat --from kafka:places -e -o -2
	[ "$(ns)" = "19 20" ]
	code 0 dq-cat --from kafka:places -o beginning -c 3
	[ "$(ns)" = "1 2 3" ]
	code 0 dq-cat --from kafka:places -e -o end
	[ "$(ns)" = "" ]
	code 0 dq-cat --from kafka:places -e -o "s@$middle"
	[ "$(ns)" = "11 12 13 14 15 16 17 18 19 20" ]
	code 0 dq-cat --from kafka:places -o "e@$middle"
	[ "$(ns)" = "1 2 3 4 5 6 7 8 9 10" ]
	code 0 dq-cat --from kafka:places -o "s@$middle" -o "e@$middle"
	[ "$(ns)" = "" ]
	code 2 dq-cat --from kafka:places -o yesterday
	code 2 dq-cat --from kafka:places -G g -o 17
}

@test "a group goes on where it was, and kafka-consumer-groups agrees" {
	topics group
	records 100 >"$TMP/in"
	dq-cat --to kafka:group <"$TMP/in"
	code 0 dq-cat --from kafka:group -G g-group -e
	sort "$TMP/out" | cmp - <(sort "$TMP/in")
	code 0 dq-cat --from kafka:group -G g-group -e
	lines 0 "$TMP/out"
	records 103 | tail -n 3 | dq-cat --to kafka:group
	java_tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --describe --group g-group >"$TMP/java"
	[ "$(awk '$2 == "group" { lag += $6 } END { print lag }' "$TMP/java")" -eq 3 ]
	code 0 dq-cat --from kafka:group -G g-group -e
	lines 3 "$TMP/out"
}

@test "a topic that is not there is exit 2 and says what to do" {
	code 2 dq-cat --from kafka:nowhere
	has "nowhere: no such topic"
	code 2 dq-cat --to kafka:nowhere </dev/null
	has "dq-topics create"
}

@test "no broker: said once, exit 75 after --timeout" {
	echo '{"event_type":"weather"}' >"$TMP/in"
	code 75 timeout 30 dq-cat -b 127.0.0.1:1 --timeout 1s --from kafka:x
	[ "$(wc -l <"$TMP/err")" -le 3 ]
	code 75 timeout 30 dq-cat -b 127.0.0.1:1 --timeout 1s --to kafka:x --from "$TMP/in"
	[ "$(wc -l <"$TMP/err")" -le 3 ]
}

@test "malformed values: stop, skip, or a dead letter with the bytes and the place" {
	topics bad:1 letters:1
	printf '%s\n' '{"event_type":"weather","n":1}' 'no json' '{"@x":1}' '{"event_type":"weather","n":2}' >"$TMP/in"
	kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t bad "$TMP/in" -l
	printf 'a\nb' | kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t bad -D '~'
	code 65 dq-cat --from kafka:bad -e
	has "bad[0] offset 1"
	lines 1 "$TMP/out"
	code 0 dq-cat --from kafka:bad -e --on-bad skip
	lines 2 "$TMP/out"
	lines 3
	code 0 dq-cat --from kafka:bad -e --dlq kafka:letters
	lines 2 "$TMP/out"
	dq-cat --from kafka:letters -e >"$TMP/out"
	jq -se 'map(.source.offset) == [1, 2, 4] and map(.raw | @base64d) == ["no json", "{\"@x\":1}", "a\nb"] and all(.[]; .source.topic == "bad")' "$TMP/out"
}

@test "ticks go to every partition from outside, to the same one from a topic" {
	topics ticks:3 same:3 fewer:2
	code 0 dq-tick --to kafka:ticks
	code 0 dq-cat --from kafka:ticks -e
	lines 3 "$TMP/out"
	code 0 dq-cat --from kafka:ticks -e -G g-ticks --to kafka:same
	[ "$(dq-cat --from kafka:same -e --envelope | jq .partition | sort | paste -s -d ' ')" = "0 1 2" ]
	code 0 dq-cat --from kafka:ticks -e -G g-ticks2 --to kafka:fewer
	code 0 dq-cat --from kafka:fewer -e
	lines 0 "$TMP/out"
}

@test "dq-simulate spreads kinds over the topics they belong to" {
	dq-topics create >/dev/null
	code 0 dq-simulate --to kafka:transactions-stream,customer-updates 500
	code 0 dq-cat --from kafka:customer-updates -e
	jq -se 'length > 0 and all(.[]; .event_type == "customer")' "$TMP/out"
	code 0 dq-cat --from kafka:transactions-stream -e
	jq -se 'length > 500 and all(.[]; .event_type != "customer")' "$TMP/out"
}

@test "dq-run knows the lag of its source and the age of the last checkpoint" {
	topics watched watched-out
	records 500 | dq-cat --to kafka:watched
	dq-run --metrics "$TMP/m.prom" --status 1s 'dq-cat --from kafka:watched -G g-watched | dq-cat --to kafka:watched-out' 2>"$TMP/err" &
	pid=$!
	within 30 grep -qs 'dq_lines_out_total{slot="0",stage="1",tool="dq-cat"} 500' "$TMP/m.prom"
	within 10 grep -q 'dq_lag_records{slot="0",stage="0",tool="dq-cat"} 0' "$TMP/m.prom"
	within 10 grep -q 'lag 0, 0 restarts, last checkpoint [0-9.]* s ago' "$TMP/err"
	kill -TERM $pid
	wait $pid
	at=$(sed -nE 's/^dq_checkpoint_time_seconds\{slot="0",stage="1".* ([0-9]+)(\..*)?$/\1/p' "$TMP/m.prom")
	[ "$at" -gt $(($(date +%s) - 60)) ] && [ "$at" -le "$(date +%s)" ]
	[ "$(dq-cat --from kafka:watched-out -e | wc -l)" -eq 500 ]
}

@test "--transactional-id without checkpoints is exit 2, and nothing is written" {
	topics named
	records 3 >"$TMP/in"
	code 2 dq-cat --to kafka:named --transactional-id t <"$TMP/in"
	has "standard input has no checkpoints"
	lines 1
	code 2 dq-cat --to kafka:named --transactional-id t --from "$TMP/in"
	code 2 dq-cat --to kafka:named --transactional-id t --from kafka:named -e
	code 2 dq-cat --from kafka:named -G g-named -e --transactional-id t
	code 2 dq-cat --from kafka:named -G g-named -e --transactional-id t --to kafka:named --plain
	[ "$(dq-cat --from kafka:named -e | wc -l)" -eq 0 ]
	code 2 dq-simulate --transactional-id t --to kafka:named 10
}

@test "a broker that goes away: said once each, work goes on when it is back" {
	topics away away-out
	# the group may have forgotten us meanwhile: that is exit 75, which a supervisor mends
	dq-run 'dq-cat --from kafka:away -G g-away --to kafka:away-out' 2>"$TMP/err" &
	pid=$!
	records 50 | dq-cat --to kafka:away
	within 20 eval '[ "$(dq-cat --from kafka:away-out -e | wc -l)" -eq 50 ]'
	tests/kafka/broker kill
	within 20 grep -q "trying again" "$TMP/err"
	sleep 2
	# the reader and the writer each
	[ "$(wc -l <"$TMP/err")" -le 2 ]
	tests/kafka/broker restart
	records 70 | tail -n 20 | dq-cat --to kafka:away
	within 40 eval '[ "$(dq-cat --from kafka:away-out -e | wc -l)" -eq 70 ]'
	kill -TERM $pid
	wait $pid
}

@test "a broker that stays away is exit 75 after --timeout, from a topic and to one" {
	topics gone gone-out
	within 10 dq-topics describe gone gone-out >/dev/null
	dq-cat --from kafka:gone -G g-gone --timeout 3s --to kafka:gone-out 2>"$TMP/from.err" &
	from=$!
	mkfifo "$TMP/fifo"
	dq-cat --timeout 3s --to kafka:gone-out -X queue.buffering.max.messages=1000 <"$TMP/fifo" 2>"$TMP/to.err" &
	to=$!
	exec 7>"$TMP/fifo"
	records 1 >&7
	within 20 eval '[ "$(dq-cat --from kafka:gone-out -e | wc -l)" -eq 1 ]'
	tests/kafka/broker kill
	# more than its queue takes: it ends while it waits for room
	{ records 100000 | tail -n +2 >&7; } 2>/dev/null &
	for pid in $from $to; do
		within 30 eval '[ "$(ps -o stat= -p $pid)" = "" ] || ps -o stat= -p $pid | grep -q Z'
		got=0
		wait $pid || got=$?
		[ $got -eq 75 ]
	done
	exec 7>&-
	tests/kafka/broker restart
	cat "$TMP/from.err" "$TMP/to.err"
	[ "$(wc -l <"$TMP/from.err")" -le 3 ]
	[ "$(wc -l <"$TMP/to.err")" -le 2 ]
}

@test "the steps of dq-setup(7), as they stand there" {
	tests/examples man/dq-setup.7
}
