# dq-eval: joins predictions with labels and measures them. The figures themselves are checked in unit/model_evaluate.c.
bats_require_minimum_version 1.5.0
load lib

prediction() {
	printf '{"event_type":"prediction","event_time":"%s","customer_id":"%s","risk_score":%s,"risk_level":"LOW"}\n' "$1" "$2" "$3"
}

label() {
	printf '{"event_type":"label","customer_id":"%s","event_time":"%s","label":%s}\n' "$2" "$1" "$3"
}

# Twelve customers, two days each; scores with ties, one prediction without a label.
setup() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		prediction 2026-01-05 "C$i" "0.$((i * 7 % 10))5"
		prediction 2026-01-06T00:00:00Z "C$i" "0.$((i * 3 % 10))5"
		label 2026-01-05T00:00:00Z "C$i" $((i * 7 % 10 + i * 5 % 7 > 8))
		label 2026-01-06 "C$i" $((i * 3 % 10 + i * 5 % 11 > 10))
	done >"$TMP/all"
	grep '"label"' "$TMP/all" >"$TMP/labels"
	{ grep '"prediction"' "$TMP/all"; prediction 2026-01-07 C1 0.5; } >"$TMP/predictions"
}

@test "dq-eval writes an evaluation and ten calibration records" {
	dq-eval --labels "$TMP/labels" <"$TMP/predictions" | golden records
}

@test "dq-eval --table writes text" {
	dq-eval --labels "$TMP/labels" --table --share 0.25 <"$TMP/predictions" | golden table
}

@test "dq-eval: the order of records, and records of other kinds, change nothing" {
	dq-eval --labels "$TMP/labels" --bootstrap 0 <"$TMP/predictions" >"$TMP/want"
	{
		echo '{"event_type":"tick","event_time":"2026-01-05"}'
		tac "$TMP/predictions"
		echo '{"event_type":"weather","rain":true}'
	} >"$TMP/mixed"
	{ echo '{"event_type":"truth","customer_id":"C1","cause":"none"}'; tac "$TMP/labels"; } >"$TMP/labels.mixed"
	dq-eval --labels "$TMP/labels.mixed" --bootstrap 0 <"$TMP/mixed" | cmp "$TMP/want"
}

@test "dq-eval --min-auc: exit 1 below, 0 at or above, the figures are written all the same" {
	code 0 dq-eval --labels "$TMP/labels" --min-auc 0.5 <"$TMP/predictions"
	lines 11 "$TMP/out"
	code 1 dq-eval --labels "$TMP/labels" --min-auc 0.999 <"$TMP/predictions"
	lines 11 "$TMP/out"
	has "dq-eval: --min-auc: AUC "
}

@test "dq-eval: one label only has no AUC, which is below any limit" {
	grep '"label":0' "$TMP/labels" >"$TMP/none"
	code 1 dq-eval --labels "$TMP/none" --min-auc 0.1 <"$TMP/predictions"
	[ "$(head -n 1 "$TMP/out" | jq '.auc')" = null ]
}

@test "dq-eval: the seed moves the interval and nothing else" {
	dq-eval --labels "$TMP/labels" --seed 1 <"$TMP/predictions" | sed -n 1p >"$TMP/one"
	dq-eval --labels "$TMP/labels" --seed 2 <"$TMP/predictions" | sed -n 1p >"$TMP/two"
	run ! cmp -s "$TMP/one" "$TMP/two"
	diff <(jq -c 'del(.auc_low, .auc_high)' "$TMP/one") <(jq -c 'del(.auc_low, .auc_high)' "$TMP/two")
}

@test "dq-eval: no prediction with a label is exit 65" {
	sed 's/2026/2025/' "$TMP/labels" >"$TMP/other"
	code 65 dq-eval --labels "$TMP/other" <"$TMP/predictions"
	has "none of the 25 predictions"
}

@test "dq-eval: labels that contradict, or are no label, are exit 65 with their line" {
	{ cat "$TMP/labels"; label 2026-01-05 C1 1; label 2026-01-05 C1 0; } >"$TMP/twice"
	code 65 dq-eval --labels "$TMP/twice" <"$TMP/predictions"
	has "line 2"
	{ cat "$TMP/labels"; label 2026-01-05 C99 2; } >"$TMP/two"
	code 65 dq-eval --labels "$TMP/two" <"$TMP/predictions"
	has "$TMP/two: line 25: \"label\" is not 0 or 1"
	echo '{"event_type":"label","customer_id":"C1","label":1}' >"$TMP/timeless"
	code 65 dq-eval --labels "$TMP/timeless" <"$TMP/predictions"
}

