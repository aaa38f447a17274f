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
		DQ_INTERVENTIONS=$(curl -sS "$URL/interventions?limit=50" | jq -c '[.interventions[]?.intervention_id]') SCHEMATHESIS_HOOKS=$TOP/tests/web/hooks.py \
		"$TOP/build/venv-schemathesis/bin/st" --config-file "$TOP/tests/web/schemathesis.toml" --no-color run "$TOP/share/openapi.json" --url "$URL" --seed 1 \
		--generation-database none --output-truncate false
}

@test "schemathesis finds nothing" {
	cd "$TMP" # where it keeps what it found
	contract >"$TMP/report" || { tail -n 150 "$TMP/report"; return 1; }
	grep -E '^ *[0-9]+ generated' "$TMP/report" >&3 || :
	stop_server
}

@test "schemathesis finds what is wrong" {
	jq '.paths["/health"].get.responses["200"].content["application/json"].schema.required += ["weather"]' share/openapi.json >"$TMP/wrong.json"
	code=0
	cd "$TMP"
	"$TOP/build/venv-schemathesis/bin/st" run "$TMP/wrong.json" --url "$URL" --include-path /health --generation-database none >"$TMP/report" || code=$?
	[ $code -eq 1 ]
	has "weather" "$TMP/report"
	stop_server
}

@test "customers of any name are found, by path and by body; bytes that are no text find nobody" {
	while IFS= read -r name; do
		# A slash and dots are parts of a path, encoded or not.
		case $name in */* | ..) ;; *)
			ask 200 "/customer/$(jq -rn --arg n "$name" '$n | @uri')"
			answer '.customer_id == $n and .profile.customer_id == $n' --arg n "$name"
			ask 200 "/customer/$(jq -rn --arg n "$name" '$n | @uri')/history"
			;;
		esac
		ask 200 /predict -H 'Content-Type: application/json' -d "$(jq -nc --arg n "$name" '{customer_id: $n}')"
		answer '.customer_id == $n and .risk_score > 0' --arg n "$name"
	done < <(odd_names)
	for id in nobody %ff %ed%a0%80 "$(printf 'x%.0s' {1..3000})" "$(printf '%%F0%%9F%%98%%80%.0s' {1..200})"; do
		ask 404 "/customer/$id"
		ask 404 "/customer/$id/history"
	done
	ask 404 /predict -H 'Content-Type: application/json' -d '{"customer_id":"nobody"}'
	refused unknown_customer
	for body in '{"customer_id":1}' '{"customer_id":null}' '{"customer_id":["C1"]}' '[]' '"C1"' '{"customer_id":"\ud800"}' '{' ''; do
		ask 400 /predict -H 'Content-Type: application/json' -d "$body"
		answer '.error.code and .error.message'
	done
	# A zero byte is refused, or the connection is closed; the server stands. libwebsockets 4.3 leaves one in a query out.
	for path in /customer/%00 /customer/%00/history "/high_risk_customers?search=%00"; do
		got=$(curl -sS -o /dev/null -w '%{http_code}' "$URL$path" 2>/dev/null) || :
		case $path:$got in *:400 | *:404 | *:000 | *search=%00:200) ;; *) echo "$path: $got" && return 1 ;; esac
	done
	ask 200 /health
	stop_server
}

@test "figures that a request may bring are those of the catalogue" {
	jq -r '.components.schemas.features.properties | keys[]' share/openapi.json | sort >"$TMP/named"
	dq-simulate 500 | dq-features | jq -r 'select(.event_type == "features") | .features | keys[]' | sort -u | diff - "$TMP/named"
	stop_server
}
