# Tables as endpoints, on a real PostgreSQL and, where rows come from a topic, on a real broker.
load lib
load kafka
load pg

setup_file() {
	pg_up "log_min_messages = fatal"
	broker_up
}

teardown_file() {
	pg_down
	broker_down
}

setup() {
	database
	dq-store init >/dev/null
	IN=in$BATS_TEST_NUMBER
}

# transactions N [PREFIX]   N transactions of 17 customers over some months, in the order of their time.
transactions() {
	awk -v n="$1" -v p="${2:-T}" 'BEGIN {
		for (i = 1; i <= n; i++) {
			t = i * 90
			printf "{\"event_type\":\"transaction\",\"txn_time\":\"2026-%02d-%02dT%02d:%02d:%02dZ\",\"customer_id\":\"C%d\",\"transaction_id\":\"%s%07d\",\"amount\":%d.%02d,\"txn_type\":\"debit\"}\n",
				int(t / 2419200) % 12 + 1, int(t / 86400) % 28 + 1, int(t / 3600) % 24, int(t / 60) % 60, t % 60, i % 17, p, i, i % 900, i % 100
		}
	}'
}

count() { sql "SELECT count(*) FROM transactions"; }
rows_are() { sql_is "$1" "SELECT count(*) FROM transactions"; }
reached() { [ "$(count)" -eq "$1" ]; }
some_rows() { [ "$(count)" -gt "${1:-0}" ]; }

@test "what goes into tables comes out of them: same bytes, in order of time" {
	transactions 45000 >"$TMP/in"
	code 0 dq-cat --to pg:transactions --from "$TMP/in"
	lines 0
	code 0 dq-cat --from pg:transactions
	cmp "$TMP/in" "$TMP/out"
	sql_is 2 "SELECT count(*) FROM dq_months('transactions')"
}

@test "every kind of a simulated run finds its table, and what was made of it comes back byte for byte" {
	dq-simulate --customers 20 --days 120 >"$TMP/in"
	dq-features --from "$TMP/in" | dq-score | tee "$TMP/scored" | dq-intervene >"$TMP/decided"
	code 0 dq-cat --to pg:all --from "$TMP/in"
	for kind in prediction intervention outcome; do
		cat "$TMP/scored" "$TMP/decided" | grep "^{\"event_type\":\"$kind\"" | sort -u >"$TMP/$kind"
		[ -s "$TMP/$kind" ]
		code 0 dq-cat --to pg:risk_scores,interventions,intervention_outcomes --from "$TMP/$kind"
	done
	code 0 dq-cat --from pg:risk_scores
	diff "$TMP/prediction" <(sort "$TMP/out")
	code 0 dq-cat --from pg:interventions,intervention_outcomes
	diff <(sort "$TMP/intervention" "$TMP/outcome") <(sort "$TMP/out")
	jq -e -s 'map(.event_time) | . == sort' "$TMP/out" >/dev/null
	# the first feature of the record is the first feature of the row
	sql "SELECT score_id, top_feature_1, top_feature_1_impact, model_version FROM risk_scores ORDER BY 1" >"$TMP/have"
	jq -r '[.prediction_id, .top_features[0].feature, .top_features[0].contribution, .model.version] | join("|")' "$TMP/prediction" | sort | diff - "$TMP/have"
	# a table of transactions serves a replay: the same decisions as from the file
	code 0 dq-cat --from pg:customers,transactions
	dq-features --from "$TMP/out" | dq-score | jq -c '[.customer_id, .event_time, .risk_score]' | sort >"$TMP/again"
	grep -vE '"(payment|tick)"' "$TMP/in" | dq-features | dq-score | jq -c '[.customer_id, .event_time, .risk_score]' | sort | diff - "$TMP/again"
}

