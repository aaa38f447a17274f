# dq: `make demo` shows it, `make check` proves it, `make install` installs it.
# V=1 shows commands, SAN=1 builds with sanitizers (into build/san), PREFIX and DESTDIR as usual.

VERSION = 0.1.0
PREFIX = /usr/local
SHELL = /bin/bash
Q = $(if $(V),,@)

ifdef SAN
B = build/san
BIN = build/san/bin
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPTIMISE = -O1 -g
else ifdef FUZZ
B = build/fuzz/obj
BIN = build/fuzz/bin
CC = clang
SANITIZE = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPTIMISE = -O1 -g
else
B = build/obj
BIN = bin
OPTIMISE = -O2 -g
endif

WARN = -Wall -Wextra -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Werror
DEPS = build/deps/root/usr
DEPS_CFLAGS = $(if $(wildcard $(DEPS)/include),-isystem $(DEPS)/include)
# Debian 12 has no yyjson: the tools find the private one beside them, in the checkout or where `install` puts it.
DEPS_LIB = $(wildcard $(DEPS)/lib/*-linux-gnu)
RPATH = $(if $(DEPS_LIB),-L$(DEPS_LIB) -Wl$(comma)-rpath$(comma)'$$ORIGIN/../$(DEPS_LIB):$$ORIGIN/../../../$(DEPS_LIB):$$ORIGIN/../lib/dq')
comma = ,
CFLAGS_ALL = -std=gnu17 -D_GNU_SOURCE -Ilib $(DEPS_CFLAGS) $(OPTIMISE) $(SANITIZE) -ffp-contract=off \
	-fno-strict-aliasing $(WARN) -DDQ_VERSION='"$(VERSION)"' -DDQ_PREFIX='"$(PREFIX)"' $(CFLAGS)

# Rooms, lowest first; a tool's line lists the rooms and libraries that it links.
ROOMS = base record features model policy sim rollup learn audit port kafka pg run assets review serve
# kafka and pg are the parts of port that need librdkafka and libpq.
APART = kafka pg
room = $(patsubst lib/%.c,$(B)/%.o,$(if $(filter $(APART),$(1)),$(wildcard lib/port/$(1)_*.c),$(filter-out $(APART:%=lib/port/%_%),$(wildcard lib/$(1)/*.c))))
COMMON = run port record base
LIBS_COMMON = $(RPATH) -lyyjson -lcrypto -ljq -lm

TOOLS = dq-cat dq-simulate dq-features dq-score dq-intervene dq-rollup dq-train dq-eval dq-topics dq-run dq-tick dq-lag dq-audit dq-store dq-serve

dq-cat.rooms = kafka pg
dq-cat.libs = -lrdkafka -lpq
dq-features.rooms = features kafka
dq-features.libs = -lrdkafka
dq-simulate.rooms = sim kafka pg
dq-simulate.libs = -lrdkafka -lpq
dq-lag.rooms = kafka
dq-lag.libs = -lrdkafka
dq-score.rooms = assets features model kafka
dq-score.libs = -lrdkafka
dq-audit.rooms = review audit kafka pg
dq-audit.libs = -lrdkafka -lpq
dq-eval.rooms = model
dq-intervene.rooms = policy kafka
dq-intervene.libs = -lrdkafka
dq-rollup.rooms = rollup kafka
dq-rollup.libs = -lrdkafka
dq-serve.rooms = serve assets features model policy rollup kafka pg
dq-serve.libs = -lwebsockets -lrdkafka -lpq
dq-store.rooms = pg
dq-store.libs = -lpq
dq-tick.rooms = kafka
dq-tick.libs = -lrdkafka
dq-topics.rooms = kafka
dq-topics.libs = -lrdkafka
dq-train.rooms = learn model features
dq-train.libs = -lxgboost

MAN = $(notdir $(wildcard man/*.[1-8]))
OBJECTS = $(foreach r,$(ROOMS),$(call room,$(r)))

.PHONY: all demo check bench lint golden install clean deps model fuzz unit flags tools check-model bench-model bench-kafka

all: $(TOOLS:%=$(BIN)/%)

define tool_rule
$(BIN)/$(1): $(B)/cmd/$(1).o $(foreach r,$($(1).rooms) $(COMMON),$(call room,$(r)))
	@mkdir -p $$(@D)
	$$(if $$(V),,@echo "  LINK $$@")
	$$(Q)$$(CC) $$(SANITIZE) $$(LDFLAGS) -o $$@ $$^ $$($(1).libs) $$(LIBS_COMMON)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

# Kernels: short loops over groups of rows.
model_lanes_avx2.flags = -O3 -funroll-loops
model_lanes_avx512.flags = -O3 -funroll-loops
model_lanes_portable.flags = -O3
model_lane_block.flags = -O3
model_lone.flags = -O3
model_unit_tree.flags = -O3
model_walk.flags = -O3
model_symmetric.flags = -O3
features_moment.flags = -O3

$(B)/%.o: lib/%.c | prepared
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC   $<")
	$(Q)$(CC) $(CFLAGS_ALL) $($(subst /,_,$*).flags) -MMD -MP -c -o $@ $<

$(B)/cmd/%.o: cmd/%.c | prepared
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC   $<")
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Each file of tests/unit is a program that may use any room; the linker takes what it needs.
UNITS = $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))

$(B)/libdq.a: $(OBJECTS)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/unit/%: tests/unit/%.c $(B)/libdq.a
	@mkdir -p $(@D)
	$(if $(V),,@echo "  UNIT $@")
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(B)/libdq.a -Wl,--as-needed -lwebsockets -lrdkafka -lpq $(LIBS_COMMON)

unit: $(UNITS)
	@failed=0; for t in $(UNITS); do out=$$($$t) || failed=1; echo "$$t: $$out"; done; exit $$failed

# share/models/default.json and its card, anew.
model: all
	@.ci/model

# dq-score against XGBoost of both eras, LightGBM and CatBoost, which it installs under build/.
check-model: all
	tests/model/run $(BIN)

.PHONY: unit-build units fuzz-build fuzzers
unit-build: $(UNITS)

units:
	@printf '%s\n' $(UNITS)

# libFuzzer harnesses; FUZZ=1 is set by the targets that need it. dq_die is caught there: an orderly end is no finding.
FUZZERS = $(patsubst tests/fuzz/%.c,build/fuzz/bin/%,$(wildcard tests/fuzz/*.c))

build/fuzz/bin/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(B)/libdq.a
	@mkdir -p $(@D)
	$(if $(V),,@echo "  FUZZ $@")
	$(Q)$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer -Wl,--wrap=dq_die -o $@ $< $(B)/libdq.a -Wl,--as-needed -lwebsockets -lrdkafka -lpq $(LIBS_COMMON)

fuzz-build:
	@$(MAKE) --no-print-directory FUZZ=1 $(FUZZERS)

fuzzers:
	@printf '%s\n' $(FUZZERS)

# SECONDS_EACH for one harness after the other.
SECONDS_EACH = 300
fuzz: fuzz-build
	@for f in $(FUZZERS); do tests/fuzz/run $$f $(SECONDS_EACH) || exit 1; done

check:
	@.ci/check

# Minutes of disturbance, with brokers of all three kinds: the only one killed, and one of three; at last so many records that the writers'
# blocks are full. SOAK_SECONDS for each.
SOAK_SECONDS = 30
.PHONY: soak
soak: all
	@.ci/deps check
	@for k in 4.1 3.9 zookeeper; do for b in 1 3; do for o in '' -o; do tests/kafka/soak -k $$k -b $$b $$o -s $(SOAK_SECONDS) || exit 1; done; done; done
	@tests/kafka/soak -o -p 2 -r 20000 -s $(SOAK_SECONDS)

# dq-serve under load while its only broker is killed and comes back: minutes of it.
SOAK_SERVE_SECONDS = 600
.PHONY: soak-serve
soak-serve: all web
	@.ci/deps check
	SOAK_SERVE_SECONDS=$(SOAK_SERVE_SECONDS) bats -f 'load on /predict' tests/kafka_serve.bats

# BENCH names some of them: make bench BENCH='features extract'; kafka is bench-kafka.
bench: all
	@.ci/deps bench
ifeq ($(BENCH),kafka)
	@$(MAKE) --no-print-directory bench-kafka
else
	@tests/bench/bench.py $(BENCH)
endif

# From topic to topic on a real broker; BENCH names some of throughput latency kill restore.
STREAMS = build/bench/streams
bench-kafka: all $(B)/bench/kafka/probe $(B)/bench/kafka/loop
	@.ci/deps bench-kafka
	@test $(STREAMS)/.complete -nt tests/bench/kafka/streams/pom.xml || { rm -rf $(STREAMS) && \
		mvn -q -B -f tests/bench/kafka/streams/pom.xml dependency:copy-dependencies \
		-DoutputDirectory=$(CURDIR)/$(STREAMS)/jars && touch $(STREAMS)/.complete; }
	@javac -d $(STREAMS)/classes -cp '$(STREAMS)/jars/*' tests/bench/kafka/streams/*.java
	@tests/bench/kafka/bench.py $(filter-out kafka,$(BENCH))

$(B)/bench/kafka/%: tests/bench/kafka/%.c $(B)/libdq.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $< $(B)/libdq.a $(LIBS_COMMON) -lrdkafka

$(B)/bench/%: tests/bench/%.c $(B)/libdq.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit $(LDFLAGS) -o $@ $< $(B)/libdq.a $(LIBS_COMMON)

# Clients of dq-serve, and its server with endpoints of its own, for tests and bench-serve.
.PHONY: web
web: $(patsubst tests/web/%.c,$(B)/web/%,$(wildcard tests/web/*.c))

$(B)/web/%: tests/web/%.c $(B)/libdq.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $< $(B)/libdq.a -Wl,--as-needed -lwebsockets -lrdkafka -lpq $(LIBS_COMMON)

build/fasttreeshap.so: tests/bench/fasttreeshap.cpp build/sdist-fasttreeshap-0.1.6/.ready
	$(Q)g++ -O3 -w -shared -fPIC -Ibuild/sdist-fasttreeshap-0.1.6 -o $@ $<

build/sdist-fasttreeshap-0.1.6/.ready: | peers-model
	@.ci/sdist xgb-3.4.1 fasttreeshap 0.1.6

.PHONY: peers-model
peers-model:
	@.ci/deps bench
	@.ci/peer lightgbm-4.6.0 numpy scipy pandas -- lightgbm==4.6.0
	@.ci/peer catboost-1.2.10 catboost==1.2.10
	@.ci/peer shap-0.51.0 shap==0.51.0
	@.ci/peer treelite-4.8.1 setuptools treelite==4.8.1 tl2cgen==1.0.0

# dq-serve's answers a second and how long they take.
.PHONY: bench-serve
bench-serve: all web
	@.ci/deps check
	@tests/bench/serve

# The kernels beside their peers, as tables; BENCH names some of its models.
bench-model: $(B)/bench/model-bench peers-model build/fasttreeshap.so
	@build/venv-xgb-3.4.1/bin/python tests/bench/model.py $(BENCH)

golden: all
	GOLDEN=1 BIN=$(BIN) bats tests/*.bats

-include $(UNITS:=.d) $(OBJECTS:.o=.d) $(TOOLS:%=$(B)/cmd/%.d)

# A build on a new machine fetches what it needs first.
.PHONY: prepared
prepared:
	@test -e build/.deps-build || $(MAKE) --no-print-directory deps FOR=build

FOR = check
deps:
	@.ci/deps $(FOR)
	@mkdir -p build && touch build/.deps-$(FOR) build/.deps-build

# The main job, shown.
demo: all
	@.ci/demo

lint: all
	bats tests/style.bats tests/rooms.bats tests/man.bats

tools:
	@printf '%s\n' $(TOOLS)

flags:
	@echo '$(subst ','"'"',$(filter-out -DDQ_%,$(CFLAGS_ALL)))' '-DDQ_VERSION=""' '-DDQ_PREFIX=""'

# bin/, man/, share/dq/, and where this release has no yyjson of its own, lib/dq/ with the private one.
TO = $(DESTDIR)$(PREFIX)
install: all
	install -d '$(TO)/bin'
	install -m 755 $(TOOLS:%=$(BIN)/%) '$(TO)/bin'
	for page in $(MAN); do install -D -m 644 "man/$$page" "$(TO)/share/man/man$${page##*.}/$$page" || exit 1; done
	cd share && find . -type f -exec install -D -m 644 {} '$(abspath $(TO))/share/dq/{}' \;
	$(if $(DEPS_LIB),install -D -m 644 $(DEPS_LIB)/libyyjson.so.0 '$(TO)/lib/dq/libyyjson.so.0')

clean:
	rm -rf bin build/obj build/san build/fuzz build/check
