#!/usr/bin/awk -f
# A table of the Czech bank's extract (PKDD'99 challenge) as records, one kind
# of record for each table; the header line tells which it is:
#   account.asc  customer      trans*  transaction      loan.asc  label
# Takes the original codes and their English translation, any period.
#
# A loan's label stands at the last second before the loan's date, and all
# transactions at midnight of theirs: features as of that second know no
# transaction of the loan's own day, let alone a later one. B and D are bad
# (ended unpaid, running in debt). The order of records within a day is not
# known; order.asc (undated) and card.asc (runs past the loan) are not read.

function day(yymmdd) {
	return "19" substr(yymmdd, 1, 2) "-" substr(yymmdd, 3, 2) "-" substr(yymmdd, 5, 2)
}

# The second before midnight of a day.
function eve(yymmdd,    y, m, d) {
	y = 1900 + substr(yymmdd, 1, 2); m = substr(yymmdd, 3, 2) + 0; d = substr(yymmdd, 5, 2) - 1
	if (d == 0 && --m == 0) { m = 12; y-- }
	if (d == 0) d = m == 2 ? 28 + (y % 4 == 0) : 31 - (m == 4 || m == 6 || m == 9 || m == 11)
	return sprintf("%04d-%02d-%02dT23:59:59Z", y, m, d)
}

function category(credit, operation, symbol) {
	if (symbol ~ /^(UROK|interest credited)$/) return "interest"
	if (symbol ~ /^(SANKC\. UROK|sanction interest)/) return "penalty_interest"
	if (symbol ~ /^(SLUZBY|payment for statement)$/) return "bank_fee"
	if (symbol ~ /^(SIPO|household)$/) return "utilities"	# one collected bill for the home
	if (symbol ~ /^(POJISTNE|insurrance payment)$/) return "insurance"
	if (symbol ~ /^(UVER|loan payment)$/) return "loan"
	if (symbol ~ /^(DUCHOD|old-age pension)$/) return "salary"
	if (credit) return "salary"	# by transfer or, as most of the time were, in cash
	return operation ~ /^(PREVOD NA UCET|remittance)/ ? "standing_order" : "cash"
}

function channel(what, operation) {
	if (operation ~ /^(VYBER|withdrawal in cash|credit card)/ && what == "cash") return "atm"
	return operation ~ /^(PREVOD|remittance|collection)/ || operation == "" ? "online" : "branch"
}

BEGIN { FS = ";" }
{ gsub(/["\r]/, "") }
FNR == 1 { table = $1; next }
table == "account_id" && NF >= 4 {
	printf "{\"event_type\":\"customer\",\"event_time\":\"%s\",\"customer_id\":\"%s\",\"account_opened\":\"%s\",\"currency\":\"CZK\"}\n",
		day($4), $1, day($4)
}
table == "trans_id" && NF >= 10 {	# fewer fields: a line cut short
	credit = $4 ~ /^(PRIJEM|credit)$/; what = category(credit, $5, $8)
	printf "{\"event_type\":\"transaction\",\"txn_time\":\"%sT00:00:00Z\",\"customer_id\":\"%s\",\"transaction_id\":\"%s\",\"amount\":\"%.2f\",\"txn_type\":\"%s\",\"category\":\"%s\",\"channel\":\"%s\",\"balance_after\":\"%.2f\",\"currency\":\"CZK\"}\n",
		day($3), $2, $1, $6, credit ? "credit" : "debit", what, channel(what, $5), $7
}
table == "loan_id" && NF >= 7 {
	printf "{\"event_type\":\"label\",\"customer_id\":\"%s\",\"event_time\":\"%s\",\"label\":%d}\n", $2, eve($3), $7 ~ /^[BD]$/
}