@test "fields without a column are kept" {
	echo '{"event_type":"transaction","txn_time":"2026-01-05T00:00:00.25Z","customer_id":"C1","transaction_id":"x","amount":12.50,"txn_type":"debit","shop":{"name":"a\\b\tc","n":[1,2.50]},"note":null}' >"$TMP/in"
	code 0 dq-cat --to pg:transactions --from "$TMP/in"
	code 0 dq-cat --from pg:transactions
	diff <(jq -S . "$TMP/in") <(jq -S . "$TMP/out")
	has '"amount":12.50,' "$TMP/out"
	has '2.50' "$TMP/out"
}

@test "a newer profile or payment takes the place of an older one, never the other way round" {
	cat >"$TMP/in" <<-'END'
		{"event_type":"customer","event_time":"2026-01-02T00:00:00Z","customer_id":"C1","language":"de"}
		{"event_type":"customer","event_time":"2026-01-01T00:00:00Z","customer_id":"C1","language":"en"}
		{"event_type":"payment","event_time":"2026-01-03T00:00:00Z","customer_id":"C1","payment_id":"P","payment_type":"rent","due_date":"2026-01-09","amount":5,"status":"pending"}
		{"event_type":"payment","event_time":"2026-01-08T00:00:00Z","customer_id":"C1","payment_id":"P","payment_type":"rent","due_date":"2026-01-09","amount":5,"status":"paid","paid_date":"2026-01-08"}
	END
	code 0 dq-cat --to pg:customers,payments --from "$TMP/in"
	sql_is de "SELECT language FROM customers"
	sql_is paid "SELECT status FROM payments"
	tac "$TMP/in" | code 0 dq-cat --to pg:customers,payments
	sql_is de "SELECT language FROM customers"
	sql_is paid "SELECT status FROM payments"
	code 0 dq-cat --from pg:payments
	has '"due_date":"2026-01-09"' "$TMP/out"
}

@test "the same file twice, in parts, under another name: each row once" {
	transactions 3000 >"$TMP/in"
	code 0 dq-cat --to pg:transactions --from "$TMP/in"
	code 0 dq-cat --to pg:transactions --from "$TMP/in"
	has "3000 records were there already"
	tail -n 100 "$TMP/in" | code 0 dq-cat --to pg:transactions
	transactions 10 X | cat - "$TMP/in" >"$TMP/more"
	code 0 dq-cat --to pg:transactions --from "$TMP/more"
	has "3000 records were there already"
	rows_are 3010
	# without an id of its own a record has one of what and where it is
	transactions 50 | sed 's/"transaction_id":"[^"]*",//' >"$TMP/nameless"
	code 0 dq-cat --to pg:transactions --from "$TMP/nameless"
	code 0 dq-cat --to pg:transactions --from "$TMP/nameless"
	rows_are 3060
}

@test "pseudonyms: no customer's name comes into a table; a line keeps its place" {
	transactions 2000 | sed 's/"transaction_id":"[^"]*",//' >"$TMP/in"
	topics "$IN:1"
	code 0 dq-cat --to "kafka:$IN" --from "$TMP/in"
	code 0 dq-cat --from "kafka:$IN" -G "$IN.g" --to pg:transactions --pseudonym "$TMP/map" -e
	rows_are 2000
	sql_is 17 "SELECT count(DISTINCT customer_id) FROM transactions WHERE customer_id ~ '^P[0-9a-f]{32}$'"
	sql "TRUNCATE transactions"
	{
		sed -n 1,1000p "$TMP/in"
		sed -n 5p "$TMP/in" | sed 's/"txn_time":"2026/"txn_time":"2099/'
		sed -n 1001,2000p "$TMP/in"
	} >"$TMP/one"
	code 0 dq-store load transactions --from "$TMP/one" --pseudonym "$TMP/map" --on-bad skip
	has "line 1001: public.transactions has no room for 2099"
	rows_are 2000
	code 0 dq-store load transactions --from "$TMP/one" --pseudonym "$TMP/map" --on-bad skip
	has "2000 records were there already"
	sql_is 17 "SELECT count(DISTINCT customer_id) FROM transactions WHERE customer_id ~ '^P[0-9a-f]{32}$'"
	[ "$(wc -l <"$TMP/map")" -eq 17 ]
	code 0 dq-simulate --from pg:transactions --pseudonym "$TMP/other" 100
	[ "$(jq -r .customer_id "$TMP/out" | sort -u | grep -cxFf - <(jq -r .pseudonym "$TMP/map"))" -eq 0 ]
	code 2 dq-store export transactions --pseudonym "$TMP/map"
}

