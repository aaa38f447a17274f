# What every tool must do alike, whatever it is for. Each test goes through a table of tools, so a new tool is tested once it is listed here;
# the first test fails until it is.
load lib

FILTERS="dq-cat dq-features dq-score dq-intervene dq-rollup" # records in, records out, kinds they do not know pass
STATEFUL="dq-features dq-intervene dq-rollup"
BATCH="dq-eval dq-train dq-audit" # records in, a report out
SOURCES="dq-simulate dq-tick"
ADMIN="dq-topics dq-lag dq-run dq-store dq-serve" # no records in or out by lines

BUILT=$(make -s tools)
built() { printf '%s\n' "$BUILT"; }

# The tools of these lists that are built, and the arguments that a batch tool cannot do without.
of() {
	local t
	for t in "$@"; do
		case $'\n'$BUILT$'\n' in *$'\n'$t$'\n'*) echo "$t" ;; esac
	done
}

arguments() {
	case $1 in
	dq-eval) echo "--labels $TMP/labels" ;;
	dq-audit) echo verify ;;
	dq-train) echo "--labels $TMP/labels --model $TMP/model.json" ;;
	esac
}

setup() {
	WEATHER='{"event_type":"weather","at": "Brno","rain":1.50,"big":123456789012345678901234567890}'
	TICK='{"event_type":"tick","event_time":"2026-01-06T00:00:00Z"}'
	echo '{"event_type":"label","customer_id":"C1","event_time":"2026-01-05T00:00:00Z","label":1}' >"$TMP/labels"
	printf '%s\n' "$WEATHER" "$TICK" >"$TMP/good"
}

# How much a source is to write, where it takes an amount.
amount() { [ "$1" = dq-tick ] || echo "$2"; }

# A story for people: which tool was at fault.
at_fault() {
	echo "that was $*"
	return 1
}

@test "every tool is in the table of tools.bats" {
	diff <(built | sort) <(of $FILTERS $BATCH $SOURCES $ADMIN | sort)
}

@test "-h fits a screen, says what the tool does, and exits 0" {
	for t in $(built); do
		code 0 "$t" -h
		lines 0
		head -n 1 "$TMP/out" | grep -q "^usage: $t " || at_fault "$t"
		[ "$(wc -l <"$TMP/out")" -le 40 ] || at_fault "$t"
		awk 'length > 80 { print; bad = 1 } END { exit bad }' "$TMP/out" || at_fault "$t"
	done
}

@test "-V names the tool and the version, the same for all" {
	for t in $(built); do
		code 0 "$t" --version
		out_is "$t $(sed -n 's/^VERSION = //p' Makefile)"
	done
}

@test "an unknown option is exit 2 and one line that names it" {
	for t in $(built); do
		for bad in --no-such-thing -Q --from-where=x; do
			code 2 "$t" $bad
			lines 1
			has "$t: $bad"
			lines 0 "$TMP/out"
		done
	done
}

@test "an option without its argument, or with a wrong one, is exit 2 and one line" {
	for t in $(of $FILTERS $BATCH $SOURCES); do
		code 2 "$t" --to
		lines 1
		code 2 "$t" --log-format xml
		lines 1
		has "text|json"
	done
}

@test "--schema prints JSON Schemas that parse" {
	for t in $(of $FILTERS $BATCH $SOURCES); do
		code 0 "$t" $(arguments "$t") --schema
		jq -e -s 'length > 0 and all(.[]; .type == "object" and has("properties"))' "$TMP/out" >/dev/null || at_fault "$t"
	done
}

@test "--print-config says where each value came from" {
	mkdir -p "$TMP/d" && cd "$TMP/d"
	for t in $(of $FILTERS $BATCH $SOURCES); do
		printf '# ours\nto = common\n%s.metrics = m1\ndq-other.metrics = m2\n[prod]\n%s.metrics = m3\n' "$t" "$t" >dq.conf
		DQ_LOG_FORMAT=json code 0 "$t" $(arguments "$t") --progress --print-config
		has "progress = true  # command line" "$TMP/out"
		has "log-format = json  # environment" "$TMP/out"
		has "to = common  # dq.conf" "$TMP/out"
		has "metrics = m1  # dq.conf" "$TMP/out"
		has "schema = false  # default" "$TMP/out"
		code 0 "$t" $(arguments "$t") --profile prod --to flag --print-config
		has "metrics = m3  # dq.conf" "$TMP/out"
		has "to = flag  # command line" "$TMP/out"
		echo 'nonsense = 1' >dq.conf
		code 2 "$t" $(arguments "$t") --print-config
		has "dq.conf: line 1: "
	done
}

