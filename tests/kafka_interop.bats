# What Kafka's own tools and kcat make of our topics, and we of theirs: keys, headers, partitions, transactions, groups.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

begin='{"@begin":{"version":1,"interval":200,"wait":45000},"run":"r","seq":1}'

# java_consume TOPIC N [ARGS]   N messages, from the beginning.
java_consume() {
	java_tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --topic "$1" --from-beginning --max-messages "$2" \
		--timeout-ms 20000 "${@:3}"
}

@test "the Java consumer sees our keys, partitions and values" {
	topics ours:5
	records 300 >"$TMP/in"
	dq-cat --to kafka:ours <"$TMP/in"
	java_consume ours 300 --property print.key=true --property print.partition=true | sort >"$TMP/java"
	dq-cat --from kafka:ours -e --envelope | jq -r '"Partition:\(.partition)\t\(.key)\t\(.payload)"' | sort | diff - "$TMP/java"
	lines 300 "$TMP/java"
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t ours -e -q -f 'Partition:%p\t%k\t%s\n' | sort | diff - "$TMP/java"
}

@test "keys and headers of the Java producer and of kcat are read, and no header is lost on them" {
	topics theirs:5
	printf 'h1:v1,h2:ü|c1|{"event_type":"weather","n":1}\nh1:x,h1:y|c2|{"event_type":"weather","n":2}\n' |
		java_tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --topic theirs --property parse.headers=true \
			--property parse.key=true --property headers.delimiter='|' --property key.separator='|'
	printf 'c3|{"event_type":"weather","n":3}' | kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t theirs -K'|' -H a=b -H a=
	dq-cat --from kafka:theirs -e --envelope >"$TMP/out"
	jq -sec 'sort_by(.payload) | map([.key, .headers]) == [["c1", ["h1", "v1", "h2", "ü"]], ["c2", ["h1", "x", "h1", "y"]], ["c3", ["a", "b", "a", ""]]]' "$TMP/out"
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t theirs -e -q -J >"$TMP/kcat"
	jq -sS 'sort_by(.payload) | map({topic, partition, offset, tstype, ts, headers, key, payload})' "$TMP/kcat" >"$TMP/a"
	jq -sS 'sort_by(.payload) | map({topic, partition, offset, tstype, ts, headers, key, payload})' "$TMP/out" | diff "$TMP/a" -
}

@test "read_committed readers of Java and C see what we committed, and nothing that we aborted" {
	topics once-in:2 once:2
	records 50 >"$TMP/in"
	dq-cat --to kafka:once-in <"$TMP/in"
	dq-cat --from kafka:once-in -G once -e --to kafka:once
	mkfifo "$TMP/p"
	dq-cat -G aborted --to kafka:once <"$TMP/p" 2>/dev/null 3>&- &
	exec 7>"$TMP/p"
	{ echo "$begin"; echo '{"event_type":"weather","by":"nobody"}'; } >&7
	seen() { kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t once -e -q -X isolation.level=read_uncommitted | grep -c nobody; }
	within 20 seen
	exec 7>&-
	wait || :
	dq-cat --from kafka:once-in -G once-more -e --to kafka:once
	sort "$TMP/in" "$TMP/in" >"$TMP/want"
	java_consume once 100 --isolation-level read_committed | sort | cmp - "$TMP/want"
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t once -e -q -X isolation.level=read_committed | sort | cmp - "$TMP/want"
	dq-cat --from kafka:once -e | sort | cmp - "$TMP/want"
	[ "$(seen)" -eq 1 ]
}

@test "dq-lag sees the members of Java's groups, of both protocols" {
	topics watched:2
	records 40 | dq-cat --to kafka:watched
	for protocol in classic consumer; do
		session=()
		[ $protocol = consumer ] || session=(--consumer-property session.timeout.ms=3000 --consumer-property heartbeat.interval.ms=500)
		tests/kafka/broker tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --topic watched --from-beginning \
			--group "java-$protocol" --consumer-property "group.protocol=$protocol" --consumer-property auto.commit.interval.ms=200 "${session[@]}" >/dev/null 2>&1 3>&- &
		within 40 sh -c "dq-lag -G java-$protocol | jq -se 'length == 2 and all(.[]; .messages == 0 and .state == \"ok\")'"
		kill -KILL $!
	done
	within 20 sh -c "dq-lag -G java-classic | jq -se 'all(.[]; .state == \"stopped\")'"
	records 40 | dq-cat --to kafka:watched
	sleep 1.2
	code 0 dq-lag -G java-consumer --stall 1s
	jq -se 'all(.[]; .state == "stalled" and .messages > 0)' "$TMP/out"
}
