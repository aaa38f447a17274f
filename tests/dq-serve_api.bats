# dq-serve's endpoints: they say what the pipeline says, and pass what the system that it replaces failed.
load lib
load serve

# read_in [OPTIONS] < RECORDS   A server that has read all of it.
read_in() {
	serve "$@"
	within 60 sh -c "curl -sS $URL/health | jq -e '.sources[0].state == \"ended\"' >&2"
}

# send STATUS PATH BODY
send() {
	ask "$1" "$2" -H 'Content-Type: application/json' -d "$3"
}

@test "decisions are those of dq-features | dq-score | dq-intervene, byte for byte" {
	dq-simulate --customers 60 6000 >"$TMP/in"
	dq-features <"$TMP/in" | dq-score --reasons 5 | dq-intervene | grep '"event_type":"intervention"' | sort >"$TMP/want"
	read_in <"$TMP/in"
	ask 200 '/interventions?limit=1000'
	# The server keeps the latest 16 of a customer.
	jq -r '.interventions | map(.intervention_id) | .[]' "$TMP/body" | sort >"$TMP/ids"
	[ "$(wc -l <"$TMP/ids")" -gt 50 ]
	jq -c '.interventions[] | del(.review)' "$TMP/body" | sort >"$TMP/got"
	grep -F -f "$TMP/ids" "$TMP/want" | jq -c . | cmp - "$TMP/got"
	while read -r id; do
		ask 200 "/customer/$id"
		answer '(.decisions | length) as $n | $n > 0 and $n <= 16 and (.decisions | map(.event_time) | . == (sort | reverse))'
	done < <(jq -r .customer_id "$TMP/want" | sort -u | sed -n 1,5p)
	stop_server
}

@test "a score on request is that of dq-features --emit at and dq-score at that moment" {
	dq-simulate --customers 30 3000 >"$TMP/in"
	jq -c 'select(.event_type == "transaction" or .event_type == "payment") | {customer_id, event_time: (.event_time // .txn_time)}' "$TMP/in" |
		jq -sc 'group_by(.customer_id) | map(max_by(.event_time)) | .[]' >"$TMP/at"
	dq-features --emit at "$TMP/at" <"$TMP/in" | dq-score --reasons 5 | grep '"prediction"' >"$TMP/want"
	read_in <"$TMP/in"
	[ "$(wc -l <"$TMP/want")" -gt 20 ]
	while read -r want; do
		send 200 /predict "$(jq -c '{customer_id}' <<<"$want")"
		# shellcheck disable=SC2016
		answer '.risk_score == $w.risk_score and .margin == $w.margin and .top_features == $w.top_features and .timestamp == $w.event_time
			and .explanation.explanation_text == $w.explanation and .model == $w.model' --argjson w "$want"
	done <"$TMP/want"
	send 200 /batch_predict "$(jq -sc '{customer_ids: (map(.customer_id) + ["nobody"])}' "$TMP/want")"
	# shellcheck disable=SC2016
	answer '[.[:-1][].risk_score] == [$w[].risk_score] and .[-1].error.code == "unknown_customer"' --slurpfile w "$TMP/want"
	stop_server
}

@test "the watch list is in order of the scores, by level, by search, page by page" {
	dq-simulate --customers 80 12000 >"$TMP/in"
	read_in <"$TMP/in"
	ask 200 '/high_risk_customers?limit=1000'
	answer '(.customers | map(.risk_score) | . == (sort | reverse)) and .count == (.customers | length)'
	jq -r '.customers[].customer_id' "$TMP/body" >"$TMP/all"
	[ "$(sort -u "$TMP/all" | wc -l)" -gt 60 ]
	for offset in 0 7 14; do
		ask 200 "/high_risk_customers?limit=7&offset=$offset"
		jq -r '.customers[].customer_id' "$TMP/body"
	done | cmp - <(head -n 21 "$TMP/all")
	ask 200 '/high_risk_customers?limit=1000&search=c00001'
	jq -r '.customers[].customer_id' "$TMP/body" | cmp - <(grep C00001 "$TMP/all")
	ask 200 '/high_risk_customers?limit=1000&level=MEDIUM,CRITICAL'
	answer '.count == (.customers | length) and all(.customers[]; .risk_level == "MEDIUM" or .risk_level == "CRITICAL")'
	ask 400 '/high_risk_customers?level=medium'
	ask 400 '/high_risk_customers?limit=0'
	ask 200 /stats
	answer '(.histogram | add) == .scored_customers
		and .critical_risk_count + .high_risk_count + .medium_risk_count + .low_risk_count == .scored_customers'
	stop_server
}

