# dq-serve --pg on a real PostgreSQL: what it remembers when it is started again, and what it says while the database is away.
load lib
load pg
load serve

setup_file() { pg_up; }
teardown_file() { pg_down; }
setup() { database; }

# read_in [OPTIONS] < RECORDS   A server that has read all of it.
read_in() {
	serve "$@"
	within 60 sh -c "curl -sS $URL/health | jq -e '.sources[0].state == \"ended\"' >&2"
}

# send STATUS PATH BODY
send() {
	ask "$1" "$2" -H 'Content-Type: application/json' -d "$3"
}

@test "who looks after whom outlives the server" {
	dq-store init >/dev/null
	dq-simulate --customers 20 1500 >"$TMP/in"
	mapfile -t ids < <(jq -r 'select(.event_type == "transaction") | .customer_id' "$TMP/in" | sort -u)
	read_in --pg <"$TMP/in"
	send 200 /assignments "{\"customer_ids\":[\"${ids[0]}\",\"${ids[1]}\"],\"assigned_to\":\"Ana O'Hara\",\"by\":\"Bo\",\"notes\":\"call \\\"now\\\"; DROP TABLE x\"}"
	answer '.assignments | length == 2 and all(.assigned_to == "Ana O'"'"'Hara")'
	send 200 /assignments "{\"customer_ids\":[\"${ids[1]}\"],\"assigned_to\":\"Cy\",\"by\":\"Bo\"}"
	ask 200 "/customer/${ids[0]}"
	jq -S .assignments "$TMP/body" >"$TMP/want"
	stop_server
	sql_is 3 "SELECT count(*) FROM customer_assignments WHERE assigned_by = 'Bo' AND status = 'active'"
	read_in --pg <"$TMP/in"
	ask 200 "/customer/${ids[0]}"
	jq -S .assignments "$TMP/body" | cmp - "$TMP/want"
	ask 200 "/customer/${ids[1]}"
	answer '.assignments | length == 1 and .[0].assigned_to == "Cy" and (.[0] | has("notes") | not)'
	ask 200 "/customer/${ids[2]}"
	answer '.assignments == []'
	stop_server
}

@test "a review is in the log before it holds, once, as dq-cat would write it" {
	dq-store init >/dev/null
	dq-simulate --customers 120 15000 >"$TMP/all"
	dq-features <"$TMP/all" | dq-score --reasons 5 | dq-intervene | jq -c 'select(.decision == "review")' >"$TMP/pending"
	read -r id time < <(jq -rn 'first(inputs) | "\(.intervention_id) \(.event_time)"' "$TMP/pending")
	jq -c --arg t "$time" 'select((.txn_time // .event_time) <= $t)' "$TMP/all" >"$TMP/in"
	read_in --pg <"$TMP/in"
	send 200 "/interventions/$id/review" '{"decision":"approve","by":"Ana","reason":"she asked"}'
	cp "$TMP/body" "$TMP/review"
	send 409 "/interventions/$id/review" '{"decision":"approve","by":"Ana","reason":"again"}'
	stop_server
	sql_is 1 "SELECT count(*) FROM action_audit_log WHERE action_type = 'approve' AND performed_by = 'Ana' AND override_reason = 'she asked'"
	dq-cat --to pg:action_audit_log <"$TMP/review"
	sql_is 1 "SELECT count(*) FROM action_audit_log"
	dq-cat --from pg:action_audit_log | tail -n 1 | cmp - "$TMP/review"
}

