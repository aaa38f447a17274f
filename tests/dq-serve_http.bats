# The server beneath dq-serve (lib/serve/http.h), with endpoints of its own (tests/web/server.c).
load lib
load serve

setup_file() { web; }
setup() { web >/dev/null; }
teardown() {
	[ -z "${SERVER:-}" ] || kill -KILL "$SERVER" 2>/dev/null || :
	end_jobs
}

@test "paths and parameters are taken apart and decoded" {
	trial
	ask 200 '/echo/C%201/%C3%A9?text=a%26b+c&x=1'
	answer '. == {a: "C 1", b: "é", who: "", text: "a&b c"}'
	ask 200 /echo/C1
	answer '.a == "C1" and .b == ""'
	ask 404 /echo/
	ask 404 /echo/a/b/c
	ask 400 '/work?steps=x'
	refused bad_parameter
	ask 400 '/work?steps=0'
	stop_server
}

@test "a body comes whole, or is refused" {
	trial -o body=100000
	jq -n '{list: [range(10000)]}' -c >"$TMP/in"
	ask 200 /echo --json @"$TMP/in"
	answer '.body.list | length == 10000 and .[9999] == 9999'
	ask 400 /echo --json '{"a":'
	refused bad_json
	ask 415 /echo -H 'Content-Type: text/plain' -d '{}'
	refused not_json
	ask 200 /echo -H 'Content-Type: application/json; charset=utf-8' -d '{}'
	head -c 100001 /dev/zero >"$TMP/in"
	ask 413 /echo --json @"$TMP/in" -H Expect:
	refused too_large
	ask 200 /echo --json ''
	ask 200 /echo -X POST
	stop_server
}

@test "one connection serves many requests, refused ones too" {
	trial
	got=$(curl -sS -w '%{http_code} %{num_connects}\n' -o /dev/null "$URL/echo/a" -o /dev/null "$URL/nothing" -o /dev/null "$URL/big?bytes=300000" \
		-o /dev/null "$URL/work" -o /dev/null "$URL/wait" -o /dev/null "$URL/echo/a")
	diff - <<<"$got" <(printf '%s\n' '200 1' '404 0' '200 0' '200 0' '503 0' '200 0')
	got=$(curl -sS -w '%{http_code} %{num_connects}\n' --json '{}' -o /dev/null "$URL/echo" -o /dev/null "$URL/nothing" -o /dev/null "$URL/work" \
		-o /dev/null "$URL/echo")
	diff - <<<"$got" <(printf '%s\n' '200 1' '404 0' '200 0' '200 0')
	stop_server
}

@test "requests sent at once are answered in turn" {
	trial
	for i in 1 2 3; do printf 'GET /echo/%s HTTP/1.1\r\nHost: localhost\r\n\r\n' $i; done >"$TMP/in"
	printf 'GET /work HTTP/1.1\r\nHost: localhost\r\n\r\nGET /echo/4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >>"$TMP/in"
	raw "$TMP/in" >"$TMP/out"
	diff <(grep -oE '"a":"."|"steps"' "$TMP/out") <(printf '%s\n' '"a":"1"' '"a":"2"' '"a":"3"' '"steps"' '"a":"4"')
	stop_server
}

@test "work in slices keeps nobody waiting, and ends with its client" {
	trial
	curl -sS "$URL/work?steps=10000" >"$TMP/long" 3>&- &
	long=$!
	sleep 0.3
	"$WEB/load" -c 2 -s 1 "${URL#*//}" GET /echo/a >"$TMP/load"
	[ ! -s "$TMP/long" ]
	jq -e '.bad == 0 and .p50_ms < 25' "$TMP/load"
	wait $long
	[ "$(cat "$TMP/long")" = '{"steps":10000}' ]
	ask 200 /released
	[ "$(cat "$TMP/body")" = 1 ]
	curl -sS --max-time 0.3 "$URL/work?steps=1000000" || [ $? -eq 28 ]
	curl -sS --max-time 0.3 "$URL/wait?steps=1000000" || [ $? -eq 28 ]
	within 5 sh -c "[ \$(curl -sS $URL/released) = 3 ]"
	stop_server
}