@test "history is the account day by day: balances as stated, spend and income as summed" {
	dq-simulate --customers 10 1500 >"$TMP/in"
	read_in <"$TMP/in"
	id=$(jq -rn 'first(inputs | select(.event_type == "transaction")) | .customer_id' "$TMP/in")
	ask 200 "/customer/$id/history?days=400"
	jq -r '.history[] | select(.income != null) | "\(.date) \(.income) \(.balance)"' "$TMP/body" >"$TMP/got"
	# shellcheck disable=SC2016
	jq -r --arg id "$id" 'select(.event_type == "transaction" and .customer_id == $id and (.is_failed | not))
		| "\(.txn_time[:10]) \(if .txn_type == "credit" then .amount else 0 end) \(.balance_after)"' "$TMP/in" |
		awk '{ income[$1] += $2; balance[$1] = $3 } END { for (d in income) printf "%s %.2f %.2f\n", d, income[d], balance[d] }' | sort >"$TMP/want"
	[ "$(wc -l <"$TMP/want")" -gt 20 ]
	awk '{ printf "%s %.2f %.2f\n", $1, $2, $3 }' "$TMP/got" >"$TMP/all"
	first=$(head -n 1 "$TMP/all" | cut -d ' ' -f 1)
	awk -v first="$first" '$1 >= first' "$TMP/want" >"$TMP/kept" # 98 days are
	[ "$(wc -l <"$TMP/kept")" -gt 10 ]
	comm -23 "$TMP/kept" <(sort "$TMP/all") >"$TMP/missing"
	lines 0 "$TMP/missing"
	ask 404 /customer/nobody/history
	refused unknown_customer
	ask 400 "/customer/$id/history?days=0"
	stop_server
}

@test "a review closes what is pending, once, and tells who and why" {
	dq-simulate --customers 120 15000 >"$TMP/all"
	dq-features <"$TMP/all" | dq-score --reasons 5 | dq-intervene | jq -c 'select(.decision == "review")' >"$TMP/pending"
	read -r id customer time < <(jq -rn 'first(inputs) | "\(.intervention_id) \(.customer_id) \(.event_time)"' "$TMP/pending")
	# Up to then only: later it has expired.
	jq -c --arg t "$time" 'select((.txn_time // .event_time) <= $t)' "$TMP/all" >"$TMP/in"
	read_in <"$TMP/in"
	send 400 "/interventions/$id/review" '{"decision":"maybe","by":"anna","reason":"x"}'
	send 400 "/interventions/$id/review" '{"decision":"approve","reason":"x"}'
	send 400 "/interventions/$id/review" '{"decision":"approve","by":"anna"}'
	send 404 /interventions/none/review '{"decision":"approve","by":"anna","reason":"x"}'
	refused unknown_intervention
	send 200 "/interventions/$id/review" '{"decision":"override","by":"anna","reason":"has just moved house"}'
	answer '.by == "anna" and .decision == "override" and .event_type == "review"'
	send 409 "/interventions/$id/review" '{"decision":"approve","by":"bob","reason":"x"}'
	refused not_pending
	ask 200 "/customer/$customer"
	# shellcheck disable=SC2016
	answer '.decisions[] | select(.intervention_id == $id) | .review.by == "anna" and .review.reason == "has just moved house"' --arg id "$id"
	stop_server
}