@test "history goes back to what only the tables know, without doubles, and is what it was where both know" {
	dq-store init >/dev/null
	dq-simulate --customers 4 --days 330 >"$TMP/in"
	dq-features --emit daily <"$TMP/in" | dq-score | grep '"event_type":"prediction"' | dq-cat --to pg:risk_scores
	id=$(jq -r 'select(.event_type == "transaction") | .customer_id' "$TMP/in" | sort -u | sed -n 1p)
	last=$(jq -r --arg id "$id" 'select(.event_type == "transaction" and .customer_id == $id) | .txn_time' "$TMP/in" | tail -n 1)
	sql "INSERT INTO daily_balances (customer_id, balance_date, closing_balance, total_debits, total_credits)
		SELECT '$id', d::date, 12.50, 3, 4.1 FROM generate_series(timestamp '$last' - interval '399 days', timestamp '$last', interval '1 day') d"
	tail -n 4000 "$TMP/in" >"$TMP/late"
	read_in <"$TMP/late"
	ask 200 "/customer/$id/history?days=400"
	answer '.partial == false and .count < 200'
	jq -c '.history[] | select(.balance != null and .risk_score != null)' "$TMP/body" >"$TMP/both"
	stop_server
	read_in --pg <"$TMP/late"
	ask 200 "/customer/$id/history?days=400"
	answer '.partial == false and .count == (.history | length) and .count >= 399 and (.history | map(.date) | . == (sort | unique))'
	answer '.history | map(select(.risk_score != null)) | length > 200'
	answer '.history[0] | .balance == 12.5 and .spend == 3 and .income == 4.1'
	[ "$(wc -l <"$TMP/both")" -gt 5 ]
	[ "$(jq -c '.history[]' "$TMP/body" | grep -cxFf "$TMP/both")" -eq "$(wc -l <"$TMP/both")" ]
	ask 200 "/customer/$id/history?days=20"
	answer '.count == 20'
	stop_server
}

@test "while the database is away what is remembered is answered, what must be written is 503, and it comes back by itself" {
	dq-store init >/dev/null
	dq-simulate --customers 5 500 >"$TMP/in"
	id=$(jq -r 'select(.event_type == "transaction") | .customer_id' "$TMP/in" | sed -n 1p)
	read_in --pg <"$TMP/in"
	answer_is() { ask 200 /health && answer "$1" >/dev/null; }
	answer_is '.status == "healthy" and .database_connected'
	tests/pg/server kill
	within 20 answer_is '.status == "degraded" and .database_connected == false'
	ask 200 /metrics
	grep '^dq_serve_database_up' "$TMP/body" | grep -w 0
	ask 200 "/customer/$id/history?days=30"
	answer '.partial and .count > 0'
	send 503 /assignments "{\"customer_ids\":[\"$id\"],\"assigned_to\":\"Ana\",\"by\":\"Bo\"}"
	refused database_away
	ask 200 "/customer/$id"
	answer '.assignments == []'
	tests/pg/server restart
	within 30 answer_is '.status == "healthy" and .database_connected'
	send 200 /assignments "{\"customer_ids\":[\"$id\"],\"assigned_to\":\"Ana\",\"by\":\"Bo\"}"
	sql_is 1 "SELECT count(*) FROM customer_assignments"
	tests/pg/server pause
	ask 200 /stats
	ask 200 "/customer/$id/history?days=30"
	answer '.partial and .count > 0'
	tests/pg/server resume
	stop_server
}

@test "without tables, without rights, without a database it does not start, and says why" {
	code 2 dq-serve --pg --listen 127.0.0.1:0 </dev/null
	has "does not exist"
	dq-store init >/dev/null
	sql "DROP ROLE IF EXISTS looks$BATS_SUITE_TEST_NUMBER" "CREATE ROLE looks$BATS_SUITE_TEST_NUMBER LOGIN IN ROLE dq_reader"
	code 2 dq-serve --pg --listen 127.0.0.1:0 -d "$DQ_DATABASE user=looks$BATS_SUITE_TEST_NUMBER" </dev/null
	has "GRANT dq_writer"
	code 75 timeout 20 dq-serve --pg --timeout 1s --listen 127.0.0.1:0 -d "host=127.0.0.1 port=1 dbname=none" </dev/null
	has "dq-serve: --pg: "
}
