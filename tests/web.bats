# The page of dq-serve in a real Chromium: see tests/web/page.py. Pictures are kept under build/web/.
load lib

@test "web: watch list, alerts within a second, customer, review, effect, stale and back again; keyboard, phone, contrast, CSP" {
	run timeout 300 python3 "$TOP/tests/web/page.py" "$BIN" "$TOP/build/web"
	echo "$output"
	[ "$status" -eq 0 ]
}
