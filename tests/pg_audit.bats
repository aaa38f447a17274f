# dq-audit on topics and tables as they are, on a real broker and a real PostgreSQL.
load lib
load kafka
load pg

setup_file() {
	pg_up
	broker_up
	openssl genpkey -algorithm ed25519 -out "$BATS_FILE_TMPDIR/key.pem" 2>/dev/null
	openssl pkey -in "$BATS_FILE_TMPDIR/key.pem" -pubout -out "$BATS_FILE_TMPDIR/public.pem"
}

teardown_file() {
	pg_down
	broker_down
}

setup() {
	database
	KEY=$BATS_FILE_TMPDIR/key.pem
	PUBLIC=$BATS_FILE_TMPDIR/public.pem
	IN=in$BATS_TEST_NUMBER
}

DECISIONS='"event_type":"(prediction|intervention|outcome|review|customer)"'
TABLES=pg:customers,risk_scores,interventions,intervention_outcomes,action_audit_log,seals,customer_profiles

SEALED=pg:risk_scores,interventions,intervention_outcomes,action_audit_log,customer_profiles

# decide N TOPIC   Decisions about N simulated transactions, made from one topic into another.
decide() {
	dq-simulate "$1" >"$TMP/simulated"
	dq-cat --to "kafka:$2.in" --from "$TMP/simulated"
	dq-features --from "kafka:$2.in" -G "$2.g" -e | dq-score | dq-intervene --pass --to "kafka:$2"
}

# Seals decisions of $IN into $IN.sealed.
sealer() {
	SEALER=(dq-audit seal --from "kafka:$IN" -G "$IN.seal" --instance a --state "kafka:$IN.state" --to "kafka:$IN.sealed" --key "$KEY" --every 50
		--checkpoint-interval 20ms)
}

@test "a topic: sealed exactly once however often the sealer is killed, a chain in each partition, verified, decided again, explained" {
	topics "$IN.in:2" "$IN:2" "$IN.sealed:2" "$IN.state:2:compact"
	decide 8000 "$IN"
	sealer
	for round in 1 2 3; do
		before=$(dq-cat --from "kafka:$IN.sealed" -e | wc -l)
		"${SEALER[@]}" 3>&- &
		more() { [ "$(dq-cat --from "kafka:$IN.sealed" -e | wc -l)" -gt "$before" ]; }
		[ "$round" -gt 1 ] || within 30 more
		kill -KILL $!
		wait $! || :
	done
	code 0 "${SEALER[@]}" -e
	code 0 dq-cat --from "kafka:$IN" -e
	wanted=$(grep -cE "$DECISIONS" "$TMP/out")
	code 0 dq-audit verify --key "$PUBLIC" --from "kafka:$IN.sealed" -e
	[ "$(jq -s -c '[(map(.chain) | sort), (map(.lines) | add), (map(.findings) | add)]' "$TMP/out")" = "[[0,1],$wanted,0]" ]
	code 0 dq-audit redecide --from "kafka:$IN.sealed" -e
	[ "$(jq -c '[.predictions > 1000, .decisions > 100, .findings]' "$TMP/out")" = '[true,true,0]' ]
	code 0 dq-audit redecide --from "kafka:$IN" -e
	id=$(dq-cat --from "kafka:$IN" -e | jq -r 'select(.decision == "act") | .intervention_id' | sed -n 1p)
	code 0 dq-audit explain "$id" --from "kafka:$IN.sealed" -e
	grep -qF "Decision $id" "$TMP/out"
}

