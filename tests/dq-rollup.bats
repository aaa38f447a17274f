# dq-rollup: figures by windows of event time. tests/rollup/reference.py says what they must be, from the manual page.
load lib

# prediction CUSTOMER TIME SCORE   One line; the level follows from the score.
prediction() {
	local level=LOW
	case $3 in 0.[789]*) level=CRITICAL ;; 0.[56]*) level=HIGH ;; 0.[34]*) level=MEDIUM ;; esac
	printf '{"event_type":"prediction","event_time":"%s","customer_id":"%s","risk_score":%s,"risk_level":"%s","top_features":[%s,%s]}\n' "$2" "$1" "$3" $level \
		'{"feature":"salary_delay_days","value":9,"contribution":1.5,"direction":"up","code":"R01","reason":"Your salary came later than usual."}' \
		'{"feature":"history_days","value":400,"contribution":-0.5,"direction":"down","code":"R02","reason":"We know you for long."}'
}

# intervention TIME DECISION [CHANNEL [SUPPRESSED_BY]]
intervention() {
	printf '{"event_type":"intervention","event_time":"%s","customer_id":"C1","decision":"%s","channel":"%s","suppressed_by":%s}\n' \
		"$1" "$2" "${3:-email}" "$([ -n "${4:-}" ] && echo "\"$4\"" || echo null)"
}

outcome() { printf '{"event_type":"outcome","event_time":"%s","customer_id":"C1","outcome_type":"%s","held_out":%s}\n' "$@"; }
review() { printf '{"event_type":"review","event_time":"%s","intervention_id":"i1","decision":"%s"}\n' "$@"; }
tick() { printf '{"event_type":"tick","event_time":"%s"}\n' "$1"; }

# said FILTER   What jq makes of the dashboard records on standard input.
said() { jq -c "select(.event_type == \"dashboard\") | $1"; }

# Predictions, decisions and outcomes of made-up customers.
story() {
	[ -e "$BATS_FILE_TMPDIR/story" ] || dq-simulate 12000 | dq-features | dq-score | dq-intervene --pass >"$BATS_FILE_TMPDIR/story"
	cat "$BATS_FILE_TMPDIR/story"
}

# late FROM SECONDS   A file's records, each up to so many seconds after its time.
late() {
	jq -r --argjson by "$2" 'select(.event_type != "tick" and .event_type != "customer") |
		"\((.event_time[0:19] + "Z" | fromdate) + (input_line_number * 7919 % $by))\t\(tojson)"' "$1" | sort -s -n -k 1,1 | cut -f 2-
}

@test "dq-rollup writes what it always wrote" {
	{
		prediction C1 2026-01-05T10:10:00Z 0.62
		intervention 2026-01-05T10:10:00Z act sms
		prediction C2 2026-01-05T10:20:00Z 0.35
		intervention 2026-01-05T10:20:00Z suppress email consent
		prediction C1 2026-01-05T11:05:00.5Z 0.91
		intervention 2026-01-05T11:05:00.5Z review phone_call
		prediction C3 2026-01-05T10:55:00Z 0.1
		review 2026-01-05T11:40:00Z approve
		tick 2026-01-06T00:00:00Z
		outcome 2026-01-19T10:10:00Z stabilized false
		outcome 2026-01-19T10:20:00Z unchanged true
		outcome 2026-01-19T10:25:00Z stabilized true
	} | dq-rollup | golden story
}

@test "the last word on each window is the reference's, in order and out of order" {
	story >"$TMP/in"
	late "$TMP/in" 80000 >"$TMP/late"
	[ "$(wc -l <"$TMP/late")" -gt 2500 ]
	if cmp -s <(grep -v '"tick"\|"customer"' "$TMP/in" | jq -c .) "$TMP/late"; then return 1; fi
	for seconds in 3600 86400 2400; do
		for in in in late; do
			tests/rollup/reference.py $seconds <"$TMP/$in" >"$TMP/want"
			dq-rollup --window ${seconds}s <"$TMP/$in" >"$TMP/out"
			tests/rollup/last.py <"$TMP/out" | diff "$TMP/want" -
			[ "$(wc -l <"$TMP/want")" -gt 100 ]
		done
	done
	# Corrections were made, not only first words.
	said .revision <"$TMP/out" | sort -n | tail -n 1 >"$TMP/most"
	[ "$(cat "$TMP/most")" -gt 0 ]
	# Whatever came late, but for alerts, which are as they were: the figures of an input in order. Of two predictions of one moment the later one
	# in the input holds: there is none such here.
	jq -c 'select(.event_type == "prediction")' "$TMP/in" | awk -F'"' '!seen[$8 $16]++' >"$TMP/once"
	late "$TMP/once" 80000 >"$TMP/late"
	diff <(dq-rollup --window 1d <"$TMP/once" | tests/rollup/last.py --no-alerts) <(dq-rollup --window 1d <"$TMP/late" | tests/rollup/last.py --no-alerts)
}