# A batch with three rows that only the database refuses, among 500 it takes.
refusable() {
	transactions 500 >"$TMP/good"
	sed -e '100s/"C[0-9]*"/"C\\u0000"/' -e '200s/"txn_time":"2026/"txn_time":"2099/' -e '201s/"customer_id":"[^"]*"/"customer_id":"refuse me"/' "$TMP/good" >"$TMP/in"
	sql "ALTER TABLE transactions ADD CONSTRAINT polite CHECK (customer_id <> 'refuse me')"
}

@test "a refused row is told in the database's words; its neighbours are not" {
	refusable
	code 0 dq-cat --to pg:transactions --from "$TMP/in" --on-bad skip
	lines 3
	has 'line 100: invalid byte sequence for encoding "UTF8": 0x00; skipped'
	has 'line 200: public.transactions has no room for 2099-'
	has 'line 201: new row for relation "transactions_202601" violates check constraint "polite"'
	[ "$(grep -c "Failing row" "$TMP/err")" -eq 0 ] # which would be the record
	rows_are 497
	code 0 dq-cat --to pg:transactions --from "$TMP/in" --dlq "$TMP/letters"
	lines 4
	jq -r '.raw | @base64d' "$TMP/letters" | diff <(sed -n '100p;200p;201p' "$TMP/in") -
	jq -r '.source.line' "$TMP/letters" | diff <(printf '100\n200\n201\n') -
	rows_are 497
}

@test "one refused row in front of a large batch, at its end, among others: the others are there" {
	transactions 60000 >"$TMP/good"
	sql "ALTER TABLE transactions ADD CONSTRAINT polite CHECK (customer_id <> 'refuse me')"
	for at in 1 30000 60000; do
		sql "TRUNCATE transactions"
		sed "${at}s/\"customer_id\":\"[^\"]*\"/\"customer_id\":\"refuse me\"/" "$TMP/good" >"$TMP/in"
		code 0 dq-cat --to pg:transactions --from "$TMP/in" --on-bad skip
		lines 1
		has "line $at: new row"
		rows_are 59999
		code 0 dq-cat --from pg:transactions
		sed "${at}d" "$TMP/in" | cmp - "$TMP/out"
	done
}

@test "a month that is dropped while it is written comes again" {
	transactions 3000 >"$TMP/in"
	mkfifo "$TMP/pipe"
	dq-cat --to pg:transactions <"$TMP/pipe" 2>"$TMP/err" 3>&- &
	exec 7>"$TMP/pipe"
	head -n 1500 "$TMP/in" >&7
	within 20 reached 1500
	code 0 dq-store prune transactions --before 2026-03-01
	rows_are 0
	tail -n +1501 "$TMP/in" >&7
	within 20 reached 1500
	exec 7>&-
	wait $!
	rows_are 1500
}

@test "--on-bad stop keeps what stood before the refused row, and exits 65" {
	refusable
	code 65 dq-cat --to pg:transactions --from "$TMP/in"
	lines 1
	rows_are 99
	code 65 dq-cat --to pg:transactions --from <(sed 100d "$TMP/in")
	has "line 199: public.transactions has no room"
	rows_are 198
}

@test "a record that no table takes is refused, a tick is not" {
	printf '%s\n' '{"event_type":"tick","event_time":"2026-01-06T00:00:00Z"}' '{"event_type":"weather"}' >"$TMP/in"
	code 65 dq-cat --to pg:transactions --from "$TMP/in"
	has 'line 2: no table of --to takes "weather"'
}

