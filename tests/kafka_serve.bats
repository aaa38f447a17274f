# dq-serve and a real broker: what it publishes by way of --spool, what it reads.
load lib
load kafka
load serve

setup_file() {
	load lib
	load kafka
	make -s web
	broker_up
	DQ_BOOTSTRAP_SERVER=$(tests/kafka/broker address) dq-topics create >/dev/null
}
teardown_file() { broker_down; }

teardown() {
	[ -z "${SERVER:-}" ] || kill -KILL "$SERVER" 2>/dev/null || :
	end_jobs
}

# predict BODY [CURL OPTIONS]
predict() { curl -sS -H 'Content-Type: application/json' -X POST -d "$@" "$URL/predict"; }

# events TOPIC   How many predictions it has.
events() { dq-cat --from kafka:"$1" -e | grep -c '"event_type":"prediction"' || :; }

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

@test "what the server's own pipeline makes is in the topics, in order, whatever is killed" {
	dq-simulate 3000 --customers 100 >"$TMP/in"
	tests/kafka/broker kill
	serve --spool "$TMP/spool" --emit trigger <"$TMP/in"
	within 60 sh -c "curl -sS '$URL/health' | jq -e '.sources[0].state == \"ended\"'"
	within 30 kafka_is '.state == "away" and .spooled > 0'
	# killed, what it made is there all the same
	kill -KILL "$SERVER"
	wait "$SERVER" || :
	tests/kafka/broker restart
	serve --spool "$TMP/spool" --emit trigger </dev/null
	within 60 kafka_is '.state == "reachable" and .spooled == 0'
	stop_server
	# the windows of the first run that were told of before it died, in order, each once or again
	dq-features <"$TMP/in" | dq-score | dq-intervene --pass | dq-rollup | grep '"dashboard"' | jq -c '[.window.start, .revision, .predictions]' >"$TMP/windows"
	dq-cat --from kafka:dashboard-updates -e | grep '"dashboard"' | jq -c '[.window.start, .revision, .predictions]' | awk '!seen[$0]++' >"$TMP/told"
	[ "$(wc -l <"$TMP/told")" -gt 100 ]
	head -n "$(wc -l <"$TMP/told")" "$TMP/windows" | diff -q - "$TMP/told"
	# the server names more reasons
	dq-features <"$TMP/in" | dq-score | grep '"prediction"' | by_customer | jq -c '[.customer_id, .prediction_id, .event_time, .margin]' >"$TMP/want"
	[ "$(wc -l <"$TMP/want")" -gt 500 ]
	dq-cat --from kafka:predictions-stream -e | grep '"prediction"' | by_customer | jq -c '[.customer_id, .prediction_id, .event_time, .margin]' | awk '!seen[$0]++' | diff -q - "$TMP/want"
}

# publishes SECONDS RATE   Load on /predict for so long while Kafka is killed and comes back: every answer is there as an event, and answers went on.
publishes() {
	local seconds=$1 rate=$2 answered topic
	local -A before=([predictions-stream]=$(events predictions-stream) [dashboard-updates]=$(events dashboard-updates))
	dq-simulate 20000 --customers 500 >"$TMP/in"
	serve --spool "$TMP/spool" --emit none <"$TMP/in"
	within 30 sh -c "curl -sS '$URL/health' | jq -e '.sources[0].state == \"ended\"'"
	jq -r 'select(.event_type == "transaction").customer_id' "$TMP/in" | sort -u | sed 's/.*/{"customer_id":"&"}/' >"$TMP/bodies"
	within 30 kafka_is '.state == "reachable"'
	build/obj/web/load -c 4 -s "$seconds" -r "$rate" "${URL#http://}" POST /predict "$TMP/bodies" >"$TMP/load" 3>&- &
	local load=$!
	sleep $((seconds / 4))
	tests/kafka/broker kill
	within 30 kafka_is '.state == "away" and .spooled > 0'
	sleep $((seconds / 4))
	tests/kafka/broker restart
	wait $load || { cat "$TMP/load"; return 1; }
	within 120 kafka_is '.state == "reachable" and .spooled == 0'
	answered=$(curl -sS "$URL/metrics" | sed -n 's/^dq_serve_published_total{} //p')
	stop_server
	jq -c . "$TMP/load"
	[ "$(jq .requests "$TMP/load")" -ge $((seconds * rate * 9 / 10)) ]
	[ "$answered" -ge "$(jq .requests "$TMP/load")" ]
	for topic in predictions-stream dashboard-updates; do
		[ "$(events $topic)" -eq $((answered + ${before[$topic]})) ] || { echo "$topic: $(events $topic) events, $answered answers"; return 1; }
	done
	# every customer that was asked for
	dq-cat --from kafka:predictions-stream -e | jq -r .customer_id | sort -u | comm -13 - <(jq -r .customer_id "$TMP/bodies") | cmp - /dev/null
}

