# bench.mk - benches besides those of the kernels (tests.mk).

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

.PHONY: bench-json growth scaling
