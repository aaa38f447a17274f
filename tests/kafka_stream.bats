# Exactly-once through a pipe, on a real broker: each rule of dq-stream(7) that a test can reach, and the traps found on the way.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

# pipe_up GROUP FROM TO [OPTIONS]   A pipeline in the background as three processes, $P1 to $P3; what it says goes to $TMP/log.
pipe_up() {
	mkfifo "$TMP/a.$1" "$TMP/b.$1"
	dq-cat --from "kafka:$2" -G "$1" "${@:4}" >"$TMP/a.$1" 2>>"$TMP/log" 3>&- &
	P1=$!
	dq-cat <"$TMP/a.$1" >"$TMP/b.$1" 2>>"$TMP/log" 3>&- &
	P2=$!
	dq-cat -G "$1" --to "kafka:$3" <"$TMP/b.$1" 2>>"$TMP/log" 3>&- &
	P3=$!
}

# The exit codes of the three, in $GOT.
codes() {
	local p code
	GOT=
	for p in $P1 $P2 $P3; do
		code=0
		wait "$p" || code=$?
		GOT+="$code "
	done
}

count() { dq-cat --from "kafka:$1" -e | wc -l; }
has_lines() { [ "$(count "$1")" -eq "$2" ]; }

begin='{"@begin":{"version":1,"interval":200,"wait":45000},"run":"r","seq":1}'

@test "a pipe delivers once, and goes on where it was" {
	topics in1 out1
	records 3000 >"$TMP/in"
	head -n 2000 "$TMP/in" | dq-cat --to kafka:in1
	dq-cat --from kafka:in1 -G g1 -e | dq-cat | dq-cat -G g1 --to kafka:out1
	tail -n 1000 "$TMP/in" | dq-cat --to kafka:in1
	dq-cat --from kafka:in1 -G g1 -e | dq-cat -G g1 --to kafka:out1
	dq-cat --from kafka:in1 -G g1 -e | dq-cat -G g1 --to kafka:out1
	dq-cat --from kafka:out1 -e | by_customer | cmp - <(by_customer <"$TMP/in")
}

@test "SIGTERM to the source drains the pipe: all end with 0, nothing is read again" {
	topics in2 out2
	records 500 | dq-cat --to kafka:in2
	pipe_up g2 in2 out2
	within 20 has_lines out2 500
	kill -TERM $P1
	codes
	[ "$GOT" = "0 0 0 " ]
	code 0 dq-cat --from kafka:in2 -G g2 -e
	lines 0 "$TMP/out"
}

@test "any process killed: the others end with 75, the rest is done by the next start" {
	topics in3 out3
	records 2000 >"$TMP/in"
	n=0
	for victim in 1 2 3; do
		head -n $((victim * 500)) "$TMP/in" | tail -n 500 | dq-cat --to kafka:in3
		pipe_up "g3" in3 out3 --instance 0
		within 20 sh -c "[ -s $TMP/seen.$victim ] || [ \"\$(dq-cat --from kafka:out3 -e | tee $TMP/seen.$victim | wc -l)\" -gt 0 ]"
		sleep "0.$((RANDOM % 9))"
		p=P$victim
		kill -KILL "${!p}" 2>/dev/null || :
		case $victim in
		1) want="137 75 75 " ;;
		2) want="75 137 75 " ;;
		3) want="75 75 137 " ;;
		esac
		codes
		[ "$GOT" = "$want" ] || { echo "$GOT, not $want"; cat "$TMP/log"; return 1; }
		rm "$TMP/a.g3" "$TMP/b.g3"
	done
	dq-cat --from kafka:in3 -G g3 --instance 0 -e | dq-cat -G g3 --to kafka:out3
	dq-cat --from kafka:out3 -e | by_customer | cmp - <(head -n 1500 "$TMP/in" | by_customer)
}

@test "one tool from topic to topic is exactly once too, dead letters with it" {
	topics in4:1 out4:1 dead4:1
	printf '%s\n' '{"event_type":"weather","n":1}' 'bad' '{"event_type":"weather","n":2}' | kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t in4
	for _ in 1 2; do
		code 0 dq-cat --from kafka:in4 -G g4 -e --to kafka:out4 --dlq kafka:dead4
	done
	has_lines out4 2
	has_lines dead4 1
}

