# The page in a real Chromium before a whole pipeline on a real broker: tests/web/kafka.py. Without a Chromium or a broker it fails.
load lib
load kafka

setup_file() {
	load lib
	load kafka
	broker_up
	DQ_BOOTSTRAP_SERVER=$(tests/kafka/broker address) dq-topics create >/dev/null
}
teardown_file() { broker_down; }

@test "web on Kafka: alerts within a second of the transaction, review into the topic, broker away and back" {
	BROKER=$TOP/tests/kafka/broker timeout 450 python3 "$TOP/tests/web/kafka.py" "$TOP/build/web" 3>&-
}
