# SPDX-License-Identifier: GPL-2.0
# make bench: side-by-side measurements; tables in build/bench/results.md, all
# figures in results.json. Included by the top Makefile.
#
#   BENCH_RUNS=N     updates and reloads for each driver (5: a quick look)
#   BENCH_ONLY=LIST  of instructions,blackout,memory,cards (network cards) and
#                    requests,stalls (disks) and playing,gaps (sound cards)
#   BENCH_DRIVERS=LIST  of e1000,e1000e,pcnet32,virtio_net and virtio_blk,
#                    virtio_scsi,ata_piix,ahci,libata,sd_mod,nvme,nvme_core and
#                    snd_ens1370,snd_intel8x0,snd_ac97_codec,snd_hda_intel,snd_hda_core
#   BENCH_KERNEL=6.1|6.12
BENCH_RUNS ?= 50
BENCH_ONLY ?= instructions,blackout,memory,cards,requests,stalls,playing,gaps
BENCH_DRIVERS ?= e1000,e1000e,pcnet32,virtio_net,virtio_blk,virtio_scsi,ata_piix,ahci,libata,sd_mod,nvme,nvme_core,snd_ens1370,snd_ac97_codec,snd_hda_core
BENCH_KERNEL ?= 6.1

.PHONY: bench
bench: tools test-modules-$(BENCH_KERNEL)
	@$(TESTENV) drivers $(BENCH_KERNEL) >/dev/null
	@$(BUILD)/lu-bench --kernel "$$($(TESTENV) kernel $(BENCH_KERNEL) | tail -n 1)" \
		--modules $(BUILD)/modules/$(BENCH_KERNEL) --lu-ctl $(BUILD)/lu-ctl \
		--output $(BUILD)/bench --runs $(BENCH_RUNS) \
		--only $(BENCH_ONLY) --drivers $(BENCH_DRIVERS)