@test "rule 1: what the guarantee needs cannot be set otherwise" {
	for x in isolation.level=read_uncommitted enable.auto.commit=true partition.assignment.strategy=cooperative-sticky; do
		code 2 dq-cat --from kafka:x -G g -X $x
		has "${x%%=*}"
	done
}

@test "rule 2: a sink does not commit for a source that is no member" {
	topics out5
	# What librdkafka writes for a consumer that never joined: generation -1, no member id.
	none=$(printf 'CGMDv2:\xff\xff\xff\xffg5\0\1\0\0' | od -An -v -tx1 | tr -d ' \n')
	printf '%s\n' "$begin" '{"event_type":"weather","n":1}' \
		'{"@checkpoint":{"metadata":"'"$none"'","offsets":[["out5",0,1]]},"run":"r","seq":2}' '{"@end":{},"run":"r","seq":3}' >"$TMP/in"
	code 75 dq-cat -G g5 --to kafka:out5 <"$TMP/in"
	has "no member"
	has_lines out5 0
}

@test "rules 4 and 15: records without a checkpoint behind them are not committed" {
	topics out6
	{ echo "$begin"; records 10; echo '{"@end":{},"run":"r","seq":2}'; } >"$TMP/in"
	code 75 dq-cat -G g6 --to kafka:out6 <"$TMP/in"
	has "no @checkpoint covers"
	has_lines out6 0
	{ echo "$begin"; records 10; } >"$TMP/in"
	code 75 dq-cat -G g6 --to kafka:out6 <"$TMP/in"
	has "without @end"
	has_lines out6 0
}

@test "rule 5: a pipe that nobody commits ends with 75 after --wait, and says why" {
	topics in7
	records 10 | dq-cat --to kafka:in7
	code=0
	{ timeout 30 dq-cat --from kafka:in7 -G g7 -e --wait 1s 2>"$TMP/err" || echo $? >"$TMP/code"; } | cat >"$TMP/out"
	[ "$(cat "$TMP/code")" -eq 75 ]
	has "nobody committed"
	grep -q '^{"@begin"' "$TMP/out"
	[ "$(grep -c '^{"@end"' "$TMP/out" || :)" -eq 0 ]
}

@test "rule 5: revoked while the pipe is full: 75 at the limit, the other member gets all" {
	topics in8:2 out8
	records 60000 | dq-cat --to kafka:in8
	mkfifo "$TMP/full"
	dq-cat --from kafka:in8 -G g8 --wait 2s >"$TMP/full" 2>"$TMP/err" 3>&- &
	P1=$!
	exec 7<"$TMP/full"
	timeout 20 grep -q '^{"@p"' <&7
	sleep 0.5
	code=0
	dq-cat --from kafka:in8 -G g8 -e | dq-cat -G g8 --to kafka:out8
	wait $P1 || code=$?
	exec 7<&-
	[ $code -eq 75 ]
	has_lines out8 60000
}

@test "rule 6: a long stop downstream does not cost the membership" {
	topics in9 out9
	records 60000 | dq-cat --to kafka:in9
	mkfifo "$TMP/slow"
	dq-cat --from kafka:in9 -G g9 -e -X max.poll.interval.ms=7000 -X session.timeout.ms=6000 --wait 6s >"$TMP/slow" 2>"$TMP/err" 3>&- &
	P1=$!
	{ sleep 9; cat; } <"$TMP/slow" | dq-cat -G g9 --to kafka:out9
	wait $P1 || { cat "$TMP/first"; return 1; }
	has_lines out9 60000
	lines 0
}

@test "rule 7: two sources in one pipe are told apart, nothing is committed" {
	topics in10 out10
	records 10 | dq-cat --to kafka:in10
	code=0
	{ dq-cat --from kafka:in10 -G g10 -e --wait 2s; dq-cat --from kafka:in10 -G g10 -e --wait 2s; } 2>/dev/null |
		timeout 60 dq-cat -G g10 --to kafka:out10 2>"$TMP/err" || code=$?
	[ $code -eq 75 ]
	has "two sources"
	n=$(count out10)
	[ "$n" -eq 10 ]
}

