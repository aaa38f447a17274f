# dq-score: features to predictions. The figures themselves are held against XGBoost by tests/model, the kernels by tests/unit/model_*.c;
# what it shares with every other tool is in tools.bats.
load lib

MODEL=share/models/example.json

# record ID DELAY BALANCE DEBITS
record() {
	printf '{"event_type":"features","event_time":"2026-01-05T10:11:12Z","customer_id":"%s","trigger":"daily","feature_set":"x",' "$1"
	printf '"features":{"salary_delay_days":%s,"history_days":90,"balance_to_outflow_days":%s,"failed_autodebit_count_30d":%s}}\n' "$2" "$3" "$4"
}

setup() {
	{
		record C1 3 4.5 0
		echo '{"event_type":"customer","customer_id":"C2","event_time":"2026-01-05"}'
		record C2 7 null 2
		echo '{"event_type":"weather","rain":true}'
		record C3 null 20 null
		echo '{"event_type":"tick","event_time":"2026-01-06"}'
		record C4 4 3 1 | sed 's/"trigger":"daily",/"big":12345678901234567890,/; s/}}/},"margin":99,"note":[1, 2]}/'
	} >"$TMP/in"
}

score() { dq-score --model $MODEL "$@"; }

# changed SED...   The example model with an edit, in $TMP/model.json.
changed() { sed "$@" $MODEL >"$TMP/model.json"; }

refuses() {
	code 2 dq-score --model "$TMP/model.json" <"$TMP/in"
	has "dq-score: $TMP/model.json: "
	has "$1"
	lines 1
}

@test "dq-score writes predictions, passes the rest, in order" {
	score <"$TMP/in" | golden all
}

@test "dq-score agrees with the example worked out by hand" {
	# C2 goes right at the first tree's root and at its right child (2.5), at the second's root, and left there (1).
	# base: ln(0.2/0.8) - 0.605 + 0.025.
	score <"$TMP/in" >"$TMP/out"
	jq -e -s '.[2] | .margin == 2.113706 and .base == -1.966294 and .risk_score == 0.892228' "$TMP/out"
}

