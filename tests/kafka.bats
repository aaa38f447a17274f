# Topics as endpoints, on a real broker.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

@test "dq-topics makes the table once, and check agrees" {
	code 1 dq-topics check
	lines 8 "$TMP/out"
	code 0 dq-topics create --dry-run
	code 1 dq-topics check
	code 0 dq-topics create
	lines 8 "$TMP/out"
	within 10 dq-topics check
	code 0 dq-topics create
	lines 0 "$TMP/out"
	code 0 dq-topics list
	jq -se 'length == 8 and (map(select(.topic == "interventions-stream"))[0].partitions == 2)' "$TMP/out"
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
