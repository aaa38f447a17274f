# dq-lag without a broker; tests/kafka_lag.bats has it with one.
load lib

@test "dq-lag: an argument, or a wrong one, is exit 2 and one line" {
	for bad in topic "--max-lag many" "--max-seconds soon" "--watch=x" "--stall"; do
		code 2 dq-lag $bad
		lines 1
	done
}

@test "dq-lag: --watch may be given its time, or not" {
	for args in "--watch --text" "--watch" "--watch 5" "--watch=5s"; do
		code 0 dq-lag $args --print-config
		grep -q '^watch = ' "$TMP/out"
		grep '^watch = ' "$TMP/out" >>"$TMP/all"
	done
	[ "$(sort -u "$TMP/all" | wc -l)" -eq 1 ]
	code 0 dq-lag --watch 7 --print-config
	if grep '^watch = ' "$TMP/out" | grep -qxFf "$TMP/all"; then return 1; fi
}

@test "dq-lag: no broker is exit 75 after --timeout, no table, and says so before" {
	code 75 timeout 30 dq-lag -b 127.0.0.1:1 --timeout 1s --text
	has "no broker answered"
	lines 0 "$TMP/out"
	[ "$(wc -l <"$TMP/err")" -le 3 ]
}

@test "dq-lag: what the guarantee needs and secrets cannot be set by -X" {
	code 2 dq-lag -X isolation.level=read_uncommitted
	has "isolation.level"
	code 2 dq-lag -X sasl.password=x
	has "sasl.password"
}
