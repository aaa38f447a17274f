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

@test "dq-run --slots: each takes the lowest number that nobody has, and gives it back by dying" {
	say='sh -c "echo \$DQ_INSTANCE; exec sleep 60"'
	dq-run --slots "$TMP/slots" --instances 2 "$say" >"$TMP/a" &
	a=$!
	within 10 eval '[ "$(wc -l <"$TMP/a")" -eq 2 ]'
	dq-run --slots "$TMP/slots" --slot x "$say" >"$TMP/b" &
	b=$!
	within 10 test -s "$TMP/b"
	[ "$(sort "$TMP/a" | paste -s -d ' ') $(cat "$TMP/b")" = "0 1 x2" ]
	kill -KILL $a
	wait $a || :
	code 0 dq-run --slots "$TMP/slots" 'sh -c "echo \$DQ_INSTANCE"'
	out_is 0
	kill -KILL $b
	code 2 dq-run --slots /dev/null/x cat
	lines 1
}

@test "dq-run --status: a line of figures, also at the end" {
	code 0 dq-run --status 1s --instances 2 'sh -c "dq-simulate 30000; exec sleep 3" | dq-cat --to /dev/null'
	grep -qxE 'dq-run: 2 of 2 up, [1-9][0-9]* records/s, 0 restarts' "$TMP/err"
	tail -n 1 "$TMP/err" | grep -qxE 'dq-run: 0 of 2 up, .*, 0 restarts'
	code 0 dq-run --status 1s --log-format json true
	jq -e '.program == "dq-run" and (.message | test("0 of 1 up"))' "$TMP/err"
}

@test "dq-run --metrics: its own figures and those of every stage, in one file" {
	printf '%s\n' 'cat >/dev/null' '[ -e "$1" ] || { touch "$1"; exit 75; }' >"$TMP/once"
	mkdir "$TMP/runtime"
	XDG_RUNTIME_DIR="$TMP/runtime" code 0 dq-run --metrics "$TMP/m.prom" --grace 0ms --slot h "dq-simulate 2000 | dq-cat | sh $TMP/once $TMP/done"
	rmdir "$TMP/runtime" # nothing stays there
	has 'dq_run_restarts_total{slot="h0"} 1' "$TMP/m.prom"
	has 'dq_run_stages{slot="h0"} 3' "$TMP/m.prom"
	has 'dq_run_stages_up{slot="h0"} 0' "$TMP/m.prom"
	has 'dq_run_exits_total{code="75"} 1' "$TMP/m.prom"
	# The neighbours of the one that died ended by themselves, or were ended.
	[ "$(awk '/^dq_run_exits_total/ { n += $2 } END { print n }' "$TMP/m.prom")" -eq 6 ]
	n=$(dq-simulate 2000 | wc -l)
	has "dq_lines_out_total{slot=\"h0\",stage=\"0\",tool=\"dq-simulate\"} $n" "$TMP/m.prom"
	has "dq_lines_in_total{slot=\"h0\",stage=\"1\",tool=\"dq-cat\"} $n" "$TMP/m.prom"
	# a family's lines stand together, its head once
	awk '/^#/ { name = $3; head[$2 " " name]++; next } { split($1, at, "{"); if (at[1] != name) bad = 1 }
		END { for (h in head) if (head[h] != 1) bad = 1; exit bad }' "$TMP/m.prom"
	code 0 dq-run --metrics /dev/full/x true
	has "no metrics from here on"
}

@test "dq-run --progress says nothing where there is no terminal" {
	code 0 dq-run --progress "sleep 1.5"
	lines 0
}

@test "dq-run --progress rewrites one line on a terminal" {
	script -qec "dq-run --progress 'sleep 1.5'" /dev/null >"$TMP/out" </dev/null
	grep -q $'\rdq-run: 1 of 1 up' "$TMP/out"
	[ "$(wc -l <"$TMP/out")" -eq 1 ]
}

@test "dq-run: an empty stage, no pipeline or two are exit 2" {
	code 2 dq-run "cat | | cat"
	lines 1
	code 2 dq-run
	code 2 dq-run cat cat
}
