# share/systemd and share/completions: what a service manager and a shell are given.
load lib

@test "systemd accepts the units" {
	for f in share/systemd/*; do
		sed "s|/usr/local/bin/|$BIN/|" "$f" >"$TMP/${f##*/}"
	done
	mv "$TMP/dq-pipeline@.service" "$TMP/dq-pipeline@x.service"
	MANPATH=$TOP/man code 0 systemd-analyze verify --man=no "$TMP"/dq-*
	lines 0
	sed -i 's/^KillMode=mixed/KillMode=mild/' "$TMP/dq-pipeline@x.service"
	systemd-analyze verify --man=no "$TMP/dq-pipeline@x.service" >"$TMP/out" 2>"$TMP/err" || :
	has "kill mode"
}

@test "what the units start takes the options that it is given" {
	for f in share/systemd/*.service; do
		command=$(sed -nE 's|^ExecStart=/usr/local/bin/||p' "$f" | sed "s/%i/x/g")
		DQ_PIPELINE='true | true' eval "$command --print-config" >"$TMP/config"
		[ -s "$TMP/config" ]
	done
}

@test "a unit's words for a pipeline reach dq-run as one, and its settings as options" {
	sed -nE 's/^#   (DQ_[A-Z_]+)=.*/\1/p' share/systemd/dq-pipeline@.service >"$TMP/names"
	diff "$TMP/names" <(printf '%s\n' DQ_PIPELINE DQ_BOOTSTRAP_SERVER DQ_INSTANCES DQ_SLOT)
	DQ_INSTANCES=2 DQ_SLOT=h- code 0 dq-run "$(printf 'sh -c "echo \\$DQ_INSTANCE"')"
	sort -o "$TMP/out" "$TMP/out"
	out_is "$(printf 'h-0\nh-1')"
}

@test "every code is restarted or not as dq(7) says" {
	has 'RestartPreventExitStatus=1 2 65 70' share/systemd/dq-pipeline@.service
}

# completes WORDS...   What the shell offers for the last of them.
completes() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_dq "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\n' "${COMPREPLY[@]}"
}

@test "completion offers what a tool takes" {
	. share/completions/dq.bash
	for t in $(make -s tools); do complete -p "$t" >/dev/null; done
	[ "$(completes dq-topics de)" = "$(printf 'describe\ndelete')" ]
	[ "$(completes dq-cat --on-bad s)" = "$(printf 'stop\nskip')" ]
	[ "$(completes dq-run --slo | paste -s -d ' ')" = "--slot --slots" ]
	completes dq-score --ex | grep -x -- --explain-above >/dev/null
	[ -z "$(completes dq-score --nothing)" ]
}
