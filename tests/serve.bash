# Helpers for tests of dq-serve: load serve, after load lib.
# shellcheck shell=bash

# says_where   Its line is there, to the end.
# shellcheck disable=SC2162
says_where() { sed -n '/^dq-serve: listening: /p' "$TMP/serve.err" 2>/dev/null | read _; }

# serve [OPTIONS] < RECORDS   Starts it in the background on a free port; URL and SERVER (its number) are set when it listens.
serve() {
	rm -f "$TMP/serve.err" # an earlier one's
	dq-serve --listen 127.0.0.1:0 "$@" <&0 2>"$TMP/serve.err" 3>&- &
	SERVER=$!
	within 20 says_where || { cat "$TMP/serve.err"; return 1; }
	URL=$(sed -n 's/^dq-serve: listening: //p' "$TMP/serve.err")
}

# stop_server   Asks it to stop; it must end with 0 and have nothing to say that is not expected (a sanitizer's report would be).
stop_server() {
	local got=0
	kill -TERM "$SERVER"
	wait "$SERVER" || got=$?
	[ "$got" -eq 0 ] || { echo "exit $got"; cat "$TMP/serve.err"; return 1; }
	SERVER=
}

# ask STATUS PATH [CURL OPTIONS]   The body in $TMP/body, the head in $TMP/head.
ask() {
	local want=$1 path=$2 got
	shift 2
	got=$(curl -sS --max-time 20 -o "$TMP/body" -D "$TMP/head" -w '%{http_code}' "$@" "$URL$path") || return 1
	[ "$got" = "$want" ] && return
	echo "$path: $got, expected $want:"
	cat "$TMP/body"
	return 1
}

# answer FILTER [JQ OPTIONS]   The last body fulfils the jq filter.
answer() {
	jq -e "${@:2}" "$1" "$TMP/body" >/dev/null && return
	echo "not $1:"
	cat "$TMP/body"
	return 1
}

# refused CODE   The last body is an error with that code and a sentence.
refused() {
	# shellcheck disable=SC2016
	answer '.error.code == $c and (.error.message | test("^[A-Z].*[.]$"))' --arg c "$1"
}

# web   Builds what tests/web holds, with sanitizers where the tools have them; WEB is where it is.
web() {
	case $BIN in
	*/san/*) WEB=$TOP/build/san/web && make -s -C "$TOP" SAN=1 web ;;
	*) WEB=$TOP/build/obj/web && make -s -C "$TOP" web ;;
	esac
}

# trial [-o NAME=VALUE]...   Starts the server of tests/web in the background, as serve does dq-serve.
trial() {
	rm -f "$TMP/serve.err"
	"$WEB/server" "$@" 127.0.0.1:0 </dev/null 2>"$TMP/serve.err" 3>&- &
	SERVER=$!
	within 20 grep -sq '^server: listening: ' "$TMP/serve.err" || { cat "$TMP/serve.err"; return 1; }
	URL=$(sed -n 's/^server: listening: //p' "$TMP/serve.err")
}

# raw FILE [SECONDS]   Sends these bytes, waits for the server to close for at most that long (2), prints what it said.
raw() {
	exec 5<>"/dev/tcp/127.0.0.1/${URL##*:}"
	cat "$1" >&5
	timeout "${2:-2}" cat <&5 || :
	exec 5>&-
}

# hold N SECONDS [BYTES]   Opens N connections, sends these bytes (as printf has them) by each, and keeps them; in the background.
hold() {
	# shellcheck disable=SC2016
	bash -c 'for ((i = 0; i < $2; i++)); do exec {fd}<>"/dev/tcp/127.0.0.1/$1" && printf "$4" >&$fd; done; exec sleep "$3"' \
		hold "${URL##*:}" "$1" "$2" "${3:-}" 2>/dev/null 3>&- &
}

# frames FILE   What /live says, text as it comes with the frames' heads between, into FILE; in the background.
frames() {
	exec 6<>"/dev/tcp/127.0.0.1/${URL##*:}"
	printf 'GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n' >&6
	cat <&6 >"$1" 2>/dev/null 3>&- &
	exec 6>&-
}