@test "what the system that it replaces got wrong" {
	dq-simulate --customers 50 5000 >"$TMP/in"
	read_in <"$TMP/in"
	# An unknown customer was scored CRITICAL and published.
	before=$(curl -sS "$URL/stats" | jq -c '[.scored_customers, .decisions]')
	send 404 /predict '{"customer_id":"nobody"}'
	refused unknown_customer
	[ "$(curl -sS "$URL/stats" | jq -c '[.scored_customers, .decisions]')" = "$before" ]
	send 404 /interventions '{"customer_id":"nobody"}'
	# Missing values became 0.
	send 200 /predict '{"features":{"salary_delay_days":3,"min_balance_to_income_30d":null}}'
	jq .risk_score "$TMP/body" >"$TMP/null"
	send 200 /predict '{"features":{"salary_delay_days":3,"min_balance_to_income_30d":0}}'
	jq .risk_score "$TMP/body" >"$TMP/zero"
	send 200 /predict '{"features":{"salary_delay_days":3}}'
	jq .risk_score "$TMP/body" | cmp - "$TMP/null"
	[ "$(cat "$TMP/null")" != "$(cat "$TMP/zero")" ]
	# The largest raw values were called drivers.
	answer '(.explanation.top_drivers | map(.impact | fabs)) as $i | $i == ($i | sort | reverse) and ($i | length) > 0'
	# A date of the past was answered with what is known today.
	id=$(jq -rn 'first(inputs | select(.event_type == "transaction")) | .customer_id' "$TMP/in")
	send 422 /predict "{\"customer_id\":\"$id\",\"observation_date\":\"2020-01-01\"}"
	refused too_early
	# One of which a score is kept is answered with that.
	ask 200 "/customer/$id/history?days=400"
	read -r day score < <(jq -r 'first(.history[] | select(.risk_score != null)) | "\(.date) \(.risk_score)"' "$TMP/body")
	send 200 /predict "{\"customer_id\":\"$id\",\"observation_date\":\"$day\"}"
	# shellcheck disable=SC2016
	answer '.risk_score == $s and .timestamp[:10] == $d and .top_features == []' --argjson s "$score" --arg d "$day"
	send 200 /batch_predict "{\"customer_ids\":[\"$id\"],\"observation_date\":\"$day\"}"
	# shellcheck disable=SC2016
	answer '.[0].risk_score == $s' --argjson s "$score"
	# One customer could be contacted again and again.
	send 200 /interventions "{\"customer_id\":\"$id\"}"
	send 200 /interventions "{\"customer_id\":\"$id\"}"
	answer '.intervention == null or .intervention.decision != "act"'
	# Success rates had no control group.
	ask 200 /outcomes
	answer '.held_out.count > 0 and .treated.count > 0 and .treated.low < .treated.rate and .treated.rate < .treated.high'
	stop_server
}

@test "a malformed record is told, counted and passed over; what follows it is taken" {
	dq-simulate --customers 20 2000 >"$TMP/good"
	{ head -n 1000 "$TMP/good"; printf '%s\n' 'no json' '{"event_type":"transaction"}'; tail -n +1001 "$TMP/good"; } >"$TMP/in"
	read_in <"$TMP/in"
	ask 200 /stats
	answer '.rejected == 2'
	cp "$TMP/body" "$TMP/two"
	[ "$(grep -c 'stdin: line 100[12]: ' "$TMP/serve.err")" -eq 2 ]
	stop_server
	read_in <"$TMP/good"
	ask 200 /stats
	# shellcheck disable=SC2016
	answer '. == ($two[0] | .rejected = 0)' --slurpfile two "$TMP/two"
	stop_server
}

