/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LU_INTERNAL_H
#define _LU_INTERNAL_H

#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/shadow_driver.h>

#define LU_MAX_PINS		4
#define LU_MAX_MISMATCHES	64
#define LU_MISMATCH_LEN		96
#define LU_TIMELINE_LEN		256
#define LU_TIMELINE_TEXT	80
#define LU_BUILD_ID_MAX		20
#define LU_DEFAULT_TIMEOUT_MS	10000
#define LU_MAX_MEMBERS		16

/**
 * enum lu_state - state of a driver set
 * @LU_EMPTY: no generation runs (first load, or unloaded by hand)
 * @LU_RUNNING: one generation runs, none is staged
 * @LU_STAGED: one generation runs, another is loaded and waits
 * @LU_UPDATING: a transaction is under way
 * @LU_FAILED: no generation runs, the shadow impersonates
 * @LU_STATE_COUNT: number of states
 */
enum lu_state {
	LU_EMPTY,
	LU_RUNNING,
	LU_STAGED,
	LU_UPDATING,
	LU_FAILED,
	LU_STATE_COUNT,
};

enum lu_policy {
	LU_POLICY_ROLLBACK,
	LU_POLICY_FORCE,
};

enum lu_method {
	LU_METHOD_AUTO,
	LU_METHOD_REINIT,
	LU_METHOD_INHERIT,
};

enum lu_release {
	LU_RELEASE_GRACEFUL,
	LU_RELEASE_FORCE,
};

enum lu_result {
	LU_RESULT_NONE,
	LU_RESULT_UPDATED,
	LU_RESULT_ROLLED_BACK,
	LU_RESULT_FAILED,
};

enum lu_role {
	LU_ROLE_NONE,
	LU_ROLE_RUNNING,
	LU_ROLE_STAGED,
	LU_ROLE_KEPT,
	LU_ROLE_COUNT,
};

/**
 * struct lu_section - a writable section of a module and its pristine content
 * @addr: where the loader placed it
 * @len: bytes
 * @copy: content after relocation and parameter parsing, before init
 * @kept: its words that are not restored, a bit each
 */
struct lu_section {
	void *addr;
	size_t len;
	void *copy;
	unsigned long *kept;
};

/**
 * struct lu_import - an import of a managed module, for reports
 * @node: in the module's list
 * @tap: tap it was bound to, or NULL
 * @name: the symbol
 */
struct lu_import {
	struct list_head node;
	struct lu_tap *tap;
	char name[];
};

enum lu_module_phase {
	LU_MOD_LOADING,	/* between the duplicate check and MODULE_STATE_COMING */
	LU_MOD_COMING,	/* its init stub has not run yet */
	LU_MOD_LIVE,
	LU_MOD_FAILED,	/* its load came to nothing */
};

/**
 * struct lu_module - one loaded binary of a managed driver
 * @node: in lu_modules, under lu_lock
 * @gen_node: in its generation's list, libraries first
 * @gen: its generation; NULL while loading
 * @mod: the kernel's object; valid from module_finalize() to going
 * @name: plain name, under which it is managed
 * @load_name: name it was loaded under, with a suffix where @name was taken
 * @loader: task that loads it; compared, never followed
 * @since: jiffies when loading began
 * @seq: counts modules in the order in which their loading began
 * @phase: how far the loader has come
 * @init: its own init function
 * @exit: its own exit function
 * @inited: init ran and exit did not
 * @sections: writable sections with their pristine content
 * @nr_sections: entries of @sections
 * @percpu: pristine content of its per-CPU variables
 * @args: parameters given at load
 * @pristine_params: values of the parameters before its init first ran
 * @params: values of the parameters when it last ran; NULL if it never did
 * @nr_params: entries of @params
 * @build_id: from its ELF note
 * @build_id_len: bytes of @build_id
 * @nr_trace_events: number of its trace events
 * @events_registered: the tracing core knows them
 * @nr_syms: number of its exports, while they are hidden
 * @nr_gpl_syms: the same for those that are for GPL modules only
 * @exports_hidden: the module loader does not find its exports
 * @imports: list of struct lu_import
 * @pins: modules whose taps it is bound to
 * @nr_pins: entries of @pins
 */
