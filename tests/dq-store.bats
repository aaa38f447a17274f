# The tables: made, migrated, checked, filled, read and pruned, on a real PostgreSQL.
load lib
load pg

setup_file() { pg_up; }
teardown_file() { pg_down; }
setup() { database; }

# A share directory of our own: the first N migrations, and room for more.
share() {
	local i
	mkdir -p "$TMP/share/sql"
	for i in $(seq "$1"); do cp share/sql/"$i"-*.sql "$TMP/share/sql/"; done
	export DQ_SHARE=$TMP/share
}

@test "init makes the tables once, check agrees" {
	code 1 dq-store check
	lines 5 "$TMP/out"
	has '1-tables.sql","is":"not applied' "$TMP/out"
	code 0 dq-store init
	lines 5 "$TMP/out"
	code 0 dq-store init
	lines 0 "$TMP/out"
	code 0 dq-store check
	lines 0 "$TMP/out"
	for t in customers transactions daily_balances payments labels risk_scores interventions customer_assignments intervention_outcomes action_audit_log dq_offsets seals customer_profiles; do
		sql_is t "SELECT obj_description('$t'::regclass) IS NOT NULL"
	done
}

@test "the columns that other systems' queries name are there" {
	dq-store init >/dev/null
	has_columns() { sql "SELECT $2 FROM $1 LIMIT 0"; }
	has_columns customers "customer_id, salary_day, monthly_income, income_bracket, account_age_days, account_type, created_at, updated_at"
	has_columns transactions "txn_id, customer_id, txn_time, amount, txn_type, category, channel, merchant_id, is_failed"
	has_columns daily_balances "customer_id, balance_date, opening_balance, closing_balance, min_balance, max_balance, total_credits, total_debits, txn_count"
	has_columns payments "payment_id, customer_id, payment_type, due_date, amount, paid_date, paid_amount, status, days_late"
	has_columns labels "customer_id, observation_date, label, days_to_default, default_date, default_amount"
	has_columns risk_scores "score_id, customer_id, score_date, risk_score, risk_level, model_version, top_feature_1, top_feature_2, top_feature_3, top_feature_1_impact, top_feature_2_impact, top_feature_3_impact"
	has_columns interventions "intervention_id, customer_id, intervention_date, intervention_type, risk_score, message_sent, delivery_status, customer_response, response_date, outcome"
	has_columns customer_assignments "assignment_id, customer_id, assigned_to, assigned_by, assignment_date, risk_level, risk_score, status, notes"
	has_columns intervention_outcomes "outcome_id, intervention_id, customer_id, outcome_type, risk_score_before, risk_score_after, days_since_intervention, outcome_date, notes"
	has_columns action_audit_log "log_id, action_time, action_type, performed_by, customer_count, model_version, confidence_level, criteria, override_reason, override_category, details"
}

@test "ten at once: one makes the tables, the others find them" {
	for i in $(seq 10); do dq-store init >"$TMP/out.$i" 2>"$TMP/err.$i" 3>&- & done
	for job in $(jobs -p); do wait "$job"; done
	[ "$(cat "$TMP"/out.* | wc -l)" -eq 5 ]
	[ "$(cat "$TMP"/err.* | wc -l)" -eq 0 ]
	code 0 dq-store check
}

@test "check names what is no longer as it was made, and not what others added" {
	dq-store init >/dev/null
	sql "CREATE TABLE theirs (a int)" "ALTER TABLE customers ADD theirs text" "CREATE INDEX theirs_too ON payments (amount)" "SELECT dq_month('transactions', '2026-01-05')"
	code 0 dq-store check
	sql "ALTER TABLE transactions ALTER amount TYPE numeric(10, 2)" "DROP INDEX payments_time" "REVOKE SELECT ON customers FROM dq_reader" \
		"ALTER TABLE labels DROP CONSTRAINT labels_label_check" "DROP FUNCTION dq_month" "DROP TABLE daily_balances"
	code 1 dq-store check
	for what in 'column transactions.amount numeric not null' 'index CREATE INDEX payments_time' 'grant SELECT on customers to dq_reader' \
		'constraint labels CHECK' 'function dq_month(regclass,timestamp' 'column daily_balances.customer_id text not null'; do
		has "$what" "$TMP/out"
	done
}