@test "decisions without an id are kept, each; the one in force is the one shown" {
	{
		for i in 1 2; do echo "{\"event_type\":\"intervention\",\"event_time\":\"2026-01-0${i}T00:00:00Z\",\"customer_id\":\"X1\",\"decision\":\"act\"}"; done
		for i in 1 2 3 4 5 6; do
			echo "{\"event_type\":\"prediction\",\"event_time\":\"2026-01-05T00:00:00Z\",\"prediction_id\":\"p$i\",\"customer_id\":\"D$i\",\"risk_score\":0.8,\"risk_level\":\"CRITICAL\"}"
		done
		d() { echo "{\"event_type\":\"intervention\",\"event_time\":\"2026-01-0${4:-5}T00:00:00Z\",\"intervention_id\":\"$1$2\",\"customer_id\":\"$1\",$3}"; }
		d D1 a '"decision":"defer","channel":"phone_call","not_before":"2026-01-06T09:00:00Z"'
		d D1 b '"decision":"suppress","suppressed_by":"cool_down"'
		d D2 a '"decision":"review","channel":"sms"'
		d D2 b '"decision":"suppress","suppressed_by":"review_pending"'
		d D3 a '"decision":"act","channel":"email"'
		d D3 b '"decision":"suppress","suppressed_by":"cool_down"'
		d D4 a '"decision":"act","channel":"phone_call"' 3
		d D4 b '"decision":"suppress","suppressed_by":"cap:all:7d"'
		d D5 a '"decision":"act","channel":"phone_call"'
		d D5 b '"decision":"suppress","suppressed_by":"consent"'
		d D6 a '"decision":"review","channel":"phone_call"'
		for i in $(seq 20); do d D6 "b$i" '"decision":"suppress","suppressed_by":"review_pending"'; done
	} >"$TMP/in"
	read_in --emit none <"$TMP/in"
	ask 200 /customer/X1
	answer '.decisions | length == 2'
	ask 200 /high_risk_customers
	answer '[.customers[] | "\(.customer_id) \(.decision)"] == ["D1 defer", "D2 review", "D3 act", "D4 suppress", "D5 suppress", "D6 review"]'
	answer '[.customers[].decided_at[:10]] == ["2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05"]'
	ask 200 /customer/D3
	answer '.in_force == "D3a"'
	ask 200 /customer/D4
	answer '.in_force == "D4b"'
	ask 200 /customer/D6
	answer '.in_force == "D6a" and (.decisions | length) == 16 and .decisions[0].intervention_id == "D6b20" and .decisions[15].intervention_id == "D6a" and .decisions[14].intervention_id == "D6b6"'
	send 200 /interventions/D6a/review '{"decision":"approve","by":"anna","reason":"spoke"}'
	stop_server
}

@test "records of another pipeline are shown, and nothing is decided twice" {
	dq-simulate --customers 60 8000 | dq-features | dq-score | dq-intervene --pass >"$TMP/in"
	read_in --emit none <"$TMP/in"
	ask 200 /stats
	# shellcheck disable=SC2016
	answer '([.decisions.decision[]] | add) == $n' --argjson n "$(grep -c '"event_type":"intervention"' "$TMP/in")"
	answer '.scored_customers > 30'
	ask 200 /outcomes
	# shellcheck disable=SC2016
	answer '.treated.count + .held_out.count == $n' --argjson n "$(grep -c '"event_type":"outcome"' "$TMP/in")"
	id=$(jq -rn 'first(inputs | select(.event_type == "prediction")) | .customer_id' "$TMP/in")
	send 409 /interventions "{\"customer_id\":\"$id\"}"
	refused decided_elsewhere
	stop_server
}

