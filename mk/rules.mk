# rules.mk - how objects, the library and the program are made.

build/scored: $(B)/scored
	$(Q)mkdir -p build && ln -sfn $(notdir $(B))/scored $@

$(B)/scored: $(B)/src/server/main.o $(SERVER_OBJ) $(HTTP_OBJ) $(CODEC_OBJ) $(B)/libscore.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(OPENMP) -o $@ $^ $(LIBS_server) $(LIBS_codec) -lm

$(B)/libscore.a: $(BASE_OBJ) $(KERNEL_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# compile LAYER EXTRA-FLAGS
define compile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(SEES_$(1)) $(2) -c -o $@ $<
endef

$(B)/src/base/%.o: src/base/%.c
	$(call compile,base)
$(B)/src/codec/%.o: src/codec/%.c
	$(call compile,codec)
$(B)/src/server/http/%.o: src/server/http/%.c
	$(call compile,http)
$(B)/src/server/%.o: src/server/%.c
	$(call compile,server)
# What names the version or the commit is compiled anew when these change.
STAMPED := $(call obj,$(shell grep -rlE 'SCORED_(VERSION|COMMIT)' --include=*.c src/server))
$(STAMPED): CPPFLAGS += -DSCORED_VERSION='"$(VERSION)"' -DSCORED_COMMIT='"$(COMMIT)"'
$(STAMPED): $(B)/stamp
$(B)/stamp: always
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(VERSION) $(COMMIT)' | cmp -s - $@ || echo '$(VERSION) $(COMMIT)' >$@
# Embeds the files of api/; the assembler looks for them from here.
$(B)/src/server/contract.o: src/server/contract.S api/openapi.yaml api/openapi.json
	$(call compile,server)
$(B)/src/kernels/%.o: src/kernels/%.c
	$(call compile,kernels,$(OPENMP))
define isa_rule
$$(B)/src/kernels/%.$(1).o: src/kernels/%.c
	$$(call compile,kernels,$$(MARCH_$(1)) -DSC_ISA=$(1))
$$(B)/src/codec/isa/%.$(1).o: src/codec/isa/%.c
	$$(call compile,codec,$$(MARCH_$(1)) $$(VBMI_$(1)) -DSC_ISA=$(1))
endef
$(foreach isa,$(ISAS),$(eval $(call isa_rule,$(isa))))

# What the program says of itself; committed, so that building needs no Python; tests compare.
contract: $(B)/scored ## contract: write the operations into api/openapi.yaml, and openapi.json
	$(Q)SCORED=$< $(PYTHON) tools/openapi_paths.py
	$(Q)sed -i 's/^  version: .*/  version: $(VERSION)/' api/openapi.yaml
	$(Q)$(PYTHON) tools/openapi_json.py api/openapi.yaml api/openapi.json

docs: $(B)/scored ## docs: write docs/functions.md and its plots
	$(Q)$< functions >docs/functions.md
	$(Q)SCORED=$< $(PYTHON) tools/plots.py

# The link is set anew each time: it may lead into another build folder.
.PHONY: contract docs build/scored always
