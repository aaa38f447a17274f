# Dead letters of topics, and back: the exact bytes, key and topic, once. And copies from topic to topic under kill -9.
load lib
load kafka

setup_file() { broker_up; }
teardown_file() { broker_down; }

# dump TOPIC   Keys and values as they are, sorted, a NUL behind each.
dump() { kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t "$1" -e -q -f '%K %k|%S %s\x02' | tr '\002' '\0' | sort -z; }

# put TOPIC [OPTIONS]   Messages from standard input, a ~ between them, to where the Java client would put their keys.
put() { kcat -b "$DQ_BOOTSTRAP_SERVER" -P -t "$1" -D '~' -X topic.partitioner=murmur2_random "${@:2}"; }

# widen TOPIC BYTES
widen() { java_tool kafka.admin.ConfigCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --alter --topic "$1" --add-config "max.message.bytes=$2" >/dev/null; }

# letters_of TOPIC LETTERS   Reads a topic of which nothing is a record, as an exactly-once pipeline does.
letters_of() {
	topics "$1-good"
	dq-cat --from "kafka:$1" -G "g-$1" -e --to "kafka:$1-good" --dlq "kafka:$2" 2>/dev/null
	[ "$(dq-cat --from "kafka:$1-good" -e | wc -l)" -eq 0 ]
}

@test "a letter has bytes, key, place and reason; --cure brings it back, once" {
	topics orders:3 letters
	printf 'k1:no json~k2:{"@x":1}~k3:two\nlines~\xff\x01key:\xfe\x00\xff bytes~k1:{"event_type":"transaction"}' | put orders -K:
	printf 'nobody knows whose' | put orders
	dump orders >"$TMP/was"
	letters_of orders letters
	dq-cat --from kafka:letters -e >"$TMP/letters"
	lines 6 "$TMP/letters"
	jq -se 'all(.[]; .source.topic == "orders" and .source.partition >= 0 and .source.offset >= 0 and (.error | length > 0))
		and (map(select(.source.key == null)) | length == 1)
		and (map(select(.raw == ("no json" | @base64)))[0].source.key == ("k1" | @base64))' "$TMP/letters"
	for _ in 1 2; do code 0 dq-cat --cure --from kafka:letters -G cure -e --to kafka:orders; done
	sort -z "$TMP/was" "$TMP/was" | cmp - <(dump orders)
	# each key's old and new messages are in one partition
	[ "$(kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t orders -e -q -f '%K %k %p\n' | grep -a -v '^-1 ' | sort -u | wc -l)" -eq 4 ]
}

@test "--cure --map mends what it gets as a string, --where chooses letters" {
	topics bills:2 letters2
	printf 'c1:{"event_type":"weather","customer_id":"c1","rain":1,5}~c2:{"event_type":"weather","customer_id":"c2","rain":NaN}' | put bills -K:
	letters_of bills letters2
	code 0 dq-cat --cure --from kafka:letters2 -G mend -e --to kafka:bills --where '.source.key | @base64d == "c1"' --map 'sub(",5}"; ".5}")'
	code 0 dq-cat --cure --from kafka:letters2 -e --where '.source.key | @base64d != "c1"' --map 'sub("NaN"; "null") | fromjson | .rain = 2'
	out_is '{"event_type":"weather","customer_id":"c2","rain":2}'
	code 0 dq-cat --from kafka:bills -e --on-bad skip
	out_is '{"event_type":"weather","customer_id":"c1","rain":1.5}'
	dq-cat --from kafka:bills -e --envelope | jq -se 'map(select(.key == "c1")) | length == 2 and .[0].partition == .[1].partition'
}

@test "--cure keeps to the topics that --to names, and to letters" {
	topics here there letters3
	printf 'k:bad here' | put here -K:
	printf 'k:bad there' | put there -K:
	letters_of here letters3
	letters_of there letters3
	code 65 dq-cat --cure --from kafka:letters3 -G c3 -e --to kafka:here
	has "of topic there, which --to does not name"
	code 0 dq-cat --cure --from kafka:letters3 -G c3b -e --to kafka:here,there
	[ "$(dump here | tr '\0' '\n')" = "$(printf '1 k|8 bad here\n%.0s' 1 2)" ]
	[ "$(dump there | tr '\0' '\n')" = "$(printf '1 k|9 bad there\n%.0s' 1 2)" ]
	code 2 dq-cat --cure --from kafka:letters3 -e --to kafka:here
	has "-G"
	echo '{"event_type":"weather"}' >"$TMP/in"
	code 65 dq-cat --cure <"$TMP/in"
	has "not a dead letter"
}

