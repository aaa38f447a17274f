# dq-lag on a real broker.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

begin='{"@begin":{"version":1,"interval":200,"wait":45000},"run":"r","seq":1}'

# lag GROUP FILTER [OPTIONS]   Runs dq-lag for a group; the rows as one array must fulfil the jq filter.
lag() {
	dq-lag -G "$1" "${@:3}" >"$TMP/lag"
	jq -sec "$2" "$TMP/lag" || { cat "$TMP/lag"; return 1; }
}

# java_lag GROUP   What Kafka's own tool says: topic, partition, lag.
java_lag() {
	java_tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --describe --group "$1" |
		awk -v g="$1" '$1 == g { print $2, $3, $6 }' | sort
}

# once GROUP TOPIC FILE   Lines into a topic as transactions, by way of topic TOPIC-in.
once() {
	dq-cat --to "kafka:$2-in" <"$3"
	dq-cat --from "kafka:$2-in" -G "$1" -e --to "kafka:$2"
}

# begin_transaction GROUP TOPIC N   N records in a transaction that is open until descriptor 7 is closed, and aborted then.
begin_transaction() {
	mkfifo "$TMP/$1"
	dq-cat -G "$1" --to "kafka:$2" <"$TMP/$1" 2>/dev/null 3>&- &
	exec 7>"$TMP/$1"
	{ echo "$begin"; records "$3"; } >&7
}

@test "messages are those of kafka-consumer-groups, partition by partition" {
	topics plain:3
	records 100 | dq-cat --to kafka:plain
	dq-cat --from kafka:plain -G g1 -e >/dev/null
	lag g1 'length == 3 and all(.[]; .messages == 0 and .seconds == 0 and .pending == 0 and .first == null and .state == "stopped")'
	records 157 | tail -n 57 | dq-cat --to kafka:plain
	lag g1 'map(.messages) | add == 57'
	jq -r '[.topic, .partition, .messages] | join(" ")' "$TMP/lag" | sort | diff - <(java_lag g1)
}

@test "seconds are those since the first unread record was written" {
	topics times:1
	records 5 | dq-cat --to kafka:times
	dq-cat --from kafka:times -G g2 -c 3 -X auto.commit.interval.ms=100 >/dev/null
	sleep 2
	records 2 | dq-cat --to kafka:times
	first=$(dq-cat --from kafka:times -o 3 -c 1 --envelope | jq .ts)
	lag g2 '.[0] | .messages == 4 and .seconds >= 2 and .seconds < 60 and (.first | sub("\\.[0-9]+"; "") | fromdate) == '$((first / 1000))
	code 0 dq-lag -G g2 --max-lag 4 --max-seconds 60
	code 1 dq-lag -G g2 --max-lag 3
	code 1 dq-lag -G g2 --max-seconds 1
	code 0 dq-lag -G g2 --max-seconds 1m --text
	grep -Eq '^g2 +times +0 +4 +0 +[0-9]+\.[0-9] +stopped +no member' "$TMP/out"
}

@test "marks of transactions and aborted records are no messages" {
	topics marks-in:1 marks:1
	records 10 >"$TMP/in"
	once g3-pipe marks "$TMP/in"
	# ten records and the mark behind them
	reset g3 marks 10
	[ "$(java_lag g3)" = "marks 0 1" ]
	lag g3 '.[0] | .end == 11 and .committed == 10 and .messages == 0 and .seconds == 0'
	# what nobody ever commits
	begin_transaction g3-abort marks 7
	within 20 sh -c "dq-lag -G g3 | jq -e '.pending == 7'"
	exec 7>&-
	within 20 sh -c "dq-lag -G g3 | jq -e '.end == 19 and .messages == 0 and .pending == 0'"
	records 3 >"$TMP/in"
	once g3-pipe marks "$TMP/in"
	lag g3 '.[0] | .end > 20 and .messages == 3 and .seconds < 60'
	reset g3 marks 0
	lag g3 '.[0] | .messages == 13'
}

@test "an open transaction is pending, and its first record makes the seconds" {
	topics opened:1
	reset g4 opened 0
	lag g4 '.[0] | .messages == 0 and .pending == 0'
	begin_transaction g4-writer opened 5
	within 20 sh -c "dq-lag -G g4 | jq -e '.pending == 5'"
	sleep 1.2
	lag g4 '.[0] | .messages == 0 and .end == 0 and .seconds > 1'
	code 1 dq-lag -G g4 --max-seconds 1
	# who reads now gets nothing, does not move, and is told apart from one that has nothing to do
	dq-cat --from kafka:opened -G g4 >/dev/null 3>&- 7>&- &
	within 20 sh -c "dq-lag -G g4 --stall 1s | jq -e '.state == \"stalled\" and (.why | contains(\"transaction stands open\"))'"
	exec 7>&-
	within 20 sh -c "dq-lag -G g4 | jq -e '.pending == 0 and .messages == 0 and .state == \"ok\"'"
}

