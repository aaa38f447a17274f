# dq-features: what it emits, what it refuses, its options and its state. Every figure against the slow reference: features.bats.
load lib

# stream [DAYS [CUSTOMERS]]: profiles, daily purchases, a salary a month, rent, cash, bills; the same bytes always.
stream() {
	awk -v days="${1:-130}" -v customers="${2:-2}" '
	function stamp(d, rest) { return strftime("%Y-%m-%d", (19723 + d) * 86400, 1) "T" rest "Z" }
	function txn(d, time, type, sum, category, channel, merchant) {
		balance[c] += type == "credit" ? sum : -sum
		printf "{\"event_type\":\"transaction\",\"customer_id\":\"C%d\",\"transaction_id\":\"t%d\",\"txn_time\":\"%s\",", c, ++n, stamp(d, time)
		printf "\"amount\":%.2f,\"txn_type\":\"%s\",\"category\":\"%s\",\"channel\":\"%s\",", sum, type, category, channel
		printf "\"merchant_id\":\"%s\",\"balance_after\":%.2f}\n", merchant, balance[c]
	}
	BEGIN {
		for (c = 1; c <= customers; c++) {
			balance[c] = 1000 * c
			printf "{\"event_type\":\"customer\",\"customer_id\":\"C%d\",\"currency\":\"EUR\",\"salary_day\":25}\n", c
		}
		for (d = 0; d < days; d++) for (c = 1; c <= customers; c++) {
			if ((d + c) % 2) txn(d, "08:00:00", "debit", 5 + (d * 7 + c) % 40, d % 3 ? "groceries" : "dining", "pos", "m" (d * c) % 9)
			if (d % 30 == 24) txn(d, "09:00:00", "credit", 2000 - c * d, "salary", "online", "")
			if (d % 30 == 1) txn(d, "10:00:00", "debit", 700, "rent", "online", "landlord")
			if (d % 11 == c) txn(d, "11:00:00", "debit", 60 + d, "", "atm", "")
			if (d % 30 == 5) printf "{\"event_type\":\"payment\",\"event_time\":\"%s\",\"customer_id\":\"C%d\",\"payment_id\":\"p%d\",\"payment_type\":\"utility_bill\",\"due_date\":\"%s\",\"amount\":80.00,\"status\":\"%s\"}\n", stamp(d, "12:00:00"), c, d, substr(stamp(d + 4, ""), 1, 10), (d > 60 ? "missed" : "paid")
		}
	}'
}

setup() {
	stream >"$TMP/in"
}

names() { dq-features --describe | jq -r .name; }

@test "dq-features: what comes of a small stream" {
	dq-features --tick 1d <"$TMP/in" | cut -d, -f 1-5 | golden triggers
	dq-features --tick 1d <"$TMP/in" | grep features | tail -n 4 | golden records
}

@test "dq-features --emit each, a few features" {
	dq-features --emit each --only salary_delay_days,total_spend_change_30d_pct,last_balance <"$TMP/in" | tail -n 40 | golden each
}

@test "dq-features --emit daily" {
	dq-features --emit daily --only history_days,inactive_days_last_30d <"$TMP/in" | tail -n 30 | golden daily
}

@test "dq-features --emit at" {
	cat >"$TMP/at" <<'END'
{"customer_id":"C2","event_time":"2024-04-01T09:00:00Z","label":1}
{"event_type":"label","customer_id":"C1","event_time":"2024-05-30","label":0}
{"event_type":"truth","customer_id":"C1","event_time":"2024-05-30"}
{"customer_id":"C1","event_time":"2024-04-01T10:00:00+02:00"}
{"customer_id":"nobody","event_time":"2024-04-01T09:00:00Z"}
END
	dq-features --emit at "$TMP/at" <"$TMP/in" | grep -v '"customer"' | golden at
}

@test "dq-features --describe is the table of the catalogue" {
	dq-features --describe | golden describe
	[ "$(names | wc -l)" -eq "$(names | sort -u | wc -l)" ]
}

@test "dq-features: every feature is named in dq-catalogue(7)" {
	for name in $(names); do
		grep -qE "^\.It Sy $name " man/dq-catalogue.7 || { echo "$name"; return 1; }
	done
}

@test "dq-features: customers, ticks and unknown kinds pass, transactions and payments end" {
	cat >"$TMP/mixed" <<'END'
{"event_type":"customer", "customer_id":"C1","salary_day":1}
{"event_type":"weather","rain": true}
{"event_type":"transaction","customer_id":"C1","txn_time":"2024-01-01","amount":1,"txn_type":"debit"}
{"event_type":"payment","customer_id":"C1","event_time":"2024-01-01","payment_id":"p","payment_type":"rent","due_date":"2024-01-09","amount":1}
{"event_type":"tick","event_time":"2024-01-02"}
END
	code 0 dq-features <"$TMP/mixed"
	diff <(sed -n '1p;2p;5p' "$TMP/mixed") "$TMP/out"
}

