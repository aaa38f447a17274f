# dq-cat: copies, filters by --where, maps by --map. What it shares with every other tool is in tools.bats.
load lib

setup() {
	cat >"$TMP/in" <<'END'
{"event_type":"transaction","customer_id":"C1","txn_time":"2026-01-05T10:11:12Z","amount":12.50,"txn_type":"debit","big":12345678901234567890}
{"event_type":"transaction","customer_id":"C2","txn_time":"2026-01-05T10:12:00+01:00","amount":"0.05","txn_type":"credit"}
{"event_type":"weather","rain": true}
{"event_type":"tick","event_time":"2026-01-06"}
END
}

@test "dq-cat copies every kind of record byte for byte" {
	code 0 dq-cat <"$TMP/in"
	cmp "$TMP/in" "$TMP/out"
	lines 0
}

@test "dq-cat --from and --to name files" {
	code 0 dq-cat --from "$TMP/in" --to "$TMP/copy"
	cmp "$TMP/in" "$TMP/copy"
	lines 0 "$TMP/out"
}

@test "dq-cat --where keeps what is true" {
	dq-cat --where '.amount == "0.05"' <"$TMP/in" | golden where
}

@test "dq-cat --map writes each result of the program" {
	dq-cat --map '.customer_id, {t: .txn_type}' <"$TMP/in" | golden map
}

@test "dq-cat --where does not touch the bytes that pass" {
	dq-cat --where '.big != null' <"$TMP/in" >"$TMP/out"
	head -n 1 "$TMP/in" | cmp - <(head -n 1 "$TMP/out")
}

@test "dq-cat: a faulty program is exit 2 and says which option" {
	code 2 dq-cat --where '.a b' <"$TMP/in"
	has "dq-cat: --where: "
	code 2 dq-cat --map '{' <"$TMP/in"
	has "dq-cat: --map: "
}

@test "dq-cat: a program that fails on a record refuses that record" {
	code 65 dq-cat --where '.amount + [] | . == 1' <"$TMP/in"
	has "stdin: line 1: "
	lines 1
}

@test "dq-cat: an argument without an option is exit 2" {
	code 2 dq-cat "$TMP/in"
	lines 1
}

@test "dq-cat --on-bad skip ends with 0, the rest copied" {
	{ echo '{bad'; cat "$TMP/in"; } >"$TMP/mixed"
	code 0 dq-cat --on-bad skip <"$TMP/mixed"
	cmp "$TMP/in" "$TMP/out"
	lines 1
}

@test "dq-cat --fields writes these fields, in that order, as they stood" {
	dq-cat --fields big,customer_id,amount <"$TMP/in" | golden fields
}

@test "dq-cat --fields finds a key that was written with escapes" {
	echo '{"event_type":"weather","r\u0061in" : [1, {"a":"]}"}],"rain":2}' >"$TMP/one"
	code 0 dq-cat --fields 'rain' <"$TMP/one"
	out_is '{"rain":2}'
	code 0 dq-cat --fields 'event_type,a"b' <"$TMP/one"
	out_is '{"event_type":"weather","a\"b":null}'
	echo '{"event_type":"weather","r\u0061in" : [1, {"a":"]}"}]}' >"$TMP/one"
	code 0 dq-cat --fields 'rain' <"$TMP/one"
	out_is '{"rain":[1, {"a":"]}"}]}'
}

@test "dq-cat --fields gives what jq gives" {
	grep -v tick "$TMP/in" >"$TMP/records"
	diff <(dq-cat --fields customer_id,amount,txn_type <"$TMP/records" | jq -cS .) \
		<(jq -cS '{customer_id, amount, txn_type}' "$TMP/records")
}

@test "dq-cat --fields: an empty name, or --map beside it, is exit 2" {
	code 2 dq-cat --fields ''
	code 2 dq-cat --fields 'a,,b'
	code 2 dq-cat --fields a --map .
	lines 1
}

@test "dq-cat: --cure gives back what was refused, byte for byte, overlong lines too" {
	{
		printf 'no json\n\xff\xfe {"a"\n{"event_type":"tick"}\n'
		head -c 3000000 /dev/zero | tr '\0' x
		printf '\nlast'
	} >"$TMP/in"
	dq-cat --dlq "$TMP/letters" <"$TMP/in" >"$TMP/good" 2>/dev/null
	lines 0 "$TMP/good"
	code 0 dq-cat --cure <"$TMP/letters"
	{ cat "$TMP/in"; echo; } | cmp - "$TMP/out"
}

@test "dq-cat: --cure refuses what is no letter, and lines that would mislead" {
	echo '{"event_type":"weather"}' >"$TMP/in"
	code 65 dq-cat --cure <"$TMP/in"
	has "not a dead letter"
	letter() { echo '{"event_type":"dead_letter","failed_at":"2026-01-01","error":"e","source":{"file":"x","line":1},"raw":"'"$1"'"}'; }
	letter 'e?' >"$TMP/in"
	code 65 dq-cat --cure <"$TMP/in"
	has "no base64"
	letter "$(printf '{"@end":{}}' | base64 -w 0)" >"$TMP/in"
	code 65 dq-cat --cure <"$TMP/in"
	has 'begins with {"@'
	letter "$(printf 'a\nb' | base64 -w 0)" >"$TMP/in"
	code 65 dq-cat --cure <"$TMP/in"
	has "newline"
	code 0 dq-cat --cure --map 'split("\n")[]' <"$TMP/in"
	out_is "$(printf 'a\nb')"
	code 0 dq-cat --cure --map 'empty' <"$TMP/in"
	lines 0 "$TMP/out"
	code 2 dq-cat --cure --fields a
	code 2 dq-cat --cure --envelope
}

@test "dq-cat: --follow waits for more, for the rest of a line, and for the next file of that name" {
	w() { echo '{"event_type":"weather","n":'"$1"'}'; }
	has_lines() { [ "$(wc -l <"$TMP/out")" -eq "$1" ]; }
	w 1 >"$TMP/log"
	dq-cat --follow --from "$TMP/log" >"$TMP/out" 2>"$TMP/err" 3>&- &
	P1=$!
	within 10 has_lines 1
	w 2 >>"$TMP/log"
	within 10 has_lines 2
	w 3 | head -c 10 | tr -d '\n' >>"$TMP/log"
	sleep 0.4
	has_lines 2
	w 3 | tail -c +11 >>"$TMP/log"
	within 10 has_lines 3
	mv "$TMP/log" "$TMP/log.1"
	w 4 >>"$TMP/log.1"
	within 10 has_lines 4
	w 5 >"$TMP/log"
	within 10 has_lines 5
	: >"$TMP/log"
	sleep 0.4
	w 6 >>"$TMP/log"
	within 10 has_lines 6
	kill -TERM $P1
	wait $P1
	[ "$(jq .n "$TMP/out" | paste -s -d ' ')" = "1 2 3 4 5 6" ]
	lines 0
	code 2 dq-cat --follow -e
}

@test "dq-cat: --follow: a line that the next file cuts off is told" {
	printf '{"event_type":' >"$TMP/log"
	dq-cat --follow --from "$TMP/log" >"$TMP/out" 2>"$TMP/err" 3>&- &
	P1=$!
	sleep 0.3
	echo '{"event_type":"weather"}' >"$TMP/new"
	mv "$TMP/new" "$TMP/log"
	got=0
	wait $P1 || got=$?
	[ $got -eq 65 ]
	has "may be cut"
}
