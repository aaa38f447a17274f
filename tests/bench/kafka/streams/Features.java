import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Twelve features of every transaction, as `dq-features --emit each --only ...` has them, by Kafka Streams: one store, a value for each customer,
 * streaming JSON at both ends.
 *
 * <p>Features SERVERS FROM TO APPLICATION STATE_DIR INTERVAL_MS THREADS
 */
public final class Features {
	private static final Set<String> INSTALMENT = Set.of("loan", "loan_emi", "credit_card", "insurance", "rent");
	private static final Set<String> LENDER = Set.of("gambling", "lending_app", "cash_advance");
	private static final Set<String> FEE = Set.of("penalty", "penalty_interest", "overdraft_fee", "late_fee");
	private static final Set<String> HOUSEHOLD = Set.of("rent", "utilities");
	private static final JsonFactory JSON = new JsonFactory();

	static final class Each implements FixedKeyProcessor<String, byte[], byte[]> {
		private FixedKeyProcessorContext<String, byte[]> context;
		private KeyValueStore<String, byte[]> store;
		private final Days days = new Days();
		private final long[] month = new long[Days.FIELDS], quarter = new long[Days.FIELDS];
		private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);

		private String customer, time, type, category, channel;
		private long amount, balance;
		private boolean failed;

		@Override
		public void init(FixedKeyProcessorContext<String, byte[]> context) {
			this.context = context;
			store = context.getStateStore("days");
		}

		@Override
		public void process(FixedKeyRecord<String, byte[]> record) {
			try {
				parse(record.value());
				long day = Math.floorDiv(Instant.parse(time).getEpochSecond(), 86400L);
				days.read(store.get(customer));
				count(days.at(day));
				days.window(day, 30, month);
				days.window(day, 90, quarter);
				store.put(customer, days.write());
				context.forward(record.withValue(features(day)));
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}

		private static long cents(JsonParser in) throws IOException {
			return Math.round(in.getDoubleValue() * 100);
		}

		private void parse(byte[] value) throws IOException {
			category = channel = "";
			try (JsonParser in = JSON.createParser(value)) {
				in.nextToken();
				while (in.nextToken() == JsonToken.FIELD_NAME) {
					String name = in.currentName();
					in.nextToken();
					switch (name) {
					case "customer_id" -> customer = in.getText();
					case "txn_time" -> time = in.getText();
					case "txn_type" -> type = in.getText();
					case "category" -> category = in.getText();
					case "channel" -> channel = in.getText();
					case "amount" -> amount = cents(in);
					case "balance_after" -> balance = cents(in);
					case "is_failed" -> failed = in.getBooleanValue();
					default -> in.skipChildren();
					}
				}
			}
		}

		private void count(long[] row) {
			boolean debit = type.equals("debit");
			if (failed) {
				row[Days.FAILED] += debit ? 1 : 0;
			} else if (!debit) {
				row[Days.IN] += amount;
			} else {
				row[Days.OUT] += amount;
				row[Days.LARGEST] = Math.max(row[Days.LARGEST], amount);
				if (!category.equals("transfer"))
					spend(row);
			}
		}

		private void spend(long[] row) {
			row[Days.SPEND] += amount;
			if (channel.equals("atm"))
				row[Days.ATM] += amount;
			if (LENDER.contains(category))
				row[Days.LENDER] += amount;
			if (INSTALMENT.contains(category))
				row[Days.INSTALMENT] += amount;
			if (HOUSEHOLD.contains(category))
				row[Days.HOUSEHOLD] += amount;
			if (FEE.contains(category) && amount > 0)
				row[Days.FEES]++;
		}

		private static void put(JsonGenerator to, String name, boolean known, double above, double below) throws IOException {
			to.writeFieldName(name);
			if (!known || below == 0)
				to.writeNull();
			else
				to.writeNumber(Math.rint(Math.max(-1000, Math.min(1000, above / below)) * 1e6) / 1e6);
		}

		private byte[] features(long day) throws IOException {
			long history = day - days.first + 1, span = Math.min(90, history);
			boolean known = history >= 30;
			long[] m = month, q = quarter;
			out.reset();
			try (JsonGenerator to = JSON.createGenerator(out)) {
				to.writeStartObject();
				to.writeStringField("event_type", "features");
				to.writeStringField("event_time", time);
				to.writeStringField("customer_id", customer);
				to.writeObjectFieldStart("features");
				to.writeNumberField("failed_autodebit_count_30d", m[Days.FAILED]);
				put(to, "cash_reliance_ratio", true, m[Days.ATM], m[Days.SPEND]);
				put(to, "cash_reliance_ratio_90d", known, q[Days.ATM], q[Days.SPEND]);
				put(to, "balance_to_outflow_days", known, (double) span * balance, q[Days.OUT]);
				put(to, "outflow_to_inflow_ratio_30d", known, m[Days.OUT], m[Days.IN]);
				put(to, "outflow_to_inflow_ratio_90d", known, q[Days.OUT], q[Days.IN]);
				put(to, "instalment_to_income_ratio_90d", known, q[Days.INSTALMENT], q[Days.IN]);
				put(to, "gambling_lender_share_30d", known, m[Days.LENDER], m[Days.SPEND]);
				put(to, "largest_debit_to_income_30d", known, (double) m[Days.LARGEST] * span, 30.0 * q[Days.IN]);
				put(to, "household_share_90d", known, q[Days.HOUSEHOLD], q[Days.IN]);
				to.writeNumberField("penalty_count_90d", q[Days.FEES]);
				to.writeFieldName("monthly_inflow_90d");
				if (known)
					to.writeNumber(Math.rint(30.0 * q[Days.IN] / span / 100 * 1e6) / 1e6);
				else
					to.writeNull();
				to.writeEndObject();
				to.writeEndObject();
			}
			return out.toByteArray();
		}
	}

	private static Properties settings(String[] args) {
		Properties p = new Properties();
		p.put("bootstrap.servers", args[0]);
		p.put("application.id", args[3]);
		p.put("state.dir", args[4]);
		p.put("processing.guarantee", "exactly_once_v2");
		p.put("commit.interval.ms", args[5]);
		p.put("num.stream.threads", args[6]);
		p.put("replication.factor", "1");
		p.put("statestore.cache.max.bytes", Long.toString(256L << 20)); // a customer's value is written once a commit
		p.put("consumer.auto.offset.reset", "earliest");
		p.put("producer.linger.ms", "5");
		p.put("producer.batch.size", Integer.toString(256 << 10));
		p.put("producer.transaction.timeout.ms", "60000");
		return p;
	}

	public static void main(String[] args) {
		StreamsBuilder builder = new StreamsBuilder();
		builder.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("days"), Serdes.String(), Serdes.ByteArray())
				.withCachingEnabled());
		builder.stream(args[1], Consumed.with(Serdes.String(), Serdes.ByteArray()))
				.processValues(Each::new, "days")
				.to(args[2], Produced.with(Serdes.String(), Serdes.ByteArray()));
		KafkaStreams streams = new KafkaStreams(builder.build(), settings(args));
		Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
		streams.start();
	}
}