@test "a full disk is exit 74 and one line, never silence" {
	for t in $(of $FILTERS); do
		code=0
		"$t" <"$TMP/good" >/dev/full 2>"$TMP/err" || code=$?
		[ $code -eq 74 ] || at_fault "$t: exit $code"
		lines 1
		has "$t: stdout: cannot write"
	done
	for t in $(of $SOURCES); do
		code=0
		"$t" $(amount "$t" 1000) >/dev/full 2>"$TMP/err" || code=$?
		[ $code -eq 74 ] || at_fault "$t: exit $code"
		lines 1
	done
	for t in $(built); do
		code=0
		"$t" -h >/dev/full 2>"$TMP/err" || code=$?
		[ $code -eq 74 ] || at_fault "$t -h: exit $code"
		lines 1
	done
}

@test "a reader that goes away ends a tool quietly" {
	awk -v line="$WEATHER" 'BEGIN { for (; i < 200000; i++) print line }' >"$TMP/long"
	for t in $(of $FILTERS); do
		timeout 20 bash -c '"$1" <"$2" 2>"$3" | head -n 1' - "$t" "$TMP/long" "$TMP/err" >"$TMP/out" || [ $? -ne 124 ] || at_fault "$t hangs"
		lines 0
		out_is "$WEATHER"
	done
	for t in $(of $SOURCES); do
		timeout 20 bash -c '"$1" $3 2>"$2" | head -n 1' - "$t" "$TMP/err" "$(amount "$t" 10000000)" >"$TMP/out" || [ $? -ne 124 ] || at_fault "$t hangs"
		lines 0
		lines 1 "$TMP/out"
	done
}

@test "an input that is not there, or is a directory, is exit 74 and one line" {
	for t in $(of $FILTERS $BATCH); do
		for from in "$TMP/nowhere" "$TMP"; do
			code 74 "$t" $(arguments "$t") --from "$from"
			lines 1
			has "$from"
		done
	done
}

@test "an output that cannot be opened is exit 74 and one line" {
	for t in $(of $FILTERS); do
		code 74 "$t" --to "$TMP/no/such/place" <"$TMP/good"
		lines 1
		has "$TMP/no/such/place"
	done
}

@test "closed standard files are errors, and no other file takes their place" {
	for t in $(of $FILTERS); do
		got=0
		"$t" --from "$TMP/good" >&- 2>"$TMP/err" || got=$?
		[ $got -eq 74 ] || at_fault "$t without stdout: exit $got"
		lines 1
		got=0
		"$t" --to "$TMP/copy" <&- 2>"$TMP/err" || got=$?
		[ $got -eq 74 ] || at_fault "$t without stdin: exit $got"
		"$t" <"$TMP/good" 2>&- | cmp - "$TMP/good" || at_fault "$t without stderr"
	done
	for t in $(of $STATEFUL); do
		got=0
		"$t" --state "$TMP/$t.state" <"$TMP/good" >&- 2>"$TMP/err" || got=$?
		[ $got -eq 74 ] || at_fault "$t --state without stdout: exit $got"
		[ ! -s "$TMP/$t.state/lock" ] || at_fault "$t wrote into its lock"
	done
}

@test "a line above 64 MiB ends a tool with 65 whatever --on-bad says" {
	{ printf '{"event_type":"weather","x":"'; head -c 70000000 /dev/zero | tr '\0' x; printf '"}\n%s\n' "$WEATHER"; } >"$TMP/huge"
	for t in $(of $FILTERS); do
		code 65 "$t" --on-bad skip <"$TMP/huge"
		lines 0 "$TMP/out"
	done
}

@test "the input is never replaced by the output" {
	for t in $(of $FILTERS); do
		cp "$TMP/good" "$TMP/both"
		code 2 "$t" --from "$TMP/both" --to "$TMP/both"
		lines 1
		cmp "$TMP/good" "$TMP/both"
	done
}

@test "empty input is fine" {
	for t in $(of $FILTERS); do
		code 0 "$t" </dev/null
		lines 0
		lines 0 "$TMP/out"
	done
}

@test "blank lines and CRLF are taken for what they are" {
	for t in $(of $FILTERS); do
		printf '\n  \n%s\r\n\n' "$WEATHER" | code 0 "$t"
		lines 0
		jq -e '.at == "Brno"' "$TMP/out" >/dev/null || at_fault "$t"
	done
}