@test "rule 7: records before @begin are exit 75" {
	{ echo '{"event_type":"weather"}'; echo "$begin"; } >"$TMP/in"
	code 75 dq-cat <"$TMP/in"
	has "two sources"
}

@test "rule 11: while nothing flows, whose reader died ends with 75" {
	topics in11 out11
	pipe_up g11 in11 out11
	records 50 | dq-cat --to kafka:in11
	within 20 has_lines out11 50
	within 20 sh -c "dq-lag -G g11 | jq -se 'map(.messages) | add == 0' >&2"
	kill -KILL $P3
	within 10 sh -c "! kill -0 $P1 2>/dev/null"
	codes
	[ "$GOT" = "75 75 137 " ]
}

@test "rule 14: offsets that moved are committed without data, and when none moved nothing is" {
	topics in23 out23
	records 100 | dq-cat --to kafka:in23
	pipe_up g23 in23 out23 --where false
	within 20 sh -c "dq-lag -G g23 | jq -se 'map(.messages) | add == 0' >&2"
	has_lines out23 0
	offsets() { java_tool org.apache.kafka.tools.GetOffsetShell --bootstrap-server "$DQ_BOOTSTRAP_SERVER"; }
	quiet() {
		offsets >"$TMP/before"
		sleep 1.5
		offsets >"$TMP/after"
		grep -q '^__transaction_state:[0-9]:[1-9]' "$TMP/before" && cmp -s "$TMP/before" "$TMP/after"
	}
	within 20 quiet
	kill -TERM $P1
	codes
	[ "$GOT" = "0 0 0 " ]
}

@test "rule 12: the same slot twice on a machine is exit 2, a fenced one 75" {
	topics in12 out12
	dq-cat --from kafka:in12 -G g12 --to kafka:out12 3>&- 2>"$TMP/first" &
	P1=$!
	within 20 sh -c 'ss -xl 2>/dev/null | grep -q g12-dq-cat-0 || grep -q g12-dq-cat-0 /proc/net/unix'
	code 2 dq-cat --from kafka:in12 -G g12 --to kafka:out12
	has "in use by another process on this machine"
	records 1 | dq-cat --to kafka:in12
	within 20 has_lines out12 1
	# Another machine's process with the same id, as the broker sees it.
	java_tool org.apache.kafka.tools.TransactionsCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" forceTerminateTransaction --transactionalId g12-dq-cat-0
	records 1 | dq-cat --to kafka:in12
	code=0
	wait $P1 || code=$?
	[ $code -eq 75 ] || { cat "$TMP/first"; return 1; }
	grep -q 'transactional id g12-dq-cat-0: another process has taken it' "$TMP/first"
	has_lines out12 1
}

@test "rule 12: who was killed a moment ago and is not gone yet is waited for" {
	topics in64 out64
	dq-cat --from kafka:in64 -G g64 --to kafka:out64 3>&- 2>/dev/null &
	P1=$!
	within 20 sh -c 'ss -xl 2>/dev/null | grep -q g64-dq-cat-0 || grep -q g64-dq-cat-0 /proc/net/unix'
	records 3 | dq-cat --to kafka:in64
	(sleep 0.7; kill -KILL "$P1") &
	code 0 dq-cat --from kafka:in64 -G g64 -e --to kafka:out64
	wait $P1 || :
	has_lines out64 3
}

@test "rule 15: a last commit that is refused is known at once, not when --wait is over" {
	topics in63 out63
	dq-cat --from kafka:in63 -G g63 --checkpoint-interval 15s --wait 40s --to kafka:out63 3>&- 2>"$TMP/said" &
	P1=$!
	records 1 | dq-cat --to kafka:in63
	within 30 has_lines out63 1
	records 1 | dq-cat --to kafka:in63
	sleep 1
	java_tool org.apache.kafka.tools.TransactionsCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" forceTerminateTransaction --transactionalId g63-dq-cat-0
	kill -TERM $P1
	start=$SECONDS code=0
	wait $P1 || code=$?
	[ $code -eq 75 ] && [ $((SECONDS - start)) -lt 20 ] || { cat "$TMP/said"; return 1; }
	grep -q 'another process has taken it' "$TMP/said"
	has_lines out63 1
}

