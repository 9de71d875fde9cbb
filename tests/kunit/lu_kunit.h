/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: a fake module loader, a fake driver in three versions
 * on a fake bus, and a fake shadow that records how it is called.
 */
#ifndef _LU_KUNIT_H
#define _LU_KUNIT_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>
#include <linux/static_call_types.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "../../kernel/liveupdate/internal.h"

#define KT_NAME		"kt_fake"	/* plain name of the fake driver */
#define KT_VERSIONS	3
#define KT_DEVICES	2
#define KT_TRACE_LEN	512

/* Part of the bus in the fake driver's module data, as a pci_driver would be. */
struct kt_bus_driver {
	struct device_driver driver;
	int (*probe)(struct device *dev);
	void (*remove)(struct device *dev);
	bool tapped;
};

/**
 * struct kt_data - the .data section of a fake module
 * @drv: its bus driver
 * @strange: one of a bus that is not tapped
 * @debug: a parameter
 * @starts: how often init ran on this data; pristine data has 0
 * @call: a static call
 * @site: entry of who uses @call
 */
struct kt_data {
	struct kt_bus_driver drv;
	struct platform_driver strange;
	int debug;
	int starts;
	struct static_call_key call;
	struct static_call_site site;
};

/**
 * struct kt_version - one version of the fake driver: its code and data
 * @version: as in MODULE_VERSION()
 * @init: its init
 * @exit: its exit
 * @probe: its probe
 * @remove: its remove
 * @timer: a timer's function
 * @work: a work item's function
 * @irq: an interrupt handler
 * @thread: a kernel thread's function
 * @data: its .data
 * @params: its parameters
 * @nr_params: entries of @params
 * @build_id: its .note.gnu.build-id
 */
struct kt_version {
	const char *version;
	int (*init)(void);
	void (*exit)(void);
	int (*probe)(struct device *dev);
	void (*remove)(struct device *dev);
	void (*timer)(struct timer_list *timer);
	void (*work)(struct work_struct *work);
	irq_handler_t irq;
	int (*thread)(void *arg);
	struct kt_data *data;
	struct kernel_param *params;
	unsigned int nr_params;
	const u8 *build_id;
};

extern const struct kt_version kt_version0, kt_version1, kt_version2;
const struct kt_version *kt_version_get(unsigned int nr);

enum kt_hang {
	KT_NO_HANG,
	KT_HANG_KILLABLE,	/* until SIGKILL */
	KT_HANG_FOR_GOOD,	/* until kt_release_hung() */
	KT_HANG_DIE,		/* the thread ends without returning */
};

/**
 * struct kt_behaviour - how a version misbehaves
 * @init_err: what init returns, before it registers anything
 * @probe_err: what probe returns, or 0
 * @init_hang: where init gets stuck
 * @probe_hang: likewise
 * @remove_hang: likewise
 * @exit_hang: likewise
 * @meet: probes wait for each other
 * @other_ids: it matches no device
 * @not_adopted: it does not register the class object
 * @unclaimed: no shadow knows its devices
 * @leak_timer: remove forgets a timer
 * @leak_work: remove forgets a delayed work item
 * @leak_driver: exit forgets the bus driver
 * @no_exit: the module has no exit
 * @net: its devices are network devices, see fake_net.c
 * @disk: its devices are disks, see fake_disk.c
 * @host: its devices are SCSI hosts, see fake_host.c
 * @card: its devices are sound cards, see fake_card.c
 */
struct kt_behaviour {
	int init_err;
	int probe_err;
	enum kt_hang init_hang;
	enum kt_hang probe_hang;
	enum kt_hang remove_hang;
	enum kt_hang exit_hang;
	bool meet;
	bool other_ids;
	bool not_adopted;
	bool unclaimed;
	bool leak_timer;
	bool leak_work;
	bool leak_driver;
	bool no_exit;
	bool net;
	bool disk;
	bool host;
	bool card;
};

/**
 * struct kt_counts - what a version did
 * @inits: calls of init
 * @exits: calls of exit
 * @probes: probes that succeeded
 * @removes: calls of remove
 * @works: runs of its work item
 * @dirty: calls of init that found data that was not pristine
 * @misattributed: calls for which the core took the task for another's
 */
struct kt_counts {
	unsigned int inits;
	unsigned int exits;
	atomic_t probes;
	atomic_t removes;
	unsigned int works;
	unsigned int dirty;
	unsigned int misattributed;
};

/**
 * struct kt_shadow_plan - what the fake shadow answers
 * @err: error of each phase's callback
 * @err_back: the same on the way back
 * @err_unquiesce: error of unquiesce
 * @mismatch: what verify reports, or NULL
 * @during: called by quiesce, for what happens in mid-transaction
 */
struct kt_shadow_plan {
	int err[LU_PH_COUNT];
	int err_back[LU_PH_COUNT];
	int err_unquiesce;
	const char *mismatch;
	void (*during)(struct lu_set *set);
};