@test "migrations go forward on a database with data, all or none" {
	share 5
	dq-store init >/dev/null
	dq-simulate --customers 10 --days 60 >"$TMP/in"
	code 0 dq-store load all --from "$TMP/in"
	before=$(sql "SELECT count(*), sum(amount) FROM transactions")
	echo 'ALTER TABLE payments ADD branch text;' >"$TMP/share/sql/6-payments.sql"
	echo 'ALTER TABLE transactions ADD branch text; ALTER TABLE transactions ADD CHECK (amount > 1000);' >"$TMP/share/sql/7-branch.sql"
	code 1 dq-store check
	lines 2 "$TMP/out"
	code 2 dq-store init
	has "7-branch.sql: check constraint"
	sql_is 5 "SELECT max(version) FROM dq_schema"
	echo 'ALTER TABLE transactions ADD branch text;' >"$TMP/share/sql/7-branch.sql"
	code 0 dq-store init
	lines 2 "$TMP/out"
	sql_is "$before" "SELECT count(*), sum(amount) FROM transactions"
	sql_is 0 "SELECT count(branch) FROM transactions"
	code 0 dq-store check
	code 0 dq-store load all --from "$TMP/in"
	sql_is "$before" "SELECT count(*), sum(amount) FROM transactions"
}

@test "a migration that was changed or is not ours any more is exit 2" {
	share 3
	dq-store init >/dev/null
	echo '-- a word more' >>"$TMP/share/sql/2-partitions.sql"
	code 2 dq-store init
	has "2-partitions.sql is not what was applied"
	code 2 dq-store check
	rm -r "$TMP/share"
	share 2
	code 2 dq-store check
	has "of a newer dq"
	rm "$TMP"/share/sql/1-*
	code 2 dq-store check
	has "number 1 is missing"
}

@test "CSV files of another system are taken as they are" {
	dq-store init >/dev/null
	printf '\xef\xbb\xbfcustomer_id,salary_day,monthly_income,income_bracket,account_age_days,account_type,created_at,updated_at\r\nCUST_1,27.0,1234.50,low,400,savings,2023-01-01 00:00:00,2024-01-01 08:30:00.250\r\nCUST_2,,,,,,,\r\n' >"$TMP/customers.csv"
	cat >"$TMP/transactions.csv" <<-'END'
		txn_id,customer_id,txn_time,amount,txn_type,category,channel,merchant_id,is_failed,branch
		1,CUST_1,2024-01-05 10:11:12,12.50,debit,"food, ""x""",atm,M1,False,"two
		lines"
		2,CUST_1,2024-01-05 10:11:13.123456,5,credit,salary,,,True,
		3,CUST_2,2024-02-05 01:00:00+01,700,credit,,,,0,7
	END
	printf 'payment_id,customer_id,payment_type,due_date,amount,paid_date,paid_amount,status,days_late\n7,CUST_1,rent,2024-01-05,100.00,2024-01-08,100.00,late,3\n8,CUST_1,rent,2024-02-05,100.00,,,missed,' >"$TMP/payments.csv"
	printf 'customer_id,balance_date,opening_balance,closing_balance,txn_count\nCUST_1,2024-01-05,5.50,-3,2\n' >"$TMP/daily_balances.csv"
	printf 'customer_id,observation_date,label,days_to_default\nCUST_1,2024-01-05,1,12\n' >"$TMP/labels.csv"
	for t in customers transactions payments daily_balances labels; do
		code 0 dq-store load $t --from "$TMP/$t.csv"
		lines 0
	done
	code 0 dq-store export customers transactions payments daily_balances labels
	out_is "$(cat <<-'END'
		{"event_type":"customer","event_time":"2024-01-01T08:30:00.25Z","customer_id":"CUST_1","salary_day":27,"monthly_income":1234.50,"income_bracket":"low","account_age_days":400,"account_type":"savings","created_at":"2023-01-01T00:00:00Z"}
		{"event_type":"customer","customer_id":"CUST_2"}
		{"event_type":"daily_balance","balance_date":"2024-01-05","customer_id":"CUST_1","opening_balance":5.50,"closing_balance":-3,"txn_count":2}
		{"event_type":"label","event_time":"2024-01-05T00:00:00Z","customer_id":"CUST_1","label":1,"days_to_default":12}
		{"event_type":"transaction","txn_time":"2024-01-05T10:11:12Z","customer_id":"CUST_1","transaction_id":"1","amount":12.50,"txn_type":"debit","category":"food, \"x\"","channel":"atm","merchant_id":"M1","is_failed":false,"branch": "two\nlines"}
		{"event_type":"transaction","txn_time":"2024-01-05T10:11:13.123456Z","customer_id":"CUST_1","transaction_id":"2","amount":5,"txn_type":"credit","category":"salary","is_failed":true}
		{"event_type":"payment","event_time":"2024-01-08T00:00:00Z","customer_id":"CUST_1","payment_id":"7","payment_type":"rent","due_date":"2024-01-05","amount":100.00,"status":"late","paid_date":"2024-01-08","paid_amount":100.00,"days_late":3}
		{"event_type":"transaction","txn_time":"2024-02-05T00:00:00Z","customer_id":"CUST_2","transaction_id":"3","amount":700,"txn_type":"credit","is_failed":false,"branch": "7"}
		{"event_type":"payment","event_time":"2024-02-05T00:00:00Z","customer_id":"CUST_1","payment_id":"8","payment_type":"rent","due_date":"2024-02-05","amount":100.00,"status":"missed"}
	END
	)"
	dq-features <"$TMP/out" | grep -c '"event_type":"features"'
}

