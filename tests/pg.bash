# Helpers of tests/pg*.bats and tests/dq-store.bats: one PostgreSQL for a file of tests, a database of each test's own. `load lib; load pg`.
# shellcheck shell=bash

# lib.bash takes all DQ_ settings away, in every test.
export PG_RUN=$BATS_FILE_TMPDIR/pg

# pg_up [SETTING...]   For setup_file: a server that all tests of the file share.
pg_up() {
	tests/pg/server start "$@" 3>&- >/dev/null
}

# For teardown_file.
pg_down() {
	tests/pg/server stop
}

# database   A new, empty database for this test; DQ_DATABASE names it.
database() {
	local name=t$BATS_SUITE_TEST_NUMBER
	psql -X -q -d "$(tests/pg/server address)" -c "DROP DATABASE IF EXISTS $name" -c "CREATE DATABASE $name" 2>/dev/null
	DQ_DATABASE="$(tests/pg/server address | sed 's/ dbname=.*//') dbname=$name"
	export DQ_DATABASE DQ_TIMEOUT=20s
}

# sql STATEMENT...   Rows without decoration.
sql() {
	local all=() s
	for s; do all+=(-c "$s"); done
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$DQ_DATABASE" "${all[@]}"
}

# sql_is WANT STATEMENT
sql_is() {
	local got
	got=$(sql "$2")
	[ "$got" = "$1" ] && return
	echo "$2: $got, expected $1"
	return 1
}
