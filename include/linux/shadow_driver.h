/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Live update of device drivers: what the core offers to shadow drivers.
 *
 * A shadow driver knows one class of devices (net, block, sound) and never a
 * particular driver. It registers taps, which the core puts between a managed
 * driver and the kernel, and a set of callbacks, which the core calls as an
 * update transaction proceeds. The idea is from M. Swift et al., "Live Update
 * for Device Drivers".
 */
#ifndef _LINUX_SHADOW_DRIVER_H
#define _LINUX_SHADOW_DRIVER_H

#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/stringify.h>
#include <linux/types.h>

struct lu_set;
struct lu_generation;
struct lu_txn;
struct lu_worker;
struct seq_file;

/**
 * enum lu_tap_kind - what an import of a managed driver is to us
 * @LU_TAP_CONFIG: carries configuration that has to be replayed
 * @LU_TAP_OBJECT: hands out or returns an object that the driver holds
 * @LU_TAP_CONCEAL: would tell the kernel that the device comes or goes
 */
enum lu_tap_kind {
	LU_TAP_CONFIG,
	LU_TAP_OBJECT,
	LU_TAP_CONCEAL,
};

/*
 * The module loader's own struct kernel_symbol, private to it since 6.12:
 * three place-relative 32 bit offsets.
 */
struct lu_kernel_symbol {
	s32 value_offset;
	s32 name_offset;
	s32 namespace_offset;
};

/**
 * struct lu_tap - one exported function that managed drivers reach through us
 * @name: name of the exported function
 * @func: what a managed driver is bound to instead
 * @kind: what the import means, for reports
 * @optional: reserved for taps whose original exists on some kernels only
 * @orig: internal: the kernel's own function, known since the first binding
 * @ksym: internal: what the module loader is handed
 * @node: internal: in the binder's table
 * @owner: internal: module that holds @func
 */
struct lu_tap {
	const char *name;
	void *func;
	enum lu_tap_kind kind;

	/* internal */
	void *orig;
	struct lu_kernel_symbol ksym;
	struct hlist_node node;
	struct module *owner;
};

/*
 * LU_TAP(name, kind) makes the table entry for a tap function lu_tap_<name>;
 * a drift between its prototype and the original's is a compile error.
 */
#define LU_TAP_AS(_sym, _func, _kind)					\
	{								\
		.name = __stringify(_sym),				\
		.func = (void *)(1 ? (_func) : (typeof(_sym) *)NULL),	\
		.kind = (_kind),					\
	}
#define LU_TAP(_sym, _kind) LU_TAP_AS(_sym, lu_tap_##_sym, _kind)

/*
 * Calls the kernel's function behind a tap. @_tap: its struct lu_tap; the
 * call goes through the address that the module loader resolved, so neither
 * the core nor a shadow is linked against the class core.
 */
#define lu_orig(_sym, _tap) ((typeof(_sym) *)READ_ONCE((_tap)->orig))

/**
 * enum lu_phase - steps of an update transaction, in their order
 * @LU_PH_PREPARE: everything that can fail for lack of memory
 * @LU_PH_QUIESCE: stop admitting work, drain, stop the device
 * @LU_PH_DETACH: the outgoing generation's remove and exit
 * @LU_PH_ATTACH: the incoming generation's init and probe
 * @LU_PH_VERIFY: capability check
 * @LU_PH_REPLAY: configuration into the incoming driver, device started
 * @LU_PH_RESUME: wait until the device is ready, open the gate
 * @LU_PH_COUNT: number of phases
 */
enum lu_phase {
	LU_PH_PREPARE,
	LU_PH_QUIESCE,
	LU_PH_DETACH,
	LU_PH_ATTACH,
	LU_PH_VERIFY,
	LU_PH_REPLAY,
	LU_PH_RESUME,
	LU_PH_COUNT,
};

