# bench.mk - what is measured: kernels, formats, the service under load; all by hand but for `kernels` and `pairs`.

$(B)/kernels: $(call obj,$(wildcard tests/bench/kernels*.c)) $(B)/libscore.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(OPENMP) -o $@ $^ -lm

# Does the harness work? Seconds, and no figures worth keeping.
kernels: $(B)/kernels
	$(Q)OMP_WAIT_POLICY=passive $< --quick --seconds 0 uint8 | tail -n 1

# BENCH: quick, targets (unless said otherwise) or all, then names.
bench: $(B)/kernels ## bench: kernels against memory and, where installed, their peers; table and plots
	$(Q)CC=$(CC) tests/bench/bench $< build/bench $(BENCH)

bench-docs: $(B)/kernels ## bench-docs: the same, and writes the figures of docs/performance.md
	$(Q)CC=$(CC) WRITE=1 tests/bench/bench $< build/bench $(BENCH)

# Pairs of masks a second through HTTP, and the server's peak memory.
pairs: $(B)/scored
	$(Q)SCORED=$< $(PYTHON) tests/bench/pairs.py

fairness: $(B)/scored ## fairness: small requests beside a heavy team, and shares against weights
	$(Q)SCORED=$< $(PYTHON) tests/bench/fairness.py

# SECONDS of each measurement (5); LOAD="curve peers" for some scenarios alone. Needs `tools/install load`; never part of CI.
load: $(B)/scored ## load: the service under load, beside peers: tables, plots and JSON in build/load
	$(Q)SCORED=$< load/run.py $(LOAD)

load-docs: $(B)/scored ## load-docs: the same, and writes the figures of docs/performance.md
	$(Q)SCORED=$< load/run.py $(LOAD) --write

# simdjson is C++: a peer where its library is (tools/install bench), else cJSON stands alone.
SIMDJSON := $(if $(wildcard /usr/include/simdjson.h),$(B)/tests/bench/json_simdjson.o)

$(B)/tests/bench/json_simdjson.o: tests/bench/json_simdjson.cpp
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) -std=c++17 -O3 -pthread -DHAVE_SIMDJSON -iquotetests/bench -c -o $@ $<

$(B)/tests/bench/json.o: CPPFLAGS += $(if $(SIMDJSON),-DHAVE_SIMDJSON)
$(B)/bench-json: $(call obj,tests/bench/json.c tests/bench/json_cjson.c) $(SIMDJSON) $(CODEC_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_codec) $(if $(SIMDJSON),-lsimdjson -lstdc++) -lm

bench-json: $(B)/bench-json ## bench-json: JSON and multipart beside cJSON, simdjson and a copy
	$(Q)$< 7 1000000 build/bench-json.json

$(B)/growth: $(call obj,$(addprefix tests/bench/,growth.c kernels_data.c kernels_limit.c)) $(B)/libscore.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(OPENMP) -o $@ $^ -lm

# GROWTH=NAME for the curves whose names contain it; WRITE=1 for docs/performance.md.
growth: $(B)/growth ## growth: time and memory against pixels, classes, samples, batches
	$(Q)tests/bench/growth.py $< build/bench $(GROWTH)

# A row of kernels with 1, 2, 4 ... threads, as many as there are CPUs.
scaling: $(B)/kernels ## scaling: kernels with more and more threads
	$(Q)tests/bench/scaling.py $< build/bench

.PHONY: bench bench-docs bench-json kernels pairs fairness load load-docs growth scaling
