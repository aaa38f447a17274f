# dq-tick: one tick. That it reaches every partition is in kafka.bats.
load lib

@test "dq-tick writes the time it is given, or the present one" {
	code 0 dq-tick --at 2026-01-06T10:00:00+01:00
	out_is '{"event_type":"tick","event_time":"2026-01-06T09:00:00Z"}'
	code 0 dq-tick
	now=$(date +%s)
	jq -e --argjson now "$now" '.event_time | sub("\\.[0-9]+"; "") | fromdate | . - $now | -5 < . and . < 5' "$TMP/out"
}

@test "dq-tick ends a day for dq-features" {
	{ dq-simulate --customers 3 200 --no-ticks; dq-tick --at 2026-12-31; } | dq-features --emit daily >"$TMP/out"
	[ "$(grep -c '"event_type":"features"' "$TMP/out")" -gt 0 ]
}

@test "dq-tick: a faulty time or an argument is exit 2" {
	code 2 dq-tick --at noon
	code 2 dq-tick now
	lines 1
}
