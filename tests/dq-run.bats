# dq-run: pipelines of shell commands, their deaths and restarts.
load lib

@test "dq-run joins commands by pipes; bars in quotes are theirs" {
	code 0 dq-run "seq 3 | sed 's/\$/|x/' | tail -n 1"
	out_is '3|x'
	lines 0
}

@test "dq-run: a useless restart ends all with that code" {
	for c in 1 2 65 70; do
		code $c timeout 20 dq-run --grace 100ms "sleep 30 | sh -c 'exit $c'"
		has "ended with"
	done
}

@test "dq-run: a command that is not there is exit 2" {
	code 2 timeout 20 dq-run "dq-no-such-tool | cat"
}

@test "dq-run starts again after 75, and after a signal" {
	for how in 'exit 75' 'kill -9 $$'; do
		rm -f "$TMP/once"
		code 0 timeout 20 dq-run --grace 100ms "seq 2 | sh -c 'cat >>$TMP/seen; [ -e $TMP/once ] || { touch $TMP/once; $how; }'"
		lines 1
	done
}

@test "dq-run: a death kills the rest after the grace, with no process left" {
	n=4321.$BASHPID # nobody else sleeps that long
	code 75 timeout 20 dq-run --no-restart --grace 200ms "sleep $n | sleep $n | sh -c 'exit 75'"
	[ -z "$(pgrep -f "^sleep $n\$" || :)" ]
}

@test "dq-run: the pause before a restart grows" {
	printf '%s\n' 'date +%s%N >>"$1"' 'exit 75' >"$TMP/die"
	timeout -s KILL 2 dq-run --grace 0ms "sh $TMP/die $TMP/times" 2>/dev/null || :
	[ "$(wc -l <"$TMP/times")" -ge 4 ]
	[ "$(wc -l <"$TMP/times")" -le 8 ]
}

@test "dq-run: SIGTERM goes to the first command, the rest read to their end" {
	printf '%s\n' "trap 'echo last; exit 0' TERM" 'echo first' 'touch "$1"' 'while :; do sleep 0.05; done' >"$TMP/source"
	dq-run "sh $TMP/source $TMP/up | cat" >"$TMP/out" 2>"$TMP/err" &
	pid=$!
	within 10 test -e "$TMP/up"
	kill -TERM $pid
	wait $pid
	out_is "$(printf 'first\nlast')"
	lines 0
}

@test "dq-run gives each instance its number" {
	code 0 dq-run --instances 3 --slot h- 'sh -c "echo \$DQ_INSTANCE"'
	sort -o "$TMP/out" "$TMP/out"
	out_is "$(printf 'h-0\nh-1\nh-2')"
}

@test "dq-run: when it is killed, nothing of the pipeline stays" {
	n=4322.$BASHPID # nobody else sleeps that long
	dq-run "sleep $n | sleep $n" 2>/dev/null &
	pid=$!
	within 5 eval '[ "$(pgrep -cf "^sleep $n\$")" -eq 2 ]'
	kill -KILL $pid
	within 5 eval '! pgrep -f "^sleep $n\$"'
}

@test "dq-run: an empty stage, no pipeline or two are exit 2" {
	code 2 dq-run "cat | | cat"
	lines 1
	code 2 dq-run
	code 2 dq-run cat cat
}
