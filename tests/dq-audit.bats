# dq-audit: chains of sealed decisions, what is done to them, and decisions made again.
load lib

# Decisions of simulated customers, sealed with a key, a head after each 100.
setup_file() {
	export DECISIONS=$BATS_FILE_TMPDIR
	cd "$DECISIONS"
	openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
	openssl pkey -in key.pem -pubout -out public.pem
	PATH=$BATS_TEST_DIRNAME/../${BIN:-bin}:$PATH
	dq-simulate 8000 | dq-features | dq-score | dq-intervene --pass >decisions
	dq-audit seal --key key.pem --every 100 --head heads <decisions >sealed
}

setup() {
	cd "$DECISIONS"
	SEALED=$(grep -c '"seal":' sealed)
}

# number N   The line of sealed that holds the Nth record of the chain.
number() { grep -n "\"n\":$1,\"hash\":\"[0-9a-f]*\"}}$" sealed | cut -d: -f1; }

# finds WHAT [OPTIONS]   Verifies standard input: exit 1, and exactly these findings ("what n", or "what n-to", one behind the other).
finds() {
	code 1 dq-audit verify --key public.pem "${@:2}"
	[ "$(jq -r 'select(.finding) | "\(.finding) \(.n)" + if .to then "-\(.to)" else "" end' "$TMP/out" | paste -sd ,)" = "$1" ] ||
		{ cat "$TMP/out" && false; }
	lines 1
}

@test "a sealed stream is the same records, sealed where they decide, and heads" {
	grep -v '"event_type":"seal"' sealed | sed -E 's/,"seal":\{"chain":-1,"n":[0-9]+,"hash":"[0-9a-f]{64}"\}\}$/}/' >"$TMP/bare"
	cmp "$TMP/bare" decisions
	[ "$SEALED" -eq "$(grep -cE '"event_type":"(prediction|intervention|outcome|review|customer)"' decisions)" ]
	[ "$(grep -c '"event_type":"seal"' sealed)" -eq $(((SEALED + 99) / 100)) ]
	code 0 dq-audit verify --key public.pem --head heads --from sealed
	[ "$(jq -c '[.from, .to, .lines, .signed_to, .findings]' "$TMP/out")" = "[1,$SEALED,$SEALED,$SEALED,0]" ]
}

@test "the first hash is SHA-256 of 32 zero bytes and the line, as anyone can compute it" {
	line=$(grep -m1 '"event_type":"customer"' decisions)
	want=$({ head -c 32 /dev/zero; printf %s "$line"; } | sha256sum | cut -d' ' -f1)
	[ "$(sed -n "$(number 1)p" sealed | jq -r .seal.hash)" = "$want" ]
}

@test "openssl verifies the signature of a head" {
	jq -j '"dq seal 1\n\(.chain)\n\(.n)\n\(.hash)\n\(.event_time)\n"' heads >"$TMP/text"
	jq -r .signature heads | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >"$TMP/signature"
	openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in "$TMP/text" -sigfile "$TMP/signature"
}

@test "a changed record is found, whichever byte it is" {
	for n in 1 42 "$SEALED"; do
		sed "$(number "$n")s/\"event_time\":\"2026/\"event_time\":\"2025/" sealed | finds "changed $n"
	done
	sed "$(number 7)s/\"hash\":\"./\"hash\":\"/;$(number 7)s/\"}}$/0\"}}/" sealed >"$TMP/hash"
	finds "changed 7,changed 8" <"$TMP/hash"
}

@test "removed records are found" {
	sed "$(number 42)d" sealed | finds "missing 42"
	sed "$(number 42),$(number 45)d" sealed | finds "missing 42-45"
	sed "$(number 1)d" sealed | finds "missing 1"
}

@test "an inserted record is found: sealed twice, or not at all" {
	sed "$(number 42)p" sealed | finds "inserted 42"
	sed "$(number 42)p" sealed | sed "$(number 43)s/,\"seal\".*/}/" | finds "not sealed 0"
}