@test "a wrong figure is found" {
	story | dq-rollup --window 1d >"$TMP/out"
	story | tests/rollup/reference.py 86400 >"$TMP/want"
	for field in .predictions .counts.LOW .decisions.act.email .mean_score .outcomes.uplift.low; do
		jq -c "if $field then $field += 0.001 else . end" "$TMP/out" | tests/rollup/last.py >"$TMP/got"
		if cmp -s "$TMP/want" "$TMP/got"; then echo "$field" && return 1; fi
	done
}

@test "ticks bring records sooner and change none" {
	story | grep -v '"tick"' >"$TMP/in"
	dq-rollup --lateness 90m <"$TMP/in" | said . >"$TMP/want"
	for every in 7m 1h 1d; do
		dq-rollup --lateness 90m --tick $every <"$TMP/in" | said . | cmp - "$TMP/want" || { echo "$every"; return 1; }
	done
	{ prediction C1 2026-01-05T10:10:00Z 0.5; tick 2026-01-05T10:59:00Z; tick 2026-01-05T11:00:00Z; } >"$TMP/in"
	dq-rollup <"$TMP/in" | jq -r .event_type | paste -s -d ' ' >"$TMP/out"
	out_is "tick dashboard tick"
}

@test "a late record makes a new revision of its window and of those that follow" {
	{
		prediction C1 2026-01-05T10:10:00Z 0.1
		prediction C2 2026-01-05T11:10:00Z 0.1
		prediction C2 2026-01-05T12:10:00Z 0.1
		prediction C1 2026-01-05T10:50:00Z 0.8
		prediction C2 2026-01-05T13:10:00Z 0.1
	} | dq-rollup | said '[.event_time[11:13], .window.start[11:13], .revision, .counts.LOW, .counts.CRITICAL, .predictions, .alerts.CRITICAL]' >"$TMP/out"
	out_is '["11","10",0,1,0,1,0]
["12","11",0,2,0,1,0]
["13","10",1,0,1,2,1]
["13","11",1,1,1,1,0]
["13","12",0,1,1,1,0]
["13","13",0,1,1,1,0]'
}

@test "an old prediction is no alert, and does not change where the customer stands now" {
	{
		prediction C1 2026-01-05T12:10:00Z 0.1
		prediction C1 2026-01-05T10:10:00Z 0.8
		prediction C1 2026-01-05T12:09:00Z 0.9
		prediction C1 2026-01-05T12:20:00Z 0.55
		prediction C1 2026-01-05T12:30:00Z 0.65
		prediction C1 2026-01-05T12:40:00Z 0.75
	} | dq-rollup | said '[.window.start[11:13], .counts, .alerts]' >"$TMP/out"
	out_is '["10",{"LOW":0,"MEDIUM":0,"HIGH":0,"CRITICAL":1},{"HIGH":0,"CRITICAL":0}]
["12",{"LOW":0,"MEDIUM":0,"HIGH":0,"CRITICAL":1},{"HIGH":1,"CRITICAL":1}]'
}

@test "a window is final --lateness after its end: what comes then is left out, and told" {
	{
		prediction C1 2026-01-05T10:10:00Z 0.1
		prediction C1 2026-01-05T12:29:59Z 0.1
		prediction C2 2026-01-05T10:59:59Z 0.1
		prediction C1 2026-01-05T12:30:00Z 0.1
		prediction C3 2026-01-05T10:59:59Z 0.1
		prediction C3 2026-01-05T11:00:00Z 0.1
	} >"$TMP/in"
	code 0 dq-rollup --lateness 90m <"$TMP/in"
	said '[.event_time[11:19], .window.start[11:13], .revision, .predictions, .late]' <"$TMP/out" >"$TMP/said"
	diff - "$TMP/said" <<-'END'
		["11:00:00","10",0,1,0]
		["12:30:00","10",1,2,0]
		["12:30:00","11",0,1,1]
		["12:30:00","12",0,2,1]
	END
	has "left out: 1 records"
	code 0 dq-rollup <"$TMP/in"
	lines 0
}

@test "--every writes the open window as far as it has come" {
	{
		prediction C1 2026-01-05T10:10:00Z 0.1
		prediction C2 2026-01-05T10:12:00Z 0.1
		prediction C2 2026-01-05T10:41:00Z 0.1
		tick 2026-01-05T13:00:00Z
	} | dq-rollup --every 15m | said '[.event_time[11:16], .window.end[11:16], .revision, .predictions]' >"$TMP/out"
	out_is '["10:15","11:00",0,2]
["10:45","11:00",1,3]'
}

