# dq-score --baseline: reasons against rows of one's own. The figures are held against shap by tests/model/compare_shap.py, and against the
# definition by tests/unit/model_background.c.
load lib

MODEL=share/models/example.json

# record ID DELAY BALANCE DEBITS
record() {
	printf '{"event_type":"features","event_time":"2026-01-05T10:11:12Z","customer_id":"%s",' "$1"
	printf '"features":{"salary_delay_days":%s,"balance_to_outflow_days":%s,"failed_autodebit_count_30d":%s}}\n' "$2" "$3" "$4"
}

setup() {
	for i in {1..40}; do record "C$i" $((i % 9)) $((i % 13)) $((i % 4)); done >"$TMP/in"
	{
		echo '{"event_type":"tick","event_time":"2026-01-01"}'
		record B1 1 30 0
		record B2 null 8 1
		record B3 4 null 0
	} >"$TMP/rows"
}

score() { dq-score --model $MODEL "$@"; }

refuses() {
	code 2 score --baseline "$TMP/rows" </dev/null
	has "dq-score: $TMP/rows: $1"
	lines 1
}

@test "dq-score --baseline: base is the rows' mean margin, and contributions lead from it to the margin" {
	score --reasons 64 --baseline "$TMP/rows" <"$TMP/in" >"$TMP/out"
	mean=$(score <"$TMP/rows" | jq -s 'map(.margin // empty) | add / length * 1e6 | round / 1e6')
	[ "$(grep -c prediction_id "$TMP/out")" -eq 40 ]
	jq -s -e --argjson mean "$mean" 'all((.base - $mean | fabs) < 1.1e-6 and
		(.base + .other_contribution + ([.top_features[].contribution] | add // 0) - .margin | fabs) < 1e-9 and
		(.other_contribution | fabs) < 5e-6)' "$TMP/out"
	# Scores do not depend on what is compared with, reasons do.
	diff <(score <"$TMP/in" | jq -c '[.risk_score, .margin, .model]') <(jq -c '[.risk_score, .margin, .model]' "$TMP/out")
	if diff <(score <"$TMP/in" | jq -c .top_features) <(jq -c .top_features "$TMP/out") >/dev/null; then false; fi
}

@test "dq-score --baseline: against oneself there is nothing to say, against one other only what differs" {
	record B 4 3 1 >"$TMP/rows"
	record C 4 3 1 | score --baseline "$TMP/rows" | jq -e '.top_features == [] and .other_contribution == 0 and .base == .margin'
	record C 7 3 1 | score --baseline "$TMP/rows" | jq -e '[.top_features[].feature] == ["salary_delay_days"] and
		(.base + .top_features[0].contribution - .margin | fabs) < 2e-6'
}

@test "dq-score --baseline: a scorecard's contribution is its points less the rows' mean points" {
	# Delay's points: -0.4 below 3, 0.2 below 7.5, else 1.1; missing 0.3. Balance: -0.03 each, missing counts as 10.
	record C 8 30 0 | dq-score --model tests/fuzz/corpus/model/scorecard.json --reasons 64 --baseline "$TMP/rows" >"$TMP/out"
	jq -e '[.top_features[] | {(.feature): .contribution}] | add |
		(.salary_delay_days - (1.1 - (-0.4 + 0.3 + 0.2) / 3) | fabs) < 1e-6 and
		(.balance_to_outflow_days + 0.03 * (30 - (30 + 8 + 10) / 3) | fabs) < 1e-6' "$TMP/out"
}

@test "dq-score --baseline is told in each prediction, its id and --describe" {
	digest=$(sha256sum <"$TMP/rows" | cut -d ' ' -f 1)
	score --baseline "$TMP/rows" <"$TMP/in" >"$TMP/out"
	[ "$(jq -c .baseline "$TMP/out" | uniq)" = "{\"rows\":3,\"sha256\":\"$digest\"}" ]
	score <"$TMP/in" | jq -e -s 'all(has("baseline") | not)'
	if diff <(score <"$TMP/in" | jq .prediction_id) <(jq .prediction_id "$TMP/out") >/dev/null; then false; fi
	score --baseline "$TMP/rows" --describe | grep -x "baseline: {\"rows\":3,\"sha256\":\"$digest\"}"
	score --baseline population --describe | grep -x 'baseline: population'
	score --baseline population <"$TMP/in" | cmp - <(score <"$TMP/in")
}

@test "dq-score --baseline takes predictions as well, as dq-cat chooses them" {
	score <"$TMP/rows" | dq-cat --where '.risk_level == "LOW"' >"$TMP/chosen"
	score --baseline "$TMP/chosen" <"$TMP/in" | jq -c .top_features >"$TMP/want"
	grep -F -f <(grep -o '"customer_id":"B[0-9]*"' "$TMP/chosen") "$TMP/rows" >"$TMP/some"
	[ -s "$TMP/some" ]
	score --baseline "$TMP/some" <"$TMP/in" | jq -c .top_features | diff "$TMP/want" -
}

@test "dq-score --baseline in double says the same" {
	score --double --baseline "$TMP/rows" <"$TMP/in" >"$TMP/exact"
	score --baseline "$TMP/rows" <"$TMP/in" | cmp - "$TMP/exact"
	score --double --baseline "$TMP/rows" --describe | grep -x 'explained by sets of the baseline: 2 trees'
}

@test "dq-score --baseline: a faulty file is exit 2 with its line" {
	echo '{"event_type":"tick","event_time":"2026-01-01"}' >"$TMP/rows"
	refuses 'no features record in it'
	{ record B 1 2 3; record B '"x"' 2 3; } >"$TMP/rows"
	refuses 'line 2: features: "salary_delay_days" is neither a number nor null'
	{ echo; record B 1 2 3; echo '{"event_type":'; } >"$TMP/rows"
	refuses 'line 3: '
	record B 1 2 3 | tr '\n' ' ' >"$TMP/rows"
	refuses 'line 1: it has no end'
	echo '{"event_type":"features","customer_id":"B","event_time":"2026-01-01","features":{"history_days":1}}' >"$TMP/rows"
	refuses "line 1: features: none of the model's is there"
	record B 1 2 3 | awk '{ for (i = 0; i < 65537; i++) print }' >"$TMP/rows"
	refuses 'line 65537: more than 65536 rows: give a sample'
	code 2 score --baseline "$TMP/none" </dev/null
	has "$TMP/none"
}