/**
 * struct kt_env - the stage on which a test plays
 * @behaviour: of each version
 * @counts: of each version
 * @plan: of the shadow
 * @calls: the shadow's callbacks in their order
 * @violation: first call out of order or by a thread that is too young, or empty
 * @quiet_since: when the shadow quiesced, as a task's start time; 0 otherwise
 * @devices: devices on the fake bus
 * @drives: version that is bound to each device, or -1
 * @timers: one for each device, leaked on request
 * @works: likewise
 * @hung: released when a version shall hang no longer
 * @met: all probes are under way
 * @meeting: number of probes that wait for each other
 * @inside: threads that are inside the driver
 * @dead: those of them that never come back
 * @rmmods: number of calls of rmmod
 * @warned: number of warnings about illegal edges
 * @bus_up: the bus is registered
 * @shadow_up: the shadow is registered
 * @notified: network events are listened to
 */
struct kt_env {
	struct kt_behaviour behaviour[KT_VERSIONS];
	struct kt_counts counts[KT_VERSIONS];
	struct kt_shadow_plan plan;
	char calls[KT_TRACE_LEN];
	char violation[KT_TRACE_LEN];
	u64 quiet_since;
	struct device *devices[KT_DEVICES];
	int drives[KT_DEVICES];
	struct timer_list timers[KT_DEVICES];
	struct delayed_work works[KT_DEVICES];
	struct completion hung;
	struct completion met;
	atomic_t meeting;
	atomic_t inside;
	int dead;
	unsigned int rmmods;
	unsigned int warned;
	bool bus_up;
	bool shadow_up;
	bool notified;
};

extern struct kt_env kt;

/* core_loader.c: the hooks in the module loader, called by the fake one */
int kt_hook_modstruct(struct module *mod);
int kt_hook_frob(void *hdr, void *sechdrs, void *secstrings, struct module *mod);
int kt_hook_finalize(void *hdr, void *sechdrs, struct module *mod);
const void *kt_hook_resolve(struct module *mod, const char *name, const void *ksym);
int kt_hook_notify(struct module *mod, unsigned long state);
bool kt_is_init_stub(int (*init)(void));

/* core_guard.c: the current task is about to die */
void kt_hook_die(void);

/* core_pm.c: the machine is about to sleep, or awake again */
int kt_hook_sleep(unsigned long event);

/* fake_loader.c */
int kt_load(unsigned int nr, const char *args);
int kt_unload(unsigned int nr);
struct module *kt_module(unsigned int nr);
struct lu_generation *kt_generation(unsigned int nr);
void kt_load_break_off(unsigned int nr);
bool kt_has_section(unsigned int nr, const char *name);
const void *kt_import(unsigned int nr);
int kt_usermodehelper(const char *path, char **argv, char **envp, int wait);
extern struct lu_tap kt_taps[];
extern const size_t kt_nr_taps;
int kt_tap_original(int x);
int kt_tap_function(int x);

/* fake_driver.c: what the versions' functions call */
int kt_driver_init(unsigned int nr);
void kt_driver_exit(unsigned int nr);
int kt_driver_probe(unsigned int nr, struct device *dev);
void kt_driver_remove(unsigned int nr, struct device *dev);
void kt_driver_worked(unsigned int nr);
bool kt_release_hung(void);
int kt_bus_up(void);
void kt_bus_down(void);
void kt_expect_unplugged(struct kunit *test, struct lu_set *set);

/* The tap that stands for a function of the kernel. */
#define KT_CALL(_fn) ((typeof(_fn) *)lu_tap_find(#_fn)->func)

/* The fake driver's devices, by class: fake_disk.c, fake_host.c, fake_card.c */
int kt_disk_probe(unsigned int nr, struct device *parent);
void kt_disk_remove(unsigned int nr, struct device *parent);
int kt_host_probe(unsigned int nr, struct device *parent);
void kt_host_remove(unsigned int nr, struct device *parent);
int kt_card_probe(unsigned int nr, struct device *parent);
void kt_card_remove(unsigned int nr, struct device *parent);

/* fake_shadow.c */
extern struct lu_shadow kt_shadow;
void kt_shadow_reset(void);
void kt_check_thread(const char *what);

/* crew_test.c */
unsigned int kt_threads(void);

/* main.c: the fixture */
int kt_setup(struct kunit *test);
void kt_teardown(struct kunit *test);
struct lu_set *kt_set(void);
char *kt_timeline(struct kunit *test, struct lu_set *set);
struct seq_file *kt_seq(struct kunit *test, size_t size);
char *kt_mismatches(struct kunit *test, struct lu_set *set);
bool kt_write_file(const char *path, const char *text);

/* Suites, in the order in which they run. */
extern struct kunit_suite kt_state_suite, kt_verdict_suite, kt_log_suite;
extern struct kunit_suite kt_inject_suite, kt_binder_suite, kt_generation_suite;
extern struct kunit_suite kt_bus_suite, kt_objects_suite, kt_transaction_suite;
extern struct kunit_suite kt_members_suite, kt_pm_suite, kt_net_suite, kt_disk_suite;
extern struct kunit_suite kt_host_suite, kt_reclaim_suite, kt_sound_suite, kt_lost_suite;
extern struct kunit_suite kt_moment_suite, kt_midi_suite, kt_crew_suite;

#endif /* _LU_KUNIT_H */