@test "wrong settings are exit 2 at once, a password is not taken" {
	code 2 dq-cat --from pg:nowhere
	has "pg:nowhere: not a table of ours"
	code 2 dq-cat --from pg:transactions --database "${DQ_DATABASE% dbname=*} dbname=no-such"
	has 'database "no-such" does not exist'
	code 2 dq-cat --from pg:transactions --database 'host=127.0.0.1 password=x'
	has "a password here would be seen by all"
	code 2 dq-cat --from pg:transactions --database 'nonsense=1'
	sql "DROP TABLE labels"
	code 2 dq-cat --to pg:labels </dev/null
	has "run dq-store init"
	code 2 dq-score --from pg:transactions
	has "no pg: endpoints"
}

# through SCRIPT ARGS...   Starts tests/pg/SCRIPT and lets DQ_DATABASE lead there; what it says goes to $TMP/SCRIPT.
through() {
	rm -f "$TMP/port"
	tests/pg/"$1" "${@:2}" >"$TMP/port" 2>"$TMP/$1" 3>&- &
	within 10 test -s "$TMP/port"
	DQ_DATABASE="host=127.0.0.1 port=$(cat "$TMP/port") user=postgres dbname=${DQ_DATABASE##*dbname=} sslmode=disable gssencmode=disable"
}

@test "who is turned away is exit 2 by the server's code, in whatever language; who may come later waits" {
	(
		through refuse 28P01
		code 2 dq-cat --from pg:transactions
		lines 1
		has "كلمة المرور غير صحيحة"
		[ "$(grep -c 28P01 "$TMP/err")" -eq 0 ]
		end_jobs
	)
	(
		through refuse 57P03
		code 75 dq-cat --from pg:transactions --timeout 1s
		has "كلمة المرور غير صحيحة"
		end_jobs
	)
	sql "DROP ROLE IF EXISTS nobody" "CREATE ROLE nobody NOLOGIN"
	code 2 dq-cat --from pg:transactions --database "${DQ_DATABASE/user=postgres/user=nobody}"
	has 'role "nobody" is not permitted to log in'
	lines 1
}

# The port of the server.
port() { sed -E 's/.*port=([0-9]+).*/\1/' <<<"$DQ_DATABASE"; }

@test "the answer to COMMIT is lost, or COMMIT itself, from a file: every row once" {
	transactions 60000 >"$TMP/in"
	own=$DQ_DATABASE
	for when in after before; do
		sql "TRUNCATE transactions"
		(
			through proxy "$(port)" $when 1
			code 0 dq-cat --to pg:transactions --from "$TMP/in"
			has "cut $when commit 1" "$TMP/proxy"
			end_jobs
		)
		DQ_DATABASE=$own
		rows_are 60000
		code 0 dq-cat --from pg:transactions
		cmp "$TMP/in" "$TMP/out"
	done
}

@test "the answer to COMMIT is lost, or COMMIT itself, from a topic: every row once" {
	topics "$IN:1"
	transactions 5000 >"$TMP/in"
	code 0 dq-cat --to "kafka:$IN" --from "$TMP/in"
	for when in after before; do
		sql "TRUNCATE transactions, dq_offsets"
		(
			through proxy "$(port)" $when 1
			code 0 dq-cat --from "kafka:$IN" -G "$IN.$when" --to pg:transactions -e
			# nothing came twice, not even to be left out
			[ "$(grep -c "were there already" "$TMP/err")" -eq 0 ]
			has "cut $when commit 1" "$TMP/proxy"
			end_jobs
		)
		rows_are 5000
		sql_is 5000 "SELECT sum(next) FROM dq_offsets WHERE grp = '$IN.$when'"
	done
}

@test "a database that is away is waited for, then it is exit 75 and no bad record" {
	transactions 100 >"$TMP/in"
	tests/pg/server kill
	code 75 dq-cat --to pg:transactions --from "$TMP/in" --timeout 1s --dlq "$TMP/letters"
	lines 1
	[ ! -s "$TMP/letters" ]
	code 75 dq-cat --from pg:transactions --timeout 1s
	dq-cat --to pg:transactions --from "$TMP/in" --timeout 60s 3>&- &
	sleep 1
	tests/pg/server restart
	wait $!
	rows_are 100
}

