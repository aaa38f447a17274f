# dq-features against the slow reference and dq-catalogue(7); one run against
# many with a state; orders within a day.
# Real data is where $DQ_DATA says (see real.bats).
DATA=${DQ_DATA:-}
load lib
export DQ_DATA=${DATA:-$TOP/../shared/data}

setup() {
	HERE=$TOP/tests/features
	IN=$TMP/in
}

# records CASE [OPTION...]: the input of a case.
records() {
	python3 "$HERE/nasty.py" "$@" >"$IN"
}

# agree OPTION...: both programs on $IN. The slow one in two halves at once;
# compare.py does not mind the order of customers.
agree() {
	python3 "$HERE/reference.py" "$@" --part 1/2 <"$IN" >"$TMP/half" &
	python3 "$HERE/reference.py" "$@" --part 2/2 <"$IN" >"$TMP/slow"
	wait $!
	cat "$TMP/half" >>"$TMP/slow"
	dq-features "$@" <"$IN" >"$TMP/fast"
	python3 "$HERE/compare.py" "$TMP/slow" \
		"$TMP/fast"
}

@test "the reference: figures by hand" {
	python3 "$HERE/hand.py" python3 "$HERE/reference.py" --emit each
}

@test "figures by hand" {
	python3 "$HERE/hand.py" dq-features --emit each
}

@test "equals the reference: month ends, leap day, bare dates" {
	records month-ends
	agree --emit each
	agree --emit trigger --tick 1d
}

@test "equals the reference: zones with summer time, on both sides of UTC" {
	records zone
	agree --emit each --zone Europe/Prague
	agree --emit daily --zone America/New_York --tick 1d
	agree --emit trigger --zone Asia/Kolkata --tick 1d
	agree --emit trigger --zone Australia/Lord_Howe --tick 6h
}

@test "equals the reference: shuffled within a day" {
	records shuffled
	agree --emit each
	agree --emit daily
}

@test "equals the reference: late and repeated records" {
	records late
	agree --emit each
	agree --emit each --dedup 0
	agree --emit trigger --dedup 3 --large 100.50 --tick 1d
	agree --emit daily --tick 2d
}

@test "equals the reference: balances stated, running, unknown" {
	for case in plain no-balance running opening-late from; do
		records "$case" --seed 7
		agree --emit each
	done
}

@test "equals the reference: no, two and three decimals, foreign money" {
	records currency
	agree --emit each
	agree --emit trigger
	records no-profile
	agree --emit each
}

@test "equals the reference: more than 256 merchants, 32 payments" {
	records merchants --days 250 --customers 2
	agree --emit daily
	records payments
	agree --emit each
	agree --emit trigger --tick 1d
}

@test "equals the reference: silence and ticks in the input" {
	for case in silent ticks; do
		records "$case" --days 800 --customers 6
		agree --emit trigger
		agree --emit trigger --tick 1d
		agree --emit daily
		agree --emit each
	done
}

@test "equals the reference: at pairs of customer and time" {
	for case in plain zone late; do
		records "$case"
		python3 "$HERE/pairs.py" 3 <"$IN" >"$TMP/pairs"
		agree --emit at "$TMP/pairs"
	done
}

@test "equals the reference: 50,000 simulated records" {
	dq-simulate 50000 0 --customers 60 --seed 11 >"$IN"
	[ "$(grep -c '"event_type":"transaction"' "$IN")" -eq 50000 ]
	agree --emit each
	head -n 15000 "$IN" >"$IN.head"
	IN=$IN.head agree --emit trigger --tick 1d
}

