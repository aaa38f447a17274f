# The protocol of dq-stream(7) as a model (tests/model/protocol, for spin): sound as it is, and each rule that is dropped is found.
load lib

@test "the protocol holds in its model, and dropping a rule breaks it" {
	tests/model/protocol/check.sh short >"$TMP/out" 2>&1 || { grep -v '^pass' "$TMP/out"; return 1; }
	[ "$(grep -c '^pass' "$TMP/out")" -ge 26 ]
}