/**
 * struct lu_device - a device bound to a managed driver
 * @ref: held by @set and by each object of a shadow that refers to this
 * @dev: the bus device; referenced until it leaves its bus
 * @set: driver set it belongs to
 * @shadow: class shadow that adopted an object of it; NULL until then
 * @node: in @set's list of devices; writers hold the core's lock
 * @lost: the device vanished (hot unplug) since the transaction began
 * @bound: some generation's probe succeeded and its remove has not run
 * @in_txn: takes part in the transaction under way
 * @adopted: the incoming generation registered its object for this device
 * @releasing: the core itself takes the driver off the device
 * @attaching: the core itself puts the driver on the device
 * @resigning: the driver takes itself off the device
 * @unbound: an operator took the driver off the device
 * @skip_remove: the driver's own remove is not run
 * @probed: the incoming driver's probe was called
 * @probe_err: what the last probe returned
 * @untidy: a probe failed, and what it left in the hardware is still there
 * @routed: the bus keeps the device's interrupt routed, see lu_bus_keep()
 * @worker: thread at work on it
 */
struct lu_device {
	struct kref ref;
	struct device *dev;
	struct lu_set *set;
	struct lu_shadow *shadow;
	struct list_head node;
	bool lost;
	bool bound;
	bool in_txn;
	bool adopted;
	bool releasing;
	bool attaching;
	bool resigning;
	bool unbound;
	bool skip_remove;
	bool probed;
	int probe_err;
	bool untidy;
	bool routed;
	struct lu_worker *worker;
};

/**
 * struct lu_shadow - a class's shadow driver
 * @class: name shown in sysfs, for example "net"
 * @owner: THIS_MODULE
 * @taps: the class's taps, Required
 * @nr_taps: number of entries of @taps
 * @prepare: Required. Before anything is touched: allocate all that the
 *	transaction will need, refuse what cannot be updated now by
 *	lu_mismatch() plus an error. On error the core calls nothing else.
 * @unprepare: Required. Undo of @prepare; the last call of each transaction
 *	whose prepare succeeded and that does not end in @stuck.
 * @quiesce: Required. Freeze submitters, take the snapshot, stop the device
 *	through the outgoing driver; from its return on the shadow impersonates
 *	the driver. On error it has undone its own work.
 * @unquiesce: Required. Undo of @quiesce while the same driver is still bound.
 *	On error the shadow goes on impersonating.
 * @detached: Required. The outgoing generation's remove and exit ran; settle
 *	what the concealed calls still owe.
 * @probed: Optional. The incoming generation's probes have returned; wait for
 *	what they left to be done later, before the core asks which devices have
 *	been adopted.
 * @verify: Required. Every adopted object against what the outgoing
 *	generation offered; report each lack by lu_mismatch(). Returns 0 also
 *	when there are mismatches: policy is the core's.
 * @replay: Required. Restore configuration and start the device through the
 *	driver that is bound now. An error makes the core roll back.
 * @resume: Required. Wait until the device is ready or @deadline passes, open
 *	the gate, back to passive.
 * @settle: Optional. The incoming driver is in service; before references are
 *	moved, see @moves_references. Without a time limit, for no one waits for
 *	it but whoever asked for the update.
 * @moves_references: users of the class's objects hold references on the
 *	driver's module, which have to follow the objects
 * @moved: Optional, with @moves_references. Has an object in this transaction
 *	changed the module that owns it, from this one to another? Where it is
 *	missing all modules are meant.
 * @stuck: Optional. The transaction ended with no driver; the shadow goes on
 *	impersonating.
 *
 * All callbacks run in process context, one at a time, each in a thread of its
 * own with the set's time limit, with no lock held, and may sleep. Legal
 * sequences::
 *
 *	prepare quiesce unquiesce unprepare
 *	prepare quiesce (detached probed verify replay resume)+ unprepare
 *	prepare quiesce detached ... stuck (probed verify replay resume)+ unprepare
 *
 * where a roll-back repeats the group with the roles of the generations
 * exchanged, from whichever of its steps failed; verify is not called for the
 * generation that ran before the transaction.
 */
struct lu_shadow {
	const char *class;
	struct module *owner;
	struct lu_tap *taps;
	size_t nr_taps;

	int (*prepare)(struct lu_txn *txn);
	void (*unprepare)(struct lu_txn *txn);
	int (*quiesce)(struct lu_txn *txn, unsigned long deadline);
	int (*unquiesce)(struct lu_txn *txn);
	void (*detached)(struct lu_txn *txn);
	void (*probed)(struct lu_txn *txn);
	int (*verify)(struct lu_txn *txn);
	int (*replay)(struct lu_txn *txn, unsigned long deadline);
	int (*resume)(struct lu_txn *txn, unsigned long deadline);
	void (*settle)(struct lu_txn *txn);
	bool moves_references;
	bool (*moved)(struct lu_txn *txn, const struct module *from);
	void (*stuck)(struct lu_txn *txn);