@test "a row of a file that cannot be taken is told with its line" {
	dq-store init >/dev/null
	printf 'txn_id,customer_id,txn_time,amount,txn_type\n1,C,2024-01-05,5,debit\n2,C,2024-01-05,5\n3,C,2024-01-05,5,debit,\n4,C,tomorrow,5,debit\n5,C,2024-01-05,-5,debit\n6,C,2024-01-05,x,debit\n7,C,2024-01-05,5,cash\n8,,2024-01-05,5,debit\n9,C,2024-01-05,5,debit\n' >"$TMP/in"
	code 65 dq-store load transactions --from "$TMP/in"
	has "line 3: 4 values, but 5 names on top; stopped"
	code 0 dq-store load transactions --from "$TMP/in" --on-bad skip
	for said in "line 4: 6 values" 'line 5: "txn_time"' 'line 6: "amount"' 'line 7: "amount"' 'line 8: "txn_type"' 'line 9: '; do has "$said"; done
	sql_is "1,9" "SELECT string_agg(txn_id, ',' ORDER BY txn_id) FROM transactions"
	echo 'customer_id,label,observation_date' | code 0 dq-store load labels
	printf 'customer_id,label,observation_date\nC,5,2024-01-01\n' | code 65 dq-store load labels
	has 'violates check constraint "labels_label_check"'
}

@test "what is exported can be loaded elsewhere, and is the same" {
	dq-store init >/dev/null
	dq-simulate --customers 25 --days 100 >"$TMP/in"
	code 0 dq-store load all --from "$TMP/in"
	code 0 dq-store export customers transactions payments --to "$TMP/first"
	jq -e -s 'map(select(.event_type != "customer") | .txn_time // .event_time) | . == sort' "$TMP/first" >/dev/null
	[ "$(grep -c '"transaction"' "$TMP/first")" -eq "$(grep -c '"transaction"' "$TMP/in")" ]
	sql "TRUNCATE customers, transactions, payments"
	code 0 dq-store load customers transactions payments --from "$TMP/first"
	code 0 dq-store export customers transactions payments
	cmp "$TMP/first" "$TMP/out"
	code 0 dq-store load all --from "$TMP/first"
	has "records were there already"
	code 0 dq-store export customers transactions payments
	cmp "$TMP/first" "$TMP/out"
}

@test "prune drops whole months, by age or by time" {
	dq-store init >/dev/null
	code 0 dq-store load all --from <(dq-simulate --customers 10 --start 2026-01-01 --days 120 --no-ticks)
	code 2 dq-store prune
	code 2 dq-store prune payments --keep 1d
	code 0 dq-store prune --before 2026-03-15 --dry-run
	out_is '{"what":"transactions_202601","is":"to be dropped"}
{"what":"transactions_202602","is":"to be dropped"}'
	sql_is 4 "SELECT count(*) FROM dq_months('transactions')"
	code 0 dq-store prune transactions --before 2026-03-15
	lines 2 "$TMP/out"
	sql_is 2026-03-01 "SELECT date_trunc('day', min(txn_time))::date FROM transactions"
	sql "SELECT dq_month('transactions', now()), dq_month('risk_scores', now()), dq_month('risk_scores', now() - interval '70 days')"
	code 0 dq-store prune risk_scores --keep 30d
	lines 1 "$TMP/out"
	sql_is 1 "SELECT count(*) FROM dq_months('risk_scores')"
	# a month that is needed again comes again
	code 0 dq-store load transactions --from <(dq-simulate --customers 10 --start 2026-01-01 --days 20 --no-ticks | grep '"transaction"')
	sql_is 2026-01-01 "SELECT min(first_day) FROM dq_months('transactions')"
	code 0 dq-store check
}

@test "--progress shows a person how far it is" {
	dq-store init >/dev/null
	dq-simulate 20000 | grep '"transaction"' >"$TMP/in"
	script -qec "dq-store load transactions --progress --from $TMP/in" /dev/null >"$TMP/seen" </dev/null
	grep -qE '\[#{20}\] 100 %, 20000 in' "$TMP/seen"
}

@test "mistakes are exit 2" {
	for bad in "" "nonsense" "init transactions" "load" "load nothing" "export nothing" "export transactions --from x" "load transactions --to x"; do
		code 2 dq-store $bad </dev/null
		lines 1
	done
	sql "CREATE SCHEMA other"
	code 2 dq-store init --database "$DQ_DATABASE options='-c role=pg_monitor'"
	has "permission denied"
}
