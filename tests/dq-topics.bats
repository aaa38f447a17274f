# dq-topics without a broker; tests/kafka.bats has it with one.
load lib

@test "dq-topics: no verb, or an unknown table, is exit 2" {
	code 2 dq-topics
	lines 1
	code 2 dq-topics --table "$TMP/none" check
	lines 1
}

@test "dq-topics: a faulty line of a table is exit 2 and named" {
	printf '%s\n' '{"name":"a","partitions":1}' '{"name":"b"}' >"$TMP/table"
	code 2 dq-topics --table "$TMP/table" check
	has "line 2"
}

@test "dq-topics: no broker is exit 75 after --timeout, and says so before" {
	code 75 timeout 30 dq-topics -b 127.0.0.1:1 --timeout 1s list
	has "127.0.0.1:1"
	has "no broker answered"
	[ "$(wc -l <"$TMP/err")" -le 3 ]
}

@test "dq-topics: what the guarantee needs and secrets cannot be set by -X" {
	code 2 dq-topics -X enable.idempotence=false list
	has "enable.idempotence"
	code 2 dq-topics -X sasl.password=x list
	has "sasl.password"
	code 2 dq-topics -X no.such=1 list
	has "no.such"
	code 2 dq-topics -X nonsense list
	has "key=value"
}