# feed FILE [PAUSE]   That file slowly, so that something can happen in the middle.
feed() {
	local at
	for at in $(seq 1 500 "$(wc -l <"$1")"); do
		sed -n "$at,$((at + 499))p;$((at + 499))q" "$1"
		sleep "${2:-0.02}"
	done
}

@test "from a file: the server is killed in the middle, and killed again: every row once" {
	transactions 30000 >"$TMP/in"
	feed "$TMP/in" | dq-cat --to pg:transactions 2>"$TMP/err" 3>&- &
	for at in 3000 12000; do
		within 20 some_rows $at
		tests/pg/server kill
		tests/pg/server restart
	done
	wait $!
	rows_are 30000
	code 0 dq-cat --from pg:transactions
	cmp "$TMP/in" "$TMP/out"
}

@test "from a file: dq-cat is killed in the middle and started again: every row once" {
	transactions 60000 >"$TMP/in"
	for at in 2000 10000; do
		feed "$TMP/in" | dq-cat --to pg:transactions 2>"$TMP/err" 3>&- &
		within 20 some_rows $at
		kill -KILL $!
		wait $! || :
	done
	rows=$(count)
	[ "$rows" -lt 60000 ]
	code 0 dq-cat --to pg:transactions --from "$TMP/in"
	has "$rows records were there already"
	rows_are 60000
}

@test "reading goes on where it was when the server is killed, and from --after in another run" {
	transactions 70000 >"$TMP/in"
	code 0 dq-cat --to pg:transactions --from "$TMP/in"
	mkfifo "$TMP/pipe"
	dq-cat --from pg:transactions --to "$TMP/pipe" 3>&- &
	{
		for _ in $(seq 1000); do
			IFS= read -r line
			echo "$line"
		done
		tests/pg/server kill
		tests/pg/server restart
		cat
	} <"$TMP/pipe" >"$TMP/out"
	wait $!
	cmp "$TMP/in" "$TMP/out"
	code 0 dq-cat --from pg:transactions -c 25000
	cmp <(head -n 25000 "$TMP/in") "$TMP/out"
	last=$(tail -n 1 "$TMP/out" | jq -r '.txn_time + "," + .transaction_id')
	code 0 dq-cat --from pg:transactions --after "$last"
	cmp <(tail -n +25001 "$TMP/in") "$TMP/out"
	code 0 dq-cat --from pg:transactions --since 2026-01-10 --until 2026-01-11T12:00:00Z
	cmp <(jq -c 'select(.txn_time >= "2026-01-10" and .txn_time < "2026-01-11T12:00:00Z")' "$TMP/in" | wc -l) <(wc -l <"$TMP/out")
	head -n 1 "$TMP/out" | grep -q 2026-01-10T00:00:00Z
	code 2 dq-cat --from pg:transactions --after nonsense
}

@test "a reader that is asked to stop says where to go on" {
	transactions 1000 | code 0 dq-cat --to pg:transactions
	dq-simulate --from pg:transactions 1000 20 >"$TMP/out" 2>"$TMP/err" 3>&- &
	within 10 test -s "$TMP/out"
	kill -TERM $!
	wait $! || :
	n=$(wc -l <"$TMP/out")
	[ "$n" -lt 900 ]
	sed -E "s/.*--after '(.*)'/\1/" "$TMP/err" >"$TMP/after"
	code 0 dq-cat --from pg:transactions --after "$(cat "$TMP/after")"
	[ $((n + $(wc -l <"$TMP/out"))) -eq 1000 ]
}

