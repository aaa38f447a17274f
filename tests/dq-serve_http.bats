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

# one_answer   Reads an answer from descriptor 8 to its end; its status in GOT.
one_answer() {
	local line n=0
	IFS= read -r -t 10 line <&8
	GOT=${line:9:3}
	while IFS= read -r -t 10 line <&8 && [ "$line" != $'\r' ]; do
		case $line in Content-Length:*) n=${line//[^0-9]/} ;; esac
	done
	IFS= read -r -t 10 -N "$n" line <&8
}

@test "a refusal waits for the body that comes later, and the connection serves on" {
	serve </dev/null
	exec 8<>"/dev/tcp/127.0.0.1/${URL##*:}"
	for _ in 1 2 3; do
		printf 'POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n' >&8
		sleep 0.1
		printf hello >&8
		one_answer
		[ "$GOT" = 415 ]
	done
	printf 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' >&8
	one_answer
	[ "$GOT" = 200 ]
	exec 8>&-
	stop_server
}

@test "bodies sent at once, or behind another request, may end their connection, but not the server" {
	serve </dev/null
	post='POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello'
	for first in "$post" 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'; do
		# shellcheck disable=SC2059
		printf "$first$post$post" >"$TMP/sent"
		exec 8<>"/dev/tcp/127.0.0.1/${URL##*:}"
		cat "$TMP/sent" >&8
		ask 200 /health
		ask 200 /health
		exec 8>&-
	done
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

@test "a thousand WebSockets get every frame, and by what they asked for" {
	trial
	"$WEB/live" -c 1000 -s 60 -f 21 "${URL#*//}" >"$TMP/live" 3>&- &
	live=$!
	"$WEB/live" -c 1 -s 30 -f 21 "${URL#*//}" '{"types":["alert"],"levels":["HIGH"],"customer_ids":["C1","C2"]}' >"$TMP/same" 3>&- &
	same=$!
	"$WEB/live" -c 1 -s 5 "${URL#*//}" '{"levels":["CRITICAL"]}' >"$TMP/other" 3>&- &
	other=$!
	within 30 sh -c "[ \$(curl -sS '$URL/broadcast?frames=1&bytes=10') -ge 1002 ]"
	sleep 0.5
	ask 200 '/broadcast?frames=20&bytes=1000'
	wait $live $same $other
	jq -e '.opened == 1000 and .closed == 0 and .least >= 21' "$TMP/live"
	jq -e '.opened == 1 and .least >= 21' "$TMP/same"
	jq -e '.opened == 1 and .closed == 0 and .least <= 3' "$TMP/other"
	stop_server
}

@test "a WebSocket that does not read is dropped, the others do not notice" {
	trial
	"$WEB/live" -p -c 3 -s 20 "${URL#*//}" >"$TMP/slow" 3>&- &
	slow=$!
	"$WEB/live" -c 3 -s 20 -f 200 "${URL#*//}" >"$TMP/quick" 3>&- &
	quick=$!
	within 10 sh -c "[ \$(curl -sS '$URL/broadcast?frames=1') = 6 ]"
	for _ in {1..40}; do ask 200 '/broadcast?frames=5&bytes=100000'; done
	wait $quick
	jq -e '.closed == 0 and .least >= 200' "$TMP/quick"
	within 10 sh -c "[ \$(curl -sS '$URL/broadcast?frames=1') = 0 ]"
	kill $slow
	stop_server
}

@test "messages of a WebSocket: a wrong one is told so, one without end ends it" {
	trial
	"$WEB/live" -c 1 -s 5 -f 2 "${URL#*//}" '{"types":7}' | jq -e '.frames == 2'
	handshake='GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
	# A frame of 70,000 bytes; one that is not masked; one of an unknown kind; a ping of 126 bytes.
	for frame in '\x81\xff\0\0\0\0\0\x01\x11\x70aaaa' '\x81\x02{}' '\x83\x80aaaa' '\x89\xfe\0\x7eaaaa' '\x01\x81aaaa{\x01\x81aaaa{'; do
		{ printf "$handshake"; sleep 0.2; printf "$frame"; head -c 70000 /dev/zero; } >"$TMP/in"
		raw "$TMP/in" 5 >"$TMP/out" || :
		grep -qa '^HTTP/1.1 101' "$TMP/out"
		ask 200 /echo/a
	done
	stop_server
}

@test "slow and half-open clients end in time and cost the others nothing" {
	trial -o time=2
	port=${URL##*:}
	hold 50 20 'GET /echo/a HTTP/1.1\r\nHost: lo'
	hold 50 20 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'
	hold 50 20
	within 10 sh -c "ss -tnH state established sport = :$port | wc -l | awk '{ exit \$1 < 150 }'"
	"$WEB/load" -c 4 -s 1 "${URL#*//}" GET /echo/a | jq -e '.bad == 0 and .p50_ms < 25'
	within 10 sh -c "! ss -tnHp state established sport = :$port | grep -q server"
	ask 200 /echo/a
	stop_server
	end_jobs
}

@test "who does not read its answer is dropped" {
	trial -o time=2
	exec 6<>"/dev/tcp/127.0.0.1/${URL##*:}"
	printf 'GET /big?bytes=100000000 HTTP/1.1\r\nHost: localhost\r\n\r\n' >&6
	ask 200 /echo/a
	within 10 sh -c "! ss -tnHp state established sport = :${URL##*:} | grep -q server"
	exec 6>&-
	ask 200 /echo/a
	stop_server
}

# Hundredths of a second that the server works in one second: it does not spin.
busy() {
	local before
	before=$(awk '{ print $14 + $15 }' "/proc/$SERVER/stat")
	sleep 1
	awk -v before="$before" '{ print $14 + $15 - before }' "/proc/$SERVER/stat"
}

@test "more clients than allowed, or than there are descriptors, are closed and leave room when they go" {
	for limit in 10 4096; do
		[ "$limit" = 10 ] && trial -o clients=10 || { ulimit -n 100; trial; }
		hold 150 4
		sleep 1
		kill -0 "$SERVER"
		[ "$(busy)" -lt 50 ]
		within 10 ask 200 /echo/a
		stop_server
		end_jobs
	done
}

@test "malformed requests are refused or closed, and the next one is answered" {
	trial
	n=0
	while IFS= read -r request; do
		[ -n "$request" ] || continue
		printf "$request" >"$TMP/in"
		raw "$TMP/in" 0.3 >"$TMP/out"
		[ "$(grep -ca '^HTTP/1.1 200' "$TMP/out")" -eq 0 ] || { printf '%s\n' "$request"; cat "$TMP/out"; return 1; }
		kill -0 "$SERVER"
		n=$((n + 1))
	done <tests/web/malformed
	[ "$n" -gt 25 ]
	head -c 100000 /dev/urandom >"$TMP/in"
	raw "$TMP/in" 1 >/dev/null || :
	{ printf 'GET /echo/a HTTP/1.1\r\n'; for i in {1..5000}; do printf 'X-%d: %d\r\n' $i $i; done; printf '\r\n'; } >"$TMP/in"
	raw "$TMP/in" 1 >"$TMP/out" || :
	{ printf 'GET /echo/'; head -c 50000 /dev/zero | tr '\0' a; printf ' HTTP/1.1\r\nHost: localhost\r\n\r\n'; } >"$TMP/in"
	raw "$TMP/in" 1 >"$TMP/out" || :
	[ "$(grep -ca '^HTTP/1.1 200' "$TMP/out")" -eq 0 ]
	ask 200 /echo/a
	stop_server
}

@test "out of descriptors it neither dies nor spins, and goes on when there are some" {
	trial
	ask 200 /echo/a
	prlimit --pid "$SERVER" --nofile=12:12
	hold 30 4
	sleep 1
	[ "$(busy)" -lt 20 ]
	within 10 ask 200 /echo/a
	stop_server
}
