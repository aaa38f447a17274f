# dq-train: joins, folds, model file, card. Figures are checked in unit/model_evaluate.c; libraries grow different trees, so no golden file has one.
load lib

# rows N PROGRAM   N records of N/4 customers, four times each; the awk program sets a, b, money (numbers or null) and label for customer c, row i.
rows() {
	awk -v n="$1" -v features="$TMP/features" -v labels="$TMP/labels" '
	function noise(k) { k = sin(k * 12.9898) * 43758.5453; return k - int(k) + (k < 0) }
	BEGIN {
		for (i = 0; i < n; i++) {
			c = int(i / 4); t = sprintf("2026-0%d-05T00:00:00Z", i % 4 + 1); a = b = money = "null"; label = 0
			'"$2"'
			printf "{\"event_type\":\"features\",\"event_time\":\"%s\",\"customer_id\":\"C%d\",\"trigger\":\"at\",\"feature_set\":\"x\",\"features\":{\"inactive_days_last_30d\":%s,\"own\":%s,\"last_balance\":%s}}\n", t, c, a, b, money >features
			printf "{\"event_type\":\"label\",\"event_time\":\"%s\",\"customer_id\":\"C%d\",\"label\":%d}\n", t, c, label >labels
		}
	}'
}

ordinary() { rows 400 'a = noise(i); b = noise(i + 1000); money = noise(i + 2000); label = a + noise(i + 3000) > 1.2'; }

train() { dq-train --labels "$TMP/labels" --trees 20 --from "$TMP/features" "$@"; }

auc() { tail -n 1 | jq .auc; }

@test "dq-train writes a model with its features, name and version, and a card that names it" {
	ordinary
	train --model "$TMP/m.json" --model-version 7 --owner 'The owner' --limits 'Not for this.' --folds 4 >"$TMP/report"
	[ "$(jq -c .learner.feature_names "$TMP/m.json")" = '["inactive_days_last_30d","own"]' ]
	[ "$(jq -c '.learner.attributes' "$TMP/m.json")" = '{"name":"m","version":"7"}' ]
	[ "$(jq -r .sha256 "$TMP/m.card.json")" = "$(sha256sum <"$TMP/m.json" | cut -d ' ' -f 1)" ]
	[ "$(jq -c '[.name, .version, .model, .owner, .limits[0]]' "$TMP/m.card.json")" = '["m","7","m.json","The owner","Not for this."]' ]
	[ "$(jq -c '.data | [.first, .last, .rows, .customers, .feature_set]' "$TMP/m.card.json")" = '["2026-01-05T00:00:00Z","2026-04-05T00:00:00Z",400,100,"x"]' ]
	[ "$(jq .data.positives "$TMP/m.card.json")" = "$(grep -c '"label":1' "$TMP/labels")" ]
	[ "$(jq -c '[.features, .left_out]' "$TMP/m.card.json")" = '[["inactive_days_last_30d","own"],["last_balance"]]' ]
	[ "$(jq -c '.scores.out_of_fold.auc' "$TMP/m.card.json")" = "$(head -n 1 "$TMP/report" | jq .auc)" ]
}

@test "dq-train: the same command writes the same bytes" {
	ordinary
	train --model "$TMP/m.json" --folds 3 --rows 0.5 --columns 0.5 >"$TMP/one"
	cp "$TMP/m.json" "$TMP/m1.json"
	cp "$TMP/m.card.json" "$TMP/card1"
	train --model "$TMP/m.json" --folds 3 --rows 0.5 --columns 0.5 | cmp "$TMP/one"
	cmp "$TMP/m.json" "$TMP/m1.json"
	cmp "$TMP/m.card.json" "$TMP/card1"
	train --model "$TMP/m.json" --seed 2 --rows 0.5 --columns 0.5
	code 1 cmp "$TMP/m.json" "$TMP/m1.json"
}

@test "dq-train learns what is there and nothing where there is nothing" {
	rows 800 'a = noise(i); label = a > 0.7'
	train --folds 4 | auc | jq -e '. > 0.99'
	rows 800 'a = noise(i); label = noise(i + 5000) > 0.7'
	train --folds 4 | auc | jq -e '. > 0.4 and . < 0.6'
}