@test "dq-simulate replays history at a pace; a table goes into a topic" {
	transactions 300 | code 0 dq-cat --to pg:transactions
	begin=$(date +%s%N)
	code 0 dq-simulate --from pg:transactions 11 100
	[ $((($(date +%s%N) - begin) / 1000000)) -ge 1000 ]
	cmp <(transactions 300 | sed -n 1,11p) "$TMP/out"
	begin=$(date +%s%N)
	code 0 dq-simulate --from pg:transactions --speed 900x 21
	[ $((($(date +%s%N) - begin) / 1000000)) -ge 2000 ]
	lines 21 "$TMP/out"
	code 2 dq-simulate --from pg:transactions live 10
	code 2 dq-simulate --from somewhere
	topics history
	code 0 dq-cat --from pg:transactions --to kafka:history
	code 0 dq-cat --from kafka:history -e
	cmp <(transactions 300 | by_customer) <(by_customer <"$TMP/out")
}

@test "from a topic: dq-cat is killed six times, the server twice: 0 lost, 0 doubled" {
	topics $IN
	transactions 50000 >"$TMP/in"
	(feed "$TMP/in" 0.2 | dq-cat --to kafka:$IN) 3>&- &
	feeder=$!
	kills=0
	for round in $(seq 6); do
		before=$(count)
		# A machine that has much else to do may be through before the sixth.
		[ "$before" -lt 50000 ] || break
		dq-cat --from kafka:$IN -G $IN.store --instance a --to pg:transactions --checkpoint-interval 20ms 2>>"$TMP/errors" 3>&- &
		within 30 some_rows "$before"
		if [ $((round % 3)) -eq 2 ]; then
			tests/pg/server kill
			tests/pg/server restart
			before=$(count)
			[ "$before" -eq 50000 ] || within 30 some_rows "$before"
		fi
		kill -KILL $!
		wait $! || :
		kills=$((kills + 1))
	done
	[ $kills -ge 3 ]
	wait $feeder
	code 0 dq-cat --from kafka:$IN -G $IN.store --instance a --to pg:transactions -e
	rows_are 50000
	sql_is 50000 "SELECT sum(next) FROM dq_offsets WHERE grp = '$IN.store' AND topic = '$IN'"
	# no row came twice, not even to be left out
	[ "$(grep -c "were there already" "$TMP/errors")" -eq 0 ]
	lines 0
	code 0 dq-cat --from pg:transactions
	cmp "$TMP/in" "$TMP/out"
}

copying() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY transactions%'")" -gt 0 ]; }

@test "killed between the first row of a transaction and its commit, dq-cat and the server: nothing of it is there" {
	topics $IN:1
	sql "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END'" \
		"CREATE TRIGGER slow BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION slow()"
	transactions 200 >"$TMP/in"
	code 0 dq-cat --to kafka:$IN --from "$TMP/in"
	dq-cat --from kafka:$IN -G $IN.g --instance a --to pg:transactions 2>"$TMP/err" 3>&- &
	within 30 copying
	kill -KILL $!
	wait $! || :
	rows_are 0
	sql_is 0 "SELECT count(*) FROM dq_offsets"
	dq-cat --from kafka:$IN -G $IN.g --instance a --to pg:transactions 2>"$TMP/err" 3>&- &
	cat=$!
	sleep 5 # until the dead one's backend has found out
	within 30 copying
	tests/pg/server kill
	tests/pg/server restart
	rows_are 0
	sql "ALTER TABLE transactions DISABLE TRIGGER slow"
	within 30 reached 200
	kill -TERM $cat
	wait $cat
	sql_is 200 "SELECT next FROM dq_offsets"
	code 0 dq-cat --from pg:transactions
	cmp "$TMP/in" "$TMP/out"
}

@test "where a group stands is what the database says, whatever Kafka says" {
	topics $IN:1
	transactions 100 | code 0 dq-cat --to kafka:$IN
	sql "INSERT INTO dq_offsets (grp, topic, part, next) VALUES ('$IN.g', '$IN', 0, 60)"
	code 0 dq-cat --from kafka:$IN -G $IN.g --to pg:transactions -e
	rows_are 40
	sql "UPDATE dq_offsets SET next = 0" "TRUNCATE transactions"
	code 0 dq-cat --from kafka:$IN -G $IN.g --to pg:transactions -e
	rows_are 100
}