# Lines that no tool may take for a record; the texts are part of the message.
make_bad() {
	deep=$(printf '[%.0s' {1..32})$(printf ']%.0s' {1..32})
	printf '%s' '{"event_type":"weather"' >"$TMP/bad.notjson"
	printf '{"event_type":"wea\0ther"}' >"$TMP/bad.nul"
	printf '{"event_type":"weather","x":"\xff\xfe"}' >"$TMP/bad.utf8"
	printf '{"event_type":"weather","x":"\xed\xa0\x80"}' >"$TMP/bad.surrogate"
	printf '{"event_type":"weather","x":%s}' "$deep" >"$TMP/bad.depth"
	printf '{"event_type":"weather","event_type":"tick"}' >"$TMP/bad.twice"
	printf '["event_type"]' >"$TMP/bad.array"
	printf '{"x":1}' >"$TMP/bad.kind"
	printf '{"event_type":7}' >"$TMP/bad.type"
	printf '{"event_type":"tick"}' >"$TMP/bad.time"
	printf '{"event_type":"weather","x":NaN}' >"$TMP/bad.nan"
	printf '{"event_type":"weather"} {}' >"$TMP/bad.two"
	printf '{"@checkpoint":{},"run":"r","seq":1}' >"$TMP/bad.mark"
	{ printf '{"event_type":"weather","x":"'; head -c 10000000 /dev/zero | tr '\0' x; printf '"}'; } >"$TMP/bad.long"
}

@test "--on-bad stop: what came before is written, exit 65, one line that says where" {
	make_bad
	for t in $(of $FILTERS); do
		for bad in "$TMP"/bad.*; do
			{ cat "$TMP/good" "$bad"; echo; cat "$TMP/good"; } >"$TMP/in"
			code 65 "$t" <"$TMP/in" || at_fault "$t ${bad##*.}"
			lines 1
			has "$t: stdin: line 3: "
			cmp "$TMP/good" "$TMP/out" || at_fault "$t ${bad##*.}"
			awk 'length > 600 { exit 1 }' "$TMP/err" || at_fault "$t ${bad##*.}: a record in the message"
		done
	done
}

@test "--on-bad skip: the rest is written, exit 0, one line each" {
	make_bad
	for t in $(of $FILTERS); do
		for bad in "$TMP"/bad.*; do cat "$TMP/good" "$bad"; echo; done >"$TMP/in"
		code 0 "$t" --on-bad skip <"$TMP/in"
		n=$(ls "$TMP"/bad.* | wc -l)
		lines "$n"
		for _ in $(seq "$n"); do cat "$TMP/good"; done | cmp - "$TMP/out" || at_fault "$t"
	done
}

@test "--dlq: each letter holds the exact bytes and says why and where from" {
	make_bad
	for t in $(of $FILTERS); do
		rm -f "$TMP/letters"
		line=0
		for bad in "$TMP"/bad.*; do
			{ cat "$TMP/good" "$bad"; echo; } >"$TMP/in"
			code 0 "$t" --dlq "$TMP/letters" <"$TMP/in" || at_fault "$t ${bad##*.}"
			lines 1
			line=$((line + 1))
			lines $line "$TMP/letters"
			tail -n 1 "$TMP/letters" >"$TMP/letter"
			jq -r .raw "$TMP/letter" | base64 -d | cmp - "$bad" || at_fault "$t ${bad##*.}"
			jq -e --arg t "$t" '.event_type == "dead_letter" and .tool == $t and .source.file == "stdin" and .source.line == 3
				and (.error | length > 0) and (.version | length > 0) and (.failed_at | test("^20"))' "$TMP/letter" >/dev/null || at_fault "$t ${bad##*.}"
		done
		# A letter about an overlong line is overlong itself.
		awk 'length < 1000000' "$TMP/letters" >"$TMP/records"
		dq-cat <"$TMP/records" | cmp - "$TMP/records" || at_fault "$t: its letters are no records"
	done
}

@test "--on-bad dlq without a place, or a place that cannot be, says so at once" {
	for t in $(of $FILTERS); do
		code 2 "$t" --on-bad dlq </dev/null
		lines 1
		code 74 "$t" --dlq "$TMP/no/such/place" </dev/null
		lines 1
	done
}

@test "dead letters that cannot be written stop the tool with 74" {
	for t in $(of $FILTERS); do
		{ cat "$TMP/good"; echo '{bad'; cat "$TMP/good"; } >"$TMP/in"
		code 74 "$t" --dlq /dev/full <"$TMP/in"
		cmp "$TMP/good" "$TMP/out" || at_fault "$t"
	done
}

@test "a cut last line is refused, not taken for a record" {
	for t in $(of $FILTERS); do
		{ cat "$TMP/good"; printf '%s' "$WEATHER"; } >"$TMP/in"
		code 65 "$t" <"$TMP/in"
		has "stdin: line 3: the last line has no newline"
		cmp "$TMP/good" "$TMP/out" || at_fault "$t"
		code 0 "$t" --dlq "$TMP/letters.$t" <"$TMP/in"
		jq -r .raw "$TMP/letters.$t" | base64 -d | cmp - <(printf '%s' "$WEATHER") || at_fault "$t"
	done
}