@test "load on /predict while Kafka is killed and comes back: every answer is an event, answers go on" {
	publishes "${SOAK_SERVE_SECONDS:-30}" 300
	[ "$(jq '.failed // 0' "$TMP/load")" -eq 0 ]
}

@test "the spool is full: /predict is 503 with a sentence, /health goes on, and after it is back all is well" {
	tests/kafka/broker kill
	dq-simulate 3000 --customers 100 >"$TMP/in"
	serve --spool "$TMP/spool" --spool-limit 1048576 --emit none <"$TMP/in"
	within 30 sh -c "curl -sS '$URL/health' | jq -e '.sources[0].state == \"ended\"'"
	id=$(jq -rn 'first(inputs | select(.event_type == "transaction")).customer_id' "$TMP/in")
	while [ "$(predict "{\"customer_id\":\"$id\"}" -o "$TMP/body" -w '%{http_code}')" = 200 ]; do :; done
	ask 503 /predict -H 'Content-Type: application/json' -X POST -d "{\"customer_id\":\"$id\"}"
	refused spool_full
	ask 503 /interventions -H 'Content-Type: application/json' -X POST -d "{\"customer_id\":\"$id\"}"
	ask 200 "/customer/$id"
	ask 200 /health
	answer '.kafka.state == "full" and .kafka.spool_bytes <= 1048576'
	tests/kafka/broker restart
	within 60 kafka_is '.state == "reachable" and .spooled == 0'
	ask 200 /predict -H 'Content-Type: application/json' -X POST -d "{\"customer_id\":\"$id\"}"
	stop_server
}

@test "--spool-limit and a directory that cannot be are refused with 2" {
	code 2 dq-serve --listen 127.0.0.1:0 --spool "$TMP/spool" --spool-limit 10 </dev/null
	has "at least 1048576 bytes"
	code 2 dq-serve --listen 127.0.0.1:0 --spool /dev/null/x </dev/null
	has "/dev/null/x"
}

@test "a transaction in a topic is a score of /predict and an alert of /live within a second" {
	dq-simulate 40000 --customers 300 >"$TMP/in"
	dq-features <"$TMP/in" | dq-score >"$TMP/scored"
	# A customer's first one, where a transaction made it.
	jq -r 'select(.event_type == "prediction" and (.risk_level == "HIGH" or .risk_level == "CRITICAL"))
		| "\(.customer_id) \(.event_time) \(.risk_score)"' "$TMP/scored" | awk '!seen[$1]++' | grep -v 'T00:00:00Z' >"$TMP/high"
	read -r id time score <"$TMP/high"
	line=$(awk -v id="\"$id\"" -v time="\"$time\"" 'index($0, id) && index($0, time) { print NR; exit }' "$TMP/in")
	[ "$line" -gt 100 ]
	topics live:1
	head -n $((line - 1)) "$TMP/in" | dq-cat --to kafka:live
	serve --from kafka:live --emit trigger
	frames "$TMP/frames"
	n=$(head -n $((line - 1)) "$TMP/in" | grep -c '"event_type":"transaction"')
	within 30 sh -c "curl -sS '$URL/pipeline' | jq -e '.records.transaction == $n' >&2"
	[ "$(grep -acF '{"type":"alert","customer_id":"'"$id"'"' "$TMP/frames")" -eq 0 ]
	sed -n "${line}p" "$TMP/in" >"$TMP/one"
	dq-cat --to kafka:live <"$TMP/one"
	within 1 grep -aqF '{"type":"alert","customer_id":"'"$id"'"' "$TMP/frames"
	ask 200 /predict -H 'Content-Type: application/json' -d "{\"customer_id\":\"$id\"}"
	# shellcheck disable=SC2016
	answer '.risk_score == $s' --argjson s "$score"
	stop_server
}
