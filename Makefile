# SPDX-License-Identifier: GPL-2.0
# make demo, make check: see README.md.
SHELL := /bin/bash
BUILD := $(CURDIR)/build
KDIR ?= /lib/modules/$(shell uname -r)/build
JOBS ?= $(shell nproc)
# Where a set of modules is built and left; one folder for each kernel.
MODULES_OUT ?= $(BUILD)/modules/$(notdir $(patsubst %/build,%,$(KDIR)))
# A fresh machine compiles all of it before the first test.
CXXFLAGS_TOOLS ?= -O1
DESTDIR ?=
PREFIX ?= /usr
TARGETS := 6.1 6.12 debug
TESTENV := scripts/testenv

.PHONY: all modules tools clean install modules_install tools_install test-modules \
	test-drivers kunit check soak

all: tools modules

# The kernel's build system leaves its files beside the sources, so it is given
# a copy: modules for several kernels can stand side by side.
modules:
	@test -e $(KDIR)/Makefile || { echo "KDIR=$(KDIR): no kernel headers there; install linux-headers and give KDIR=" >&2; exit 1; }
	@mkdir -p $(MODULES_OUT)/src
	@rsync -a --delete --include='/Kbuild' --include='/Kconfig' \
		--include='/kernel/***' --include='/include/***' \
		--include='/drivers/' --include='/drivers/shadow/***' \
		--include='/tests/' --include='/tests/kunit/***' --exclude='*' \
		--filter='P *.o' --filter='P *.cmd' --filter='P *.ko' --filter='P *.mod*' \
		--filter='P *.order' --filter='P *.symvers' --filter='P ops_names.h' \
		./ $(MODULES_OUT)/src/
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(MODULES_OUT)/src LU_SRC=$(MODULES_OUT)/src \
		-j$(JOBS) $(KFLAGS) modules
	@find $(MODULES_OUT)/src -name '*.ko' -exec cp -t $(MODULES_OUT) {} +

# Modules for every kernel that the tests use, in build/modules/<target>/. No
# warning passes: the compiler's, sparse's and kernel-doc's are errors.
NO_WARNINGS := W=1 C=1 CF=-Wsparse-error KCFLAGS=-Werror KDOC_WERROR=1
test-modules: $(TARGETS:%=test-modules-%)
test-modules-%:
	@d=$$($(TESTENV) kernel $* | tail -n 1) && \
	$(MAKE) --no-print-directory modules KDIR=$$d/kdir MODULES_OUT=$(BUILD)/modules/$* \
		KFLAGS="$(NO_WARNINGS) $(KFLAGS)"

# The driver versions and variants that the tests update between.
test-drivers: $(TARGETS:%=test-drivers-%)
test-drivers-%:
	@$(TESTENV) drivers $* >/dev/null

# The suites run on the debug kernel only: Debian's kernels have no KUnit.
# KUNIT_SUITES is a glob over their names.
KUNIT_SUITES ?= *
kunit: tools
	@mkdir -p $(BUILD)/kunit && printf '%s' '$(KUNIT_SUITES)' >$(BUILD)/kunit/kunit-suites
	@$(MAKE) --no-print-directory test-modules-debug KFLAGS="CONFIG_DRIVER_LIVEUPDATE_KUNIT_TEST=m"
	@$(BUILD)/lu-qemu run --timeout 900 --kernel "$$($(TESTENV) kernel debug | tail -n 1)" \
		--script tests/kunit/guest.sh --keep $(BUILD)/kunit/last --file $(BUILD)/modules/debug/lu_kunit.ko \
		--file $(BUILD)/kunit/kunit-suites --stock snd_pcm --stock snd_rawmidi

# Everything, with few or with the full number of repetitions. The last line
# says how many passed and failed.
check soak:
	@scripts/check --level $@ --build $(BUILD)

tools:
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release \
		-DCMAKE_CXX_FLAGS_RELEASE="$(CXXFLAGS_TOOLS)" >/dev/null
	@cmake --build $(BUILD) -j$(JOBS)

tools_install: tools
	DESTDIR=$(DESTDIR) cmake --install $(BUILD) --prefix $(PREFIX)

modules_install: modules
	$(MAKE) -C $(KDIR) M=$(MODULES_OUT)/src LU_SRC=$(MODULES_OUT)/src \
		INSTALL_MOD_PATH=$(DESTDIR) modules_install

install: tools_install

clean:
	rm -rf $(BUILD)

include tests/bench/bench.mk tests/demo/demo.mk