struct lu_module {
	struct list_head node;
	struct list_head gen_node;
	struct lu_generation *gen;
	struct module *mod;
	char name[MODULE_NAME_LEN];
	char load_name[MODULE_NAME_LEN];
	struct task_struct *loader;
	unsigned long since;
	unsigned int seq;
	enum lu_module_phase phase;
	int (*init)(void);
	void (*exit)(void);
	bool inited;
	struct lu_section *sections;
	unsigned int nr_sections;
	void *percpu;
	char *args;
	char **pristine_params;
	char **params;
	unsigned int nr_params;
	u8 build_id[LU_BUILD_ID_MAX];
	unsigned int build_id_len;
	unsigned int nr_trace_events;
	bool events_registered;
	unsigned int nr_syms;
	unsigned int nr_gpl_syms;
	bool exports_hidden;
	struct list_head imports;
	struct module *pins[LU_MAX_PINS];
	unsigned int nr_pins;
};

/**
 * struct lu_link - a module that links against a managed one
 * @node: in the list of all, under lu_lock
 * @user: the module, managed or not; compared only
 * @lib: the managed one
 * @loader: task that loads @user; compared only
 * @settled: the load of @user got as far as its notifiers
 * @name: name of @user
 */
struct lu_link {
	struct list_head node;
	struct module *user;
	struct lu_module *lib;
	struct task_struct *loader;
	bool settled;
	char name[MODULE_NAME_LEN];
};

/**
 * struct lu_find_symbol - the module loader's own struct find_symbol_arg
 * @name: symbol that is looked for
 * @gplok: also among those for GPL modules only
 * @warn: unused
 * @owner: module that exports it
 * @crc: its version
 * @sym: its entry
 * @license: 1 if it is for GPL modules only
 */
struct lu_find_symbol {
	const char *name;
	bool gplok;
	bool warn;
	struct module *owner;
	const s32 *crc;
	const struct lu_kernel_symbol *sym;
	unsigned int license;
};

/**
 * struct lu_generation - one loaded version of a driver set
 * @set: the set
 * @role: running, staged or kept
 * @modules: list of struct lu_module, libraries first
 * @kobj: its directory in sysfs; NULL while it has none
 * @objects: tracked objects, under lu_lock
 * @nr_objects: their number
 * @wedged: a thread is stuck in its exit: never runs again, never unloaded
 */
struct lu_generation {
	struct lu_set *set;
	enum lu_role role;
	struct list_head modules;
	struct kobject *kobj;
	struct list_head objects;
	unsigned int nr_objects;
	bool wedged;
};

/**
 * struct lu_verdict - outcome of the capability check
 * @count: number of mismatches found
 * @text: the first of them, named
 */
struct lu_verdict {
	unsigned int count;
	char text[LU_MAX_MISMATCHES][LU_MISMATCH_LEN];
};

/**
 * struct lu_record - what the last transaction did
 */
struct lu_record {
	enum lu_result result;
	int err;
	char from[MODULE_NAME_LEN + 2 * LU_BUILD_ID_MAX + 2];
	char to[MODULE_NAME_LEN + 2 * LU_BUILD_ID_MAX + 2];
	u64 phase_us[LU_PH_COUNT];
	u64 rollback_us;
	u64 total_us;
	u64 blackout_us;
	unsigned int devices;
	unsigned int replayed;
	unsigned int released;
	char reason[160];
	struct lu_verdict verdict;
};

struct lu_log_entry;

struct lu_log {
	struct list_head entries;
	spinlock_t lock;	/* protects all of it */
	unsigned int count;
	size_t bytes;
};

struct lu_timeline_entry {
	ktime_t when;
	char text[LU_TIMELINE_TEXT];
};

/**
 * struct lu_member - a set that takes part in a transaction
 * @set: the set; referenced until the transaction ends
 * @from: outgoing generation
 * @to: incoming generation; @from itself for another try after a failure
 * @txn: the transaction
 */
struct lu_member {
	struct lu_set *set;
	struct lu_generation *from;
	struct lu_generation *to;
	struct lu_txn *txn;
};

struct lu_members {
	unsigned int nr;
	struct lu_member member[LU_MAX_MEMBERS];
};

#define lu_for_each_member(mb, ms)						\
	for ((mb) = (ms)->member; (mb) < (ms)->member + (ms)->nr; (mb)++)

