# The past in a sandbox: what another model would have said, while nothing that is in use is touched. On a real broker.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

# The next millisecond: messages before it are older.
moment() {
	sleep 0.01
	date -u +%Y-%m-%dT%H:%M:%S.%3NZ
	sleep 0.01
}

# Of a topic's records, or of the group's commits.
held() { dq-cat --from "kafka:$1" -e | wc -l; }
stands() { dq-lag --group "$1" | jq -c '[.topic, .partition, .committed]' | sort; }

# As it is every day: from what was written since the last time to predictions.
live() {
	dq-features --from kafka:past -G live --state kafka:past.state -e | dq-score --to kafka:said
}

@test "a past week again, with another model, in a group of its own: dq-eval says what would have differed" {
	topics past:2 said:2 past.state:2:compact
	dq-simulate --customers 60 --days 60 >"$TMP/in"
	n=$(wc -l <"$TMP/in")
	sed -n "1,$((n * 2 / 3))p" "$TMP/in" | dq-cat --to kafka:past
	live
	begin=$(moment)
	sed -n "$((n * 2 / 3 + 1)),$((n * 5 / 6))p" "$TMP/in" | dq-cat --to kafka:past
	live
	end=$(moment)
	sed -n "$((n * 5 / 6 + 1)),\$p" "$TMP/in" | dq-cat --to kafka:past
	live
	dq-cat --from kafka:said -o "s@$begin" -o "e@$end" | grep '"prediction"' >"$TMP/week"
	week=$(wc -l <"$TMP/week")
	[ "$week" -gt 100 ]
	before=$(held said) group=$(stands live)
	[ -n "$group" ]
	# the same model: a replay is what was live
	dq-features -G same --plain -o beginning -e --from kafka:past | dq-score |
		dq-eval --compare <(dq-cat --from kafka:said -o "s@$begin" -o "e@$end") >"$TMP/same"
	[ "$(head -n 1 "$TMP/same" | jq -c '[.matched, .only_before, .other_level, .other_reason, .greatest_change]')" = "[$week,0,0,0,0]" ] || { cat "$TMP/same"; false; }
	# another one
	jq -c '.learner.learner_model_param.base_score = "0.2"' share/models/default.json >"$TMP/trial.json"
	jq 'del(.sha256)' share/models/default.card.json >"$TMP/trial.card.json"
	dq-features -G trial --plain -o beginning -e --from kafka:past | dq-score --model "$TMP/trial.json" |
		dq-eval --compare <(dq-cat --from kafka:said -o "s@$begin" -o "e@$end") >"$TMP/other"
	[ "$(head -n 1 "$TMP/other" | jq -c ".matched == $week and .only_before == 0 and .greatest_change > 0.01 and .mean_change > 0 and .other_level > 0")" = true ] ||
		{ cat "$TMP/other"; false; }
	[ "$(tail -n +2 "$TMP/other" | jq -s 'map(select(.event_type == "level_change").count) | add')" -eq "$week" ]
	# nothing in use has moved
	[ "$(held said)" -eq "$before" ]
	[ "$(stands live)" = "$group" ]
}

@test "a new group begins at a time; where it has been it goes on" {
	topics late:2 into:2
	records 100 | dq-cat --to kafka:late
	begin=$(moment)
	records 30 | sed 's/weather/news/' | dq-cat --to kafka:late
	code 0 dq-cat --from kafka:late -G fresh -o "s@$begin" -e --to kafka:into
	code 0 dq-cat --from kafka:into -e
	lines 30 "$TMP/out"
	[ "$(grep -c weather "$TMP/out")" -eq 0 ]
	records 5 | dq-cat --to kafka:late
	code 0 dq-cat --from kafka:late -G fresh -o "s@$begin" -e --to kafka:into
	[ "$(held into)" -eq 35 ]
	code 2 dq-cat --from kafka:late -G fresh -o 7 -e
	code 2 dq-cat --from kafka:late -G fresh -o "e@$begin" -e
}

@test "each prediction and intervention says which record it came from, and that one is there" {
	topics origin:2 out:2
	dq-simulate --customers 40 --days 120 | dq-cat --to kafka:origin
	dq-features --from kafka:origin -G origin -e | dq-score | dq-intervene --pass --to kafka:out
	dq-cat --from kafka:out -e | grep -E '"event_type":"(prediction|intervention)"' >"$TMP/out"
	[ "$(jq -r .event_type "$TMP/out" | sort -u | wc -l)" -eq 2 ]
	# what time alone brought about, at a tick, came from no record
	jq -c 'select(.event_type == "prediction" and (.trigger | IN("bill_overdue", "salary_overdue", "silent_7d") | not))' "$TMP/out" >"$TMP/caused"
	[ "$(jq -c 'select(.source.topic == "origin" and (.source.partition | type) == "number" and (.source.offset | type) == "number")' "$TMP/caused" | wc -l)" -eq "$(wc -l <"$TMP/caused")" ]
	[ "$(wc -l <"$TMP/caused")" -gt 100 ]
	jq -s -e '(map(select(.event_type == "prediction") | {(.prediction_id): .source}) | add) as $of |
		map(select(.event_type == "intervention")) | length > 10 and all(.[]; .source == $of[.prediction_id])' "$TMP/out" >/dev/null
	dq-cat --from kafka:origin -e --envelope | jq -r '[.partition, .offset, (.payload | if type == "string" then fromjson else . end | .customer_id)] | join(" ")' | sort >"$TMP/records"
	jq -r 'select(.source) | [.source.partition, .source.offset, .customer_id] | join(" ")' "$TMP/out" | sort -u >"$TMP/named"
	[ "$(comm -23 "$TMP/named" "$TMP/records" | wc -l)" -eq 0 ]
	# read from elsewhere they are the same, ids and all
	dq-simulate --customers 40 --days 120 | dq-features | dq-score | jq -r 'select(.prediction_id).prediction_id' | sort >"$TMP/ids"
	jq -r 'select(.event_type == "prediction").prediction_id' "$TMP/out" | sort | diff "$TMP/ids" -
	# what is needed besides to make it again
	[ "$(jq -c 'select(.event_type == "prediction") | select((.program and .model.sha256 and .features and .prediction_id) | not)' "$TMP/out" | wc -l)" -eq 0 ]
	[ "$(jq -c 'select(.event_type == "intervention") | select((.program and .policy.sha256 and .prediction_id) | not)' "$TMP/out" | wc -l)" -eq 0 ]
	code 0 dq-audit redecide --from kafka:out -e
}