@test "dq-train --folds: no customer is on both sides" {
	# Each customer has a number of its own and a label that follows from nothing: whoever has seen the customer knows the label.
	rows 800 'a = noise(c); label = noise(c + 5000) > 0.5'
	train --folds 4 --depth 8 --min-child-weight 0 --trees 100 --rate 0.3 | auc | jq -e '. > 0.35 and . < 0.65'
	rows 800 'a = noise(c); c = i; label = noise(int(i / 4) + 5000) > 0.5'
	train --folds 4 --depth 8 --min-child-weight 0 --trees 100 --rate 0.3 | auc | jq -e '. > 0.9'
}

@test "dq-train: null is missing, not 0" {
	rows 400 'label = i % 3 == 0; a = label ? "null" : 0'
	train --folds 4 | auc | jq -e '. > 0.99'
}

@test "dq-train --money-features and --exclude choose the features" {
	rows 400 'money = noise(i); label = money > 0.7; a = noise(i + 7000)'
	train --folds 4 | auc | jq -e '. < 0.6'
	train --folds 4 --money-features | auc | jq -e '. > 0.99'
	train --folds 4 --money-features --exclude own,last_balance | auc | jq -e '. < 0.6'
	train --money-features --exclude own --model "$TMP/m.json"
	[ "$(jq -c .features "$TMP/m.card.json")" = '["inactive_days_last_30d","last_balance"]' ]
	has "training data's currency only" "$TMP/m.card.json"
	code 2 train --folds 4 --exclude own,nothing
	has '--exclude: no feature "nothing"'
	code 65 train --folds 4 --exclude own,inactive_days_last_30d
	has "no feature is left"
}

@test "dq-train --monotone follows the catalogue's signs" {
	# More inactive days mean more stress (+): here they mean less, which such a model must not say. Its own features are free.
	rows 400 'a = noise(i); label = a < 0.3'
	train --folds 4 | auc | jq -e '. > 0.99'
	train --folds 4 --monotone | auc | jq -e '. < 0.6'
	rows 400 'a = noise(i); label = a > 0.7'
	train --folds 4 --monotone | auc | jq -e '. > 0.99'
	rows 400 'b = noise(i); label = b < 0.3'
	train --folds 4 --monotone | auc | jq -e '. > 0.99'
}

@test "dq-train --shuffles prints each and their mean" {
	ordinary
	train --folds 4 --shuffles 3 >"$TMP/report"
	[ "$(jq -c '[.event_type, .shuffle]' "$TMP/report" | tr '\n' ' ')" = '["cross_validation",1] ["cross_validation",2] ["cross_validation",3] ["cross_validation_mean",null] ' ]
	jq -s -e '(.[:3] | map(.auc) | add / 3) - last.auc | fabs < 1e-6' "$TMP/report"
	jq -s -e '.[0].auc != .[1].auc and last.auc_least == (.[:3] | map(.auc) | min)' "$TMP/report"
}

@test "dq-train --out-of-fold gives dq-eval what the report says" {
	ordinary
	train --folds 4 --out-of-fold "$TMP/predictions" | sed -n 1p | jq -c '[.rows, .auc, .ks, .brier, .lift]' >"$TMP/want"
	dq-eval --labels "$TMP/labels" <"$TMP/predictions" | sed -n 1p | jq -c '[.rows, .auc, .ks, .brier, .lift]' | diff - "$TMP/want"
}

@test "dq-train --test measures the model on the rows given" {
	ordinary
	sed 's/"C/"D/' "$TMP/features" >"$TMP/test"
	sed 's/"C/"D/' "$TMP/labels" >"$TMP/test.labels"
	train --model "$TMP/m.json" --test "$TMP/test" --test-labels "$TMP/test.labels" >"$TMP/report"
	[ "$(jq -c '[.event_type, .rows]' "$TMP/report")" = '["held_out",400]' ]
	# The same rows as those learned: better than out of fold.
	[ "$(jq -c .scores.held_out.auc "$TMP/m.card.json")" = "$(jq .auc "$TMP/report")" ]
	train --folds 4 | auc | jq -e ". < $(jq .auc "$TMP/report")"
	sed 's/"feature_set":"x"/"feature_set":"y"/' "$TMP/test" >"$TMP/other"
	code 65 train --model "$TMP/m.json" --test "$TMP/other" --test-labels "$TMP/test.labels"
	code 2 train --model "$TMP/m.json" --test "$TMP/test"
}

