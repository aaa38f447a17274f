# Every endpoint of dq-serve against share/openapi.json: schemathesis makes requests by it, right ones and wrong ones, and looks at each answer.
load lib
load serve

# Customers with names that are hard on everything that quotes, cuts or compares.
odd_names() { printf '%s\n' 'Žofie Nováková' '李 明' '😀' 'a?b=c&d' '%41' 'a+b' "Robert'); DROP TABLE" '<script>' '"quotes" \' ' ' 'a/b' '..'; }

setup_file() {
	load lib
	{
		dq-simulate --customers 40 4000
		odd_names | jq -Rc '{event_type: "customer", event_time: "2026-01-01T00:00:00Z", customer_id: .}'
		odd_names | jq -Rc '{event_type: "transaction", txn_time: "2026-02-01T10:00:00Z", customer_id: ., amount: 6000, txn_type: "debit", channel: "atm"}'
	} >"$BATS_FILE_TMPDIR/in"
}

# ready   Waits until all of the input was read.
ready() { within 30 sh -c "curl -sS $URL/health | jq -e '.sources | all(.state == \"ended\")'"; }

setup() {
	serve <"$BATS_FILE_TMPDIR/in"
	ready
}

@test "every endpoint is in share/openapi.json, and no other" {
	ask 200 /
	jq -r '.endpoints[]' "$TMP/body" | grep -vx 'WS /live\|GET /dashboard/' | sort >"$TMP/served"
	[ "$(wc -l <"$TMP/served")" -ge 4 ]
	jq -r '.paths | to_entries[] | .key as $path | .value | keys[] | ascii_upcase + " " + $path' share/openapi.json | sort | diff "$TMP/served" -
	curl -sS "$URL/openapi.json" | cmp - share/openapi.json
	stop_server
}

# contract   What schemathesis finds.
contract() {
	DQ_CUSTOMERS=$(jq -c 'select(.event_type == "customer").customer_id' "$BATS_FILE_TMPDIR/in" | jq -cs .) \
		DQ_INTERVENTIONS=$(curl -sS "$URL/interventions?limit=50" | jq -c '[.interventions[]?.intervention_id]') SCHEMATHESIS_HOOKS=tests/web/hooks.py \
		build/venv-schemathesis/bin/st --config-file tests/web/schemathesis.toml --no-color run share/openapi.json --url "$URL" --seed 1 \
		--generation-database none --output-truncate false
}

@test "schemathesis finds nothing" {
	contract >"$TMP/report" || { tail -n 150 "$TMP/report"; return 1; }
	grep -E '^ *[0-9]+ generated' "$TMP/report" >&3 || :
	stop_server
}

@test "schemathesis finds what is wrong" {
	jq '.paths["/health"].get.responses["200"].content["application/json"].schema.required += ["weather"]' share/openapi.json >"$TMP/wrong.json"
	code=0
	"$TOP/build/venv-schemathesis/bin/st" run "$TMP/wrong.json" --url "$URL" --include-path /health --generation-database none >"$TMP/report" || code=$?
	[ $code -eq 1 ]
	has "weather" "$TMP/report"
	stop_server
}
