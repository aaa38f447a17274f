# dq-score --waterfall: pictures of predictions, for a terminal and as SVG.
load lib

MODEL=share/models/example.json

# record ID DELAY BALANCE DEBITS
record() {
	printf '{"event_type":"features","event_time":"2026-01-05T10:11:12Z","customer_id":"%s",' "$1"
	printf '"features":{"salary_delay_days":%s,"balance_to_outflow_days":%s,"failed_autodebit_count_30d":%s}}\n' "$2" "$3" "$4"
}

setup() {
	unset COLUMNS NO_COLOR
	{
		record C1 3 4.5 0
		echo '{"event_type":"tick","event_time":"2026-01-06"}'
		record C2 7 null 2
		echo '{"event_type":"weather","rain":true}'
	} >"$TMP/in"
	# What a stranger may send: names that speak XML and to terminals, long ones, wide ones.
	cat >"$TMP/hostile" <<-'END'
		{"event_type":"prediction","customer_id":"\"><script>alert('1')</script>&amp;\u001b[2J\u0007","risk_score":0.7,"risk_level":"HIGH","base":-1,"margin":1,"top_features":[{"feature":"<b>&\u009b31m\u202eevil","value":1e300,"contribution":3,"reason":"]]></title><script>"},{"feature":"\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587","value":null,"contribution":-0.5},{"feature":"a\nb\tc\u0000d\ufffe","value":-0.000001,"contribution":-0.25}],"other_contribution":-0.25}
	END
}

draw() { dq-score --model $MODEL --waterfall "$@"; }