@test "dq-train: features without a label are told, none at all is exit 65" {
	ordinary
	head -n 300 "$TMP/labels" >"$TMP/some"
	code 0 dq-train --labels "$TMP/some" --folds 3 --trees 5 <"$TMP/features"
	err_is "dq-train: 100 features records have no label: left out"
	grep -v '"C' "$TMP/labels" >"$TMP/none" || :
	code 65 dq-train --labels "$TMP/none" --folds 3 <"$TMP/features"
	has "a label for none of the 400 features records"
}

@test "dq-train: labels that are all the same are exit 65" {
	rows 40 'a = noise(i)'
	code 65 train --model "$TMP/m.json"
	has "all rows to learn from have the same label"
	[ ! -e "$TMP/m.json" ]
}

@test "dq-train refuses records with other features" {
	ordinary
	sed '3s/"own"/"other"/' "$TMP/features" >"$TMP/bad"
	code 65 dq-train --labels "$TMP/labels" --folds 3 <"$TMP/bad"
	has 'stdin: line 3: feature "other" is not in the first record'
	sed '3s/,"own":[^,]*//' "$TMP/features" >"$TMP/bad"
	code 65 dq-train --labels "$TMP/labels" --folds 3 <"$TMP/bad"
	has 'stdin: line 3: 2 features, the first record has 3'
	sed '3s/"own":[^,]*/"own":"1"/' "$TMP/features" >"$TMP/bad"
	code 65 dq-train --labels "$TMP/labels" --folds 3 <"$TMP/bad"
	has 'line 3: feature "own" is no number and not null'
	sed '3s/"x"/"y"/' "$TMP/features" >"$TMP/bad"
	code 65 dq-train --labels "$TMP/labels" --folds 3 <"$TMP/bad"
	has 'line 3: feature_set "y", the first record has "x"'
}

@test "dq-train: faulty options are exit 2" {
	ordinary
	code 2 dq-train --folds 3 <"$TMP/features"
	code 2 train
	has "give --model PATH, --folds K or both"
	code 2 train --folds 1
	code 2 train --folds 3 --depth 17
	has "--depth: is not 1 to 16"
	code 2 train --folds 3 --rate 0
	code 2 train --folds 3 --columns 1.5
	code 2 train --model "$TMP/model"
	code 2 train --model "$TMP/m.json" --shuffles 2
	code 65 train --folds 101
}

@test "dq-train: a model that cannot be written is exit 74" {
	ordinary
	code 74 train --model "$TMP/absent/m.json"
	has "$TMP/absent/m.json: cannot write: "
}

@test "the default model is what its card says" {
	card=share/models/default.card.json
	[ "$(jq -r .sha256 "$card")" = "$(sha256sum <share/models/default.json | cut -d ' ' -f 1)" ]
	diff <(jq .features "$card") <(jq .learner.feature_names share/models/default.json)
	jq -e '.scores.held_out | .auc >= 0.8 and .auc <= 0.93 and .auc_low > 0.8' "$card"
}

@test "the default model ranks customers that it has never seen, a month ahead" {
	dq-simulate --seed 3003 --customers 600 --days 200 --truth "$TMP/truth" --to "$TMP/records"
	grep '"event_type":"label"' "$TMP/truth" >"$TMP/labels"
	dq-features --emit at "$TMP/labels" --from "$TMP/records" | dq-score --model share/models/default.json >"$TMP/predictions"
	code 0 dq-eval --labels "$TMP/labels" --min-auc 0.8 --from "$TMP/predictions"
	head -n 1 "$TMP/out" | jq -e '.auc < 0.97 and .lift > 3'
	# The probabilities mean what they say: about as many missed as were foretold.
	jq -s -e '[.[1:][] | .rows * .predicted] as $p | [.[1:][] | .rows * .observed] as $o | ($p | add) / ($o | add) | . > 0.67 and . < 1.5' "$TMP/out"
}