@test "a topic: what was taken out of it, or came from elsewhere, is found" {
	topics "$IN:2" "$IN.sealed:2" "$IN.state:2:compact" "$IN.less:2" "$IN.more:2"
	dq-simulate 3000 | dq-features | dq-score | dq-intervene --pass | dq-cat --to "kafka:$IN"
	sealer
	code 0 "${SEALER[@]}" -e
	dq-cat --from "kafka:$IN.sealed" -e >"$TMP/sealed"
	# the same customer is in the same partition again
	seventh() { grep '"event_type":"prediction"' "$TMP/sealed" | grep "\"chain\":$1," | sed -n '7s/.*"n":\([0-9]*\),"hash".*/\1/p'; }
	gone=$(seventh 1) twice=$(seventh 0)
	grep -v "\"chain\":1,\"n\":$gone," "$TMP/sealed" | grep -v '"event_type":"seal"' | dq-cat --to "kafka:$IN.less"
	code 1 dq-audit verify --from "kafka:$IN.less" -e
	[ "$(jq -c 'select(.finding) | [.finding, .chain, .n]' "$TMP/out")" = "[\"missing\",1,$gone]" ]
	{ grep -v '"event_type":"seal"' "$TMP/sealed"; grep -m1 "\"chain\":0,\"n\":$twice," "$TMP/sealed"; } | dq-cat --to "kafka:$IN.more"
	code 1 dq-audit verify --from "kafka:$IN.more" -e
	[ "$(jq -c 'select(.finding) | [.finding, .chain, .n]' "$TMP/out")" = "[\"inserted\",0,$twice]" ]
}

# sealed_tables COMMAND   Sealed decisions in tables, as the command makes them of predictions.
sealed_tables() {
	dq-store init >/dev/null
	dq-simulate 5000 | dq-features | dq-score | "$@" | grep -v '"event_type":"tick"' |
		dq-audit seal --key "$KEY" --every 100 --head "$TMP/heads" --to "$TABLES"
}

@test "tables: verified in the order of the seals, decided again, explained, exported" {
	sealed_tables dq-intervene --pass
	code 0 dq-audit verify --key "$PUBLIC" --head "$TMP/heads" --from "$TABLES"
	[ "$(jq -c '[.lines > 1000, .lines == .signed_to, .findings]' "$TMP/out")" = '[true,true,0]' ]
	sql_is "$(($(jq .lines "$TMP/out") / 100 + 1))" "SELECT count(*) FROM seals"
	code 0 dq-audit redecide --from "$SEALED" --intervene 'dq-intervene --tick 1d'
	[ "$(jq -c '[.predictions > 1000, .decisions > 100, .findings]' "$TMP/out")" = '[true,true,0]' ]
	id=$(sql "SELECT intervention_id FROM interventions WHERE decision = 'act' ORDER BY 1 LIMIT 1")
	code 0 dq-audit explain "$id" --from pg:risk_scores,interventions,intervention_outcomes
	grep -qF "Decision $id" "$TMP/out"
	grep -qF "What was known" "$TMP/out"
	dq-store export risk_scores interventions intervention_outcomes seals --to "$TMP/file"
	[ "$(wc -l <"$TMP/file")" -eq "$(sql "SELECT (SELECT count(*) FROM risk_scores) + (SELECT count(*) FROM interventions) + (SELECT count(*) FROM intervention_outcomes) + (SELECT count(*) FROM seals)")" ]
}

# Every customer's consent is withdrawn in the middle, and given again.
@test "tables: decided again by the profile of then, not by the newest" {
	dq-store init >/dev/null
	dq-simulate 6000 | dq-features | dq-score >"$TMP/in"
	half=$(($(wc -l <"$TMP/in") / 2))
	time=$(sed -n "${half}p" "$TMP/in" | jq -r .event_time)
	consent() { jq -c --arg time "$2" "select(.event_type == \"customer\") | .event_time = \$time | .consent = {phone_call: $1, sms: $1, email: $1}" "$TMP/in" |
		sort -u; }
	{
		head -n "$half" "$TMP/in"
		consent false "$time"
		tail -n +$((half + 1)) "$TMP/in"
		consent true "$(tail -n 1 "$TMP/in" | jq -r .event_time)"
	} | dq-intervene --pass | dq-audit seal --to "$TABLES"
	[ "$(sql "SELECT count(*) FROM interventions WHERE suppressed_by = 'consent'")" -gt 0 ]
	sql_is "$(($(grep -c '"event_type":"customer"' "$TMP/in") * 3))" "SELECT count(*) FROM customer_profiles"
	code 0 dq-audit redecide --from "$SEALED" --intervene 'dq-intervene --tick 1d'
	[ "$(jq -c '[.predictions > 1000, .decisions > 100, .findings]' "$TMP/out")" = '[true,true,0]' ]
	# the newest profile alone would tell another story
	code 1 dq-audit redecide --from pg:customers,risk_scores,interventions,intervention_outcomes --intervene 'dq-intervene --tick 1d'
}