@test "letters of a file go to a topic by their customer" {
	topics late:3
	printf '%s\n' '{"event_type":"transaction","customer_id":"C7","n":1}' '{"event_type":"transaction","customer_id":"C7","n":2}' >"$TMP/in"
	dq-features --dlq "$TMP/letters" <"$TMP/in" >"$TMP/out" 2>/dev/null
	lines 2 "$TMP/letters"
	code 0 dq-cat --cure --to kafka:late <"$TMP/letters"
	dq-cat --from kafka:late -e --envelope >"$TMP/out"
	jq -se 'map(.key) == ["C7", "C7"] and map(.payload | fromjson | .n) == [1, 2]' "$TMP/out"
}

@test "a letter about an overlong message: kept where it fits, else exit 65 and nothing lost" {
	topics long:1 letters4 long-good
	widen long 3000000
	widen letters4 2000000
	{ printf 'k:'; head -c 1300000 /dev/zero | tr '\0' x; } | put long -K: -X message.max.bytes=3000000
	dump long >"$TMP/was"
	code 65 dq-cat --from kafka:long -e
	has "limit is 1048576"
	letters_of long letters4
	# the letter is overlong itself: none but --cure takes it
	code 65 dq-cat --from kafka:letters4 -e
	code 0 dq-cat --cure --from kafka:letters4 -G c4 -e --to kafka:long
	sort -z "$TMP/was" "$TMP/was" | cmp - <(dump long)
	{ printf 'k:'; head -c 1800000 /dev/zero | tr '\0' y; } | put long -K: -X message.max.bytes=3000000
	for _ in 1 2; do
		code 65 dq-cat --from kafka:long -G g-long -e -X session.timeout.ms=1000 -X heartbeat.interval.ms=200 --to kafka:long-good --dlq kafka:letters4
		has "too long for a message"
	done
	code 0 dq-cat --from kafka:long -G g-long -e --dlq "$TMP/file"
	dq-cat --cure <"$TMP/file" | tail -n 1 | tr -d '\n' | cmp - <(head -c 1800000 /dev/zero | tr '\0' y)
}

@test "dead-letters has room for a letter about the longest line" {
	dq-topics create dead-letters >/dev/null
	code 0 dq-topics describe dead-letters
	jq -e '."max.message.bytes" == "2000000"' "$TMP/out"
	{ printf '{"event_type":"tick","x":"'; head -c 1048548 /dev/zero | tr '\0' x; printf '"}\n'; } >"$TMP/in"
	[ "$(wc -c <"$TMP/in")" -eq 1048577 ]
	code 0 dq-cat --dlq kafka:dead-letters --to "$TMP/good" <"$TMP/in"
	has "event_time"
	lines 0 "$TMP/good"
	dq-cat --cure --from kafka:dead-letters -e | cmp - "$TMP/in"
}

# killed COMMAND...   Runs it again and again until file $TMP/fed is there, each time killed at some moment, then lets it finish. Says how often.
killed() {
	local n=0 p
	until [ -e "$TMP/fed" ]; do
		"$@" 2>/dev/null 3>&- &
		p=$!
		sleep "0.$((RANDOM % 6 + 3))"
		kill -KILL $p
		wait $p || :
		n=$((n + 1))
	done
	"$@" -e
	echo "# killed $n times" >&3
	[ $n -ge 4 ]
}

# feed COMMAND...   Gives it standard input in pieces, for some seconds.
feed() {
	split -n l/40 - "$TMP/piece."
	for p in "$TMP"/piece.*; do cat "$p"; sleep 0.1; done | "$@"
	touch "$TMP/fed"
}

@test "copied from topic to topic under kill -9: every record once" {
	topics from:3 to:3
	records 60000 >"$TMP/in"
	feed dq-cat --to kafka:from <"$TMP/in" 3>&- &
	killed dq-cat --from kafka:from -G copy --instance 0 --checkpoint-interval 20ms --to kafka:to
	dq-cat --from kafka:to -e >"$TMP/out"
	lines 60000 "$TMP/out"
	by_customer <"$TMP/in" | cmp - <(by_customer <"$TMP/out")
}

@test "cured under kill -9: every line once" {
	topics sick:2 letters5:2
	seq 20000 | sed 's/.*/broken &/' >"$TMP/in"
	feed dq-cat --dlq kafka:letters5 --to "$TMP/good" <"$TMP/in" 2>/dev/null 3>&- &
	killed dq-cat --cure --from kafka:letters5 -G c5 --instance 0 --checkpoint-interval 20ms --to kafka:sick
	kcat -b "$DQ_BOOTSTRAP_SERVER" -C -t sick -e -q -X isolation.level=read_committed | sort | cmp - <(sort "$TMP/in")
}