/**
 * struct lu_txn - a transaction under way
 * @set: the set that leads it
 * @members: all sets that take part, sorted by lu_members_sort()
 * @shadow: the class shadow, or NULL when no device was ever claimed
 * @record: where the outcome goes
 * @rolling_back: what went is being put back
 * @again: another try with what ran last, after a failure
 * @forced: mismatches do not stop it
 * @cold: the last one failed: nobody is attached, the shadow impersonates
 * @prepared: the shadow's prepare succeeded
 * @holds_to: it failed, and what was to come in is still referenced
 * @failed_at: phase that failed first
 * @blackout_from: when the device stopped passing work, or 0
 */
struct lu_txn {
	struct lu_set *set;
	struct lu_members members;
	struct lu_shadow *shadow;
	struct lu_record *record;
	bool rolling_back;
	bool again;
	bool forced;
	bool cold;
	bool prepared;
	bool holds_to;
	enum lu_phase failed_at;
	ktime_t blackout_from;
};

#define lu_for_each_device(ldev, mb, txn)					\
	lu_for_each_member(mb, &(txn)->members)					\
		list_for_each_entry(ldev, &(mb)->set->devices, node)

/**
 * struct lu_crew - idle threads for the steps of a transaction, see worker.c
 * @lock: protects all of it
 * @idle: list of struct lu_worker
 * @nr_idle: their number
 */
struct lu_crew {
	spinlock_t lock;
	struct list_head idle;
	unsigned int nr_idle;
};

/**
 * struct lu_set - a managed module, in all its loaded versions
 * @kobj: /sys/kernel/liveupdate/drivers/<name>
 * @name: plain name of the module
 * @node: in lu_sets, under lu_lock for readers in any context
 * @lock: protects state, roles and busy
 * @state: see enum lu_state; written by lu_set_change_state() only
 * @busy: a trigger is at work: no other, no load
 * @active: the shadow impersonates; read in any context
 * @gens: generations by role
 * @devices: list of struct lu_device, under lu_lock
 * @shadow: the class shadow; NULL until a device is claimed
 * @policy: what to do with mismatches
 * @method: how to switch
 * @release: how the outgoing generation goes
 * @timeout_ms: limit of each step in milliseconds
 * @generation: counts successful switches
 * @next_suffix: for names of staged modules
 * @log: the config log
 * @record: outcome of the last transaction
 * @timeline: ring of what happened
 * @timeline_pos: total number of entries ever written
 * @timeline_lock: protects the two
 * @dying: no module is left; goes away
 * @release_work: removes the set outside any module's notifier
 * @last_kobj: directory last/
 * @debugfs: its directory in debugfs
 * @stuck: threads that have not come back
 * @crew: threads that wait for work
 * @lead: the set whose transaction this one is in, or failed in; under lu_lock
 * @transaction: the last transaction that this set led
 * @txn: the one that this set takes part in, while it is under way, or NULL
 */
struct lu_set {
	struct kobject kobj;
	char name[MODULE_NAME_LEN];
	struct list_head node;
	struct mutex lock;
	enum lu_state state;
	bool busy;
	bool active;
	struct lu_generation *gens[LU_ROLE_COUNT];
	struct list_head devices;
	struct lu_shadow *shadow;
	enum lu_policy policy;
	enum lu_method method;
	enum lu_release release;
	unsigned int timeout_ms;
	unsigned int generation;
	unsigned int next_suffix;
	struct lu_log log;
	struct lu_record record;
	struct lu_timeline_entry *timeline;
	unsigned int timeline_pos;
	spinlock_t timeline_lock;
	bool dying;
	struct work_struct release_work;
	struct kobject *last_kobj;
	struct dentry *debugfs;
	atomic_t stuck;
	struct lu_crew crew;
	struct lu_set *lead;
	struct lu_txn transaction;
	struct lu_txn *txn;
};

#define to_lu_set(k) container_of(k, struct lu_set, kobj)

/**
 * struct lu_context - what the current task does on behalf of a driver
 * @node: in the table of contexts
 * @task: the task
 * @gen: generation whose init, exit, probe or remove runs
 * @ldev: device whose probe or remove runs, or NULL
 */