@test "what is not known is not 0, and is over every limit" {
	topics fresh:2
	code 0 dq-lag -G g5
	jq -sec 'length == 1 and (.[0] | .group == "g5" and .topic == null and .messages == null and .seconds == null and .state == "unknown" and (.why | length > 0))' "$TMP/out"
	code 1 dq-lag -G g5 --max-lag 1000000
	code 1 dq-lag -G g5 --max-seconds 1d
	code 0 dq-lag -G g5 --text
	grep -Eq '^g5 +- +- +- +- +- +unknown' "$TMP/out"
	# one partition committed, the other with records of which nobody knows where the group will begin
	printf 'a:{"event_type":"weather"}\n' | kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t fresh -p 0 -K:
	reset g5 fresh:1 0
	lag g5 '(map(.messages) == [null, 0]) and .[0].state == "unknown" and .[0].why == "nothing committed yet" and .[1].state == "stopped"'
	# beyond the end: the topic was deleted and made again
	dq-topics delete fresh
	within 20 sh -c '! dq-topics describe fresh 2>/dev/null'
	topics other:1
	records 3 | dq-cat --to kafka:other
	reset g5b other 3
	dq-topics delete other
	within 20 sh -c '! dq-topics describe other 2>/dev/null'
	lag g5b '.[0] | .messages == null and .state == "unknown"'
}

@test "records that were deleted before they were read are told" {
	topics cut:1
	records 20 | dq-cat --to kafka:cut
	reset g6 cut 5
	echo '{"partitions":[{"topic":"cut","partition":0,"offset":12}],"version":1}' >"$TMP/cut.json"
	java_tool org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --offset-json-file "$TMP/cut.json"
	lag g6 '.[0] | .messages == 8 and .why == "7 offsets were deleted before they were read"'
}

@test "ok, stalled, stopped: who reads and moves, who hangs, nobody" {
	topics states:2
	records 20 | dq-cat --to kafka:states
	dq-cat --from kafka:states -G g7 -X session.timeout.ms=15000 >/dev/null 3>&- &
	P1=$!
	within 20 sh -c 'dq-lag -G g7 | jq -se "length == 2 and all(.[]; .state == \"ok\" and .messages == 0)"'
	kill -STOP $P1
	records 50 | dq-cat --to kafka:states
	sleep 1.2
	# young enough to be on their way, then too old for that; all of it well within the session
	lag g7 'all(.[]; .state == "ok") and (map(.messages) | add == 50)' --stall 1m
	lag g7 'all(.[]; .state == "stalled" and (.why | test("nothing committed for [0-9]+ s$")))' --stall 1s
	kill -CONT $P1
	within 20 sh -c 'dq-lag -G g7 | jq -se "all(.[]; .state == \"ok\" and .messages == 0)"'
	kill -KILL $P1
	wait $P1 || :
	within 30 sh -c 'dq-lag -G g7 | jq -se "all(.[]; .state == \"stopped\" and .messages == 0)"'
}

@test "a backlog too large to be counted is told by offsets" {
	topics much:1
	records 5000 | dq-cat --to kafka:much
	reset g8 much 100
	lag g8 '.[0] | .messages == 4900 and .seconds < 100'
	[ "$(java_lag g8)" = "much 0 4900" ]
}

@test "without -G the groups of the tools, with --all those of the cluster" {
	topics whose:1
	reset g9 whose 0
	code 0 dq-lag
	[ "$(jq -r .group "$TMP/out" | sort -u | paste -s -d ' ')" = "dashboard-service-group feature-processor-group intervention-service-group prediction-service-group" ]
	code 0 dq-lag --all
	jq -se 'any(.[]; .group == "g9" and .topic == "whose") and all(.[]; .group != "dashboard-service-group")' "$TMP/out"
}

@test "--watch looks until it is stopped, or a limit is passed" {
	topics seen:1
	reset g10 seen 0
	dq-lag -G g10 --watch 1 --max-lag 3 >"$TMP/out" 3>&- &
	P1=$!
	within 20 sh -c "[ \$(wc -l <$TMP/out) -ge 2 ]"
	records 4 | dq-cat --to kafka:seen
	got=0
	wait $P1 || got=$?
	[ $got -eq 1 ]
	[ "$(tail -n 1 "$TMP/out" | jq .messages)" -eq 4 ]
	dq-lag -G g10 --watch >"$TMP/until" 3>&- &
	P1=$!
	within 20 test -s "$TMP/until"
	kill -TERM $P1
	wait $P1
	jq -se 'length == 1 and (.[0].time | length > 0)' "$TMP/until"
}

@test "a coordinator that has just started is waited for" {
	topics again:1
	records 5 | dq-cat --to kafka:again
	reset g11 again 2
	for _ in 1 2; do
		tests/kafka/broker kill
		tests/kafka/broker restart 3>&-
		for g in g11 g11-a g11-b g11-c g11-d; do code 0 dq-lag -G $g; done
		lag g11 '.[0].messages == 3'
	done
}