@test "dq-eval: a score beyond 0 and 1 is refused; --on-bad skip goes on" {
	{ prediction 2026-01-05 C1 1.5; cat "$TMP/predictions"; } >"$TMP/bad"
	code 65 dq-eval --labels "$TMP/labels" <"$TMP/bad"
	has "stdin: line 1: \"risk_score\" is not between 0 and 1"
	code 0 dq-eval --labels "$TMP/labels" --on-bad skip <"$TMP/bad"
	dq-eval --labels "$TMP/labels" <"$TMP/predictions" | cmp "$TMP/out"
}

@test "dq-eval: no labels file, an unreadable one, silly numbers are exit 2" {
	code 2 dq-eval <"$TMP/predictions"
	code 2 dq-eval --labels "$TMP/absent" <"$TMP/predictions"
	code 2 dq-eval --labels "$TMP/labels" --share 0 <"$TMP/predictions"
	code 2 dq-eval --labels "$TMP/labels" --bootstrap -1 <"$TMP/predictions"
}

# before CUSTOMER SCORE LEVEL [CODE]   A prediction with a strongest reason.
scored() {
	printf '{"event_type":"prediction","event_time":"2026-01-05T00:00:00Z","customer_id":"%s","risk_score":%s,"risk_level":"%s","top_features":[{"code":"%s"}]}\n' "$1" "$2" "$3" "${4:-A}"
}

@test "dq-eval --compare: what other predictions of the same would have said" {
	{ scored C1 0.1 LOW; scored C2 0.4 MEDIUM; scored C3 0.9 CRITICAL; scored C5 0.2 LOW; } >"$TMP/before"
	{ scored C3 0.8 CRITICAL B; scored C1 0.4 MEDIUM; scored C4 0.5 HIGH; scored C2 0.4 MEDIUM; } >"$TMP/now"
	dq-eval --compare "$TMP/before" <"$TMP/now" | golden compare
	dq-eval --compare "$TMP/before" --table <"$TMP/now" | golden compare-table
}

@test "dq-eval --compare: two predictions of one occasion are matched in their order" {
	{ scored C1 0.1 LOW; scored C1 0.6 HIGH; } >"$TMP/before"
	{ scored C1 0.2 LOW; scored C1 0.9 CRITICAL; scored C1 0.9 CRITICAL; } >"$TMP/now"
	[ "$(dq-eval --compare "$TMP/before" <"$TMP/now" | sed -n 1p | jq -c '[.matched, .only_now, .other_level, .greatest_change]')" = '[2,1,1,0.3]' ]
}

@test "dq-eval --compare: the PSI is the one of its definition" {
	python3 - "$TMP" <<'END'
import json, math, random, sys
random.seed(3)
sets = [[round(random.betavariate(2, b), 2) for _ in range(n)] for b, n in ((5, 997), (4, 800))]
for name, scores in zip(("before", "now"), sets):
    with open(f"{sys.argv[1]}/{name}", "w") as file:
        for i, s in enumerate(scores):
            print(json.dumps({"event_type": "prediction", "event_time": "2026-01-05T00:00:00Z", "customer_id": f"C{i}", "risk_score": s, "risk_level": "LOW"}), file=file)
p, q = (sorted(s) for s in sets)
edges = set()
for k in range(1, 10):
    below = p[len(p) * k // 10 - 1]  # equal scores stay in the tenth that has one of them
    edges |= set([s for s in p if s > below][:1])
edges = sorted(edges)
def shares(scores):
    return [sum(low <= s < high for s in scores) for low, high in zip([-1] + edges, edges + [2])]
psi = 0
for a, b in zip(shares(p), shares(q)):
    a, b = a / len(p), (b or 0.5) / len(q)
    psi += (b - a) * math.log(b / a)
open(f"{sys.argv[1]}/psi", "w").write(f"{psi:.5f}")
END
	got=$(dq-eval --compare "$TMP/before" <"$TMP/now" | sed -n 1p | jq .psi)
	[ "$(printf %.5f "$got")" = "$(cat "$TMP/psi")" ]
	code 1 dq-eval --compare "$TMP/before" --max-psi 0.001 --from "$TMP/now"
	has "PSI"
	code 0 dq-eval --compare "$TMP/before" --max-psi 10 --from "$TMP/now"
}

@test "dq-eval --compare: nothing in common is exit 65, a missing companion exit 2" {
	scored C1 0.1 LOW >"$TMP/before"
	scored C2 0.1 LOW >"$TMP/now"
	code 65 dq-eval --compare "$TMP/before" --from "$TMP/now"
	for bad in "" "--max-psi 1 --labels $TMP/labels" "--min-auc 1 --compare $TMP/before"; do
		code 2 dq-eval $bad --from "$TMP/now"
		lines 1
	done
}
