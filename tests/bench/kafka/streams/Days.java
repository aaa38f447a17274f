import java.nio.ByteBuffer;

/** What one customer did, by day: the sums of the last 90 days, as few bytes as variable-length numbers take. */
final class Days {
	static final int IN = 0, OUT = 1, SPEND = 2, ATM = 3, LENDER = 4, INSTALMENT = 5, HOUSEHOLD = 6, LARGEST = 7, FEES = 8, FAILED = 9;
	static final int FIELDS = 10;
	private static final int KEPT = 90;

	long first = Long.MIN_VALUE, balance;
	int count;
	final long[] day = new long[KEPT + 1];
	final long[][] sums = new long[KEPT + 1][FIELDS];

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
			long[] row = sums[count++];
			long present = number(in);
			for (int f = 0; f < FIELDS; f++)
				row[f] = (present >> f & 1) != 0 ? number(in) : 0;
		}
	}

	byte[] write() {
		ByteBuffer out = ByteBuffer.allocate(16 + count * (FIELDS + 2) * 9);
		number(out, first);
		long at = first;
		for (int i = 0; i < count; i++) {
			number(out, day[i] - at);
			at = day[i];
			long present = 0;
			for (int f = 0; f < FIELDS; f++)
				if (sums[i][f] != 0)
					present |= 1L << f;
			number(out, present);
			for (int f = 0; f < FIELDS; f++)
				if (sums[i][f] != 0)
					number(out, sums[i][f]);
		}
		byte[] bytes = new byte[out.position()];
		System.arraycopy(out.array(), 0, bytes, 0, bytes.length);
		return bytes;
	}

	/** The row of that day, which is the newest or the one before. */
	long[] at(long when) {
		if (first == Long.MIN_VALUE)
			first = when;
		int drop = 0;
		while (drop < count && day[drop] <= when - KEPT)
			drop++;
		if (drop > 0) {
			for (int i = drop; i < count; i++) {
				long[] free = sums[i - drop];
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
		long[] fresh = sums[count];
		for (int j = count; j > i; j--) {
			day[j] = day[j - 1];
			sums[j] = sums[j - 1];
		}
		sums[i] = fresh;
		day[i] = when;
		java.util.Arrays.fill(fresh, 0);
		count++;
		return fresh;
	}

	/** Sums (LARGEST: the maximum) over the last so many days up to `when`. */
	void window(long when, int days, long[] into) {
		java.util.Arrays.fill(into, 0);
		for (int i = count - 1; i >= 0 && day[i] > when - days; i--) {
			if (day[i] > when)
				continue;
			long[] row = sums[i];
			for (int f = 0; f < FIELDS; f++)
				into[f] = f == LARGEST ? Math.max(into[f], row[f]) : into[f] + row[f];
		}
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
