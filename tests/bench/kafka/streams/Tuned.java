import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Properties;
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
 * The twelve features of every transaction by Kafka Streams, tuned by hand as far as it goes: streaming JSON at both ends, packed bytes for state, a
 * cache that holds every customer, large batches.
 *
 * <p>Tuned SERVERS FROM TO APPLICATION STATE_DIR INTERVAL_MS THREADS
 */
public final class Tuned {
	private static final JsonFactory JSON = new JsonFactory();

	static final class Each implements FixedKeyProcessor<String, byte[], byte[]> {
		private FixedKeyProcessorContext<String, byte[]> context;
		private KeyValueStore<String, byte[]> store;
		private final Days days = new Days();
		private final Sums month = new Sums(), quarter = new Sums();
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
				days.at(day).count(failed, type.equals("debit"), category, channel, amount);
				days.window(day, 30, month);
				days.window(day, 90, quarter);
				store.put(customer, days.write());
				context.forward(record.withValue(row(Twelve.of(month, quarter, day - days.first, balance))));
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}

		private static long cents(JsonParser in) throws IOException {
			return Sums.cents(in.getDoubleValue());
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

		private static void put(JsonGenerator to, String name, Double value) throws IOException {
			to.writeFieldName(name);
			if (value == null)
				to.writeNull();
			else
				to.writeNumber(value);
		}

		private byte[] row(Twelve twelve) throws IOException {
			out.reset();
			try (JsonGenerator to = JSON.createGenerator(out)) {
				to.writeStartObject();
				to.writeStringField("event_type", "features");
				to.writeStringField("event_time", time);
				to.writeStringField("customer_id", customer);
				to.writeObjectFieldStart("features");
				to.writeNumberField("failed_autodebit_count_30d", twelve.failures());
				put(to, "cash_reliance_ratio", twelve.cash30());
				put(to, "cash_reliance_ratio_90d", twelve.cash90());
				put(to, "balance_to_outflow_days", twelve.balance());
				put(to, "outflow_to_inflow_ratio_30d", twelve.outflow30());
				put(to, "outflow_to_inflow_ratio_90d", twelve.outflow90());
				put(to, "instalment_to_income_ratio_90d", twelve.instalment());
				put(to, "gambling_lender_share_30d", twelve.lender());
				put(to, "largest_debit_to_income_30d", twelve.largest());
				put(to, "household_share_90d", twelve.household());
				to.writeNumberField("penalty_count_90d", twelve.fees());
				put(to, "monthly_inflow_90d", twelve.inflow());
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