@test "rules 3 and 13: a restart while a transaction is pending waits for it, and no longer" {
	topics in13 out13
	records 100 | dq-cat --to kafka:in13
	mkfifo "$TMP/p13"
	dq-cat -G g13 --to kafka:out13 <"$TMP/p13" 2>/dev/null 3>&- &
	P3=$!
	exec 7>"$TMP/p13"
	dq-cat --from kafka:in13 -G g13 -c 50 --wait 30s >&7 2>/dev/null 3>&- &
	P1=$!
	sleep 1
	{ records 20000; } >&7 || :
	sleep 0.5
	kill -KILL $P3 $P1 2>/dev/null || :
	exec 7>&-
	wait $P1 $P3 2>/dev/null || :
	start=$SECONDS
	timeout 60 dq-cat --from kafka:in13 -G g13 -e | timeout 60 dq-cat -G g13 --to kafka:out13
	[ $((SECONDS - start)) -lt 20 ]
	dq-cat --from kafka:out13 -e | sort | cmp - <(records 100 | sort)
}

@test "rule 16: limits that contradict each other are exit 2" {
	topics in16 out16
	code 2 dq-cat --from kafka:in16 -G g16 --wait 10m --to kafka:out16
	has "max.poll.interval.ms"
	code 2 dq-cat --from kafka:in16 -G g16 --wait 45s --checkpoint-interval 40s -e --to kafka:out16
	has "transaction.timeout.ms"
}

@test "state in a topic: a run in pieces equals one over a file, wherever it goes on" {
	topics in17 out17 state17:3:compact
	dq-simulate --customers 40 4000 >"$TMP/in"
	split -n l/4 "$TMP/in" "$TMP/piece."
	for p in "$TMP"/piece.*; do
		dq-cat --to kafka:in17 <"$p"
		dq-features --emit each --source never --from kafka:in17 -G g17 --state kafka:state17 -e | dq-cat -G g17 --to kafka:out17
	done
	dq-features --emit each <"$TMP/in" | grep -v '"tick"' | by_customer >"$TMP/want"
	dq-cat --from kafka:out17 -e | grep -v '"tick"' | by_customer | cmp - "$TMP/want"
}

# rows_of TOPIC [TOPIC]   What tests/kafka/rows says of it.
rows_of() { kcat -b "$DQ_BOOTSTRAP_SERVER" -C -q -e -o beginning -X isolation.level=read_committed -t "$1" -f '%p %K %S\n%k%s' | tests/kafka/rows "${@:2}"; }

