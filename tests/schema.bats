load lib

# split FILE DIR: one schema a file, named by its kind
split() {
	awk -v dir="$2" '{ text = text $0 "\n" }
		/"title":/ { name = $2; gsub(/[",]/, "", name) }
		/^}/ { printf "%s", text >(dir "/" name ".json"); text = "" }' "$1"
}

@test "share/schema holds what --schema prints, of every kind" {
	dq-cat --schema >"$TMP/all"
	mkdir "$TMP/schema"
	split "$TMP/all" "$TMP/schema"
	[ "$(find "$TMP/schema" -name '*.json' | wc -l)" -eq 11 ]
	if [ "${GOLDEN:-}" = 1 ]; then cp "$TMP"/schema/* share/schema/; fi
	diff -r "$TMP/schema" share/schema
	jq -e '.title and .properties.event_type' share/schema/*.json >/dev/null
}

@test "dq-record(5) names every field of every kind" {
	MANWIDTH=200 mandoc -T utf8 man/dq-record.5 | sed 's/.\x08//g' >"$TMP/page"
	for field in $(jq -r '.properties | keys[]' share/schema/*.json | sort -u); do
		grep -qw -- "$field" "$TMP/page" || { echo "dq-record(5) does not know $field" && false; }
	done
}

@test "each tool prints the schemas of what it reads and writes" {
	for tool in dq-simulate dq-features dq-score dq-intervene dq-rollup dq-train dq-eval; do
		"$tool" --schema | jq -e .title >"$TMP/titles"
		[ -s "$TMP/titles" ]
	done
	[ "$(dq-score --schema | jq -r .title | sort | paste -sd ' ')" = "features prediction" ]
}