@test "dq-features: the source of the input is named in the output" {
	echo '{"event_type":"transaction","customer_id":"C1","txn_time":"2024-01-01","amount":1,"txn_type":"debit","source":{"topic": "t","partition":2,"offset":7}}' |
		dq-features --emit each --only history_days >"$TMP/out"
	has '"features":{"history_days":1},"source":{"topic": "t","partition":2,"offset":7}}' "$TMP/out"
}

@test "dq-features --only: each feature alone is what it is among all" {
	stream 110 1 >"$TMP/one"
	dq-features --emit each <"$TMP/one" | jq -c 'select(.features) | .features' >"$TMP/all"
	for name in $(names); do
		diff <(jq -c "{$name}" "$TMP/all") \
			<(dq-features --emit each --only "$name" <"$TMP/one" | jq -c 'select(.features) | .features') || { echo "$name"; return 1; }
	done
}

@test "dq-features --only keeps the catalogue's order, and names its set" {
	head -n 20 "$TMP/in" | dq-features --emit each --only last_balance,salary_delay_days | tail -n 1 >"$TMP/a"
	head -n 20 "$TMP/in" | dq-features --emit each --only salary_delay_days,last_balance | tail -n 1 >"$TMP/b"
	cmp "$TMP/a" "$TMP/b"
	[ "$(jq -c '.features | keys_unsorted' "$TMP/a")" = '["salary_delay_days","last_balance"]' ]
	head -n 20 "$TMP/in" | dq-features --emit each | tail -n 1 >"$TMP/c"
	[ "$(jq .feature_set "$TMP/a")" != "$(jq .feature_set "$TMP/c")" ]
}

@test "dq-features: money has the digits of its currency" {
	for row in 'JPY 500 500' 'EUR 500.25 500.25' 'KWD 500.125 500.125'; do
		read -r currency amount want <<<"$row"
		got=$(echo '{"event_type":"transaction","customer_id":"C1","txn_time":"2024-01-01","amount":1,"txn_type":"credit","currency":"'"$currency"'","balance_after":'"$amount"'}' |
			dq-features --emit each --only last_balance | jq .features.last_balance)
		[ "$got" = "$want" ] || { echo "$currency: $got"; return 1; }
	done
}

@test "dq-features --large is in major units" {
	for row in '5000.00 0' '5000.01 1'; do
		read -r amount want <<<"$row"
		got=$(echo '{"event_type":"transaction","customer_id":"C1","txn_time":"2024-01-01","amount":'"$amount"',"txn_type":"credit"}' | dq-features | grep -c large_amount || :)
		[ "$got" = "$want" ]
	done
	echo '{"event_type":"transaction","customer_id":"C1","txn_time":"2024-01-01","amount":300,"txn_type":"credit","currency":"JPY"}' |
		dq-features --large 299.5 | grep large_amount >/dev/null
}

@test "dq-features --zone says which day it is" {
	echo '{"event_type":"transaction","customer_id":"C1","txn_time":"2024-03-31T22:30:00Z","amount":1,"txn_type":"credit"}' >"$TMP/a"
	echo '{"event_type":"transaction","customer_id":"C1","txn_time":"2024-03-30T22:30:00Z","amount":1,"txn_type":"credit"}' >"$TMP/b"
	# The clocks went forward that Sunday: 23:30 on Saturday, 00:30 on Monday.
	got=$(cat "$TMP/b" "$TMP/a" | dq-features --emit each --only history_days --zone Europe/Prague | tail -n 1 | jq .features.history_days)
	[ "$got" = 3 ]
	[ "$(cat "$TMP/b" "$TMP/a" | dq-features --emit each --only history_days | tail -n 1 | jq .features.history_days)" = 2 ]
}

@test "dq-features says what it left out, once, and nothing else" {
	{ cat "$TMP/in"; tail -n 1 "$TMP/in"; grep transaction "$TMP/in" | tail -n 1; grep -m 1 transaction "$TMP/in" | sed 's/"t1"/"old"/'; } >"$TMP/more"
	code 0 dq-features <"$TMP/more"
	err_is "dq-features: left out: records more than 90 days late: 1, repeated transactions: 2"
	code 0 dq-features <"$TMP/in"
	lines 0
}

@test "dq-features --customers is a side table" {
	grep customer\" "$TMP/in" >"$TMP/profiles"
	grep -v '"customer"' "$TMP/in" >"$TMP/rest"
	dq-features --customers "$TMP/profiles" <"$TMP/rest" >"$TMP/a"
	dq-features <"$TMP/in" | grep -v '"customer"' >"$TMP/b"
	cmp "$TMP/a" "$TMP/b"
	code 1 cmp -s "$TMP/a" <(dq-features <"$TMP/rest")
	code 2 dq-features --customers "$TMP/none" <"$TMP/rest"
	echo '{bad' >"$TMP/bad"
	code 65 dq-features --customers "$TMP/bad" <"$TMP/rest"
	has "$TMP/bad: line 1: "
}