struct lu_context {
	struct hlist_node node;
	struct task_struct *task;
	struct lu_generation *gen;
	struct lu_device *ldev;
};

/* One lock for all that taps look at; taken in any context. */
extern raw_spinlock_t lu_lock;
extern struct list_head lu_sets;

/* state.c: legal edges and names */
bool lu_edge_legal(enum lu_state from, enum lu_state to);
const char *lu_state_name(enum lu_state state);
const char *lu_phase_name(enum lu_phase phase);
const char *lu_result_name(enum lu_result result);
int lu_phase_by_name(const char *name);
extern const char * const lu_policy_names[];
extern const char * const lu_method_names[];
extern const char * const lu_release_names[];
extern const char * const lu_role_names[];

/* set.c */
int lu_set_change_state(struct lu_set *set, enum lu_state to);
struct lu_set *lu_set_find(const char *name);
struct lu_set *lu_set_get_or_create(const char *name);
struct lu_set *lu_set_get(struct lu_set *set);
void lu_set_put(struct lu_set *set);
void lu_set_retire(struct lu_set *set);
struct lu_generation *lu_generation_add(struct lu_set *set, enum lu_role role);
void lu_generation_remove(struct lu_generation *gen);
void lu_generation_set_role(struct lu_generation *gen, enum lu_role role);
const struct lu_module *lu_generation_lead(const struct lu_generation *gen);
void lu_sets_exit(void);

/* device.c */
struct lu_device *lu_device_get(struct lu_set *set, struct device *dev);
struct lu_device *lu_device_find(struct lu_set *set, struct device *dev);
void lu_device_drop(struct lu_device *ldev);
void lu_devices_prune(struct lu_set *set, const struct device *leaving);
void lu_devices_drop_all(struct lu_set *set);

/* context.c */
void lu_context_enter(struct lu_context *ctx, struct lu_generation *gen,
		      struct lu_device *ldev);
void lu_context_leave(struct lu_context *ctx);
void lu_context_forget(void);
void lu_errand_note(const struct work_struct *work);
void lu_errands_drop(const struct lu_device *ldev);

/* binder.c, taps.c */
int lu_taps_add(struct lu_tap *taps, size_t nr, struct module *owner);
void lu_taps_del(struct lu_tap *taps, size_t nr);
struct lu_tap *lu_tap_find(const char *name);
int lu_manage(const char *pattern);
int lu_unmanage(const char *pattern);
bool lu_is_managed(const char *name);
ssize_t lu_manage_show(char *buf);
int lu_binder_init(void);
void lu_binder_exit(void);
int lu_loader_init(void);
void lu_loader_exit(void);

/* module.c: records of loaded modules */
struct lu_module *lu_module_of_address(unsigned long addr);
struct lu_module *lu_module_of(const struct module *mod);
struct lu_module *lu_module_running(const char *name);
void lu_module_free(struct lu_module *m);
bool lu_module_reap_stale(bool all);
extern struct list_head lu_modules;

/* links.c: who links against managed modules */
int lu_link_add(struct module *user, struct lu_module *lib);
int lu_links_settle(const struct module *user, bool staged);
void lu_links_drop(const struct module *user);
void lu_links_drop_failed(void);
void lu_links_drop_lib(const struct lu_module *lib);
unsigned int lu_links_count(const struct lu_module *lib);
struct module *lu_links_user(const struct lu_module *lib, unsigned int nr);
void __lu_links_each(bool (*fn)(const struct lu_link *l, struct lu_module *user, void *data),
		     void *data);
void lu_links_exit(void);

/* exports.c: exports of two generations at once */
void lu_exports_hide(struct lu_module *m, struct module *mod);
void lu_exports_show(struct lu_module *m);
bool lu_export_find(const struct lu_module *m, struct lu_find_symbol *fsa);
bool lu_export_redirect(struct lu_find_symbol *fsa);
bool lu_exports_missed(void);
int lu_exports_init(void);
void lu_exports_exit(void);

/* members.c: sets that are replaced together */
void lu_members_sort(struct lu_members *ms, bool incoming);
int lu_members_begin(struct lu_members *ms, struct lu_set *set, enum lu_role role,
		     bool exchange);
void lu_members_end(struct lu_members *ms, bool failed);
void lu_set_lead_name(struct lu_set *set, char *name);