@test "windows of partitions are kept apart, and say so" {
	{
		echo '{"@begin":{"version":1},"run":"r","seq":1}'
		for p in 0 2; do
			echo '{"@p":'$p'}'
			prediction C$p 2026-01-0$((5 + p))T10:10:00Z 0.6
		done
		echo '{"@p":0}'
		prediction C0 2026-01-05T10:20:00Z 0.1
		tick 2026-01-05T11:00:00Z
		echo '{"@p":2}'
		tick 2026-01-07T11:00:00Z
		echo '{"@end":{},"run":"r","seq":2}'
	} | dq-rollup | grep -v '^{"@' | said '[.window.partition, .window.start, .predictions, .counts.HIGH, .late]' >"$TMP/out"
	out_is '[0,"2026-01-05T10:00:00Z",2,0,0]
[2,"2026-01-07T10:00:00Z",1,1,0]'
}

@test "--pass writes what is read before what comes of it" {
	story >"$TMP/in"
	dq-rollup --pass <"$TMP/in" >"$TMP/out"
	grep -v '"event_type":"dashboard"' "$TMP/out" | cmp - "$TMP/in"
	grep '"event_type":"dashboard"' "$TMP/out" | cmp - <(dq-rollup <"$TMP/in" | grep '"event_type":"dashboard"')
}

@test "any split of the input over runs with --state gives the bytes of one run" {
	story >"$TMP/in"
	dq-rollup --state "$TMP/once" <"$TMP/in" >"$TMP/want"
	n=$(wc -l <"$TMP/in")
	for cut in 1 100 $((n / 2)); do
		rm -rf "$TMP/state"
		{ head -n "$cut" "$TMP/in" | dq-rollup --state "$TMP/state"; tail -n +$((cut + 1)) "$TMP/in" | dq-rollup --state "$TMP/state"; } | cmp - "$TMP/want"
	done
	code 2 dq-rollup --state "$TMP/state" --window 2h </dev/null
	has "window"
}

@test "what is remembered of time gone by is bounded" {
	awk 'BEGIN { for (i = 0; i < 30000; i++) printf "{\"event_type\":\"prediction\",\"event_time\":\"20%02d-%02d-%02dT%02d:00:00Z\",\"customer_id\":\"C%d\",\"risk_score\":0.5,\"risk_level\":\"HIGH\"}\n",
		20 + i / 8064, i % 8064 / 672 + 1, i % 672 / 24 + 1, i % 24, i % 10 }' >"$TMP/in"
	for n in 3000 30000; do
		head -n $n "$TMP/in" | dq-rollup --state "$TMP/state.$n" >"$TMP/out"
		[ "$(said . <"$TMP/out" | wc -l)" -eq $((n - 1)) ]
		stat -c %s "$TMP/state.$n"/snapshot.* >>"$TMP/sizes"
	done
	awk 'NR == 1 { most = $1 * 1.1 } $1 > most || $1 > 20000 { print; bad = 1 } END { exit bad || NR != 2 }' "$TMP/sizes"
}

@test "texts of anyone's making do not fill a record" {
	{
		for i in $(seq 300); do intervention 2026-01-05T10:00:00Z suppress "channel $i" "reason $i"; done
		intervention 2026-01-05T10:00:00Z suppress "$(printf 'x%.0s' {1..300})" "$(printf 'y%.0s' {1..300})"
		intervention 2026-01-05T10:00:00Z act $'"\\\\u0009\\"'
	} | sed 's/"channel":""/"channel":"/; s/\\"","supp/\\"","supp/' >"$TMP/in"
	dq-rollup <"$TMP/in" | said '[(.suppressors | length), .suppressors["(other)"], ([.decisions[][]] | add)]' >"$TMP/out"
	out_is '[201,101,302]'
}

@test "a record without event time is refused" {
	prediction C1 2026-01-05T10:00:00Z 0.5 | sed 's/"event_time":"[^"]*",//' | code 65 dq-rollup
	has 'no "event_time"'
}

@test "options that make no sense are exit 2" {
	for o in "--window 0" "--window 500ms" "--every 10ms" "--lateness 5000d" "--top -1" "--window 1s --lateness 1h"; do
		# shellcheck disable=SC2086
		code 2 dq-rollup $o </dev/null
		lines 1
	done
}

@test "dashboard records are what the schema says" {
	story | dq-rollup --window 1d | said . >"$TMP/out"
	dq-cat <"$TMP/out" | cmp - "$TMP/out"
	diff <(dq-cat --schema | jq -r 'select(.title == "dashboard") | .properties | keys[]' | sort) <(head -n 1 "$TMP/out" | jq -r 'keys[]' | sort)
}
