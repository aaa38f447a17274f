# The protocol of dq-stream(7) as a model (tests/model/protocol, for spin): sound as it is, and each rule that is dropped is found.
load lib

@test "the protocol holds in its model, and dropping a rule breaks it" {
	tests/model/protocol/check.sh short >"$TMP/out" 2>&1 || { grep -v '^pass' "$TMP/out"; return 1; }
	[ "$(grep -c '^pass' "$TMP/out")" -ge 26 ]
}

@test "every rule names its tests and what is dropped in the model, and all of them are there" {
	awk -F '|' '/^\| [0-9]+ / { print $3 "|" $4 }' tests/README.md >"$TMP/rules"
	lines 19 "$TMP/rules"
	while IFS='|' read -r tests models; do
		grep -o '`[a-z_-]*\.bats`: [^`]*' <<<"$tests" >"$TMP/tests"
		while IFS='`' read -r _ file names; do
			tr ';' '\n' <<<"${names#: }" | sed -E 's/^ +//; s/[ ,]+$//' | while read -r name; do
				grep -qF "@test \"$name" "tests/$file" || { echo "$file: no test '$name'"; exit 1; }
			done
		done <"$TMP/tests"
		grep -o '`[A-Za-z0-9_.]*`' <<<"$models" | tr -d '`' >"$TMP/models" || :
		while read -r name; do
			grep -qE -- "\\bD?${name%.pml}\\b" tests/model/protocol/check.sh || { echo "no mutation '$name'"; return 1; }
		done <"$TMP/models"
	done <"$TMP/rules"
}