@test "retraining: one at a time, off the loop; its model takes over, or the old one stays" {
	cp share/models/default.json "$TMP/model.json"
	jq -c '.version = "1"' share/models/default.card.json >"$TMP/model.card.json"
	dq-simulate --customers 20 2000 >"$TMP/in"
	cat >"$TMP/train" <<-'END'
		echo "of $DQ_MAX_CUSTOMERS"
		jq -c '.version = "2"' "$1/model.card.json" >"$1/new" && mv "$1/new" "$1/model.card.json"
		sleep 1
		echo '{"event_type":"held_out","rows":70,"customers":7,"auc":0.875}'
	END
	read_in --model "$TMP/model.json" --train-threshold 5 --train "sh $TMP/train $TMP" <"$TMP/in"
	ask 200 /retraining/status
	answer '.retraining_needed and (.running | not) and .new_customers_count >= 15 and .recent_retraining == []'
	curl -sS -X POST "$URL/retraining/trigger?max_customers=200" >"$TMP/first" &
	first=$!
	within 5 sh -c "curl -sS $URL/retraining/status | jq -e .running >&2"
	ask 409 /retraining/trigger -X POST
	refused already_running
	wait $first
	jq -e '.status == "success" and .customers_trained == 7 and .samples_trained == 70 and .auc == 0.875 and .model_version == "2"' "$TMP/first"
	ask 200 /pipeline
	answer '.model.version == "2"'
	ask 200 /retraining/status
	answer '(.retraining_needed | not) and (.recent_retraining | length) == 1'
	# A model that cannot be read does not take over.
	echo 'echo "{" >"$1/model.json"' >"$TMP/train"
	ask 200 /retraining/trigger -X POST
	answer '.status == "failed" and (.message | startswith("The old model is kept"))'
	id=$(jq -rn 'first(inputs | select(.event_type == "transaction")) | .customer_id' "$TMP/in")
	send 200 /predict "{\"customer_id\":\"$id\"}"
	echo 'exit 3' >"$TMP/train"
	ask 200 /retraining/trigger -X POST
	answer '.status == "failed" and .exit_code == 3'
	stop_server
	serve </dev/null
	ask 409 /retraining/trigger -X POST
	refused not_configured
	stop_server
}

@test "whoami: whose token it is and what it may do; without tokens everybody may do all" {
	{
		echo "rita read $(printf %s secret-r | sha256sum | cut -d' ' -f1)"
		echo "dora decide $(printf %s secret-d | sha256sum | cut -d' ' -f1)"
	} >"$TMP/tokens"
	read_in </dev/null
	ask 200 /whoami
	answer '. == {name: null, role: "admin"}'
	stop_server
	serve --tokens "$TMP/tokens" </dev/null
	ask 401 /whoami
	ask 200 /whoami -H 'Authorization: Bearer secret-r'
	answer '. == {name: "rita", role: "read"}'
	ask 200 /whoami -H 'Authorization: Bearer secret-d'
	answer '. == {name: "dora", role: "decide"}'
	stop_server
}

@test "levels are those that the server scores by" {
	read_in </dev/null
	ask 200 /stats
	answer '.levels == {CRITICAL: 0.7, HIGH: 0.5, MEDIUM: 0.3}'
	stop_server
}

# dashboards FILE   The window records among its frames, as dq-rollup has them.
dashboards() { tr '\201' '\n' <"$1" | grep -aoE '"type":"dashboard",.*[}]$' | sed 's/^"type":"dashboard",/{/' | jq -c .; }

@test "windows are those of dq-rollup, record for record, and /live tells of them" {
	dq-simulate --customers 60 6000 >"$TMP/in"
	dq-features <"$TMP/in" | dq-score --reasons 5 | dq-intervene --pass | dq-rollup --window 6h | grep '"dashboard"' | jq -c . >"$TMP/want"
	[ "$(wc -l <"$TMP/want")" -gt 50 ]
	mkfifo "$TMP/fifo"
	exec 9<>"$TMP/fifo"
	serve --window 6h <"$TMP/fifo"
	frames "$TMP/frames"
	within 5 grep -aq '"type":"hello"' "$TMP/frames"
	cat "$TMP/in" >&9
	exec 9>&-
	within 30 sh -c "curl -sS $URL/health | jq -e '.customers == 60' >&2"
	# What the last window comes to is told at the end, when nobody listens any more.
	head -n -1 "$TMP/want" >"$TMP/all"
	all_told() { dashboards "$TMP/frames" >"$TMP/got" && cmp "$TMP/got" "$TMP/all"; }
	within 20 all_told
	stop_server
	code 2 dq-serve --window 1s </dev/null
}

