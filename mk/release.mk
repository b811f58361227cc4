# release.mk - installing, tarballs, the list of what is inside.

# Modules of the checks of releases; empty: all.
RELEASE ?=

PREFIX  ?= /usr/local
DESTDIR ?=
BINDIR  := $(PREFIX)/bin
DOCDIR  := $(PREFIX)/share/doc/scored
UNITDIR := $(PREFIX)/lib/systemd/system
MANDIR  := $(PREFIX)/share/man/man1
COMPDIR := $(PREFIX)/share/bash-completion/completions
NAME    := scored-$(VERSION)

# put MODE FILE PLACE - installs one file.
put = $(Q)install -D -m $(1) $(2) '$(DESTDIR)$(3)'

install: $(B)/scored $(B)/scored.1 $(B)/scored.service ## install: program, man page, completion, systemd unit, into DESTDIR/PREFIX
	$(call put,755,$(B)/scored,$(BINDIR)/scored)
	$(call put,644,$(B)/scored.1,$(MANDIR)/scored.1)
	$(call put,644,$(B)/scored.service,$(UNITDIR)/scored.service)
	$(call put,644,packaging/scored.bash,$(COMPDIR)/scored)
	$(Q)for file in LICENSE CHANGELOG.md README.md SECURITY.md; do \
	    install -D -m 644 $$file '$(DESTDIR)$(DOCDIR)'/$$file; done

install-strip: install
	$(Q)strip '$(DESTDIR)$(BINDIR)/scored'

uninstall: ## uninstall: remove what install has put there
	$(Q)rm -rf '$(DESTDIR)$(BINDIR)/scored' '$(DESTDIR)$(MANDIR)/scored.1' '$(DESTDIR)$(DOCDIR)' \
	    '$(DESTDIR)$(UNITDIR)/scored.service' '$(DESTDIR)$(COMPDIR)/scored'

# The options of the man page are what the program says of itself.
$(B)/scored.1: packaging/manpage packaging/scored.1.in $(B)/scored
	$(call say,MAN,$@)
	$(Q)$(B)/scored --help | packaging/manpage packaging/scored.1.in $(VERSION) >$@

$(B)/scored.service: packaging/scored.service.in always
	$(Q)sed 's|@BINDIR@|$(BINDIR)|' $< >$@

dist: ## dist: a tarball of the last commit, and its checksum, in build/dist
	$(Q)mkdir -p build/dist
	$(Q)git archive --prefix=$(NAME)/ --add-virtual-file=$(NAME)/.commit:$(COMMIT) HEAD | \
	    gzip -9n >build/dist/$(NAME).tar.gz
	$(Q)cd build/dist && sha256sum $(NAME).tar.gz | tee $(NAME).tar.gz.sha256

sbom: $(B)/scored ## sbom: the libraries inside, as CycloneDX JSON, at build/scored.cdx.json
	$(Q)packaging/sbom $< $(VERSION) >build/scored.cdx.json
	@echo build/scored.cdx.json

version: contract ## version: write VERSION into the files that repeat it
	$(Q)sed -i 's/^ARG VERSION=.*/ARG VERSION=$(VERSION)/' docker/Dockerfile
	$(Q)sed -i 's/^    newTag: .*/    newTag: $(VERSION)/' deploy/kubernetes/production/kustomization.yaml

# The same bytes in another folder, for the same compiler and commit; without a cache of objects. REPRODUCE=all: the
# program itself, as linked; else, as in `make check`, all objects but those of the higher instruction set levels, which
# take long, and three of each of these.
HIGHER := %.v3.o %.v4.o
FEW    := $(foreach level,$(HIGHER),$(wordlist 1,3,$(filter $(level),$(KERNEL_OBJ))))
SAME   := $(if $(filter all,$(REPRODUCE)),$(B)/scored,$(FEW) $(B)/src/server/main.o $(filter-out $(HIGHER),\
    $(BASE_OBJ) $(CODEC_OBJ) $(HTTP_OBJ) $(SERVER_OBJ) $(KERNEL_OBJ)))

reproducible: $(SAME)
	+$(Q)CCACHE_DISABLE=1 COMMIT=$(COMMIT) tests/release/reproducible '$(SAME)' $(MAKE) $(JOBS) CC=$(CC)

# Schemas of others come from PyPI and npm, pinned.
build/release/ready: tests/release/requirements.txt tests/release/package.json
	$(call say,VENV,build/release)
	$(Q)$(PYTHON) -m venv --clear build/release
	$(Q)build/release/bin/pip install -q --disable-pip-version-check -r $<
	$(Q)cp tests/release/package.json build/release
	$(Q)build/release/bin/npm install --silent --no-audit --no-fund --prefix build/release
	$(Q)touch $@

release-check: $(B)/scored build/release/ready ## release-check: what install, dist and sbom give
	$(Q)SCORED=$< build/release/bin/python tests/release/run.py $(RELEASE)

# The rules of Prometheus as the operator of clusters takes them; a test compares.
RULES_HEAD := apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: scored\nspec:\n

cluster-rules:
	$(Q){ printf '# Written by make cluster-rules.\n$(RULES_HEAD)'; sed 's/^\(.\)/  \1/' deploy/prometheus/rules.yml; } \
	    >deploy/kubernetes/monitoring/rules.yaml

# The image: built from docker/Dockerfile without a daemon or a registry, and run with no rights.
IMAGE ?= localhost/scored:$(VERSION)

image: ## image: docker/Dockerfile by buildah, on a base made from the Debian archive
	$(Q)CONTAINERS_CONF=$(CURDIR)/tests/container/containers.conf tests/container/build $(IMAGE) $(COMMIT)

container: image ## container: the image, locked down and scored against
	$(Q)CONTAINERS_CONF=$(CURDIR)/tests/container/containers.conf IMAGE=$(IMAGE) COMMIT=$(COMMIT) \
	    $(PYTHON) tests/container/run.py

.PHONY: version cluster-rules image container install install-strip uninstall dist sbom reproducible release-check