@test "a stop lets answers in hand leave" {
	trial
	curl -sS "$URL/work?steps=5000" >"$TMP/long" 3>&- &
	long=$!
	sleep 0.3
	stop_server
	wait $long
	[ "$(cat "$TMP/long")" = '{"steps":5000}' ]
}

@test "tokens: who has none, a wrong one or too small a role is told so; none is ever in a message" {
	for name in read decide admin; do echo "$name-er $name $(printf "t-$name-0123456789" | sha256sum | cut -d' ' -f1)"; done >"$TMP/tokens"
	trial -o TOKENS="$TMP/tokens"
	ask 401 /echo/a
	refused no_token
	grep -qi '^WWW-Authenticate: Bearer' "$TMP/head"
	ask 401 /echo/a -H 'Authorization: Bearer t-none'
	ask 401 /echo/a -H 'Authorization: Bearer'
	ask 401 /echo/a -H 'Authorization: Basic dC1yZWFk'
	ask 200 /echo/a -H 'Authorization: Bearer t-read-0123456789'
	answer '.who == "read-er"'
	ask 403 /echo -H 'Authorization: Bearer t-read-0123456789' --json '{}'
	refused role
	ask 200 /echo -H 'Authorization: Bearer t-decide-0123456789' --json '{}'
	ask 403 /admin -H 'Authorization: Bearer t-decide-0123456789' --json '{}'
	ask 200 /admin -H 'Authorization: bearer t-admin-0123456789' --json '{}'
	ask 404 /nothing
	key='Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='
	up=(-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H "$key" --http1.1)
	ask 401 /live "${up[@]}"
	ask 401 /live "${up[@]}" -H 'Sec-WebSocket-Protocol: dq-live, t-none'
	curl -sS -m 1 -D "$TMP/head" -o /dev/null "$URL/live" "${up[@]}" -H 'Sec-WebSocket-Protocol: dq-live, t-read-0123456789' || [ $? -eq 28 ]
	grep -q '^HTTP/1.1 101' "$TMP/head"
	grep -qi '^Sec-WebSocket-Protocol: dq-live.$' "$TMP/head"
	ask 404 /other "${up[@]}" -H 'Authorization: Bearer t-read-0123456789'
	ask 403 /live "${up[@]}" -H 'Authorization: Bearer t-read-0123456789' -H 'Origin: https://evil.example'
	stop_server
	[ "$(grep -c 't-' "$TMP/serve.err")" -eq 0 ]
}

@test "more requests a second than a client may make are told so" {
	trial -o rate=5
	# Of forty at once, twice the rate pass, and what comes back while they are made.
	for _ in {1..40}; do printf 'url=%s/echo/a\noutput=/dev/null\n' "$URL"; done >"$TMP/curl"
	curl -sS -K "$TMP/curl" -w '%{http_code}\n' >"$TMP/codes"
	[ "$(head -n 10 "$TMP/codes" | sort -u)" = 200 ]
	[ "$(tail -n 1 "$TMP/codes")" = 429 ]
	curl -sS -K "$TMP/curl" >/dev/null
	ask 429 /echo/a
	refused too_many
	grep -qi '^Retry-After: 1' "$TMP/head"
	sleep 1
	ask 200 /echo/a
	stop_server
}

certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$TMP/key" -out "$TMP/cert" -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
}

@test "TLS, of today's versions only, and what does not speak it harms nobody" {
	certificate
	trial -o CERTIFICATE="$TMP/cert" -o KEY="$TMP/key"
	[ "${URL%%:*}" = https ]
	ask 200 /echo/a --cacert "$TMP/cert"
	grep -qi '^Strict-Transport-Security:' "$TMP/head"
	curl -sS --cacert "$TMP/cert" "$URL/big?bytes=20000000" | wc -c | grep -qx 20000000
	code 35 curl -sS --cacert "$TMP/cert" --tls-max 1.1 "$URL/echo/a"
	printf 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' >"$TMP/in"
	raw "$TMP/in" >/dev/null
	head -c 1000 /dev/urandom >"$TMP/in"
	raw "$TMP/in" >/dev/null
	ask 200 /echo/a --cacert "$TMP/cert"
	stop_server
}
