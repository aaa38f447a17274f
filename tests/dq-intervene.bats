# dq-intervene: decisions by a policy. Single rules, caps, nights and consents are rows of tests/policy/cases.
load lib

# prediction CUSTOMER TIME SCORE [ID]   One line; the level follows from the score.
prediction() {
	local level=LOW
	case $3 in 0.[789]*) level=CRITICAL ;; 0.[56]*) level=HIGH ;; 0.[34]*) level=MEDIUM ;; esac
	printf '{"event_type":"prediction","event_time":"%s","prediction_id":"%s","customer_id":"%s","risk_score":%s,"risk_level":"%s","top_features":[%s,%s]}\n' \
		"$2" "${4:-p-$1-$2}" "$1" "$3" $level \
		'{"feature":"salary_delay_days","value":9,"contribution":1.5,"direction":"up","code":"R01","reason":"Your salary came later than usual."}' \
		'{"feature":"history_days","value":400,"contribution":-0.5,"direction":"down","code":"R02","reason":"We know you for long."}'
}

# customer ID [MEMBERS]   With consent to everything, in Prague, unless MEMBERS say otherwise.
customer() {
	jq -nc --arg id "$1" --argjson more "${2:-{\}}" \
		'{event_type: "customer", event_time: "2026-01-01T00:00:00Z", customer_id: $id, time_zone: "Europe/Prague", consent: {phone_call: true, sms: true, email: true}} + $more'
}

tick() { printf '{"event_type":"tick","event_time":"%s"}\n' "$1"; }

review() {
	printf '{"event_type":"review","event_time":"%s","intervention_id":"%s","decision":"%s","by":"ann","reason":"spoke with the branch"}\n' "$1" "$2" "$3"
}

# policy [JQ]   The default policy without hold-out, changed by a jq program, in $TMP/policy.json.
policy() { jq ".hold_out.share = 0 | ${1:-.}" share/policies/default.json >"$TMP/policy.json"; }

# decide FILTER   Standard input through the tool with $TMP/policy.json, and what jq makes of the interventions and outcomes.
decide() { dq-intervene --policy "$TMP/policy.json" | jq -r "select(.event_type != \"tick\") | $1"; }

setup() { policy; }