@test "records in another order are found" {
	a=$(number 42) b=$(number 43)
	sed "${a}{h;d};${b}G" sealed | finds "moved 42"
}

@test "an end cut off is found by the head that was kept, a chain begun anew by its signature" {
	head -n "$(number 150)" sealed >"$TMP/cut"
	code 0 dq-audit verify --key public.pem <"$TMP/cut"
	finds "cut short $SEALED" --head heads <"$TMP/cut"
	sed -n "1,$(number "$SEALED")p" sealed | code 0 dq-audit verify --head heads
	openssl genpkey -algorithm ed25519 -out "$TMP/other.pem" 2>/dev/null
	sed 's/"risk_score":0/"risk_score":1/' decisions | dq-audit seal --key "$TMP/other.pem" --every 100000 >"$TMP/anew"
	finds "signature does not fit $SEALED" <"$TMP/anew"
	finds "signature does not fit $SEALED,goes on past its head $SEALED" --head heads <"$TMP/anew"
	dq-audit seal --every 100000 <decisions | finds "head is not signed $SEALED"
}

@test "a chain whose begin is elsewhere is verified with --partial only" {
	sed "1,$(number 49)d" sealed >"$TMP/rest"
	finds "missing 1-49" <"$TMP/rest"
	code 0 dq-audit verify --partial --key public.pem <"$TMP/rest"
	[ "$(jq -c '[.from, .to, .findings]' "$TMP/out")" = "[50,$SEALED,0]" ]
	sed "$(($(number 60) - $(number 49)))s/\"event_time\":\"2026/\"event_time\":\"2025/" "$TMP/rest" | finds "changed 60" --partial
}

@test "dq-audit seal --state: any split into runs is one chain" {
	total=$(wc -l <decisions) at=1
	for n in 37 400 1 "$total"; do
		sed -n "$at,$((at + n - 1))p" decisions | dq-audit seal --every 100 --key key.pem --state "$TMP/state" --head "$TMP/heads" >>"$TMP/sealed"
		at=$((at + n))
	done
	cmp <(grep -v '"event_type":"seal"' "$TMP/sealed") <(grep -v '"event_type":"seal"' sealed)
	cmp "$TMP/heads" heads
	code 0 dq-audit verify --key public.pem --head "$TMP/heads" --from "$TMP/sealed"
}

@test "what is sealed already is refused" {
	code 65 dq-audit seal --from sealed
	has "is sealed already"
	lines 1
}

@test "a sealed record goes through the tools as any other" {
	grep '"event_type":"prediction"' sealed | dq-intervene >"$TMP/of_sealed"
	grep '"event_type":"prediction"' decisions | dq-intervene | cmp - "$TMP/of_sealed"
	[ -s "$TMP/of_sealed" ]
}

@test "redecide: the same program, model and policy decide the same, byte for byte" {
	for file in sealed decisions; do
		code 0 dq-audit redecide --from $file
		[ "$(jq -c '[.predictions > 100, .decisions > 10, .findings]' "$TMP/out")" = '[true,true,0]' ]
	done
}

@test "redecide: a model with one byte changed is named for every prediction" {
	cp "$TOP/share/models/default.card.json" "$TMP/model.card.json"
	sed 's/^{/{ /' "$TOP/share/models/default.json" >"$TMP/model.json"
	jq 'del(.sha256, .model_sha256)' "$TMP/model.card.json" >"$TMP/card" && mv "$TMP/card" "$TMP/model.card.json"
	code 1 dq-audit redecide --score "dq-score --model $TMP/model.json" --from sealed
	[ "$(grep -c '"because":"model"' "$TMP/out")" -eq "$(grep -c '"event_type":"prediction"' decisions)" ]
	[ "$(grep -c '"because"' "$TMP/out")" -eq "$(grep -c '"event_type":"prediction"' decisions)" ]
}