@test "a line of 1 MiB is taken, one byte more is not" {
	for t in $(of $FILTERS); do
		size=$(printf '{"event_type":"weather","x":""}' | wc -c)
		fill=$(head -c $((1048576 - size)) /dev/zero | tr '\0' x)
		printf '{"event_type":"weather","x":"%s"}\n' "$fill" >"$TMP/most"
		code 0 "$t" <"$TMP/most"
		cmp "$TMP/most" "$TMP/out" || at_fault "$t"
		printf '{"event_type":"weather","x":"%sx"}\n' "$fill" >"$TMP/more"
		code 65 "$t" <"$TMP/more"
		has "limit is 1048576"
	done
}

@test "a depth of 32 is taken, 33 is not" {
	for t in $(of $FILTERS); do
		brackets=$(printf '[%.0s' {1..31})$(printf ']%.0s' {1..31})
		echo '{"event_type":"weather","x":'"$brackets"'}' >"$TMP/in"
		code 0 "$t" <"$TMP/in"
		cmp "$TMP/in" "$TMP/out" || at_fault "$t"
		echo '{"event_type":"weather","x":['"$brackets"']}' >"$TMP/in"
		code 65 "$t" <"$TMP/in"
		has "deeper than 32"
	done
}

@test "one line in is one line out while the input stays open" {
	for t in $(of $FILTERS); do
		mkfifo "$TMP/$t.in"
		"$t" <"$TMP/$t.in" >"$TMP/$t.out" &
		pid=$!
		exec 7>"$TMP/$t.in"
		for n in 1 2 3; do
			echo "$WEATHER" >&7
			within 10 eval '[ "$(wc -l <"$TMP/$t.out")" -eq $n ]' || at_fault "$t: line $n waits"
		done
		exec 7>&-
		wait $pid || at_fault "$t"
		rm "$TMP/$t.in"
	done
}

@test "SIGTERM and SIGINT end a waiting tool with 0 and all output" {
	for t in $(of $FILTERS); do
		for signal in TERM INT; do
			rm -f "$TMP/fifo"
			mkfifo "$TMP/fifo"
			: >"$TMP/out" # the last tool's, until this one is up
			# bash ignores SIGINT in background commands: env gives it back
			env --default-signal=INT "$t" <"$TMP/fifo" >"$TMP/out" 2>"$TMP/err" &
			pid=$!
			exec 7>"$TMP/fifo"
			cat "$TMP/good" >&7
			within 10 eval '[ "$(wc -l <"$TMP/out")" -eq 2 ]' || at_fault "$t"
			kill -$signal $pid
			within 10 eval '! kill -0 $pid 2>/dev/null' || at_fault "$t does not stop"
			wait $pid || at_fault "$t: exit $? on $signal"
			exec 7>&-
			lines 0
			cmp "$TMP/good" "$TMP/out" || at_fault "$t"
		done
	done
}

@test "messages as JSON are JSON" {
	for t in $(of $FILTERS); do
		printf '{"event_type":"weather","x":"\x01\\\\"\n' | code 65 "$t" --log-format json
		lines 1
		jq -e --arg t "$t" '.program == $t and .where == "stdin: line 1" and (.message | length > 0)' "$TMP/err" >/dev/null || at_fault "$t"
	done
}

@test "--metrics leaves Prometheus text, whole" {
	for t in $(of $FILTERS); do
		printf '%s\n{bad\n' "$WEATHER" | code 0 "$t" --on-bad skip --metrics "$TMP/metrics"
		grep -E '^dq_[a-z_]+(\{[^}]*\})? [0-9]' "$TMP/metrics" >/dev/null || at_fault "$t"
		strange=$(grep -vE '^(# (HELP|TYPE) .*|dq_[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$' "$TMP/metrics" || :)
		[ -z "$strange" ] || at_fault "$t: $strange"
	done
}

@test "--progress says nothing where nobody looks" {
	for t in $(of $FILTERS); do
		code 0 "$t" --progress <"$TMP/good"
		lines 0
	done
}

@test "two runs over the same input give the same bytes" {
	dq-simulate 20000 >"$TMP/sim"
	dq-simulate 20000 | cmp - "$TMP/sim"
	for t in $(of $FILTERS); do
		"$t" <"$TMP/sim" >"$TMP/one"
		"$t" --from "$TMP/sim" --to "$TMP/two"
		cmp "$TMP/one" "$TMP/two" || at_fault "$t"
		[ -s "$TMP/one" ] || at_fault "$t writes nothing"
		mv "$TMP/one" "$TMP/sim"
	done
}