@test "dq-features --state: a run in pieces is one run, in every way of emitting" {
	for emit in trigger each daily; do
		rm -rf "$TMP/state" "$TMP/pieces"
		for piece in 1,40p 41,41p 42,150p '151,$p'; do
			sed -n "$piece" "$TMP/in" | dq-features --emit $emit --tick 1d --state "$TMP/state" >>"$TMP/pieces"
		done
		dq-features --emit $emit --tick 1d --state "$TMP/other.$emit" <"$TMP/in" | cmp - "$TMP/pieces"
	done
}

@test "dq-features --state may go on with another --only, not with another --zone" {
	head -n 100 "$TMP/in" | dq-features --state "$TMP/state" --only history_days >/dev/null
	sed 1,100d "$TMP/in" | dq-features --state "$TMP/state" --emit each | sed 1d | grep features >"$TMP/a"
	dq-features --emit each <"$TMP/in" | grep features | tail -n "$(wc -l <"$TMP/a")" | cmp - "$TMP/a"
	code 2 dq-features --state "$TMP/state" --zone Europe/Prague <"$TMP/in"
	code 2 dq-features --state "$TMP/state" --dedup 3 <"$TMP/in"
}

@test "dq-features --state: a day stays open until its end is seen" {
	head -n 100 "$TMP/in" | dq-features --emit daily --only history_days --state "$TMP/state" >"$TMP/a"
	sed -n '101,$p' "$TMP/in" | dq-features --emit daily --only history_days --state "$TMP/state" >>"$TMP/a"
	dq-features --emit daily --only history_days <"$TMP/in" >"$TMP/b"
	[ "$(wc -l <"$TMP/b")" -eq $(($(wc -l <"$TMP/a") + 2)) ]
	head -n "$(wc -l <"$TMP/a")" "$TMP/b" | cmp - "$TMP/a"
}

@test "dq-features: a deleted customer is forgotten, in the state too" {
	dq-features --state "$TMP/state" <"$TMP/in" >"$TMP/a"
	grep -rqF C2 "$TMP/state"
	echo '{"event_type":"customer","customer_id":"C2","deleted":true}' | dq-features --state "$TMP/state" >"$TMP/a"
	code 1 grep -rqF C2 "$TMP/state"
	got=$(grep C2 "$TMP/in" | tail -n 1 | dq-features --state "$TMP/state" --emit each --only history_days | jq .features.history_days)
	[ "$got" = 1 ]
}

@test "dq-features: faulty options are exit 2 and one line" {
	for options in '--only nothing_of_the_kind' '--only ,' '--zone Middle/Earth' '--large much' '--dedup -1' '--dedup 5000' '--emit at' \
		'--emit sometimes' 'file' "--emit at $TMP/in --state $TMP/s" "--emit at $TMP/in second" "--emit at $TMP/missing"; do
		# shellcheck disable=SC2086
		code 2 dq-features $options </dev/null
		lines 1
	done
	code 2 dq-features --only last_balance,nonsense </dev/null
	has 'nonsense'
}

@test "dq-features: records that cannot be are refused" {
	for record in '{"event_type":"customer","customer_id":"C","salary_day":32}' '{"event_type":"customer","customer_id":"C","salary_day":0}' \
		'{"event_type":"transaction","customer_id":"C","txn_time":"2024-01-01","amount":100000000000000.01,"txn_type":"debit"}' \
		'{"event_type":"payment","customer_id":"C","payment_id":"p","payment_type":"rent","due_date":"2024-01-09","amount":1}' \
		'{"event_type":"transaction","customer_id":"C","txn_time":"2024-01-01","amount":1.001,"txn_type":"debit"}'; do
		code 65 dq-features --emit each <<<"$record"
		has "dq-features: stdin: line 1: "
		lines 0 "$TMP/out"
	done
}

@test "dq-features --emit at: a bad line of the file is exit 65 and its place" {
	printf '%s\n' '{"customer_id":"C","event_time":"2024-01-01"}' '{"customer_id":"C","event_time":"soon"}' >"$TMP/at"
	code 65 dq-features --emit at "$TMP/at" </dev/null
	err_is "dq-features: $TMP/at: line 2: no \"event_time\""
}

@test "dq-features: sums are exact where a double is not" {
	awk 'BEGIN { for (i = 0; i < 40; i++) printf "{\"event_type\":\"transaction\",\"customer_id\":\"C\",\"txn_time\":\"2024-01-%02d\",\"amount\":90071992547409.93,\"txn_type\":\"%s\",\"balance_after\":0.01}\n", i % 31 + 1, i % 2 ? "credit" : "debit" }' | sort -t'"' -k12 >"$TMP/big"
	[ "$(dq-features --emit each --only outflow_to_inflow_ratio_30d,last_balance <"$TMP/big" | tail -n 1 | jq -c .features)" = '{"outflow_to_inflow_ratio_30d":1,"last_balance":0.01}' ]
}
