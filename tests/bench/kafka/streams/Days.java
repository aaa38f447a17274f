import java.nio.ByteBuffer;

/** What one customer did, by day: the sums of the last 90 days, as few bytes as variable-length numbers take. */
final class Days {
	private static final int KEPT = 90, FIELDS = 10;

	long first = Long.MIN_VALUE;
	private int count;
	private final long[] day = new long[KEPT + 1];
	private final Sums[] sums = new Sums[KEPT + 1];

	Days() {
		java.util.Arrays.setAll(sums, i -> new Sums());
	}

	void read(byte[] bytes) {
		count = 0;
		first = Long.MIN_VALUE;
		if (bytes == null)
			return;
		ByteBuffer in = ByteBuffer.wrap(bytes);
		first = number(in);
		long at = first;
		while (in.hasRemaining()) {
			at += number(in);
			day[count] = at;
			read(in, sums[count++]);
		}
	}

	byte[] write() {
		ByteBuffer out = ByteBuffer.allocate(16 + count * (FIELDS + 2) * 9);
		number(out, first);
		long at = first;
		for (int i = 0; i < count; i++) {
			number(out, day[i] - at);
			at = day[i];
			write(out, sums[i]);
		}
		byte[] bytes = new byte[out.position()];
		System.arraycopy(out.array(), 0, bytes, 0, bytes.length);
		return bytes;
	}

	/** The row of that day, which is the newest or the one before. */
	Sums at(long when) {
		if (first == Long.MIN_VALUE)
			first = when;
		int drop = 0;
		while (drop < count && day[drop] <= when - KEPT)
			drop++;
		if (drop > 0) {
			for (int i = drop; i < count; i++) {
				Sums free = sums[i - drop];
				day[i - drop] = day[i];
				sums[i - drop] = sums[i];
				sums[i] = free;
			}
			count -= drop;
		}
		int i = count;
		while (i > 0 && day[i - 1] > when)
			i--;
		if (i > 0 && day[i - 1] == when)
			return sums[i - 1];
		Sums fresh = sums[count];
		for (int j = count; j > i; j--) {
			day[j] = day[j - 1];
			sums[j] = sums[j - 1];
		}
		sums[i] = fresh;
		day[i] = when;
		fresh.clear();
		count++;
		return fresh;
	}

	/** Sums of the last so many days up to `when`. */
	void window(long when, int days, Sums into) {
		into.clear();
		for (int i = count - 1; i >= 0 && day[i] > when - days; i--)
			if (day[i] <= when)
				into.add(sums[i]);
	}

	/** A bit for each sum that is not 0, then those. */
	private static void write(ByteBuffer out, Sums row) {
		number(out, bit(row.in, 0)
				| bit(row.out, 1)
				| bit(row.spend, 2)
				| bit(row.atm, 3)
				| bit(row.lender, 4)
				| bit(row.instalment, 5)
				| bit(row.household, 6)
				| bit(row.largest, 7)
				| bit(row.fees, 8)
				| bit(row.failures, 9));
		some(out, row.in);
		some(out, row.out);
		some(out, row.spend);
		some(out, row.atm);
		some(out, row.lender);
		some(out, row.instalment);
		some(out, row.household);
		some(out, row.largest);
		some(out, row.fees);
		some(out, row.failures);
	}

	private static void read(ByteBuffer in, Sums row) {
		long present = number(in);
		row.in = some(in, present, 0);
		row.out = some(in, present, 1);
		row.spend = some(in, present, 2);
		row.atm = some(in, present, 3);
		row.lender = some(in, present, 4);
		row.instalment = some(in, present, 5);
		row.household = some(in, present, 6);
		row.largest = some(in, present, 7);
		row.fees = some(in, present, 8);
		row.failures = some(in, present, 9);
	}

	private static long bit(long value, int place) {
		return value != 0 ? 1L << place : 0;
	}

	private static void some(ByteBuffer out, long value) {
		if (value != 0)
			number(out, value);
	}

	private static long some(ByteBuffer in, long present, int place) {
		return (present >> place & 1) != 0 ? number(in) : 0;
	}

	private static long number(ByteBuffer in) {
		long value = 0;
		for (int shift = 0;; shift += 7) {
			byte b = in.get();
			value |= (long) (b & 127) << shift;
			if (b >= 0)
				return value;
		}
	}

	private static void number(ByteBuffer out, long value) {
		for (; value >= 128; value >>>= 7)
			out.put((byte) (value | 128));
		out.put((byte) value);
	}
}
