# dq-simulate: what it writes, when, and until when. The stream itself is checked in unit/sim_*.c.
load lib

# How many records of a kind a file has.
count() {
	grep -c "^{\"event_type\":\"$1\"" "$2" || :
}

@test "dq-simulate writes the same records as ever" {
	dq-simulate --customers 4 --days 14 --seed 7 | golden records
}

@test "dq-simulate --truth writes the same truth as ever" {
	dq-simulate --customers 25 --days 120 --seed 7 --truth "$TMP/truth" >"$TMP/out"
	golden truth <"$TMP/truth"
}

@test "dq-simulate: the bytes of a long run are the same on any machine" {
	dq-simulate --truth "$TMP/truth" 200000 | sha256sum | golden long
	sha256sum <"$TMP/truth" | golden long.truth
}

@test "dq-simulate: every record is as its kind's schema wants it" {
	dq-simulate 20000 >"$TMP/in"
	code 0 dq-cat --from "$TMP/in"
	cmp "$TMP/in" "$TMP/out"
}

@test "dq-simulate LIMIT counts transactions and gives them 180 days or so" {
	code 0 dq-simulate 5000
	[ "$(count transaction "$TMP/out")" -eq 5000 ]
	days=$(count tick "$TMP/out")
	[ "$days" -gt 140 ]
	[ "$days" -lt 220 ]
}

@test "dq-simulate: of LIMIT and --days the first one reached ends it" {
	code 0 dq-simulate --customers 10 --days 5 1000000
	[ "$(count tick "$TMP/out")" -eq 5 ]
	[ "$(count customer "$TMP/out")" -eq 10 ]
	code 0 dq-simulate --customers 10 --days 5 7
	[ "$(count transaction "$TMP/out")" -eq 7 ]
}

@test "dq-simulate: another seed, other customers; more customers, the same ones" {
	dq-simulate --customers 5 --days 9 >"$TMP/five"
	dq-simulate --customers 50 --days 9 >"$TMP/fifty"
	grep -E 'C00000[1-5]|"tick"' "$TMP/fifty" | cmp - "$TMP/five"
	code 0 dq-simulate --customers 5 --days 9 --seed 2
	code 1 cmp "$TMP/out" "$TMP/five"
}

@test "dq-simulate --start moves the days, --no-ticks leaves the ends out" {
	code 0 dq-simulate --customers 5 --days 3 --start 2024-02-28
	[ "$(count tick "$TMP/out")" -eq 3 ]
	grep -q '"txn_time":"2024-02-29T' "$TMP/out"
	grep -q '^{"event_type":"tick","event_time":"2024-03-02T00:00:00Z"}$' "$TMP/out"
	cp "$TMP/out" "$TMP/with"
	code 0 dq-simulate --customers 5 --days 3 --start 2024-02-28 --no-ticks
	grep -v '"tick"' "$TMP/with" | cmp - "$TMP/out"
}

# Milliseconds that a command takes.
took() {
	local begin
	begin=$(date +%s%N)
	"$@"
	echo $((($(date +%s%N) - begin) / 1000000))
}

@test "dq-simulate LIMIT DELAY_MS takes its time and changes no byte" {
	dq-simulate --customers 2 6 >"$TMP/quick"
	[ "$(took dq-simulate --customers 2 --to "$TMP/slow" 6 100)" -ge 500 ]
	cmp "$TMP/quick" "$TMP/slow"
}

@test "dq-simulate --speed follows event time" {
	ms=$(took dq-simulate --customers 20 --days 1 --speed 86400x --to "$TMP/out")
	[ "$ms" -ge 700 ]
	[ "$ms" -lt 5000 ]
}

@test "dq-simulate with a delay sends each record at once" {
	dq-simulate --customers 1 --to "$TMP/live" 1000 200 &
	pid=$!
	within 10 grep -qs '"event_type":"transaction"' "$TMP/live"
	kill "$pid"
	code 0 wait "$pid"
	[ "$(count transaction "$TMP/live")" -lt 1000 ]
	[ "$(tail -c 1 "$TMP/live" | od -An -c | tr -d ' ')" = '\n' ]
}

@test "dq-simulate live sends RATE transactions a second until it is stopped" {
	dq-simulate --customers 3 --start 2026-03-01T23:59:59.5Z --to "$TMP/live" live 50 &
	pid=$!
	within 20 grep -qs '2026-03-02T00:00:00.5Z' "$TMP/live"
	kill "$pid"
	code 0 wait "$pid"
	[ "$(count customer "$TMP/live")" -eq 3 ]
	head -n 29 "$TMP/live" | golden live
	grep -c '"txn_time":"2026-03-01T23:59:59' "$TMP/live" | grep -qx 25
}

@test "dq-simulate live has the clock's time when nothing else is said" {
	dq-simulate --customers 1 --to "$TMP/live" live 100 &
	pid=$!
	within 20 grep -qs '"event_type":"transaction"' "$TMP/live"
	kill "$pid"
	wait "$pid"
	at=$(jq -r 'select(.event_type == "transaction") | .txn_time' "$TMP/live" | sed -n 1p)
	[ $(($(date +%s) - $(date -d "$at" +%s))) -le 30 ]
}

@test "dq-simulate stops on a signal with 0, its truth written" {
	dq-simulate --customers 10 --truth "$TMP/truth" --to "$TMP/live" 100000 50 &
	pid=$!
	within 20 grep -qs '"event_type":"transaction"' "$TMP/live"
	kill "$pid"
	code 0 wait "$pid"
	[ "$(count truth "$TMP/truth")" -eq 10 ]
}

@test "dq-simulate: faulty arguments are exit 2 and one line" {
	while read -r line; do
		read -ra words <<<"$line"
		code 2 dq-simulate "${words[@]}"
		lines 1
		lines 0 "$TMP/out"
	done <<-'END'
		0
		-- -5
		ten
		10 -1
		10 fast
		10 20 30
		live
		live 0
		live nan
		live 10 20
		--days 5 live 10
		--speed 60x live 10
		--speed 60x 10 10
		--speed x
		--speed -2x
		--speed ten
		--customers 0.5
		--customers -1
		--customers 100000001
		--days -1
		--start yesterday
	END
}

@test "dq-simulate: a truth file that cannot be written is exit 74" {
	code 74 dq-simulate --truth "$TMP/none/truth" --customers 2 --days 2
	has "$TMP/none/truth: cannot write"
	code 74 dq-simulate --truth /dev/full --customers 2 --days 2
	has "/dev/full: cannot write"
}

@test "dq-simulate: a million transactions are quick" {
	[ "$(took dq-simulate --to /dev/null 1000000)" -lt 20000 ]
}
