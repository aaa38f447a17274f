#!/usr/bin/awk -f
# The loans of a digital lender (a CSV with a header line, any period) as
# payment records, two a loan: pending when it was approved, paid or late when
# its first instalment came; and a label when it was approved: was the first
# instalment late? The loan's own repayment comes after that and is no feature
# of it. A loan without one yet gives no label. Columns are found by name.
# Loans of more than 30 days are paid back in equal monthly parts.

function iso(time) {
	sub(/ /, "T", time)
	sub(/\.0+$/, "", time)
	return time "Z"
}

function payment(time, status, more) {
	printf "{\"event_type\":\"payment\",\"event_time\":\"%s\",\"customer_id\":\"%s\",\"payment_id\":\"%s\",\"payment_type\":\"loan_emi\",\"due_date\":\"%s\",\"amount\":\"%.2f\",\"currency\":\"NGN\",\"status\":\"%s\"%s}\n",
		iso(time), $at["customerid"], $at["systemloanid"], due, amount, status, more
}

BEGIN { FS = "," }
{ sub(/\r$/, "") }
FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
{
	approved = $at["approveddate"]; repaid = $at["firstrepaiddate"]
	due = substr($at["firstduedate"], 1, 10)
	parts = int(($at["termdays"] + 29) / 30)
	amount = $at["totaldue"] / (parts > 1 ? parts : 1)
	payment(approved, "pending", "")
	if (repaid == "")
		next
	late = substr(repaid, 1, 10) > due
	payment(repaid, late ? "late" : "paid", sprintf(",\"paid_date\":\"%s\",\"paid_amount\":\"%.2f\"", substr(repaid, 1, 10), amount))
	printf "{\"event_type\":\"label\",\"event_time\":\"%s\",\"customer_id\":\"%s\",\"label\":%d}\n", iso(approved), $at["customerid"], late
}
