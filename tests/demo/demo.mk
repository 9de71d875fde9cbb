# SPDX-License-Identifier: GPL-2.0
# make demo: a driver replaced under TCP traffic in a virtual machine; fetches
# and builds what is missing. Included by the top Makefile.
DEMO_KERNEL ?= 6.1

.PHONY: demo
demo:
	@$(TESTENV) install
	@$(TESTENV) kernel $(DEMO_KERNEL) >/dev/null
	@$(TESTENV) drivers $(DEMO_KERNEL) >/dev/null
	@$(MAKE) --no-print-directory tools test-modules-$(DEMO_KERNEL)
	@$(BUILD)/lu-demo --kernel "$$($(TESTENV) kernel $(DEMO_KERNEL) | tail -n 1)" \
		--modules $(BUILD)/modules/$(DEMO_KERNEL) --lu-ctl $(BUILD)/lu-ctl \
		--output $(BUILD)/demo
