# Profiles as a side table from a compacted topic, of other partitions than the input.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

customer() { echo '{"event_type":"customer","event_time":"'"$2"'","customer_id":"'"$1"'","time_zone":"Europe/Prague","consent":{"phone_call":'"$3"',"sms":'"$3"',"email":'"$3"'}}'; }
prediction() { echo '{"event_type":"prediction","event_time":"'"$2"'","prediction_id":"p-'"$1-$2"'","customer_id":"'"$1"'","risk_score":0.4,"risk_level":"MEDIUM"}'; }

@test "the whole topic is read before the first record: the same decisions as with a file" {
	topics profiles:2:compact people:3
	jq '.hold_out.share = 0' share/policies/default.json >"$TMP/policy.json"
	for i in $(seq 200); do customer "C$i" 2026-01-01T00:00:00Z $([ $((i % 3)) -eq 0 ] && echo false || echo true); done >"$TMP/customers"
	for i in $(seq 220); do prediction "C$i" 2026-01-05T10:00:00Z; done >"$TMP/in"
	dq-cat --to kafka:profiles <"$TMP/customers"
	printf 'C1:' | kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t profiles -K: -Z
	dq-intervene --policy "$TMP/policy.json" --customers "$TMP/customers" <"$TMP/in" >"$TMP/want"
	[ "$(jq -r .suppressed_by "$TMP/want" | sort | uniq -c | wc -l)" -ge 2 ]
	dq-intervene --policy "$TMP/policy.json" --customers kafka:profiles <"$TMP/in" | cmp - "$TMP/want"
	dq-cat --to kafka:people <"$TMP/in"
	dq-intervene --policy "$TMP/policy.json" --customers kafka:profiles --from kafka:people -e -G people --plain | sort | cmp - <(sort "$TMP/want")
}

@test "figures are the same with the topic as with a file" {
	topics simulated:2:compact
	dq-simulate --customers 40 4000 >"$TMP/in"
	grep '"customer"' "$TMP/in" | tee "$TMP/customers" | dq-cat --to kafka:simulated
	grep -v '"customer"' "$TMP/in" >"$TMP/rest"
	# at a tick customers come in the order in which they became known: that of the partitions
	dq-features --customers "$TMP/customers" <"$TMP/rest" | sort >"$TMP/want"
	dq-features --customers kafka:simulated <"$TMP/rest" | sort | cmp - "$TMP/want"
	code 1 cmp -s "$TMP/want" <(dq-features <"$TMP/rest" | sort)
}

@test "the topic is followed: who withdraws consent is not contacted any more" {
	topics consents:2:compact asked:3 answers:2 state-consents:3:compact
	jq '.hold_out.share = 0' share/policies/default.json >"$TMP/policy.json"
	customer C1 2026-01-01T00:00:00Z true | dq-cat --to kafka:consents
	dq-intervene --policy "$TMP/policy.json" --allow-unapproved --customers kafka:consents --from kafka:asked -G asked --state kafka:state-consents \
		--to kafka:answers 2>"$TMP/err" 3>&- &
	P1=$!
	answers() { [ "$(dq-cat --from kafka:answers -e --where '.event_type == "intervention"' | tee "$TMP/answers" | wc -l)" -eq "$1" ]; }
	prediction C1 2026-01-05T10:00:00Z | dq-cat --to kafka:asked
	within 20 answers 1
	[ "$(jq -r .suppressed_by "$TMP/answers")" = null ]
	customer C1 2026-02-01T00:00:00Z false | dq-cat --to kafka:consents
	sleep 3
	prediction C1 2026-03-05T10:00:00Z | dq-cat --to kafka:asked
	within 20 answers 2
	[ "$(tail -n 1 "$TMP/answers" | jq -r .suppressed_by)" = consent ]
	kill -TERM $P1
	wait $P1
}

@test "a profile that is no record: exit 65 with topic and key, or passed over" {
	topics broken:1:compact
	{ customer C1 2026-01-01T00:00:00Z false; } | dq-cat --to kafka:broken
	printf 'C2:{oops' | kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t broken -K:
	prediction C1 2026-01-05T10:00:00Z >"$TMP/in"
	for t in "dq-intervene --allow-unapproved" dq-features; do
		code 65 $t --customers kafka:broken <"$TMP/in"
		has "kafka:broken[0], key C2: "
		code 0 $t --customers kafka:broken --on-bad skip <"$TMP/in"
		lines 1
	done
	code 2 dq-features --customers kafka:nowhere <"$TMP/in"
	has "nowhere: no such topic"
	code 75 timeout 30 dq-features -b 127.0.0.1:1 --timeout 1s --customers kafka:broken <"$TMP/in"
}