@test "equals the reference: real transactions, in any order of a day" {
	real=$DQ_DATA/berka
	[ -e "$real" ] || { echo "# no real data here" >&3; return 0; }
	xz -dc "$real/trans_loans_1993_96.csv.xz" |
		awk -f tests/real/berka.awk | sort -s -t '"' -k 8,8 >"$IN"
	awk -f tests/real/berka.awk "$real/loan.asc" >"$TMP/labels"
	agree --emit each
	agree --emit at "$TMP/labels"
	dq-features --emit daily <"$IN" >"$TMP/first"
	python3 "$HERE/shuffle.py" 1 <"$IN" >"$TMP/shuffled"
	dq-features --emit daily <"$TMP/shuffled" >"$TMP/second"
	python3 "$HERE/compare.py" "$TMP/first" "$TMP/second"
}

@test "equals the reference: real payments" {
	real=$DQ_DATA/superlender/prevloans_before_2017_04.csv.xz
	[ -e "$real" ] || { echo "# no real data here" >&3; return 0; }
	xz -dc "$real" | awk -f tests/real/superlender.awk | LC_ALL=C sort |
		grep '"payment"' >"$IN"
	agree --emit each
	agree --emit trigger --tick 1w
}

# pieces N: $IN in N pieces of uneven length, whole lines.
pieces() {
	rm -f "$TMP"/piece.*
	python3 - "$IN" "$TMP/piece." "$1" <<'END'
import random
import sys
lines = open(sys.argv[1]).readlines()
rng = random.Random(sys.argv[3])
cuts = [0] + sorted(rng.randrange(len(lines) + 1)
                    for _ in range(int(sys.argv[3]) - 1)) + [len(lines)]
for i, (a, b) in enumerate(zip(cuts, cuts[1:])):
    open(f"{sys.argv[2]}{i:03d}", "w").writelines(lines[a:b])
END
}

# split N OPTION...: one run and N runs with a state print the same bytes.
split() {
	local n=$1 state=$TMP/state
	shift
	pieces "$n"
	rm -rf "$state" "$state.one"
	dq-features --state "$state.one" "$@" <"$IN" >"$TMP/one"
	for piece in "$TMP"/piece.*; do
		dq-features --state "$state" "$@" <"$piece"
	done >"$TMP/many"
	[ -s "$TMP/one" ]
	cmp "$TMP/one" "$TMP/many"
}

@test "one run and any split into runs with --state: the same bytes" {
	for case in plain late opening-late currency merchants payments ticks; do
		records "$case" --days 260
		split 2 --emit each
		split 7 --emit trigger --tick 1d
		split 40 --emit daily --tick 1d
	done
}

@test "the order of records within a day does not matter" {
	for case in plain month-ends shuffled no-balance from currency; do
		records "$case" --days 300
		dq-features --emit daily <"$IN" >"$TMP/first"
		for seed in 1 2 3; do
			python3 "$HERE/shuffle.py" "$seed" <"$IN" \
				>"$TMP/shuffled"
			if cmp -s "$IN" "$TMP/shuffled"; then
				return 1
			fi
			dq-features --emit daily \
				<"$TMP/shuffled" \
				>"$TMP/second"
			python3 "$HERE/compare.py" "$TMP/first" \
				"$TMP/second"
		done
	done
}

@test "the page and the reference name the same figures and thresholds" {
	python3 "$HERE/page.py" man/dq-catalogue.7 >"$TMP/page"
	[ "$(wc -l <"$TMP/page")" -eq 58 ]
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$HERE python3 -c '
from reference import CATALOGUE
for row in CATALOGUE.split("\n"):
    name, *threshold = row.split()  or [None]
    if name:
        print(name, " ".join(threshold) or "none", sep="\t")
' >"$TMP/reference"
	cut -f 1,4 "$TMP/page" |
		diff - "$TMP/reference"
}

@test "the page and --describe hold the same rows" {
	python3 "$HERE/page.py" man/dq-catalogue.7 >"$TMP/page"
	dq-features --describe | jq -r '[.name, .unit, .sign,
		if .alert == "at or above" then ">= \(.threshold)"
		elif .alert == "at or below" then "<= \(.threshold)"
		else "none" end] | @tsv' | diff "$TMP/page" -
}
