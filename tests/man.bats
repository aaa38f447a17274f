# The manual pages against the tools: same options, examples that run, exit codes that exist.
load lib

TOOLS=$(make -s tools)
tools() { printf '%s\n' "$TOOLS"; }

# Long options that -h describes, and those it only names as being in dq(7).
help_options() { "$1" -h | sed -nE 's/^  (-.,|   ) --([a-z0-9-]+).*/\2/p' | sort; }
more_options() { "$1" -h | sed -n '/More in dq(7):/,$p' | grep -oE -- '--[a-z0-9-]+' | sed 's/^--//' | sort; }
# Those of a page: ".It Fl -from Ar FROM", ".It Fl h , Fl -help".
page_options() { sed -nE '/^\.It Fl/p' "$1" | grep -oE '(Fl |, )-[a-z0-9-]+' | sed -E 's/.* -//' | sort; }

@test "every tool has a manual page and a test file, every page a tool" {
	for t in $(tools); do
		[ -e "man/$t.1" ] || { echo "no man/$t.1"; return 1; }
		[ -e "tests/$t.bats" ] || { echo "no tests/$t.bats"; return 1; }
	done
	for page in man/dq-*.1; do
		tools | grep -x "$(basename "$page" .1)" >/dev/null || { echo "$page is of no tool"; return 1; }
	done
}

@test "mandoc has nothing to say about the pages" {
	mandoc -T lint -W warning man/*.[1-8]
}

@test "options of -h and of the page are the same" {
	for t in $(tools); do
		diff <(help_options "$t") <(page_options "man/$t.1") || { echo "$t -h (<) and man/$t.1 (>)"; return 1; }
		[ -n "$(help_options "$t")" ]
	done
}

@test "options that -h leaves to dq(7) are there" {
	for t in $(tools); do
		missing=$(comm -23 <(more_options "$t") <(page_options man/dq.7))
		[ -z "$missing" ] || { echo "$t: not in dq(7): $missing"; return 1; }
	done
}

@test "short options of -h are on the page" {
	for t in $(tools); do
		for letter in $("$t" -h | sed -nE 's/^  -(.), --.*/\1/p'); do
			grep -qE "^\.It Fl $letter\b" "man/$t.1" || { echo "$t: -$letter is not in its page"; return 1; }
		done
	done
}

@test "EXIT STATUS names codes that exist, 0 and 2 among them" {
	for t in $(tools); do
		codes=$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' "man/$t.1" | sed -nE 's/^\.It (Li )?([0-9]+)$/\2/p')
		for wanted in 0 2; do
			grep -qx $wanted <<<"$codes" || { echo "$t: no exit $wanted"; return 1; }
		done
		strange=$(grep -vxE '0|1|2|65|70|74|75' <<<"$codes" || :)
		[ -z "$strange" ] || { echo "$t: exit $strange?"; return 1; }
	done
}

@test "examples run and print what the pages show" {
	for t in $(tools); do
		tests/examples "man/$t.1"
	done
}

@test "the example runner can fail" {
	printf '.Sh EXAMPLES\n.Bd -literal\n$ false\n.Ed\n' >"$TMP/a.1"
	code 1 tests/examples "$TMP/a.1"
	printf '.Sh EXAMPLES\n.Bd -literal\n$ echo x |\n  tr x y\nx\n.Ed\n' >"$TMP/a.1"
	code 1 tests/examples "$TMP/a.1"
	printf '.Sh EXAMPLES\n.Bd -literal\n$ echo x |\n  tr x y\ny\n.Ed\n' >"$TMP/a.1"
	code 0 tests/examples "$TMP/a.1"
	printf '.Sh EXAMPLES\nnothing\n' >"$TMP/a.1"
	code 1 tests/examples "$TMP/a.1"
}