@test "redecide: over 100,000 decisions, none differs, and with another model all of its own do" {
	cp "$TOP/share/models/default.card.json" "$TMP/model.card.json"
	sed 's/^{/{ /' "$TOP/share/models/default.json" >"$TMP/model.json"
	jq 'del(.sha256, .model_sha256)' "$TMP/model.card.json" >"$TMP/card" && mv "$TMP/card" "$TMP/model.card.json"
	dq-simulate 420000 | dq-features | dq-score | dq-intervene --pass | dq-audit seal --key key.pem >"$TMP/many"
	code 0 dq-audit verify --key public.pem --from "$TMP/many"
	[ "$(jq '.lines > 100000 and .findings == 0' "$TMP/out")" = true ]
	code 0 dq-audit redecide --from "$TMP/many"
	[ "$(jq -c '[.predictions + .decisions > 100000, .findings]' "$TMP/out")" = '[true,0]' ]
	code 1 dq-audit redecide --score "dq-score --model $TMP/model.json" --from "$TMP/many"
	[ "$(grep -c '"because":"model"' "$TMP/out")" -eq "$(grep -c '^{"event_type":"prediction"' "$TMP/many")" ]
}

@test "redecide: a policy with one byte changed is named, and what else differs" {
	sed 's/^{/{ /' "$TOP/share/policies/default.json" >"$TMP/policy.json"
	code 1 dq-audit redecide --intervene "dq-intervene --policy $TMP/policy.json" --from sealed
	[ "$(jq -r 'select(.because) | .because' "$TMP/out" | sort | uniq -c | awk '{ print $2 }' | paste -sd ,)" = decision,policy ]
	code 1 dq-audit redecide --score 'dq-score --reasons 2' --from sealed
	[ "$(jq -r 'select(.because) | .because' "$TMP/out" | sort -u)" = program ]
	grep '"prediction"' decisions | sed 's/"history_days":/"history_days":1/' >"$TMP/known"
	code 1 dq-audit redecide --from "$TMP/known"
}

@test "each decision names the program, the model and the policy that made it" {
	jq 'select(.event_type == "prediction") | .program == "dq-score '"$(dq-score -V | cut -d" " -f2)"'" and (.model.sha256 | length) == 64' sealed >"$TMP/out"
	jq 'select(.event_type == "intervention") | .program == "dq-intervene '"$(dq-intervene -V | cut -d" " -f2)"'" and (.policy.sha256 | length) == 64' sealed >>"$TMP/out"
	[ "$(sort -u "$TMP/out")" = true ]
}

@test "redecide: with a baseline, too" {
	dq-features <<<"$(dq-simulate 300)" >"$TMP/rows"
	grep '"features"' "$TMP/rows" | dq-score --baseline "$TMP/rows" >"$TMP/predictions"
	code 0 dq-audit redecide --score "dq-score --baseline $TMP/rows" --from "$TMP/predictions"
}

@test "redecide: a command that fails is told, with its code" {
	code 2 dq-audit redecide --score 'dq-score --model nothing' --from sealed
	has "nothing was compared"
}

