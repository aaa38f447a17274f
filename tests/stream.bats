# Control lines: what a checkpointed pipeline puts between its records must come through every filter in order, and a broken stream is told.
load lib

BUILT=$(make -s tools)
FILTERS="dq-cat dq-features dq-score dq-intervene dq-rollup"
filters() { for t in $FILTERS; do grep -qx -- "$t" <<<"$BUILT" && echo "$t"; done || :; }

WEATHER='{"event_type":"weather","rain":1.50}'
begin() { echo '{"@begin":{"version":1},"run":"r","seq":'"${1:-1}"'}'; }
mark() { echo '{"@'"$1"'":{},"run":"'"${3:-r}"'","seq":'"$2"'}'; }
good() { begin; echo "$WEATHER"; mark checkpoint 2; echo "$WEATHER"; mark end 3; }

@test "marks pass in their place through every filter" {
	good >"$TMP/in"
	for t in $(filters); do
		code 0 "$t" <"$TMP/in"
		cmp "$TMP/in" "$TMP/out" || { echo "$t"; return 1; }
		lines 0
	done
}

@test "marks pass through all filters in one pipe" {
	good >"$TMP/in"
	dq-cat <"$TMP/in" | dq-cat | dq-cat | cmp - "$TMP/in"
}

@test "marks of names not known yet pass too" {
	{ begin; echo '{"@new":{"x":[1]},"run":"r","seq":2}'; mark end 3; } >"$TMP/in"
	for t in $(filters); do
		code 0 "$t" <"$TMP/in"
		cmp "$TMP/in" "$TMP/out"
	done
}

@test "@state lines of a filter carry no seq of the source" {
	{ begin; echo '{"@state":{"k":1},"run":"r"}'; mark checkpoint 2; mark end 3; } >"$TMP/in"
	code 0 dq-cat <"$TMP/in"
	cmp "$TMP/in" "$TMP/out"
}

# broken CODE TEXT   Standard input must end every filter with that code and one line with that text.
broken() {
	cat >"$TMP/in"
	for t in $(filters); do
		code "$1" "$t" <"$TMP/in" || { echo "$t"; return 1; }
		lines 1
		has "$2"
	done
}

@test "a second @begin is exit 75" {
	{ begin; echo "$WEATHER"; begin 2; } | broken 75 "second @begin"
}

@test "a gap in seq, or a repeat, is exit 75" {
	{ begin; mark checkpoint 3; mark end 4; } | broken 75 "lines were lost"
	{ begin; mark checkpoint 2; mark checkpoint 2; mark end 3; } | broken 75 "lines were lost"
}

@test "a mark of another run is exit 75" {
	{ begin; mark checkpoint 2 other; mark end 3; } | broken 75 "another run"
}

@test "an input that ends without @end is exit 75" {
	{ begin; echo "$WEATHER"; } | broken 75 "without @end"
	{ begin; echo "$WEATHER"; mark checkpoint 2; printf '%s' "$WEATHER"; } | broken 75 "without @end"
}

@test "anything after @end is exit 75" {
	{ good; mark checkpoint 4; } | broken 75 "after @end"
	{ good; echo "$WEATHER"; } | broken 75 "after @end"
	{ good; printf '%s' "$WEATHER"; } | broken 75 "after @end"
}

@test "a mark that is no JSON is exit 75 within a run" {
	{ begin; echo '{"@checkpoint":{}'; } | broken 75 "stdin: line 2"
}

@test "an unknown protocol version is exit 2 and names both" {
	echo '{"@begin":{"version":2},"run":"r","seq":1}' | broken 2 "protocol version 2, known is 1"
	echo '{"@begin":{},"run":"r","seq":1}' | broken 2 "protocol version"
}

@test "without @begin a mark is a refused record" {
	for t in $(filters); do
		mark checkpoint 1 | code 65 "$t"
		mark checkpoint 1 | code 0 "$t" --on-bad skip
		lines 0 "$TMP/out"
	done
}

@test "a mark leaves at once, with all before it" {
	for t in $(filters); do
		rm -f "$TMP/fifo"
		mkfifo "$TMP/fifo"
		"$t" <"$TMP/fifo" >"$TMP/out" &
		pid=$!
		exec 7>"$TMP/fifo"
		{ begin; echo "$WEATHER"; mark checkpoint 2; } >&7
		within 10 eval '[ "$(wc -l <"$TMP/out")" -eq 3 ]'
		mark end 3 >&7
		exec 7>&-
		wait $pid
	done
}
