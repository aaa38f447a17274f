# Real bank data through the tools. Where the data is not (no licence lets us ship it), the scripts say so and only their adapters are tested.
DATA=${DQ_DATA:-}
load lib
export DQ_DATA=${DATA:-$TOP/../shared/data}
present() { [ -e "$DQ_DATA/$1" ]; }

# Four transactions in the original codes and in their English translation, and a loan.
original() {
	cat <<'END'
"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"
1;7;960228;"PRIJEM";"VKLAD";700.00;700.00;"";;
2;7;960229;"VYDAJ";"VYBER";100.50;599.50;"";;
3;7;960301;"VYDAJ";"PREVOD NA UCET";50.00;549.50;"SIPO";"YZ";"1"
4;7;960301;"VYDAJ";"VYBER";0.10;-549.40;"SANKC. UROK";;
5;7;9603
END
}

translated() {
	cat <<'END'
trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account
1;7;960228;credit;credit in cash;700.0;700.0;;;
2;7;960229;withdrawal;withdrawal in cash;100.5;599.5;;;
3;7;960301;withdrawal;remittance to another bank;50.0;549.5;household;YZ;1.0
4;7;960301;withdrawal;withdrawal in cash;0.1;-549.4;sanction interest if negative balance;;
END
}

loan() { printf '"loan_id";"account_id";"date";"amount";"duration";"payments";"status"\n1;%s;%s;1000;12;90.00;"%s"\n' "$1" "$2" "$3"; }

@test "the Berka adapter reads original codes and translation alike, and leaves out a line cut short" {
	original | awk -f tests/real/berka.awk | golden berka
	translated | awk -f tests/real/berka.awk | golden berka
	original | awk -f tests/real/berka.awk | dq-features --emit each >/dev/null
}

@test "a loan's label stands a second before the loan's day" {
	for pair in 960301:1996-02-29 950301:1995-02-28 970101:1996-12-31 960501:1996-04-30 960815:1996-08-14; do
		loan 7 "${pair%:*}" D | awk -f tests/real/berka.awk >"$TMP/label"
		has "\"event_time\":\"${pair#*:}T23:59:59Z\",\"label\":1" "$TMP/label"
	done
	loan 7 960301 C | awk -f tests/real/berka.awk | grep -c '"label":0'
}

# What happens on the loan's day or later must not move a feature of it.
no_leak() {
	awk -f tests/real/berka.awk <"$2" >"$TMP/labels"
	awk -f tests/real/berka.awk <"$1" >"$TMP/records"
	sed -E 's/.*"customer_id":"([^"]*)","event_time":"([^T]*).*/\1 \2/' "$TMP/labels" | while read -r id eve; do
		day=$(date -u -d "$eve + 1 day" +%F)
		printf '{"event_type":"transaction","txn_time":"%sT00:00:00Z","customer_id":"%s","transaction_id":"x%s","amount":"99999.00","txn_type":"debit","channel":"atm","category":"gambling","balance_after":"-99999.00","currency":"CZK"}\n' "$day" "$id" 1
	done >"$TMP/later"
	dq-features --emit at "$TMP/labels" <"$TMP/records" | grep '"features"' | LC_ALL=C sort >"$TMP/want"
	cat "$TMP/records" "$TMP/later" | dq-features --emit at "$TMP/labels" | grep '"features"' | LC_ALL=C sort | cmp "$TMP/want"
	[ "$(wc -l <"$TMP/want")" -eq "$(wc -l <"$TMP/labels")" ]
}

@test "features of a loan know nothing of its day and later" {
	original >"$TMP/transactions"
	loan 7 960301 D >"$TMP/loans"
	no_leak "$TMP/transactions" "$TMP/loans"
	# Its eve does count.
	sed -i 's/;599.50;/;10.00;/' "$TMP/transactions"
	awk -f tests/real/berka.awk <"$TMP/transactions" | dq-features --emit at "$TMP/labels" | grep '"features"' >"$TMP/moved"
	code 1 cmp "$TMP/moved" "$TMP/want"
	if present berka; then
		xz -dc "$DQ_DATA/berka/trans_loans_1993_96.csv.xz" >"$TMP/transactions"
		no_leak "$TMP/transactions" "$DQ_DATA/berka/loan.asc"
	fi
}

@test "Berka: out-of-fold AUC is at least 0.82, with the money features 0.86, and no leak lifts it above 0.96" {
	code 0 tests/real/berka
	sed 's/^/# /' "$TMP/out" >&3
	if present berka; then
		lines 2 "$TMP/out"
		sed -nE 's/.*: AUC ([0-9.]*), mean of 5.*/\1/p' "$TMP/out" | paste -sd ' ' >"$TMP/auc"
		awk '{ exit !($1 >= 0.82 && $1 < 0.96 && $2 >= 0.86 && $2 < 0.96) }' "$TMP/auc"
	else
		has "nothing to train on" "$TMP/out"
	fi
}

@test "the Berka script takes tables by path" {
	for i in {1..40}; do
		printf '%d;%d;9601%02d;credit;credit in cash;500.0;%d.0;;;\n' "$i" "$i" $((i % 28 + 1)) $((i % 5 * 100))
	done | cat <(translated | sed -n 1p) - >"$TMP/transactions"
	{ loan 1 960401 A | head -n 1; for i in {1..40}; do loan "$i" 960401 "$([ $((i % 5)) = 0 ] && echo D || echo A)" | tail -n 1; done; } >"$TMP/loans"
	xz "$TMP/loans"
	code 0 tests/real/berka "$TMP/transactions" "$TMP/loans.xz"
	has "40 loans, 8 bad" "$TMP/out"
}

@test "the SuperLender adapter makes payment records" {
	{
		echo "customerid,systemloanid,loannumber,approveddate,creationdate,loanamount,totaldue,termdays,closeddate,referredby,firstduedate,firstrepaiddate"
		echo "c1,101,2,2016-08-15 18:22:40.000000,2016-08-15 17:22:32.000000,10000.0000,13000.0000,30,2016-09-01 16:06:48.000000,,2016-09-14 00:00:00.000000,2016-09-01 15:51:43.000000"
		echo "c2,102,1,2016-08-15 18:22:40.000000,,10000.0000,13000.0000,60,,,2016-09-14 00:00:00.000000,2016-09-15 00:00:01.000000"
		echo "c3,103,1,2016-08-15 18:22:40.000000,,10000.0000,13000.0000,15,,,2016-09-14 00:00:00.000000,"
	} | awk -f tests/real/superlender.awk >"$TMP/records"
	golden superlender <"$TMP/records"
	dq-features --emit each <"$TMP/records" >/dev/null
}

@test "SuperLender: loans as payments give an AUC" {
	code 0 tests/real/superlender
	sed 's/^/# /' "$TMP/out" >&3
	if present superlender; then
		has "17718 payment records" "$TMP/out"
		# Payments alone say little here: more than nothing, and no leak.
		sed -nE 's/.*; AUC ([0-9.]*), mean.*/\1/p' "$TMP/out" | awk '{ exit !($1 > 0.5 && $1 < 0.8) }'
	else
		has "nothing to train on" "$TMP/out"
	fi
}
