# dq-serve and a real broker: what it publishes by way of --spool.
load lib
load kafka
load serve

setup_file() {
	load lib
	load kafka
	broker_up
	DQ_BOOTSTRAP_SERVER=$(tests/kafka/broker address) dq-topics create >/dev/null
}
teardown_file() { broker_down; }

teardown() {
	[ -z "${SERVER:-}" ] || kill -KILL "$SERVER" 2>/dev/null || :
	end_jobs
}

# kafka_is FILTER   What /health says of Kafka.
kafka_is() { curl -sS "$URL/health" | jq -e ".kafka | $1" >/dev/null; }

@test "/health and /metrics tell whether a broker answers, also while nothing is published" {
	tests/kafka/broker kill
	serve --spool "$TMP/spool" </dev/null
	kafka_is '. == {state: "away", spooled: 0, spool_bytes: 0}'
	ask 200 /health
	answer '.status == "degraded"'
	tests/kafka/broker restart
	within 30 kafka_is '.state == "reachable"'
	ask 200 /health
	answer '.status == "healthy"'
	ask 200 /metrics
	has 'dq_serve_kafka_up{} 1' "$TMP/body"
	has 'dq_serve_spool_records{} 0' "$TMP/body"
	tests/kafka/broker kill
	within 30 kafka_is '.state == "away"'
	tests/kafka/broker restart
	within 30 kafka_is '.state == "reachable"'
	stop_server
}

@test "what an earlier run left in the spool goes out" {
	tests/kafka/broker kill
	records 500 >"$TMP/in"
	code 75 dq-cat --to kafka:predictions-stream,interventions-stream,dashboard-updates --spool "$TMP/spool" --timeout 1s <"$TMP/in"
	serve --spool "$TMP/spool" </dev/null
	kafka_is '.state == "away" and .spooled == 500 and .spool_bytes > 20000'
	code 2 dq-cat --to kafka:predictions-stream --spool "$TMP/spool" </dev/null
	has "in use by another process"
	tests/kafka/broker restart
	within 30 kafka_is '.state == "reachable" and .spooled == 0'
	stop_server
	dq-cat --from kafka:predictions-stream -e | by_customer | diff -q - <(by_customer <"$TMP/in")
}

@test "--spool-limit and a directory that cannot be are refused with 2" {
	code 2 dq-serve --listen 127.0.0.1:0 --spool "$TMP/spool" --spool-limit 10 </dev/null
	has "at least 1048576 bytes"
	code 2 dq-serve --listen 127.0.0.1:0 --spool /dev/null/x </dev/null
	has "/dev/null/x"
}
