# The house rules that a machine can check.
load lib

sources() { git ls-files -co --exclude-standard -- "$@"; }
SOURCES=(lib cmd tests/unit tests/fuzz tests/bench tests/web)

c_files() {
	sources "${SOURCES[@]}" | grep -E '\.[ch]$'
}

scripts() {
	sources | xargs grep -lE '^#!/bin/(ba)?sh' --
	sources 'tests/*.bash'
}

# The layout of clang-format 14, whichever release this is: versions differ in details.
formatter() {
	local f
	for f in clang-format-14 clang-format build/venv-check/bin/clang-format; do
		if "$f" --version 2>/dev/null | grep -q 'version 14\.'; then echo "$f"; return; fi
	done
	echo "no clang-format 14: run .ci/deps check" >&2
	return 1
}

@test "clang-format finds nothing to do" {
	f=$(formatter)
	c_files | xargs "$f" --dry-run -Werror
}

@test "no file is longer than 500 lines" {
	c_files | xargs wc -l | awk '$2 != "total" && $1 > 500 { print; bad = 1 } END { exit bad }'
}

@test "no function is longer than 70 lines, no main of a tool than 60" {
	c_files | grep '\.[ch]$' | xargs tests/functions >"$TMP/all"
	[ "$(wc -l <"$TMP/all")" -gt 100 ]
	awk '$1 > 70 || ($1 > 60 && $3 == "main" && $2 ~ /^cmd/) { print; bad = 1 } END { exit bad }' "$TMP/all"
}

@test "the length check can fail" {
	{ printf 'int\nmain(void)\n{\n'; for _ in {1..71}; do printf '\tf();\n'; done; printf '}\n'; } >"$TMP/x.c"
	[ "$(tests/functions "$TMP/x.c")" = "71 $TMP/x.c:3 main" ]
}

DANGEROUS='atoi|atol|atoll|atof|strtok|v?sprintf|gets|strcpy|strcat|strncpy|strncat|stpcpy|alloca|scanf|sscanf|fscanf|mktemp|tmpnam|system|setlocale'

@test "no dangerous function is called" {
	found=$(c_files | xargs grep -nE "(^|[^A-Za-z0-9_.])($DANGEROUS)[ ]*\(" || :)
	echo "$found"
	[ -z "$found" ]
}

@test "no object asks for a dangerous function" {
	found=$(nm -A -u build/obj/*/*.o | grep -wE "U ($DANGEROUS)" || :)
	echo "$found"
	[ -z "$found" ]
}

@test "every header can stand alone" {
	read -r -a flags < <(make -s flags)
	for h in $(sources lib | grep '\.h$'); do
		gcc "${flags[@]}" -fsyntax-only -x c -include "${h#lib/}" /dev/null || { echo "$h"; return 1; }
	done
}

@test "every header has a guard named after its path" {
	for h in $(sources lib | grep '\.h$'); do
		guard=DQ_$(echo "${h#lib/}" | tr 'a-z/.-' 'A-Z___')
		has "#ifndef $guard" "$h"
		has "#define $guard" "$h"
	done
}

@test "clang accepts every source without a warning" {
	read -r -a flags < <(make -s flags)
	sources lib cmd tests/unit | grep '\.c$' | xargs clang "${flags[@]}" -Itests/unit -fsyntax-only
}

@test "shellcheck accepts every script" {
	scripts | xargs shellcheck -S style -e SC1091,SC2015
}

@test "shellcheck accepts every .bats file" {
	sources 'tests/*.bats' | xargs shellcheck -s bats -S warning -e SC2034,SC2046,SC2154,SC2164
}

@test "a test that negates a command does so where it counts" {
	# bash does not stop at "! command": such a line can never fail.
	found=$(grep -nE '^[[:space:]]*! ' tests/*.bats | grep -v 'grep -nE' || :)
	echo "$found"
	[ -z "$found" ]
}

@test "no test is skipped" {
	found=$(grep -nE '(^|\|\||&&)[[:space:]]*skip\b' tests/*.bats || :)
	echo "$found"
	[ -z "$found" ]
}

@test "no file names a machine's own paths, none is large or binary by accident" {
	found=$(sources | grep -v '^tests/style.bats$' | xargs grep -nIE '/(work|var/tmp)/|/home/[a-z]' -- || :)
	echo "$found"
	[ -z "$found" ]
	sources | xargs wc -c | awk '$2 != "total" && $1 > 3000000 { print; bad = 1 } END { exit bad }'
}
