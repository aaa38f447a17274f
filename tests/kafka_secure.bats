# TLS, SASL/SCRAM and access control, on a real broker. It is a 3.9: librdkafka before 2.6.1 (Debian 12 has 2.0.2) cannot do SCRAM with 4.
load lib
load kafka

setup_file() { broker_up -s -k 3.9; }
teardown_file() { broker_down; }

tls=$DQ_BROKER/tls

# by LISTENER SETTINGS COMMAND...   Runs a tool as a client of that listener.
by() {
	local at
	at=$(tests/kafka/broker address "$1")
	DQ_BOOTSTRAP_SERVER=$at DQ_COMMAND_CONFIG=$2 "${@:3}"
}

# allow ARGS...   Adds ACLs.
allow() {
	java_tool kafka.admin.AclCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --add "$@" >/dev/null
}

@test "TLS with a client's certificate: written and read again" {
	topics tls
	records 200 >"$TMP/in"
	code 0 by ssl "$tls/ssl.conf" dq-cat --to kafka:tls <"$TMP/in"
	code 0 by ssl "$tls/ssl.conf" dq-cat --from kafka:tls -e -G tls-group
	sort "$TMP/out" | cmp - <(sort "$TMP/in")
	code 0 by ssl "$tls/ssl.conf" dq-lag -G tls-group
	jq -se 'length == 3 and all(.[]; .messages == 0)' "$TMP/out"
	code 0 by ssl "$tls/ssl.conf" dq-topics describe tls
	# the same by -X, but for the secrets
	code 0 by ssl /dev/null dq-cat -X security.protocol=ssl -X "ssl.ca.location=$tls/ca.crt" -X "ssl.certificate.location=$tls/client.crt" \
		-X "ssl.key.location=$tls/client.key" --from kafka:tls -e -c 5
	lines 5 "$TMP/out"
}

@test "TLS: an unknown authority, or no certificate of ours, is 75 with the reason" {
	topics tls2
	code 75 by ssl /dev/null dq-cat -X security.protocol=ssl --from kafka:tls2 -e --timeout 5s
	has "certificate verify failed"
	code 75 by ssl /dev/null dq-cat -X security.protocol=ssl -X "ssl.ca.location=$tls/ca.crt" --from kafka:tls2 -e --timeout 3s
	has "certificate"
	lines 0 "$TMP/out"
}

@test "SASL_SSL: a right password and the right to, and a pipe is exactly once there too" {
	topics in out
	allow --allow-principal User:alice --operation Read --operation Write --operation Describe --topic in --topic out
	allow --allow-principal User:alice --operation Read --group alice-group
	allow --allow-principal User:alice --operation Write --operation Describe --transactional-id alice- --resource-pattern-type prefixed
	records 300 >"$TMP/in"
	code 0 by sasl "$tls/alice.conf" dq-cat --to kafka:in <"$TMP/in"
	code 0 by sasl "$tls/alice.conf" dq-cat --from kafka:in -e -c 7
	lines 7 "$TMP/out"
	for _ in 1 2; do
		by sasl "$tls/alice.conf" dq-cat --from kafka:in -G alice-group -e | dq-cat |
			by sasl "$tls/alice.conf" dq-cat -G alice-group --to kafka:out
	done
	code 0 by sasl "$tls/alice.conf" dq-cat --from kafka:out -e
	sort "$TMP/out" | cmp - <(sort "$TMP/in")
	code 0 by sasl "$tls/alice.conf" dq-lag -G alice-group
	jq -se 'length == 3 and all(.[]; .messages == 0)' "$TMP/out"
}

@test "a wrong password is 75 with the broker's word, soon, whoever asks" {
	topics wrong
	sed 's/alice-secret/nonsense/' "$tls/alice.conf" >"$TMP/wrong.conf"
	for t in "dq-cat --from kafka:wrong -e" "dq-cat --to kafka:wrong" "dq-cat --from kafka:wrong -G g --to kafka:wrong" "dq-topics list" "dq-lag -G g"; do
		SECONDS=0
		code 75 by sasl "$TMP/wrong.conf" $t </dev/null
		has "Authentication failed"
		lines 0 "$TMP/out"
		if grep -q nonsense "$TMP/err"; then return 1; fi
		[ $SECONDS -lt 10 ]
	done
}

@test "what alice may, bob may not: 75 with the broker's word, never an empty table" {
	topics hers
	allow --allow-principal User:alice --operation Read --operation Write --topic hers
	allow --allow-principal User:alice --operation Read --group hers-group
	allow --allow-principal User:bob --operation Read --group bobs-group
	records 10 | by sasl "$tls/alice.conf" dq-cat --to kafka:hers
	code 0 by sasl "$tls/alice.conf" dq-cat --from kafka:hers -e -G hers-group
	code 75 by sasl "$tls/bob.conf" dq-cat --from kafka:hers -e
	has "Topic authorization failed"
	code 75 by sasl "$tls/bob.conf" dq-cat --to kafka:hers </dev/null
	has "Topic authorization failed"
	code 75 by sasl "$tls/bob.conf" dq-lag -G hers-group --text
	has "group hers-group"
	has "Group authorization failed"
	lines 0 "$TMP/out"
	code 75 by sasl "$tls/bob.conf" dq-lag
	has "Group authorization failed"
	lines 0 "$TMP/out"
	code 75 by sasl "$tls/alice.conf" dq-cat --from kafka:hers -e -G bobs-group
	has "Group authorization failed"
	# a group that may be described, of a topic that may not: not nothing, and not 0
	code 0 by sasl "$tls/bob.conf" dq-lag -G bobs-group
	jq -e '.state == "unknown" and .messages == null' "$TMP/out"
	code 1 by sasl "$tls/bob.conf" dq-lag --all
	has "no group is to be seen"
	lines 0 "$TMP/out"
}

@test "SCRAM with a broker of version 4: works, or the message says which librdkafka would do" {
	export DQ_BROKER=$TMP/four
	tests/kafka/broker start -s 3>&- >/dev/null
	DQ_BOOTSTRAP_SERVER=$(tests/kafka/broker address)
	topics four
	java_tool org.apache.kafka.tools.AclCommand --bootstrap-server "$DQ_BOOTSTRAP_SERVER" --add --allow-principal User:alice --operation Read --topic four
	got=0
	by sasl "$DQ_BROKER/tls/alice.conf" dq-cat --from kafka:four -e 2>"$TMP/err" || got=$?
	by ssl "$DQ_BROKER/tls/ssl.conf" dq-cat --from kafka:four -e
	tests/kafka/broker stop
	case $(kcat -V | grep -oE 'librdkafka [0-9.]+') in
	"librdkafka 2."[0-5].* | "librdkafka 2.6.0" | "librdkafka 1."*) [ $got -eq 75 ] && has "librdkafka before 2.6.1 cannot do SCRAM with Kafka 4" ;;
	*) [ $got -eq 0 ] ;;
	esac
}
