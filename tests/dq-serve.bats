# dq-serve: what it answers, who may ask, and that nothing a client does brings it down.
load lib
load serve

@test "dq-serve: wrong options and files are exit 2 and one line" {
	for bad in "--listen 8080" "--listen :8080" "--listen 127.0.0.1:x" "--listen 0.0.0.0:0" "--certificate x" "--key x" \
		"--tokens $TMP/none" "--max-clients 0" "--rate -1" "--request-time 0" extra; do
		# shellcheck disable=SC2086
		code 2 dq-serve $bad </dev/null
		lines 1
	done
	echo "anna reads $(printf x | sha256sum | cut -d' ' -f1)" >"$TMP/tokens"
	code 2 dq-serve --tokens "$TMP/tokens" </dev/null
	has "line 1: the second word must be read, decide or admin"
	echo "anna read secret" >"$TMP/tokens"
	code 2 dq-serve --tokens "$TMP/tokens" </dev/null
	has "sha256sum"
	[ "$(grep -c secret "$TMP/err")" -eq 0 ]
}

@test "dq-serve: --exit-at-end reads all and ends, a faulty line is told and passed over" {
	{ dq-simulate 1000; echo '{"event_type":"transaction"}'; } >"$TMP/in"
	code 0 dq-serve --listen 127.0.0.1:0 -e <"$TMP/in"
	lines 2
	has "stdin: line $(wc -l <"$TMP/in"): "
}

@test "dq-serve: what it is, how it is, what it has read; its end is 0" {
	dq-simulate 1000 >"$TMP/in"
	serve <"$TMP/in"
	ask 200 /
	answer '.name == "dq" and .status == "running" and (.endpoints | index("GET /health"))'
	within 20 sh -c "curl -sS $URL/health | jq -e '.sources == [{name: \"-\", state: \"ended\", lag: null}]'"
	ask 200 /health
	answer '.status == "healthy" and .event_time == $t' --arg t "$(jq -s 'map(.event_time // .txn_time // empty) | max' "$TMP/in" -r)"
	ask 200 /metrics
	for kind in transaction payment customer tick; do
		has "dq_serve_records_total{kind=\"$kind\"} $(grep -c "\"event_type\":\"$kind\"" "$TMP/in")" "$TMP/body"
	done
	ask 200 /openapi.json
	answer '.openapi | startswith("3.0")'
	stop_server
}

@test "dq-serve: one way to say no, each with its status" {
	serve </dev/null
	ask 404 /nowhere
	refused no_such_path
	ask 404 /health/
	ask 404 //health/x
	ask 405 /health -X POST -d '{}'
	refused wrong_method
	has "Allow: GET, HEAD" "$TMP/head"
	ask 405 /health -X DELETE
	ask 405 /health -X OPTIONS
	ask 411 /health -X POST -H 'Transfer-Encoding: chunked' -d '{}'
	refused length_required
	ask 413 /health -X POST -H 'Expect:' --data-binary @<(head -c 1048577 /dev/zero)
	refused too_large
	ask 400 /health -X GET -d '{}'
	refused unexpected_body
	ask 200 /health -I
	[ ! -s "$TMP/body" ] || [ "$(wc -c <"$TMP/body")" -eq "$(wc -c <"$TMP/head")" ]
	stop_server
}

@test "dq-serve: every answer forbids scripts but our files, framing and guessing of types" {
	serve </dev/null
	for path in / /health /nowhere /dashboard/; do
		curl -sS -D "$TMP/head" -o /dev/null "$URL$path"
		grep -qi '^Content-Security-Policy: .*frame-ancestors .none.' "$TMP/head"
		grep -qi '^X-Content-Type-Options: nosniff' "$TMP/head"
		[ "$(grep -ci 'unsafe-' "$TMP/head")" -eq 0 ]
	done
	ask 307 / -H 'Accept: text/html,*/*'
	has "Location: /dashboard/" "$TMP/head"
	ask 200 /dashboard/
	etag=$(sed -n 's/^ETag: //p' "$TMP/head" | tr -d '\r')
	ask 304 /dashboard/ -H "If-None-Match: $etag"
	ask 404 /dashboard/../../README.md --path-as-is
	ask 404 /dashboard/%2e%2e/%2e%2e/README.md --path-as-is
	stop_server
}

@test "dq-serve: pages of other sites, and names that lead here, are refused" {
	serve --origin https://risk.bank.example </dev/null
	ask 200 /health -H "Origin: $URL"
	ask 403 /health -H 'Origin: https://evil.example'
	refused wrong_origin
	ask 403 /health -H 'Origin: null'
	ask 200 /health -H 'Origin: https://risk.bank.example'
	ask 421 /health -H 'Host: evil.example'
	refused wrong_host
	ask 200 /health -H 'Host: risk.bank.example'
	ask 200 /health -H "Host: localhost:${URL##*:}"
	stop_server
}

@test "dq-serve: SIGHUP takes new tokens, or keeps the old ones; its input stays open" {
	line() { echo "$1 read $(printf %s "$2" | sha256sum | cut -d' ' -f1)"; }
	line anna first >"$TMP/tokens"
	serve --tokens "$TMP/tokens" < <(dq-simulate 100; exec sleep 60)
	ask 401 /health
	ask 200 /health -H 'Authorization: Bearer first'
	line bert second >"$TMP/tokens"
	kill -HUP "$SERVER"
	within 10 ask 200 /health -H 'Authorization: Bearer second' >/dev/null
	ask 401 /health -H 'Authorization: Bearer first'
	echo nonsense >"$TMP/tokens"
	kill -HUP "$SERVER"
	within 10 grep -q 'line 1' "$TMP/serve.err"
	ask 200 /health -H 'Authorization: Bearer second'
	stop_server
}

@test "dq-serve: an address that is in use is 75" {
	serve </dev/null
	code 75 dq-serve --listen "${URL#*//}" </dev/null
	lines 1
	stop_server
}