/* snapshot.c */
int lu_snapshot_take(struct lu_module *m);
void lu_snapshot_restore(struct lu_module *m);
void lu_snapshot_free(struct lu_module *m);

/* generation.c */
int lu_generation_save_params(struct lu_generation *gen);
bool lu_generation_get(struct lu_generation *gen);
void lu_generation_put(struct lu_generation *gen);
int lu_generation_init(struct lu_generation *gen, struct lu_generation *model);
void lu_generation_exit(struct lu_generation *gen, bool force);
void lu_generation_abandon(struct lu_generation *gen);
bool lu_generation_inited(const struct lu_generation *gen);
int lu_generation_unload(struct lu_generation *gen);
void lu_generation_swap_names(struct lu_generation *a, struct lu_generation *b);
void lu_generation_move_refs(struct lu_generation *from, struct lu_generation *to);
void lu_generation_show_exports(struct lu_generation *gen, bool show);
void lu_exit_nop(void);

/* params.c */
int lu_params_save(struct lu_module *m);
void lu_params_restore(struct lu_module *m, struct lu_module *model);
void lu_params_free(struct lu_module *m);

/* traceevents.c: trace events of modules that wait */
int lu_events_init(void);
void lu_events_exit(void);
void lu_events_hold(struct lu_module *m, struct module *mod);
void lu_events_register(struct lu_module *m);
void lu_events_unregister(struct lu_module *m);

/* guard.c: driver code that may crash */
int lu_guard_call(struct lu_generation *gen, int (*fn)(void *arg), void *arg);
int lu_guard_init(void);
void lu_guard_exit(void);

/* pm.c: no system sleep during an update */
int lu_pm_hold(void);
void lu_pm_release(void);
int lu_pm_init(void);
void lu_pm_exit(void);

/* transaction.c */
int lu_update(struct lu_set *set);
int lu_rollback(struct lu_set *set);
int lu_commit(struct lu_set *set);
int lu_discard(struct lu_set *set);
int lu_inject_set(const char *spec);
int lu_inject(struct lu_txn *txn, enum lu_phase phase);

/* phases.c */
extern int (* const lu_phases[LU_PH_COUNT])(struct lu_txn *txn);
unsigned long lu_deadline(const struct lu_set *set);
struct lu_generation *lu_outgoing(const struct lu_member *mb);
struct lu_generation *lu_incoming(const struct lu_member *mb);
int lu_txn_unquiesce(struct lu_txn *txn);
bool lu_set_stuck(struct lu_set *set);

/**
 * enum lu_outcome - how a step with a time limit ended, from good to bad
 * @LU_IN_TIME: it returned
 * @LU_LATE: it returned when it was called back
 * @LU_LOST: it hangs or crashed, with what it had locked
 */
enum lu_outcome {
	LU_IN_TIME,
	LU_LATE,
	LU_LOST,
};

/* worker.c: steps in threads of their own, with a time limit */
void lu_crew_init(struct lu_crew *crew);
int lu_crew_gather(struct lu_set *set, unsigned int nr);
void lu_crew_dismiss(struct lu_set *set);
struct lu_worker *lu_worker_start(struct lu_set *set, int (*fn)(void *data), void *data);
int lu_worker_finish(struct lu_worker *w, const char *what, unsigned long deadline,
		     enum lu_outcome *outcome);
void lu_worker_expendable(struct lu_worker *w);
int lu_worker_join(struct lu_worker *w);
int lu_run_limited(struct lu_set *set, const char *what, int (*fn)(void *data),
		   void *data, enum lu_outcome *outcome);

/* objects.c, scan.c: what a driver holds */
int lu_objects_init(void);
void lu_objects_exit(void);
int lu_object_add(struct lu_generation *gen, enum lu_object_kind kind,
		  struct device *dev, const void *id, unsigned long a,
		  unsigned long b);
bool lu_object_del(enum lu_object_kind kind, const void *id);
void lu_objects_forget(struct lu_generation *gen);
void __lu_objects_orphan(struct lu_set *set, const struct device *dev);
unsigned int lu_objects_release(struct lu_generation *gen);
void lu_objects_show(struct lu_set *set, struct seq_file *m);
unsigned int lu_objects_count(struct lu_set *set);
const char *lu_object_kind_name(enum lu_object_kind kind);
struct device *lu_scan_unknown_device(struct lu_txn *txn, const struct lu_generation *gen,
				      unsigned int skip);