	/* internal */
	struct list_head node;
};

int lu_shadow_register(struct lu_shadow *shadow);
void lu_shadow_unregister(struct lu_shadow *shadow);

/* The transaction, seen from a shadow. */
struct lu_txn *lu_txn_of(struct lu_set *set);
struct lu_set *lu_txn_set(struct lu_txn *txn);
bool lu_txn_has(struct lu_txn *txn, const struct lu_device *ldev);
bool lu_txn_forced(struct lu_txn *txn);
bool lu_txn_rolling_back(struct lu_txn *txn);
struct module *lu_txn_incoming_module(struct lu_txn *txn, const struct lu_set *set);
struct module *lu_txn_successor(struct lu_txn *txn, const struct module *mod);
__printf(2, 3) void lu_mismatch(struct lu_txn *txn, const char *fmt, ...);
__printf(2, 3) void lu_timeline(struct lu_set *set, const char *fmt, ...);
void lu_txn_blackout_start(struct lu_txn *txn);
void lu_txn_blackout_end(struct lu_txn *txn);
void lu_txn_replayed(struct lu_txn *txn, unsigned int entries);
void lu_txn_expedite(struct lu_txn *txn);
const char *lu_set_name(const struct lu_set *set);

/*
 * True while @set is between quiesce and resume: taps conceal, kept objects
 * are handed out. Any context.
 */
bool lu_set_active(const struct lu_set *set);

/*
 * Who called, and for which device. lu_current_device() is the device whose
 * probe or remove the calling task runs, or NULL; lu_current_generation() the
 * generation whose init, exit, probe or remove it runs, or NULL. lu_attach_*
 * tie a device to the shadow that adopted it. lu_working_device() is the same
 * as lu_current_device(), and in a work item the device for which it was queued.
 */
struct lu_device *lu_current_device(void);
struct lu_device *lu_working_device(void);
struct lu_set *lu_current_set(void);
struct lu_generation *lu_current_generation(void);
struct lu_set *lu_set_of_address(const void *addr);
struct lu_device *lu_device_hold(struct lu_device *ldev);
void lu_device_put(struct lu_device *ldev);
void lu_device_claim(struct lu_device *ldev, struct lu_shadow *shadow);
void lu_device_adopted(struct lu_device *ldev);

/* Config log: last writer wins for each (device, key). */
int lu_log_set(struct lu_set *set, struct device *dev, const char *key,
	       const char *fmt, ...) __printf(4, 5);
void lu_log_del(struct lu_set *set, struct device *dev, const char *key);
void lu_log_forget_device(struct lu_set *set, struct device *dev);

/**
 * enum lu_object_kind - kinds of objects that a driver holds from the kernel
 * @LU_OBJ_IRQ: an interrupt action
 * @LU_OBJ_MSI: message signalled vectors enabled on a device
 * @LU_OBJ_REGION: an I/O port or memory region
 * @LU_OBJ_MAPPING: a mapping of device memory
 * @LU_OBJ_DMA: coherent DMA memory
 * @LU_OBJ_TIMER: a timer
 * @LU_OBJ_WORK: a work item
 * @LU_OBJ_KTHREAD: a kernel thread
 * @LU_OBJ_BUS: a bus driver registration
 * @LU_OBJ_CLASS: an object of the class layer
 * @LU_OBJ_COUNT: number of kinds
 */
enum lu_object_kind {
	LU_OBJ_IRQ,
	LU_OBJ_MSI,
	LU_OBJ_REGION,
	LU_OBJ_MAPPING,
	LU_OBJ_DMA,
	LU_OBJ_TIMER,
	LU_OBJ_WORK,
	LU_OBJ_KTHREAD,
	LU_OBJ_BUS,
	LU_OBJ_CLASS,
	LU_OBJ_COUNT,
};

#endif /* _LINUX_SHADOW_DRIVER_H */
