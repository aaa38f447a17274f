import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The twelve features of every transaction by Kafka Streams as such programs are commonly written: objects at both ends and in the store, Jackson
 * between them and bytes, default settings. The store has the cache that a store of the DSL has unasked.
 *
 * <p>Common SERVERS FROM TO APPLICATION STATE_DIR INTERVAL_MS THREADS
 */
public final class Common {
	private static final ObjectMapper JSON = JsonMapper.builder()
			.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
			.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			.build();

	record Transaction(String txnTime, String txnType, String category, String channel, double amount, double balanceAfter, boolean isFailed) {
	}

	record Features(String eventType, String eventTime, String customerId, Twelve features) {
	}

	/** The state: sums by day since 1970, of the last 90 days that had any. */
	static final class Customer {
		public long first;
		public TreeMap<Long, Sums> days = new TreeMap<>();

		static Customer since(long day) {
			Customer customer = new Customer();
			customer.first = day;
			return customer;
		}

		Sums day(long day) {
			days.headMap(day - 90, true).clear();
			return days.computeIfAbsent(day, unseen -> new Sums());
		}

		Sums window(long day, int length) {
			Sums window = new Sums();
			days.subMap(day - length, false, day, true).values().forEach(window::add);
			return window;
		}
	}

	static final class Each implements FixedKeyProcessor<String, Transaction, Features> {
		private FixedKeyProcessorContext<String, Features> context;
		private KeyValueStore<String, Customer> store;

		@Override
		public void init(FixedKeyProcessorContext<String, Features> context) {
			this.context = context;
			store = context.getStateStore("customers");
		}

		@Override
		public void process(FixedKeyRecord<String, Transaction> record) {
			Transaction t = record.value();
			long day = Instant.parse(t.txnTime()).atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay();
			Customer customer = store.get(record.key());
			if (customer == null)
				customer = Customer.since(day);
			customer.day(day).count(t.isFailed(), t.txnType().equals("debit"), t.category(), t.channel(), Sums.cents(t.amount()));
			store.put(record.key(), customer);
			Twelve twelve = Twelve.of(customer.window(day, 30), customer.window(day, 90), day - customer.first, Sums.cents(t.balanceAfter()));
			context.forward(record.withValue(new Features("features", t.txnTime(), record.key(), twelve)));
		}
	}

	static <T> Serde<T> json(Class<T> type) {
		Serializer<T> serializer = (topic, value) -> {
			try {
				return value == null ? null : JSON.writeValueAsBytes(value);
			} catch (IOException e) {
				throw new SerializationException(e);
			}
		};
		Deserializer<T> deserializer = (topic, bytes) -> {
			try {
				return bytes == null ? null : JSON.readValue(bytes, type);
			} catch (IOException e) {
				throw new SerializationException(e);
			}
		};
		return Serdes.serdeFrom(serializer, deserializer);
	}

	private static Properties settings(String[] args) {
		Properties p = new Properties();
		p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
		p.put(StreamsConfig.APPLICATION_ID_CONFIG, args[3]);
		p.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
		p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
		p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, args[5]);
		p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, args[6]);
		p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
		p.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
		return p;
	}

	public static void main(String[] args) {
		StreamsBuilder builder = new StreamsBuilder();
		builder.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("customers"), Serdes.String(), json(Customer.class))
				.withCachingEnabled());
		builder.stream(args[1], Consumed.with(Serdes.String(), json(Transaction.class)))
				.processValues(Each::new, "customers")
				.to(args[2], Produced.with(Serdes.String(), json(Features.class)));
		KafkaStreams streams = new KafkaStreams(builder.build(), settings(args));
		Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
		streams.start();
	}
}
