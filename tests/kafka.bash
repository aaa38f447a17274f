# Helpers of tests/kafka*.bats: one broker for a file of tests, topics of a test's own. `load lib; load kafka`.
# shellcheck shell=bash

# lib.bash takes all DQ_ settings away, in every test.
export DQ_BROKER=$BATS_FILE_TMPDIR/broker
[ ! -d "$DQ_BROKER" ] || DQ_BOOTSTRAP_SERVER=$(tests/kafka/broker address)
export DQ_BOOTSTRAP_SERVER DQ_TIMEOUT=20s

# broker_up [ARGS]   For setup_file: a broker that all tests of the file share.
broker_up() {
	tests/kafka/broker start "$@" 3>&- >/dev/null
}

# For teardown_file.
broker_down() {
	tests/kafka/broker stop
}

# topics NAME[:PARTITIONS[:compact]]...   Topics of this test, deleted by nobody: the broker goes with the file.
topics() {
	local spec name n how
	for spec in "$@"; do
		IFS=: read -r name n how <<<"$spec"
		echo "{\"name\":\"$name\",\"partitions\":${n:-3},\"days\":$([ -n "$how" ] && echo '0,"compact":true' || echo 1)}"
	done >"$TMP/topics"
	dq-topics create --table "$TMP/topics" >/dev/null
}

# records N   N records with customers and distinct contents.
records() {
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"event_type\":\"weather\",\"customer_id\":\"C%d\",\"n\":%d}\n", i % 17, i }'
}

# by_customer   Records on standard input, each customer's in their order.
by_customer() {
	sed -E 's/.*"customer_id":"([^"]*)".*/\1\t&/' | sort -s -t "$(printf '\t')" -k1,1 | cut -f 2-
}

# java_tool CLASS ARGS...   One of Kafka's own tools.
java_tool() {
	tests/kafka/broker tool "$@" 2>/dev/null
}

# reset GROUP TOPIC OFFSET   Sets what the group has committed, in all partitions or, TOPIC:N, in one.
reset() {
	java_tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --group "$1" --topic "$2" \
		--reset-offsets --to-offset "$3" --execute >/dev/null
}

# pending TOPIC   Waits until a transaction has written to the topic and is open.
pending() {
	reset "look-$1" "$1" 0
	within 20 sh -c "dq-lag -G look-$1 | grep -q '\"pending\":[1-9]'"
}