# found WANT   What verify finds in the tables: "what n,what n".
found() {
	code 1 dq-audit verify --key "$PUBLIC" --head "$TMP/heads" --from "$TABLES"
	got=$(jq -r 'select(.finding) | "\(.finding) \(.n)"' "$TMP/out" | paste -sd ,)
	[ "$got" = "$1" ] || { echo "$got, expected $1"; false; }
}

@test "tables: each kind of tampering is found" {
	sealed_tables grep '"event_type":"prediction"'
	sealed() { echo "record LIKE '%\"chain\":-1,\"n\":$1,\"hash\":%'"; }
	was=$(sql "SELECT quote_literal(record) FROM risk_scores WHERE $(sealed 42)")
	sql "UPDATE risk_scores SET record = replace(record, '\"event_time\":\"2026', '\"event_time\":\"2025') WHERE $(sealed 42)"
	found "changed 42"
	sql "UPDATE risk_scores SET record = $was WHERE $(sealed 42)"
	code 0 dq-audit verify --key "$PUBLIC" --head "$TMP/heads" --from "$TABLES"
	sql "CREATE TABLE kept AS SELECT * FROM risk_scores WHERE $(sealed 42)" "DELETE FROM risk_scores WHERE $(sealed 42)"
	found "missing 42"
	sql "INSERT INTO risk_scores SELECT * FROM kept" "UPDATE kept SET score_id = 'again'" "INSERT INTO risk_scores SELECT * FROM kept"
	found "inserted 42"
	sql "DELETE FROM risk_scores WHERE score_id = 'again'" "UPDATE kept SET score_id = 'new', record = regexp_replace(record, ',\"seal\":.*', '}')" \
		"INSERT INTO risk_scores SELECT * FROM kept"
	found "not sealed 0"
	sql "DELETE FROM risk_scores WHERE score_id = 'new'"
	# a number given to another record: neither hash fits
	sql "UPDATE risk_scores SET record = CASE WHEN $(sealed 42) THEN replace(record, '\"n\":42,', '\"n\":43,') ELSE replace(record, '\"n\":43,', '\"n\":42,') END WHERE $(sealed 42) OR $(sealed 43)"
	code 1 dq-audit verify --key "$PUBLIC" --head "$TMP/heads" --from "$TABLES"
	[ "$(jq -s -c 'map(select(.finding) | .n) | .[0]' "$TMP/out")" -eq 42 ]
}

@test "from a topic into tables: the state of the chains in a directory, across runs" {
	topics "$IN:2"
	dq-store init >/dev/null
	dq-simulate 4000 | dq-features | dq-score | dq-intervene --pass >"$TMP/decisions"
	for half in head tail; do
		$half -n "$(($(wc -l <"$TMP/decisions") / 2))" "$TMP/decisions" | dq-cat --to "kafka:$IN"
		code 0 dq-audit seal --from "kafka:$IN" -G "$IN.g" -e --state "$TMP/state" --to "$TABLES" --key "$KEY" --every 100
	done
	code 0 dq-audit verify --key "$PUBLIC" --from "$TABLES"
	[ "$(jq -s 'map(.findings) | add' "$TMP/out")" -eq 0 ]
	[ "$(jq -s 'map(.lines) | add' "$TMP/out")" -eq "$(dq-cat --from "kafka:$IN" -e | grep -cE "$DECISIONS")" ]
}