@test "explain: a page about one decision, as text and as HTML" {
	id=$(jq -r 'select(.event_type == "intervention" and .decision == "act") | .intervention_id' decisions | sed -n 1p)
	code 0 dq-audit explain "$id" --from sealed
	for part in "Decision $id" "What was decided" "How the risk was estimated" "Why" "What was known"; do
		grep -qF "$part" "$TMP/out"
	done
	grep -q "policy *default 1, sha256 $(sha256sum <"$TOP/share/policies/default.json" | cut -d' ' -f1)" "$TMP/out"
	[ "$(grep -c '^  [a-z_0-9]* ' "$TMP/out")" -gt 50 ]
	code 0 dq-audit explain "$id" --format html --from sealed
	python3 -c 'import sys, html.parser
open_tags = []
class P(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        if tag != "meta": open_tags.append(tag)
    def handle_endtag(self, tag):
        assert open_tags.pop() == tag
P().feed(sys.stdin.read()); assert not open_tags' <"$TMP/out"
}

@test "explain: the page says which program, model, policy and record; its bars are of the reasons' parts" {
	dq-simulate 8000 | dq-features --source always | dq-score | dq-intervene --pass >"$TMP/in"
	id=$(jq -r 'select(.event_type == "intervention" and .source and .decision == "act") | .intervention_id' "$TMP/in" | sed -n 1p)
	jq -c --arg id "$id" 'select(.intervention_id == $id)' "$TMP/in" >"$TMP/decision"
	jq -c --arg id "$(jq -r .prediction_id "$TMP/decision" | sed -n 1p)" 'select(.event_type == "prediction" and .prediction_id == $id)' "$TMP/in" >"$TMP/cause"
	code 0 dq-audit explain "$id" --from "$TMP/in"
	for part in "$(jq -r .program "$TMP/cause")" "$(head -n 1 "$TMP/decision" | jq -r .program)" "file stdin, line $(jq .source.line "$TMP/cause")" \
		"$(jq -r .model.sha256 "$TMP/cause")" "$(head -n 1 "$TMP/decision" | jq -r .policy.sha256)"; do
		has "$part" "$TMP/out"
	done
	code 0 dq-audit explain "$id" --format html --from "$TMP/in"
	jq -r '(.top_features | map(.contribution | if . < 0 then -. else . end) | max) as $most |
		.top_features[] | (if .contribution < 0 then "down" else "up" end) + " " + ((if .contribution < 0 then -.contribution else .contribution end) / $most * 120 | round | tostring)' \
		"$TMP/cause" >"$TMP/want"
	sed -nE 's/.*class="(up|down)" style="width:([0-9]+)\.([0-9])em".*/\1 \2\3/p' "$TMP/out" | sed -E 's/ 0+([0-9])/ \1/' | diff "$TMP/want" -
}

@test "explain: what a record says is no markup and no terminal code" {
	printf '%s\n' '{"event_type":"intervention","event_time":"2026-01-05T00:00:00Z","intervention_id":"<i>","prediction_id":"p","customer_id":"<script>&\u001b[31m","decision":"act"}' >"$TMP/in"
	code 0 dq-audit explain '<i>' --format html --from "$TMP/in"
	[ "$(grep -cE '<script|<i>' "$TMP/out")" -eq 0 ]
	grep -qF '&lt;script&gt;&amp;' "$TMP/out"
	code 0 dq-audit explain '<i>' --from "$TMP/in"
	[ "$(grep -c $'\033' "$TMP/out")" -eq 0 ]
}

@test "explain: an id that is not there is exit 1" {
	code 1 dq-audit explain 0123 --from sealed
	has "0123"
}

@test "dq-audit: faulty arguments are exit 2 and one line" {
	echo no key >"$TMP/bad.pem"
	for bad in "" what "seal more" explain "explain a b" "seal --every 0" "verify --state x" "seal --key $TMP/bad.pem" "seal --key public.pem" "verify --key $TMP/none" "verify --head decisions"; do
		code 2 dq-audit $bad --from /dev/null
		lines 1
	done
}

@test "pseudonyms: no name leaves dq-cat, the same customer is the same pseudonym in every run" {
	dq-simulate 2000 >"$TMP/in"
	head -n 700 "$TMP/in" | dq-cat --pseudonym "$TMP/map" >"$TMP/out"
	tail -n +701 "$TMP/in" | dq-cat --pseudonym "$TMP/map" >>"$TMP/out"
	[ "$(grep -c 'C0' "$TMP/out")" -eq 0 ]
	[ "$(stat -c %a "$TMP/map")" = 600 ]
	# Put back, they are the records that came.
	jq -r '"s/\(.pseudonym)/\(.customer_id)/"' "$TMP/map" >"$TMP/back"
	sed -f "$TMP/back" "$TMP/out" | cmp - "$TMP/in"
	dq-cat --pseudonym "$TMP/other" <"$TMP/in" >"$TMP/else"
	[ "$(jq -r .pseudonym "$TMP/map" "$TMP/other" | sort | uniq -d | wc -l)" -eq 0 ]
}

@test "pseudonyms: dq-simulate gives them too, the same as dq-cat" {
	dq-simulate 2000 >"$TMP/in"
	code 0 dq-simulate --pseudonym "$TMP/map" 2000
	[ "$(grep -c 'C0' "$TMP/out")" -eq 0 ]
	dq-cat --pseudonym "$TMP/map" --from "$TMP/in" | cmp - "$TMP/out"
	dq-simulate --pseudonym "$TMP/map" --customers 50 live 1000 | head -n 60 >"$TMP/live" || :
	[ "$(grep -c '"customer_id":"P' "$TMP/live")" -eq 60 ]
	code 2 dq-simulate --pseudonym "$TMP/map" --truth "$TMP/truth" 10
}

@test "pseudonyms: what has left is in the file, whenever the process is killed" {
	mkfifo "$TMP/pipe" && : >"$TMP/out"
	for i in 1 2 3 4; do
		dq-cat --pseudonym "$TMP/map" <"$TMP/pipe" >>"$TMP/out" &
		victim=$! had=$(wc -l <"$TMP/out")
		exec 7>"$TMP/pipe"
		dq-simulate --seed "$i" --customers $((i * 400)) $((i * 1500)) >&7
		until [ "$(wc -l <"$TMP/out")" -gt "$had" ]; do sleep 0.01; done
		kill -9 $victim
		wait $victim || true
		exec 7>&-
	done
	grep -o '"customer_id":"P[0-9a-f]\{32\}"' "$TMP/out" | sort -u | cut -d'"' -f4 >"$TMP/left"
	printf '{"customer_id":"cu' >>"$TMP/map"
	code 0 dq-cat --pseudonym "$TMP/map" --from /dev/null
	jq -r .pseudonym "$TMP/map" | sort >"$TMP/kept"
	[ "$(comm -23 "$TMP/left" "$TMP/kept" | wc -l)" -eq 0 ]
}

@test "forget: the customer's name is gone, the decisions and their chain hold" {
	grep -v '"event_type":"tick"' <<<"$(dq-simulate 3000)" | dq-cat --pseudonym "$TMP/map" | dq-features | dq-score | dq-intervene --pass |
		dq-audit seal --key key.pem --head "$TMP/heads" >"$TMP/sealed"
	customer=$(head -n 1 "$TMP/map" | jq -r .customer_id) name=$(head -n 1 "$TMP/map" | jq -r .pseudonym)
	before=$(wc -l <"$TMP/map")
	code 0 dq-audit forget "$customer" --pseudonym "$TMP/map"
	out_is '{"event_type":"forgotten","pseudonym":"'"$name"'"}'
	[ "$(grep -c "$customer\|$name" "$TMP/map")" -eq 0 ]
	[ "$(wc -l <"$TMP/map")" -eq $((before - 1)) ]
	[ "$(stat -c %a "$TMP/map")" = 600 ]
	code 0 dq-audit verify --key public.pem --head "$TMP/heads" --from "$TMP/sealed"
	code 1 dq-audit forget "$customer" --pseudonym "$TMP/map"
	# The same person is another one from now on.
	echo '{"event_type":"customer","customer_id":"'"$customer"'"}' | dq-cat --pseudonym "$TMP/map" >"$TMP/out"
	[ "$(grep -c "$name" "$TMP/out")" -eq 0 ]
}

@test "pseudonyms: a damaged file, one in use or a missing one is exit 2" {
	echo '{"customer_id":"C1"}' >"$TMP/map"
	code 2 dq-cat --pseudonym "$TMP/map" --from /dev/null
	has "line 1"
	mkfifo "$TMP/open"
	dq-cat --pseudonym "$TMP/used" <"$TMP/open" >/dev/null &
	holder=$!
	exec 7>"$TMP/open"
	until [ -e "$TMP/used" ] && ! flock -n "$TMP/used" true; do sleep 0.05; done
	code 2 dq-audit forget C1 --pseudonym "$TMP/used"
	has "in use"
	exec 7>&-
	wait $holder
	code 2 dq-audit forget C1
	code 2 dq-cat --pseudonym "$TMP/used" --map .
}