@test "state in a topic: of a value that changes what changed is written; from rows of the first form, all whole, it goes on" {
	topics in41 out41 whole41 state41:3:compact first41:3:compact
	f41() { dq-features --emit each --source never --from kafka:in41 -G g41 --state kafka:"$1" --to kafka:out41 -e; }
	dq-simulate --customers 20 6000 >"$TMP/in"
	split -n l/12 "$TMP/in" "$TMP/piece."
	for p in "$TMP"/piece.a[a-k]; do
		dq-cat --to kafka:in41 <"$p"
		f41 state41
	done
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -q -e -o beginning -t state41 -f '%k %S\n' >"$TMP/keys"
	changes=$(awk '/^@[0-9]/ { n++; s += $NF } END { print n, int(s / n) }' "$TMP/keys")
	whole=$(awk '!/^@/ { n++; s += $NF } END { print n, int(s / n) }' "$TMP/keys")
	echo "$changes changes, $whole whole"
	[ "${changes% *}" -gt 50 ] && [ "${changes#* }" -lt $((${whole#* } / 2)) ]
	# The same values, all whole, in another topic.
	rows_of state41 | grep -v @ >"$TMP/pieces"
	{ echo "$begin"; rows_of state41 first41; echo '{"@end":{},"run":"r","seq":2}'; } | dq-cat --plain --to kafka:whole41
	rows_of first41 | grep -v @ | cmp - "$TMP/pieces"
	dq-cat --to kafka:in41 <"$TMP/piece.al"
	f41 first41
	dq-features --emit each <"$TMP/in" | grep -v '"tick"' | by_customer >"$TMP/want"
	dq-cat --from kafka:out41 -e | grep -v '"tick"' | by_customer | cmp - "$TMP/want"
	# From here on a version that knows the first form only refuses it.
	[ "$(kcat -b "$DQ_BOOTSTRAP_SERVER" -C -q -e -o beginning -t first41 -f '%k %s\n' | grep -a -c '^@version.*; rows 2$')" -gt 0 ]
}

@test "state in a topic: without one of its changes a value is refused" {
	topics in42:1 out42 state42:1:compact
	f42() { dq-features --emit each --source never --from kafka:in42 -G g42 --state kafka:state42 --to kafka:out42 -e; }
	dq-simulate --customers 5 2000 >"$TMP/in"
	split -n l/2 "$TMP/in" "$TMP/piece."
	for p in "$TMP"/piece.a?; do
		dq-cat --to kafka:in42 <"$p"
		code 0 f42
	done
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -q -e -o beginning -t state42 -f '%k\n' >"$TMP/keys"
	key=$(grep -m 1 '^@1 ' "$TMP/keys")
	code 0 f42
	printf '{"@state":{"tool":"x","topic":"state42","partition":0,"key":"%s","value":"AAAA"},"run":"r"}\n' "$key" >"$TMP/bad"
	{ echo "$begin"; cat "$TMP/bad"; echo '{"@end":{},"run":"r","seq":2}'; } | dq-cat --plain --to kafka:out42
	head -n 1 "$TMP/in" | dq-cat --to kafka:in42
	code 70 f42
	has "missing or damaged"
}

# rows_left TOPIC   Rows that its one partition holds, of how many that were ever written.
rows_left() { kcat -b "$DQ_BOOTSTRAP_SERVER" -C -q -e -o beginning -t "$1" -f '%o\n' | awk '{ n++; last = $1 + 1 } END { print n + 0, last + 0 }'; }

@test "state in a topic: what the broker's compaction leaves of it is enough" {
	topics in43:1 out43 state43:1:compact
	java_tool kafka.admin.ConfigCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --alter --entity-type topics --entity-name state43 --add-config \
		segment.ms=300,min.cleanable.dirty.ratio=0.001,max.compaction.lag.ms=300,delete.retention.ms=100 >/dev/null
	dq-simulate --customers 30 8000 >"$TMP/in"
	split -n l/4 "$TMP/in" "$TMP/piece."
	for p in "$TMP"/piece.a?; do
		# The broker looks every 15 s.
		[ "$p" != "$TMP/piece.ad" ] || within 60 eval 'read -r left all < <(rows_left state43) && [ $((left * 2)) -lt "$all" ]'
		dq-cat --to kafka:in43 <"$p"
		dq-features --emit each --source never --from kafka:in43 -G g43 --state kafka:state43 --to kafka:out43 --checkpoint-interval 2ms -e
	done
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -q -e -o beginning -t state43 -f '%k\n' >"$TMP/keys"
	grep -q '^@1 ' "$TMP/keys"
	dq-features --emit each <"$TMP/in" | grep -v '"tick"' | by_customer >"$TMP/want"
	dq-cat --from kafka:out43 -e | grep -v '"tick"' | by_customer | cmp - "$TMP/want"
}

@test "two tools with state in one pipe: a run in pieces equals one over a file" {
	topics in19 out19 statef19:3:compact statei19:3:compact
	dq-simulate --customers 60 6000 >"$TMP/in"
	split -n l/3 "$TMP/in" "$TMP/piece."
	for p in "$TMP"/piece.*; do
		dq-cat --to kafka:in19 <"$p"
		dq-features --source never --from kafka:in19 -G g19 --state kafka:statef19 -e | dq-score |
			dq-intervene -G g19 --state kafka:statei19 --allow-unapproved | dq-cat -G g19 --to kafka:out19
	done
	dq-features <"$TMP/in" | dq-score | dq-intervene --allow-unapproved | grep -v '"tick"' | by_customer >"$TMP/want"
	[ "$(grep -c '"event_type":"intervention"' "$TMP/want")" -gt 5 ]
	dq-cat --from kafka:out19 -e | grep -v '"tick"' | by_customer | diff - "$TMP/want"
}

# windows TOPIC   What dq-rollup must say of each partition of the topic, as it would over a file.
windows() {
	local p
	for p in 0 1 2; do
		kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t "$1" -p $p -e -q | dq-rollup --window 6h --state "$TMP/dir.$p" |
			jq -c 'select(.event_type == "dashboard") | .window += {topic: "'"$1"'", partition: '$p'}'
	done | sort
}

# decided TRANSACTIONS   Predictions, interventions, outcomes and ticks.
decided() { dq-simulate --customers 60 "$1" | dq-features | dq-score | dq-intervene --pass --allow-unapproved | grep -v '"event_type":"customer"'; }

@test "dq-rollup with state in a topic: a run in pieces equals one over a file, partition by partition" {
	topics in24 out24 state24:3:compact
	decided 6000 >"$TMP/in"
	split -n l/4 "$TMP/in" "$TMP/piece."
	for p in "$TMP"/piece.*; do
		dq-cat --to kafka:in24 <"$p"
		dq-rollup --window 6h --from kafka:in24 -G g24 --state kafka:state24 -e --to kafka:out24
	done
	dq-cat --from kafka:out24 -e | jq -c 'select(.event_type == "dashboard")' | sort >"$TMP/got"
	windows in24 | diff - "$TMP/got"
	[ "$(jq -r .window.partition "$TMP/got" | sort -u | wc -l)" -eq 3 ]
	[ "$(wc -l <"$TMP/got")" -gt 300 ]
	# Windows that are final are taken out of the topic again.
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t state24 -e -q -f '%k %S\n' | grep -a '@window' >"$TMP/rows"
	[ "$(grep -ac ' -1$' "$TMP/rows")" -gt 10 ]
}

@test "dq-rollup killed again and again: each revision of each window once" {
	topics in25 out25 state25:3:compact
	decided 12000 >"$TMP/in"
	split -n l/6 "$TMP/in" "$TMP/piece."
	for p in "$TMP"/piece.*; do
		before=$(count out25)
		dq-cat --to kafka:in25 <"$p"
		dq-rollup --window 6h --from kafka:in25 -G g25 --instance 0 --state kafka:state25 --to kafka:out25 --checkpoint-interval 20ms 2>>"$TMP/log" 3>&- &
		P1=$!
		within 20 sh -c "[ \"\$(dq-cat --from kafka:out25 -e | wc -l)\" -gt $before ]" || { cat "$TMP/log"; return 1; }
		kill -KILL $P1
		wait $P1 || :
	done
	dq-rollup --window 6h --from kafka:in25 -G g25 --instance 0 --state kafka:state25 -e --to kafka:out25
	dq-cat --from kafka:out25 -e | jq -c 'select(.event_type == "dashboard")' | sort | diff <(windows in25) -
}

@test "rules 9 and 10: state that is not of the input's offset is exit 75, of other options exit 2" {
	topics in18 out18 state18:3:compact less18:2:compact
	dq-simulate --customers 5 200 | dq-cat --to kafka:in18
	f() { dq-features --source never --from kafka:in18 -e --to kafka:out18 "$@"; }
	code 0 f -G g18 --state kafka:state18
	code 75 f -G g18-other --state kafka:state18
	has "is of offset"
	code 2 f -G g18 --state kafka:state18 --dedup 7
	has "use the same options"
	code 2 f -G g18 --state kafka:less18
	has "must be as many"
	code 2 f -G g18 --state "$TMP/dir"
	has "kafka:TOPIC"
}

@test "rule 9: a restore tells how far it is, waits for an open transaction, and goes on" {
	topics in20:1 out20:1 state20:1:compact
	dq-simulate --customers 50 2000 | dq-cat --to kafka:in20
	run20() { dq-features --source never --from kafka:in20 -G g20 -e --state kafka:state20 --to kafka:out20; }
	code 0 run20
	mkfifo "$TMP/p20"
	dq-cat -G g20-other --to kafka:state20 <"$TMP/p20" 2>/dev/null 3>&- &
	exec 7>"$TMP/p20"
	{ echo "$begin"; records 1; } >&7
	pending state20
	run20 2>"$TMP/err" 3>&- 7>&- &
	P1=$!
	within 20 grep -Eq 'dq-features: state20: [1-9][0-9]* rows read in [0-9.]+ s, more to come' "$TMP/err"
	exec 7>&-
	wait $P1
	grep -Eq 'dq-features: state20: [1-9][0-9]* rows read in [0-9.]+ s$' "$TMP/err"
}

@test "rules 4 and 8: a revoke while the state is being loaded: the stream stays whole" {
	topics in22:60 state22:60:compact
	records 10 | dq-cat --to kafka:in22
	# An open transaction keeps the end of the state away.
	mkfifo "$TMP/p22"
	dq-cat -G g22-other --to kafka:in22 <"$TMP/p22" 2>/dev/null 3>&- &
	P3=$!
	exec 7>"$TMP/p22"
	printf '%s\n' "$begin" '{"@state":{"tool":"x","topic":"state22","partition":7,"key":"k","value":"AA=="},"run":"r"}' >&7
	pending state22
	dq-features --source never --from kafka:in22 -G g22 --state kafka:state22 --wait 6s 2>"$TMP/err" 3>&- 7>&- | cat >"$TMP/out" 3>&- 7>&- &
	P1=$!
	within 20 grep -q '@begin' "$TMP/out"
	sleep 1.5
	timeout 20 dq-cat --from kafka:in22 -G g22 -e --wait 1s >/dev/null 2>&1 3>&- 7>&- &
	P2=$!
	sleep 1.5
	lines 1 "$TMP/out"
	exec 7>&-
	wait $P1 $P2 $P3 || :
	has "nobody committed"
	grep -v '^{"@p"' "$TMP/out" | jq -rc '[keys[0], .seq] | @csv' >"$TMP/marks"
	[ "$(grep -v '@state' "$TMP/marks" | sed -n 1,3p | xargs)" = "@begin,1 @assign,2 @checkpoint,3" ]
}

@test "rule 6: partitions given up while the pipe is full, and got back, are read on" {
	topics in21:2 out21
	records 60000 >"$TMP/in"
	dq-cat --to kafka:in21 <"$TMP/in"
	mkfifo "$TMP/full"
	dq-cat --from kafka:in21 -G g21 -e >"$TMP/full" 2>"$TMP/err" 3>&- &
	P1=$!
	exec 7<"$TMP/full"
	sleep 1.5
	dq-cat --from kafka:in21 -G g21 -c 10 3>&- 7>&- | dq-cat -G g21 --instance 1 --to kafka:out21 3>&- 7>&- &
	P2=$!
	sleep 1.5
	timeout 40 dq-cat -G g21 --to kafka:out21 <&7
	exec 7<&-
	wait $P2
	wait $P1 || { cat "$TMP/err"; return 1; }
	dq-cat --from kafka:in21 -G g21 -e | dq-cat -G g21 --to kafka:out21
	dq-cat --from kafka:out21 -e | by_customer | cmp - <(by_customer <"$TMP/in")
}

@test "dq-score with threads: keys, partitions and order are those of one thread, in topics and in a pipe" {
	topics in30 one30 three30 pipe30
	dq-simulate --customers 40 3000 | dq-features --emit each | grep -v '"tick"' >"$TMP/in"
	[ "$(grep -c '"event_type":"features"' "$TMP/in")" -gt 2000 ]
	dq-cat --to kafka:in30 <"$TMP/in"
	dq-score --from kafka:in30 -G g30-one -e --to kafka:one30
	dq-score --threads 3 --from kafka:in30 -G g30-three -e --to kafka:three30
	dq-cat --from kafka:in30 -G g30-pipe -e | dq-score --threads 3 | dq-cat -G g30-pipe --to kafka:pipe30
	for t in one three pipe; do
		dq-cat --from kafka:${t}30 -e --envelope | jq -c '[.partition, .key, .payload]' | sort -s -t , -k 1,1 >"$TMP/$t"
	done
	lines "$(wc -l <"$TMP/in")" "$TMP/one"
	cmp "$TMP/one" "$TMP/three"
	cmp "$TMP/one" "$TMP/pipe"
}