unsigned int lu_scan_release(struct lu_generation *gen);
unsigned int lu_scan_release_devices(struct lu_set *set);
unsigned int lu_scan_show(struct lu_set *set, struct seq_file *s);

/* log.c */
void lu_log_init(struct lu_log *log);
void lu_log_clear(struct lu_log *log);
int lu_log_store(struct lu_log *log, const char *dev, const char *key,
		 const char *value);
bool lu_log_remove(struct lu_log *log, const char *dev, const char *key);
void lu_log_show(struct lu_log *log, struct seq_file *m);

/* verdict.c */
__printf(2, 0) const char *lu_verdict_vadd(struct lu_verdict *v, const char *fmt,
					   va_list args);
__printf(2, 3) void lu_verdict_add(struct lu_verdict *v, const char *fmt, ...);
ssize_t lu_verdict_show(const struct lu_verdict *v, char *buf, size_t size);

/* sysfs.c, debugfs.c */
int lu_sysfs_init(void);
void lu_sysfs_exit(void);
extern struct kset *lu_drivers_kset;
extern const struct kobj_type lu_set_ktype;
int lu_sysfs_add_generation(struct lu_generation *gen);
void lu_sysfs_del_generation(struct lu_generation *gen);
int lu_sysfs_add_last(struct lu_set *set);
void lu_uevent(struct lu_set *set, enum lu_result result);
void lu_debugfs_init(void);
void lu_debugfs_exit(void);
void lu_debugfs_add_set(struct lu_set *set);
void lu_debugfs_del_set(struct lu_set *set);

/* bus/ */
struct lu_bus;

/**
 * struct lu_bus_driver - a bus driver that a managed module registered
 * @node: in the list of all, under lu_lock
 * @gen: generation of the module
 * @drv: the driver core's part, the key
 * @bus: the bus's methods
 * @busdrv: struct pci_driver, struct virtio_driver, ...
 * @probe: the driver's own probe
 * @remove: the driver's own remove
 */
struct lu_bus_driver {
	struct list_head node;
	struct lu_generation *gen;
	struct device_driver *drv;
	const struct lu_bus *bus;
	void *busdrv;
	void *probe;
	void *remove;
};

/**
 * struct lu_bus - how a bus's drivers are taken over
 * @name: for reports
 * @unregister: unregister a driver without its module's help
 * @reclaim: Optional. Take back what a driver got from the bus for a device that
 *	it could not take or has left; most drivers have given it back
 * @tidy: Optional. Bring a device without driver into the state in which the
 *	bus presents it to the first one
 * @keep: Optional. Called before and after a device loses its driver and is to
 *	get another one at once, with the device's lock held
 */
struct lu_bus {
	const char *name;
	void (*unregister)(struct lu_bus_driver *b);
	void (*reclaim)(struct device *dev);
	void (*tidy)(struct device *dev);
	void (*keep)(struct lu_device *ldev, bool begin);
};

int lu_bus_init(void);
void lu_bus_exit(void);
extern struct lu_tap lu_pci_taps[];
extern const size_t lu_nr_pci_taps;
extern struct lu_tap lu_virtio_taps[];
extern const size_t lu_nr_virtio_taps;
extern struct lu_tap lu_scsi_taps[];
extern const size_t lu_nr_scsi_taps;
struct lu_bus_driver *lu_bus_add(const struct lu_bus *bus, void *busdrv,
				 struct device_driver *drv, struct module *owner,
				 void *probe, void *remove);
struct lu_bus_driver *lu_bus_find(const struct device_driver *drv);
void lu_bus_del(struct lu_bus_driver *b);
unsigned int lu_bus_unregister_all(struct lu_generation *gen);
void lu_bus_keep(struct lu_device *ldev, bool begin);
void lu_bus_tidy(struct lu_device *ldev);
int lu_bus_probe(struct device *dev, int (*call)(struct lu_bus_driver *b, void *arg),
		 void *arg);
void lu_bus_remove(struct device *dev, void (*call)(struct lu_bus_driver *b, void *arg),
		   void *arg);

#endif /* _LU_INTERNAL_H */
