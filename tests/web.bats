# The page of dq-serve in a real Chromium. Pictures are kept under build/web/. Without a Chromium these fail.
load lib

# story NAME   One of tests/web/NAME.py, from beginning to end.
story() {
	local status=0
	timeout 400 python3 "$TOP/tests/web/$1.py" "$TOP/build/web" || status=$?
	return "$status"
}

@test "web: who needs a call, alerts within a second, customer, review, effect, system; phone, keyboard, contrast, CSP; killed and back" {
	story page
}

@test "web: no token, a wrong one, one that may read, one that may decide; approve and override, down to the audit" {
	story tokens
}