# How wide each line is, in columns: combining marks none, wide characters two.
widest() {
	python3 -c 'import sys, unicodedata as u
print(max(sum(2 if u.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n")) for line in sys.stdin))'
}

@test "dq-score --waterfall draws each prediction and nothing else" {
	draw <"$TMP/in" | golden text
}

@test "dq-score --waterfall: ASCII where the locale is no UTF-8, as wide as COLUMNS" {
	LC_ALL=C COLUMNS=60 draw <"$TMP/in" | golden ascii
	if LC_ALL=C draw <"$TMP/hostile" | grep -aP '[^\x20-\x7e\n]'; then false; fi
	for columns in 40 41 57 80 133 1000; do
		COLUMNS=$columns draw <"$TMP/in" >"$TMP/out"
		# A bar ends before the mark of the same place.
		[[ $(widest <"$TMP/out") -eq $columns || $(widest <"$TMP/out") -eq $((columns - 1)) ]]
		COLUMNS=$columns draw <"$TMP/hostile" >"$TMP/out"
		[ "$(widest <"$TMP/out")" -le "$columns" ]
	done
	for columns in '' x 39 1001 -1 80.5; do COLUMNS=$columns draw <"$TMP/in" | golden text; done
}

@test "dq-score --waterfall --format svg writes one document" {
	draw --format svg <"$TMP/in" | golden svg
	draw --format svg </dev/null >"$TMP/out"
	lines 0 "$TMP/out"
}

@test "dq-score --waterfall: SVG has a title and words for each picture, and bars that begin where the last ended" {
	draw --format svg <"$TMP/in" >"$TMP/svg"
	python3 - "$TMP/svg" <<-'END'
		import sys, xml.etree.ElementTree as tree
		ns = "{http://www.w3.org/2000/svg}"
		root = tree.parse(sys.argv[1]).getroot()
		pictures = [g for g in root.findall(ns + "g") if g.get("role") == "img"]
		assert len(pictures) == 2
		for n, g in enumerate(pictures, 1):
		    assert g.get("aria-labelledby") == f"t{n} d{n}"
		    assert g.find(ns + "title").get("id") == f"t{n}" and g.find(ns + "title").text.startswith(f"C{n}: ")
		    assert "margin: " in g.find(ns + "desc").text
		    places = [float(l.get("x1")) for l in g.iter(ns + "line") if l.get("class") == "m"]
		    at = places[0]
		    bars = list(g.iter(ns + "rect"))
		    assert len(bars) == 4
		    for bar in bars:
		        left, width = float(bar.get("x")), float(bar.get("width"))
		        ends = (left, left + width) if bar.get("class") == "u" else (left + width, left)
		        assert abs(ends[0] - at) < 0.61, (ends, at)
		        at = ends[1]
		    assert abs(at - places[1]) < 0.61
		# Nothing from elsewhere, nothing that runs.
		assert not [e for e in root.iter() if e.tag in (ns + "script", ns + "image", ns + "use", ns + "a", ns + "foreignObject")]
		assert not [k for e in root.iter() for k in e.attrib if k.startswith("on") or "href" in k]
	END
}

@test "dq-score --waterfall: no name leaves its place, in XML or on a terminal" {
	draw --format svg <"$TMP/hostile" >"$TMP/svg"
	python3 - "$TMP/svg" <<-'END'
		import sys, xml.etree.ElementTree as tree
		ns = "{http://www.w3.org/2000/svg}"
		root = tree.parse(sys.argv[1]).getroot()
		assert not list(root.iter(ns + "script")) and not list(root.iter(ns + "b"))
		title = next(e.text for e in root.iter(ns + "title") if e.get("id") == "t1")
		assert title.startswith("\"><script>alert('1')</script>&amp;\ufffd[2J\ufffd: HIGH"), title
		assert any("]]></title><script>" in (e.text or "") for e in root.iter(ns + "title"))
		text = "".join(root.itertext())
		assert "<b>&\ufffd31m\ufffdevil = 1e+300" in text and "a\ufffdb\ufffdc\ufffdd\ufffd = -1e-06" in text
	END
	draw <"$TMP/hostile" >"$TMP/text"
	if grep -P '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' "$TMP/text"; then false; fi
	lines 8 "$TMP/text"
}

@test "dq-score --waterfall: a prediction is drawn as it stands, as its features would be" {
	dq-score --model $MODEL <"$TMP/in" >"$TMP/predictions"
	draw <"$TMP/predictions" | golden text
	dq-score --waterfall <"$TMP/predictions" | golden text
	draw --format svg <"$TMP/predictions" | golden svg
}

@test "dq-score --waterfall: other options say what is drawn" {
	draw --explain-above 0.9 <"$TMP/in" | grep -c 'no reasons given' | grep -x 2
	[ "$(draw --reasons 1 --customer C2 <"$TMP/in" | wc -l)" -eq 6 ]
	record B 1 30 0 >"$TMP/rows"
	draw --baseline "$TMP/rows" --customer C1 <"$TMP/in" >"$TMP/out"
	has 'base: mean of 1 rows' "$TMP/out"
}

@test "dq-score --customer chooses one, and says when there is none" {
	draw --customer C2 <"$TMP/in" >"$TMP/out"
	[ "$(grep -c CRITICAL "$TMP/out")" -eq 2 ]
	lines 8 "$TMP/out"
	code 1 draw --customer C9 <"$TMP/in"
	err_is 'dq-score: --customer: no prediction of "C9"'
	lines 0 "$TMP/out"
}

@test "dq-score --waterfall: colours on a terminal only, and where they are wanted" {
	plain=$(draw <"$TMP/in")
	[[ $plain != *$'\e'* ]]
	terminal() { script -qec "$BIN/dq-score --model $MODEL --waterfall --from $TMP/in $*" /dev/null </dev/null | tr -d '\r'; }
	TERM=xterm terminal >"$TMP/coloured"
	has $'\e[31m' "$TMP/coloured"
	sed 's/\x1b\[[0-9]*m//g' "$TMP/coloured" | diff - <(echo "$plain")
	for setting in NO_COLOR=1 TERM=dumb; do
		[[ $(export TERM=xterm "${setting?}"; terminal) != *$'\e'* ]]
	done
	[[ $(TERM=xterm terminal --format svg) != *$'\e'* ]]
	TERM=xterm terminal --to "$TMP/file"
	[[ $(cat "$TMP/file") != *$'\e'* ]]
}

@test "dq-score --waterfall: what cannot be drawn is refused, what makes no sense is exit 2" {
	code 2 dq-score --format svg </dev/null
	has 'goes with --waterfall only'
	code 2 dq-score --customer C1 </dev/null
	code 2 draw --threads 2 </dev/null
	has 'dq-score: --threads: --waterfall works in one'
	code 2 draw --to kafka:predictions-stream </dev/null
	has 'a topic takes no pictures'
	bad() {
		jq -c "$1" "$TMP/hostile" >"$TMP/bad"
		code 65 draw <"$TMP/bad"
		has "line 1: $2"
		cat "$TMP/bad" "$TMP/in" >"$TMP/mixed"
		code 0 draw --on-bad skip <"$TMP/mixed"
		cmp "$TMP/out" "$TOP/tests/golden/waterfall/text"
	}
	bad 'del(.base)' 'without base and margin there is nothing to draw'
	bad '.margin = 1e300' 'without base and margin'
	bad 'del(.top_features[1].contribution)' 'top_features: element 1 needs feature, value and contribution'
	bad '.top_features[0].value = "x"' 'top_features: element 0'
	bad '.top_features[2] = 7' 'top_features: element 2'
	bad '.top_features = [range(65) as $i | .top_features[0]]' 'top_features: more than 64'
	bad 'del(.other_contribution)' 'other_contribution'
	for i in {1..1001}; do record "C$i" 1 2 3; done >"$TMP/many"
	code 65 draw --format svg <"$TMP/many"
	has 'line 1001: one document holds 1000 pictures'
}