@test "every row of the tables of cases is decided as it says" {
	tests/policy/run tests/policy/cases/*.tsv 2>"$TMP/err"
}

@test "a wrong row of a table is found" {
	sed 's/\tact$/\tdefer/' tests/policy/cases/consent.tsv >"$TMP/wrong.tsv"
	code 1 tests/policy/run "$TMP/wrong.tsv"
}

@test "dq-intervene writes what it always wrote" {
	{
		customer C1 '{"language":"de"}'
		customer C2 '{"vulnerable":true}'
		customer C3 '{"time_zone":"America/New_York","consent":{"sms":false}}'
		prediction C1 2026-01-05T10:00:00Z 0.91
		prediction C1 2026-01-05T11:00:00Z 0.92
		prediction C2 2026-01-05T11:00:00Z 0.65
		prediction C3 2026-01-05T11:00:00Z 0.55
		prediction C3 2026-01-06T02:00:00.5Z 0.35
		prediction C4 2026-01-06T02:00:00Z 0.4
		prediction C4 2026-01-09T02:00:00Z 0.1
		tick 2026-02-01T00:00:00Z
	} >"$TMP/in"
	dq-intervene <"$TMP/in" 2>"$TMP/err" | golden story
}

@test "what dq-intervene writes is what other tools read" {
	python3 tests/policy/traffic.py 3 40 1500 | dq-intervene 2>"$TMP/err" >"$TMP/all"
	dq-cat <"$TMP/all" | cmp - "$TMP/all"
	[ "$(jq -r .event_type "$TMP/all" | sort -u | xargs)" = "intervention outcome" ]
}

@test "an intervention has the fields of dq-record(5) in their order, then its own" {
	prediction C1 2026-01-05T10:00:00Z 0.4 | decide 'keys_unsorted | join(" ")' >"$TMP/out"
	out_is "event_type event_time intervention_id customer_id decision intervention_type channel priority risk_score risk_level reasons message adverse_action not_before suppressed_by policy prediction_id status rule program assumed_time_zone"
}

@test "fields of a prediction that are not asked for are not copied" {
	prediction C1 2026-01-05T10:00:00Z 0.4 | jq -c '. + {secret: "s3cret", features: {a: 1}}' | dq-intervene >"$TMP/one"
	lines 1 "$TMP/one"
	code 1 grep -E 's3cret|"features"' "$TMP/one"
}

@test "reasons are those that raise the risk, at most as many as the policy says" {
	policy '.max_reasons = 2'
	prediction C1 2026-01-05T10:00:00Z 0.4 | jq -c '.top_features = [range(5) | {feature: "f\(.)", contribution: (. - 1), code: "R\(.)"}]' |
		decide '.reasons | map(.code) | join(" ")' >"$TMP/out"
	out_is "R2 R3"
}

@test "predictions of the former system are understood" {
	printf '%s\n' '{"customer_id":"C1","risk_score":0.4,"risk_level":"MEDIUM","top_features":[{"feature":"a","value":1}],"timestamp":"2026-01-05T10:00:00","event_type":"prediction"}' |
		decide '[.event_time, .decision, .reasons[0].feature, .prediction_id] | map(tostring) | join(" ")' >"$TMP/out"
	out_is "2026-01-05T10:00:00Z act a null"
}

@test "the message is in the customer's language where the policy has it" {
	{
		customer C1 '{"language":"de"}'
		customer C2 '{"language":"tlh"}'
		for c in C1 C2 C3; do prediction $c 2026-01-05T10:00:00Z 0.4; done
	} | decide '"\(.customer_id) \(.message.template) \(.message.language) \(.message.text[0:4])"' >"$TMP/out"
	out_is "C1 gentle_reminder de Eine
C2 gentle_reminder en A re
C3 gentle_reminder en A re"
}

@test "the same prediction twice is decided once" {
	{ prediction C1 2026-01-05T10:00:00Z 0.4; prediction C1 2026-01-05T10:00:00Z 0.4; } | decide .decision >"$TMP/out"
	out_is act
}

@test "ids are the same in every run and another under another policy" {
	prediction C1 2026-01-05T10:00:00Z 0.4 >"$TMP/in"
	decide .intervention_id <"$TMP/in" >"$TMP/a"
	decide .intervention_id <"$TMP/in" >"$TMP/b"
	cmp "$TMP/a" "$TMP/b"
	policy '.version = "2"'
	decide .intervention_id <"$TMP/in" >"$TMP/b"
	code 1 cmp "$TMP/a" "$TMP/b"
	grep -qE '^[0-9a-f]{32}$' "$TMP/a"
}

@test "in a random run no contact breaks a cap, a cool-down, quiet hours or a refusal" {
	for seed in 1 2; do
		python3 tests/policy/traffic.py $seed 300 15000 >"$TMP/in"
		for p in default us-regf in-rbi; do
			dq-intervene --allow-unapproved --policy share/policies/$p.json <"$TMP/in" 2>"$TMP/err" >"$TMP/out"
			python3 tests/policy/verify.py share/policies/$p.json "$TMP/in" <"$TMP/out"
		done
	done
}

@test "the checker of random runs can fail" {
	python3 tests/policy/traffic.py 1 100 5000 >"$TMP/in"
	dq-intervene --allow-unapproved --policy share/policies/us-regf.json <"$TMP/in" 2>"$TMP/err" >"$TMP/loose"
	code 1 python3 tests/policy/verify.py share/policies/default.json "$TMP/in" <"$TMP/loose"
	has "contacts within" "$TMP/out"
	has "quiet hours" "$TMP/out"
	has "between two contacts" "$TMP/out"
}

@test "one run is any split of it into runs with --state" {
	python3 tests/policy/traffic.py 4 60 3000 >"$TMP/in"
	dq-intervene <"$TMP/in" 2>"$TMP/err" >"$TMP/whole"
	# Some reviews are approved, so that what waits for a person is in the state too.
	jq -c 'select(.decision == "review") | {event_type: "review", event_time, intervention_id,
		decision: (if .risk_score > 0.6 then "approve" else "override" end), by: "ann"}' "$TMP/whole" >"$TMP/reviews"
	[ "$(wc -l <"$TMP/reviews")" -gt 5 ]
	awk -v reviews="$TMP/reviews" '{ print } /"prediction"/ { if (++n % 40 == 0 && (getline r < reviews) > 0) print r }' "$TMP/in" >"$TMP/mixed"
	dq-intervene <"$TMP/mixed" 2>"$TMP/err" >"$TMP/whole"
	grep -q '"review_of"' "$TMP/whole"
	for pieces in 2 7 23; do
		rm -rf "$TMP/state" "$TMP/pieces" "$TMP/piece."*
		split -n "l/$pieces" "$TMP/mixed" "$TMP/piece."
		for piece in "$TMP"/piece.*; do
			dq-intervene --state "$TMP/state" <"$piece" >>"$TMP/pieces" 2>"$TMP/err"
		done
		cmp "$TMP/whole" "$TMP/pieces"
	done
}

@test "the hold-out is what anyone can work out with sha256sum" {
	policy '.hold_out = {share: 0.25, salt: "spring trial"}'
	for i in $(seq 60); do prediction "C$i" 2026-01-05T10:00:00Z 0.4; done | decide 'select(.decision == "hold_out").customer_id' >"$TMP/got"
	for i in $(seq 60); do
		draw=$(printf 'spring trial:C%d' "$i" | sha256sum | cut -c 1-8)
		[ $((16#$draw)) -lt $((0x40000000)) ] && echo "C$i"
	done >"$TMP/want" || :
	cmp "$TMP/want" "$TMP/got"
	[ -s "$TMP/got" ]
}

@test "a held-out customer is not asked again sooner than one who was contacted" {
	policy '.hold_out.share = 1'
	{
		prediction C1 2026-01-05T10:00:00Z 0.4
		prediction C1 2026-01-06T10:00:00Z 0.4
	} | decide '"\(.decision) \(.suppressed_by) \(.status)"' >"$TMP/out"
	out_is "hold_out null held_out
suppress cool_down suppressed"
}

@test "a rule can be kept out of the hold-out" {
	policy '.hold_out.share = 1 | .rules[2].hold_out = false'
	prediction C1 2026-01-05T10:00:00Z 0.4 | decide .decision >"$TMP/out"
	out_is act
}

@test "an outcome compares the score with the latest, after outcome_after days" {
	{
		for c in better same worse silent; do prediction $c 2026-01-05T10:00:00Z 0.4; done
		prediction better 2026-01-08T10:00:00Z 0.45
		prediction better 2026-01-19T09:59:59Z 0.3
		prediction same 2026-01-10T10:00:00Z 0.49
		prediction worse 2026-01-12T10:00:00Z 0.5
		tick 2026-01-19T10:00:00Z
		prediction better 2026-01-19T10:00:01Z 0.9
	} | decide 'select(.event_type == "outcome") | [.customer_id, .outcome_type, .risk_score_before, .risk_score_after, .days_since_intervention, .event_time, .held_out] | map(tostring) | join(" ")' >"$TMP/out"
	out_is "better stabilized 0.4 0.3 14 2026-01-19T10:00:00Z false
same unchanged 0.4 0.49 14 2026-01-19T10:00:00Z false
silent unchanged 0.4 null 14 2026-01-19T10:00:00Z false
worse deteriorated 0.4 0.5 14 2026-01-19T10:00:00Z false"
}

@test "an outcome comes with any later record, and the record's own score is not in it" {
	{
		prediction C1 2026-01-05T10:00:00Z 0.4
		prediction C1 2026-01-19T10:00:00Z 0.2
		prediction C2 2026-02-19T10:00:00Z 0.1
	} | decide '"\(.event_type) \(.outcome_type) \(.risk_score_after)"' >"$TMP/out"
	out_is "intervention null null
outcome unchanged null"
}

@test "an outcome tells the held-out customer, too" {
	policy '.hold_out.share = 1 | .outcome_after = 3'
	{ prediction C1 2026-01-05T10:00:00Z 0.4; prediction C1 2026-01-07T10:00:00Z 0.1; tick 2026-01-09; } |
		decide 'select(.event_type == "outcome") | "\(.outcome_type) \(.held_out) \(.days_since_intervention)"' >"$TMP/out"
	out_is "stabilized true 3"
}

@test "an outcome of a scheduled contact is counted from the contact" {
	{ customer C1; prediction C1 2026-01-05T22:00:00Z 0.9; tick 2026-02-01; } |
		decide '"\(.decision) \(.not_before) \(.status) \(.event_time)"' >"$TMP/out"
	out_is "defer 2026-01-06T08:00:00Z scheduled 2026-01-05T22:00:00Z
null null null 2026-01-20T08:00:00Z"
}

@test "suppressed and reviewed interventions have no outcome" {
	{
		customer C1 '{"consent":{"email":false}}'
		customer C2 '{"vulnerable":true}'
		prediction C1 2026-01-05T10:00:00Z 0.4
		prediction C2 2026-01-05T10:00:00Z 0.4
		tick 2026-03-01
	} | decide '"\(.event_type) \(.decision) \(.suppressed_by)"' >"$TMP/out"
	out_is "intervention suppress consent
intervention review null
intervention suppress review_expired"
}

# One vulnerable customer's review in $TMP/in, its id in $id.
pending() {
	{ customer C1 '{"vulnerable":true}'; prediction C1 2026-01-05T10:00:00Z 0.4; } >"$TMP/in"
	id=$(decide .intervention_id <"$TMP/in")
}

@test "approve turns a pending review into a contact that carries who and why" {
	pending
	{ cat "$TMP/in"; review 2026-01-06T10:00:00Z "$id" approve; prediction C1 2026-01-06T11:00:00Z 0.4; tick 2026-02-01; } |
		decide "[.decision, .status, .suppressed_by, .by, .reason, .review_of == \"$id\", .intervention_id == \"$id\", .prediction_id] | map(tostring) | join(\" \")" >"$TMP/out"
	out_is "review pending_review null null null false true p-C1-2026-01-05T10:00:00Z
act triggered null ann spoke with the branch true false p-C1-2026-01-05T10:00:00Z
review pending_review null null null false false p-C1-2026-01-06T11:00:00Z
suppress expired review_expired null null false false p-C1-2026-01-06T11:00:00Z
null null null null null false false null"
}

@test "an approval is no leave to break quiet hours, cool-down or a refusal" {
	policy '.rules[2].channel = "phone_call"'
	pending
	{ cat "$TMP/in"; review 2026-01-06T22:00:00Z "$id" approve; } | decide '"\(.decision) \(.not_before)"' >"$TMP/out"
	out_is "review null
defer 2026-01-07T08:00:00Z"
	{ cat "$TMP/in"; customer C1 '{"event_time":"2026-01-06T00:00:00Z","consent":{"phone_call":false}}'; review 2026-01-06T10:00:00Z "$id" approve; } |
		decide '"\(.decision) \(.suppressed_by)"' >"$TMP/out"
	out_is "review null
suppress consent"
	{ cat "$TMP/in"; customer C1 '{"event_time":"2026-01-06T00:00:00Z","vulnerable":false}'; prediction C1 2026-01-06T09:00:00Z 0.9
		review 2026-01-06T10:00:00Z "$id" approve; } | decide '"\(.decision) \(.suppressed_by)"' >"$TMP/out"
	out_is "review null
act null
suppress cool_down"
}

@test "override closes a review, and a second word on it is left aside" {
	pending
	{ cat "$TMP/in"; review 2026-01-06T10:00:00Z "$id" override; review 2026-01-06T11:00:00Z "$id" approve; } >"$TMP/reviewed"
	code 0 dq-intervene --policy "$TMP/policy.json" <"$TMP/reviewed"
	jq -r '"\(.decision) \(.suppressed_by) \(.status) \(.by)"' "$TMP/out" >"$TMP/decided"
	diff - "$TMP/decided" <<<"review null pending_review null
suppress override overridden ann"
	err_is "dq-intervene: stdin: line 4: review left aside: no review of intervention \"$id\" is pending"
}

@test "a review that comes too late finds it expired" {
	pending
	{ cat "$TMP/in"; review 2026-01-12T10:00:00Z "$id" approve; } | decide '"\(.decision) \(.suppressed_by) \(.event_time)"' >"$TMP/out"
	out_is "review null 2026-01-05T10:00:00Z
suppress review_expired 2026-01-12T10:00:00Z"
}

@test "a customer who left between a review and its approval is not contacted" {
	pending
	{ cat "$TMP/in"; customer C1 '{"event_time":"2026-01-06T00:00:00Z","deleted":true}'; review 2026-01-06T10:00:00Z "$id" approve; } |
		decide .suppressed_by >"$TMP/out"
	out_is "null
deleted"
}

@test "the newest profile counts, whatever the order" {
	{
		customer C1 '{"event_time":"2026-01-02T00:00:00Z","consent":{"email":false}}'
		customer C1
		prediction C1 2026-01-05T10:00:00Z 0.4
	} | decide .suppressed_by >"$TMP/out"
	out_is consent
}

@test "dq-intervene --customers reads profiles from a side table first" {
	customer C1 '{"consent":{"email":false}}' >"$TMP/customers"
	prediction C1 2026-01-05T10:00:00Z 0.4 >"$TMP/in"
	dq-intervene --policy "$TMP/policy.json" --customers "$TMP/customers" <"$TMP/in" | jq -r .suppressed_by >"$TMP/out"
	out_is consent
	# It is newer than what a state remembers.
	customer C1 | cat - "$TMP/in" | dq-intervene --policy "$TMP/policy.json" --state "$TMP/state" >"$TMP/out"
	customer C1 '{"event_time":"2026-01-09T00:00:00Z","consent":{"email":false}}' >"$TMP/customers"
	prediction C1 2026-02-05T10:00:00Z 0.4 | dq-intervene --policy "$TMP/policy.json" --state "$TMP/state" --customers "$TMP/customers" |
		jq -r 'select(.event_type == "intervention").suppressed_by' >"$TMP/out"
	out_is consent
}

@test "dq-intervene --pass gives what it read, too" {
	{ customer C1; prediction C1 2026-01-05T10:00:00Z 0.1; tick 2026-01-06; } >"$TMP/in"
	code 0 dq-intervene --pass <"$TMP/in"
	cmp "$TMP/in" "$TMP/out"
}

@test "a time zone nobody knows is told once, and the record says what stood in" {
	{
		customer C1 '{"time_zone":"Mars/Base"}'
		customer C2 '{"time_zone":"Mars/Base"}'
		prediction C1 2026-01-05T10:00:00Z 0.4
	} >"$TMP/in"
	code 0 dq-intervene --policy "$TMP/policy.json" <"$TMP/in"
	err_is 'dq-intervene: customers: time zone "Mars/Base" is not known here: the policy'"'"'s fallback_zone stands in'
	[ "$(jq -r .assumed_time_zone "$TMP/out")" = UTC ]
}

@test "a policy that nobody, or its author, approved decides nothing" {
	prediction C1 2026-01-05T10:00:00Z 0.4 >"$TMP/in"
	policy '.approver = null'
	code 2 dq-intervene --policy "$TMP/policy.json" <"$TMP/in"
	err_is "dq-intervene: policy $TMP/policy.json: approver: nobody has approved it (--allow-unapproved to try it out)"
	code 0 dq-intervene --policy "$TMP/policy.json" --allow-unapproved <"$TMP/in"
	lines 1 "$TMP/out"
	policy '.approver = .author'
	code 2 dq-intervene --policy "$TMP/policy.json" <"$TMP/in"
	has "must be another person than the author"
	policy '.valid_from = "2999-01-01"'
	code 2 dq-intervene --policy "$TMP/policy.json" <"$TMP/in"
	has "valid_from: not valid before 2999-01-01T00:00:00Z"
	[ ! -s "$TMP/out" ]
}

@test "a faulty policy is exit 2 with the place of the fault" {
	policy '.rules[2].channel = "fax"'
	code 2 dq-intervene --policy "$TMP/policy.json" </dev/null
	err_is "dq-intervene: policy $TMP/policy.json: rules[2].channel: must be phone_call, sms, email, push or letter, is \"fax\""
	policy '.quite_hours = []'
	code 2 dq-intervene --policy "$TMP/policy.json" </dev/null
	has "quite_hours: is not a key"
	echo '{' >"$TMP/policy.json"
	code 2 dq-intervene --policy "$TMP/policy.json" </dev/null
	has "line 2, column 1: not JSON"
	code 2 dq-intervene --policy "$TMP/none.json" </dev/null
	has "$TMP/none.json"
}

@test "a rule whose program fails on a prediction refuses the prediction" {
	policy '.rules[0].when = ".risk_score | keys"'
	{ prediction C1 2026-01-05T10:00:00Z 0.9; prediction C1 2026-01-05T11:00:00Z 0.4; } >"$TMP/in"
	code 65 dq-intervene --policy "$TMP/policy.json" <"$TMP/in"
	has 'stdin: line 1: rule "critical": '
	code 0 dq-intervene --on-bad skip --policy "$TMP/policy.json" <"$TMP/in"
	[ "$(jq -r .decision "$TMP/out")" = act ]
}

@test "a prediction without a time is refused" {
	prediction C1 2026-01-05T10:00:00Z 0.9 | jq -c 'del(.event_time)' >"$TMP/in"
	code 65 dq-intervene <"$TMP/in"
	has "without event_time"
}

@test "dq-intervene --describe says the policy in words" {
	dq-intervene --describe | golden describe
	dq-intervene --describe --policy share/policies/us-regf.json | golden describe-us-regf
	dq-intervene --describe --policy share/policies/in-rbi.json | golden describe-in-rbi
}

@test "the profiles of countries say what they are and are approved by nobody" {
	for p in us-regf in-rbi; do
		jq -e '.label | test("starting profile") and test("not legal advice")' share/policies/$p.json >"$TMP/out"
		code 2 dq-intervene --policy share/policies/$p.json </dev/null
		has "nobody has approved it"
	done
}

@test "dq-intervene: an argument without an option is exit 2" {
	code 2 dq-intervene policy.json </dev/null
	lines 1
}

@test "the policy in dq-policy(5) is one, and its examples run" {
	sed -n '/^\.Bd/,/^\.Ed/{/^\./d;p}' man/dq-policy.5 | sed '/^}/q' >"$TMP/policy.json"
	code 0 dq-intervene --policy "$TMP/policy.json" </dev/null
	code 0 tests/examples man/dq-policy.5
}

@test "dq-policy(5) names every key that is read, and no other" {
	grep -ohE '^\s+\{"[a-z_]+", DQ_KEY' lib/policy/load.c | cut -d '"' -f 2 | sort -u >"$TMP/keys"
	grep -E '^\.(It Va|Brq Va)' man/dq-policy.5 | sed 's/No \*//g; s/^.Brq//; s/\.It Va \.[a-z]*//' | grep -oE '[a-z_]{2,}' | sort -u >"$TMP/page"
	{ echo rules; cat "$TMP/page"; } | sort -u | diff "$TMP/keys" -
}

@test "--schema knows every field that is written" {
	python3 tests/policy/traffic.py 5 40 1500 | dq-intervene 2>"$TMP/err" >"$TMP/all"
	for kind in intervention outcome; do
		jq -r "select(.event_type == \"$kind\") | keys[]" "$TMP/all" | sort -u >"$TMP/written"
		dq-intervene --schema | jq -r "select(.title == \"$kind\" or .properties.event_type.const == \"$kind\").properties | keys[]" | sort >"$TMP/known"
		[ -s "$TMP/written" ]
		diff /dev/null <(comm -23 "$TMP/written" "$TMP/known")
	done
}