# at DAY ID SCORE   A prediction and a decision of that day of 2026.
at() {
	local time
	time=$(date -u -d "2026-01-01 + $1 days" +%FT09:00:00Z)
	echo "{\"event_type\":\"prediction\",\"event_time\":\"$time\",\"prediction_id\":\"p$1\",\"customer_id\":\"$2\",\"risk_score\":$3,\"risk_level\":\"HIGH\",
		\"top_features\":[{\"feature\":\"failed_debits\",\"value\":1,\"contribution\":1,\"direction\":\"up\",\"code\":\"R07\",\"reason\":\"x\"}]}" | jq -c .
	echo "{\"event_type\":\"intervention\",\"event_time\":\"$time\",\"intervention_id\":\"$2-$1\",\"customer_id\":\"$2\",\"decision\":\"suppress\"}"
}

@test "scores of 400 days are kept; decisions as long as --keep says" {
	for day in 0 30 100 390 410 500; do at $day A "0.5$day"; done >"$TMP/in"
	at 490 B 0.6 >>"$TMP/in"
	read_in --emit none --keep 60d <"$TMP/in"
	ask 200 "/customer/A/history?days=400"
	jq -r '.history[] | "\(.date) \(.risk_score)"' "$TMP/body" | diff - <(for day in 390 410 500; do echo "$(date -u -d "2026-01-01 + $day days" +%F) $(jq -n "0.5$day + 0")"; done)
	ask 200 /customer/A
	answer '[.decisions[].intervention_id] == ["A-500"]'
	ask 200 '/interventions?limit=1000'
	answer '[.interventions[].intervention_id] == ["B-490", "A-500"]'
	ask 404 /interventions/A-30/review -H 'Content-Type: application/json' -d '{"decision":"approve","by":"anna","reason":"x"}'
	refused unknown_intervention
	stop_server
	read_in --emit none <"$TMP/in"
	ask 200 /customer/A
	answer '[.decisions[].intervention_id] == ["A-500", "A-410", "A-390", "A-100"]'
	stop_server
	code 2 dq-serve --keep 1h </dev/null
}

@test "reasons have their codes; the pipeline tells of the spool" {
	{ at 1 A 0.6; at 1 B 0.6; at 1 C 0.6; } >"$TMP/in"
	read_in --emit none --spool "$TMP/spool" -b 127.0.0.1:1 <"$TMP/in"
	ask 200 /stats
	answer '.top_reasons == [{feature: "failed_debits", code: "R07", count: 3}]'
	ask 200 /pipeline
	answer '.kafka == {state: "away", spooled: 0, spool_bytes: 0}'
	stop_server
	read_in </dev/null
	ask 200 /pipeline
	answer '.kafka == null'
	stop_server
}

@test "while a model is read again, which takes long, all goes on; then it is at work" {
	cp share/models/default.json "$TMP/model.json"
	jq -c '.version = "1"' share/models/default.card.json >"$TMP/model.card.json"
	dq-simulate --customers 20 2000 >"$TMP/in"
	read_in --model "$TMP/model.json" --train true <"$TMP/in"
	id=$(jq -rn 'first(inputs | select(.event_type == "transaction")) | .customer_id' "$TMP/in")
	jq -c '.version = "2"' share/models/default.card.json >"$TMP/model.card.json"
	rm "$TMP/model.json"
	mkfifo "$TMP/model.json" # whose reader waits for a writer
	kill -HUP "$SERVER"
	sleep 0.5
	ask 200 /health --max-time 2
	send 200 /predict "{\"customer_id\":\"$id\"}"
	ask 200 /pipeline
	answer '.model.version == "1"'
	# A training that ends meanwhile has its model read behind it.
	curl -sS -X POST "$URL/retraining/trigger" >"$TMP/first" &
	first=$!
	within 5 sh -c "curl -sS $URL/retraining/status | jq -e .running >&2"
	sleep 0.3
	ask 409 /retraining/trigger -X POST
	cat share/models/default.json >"$TMP/model.json"
	within 10 grep -q 'model and policy read again' "$TMP/serve.err"
	cat share/models/default.json >"$TMP/model.json"
	wait $first
	jq -e '.status == "success" and .model_version == "2"' "$TMP/first"
	ask 200 /pipeline
	answer '.model.version == "2"'
	stop_server
}