@test "a writer that is no longer the owner is refused with all its rows" {
	topics $IN:1
	transactions 100 | code 0 dq-cat --to kafka:$IN
	dq-cat --from kafka:$IN -G $IN.g --to pg:transactions 2>"$TMP/err" 3>&- &
	cat=$!
	within 30 reached 100
	sql "UPDATE dq_offsets SET next = 101"
	transactions 50 X | code 0 dq-cat --to kafka:$IN
	got=0
	wait $cat || got=$?
	[ $got -eq 75 ]
	has "another process has moved ${IN}[0] from 100" "$TMP/err"
	rows_are 100
}

@test "a writer that slept while another took over adds nothing when it wakes" {
	topics $IN:1
	transactions 3000 >"$TMP/in"
	head -n 1000 "$TMP/in" | code 0 dq-cat --to kafka:$IN
	dq-cat --from kafka:$IN -G $IN.g -X session.timeout.ms=3000 --to pg:transactions 2>"$TMP/zombie" 3>&- &
	zombie=$!
	within 30 reached 1000
	kill -STOP $zombie
	tail -n +1001 "$TMP/in" | code 0 dq-cat --to kafka:$IN
	dq-cat --from kafka:$IN -G $IN.g -X session.timeout.ms=3000 --to pg:transactions 2>"$TMP/heir" 3>&- &
	heir=$!
	within 30 reached 3000
	kill -CONT $zombie
	sleep 2
	rows_are 3000
	kill -TERM $heir $zombie 2>/dev/null || :
	wait $heir $zombie || :
	rows_are 3000
	[ "$(cat "$TMP/zombie" "$TMP/heir" | grep -c "were there already")" -eq 0 ]
}

@test "a refused row of a topic: its letter is kept, and the offsets pass it" {
	topics $IN:1
	refusable
	code 0 dq-cat --to kafka:$IN --from "$TMP/in"
	code 65 dq-cat --from kafka:$IN -G $IN.g --to pg:transactions -e
	has "${IN}[0] offset 99: invalid byte sequence"
	rows_are 0
	code 0 dq-cat --from kafka:$IN -G $IN.g --to pg:transactions -e --dlq "$TMP/letters"
	rows_are 497
	jq -r '.raw | @base64d' "$TMP/letters" | diff <(sed -n '100p;200p;201p' "$TMP/in") -
	sql_is 500 "SELECT next FROM dq_offsets"
}

@test "a pipe from a topic cannot end in a database" {
	topics $IN:1
	transactions 10 | code 0 dq-cat --to kafka:$IN
	got=0
	dq-cat --from kafka:$IN -G $IN.g --wait 2s 2>/dev/null | code 2 dq-cat --to pg:transactions || got=$?
	has "let one dq-cat read a topic and write the table"
	rows_are 0
}

# as ROLE   How to connect as it.
as() { echo "$DQ_DATABASE options='-c role=$1'"; }

@test "the writer can add decisions and not change them, the reader only reads" {
	dq-simulate --customers 5 --days 90 | dq-features | dq-score | grep '"prediction"' >"$TMP/in"
	code 0 dq-cat --to pg:risk_scores --from "$TMP/in" --database "$(as dq_writer)"
	for denied in "UPDATE risk_scores SET risk_score = 0" "DELETE FROM risk_scores" "DROP TABLE risk_scores" "UPDATE action_audit_log SET details = ''"; do
		code 1 psql -X -q -d "$(as dq_writer)" -c "$denied" -c '\q' -v ON_ERROR_STOP=1 || code 3 psql -X -q -v ON_ERROR_STOP=1 -d "$(as dq_writer)" -c "$denied"
		grep -qE "permission denied|must be owner" "$TMP/err"
	done
	code 0 dq-cat --from pg:risk_scores --database "$(as dq_reader)"
	[ -s "$TMP/out" ]
	code 2 dq-cat --to pg:risk_scores --from "$TMP/in" --database "$(as dq_reader)"
	has "permission denied"
	code 2 dq-cat --from pg:action_audit_log --database "$(as dq_reader)"
	code 0 dq-cat --from pg:action_audit_log --database "$(as dq_auditor)"
}