@test "dq-score: base, reasons and the rest are the margin" {
	for n in 0 1 2 64; do
		score --reasons $n <"$TMP/in" | jq -s -e --argjson n $n '[.[] | select(.event_type == "prediction")] | length == 4 and
			all((.top_features | length) <= $n) and
			all(.base + .other_contribution + ([.top_features[].contribution] | add // 0) - .margin | fabs < 1e-9)'
	done
}

@test "dq-score: levels by their thresholds" {
	score <"$TMP/in" | jq -r 'select(.margin) | .risk_level' >"$TMP/levels"
	[ "$(tr '\n' ' ' <"$TMP/levels")" = "LOW CRITICAL LOW HIGH " ]
	score --critical 0.9 --high 0.892228 --medium 0.0416351 <"$TMP/in" | jq -r 'select(.margin) | .risk_level' >"$TMP/levels"
	[ "$(tr '\n' ' ' <"$TMP/levels")" = "MEDIUM HIGH LOW MEDIUM " ]
}

@test "dq-score: thresholds out of order are exit 2" {
	code 2 score --high 0.8 </dev/null
	has "dq-score: --critical: "
	code 2 score --medium -0.1 </dev/null
	code 2 score --critical 1.5 </dev/null
	code 2 score --reasons 65 </dev/null
	code 2 score --reasons -1 </dev/null
}

@test "dq-score --explain-above leaves reasons out below" {
	score --explain-above 0.5 <"$TMP/in" | jq -c 'select(.margin) | [.risk_score >= 0.5, has("top_features"), has("explanation")]' >"$TMP/out"
	out_is '[false,false,false]
[true,true,true]
[false,false,false]
[true,true,true]'
}

@test "dq-score --language speaks another one" {
	score --language de <"$TMP/in" | golden german
	code 2 score --language xx </dev/null
	has "reasons/xx.json"
	echo '{"features":{}}' >"$TMP/mine.json"
	code 2 score --language "$TMP/mine.json" </dev/null
	has "dq-score: $TMP/mine.json: "
}

@test "dq-score: a feature without text is told by name, with a warning" {
	jq 'del(.features.salary_delay_days)' share/reasons/en.json >"$TMP/mine.json"
	code 0 score --language "$TMP/mine.json" <"$TMP/in"
	has "no text for 1 of"
	has '"code":"SALARY_DELAY_DAYS","reason":"salary delay days"' "$TMP/out"
}

@test "every language has every feature of the catalogue, codes are the same and differ from each other" {
	dq-features --describe | jq -r .name | sort >"$TMP/names"
	[ -s "$TMP/names" ]
	jq -c '.features | map_values(.code)' share/reasons/en.json >"$TMP/codes"
	jq -e '[.[]] | length == (unique | length)' "$TMP/codes"
	for f in share/reasons/*.json; do
		jq -r '.features | keys[]' "$f" | sort | diff "$TMP/names" -
		jq -c '.features | map_values(.code)' "$f" | cmp "$TMP/codes" -
	done
}

@test "dq-score --challenger tells a second score" {
	changed 's/"2E-1"/"5E-1"/; s/"name": "example"/"name": "other"/'
	score --challenger "$TMP/model.json" <"$TMP/in" >"$TMP/both"
	dq-score --model "$TMP/model.json" <"$TMP/in" >"$TMP/alone"
	score <"$TMP/in" >"$TMP/first"
	jq -c 'select(.margin) | {risk_score, risk_level, model}' "$TMP/alone" >"$TMP/want"
	jq -c '.challenger // empty' "$TMP/both" | diff "$TMP/want" -
	jq -c 'del(.challenger)' "$TMP/both" | diff <(jq -c . "$TMP/first") -
}

@test "dq-score names the model: card, attributes, file" {
	model() { dq-score --model "$TMP/model.json" <"$TMP/in" | jq -r 'select(.model) | .model | "\(.name) \(.version) \(.sha256)"' | uniq; }
	changed ''
	[ "$(model)" = "example 1 $(sha256sum <$MODEL | cut -d ' ' -f 1)" ]
	changed '/"attributes"/d'
	[ "$(model)" = "model 0 $(sha256sum <"$TMP/model.json" | cut -d ' ' -f 1)" ]
	echo '{"name":"carded","version":"2.1"}' >"$TMP/model.card.json"
	[[ $(model) == "carded 2.1 "* ]]
	echo '{"name":"carded"}' >"$TMP/model.card.json"
	refuses 'needs the texts "name" and "version"'
}

@test "dq-score: a card of another model is exit 2" {
	changed ''
	digest=$(sha256sum <"$TMP/model.json" | cut -d ' ' -f 1)
	echo '{"name":"m","version":"1","sha256":"'"$digest"'"}' >"$TMP/model.card.json"
	code 0 dq-score --model "$TMP/model.json" <"$TMP/in"
	changed 's/-0.25/-0.26/'
	refuses "the model card is of another model: its sha256 is ${digest:0:12}..., the file's $(sha256sum <"$TMP/model.json" | cut -c 1-12)..."
	echo '{"name":"m","version":"1","sha256":7}' >"$TMP/model.card.json"
	refuses "the model card is of another model"
	# What ships together belongs together.
	for card in share/models/*.card.json; do
		[ "$(jq -r .sha256 "$card")" = "$(sha256sum <"${card%.card.json}.json" | cut -d ' ' -f 1)" ]
	done
}

@test "dq-score: the order of features in a record does not matter, strangers neither" {
	record C1 3 4.5 0 | score | jq -c 'del(.prediction_id, .features)' >"$TMP/want"
	record C1 3 4.5 0 | jq -c '.features |= (to_entries | reverse + [{key: "stranger", value: "x"}] | from_entries)' | score |
		jq -c 'del(.prediction_id, .features)' | diff "$TMP/want" -
	# Alternating orders in one run.
	{ record C1 3 4.5 0; record C1 3 4.5 0 | jq -c '.features |= (to_entries | reverse | from_entries)'; record C1 3 4.5 0; } | score |
		jq -c 'del(.prediction_id, .features)' | uniq | diff "$TMP/want" -
}

@test "dq-score: a feature that is not there is missing, as null is" {
	record C1 null 4.5 0 | score | jq -c 'del(.prediction_id, .features)' >"$TMP/want"
	record C1 null 4.5 0 | sed 's/"salary_delay_days":null,//' | score | jq -c 'del(.prediction_id, .features)' | diff "$TMP/want" -
}

@test "dq-score: faulty features refuse the record" {
	bad() {
		code 65 score <"$TMP/bad"
		has "dq-score: stdin: line 1: $1"
		lines 0 "$TMP/out"
		cat "$TMP/bad" "$TMP/in" >"$TMP/mixed"
		code 0 score --on-bad skip <"$TMP/mixed"
		cmp "$TMP/out" <(score <"$TMP/in")
	}
	record C1 '"3"' 4 0 >"$TMP/bad"
	bad 'features: "salary_delay_days" is neither a number nor null'
	record C1 3 true 0 >"$TMP/bad"
	bad 'features: "balance_to_outflow_days" is neither a number nor null'
	record C1 3 4 0 | sed 's/"history_days":90/"salary_delay_days":4/' >"$TMP/bad"
	bad 'features: "salary_delay_days" stands there twice'
	record C1 3 4 0 | jq -c '.features = {"history_days": 3}' >"$TMP/bad"
	bad "features: none of the model's is there"
	record C1 3 4 0 | jq -c '.features = 3' >"$TMP/bad"
	bad '"features" is not an object'
}

@test "dq-score: a model feature out of the catalogue is exit 2 naming it" {
	changed 's/"salary_delay_days"/"shoe_size"/'
	refuses '"shoe_size"'
}

@test "dq-score: what is no model, or not supported, is exit 2 and says why" {
	echo '{}' >"$TMP/model.json"
	refuses "no model of a kind"
	echo '{"learner":' >"$TMP/model.json"
	refuses "not JSON"
	changed 's/binary:logistic/rank:pairwise/'
	refuses 'objective "rank:pairwise" is not supported'
	changed 's/"name": "gbtree"/"name": "gblinear"/'
	refuses 'booster "gblinear" is not supported'
	changed '0,/"split_type": \[0, 0/s//"split_type": [1, 0/'
	refuses "tree 0: it splits on categories"
	changed '/"feature_names"/d'
	refuses "no feature_names"
	changed 's/"2E-1"/"1"/'
	refuses "base_score"
	changed 's/"tree_info": \[0, 0\]/"tree_info": [0, 1]/'
	refuses "more than one class"
}

@test "dq-score: a damaged tree is exit 2 and names the place" {
	changed 's/\[1, 3, 5, -1, -1, -1, -1\]/[1, 3, 7, -1, -1, -1, -1]/'
	refuses "tree 0: node 2: "
	changed 's/\[1, 3, 5, -1, -1, -1, -1\]/[1, 3, 0, -1, -1, -1, -1]/'
	refuses "tree 0: node 2: "
	changed 's/\[1, 3, 5, -1, -1, -1, -1\]/[1, 1, 5, -1, -1, -1, -1]/'
	refuses "tree 0: node "
	changed 's/\[1, -1, 3, -1, -1\]/[1, -1, "x", -1, -1]/'
	refuses 'tree 1: "left_children": element 2'
	changed 's/\[2, 0, 0, 0, 0\]/[2, 0, 3, 0, 0]/'
	refuses "tree 1: node 2: "
	changed 's/\[2, 0, 0, 0, 0\]/[2, 0, 0, 0]/'
	refuses 'tree 1: "split_indices"'
	changed 's/-0.25/1e400/'
	refuses 'tree 1: '
	changed 's/75.0, 25.0/75.0, -25.0/'
	refuses "tree 1: node 2: its cover"
}

@test "dq-score --double gives the same figures another way" {
	for i in {1..100}; do record "C$i" $((i % 9)) $((i % 13)) $((i % 4)); done >"$TMP/many"
	score <"$TMP/many" >"$TMP/want"
	score --double <"$TMP/many" | cmp "$TMP/want" -
	score --double --describe >"$TMP/facts"
	has "explained by quadrature in double: 2 trees" "$TMP/facts"
}

@test "dq-score --describe prints the model's facts" {
	score --describe >"$TMP/facts"
	grep -xE 'kernels: (AVX-512|AVX2|portable)' "$TMP/facts"
	sed 's/^kernels: .*/kernels: what this machine has/' "$TMP/facts" | golden describe
}

@test "dq-score: 200 records give the bytes that one by one give" {
	for i in {1..200}; do record "C$i" $((i % 9)) $((i % 13)) $((i % 4)); done >"$TMP/many"
	score <"$TMP/many" >"$TMP/at-once"
	while IFS= read -r line; do score <<<"$line"; done < <(head -n 20 "$TMP/many") >"$TMP/alone"
	head -n 20 "$TMP/at-once" | cmp - "$TMP/alone"
	[ "$(jq -r .customer_id "$TMP/at-once")" = "$(jq -r .customer_id "$TMP/many")" ]
	[ "$(jq -r .prediction_id "$TMP/at-once" | sort -u | wc -l)" -eq 200 ]
}

@test "dq-score: one line in gives one line out while the input stays open" {
	mkfifo "$TMP/fifo"
	score <"$TMP/fifo" >"$TMP/live" &
	exec 9>"$TMP/fifo"
	record C1 3 4.5 0 >&9
	within 5 grep -q '"customer_id":"C1"' "$TMP/live"
	record C2 3 4.5 0 >&9
	within 5 grep -q '"customer_id":"C2"' "$TMP/live"
	exec 9>&-
	wait $!
	lines 2 "$TMP/live"
}

# asks ID FILE   One more record, to the program that reads descriptor 9: its answer in $TMP/live is of the model of this file.
asks() {
	record "$1" 3 4.5 0 >&9
	within 5 grep -q "\"customer_id\":\"$1\"" "$TMP/live"
	jq -e --arg sha "$(sha256sum <"$2" | cut -d ' ' -f 1)" --arg id "$1" 'select(.customer_id == $id) | .model.sha256 == $sha' "$TMP/live"
}

# put FILE: it comes to be the model, whole.
put() { cp "$1" "$TMP/new" && mv "$TMP/new" "$TMP/model.json"; }

# asked ID FILE   The same within some records: a signal is acted on between two.
asked() {
	local i
	for i in {1..50}; do
		asks "$1-$i" "$2" && return
		sleep 0.05
	done
	return 1
}

# hup OPTIONS...   A new model, a calibration, then files that are refused.
hup() {
	local score
	changed ''
	changed 's/-0.25/-0.26/' && mv "$TMP/model.json" "$TMP/second.json"
	rm -f "$TMP"/*.card.json "$TMP/fifo"
	put $MODEL
	mkfifo "$TMP/fifo"
	dq-score --model "$TMP/model.json" "$@" <"$TMP/fifo" >"$TMP/live" 2>"$TMP/err" &
	score=$!
	exec 9>"$TMP/fifo"
	asks first $MODEL
	put "$TMP/second.json"
	asks still $MODEL
	kill -HUP $score
	asked second "$TMP/second.json"
	echo '{"name":"m","version":"9","calibration":{"method":"platt","slope":0.000000001,"offset":0}}' >"$TMP/model.card.json"
	lines 0
	kill -HUP $score
	within 5 calibrated
	head -c 300 $MODEL >"$TMP/model.json"
	kill -HUP $score
	within 5 grep -q "SIGHUP: $TMP/model.json: .*all goes on as before" "$TMP/err"
	asks third "$TMP/second.json"
	rm "$TMP/model.json"
	kill -HUP $score
	within 5 grep -q "SIGHUP: $TMP/model.json: cannot read: .*all goes on as before" "$TMP/err"
	asks fourth "$TMP/second.json"
	jq -s -e 'last | .model.version == "9" and .risk_score == 0.5' "$TMP/live"
	lines 2
	exec 9>&-
	wait $score
}

calibrated() {
	record calm 3 4.5 0 >&9
	grep -q '"version":"9"' "$TMP/live"
}

@test "dq-score: SIGHUP loads model and card anew, what is refused changes nothing" {
	hup
	has '"top_features":[{' "$TMP/live"
}

@test "dq-score: SIGHUP with a challenger that changes too" {
	cp $MODEL "$TMP/challenger.json"
	hup --challenger "$TMP/challenger.json" --explain-above 1
	jq -s -e 'all(.challenger.model.sha256) and all(has("top_features") | not)' "$TMP/live"
}

@test "dq-score: SIGHUP with threads" {
	hup --threads 3
}

# many [bad]   $TMP/many: 1500 records for several threads, among them other kinds, blank lines and one long line; with `bad` lines that are refused too, at the
# ends of blocks and one behind the other.
many() {
	awk -v bad="${1:-}" 'BEGIN {
		for (long = "x"; length(long) < 300000;) long = long long
		for (i = 1; i <= 1500; i++) {
			head = "{\"event_type\":\"features\",\"event_time\":\"2026-01-05T10:11:12Z\",\"customer_id\":\"C" i "\""
			if (bad && (i % 128 < 2 || i % 411 < 3)) print i % 2 ? head : head ",\"features\":{\"salary_delay_days\":\"x\"}}"
			else if (i % 50 == 7) print "{\"event_type\":\"tick\",\"event_time\":\"2026-01-06\"}"
			else if (i % 70 == 9) print "{\"event_type\":\"weather\", \"rain\":" i "}"
			else if (i % 90 == 3) print ""
			else print head ",\"x\":[" i "],\"features\":{\"salary_delay_days\":" i % 11 ",\"history_days\":" i % 100 ",\"balance_to_outflow_days\":" \
				(i % 5 ? i / 8 : "null") ",\"failed_autodebit_count_30d\":" i % 3 "}" (i == 700 ? ",\"long\":\"" long "\"" : "") "}"
		}
	}' >"$TMP/many"
}

@test "dq-score --threads: order and bytes are those of one thread" {
	many
	grep -m 40 '"features":' "$TMP/many" >"$TMP/baseline"
	for options in "" "--explain-above 1" "--explain-above 0.3 --double" "--challenger $MODEL --reasons 2" "--baseline $TMP/baseline" \
		"--baseline $TMP/baseline --double"; do
		# shellcheck disable=SC2086
		score $options <"$TMP/many" >"$TMP/one"
		[ "$(grep -c '"prediction"' "$TMP/one")" -gt 1300 ]
		for n in 2 3 7; do
			# shellcheck disable=SC2086
			score --threads $n $options <"$TMP/many" | cmp - "$TMP/one"
		done
	done
}

@test "dq-score --threads: the models are there once" {
	many
	for n in 1 64; do
		python3 -c 'import os, subprocess, sys
p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(p.pid, 0)
print(used.ru_maxrss)
sys.exit(status != 0)' "$BIN/dq-score" --threads $n --from "$TMP/many" >"$TMP/kb.$n"
	done
	# Each copy of the default model and its tables would be 3.7 MB.
	[ $(($(cat "$TMP/kb.64") - $(cat "$TMP/kb.1"))) -lt $((63 * 1500)) ]
}

@test "dq-score --threads: refused lines are refused in their places" {
	many bad
	local at='s/"failed_at":"[^"]*"//'
	score --on-bad skip <"$TMP/many" >"$TMP/one" 2>"$TMP/one.err"
	lines 33 "$TMP/one.err"
	score --dlq "$TMP/one.dlq" <"$TMP/many" >"$TMP/out" 2>"$TMP/one.kept"
	for n in 2 5; do
		score --threads $n --on-bad skip <"$TMP/many" >"$TMP/out" 2>"$TMP/err"
		cmp "$TMP/one" "$TMP/out"
		cmp "$TMP/one.err" "$TMP/err"
		rm -f "$TMP/dlq"
		score --threads $n --dlq "$TMP/dlq" <"$TMP/many" >"$TMP/out" 2>"$TMP/err"
		cmp "$TMP/one" "$TMP/out"
		cmp "$TMP/one.kept" "$TMP/err"
		cmp <(sed "$at" "$TMP/one.dlq") <(sed "$at" "$TMP/dlq")
		# One refused in the middle of it, and nothing behind that.
		tail -n +130 "$TMP/many" >"$TMP/rest"
		code 65 score <"$TMP/rest"
		cp "$TMP/out" "$TMP/stopped" && cp "$TMP/err" "$TMP/stopped.err"
		code 65 score --threads $n <"$TMP/rest"
		cmp "$TMP/stopped" "$TMP/out"
		cmp "$TMP/stopped.err" "$TMP/err"
		[ "$(wc -l <"$TMP/out")" -gt 100 ]
	done
}

@test "dq-score --threads: control lines keep their places" {
	many
	{
		echo '{"@begin":{"version":1},"run":"r","seq":1}'
		head -n 300 "$TMP/many"
		echo '{"@checkpoint":{},"run":"r","seq":2}'
		tail -n 400 "$TMP/many"
		echo '{"@checkpoint":{},"run":"r","seq":3}'
		echo '{"@end":{},"run":"r","seq":4}'
	} >"$TMP/stream"
	score <"$TMP/stream" | cat >"$TMP/one"
	[ "$(grep -n '"@checkpoint"' "$TMP/one" | sed -n 1p | cut -d : -f 1)" -gt 200 ]
	score --threads 3 <"$TMP/stream" | cat | cmp - "$TMP/one"
	# Without its @end it is broken with threads too.
	head -n 500 "$TMP/stream" | code 75 score --threads 2
}

@test "dq-score --threads: a lone record is answered at once, a burst without waiting for more" {
	mkfifo "$TMP/fifo"
	score --threads 3 <"$TMP/fifo" >"$TMP/live" &
	exec 9>"$TMP/fifo"
	record C1 3 4.5 0 >&9
	within 5 grep -q '"customer_id":"C1"' "$TMP/live"
	many
	head -n 200 "$TMP/many" >&9
	record last 3 4.5 0 >&9
	within 5 grep -q '"customer_id":"last"' "$TMP/live"
	exec 9>&-
	wait $!
	{ record C1 3 4.5 0 && head -n 200 "$TMP/many" && record last 3 4.5 0; } | score | cmp - "$TMP/live"
}

@test "dq-score --threads: ends as one thread does" {
	many
	code 74 score --threads 2 --from "$TMP/many" --to /dev/full
	# A closed pipe is no complaint.
	score --threads 2 <"$TMP/many" 2>"$TMP/err" | head -n 1 >"$TMP/out" || [ "${PIPESTATUS[0]}" -eq 141 ]
	lines 0
	head -c 100000 "$TMP/many" | code 65 score --threads 2
	has "it may be cut"
	code 2 score --threads 0 </dev/null
	code 2 score --threads 65 </dev/null
	has "--threads: 1 to 64"
	score --threads 64 </dev/null
}

@test "dq-score: a model that is not there is exit 2 naming it" {
	code 2 dq-score --model "$TMP/none.json" </dev/null
	has "$TMP/none.json"
	lines 1
}

@test "dq-score reads XGBoost's UBJSON, and its best rounds only where training stopped early" {
	ubj=tests/fuzz/corpus/model/xgboost.ubj
	dq-score --model $ubj <"$TMP/in" | jq -c 'del(.prediction_id) | del(.model.sha256)' >"$TMP/got"
	score <"$TMP/in" | jq -c 'del(.prediction_id) | del(.model.sha256)' | diff "$TMP/got" -
	[ "$(grep -c risk_score "$TMP/got")" -eq 4 ]
	changed 's/"attributes": {/&"best_iteration": "0", /'
	dq-score --model "$TMP/model.json" --describe | grep -x 'trees: 1'
	changed 's/"attributes": {/&"best_iteration": "2", /'
	refuses 'best_iteration "2" is no round of its 2 trees'
	head -c 1200 $ubj >"$TMP/model.json"
	refuses 'byte 1198: not UBJSON: it ends here'
	{ cat $ubj; printf x; } >"$TMP/model.json"
	refuses 'byte 1597: not UBJSON: more behind its end'
}

# lgb SED...   The LightGBM example with an edit, in $TMP/model.json.
lgb() { sed "$@" tests/fuzz/corpus/model/lightgbm.txt >"$TMP/model.json"; }

@test "dq-score reads LightGBM's text: doubles compared by <=, three kinds of missing" {
	lgb ''
	margin() { record C1 "$@" | dq-score --model "$TMP/model.json" | jq .margin; }
	# Leaves by hand: tree 0 by delay <= 5 (missing left), then balance <= 10.5 (missing right) or debits: 0 is missing and goes left; tree 1 by
	# debits <= 0.5 (missing is 0), then delay known or not; tree 2 is -1.5.
	[ "$(margin 5 10.5 0)" = -1.25 ]
	[ "$(margin 5.0000000001 99 0)" = -0.75 ]
	[ "$(margin 5 10.5000000000000008 0)" = -1.25 ]
	[ "$(margin 5 10.500000000000002 0)" = -3.25 ]
	[ "$(margin 5 null 1)" = -2.25 ]
	[ "$(margin null 10 1)" = -0.7 ]
	[ "$(margin 6 10 null)" = -0.75 ]
	[ "$(margin 6 10 1)" = 1.75 ]
	dq-score --model "$TMP/model.json" --describe | sed -n 1,4p | tr '\n' ' ' | grep 'origin: LightGBM v4 .* trees: 3 depth: 2'
}

@test "dq-score: a faulty LightGBM file is exit 2 with its line" {
	lgb '/^end of trees/,$d'
	refuses 'line 68: it ends before "end of trees"'
	lgb 's/objective=binary/objective=lambdarank/'
	refuses 'line 7: objective is not supported: binary and cross_entropy are'
	lgb 's/^version=v4/version=v9/'
	refuses 'its version is not supported'
	lgb 's/^num_class=1/num_class=3/'
	refuses 'line 3: num_class must be 1 to 1'
	lgb 's/decision_type=10 8 6/decision_type=10 9 6/'
	refuses 'tree 0: line 18: decision_type splits on categories'
	lgb '0,/num_cat=0/s//num_cat=1/'
	refuses 'tree 0: line 14: num_cat is not 0: splits on categories are not supported'
	lgb 's/is_linear=0/is_linear=1/'
	refuses 'tree 0: line 27: is_linear is 1: linear leaves are not supported'
	lgb 's/threshold=0.5 inf/threshold=0.5/'
	refuses 'tree 1: line 36: threshold: element 1 of 2 is no number'
	lgb 's/leaf_count=75 20 5/leaf_count=75 20 5 6/'
	refuses 'tree 1: line 42: leaf_count has more elements than the tree'
	lgb 's/right_child=1 -3/right_child=1 -9/'
	refuses "tree 1: node 1: its children are no two other nodes"
	lgb 's/decision_type=0 8/decision_type=8 8/'
	refuses 'feature 2: missing_type is Zero in one tree and NaN in another'
}

# cat_boost SED...   The CatBoost example with an edit, in $TMP/model.json.
cat_boost() { sed "$@" tests/fuzz/corpus/model/catboost.json >"$TMP/model.json"; }

@test "dq-score reads CatBoost's JSON: floats above a border go right, missing ones as the feature says" {
	cat_boost ''
	margin() { record C1 "$@" 0 | dq-score --model "$TMP/model.json" | jq -c '[.margin, .base]'; }
	# -1 + 2 (tree 0: bit 0 is delay > 5, bit 1 balance > 10; tree 1); base -1 + 2 (0.4 + 0.15)
	[ "$(margin 5 10)" = '[0.5,0.1]' ]
	[ "$(margin 6 10)" = '[-1.5,0.1]' ]
	[ "$(margin 5 10.000001)" = '[0.5,0.1]' ]
	[ "$(margin 5 10.00000001)" = '[0.5,0.1]' ]
	[ "$(margin null 11)" = '[4.5,0.1]' ]
	[ "$(margin 5 null)" = '[0.5,0.1]' ]
	dq-score --model "$TMP/model.json" --describe | sed -n 1,4p | tr '\n' ' ' | grep 'origin: CatBoost .* trees: 2 depth: 2'
}

@test "dq-score: a faulty CatBoost file is exit 2 with its tree and split" {
	cat_boost 's/Logloss/RMSE/'
	refuses 'loss_function: "RMSE" is not supported'
	cat_boost '0,/FloatFeature/s//OneHotFeature/'
	refuses 'tree 0: split 0: its split_type is not FloatFeature'
	cat_boost 's/"border":10,"float_feature_index":1/"border":10,"float_feature_index":2/'
	refuses 'tree 0: split 1: its float_feature_index is no feature'
	cat_boost 's/0.5,-0.5,1,3/0.5,-0.5,1/'
	refuses 'tree 0: leaf_values: not two to the number of splits'
	cat_boost 's/80,20/80,null/'
	refuses 'tree 1: leaf_weights: element 1 is no number'
	cat_boost 's/80,20/80,-20/'
	refuses 'tree 1: node 2: its cover is no weight'
	cat_boost 's/"oblivious_trees"/"trees"/'
	refuses 'no oblivious_trees'
	cat_boost 's/balance_to_outflow_days/salary_delay_days/'
	refuses 'number 1 has no feature_index 1 or no feature_id of its own'
	cat_boost 's/\[2,\[-1\]\]/[2]/'
	refuses 'scale_and_bias'
}

@test "dq-score calibrates the probability as the card says and keeps the margin" {
	changed ''
	card() { echo '{"name":"m","version":"1","calibration":'"$1"'}' >"$TMP/model.card.json"; }
	scores() { dq-score --model "$TMP/model.json" <"$TMP/in" | jq -c 'select(.margin and .risk_score) | .risk_score'; }
	facts() { dq-score --model "$TMP/model.json" <"$TMP/in" | jq -c 'select(.risk_score) | [.margin, .base, .top_features, .other_contribution]'; }
	scores >"$TMP/raw"
	facts >"$TMP/facts"
	card '{"method":"platt","slope":0.5,"offset":-1.25}'
	dq-score --model "$TMP/model.json" <"$TMP/in" |
		jq -e -s 'map(select(.risk_score)) | length == 4 and all(.[]; (.risk_score - 1 / (1 + ((1.25 - .margin / 2) | exp))) | fabs < 1.1e-6)'
	facts | diff "$TMP/facts" -
	dq-score --model "$TMP/model.json" --describe | grep -x 'calibration: platt, slope 0.5, offset -1.25'
	# The scores are 0.243001 and others on both sides of the table.
	card '{"method":"isotonic","scores":[0.2,0.4,0.6],"probabilities":[0.1,0.5,0.5]}'
	paste "$TMP/raw" <(scores) | awk 'function abs(v) { return v < 0 ? -v : v }
		{ want = $1 <= 0.2 ? 0.1 : $1 >= 0.4 ? 0.5 : 0.1 + ($1 - 0.2) * 2; if (abs(want - $2) > 2e-6) bad = 1 } END { exit bad || NR != 4 }'
	facts | diff "$TMP/facts" -
	for fault in '{"method":"beta"}|method must be platt or isotonic' '{"method":"platt","slope":-1,"offset":0}|slope must be a number above 0' \
		'{"method":"platt","slope":1}|offset must be a number' '{"method":"isotonic","scores":[]}|scores must be an array' \
		'{"method":"isotonic","scores":[0.2,0.2],"probabilities":[0,1]}|scores: element 1 does not ascend' \
		'{"method":"isotonic","scores":[0.2,0.3],"probabilities":[0.5,0.4]}|probabilities: element 1 does not ascend' \
		'{"method":"isotonic","scores":[0.2,0.3],"probabilities":[0.5]}|probabilities: 1 of them, but 2 scores'; do
		card "${fault%|*}"
		refuses "model card: calibration: ${fault#*|}"
	done
}

# card_of SED...   The scorecard example with an edit, in $TMP/model.json.
card_of() { sed "$@" tests/fuzz/corpus/model/scorecard.json >"$TMP/model.json"; }

@test "dq-score reads scorecards: a contribution is the points less their mean" {
	card_of ''
	# margin, base, then delay, balance, debits; the delay's mean is 0.6 * -0.4 + 0.25 * 0.2 + 0.1 * 1.1 + 0.05 * 0.3 = -0.065
	facts() {
		record C1 "$@" | dq-score --model "$TMP/model.json" |
			jq -c '[.margin, .base, (.top_features as $t | ["salary_delay_days", "balance_to_outflow_days", "failed_autodebit_count_30d"][] as $n
				| ([$t[] | select(.feature == $n).contribution] + [0])[0])]'
	}
	[ "$(facts 2.999999999999999 20.5 0)" = '[-3.015,-2.48,-0.335,0,-0.2]' ]
	[ "$(facts 3 30.5 1)" = '[-1.915,-2.48,0.265,-0.3,0.6]' ]
	[ "$(facts 7.5 0 2)" = '[0.7,-2.48,1.165,0.615,1.4]' ]
	[ "$(facts null null null)" = '[-1.8,-2.48,0.365,0.315,0]' ]
	dq-score --model "$TMP/model.json" --describe | sed -n 1,3p | tr '\n' ' ' | grep 'origin: dq scorecard 1 .* trees: 1'
	[ "$(record C1 3 4 0 | dq-score --model "$TMP/model.json" | jq -r '.model | .name + .version')" = small3 ]
	# Points that double the odds every 20, more of them for the better.
	card_of 's/"intercept": -2,/"intercept": 1, "scale": -0.034657359027997264,/; s/\[-0.4, 0.2, 1.1\]/[40, 20, 0]/; /weight/d; s/5}},/5}}/'
	[ "$(record C1 4 0 0 | dq-score --model "$TMP/model.json" | jq .margin)" = 0.306853 ]
}

@test "dq-score: a faulty scorecard is exit 2 with its place" {
	card_of 's/"scorecard": 1/"scorecard": 2/'
	refuses 'scorecard must be 1'
	card_of 's/"intercept": -2/"intercept": "x"/'
	refuses 'intercept must be a number'
	card_of 's/"intercept"/"shoe": 1, "intercept"/'
	refuses '"shoe" is no key of it'
	card_of 's/\[3, 7.5\]/[3, 3]/'
	refuses 'features[0]: below[1] does not ascend'
	card_of 's/\[3, 7.5\]/[3]/'
	refuses 'features[0]: below must be an array of 2 numbers'
	card_of 's/25, 10\]/25, -10]/'
	refuses 'features[0]: a share is below 0'
	card_of 's/"missing": {"points": 0.3, "share": 5}/"missing": {"points": 0.3}/'
	refuses 'features[0]: missing: share must be a number'
	card_of 's/"mean": 0.25/"means": 0.25/'
	refuses 'features[2]: "means" is no key of it'
	card_of 's/"balance_to_outflow_days"/"salary_delay_days"/'
	refuses 'features[1]: name must be a text that no other feature has'
	card_of 's/"features"/"feature"/'
	refuses '"feature" is no key of it'
}
