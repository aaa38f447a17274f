import com.fasterxml.jackson.annotation.JsonProperty;

/** The twelve features, as `dq-features --emit each --only ...` has them; null is unknown. */
record Twelve(
		@JsonProperty("failed_autodebit_count_30d") long failures,
		@JsonProperty("cash_reliance_ratio") Double cash30,
		@JsonProperty("cash_reliance_ratio_90d") Double cash90,
		@JsonProperty("balance_to_outflow_days") Double balance,
		@JsonProperty("outflow_to_inflow_ratio_30d") Double outflow30,
		@JsonProperty("outflow_to_inflow_ratio_90d") Double outflow90,
		@JsonProperty("instalment_to_income_ratio_90d") Double instalment,
		@JsonProperty("gambling_lender_share_30d") Double lender,
		@JsonProperty("largest_debit_to_income_30d") Double largest,
		@JsonProperty("household_share_90d") Double household,
		@JsonProperty("penalty_count_90d") long fees,
		@JsonProperty("monthly_inflow_90d") Double inflow) {
	/** Of the sums of 30 and of 90 days, so many days after the customer's first one, and the balance in cents. */
	static Twelve of(Sums month, Sums quarter, long age, long balance) {
		long history = age + 1, span = Math.min(90, history);
		boolean known = history >= 30;
		return new Twelve(
				month.failures,
				ratio(true, month.atm, month.spend),
				ratio(known, quarter.atm, quarter.spend),
				ratio(known, (double) span * balance, quarter.out),
				ratio(known, month.out, month.in),
				ratio(known, quarter.out, quarter.in),
				ratio(known, quarter.instalment, quarter.in),
				ratio(known, month.lender, month.spend),
				ratio(known, (double) month.largest * span, 30.0 * quarter.in),
				ratio(known, quarter.household, quarter.in),
				quarter.fees,
				known ? rounded(30.0 * quarter.in / span / 100) : null);
	}

	private static Double ratio(boolean known, double above, double below) {
		return known && below != 0 ? rounded(Math.max(-1000, Math.min(1000, above / below))) : null;
	}

	private static Double rounded(double value) {
		return Math.rint(value * 1e6) / 1e6;
	}
}
