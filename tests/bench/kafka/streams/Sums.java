import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Set;

/** What a customer did in a day or in a window of days: cents, and how often. */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
final class Sums {
	private static final Set<String> INSTALMENT = Set.of("loan", "loan_emi", "credit_card", "insurance", "rent");
	private static final Set<String> LENDER = Set.of("gambling", "lending_app", "cash_advance");
	private static final Set<String> FEE = Set.of("penalty", "penalty_interest", "overdraft_fee", "late_fee");
	private static final Set<String> HOUSEHOLD = Set.of("rent", "utilities");

	public long in, out, spend, atm, lender, instalment, household, largest, fees, failures;

	static long cents(double amount) {
		return Math.round(amount * 100);
	}

	void clear() {
		in = out = spend = atm = lender = instalment = household = largest = fees = failures = 0;
	}

	void add(Sums other) {
		in += other.in;
		out += other.out;
		spend += other.spend;
		atm += other.atm;
		lender += other.lender;
		instalment += other.instalment;
		household += other.household;
		largest = Math.max(largest, other.largest);
		fees += other.fees;
		failures += other.failures;
	}

	/** One transaction of so many cents. */
	void count(boolean failed, boolean debit, String category, String channel, long amount) {
		if (failed) {
			failures += debit ? 1 : 0;
		} else if (!debit) {
			in += amount;
		} else {
			out += amount;
			largest = Math.max(largest, amount);
			if (!category.equals("transfer"))
				spend(category, channel, amount);
		}
	}

	private void spend(String category, String channel, long amount) {
		spend += amount;
		if (channel.equals("atm"))
			atm += amount;
		if (LENDER.contains(category))
			lender += amount;
		if (INSTALMENT.contains(category))
			instalment += amount;
		if (HOUSEHOLD.contains(category))
			household += amount;
		if (FEE.contains(category) && amount > 0)
			fees++;
	}
}
