// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Object tracker
 *
 * What a driver holds from the kernel, so that a driver whose remove forgets
 * something can be updated all the same: what is left after remove and exit is
 * released on its behalf and reported.
 *
 * Two ways of knowing, so that it does not matter which API a driver used.
 * Coherent DMA memory, timers and work items are seen at taps, mappings at the
 * one function that all variants of ioremap() end in. Interrupts, vectors,
 * regions and threads are found where the kernel itself keeps them (scan.c).
 *
 * A timer or work item may lie in memory that the driver freed since. It is
 * touched only if its content, read without faulting, proves it pending and
 * its function the driver's.
 */
#include <linux/dma-mapping.h>
#include <linux/hashtable.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "internal.h"

/* Entries of a generation; past it those that prove stale are dropped. */
#define LU_MAX_OBJECTS	8192

/**
 * struct lu_object - an object that a driver holds
 * @hash: by identity
 * @node: in its generation's list
 * @gen: generation that asked for it
 * @kind: what it is
 * @dev: device, or NULL; not referenced, compared and printed by name only
 *	while the set has it
 * @id: address that identifies it
 * @a: kind's own: size in bytes; 1 for a delayed work item
 * @b: kind's own: bus address of DMA memory
 */
struct lu_object {
	struct hlist_node hash;
	struct list_head node;
	struct lu_generation *gen;
	enum lu_object_kind kind;
	struct device *dev;
	const void *id;
	unsigned long a;
	unsigned long b;
};

static DEFINE_HASHTABLE(lu_object_table, 10);	/* under lu_lock */

static const char * const lu_object_kind_names[LU_OBJ_COUNT] = {
	[LU_OBJ_IRQ] = "irq",
	[LU_OBJ_MSI] = "msi",
	[LU_OBJ_REGION] = "region",
	[LU_OBJ_MAPPING] = "mapping",
	[LU_OBJ_DMA] = "dma",
	[LU_OBJ_TIMER] = "timer",
	[LU_OBJ_WORK] = "work",
	[LU_OBJ_KTHREAD] = "kthread",
	[LU_OBJ_BUS] = "bus-driver",
	[LU_OBJ_CLASS] = "class",
};

const char *lu_object_kind_name(enum lu_object_kind kind)
{
	return kind < LU_OBJ_COUNT ? lu_object_kind_names[kind] : "?";
}

static struct lu_object *__lu_object_find(enum lu_object_kind kind, const void *id)
{
	struct lu_object *o;

	lockdep_assert_held(&lu_lock);
	hash_for_each_possible(lu_object_table, o, hash, (unsigned long)id)
		if (o->kind == kind && o->id == id)
			return o;
	return NULL;
}

/* To be freed when the lock is not held any more. */
static void __lu_object_unlink(struct lu_object *o)
{
	lockdep_assert_held(&lu_lock);
	hash_del(&o->hash);
	list_del(&o->node);
	o->gen->nr_objects--;
}

/**
 * lu_object_add() - a driver got an object
 * @gen: generation that asked for it
 * @kind: what it is
 * @dev: device it is for, or NULL
 * @id: address that identifies it
 * @a: see struct lu_object
 * @b: see struct lu_object
 *
 * The same object again replaces the former entry.
 *
 * Context: Any.
 * Return: 0, -ENOMEM or -ENOSPC.
 */
int lu_object_add(struct lu_generation *gen, enum lu_object_kind kind,
		  struct device *dev, const void *id, unsigned long a,
		  unsigned long b)
{
	struct lu_object *o, *old;
	unsigned long flags;
	int err = 0;

	o = kzalloc(sizeof(*o), GFP_ATOMIC);
	if (!o)
		return -ENOMEM;
	o->gen = gen;
	o->kind = kind;
	o->dev = dev;
	o->id = id;
	o->a = a;
	o->b = b;
	raw_spin_lock_irqsave(&lu_lock, flags);
	old = __lu_object_find(kind, id);
	if (old)
		__lu_object_unlink(old);
	if (gen->nr_objects < LU_MAX_OBJECTS) {
		hash_add(lu_object_table, &o->hash, (unsigned long)id);
		list_add_tail(&o->node, &gen->objects);
		gen->nr_objects++;
		o = NULL;
	} else {
		err = -ENOSPC;
	}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	kfree(old);
	kfree(o);
	return err;
}

/**
 * lu_object_del() - a driver gave an object back
 * @kind: what it is
 * @id: its identity
 *
 * Return: true if it was tracked.
 */
bool lu_object_del(enum lu_object_kind kind, const void *id)
{
	struct lu_object *o;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&lu_lock, flags);
	o = __lu_object_find(kind, id);
	found = o;
	if (o)
		__lu_object_unlink(o);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	kfree(o);
	return found;
}

/* What a driver never gave back has no device any more. */
void __lu_objects_orphan(struct lu_set *set, const struct device *dev)
{
	struct lu_object *o;
	unsigned int role;

	lockdep_assert_held(&lu_lock);
	for (role = 0; role < LU_ROLE_COUNT; role++) {
		if (!set->gens[role])
			continue;
		list_for_each_entry(o, &set->gens[role]->objects, node)
			if (o->dev == dev)
				o->dev = NULL;
	}
}

static bool lu_object_known(enum lu_object_kind kind, const void *id)
{
	unsigned long flags;
	bool known;

	raw_spin_lock_irqsave(&lu_lock, flags);
	known = __lu_object_find(kind, id);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return known;
}

void lu_objects_forget(struct lu_generation *gen)
{
	struct lu_object *o, *next;
	unsigned long flags;
	LIST_HEAD(gone);

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry_safe(o, next, &gen->objects, node) {
		__lu_object_unlink(o);
		list_add(&o->node, &gone);
	}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	list_for_each_entry_safe(o, next, &gone, node)
		kfree(o);
}

/* Taps. */

/* Generation of a device's driver, for calls that name the device. */
static struct lu_generation *lu_generation_of_device(struct device *dev)
{
	struct lu_generation *gen = lu_current_generation();
	struct device *d;
	struct lu_bus_driver *b;

	if (gen)
		return gen;
	/* The DMA device of a virtio device is its parent. */
	for (d = dev; d; d = d->parent) {
		b = d->driver ? lu_bus_find(d->driver) : NULL;
		if (b)
			return b->gen;
	}
	return NULL;
}

static void *lu_tap_dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
				    gfp_t gfp, unsigned long attrs)
{
	void *addr = dma_alloc_attrs(dev, size, handle, gfp, attrs);
	struct lu_generation *gen = addr ? lu_generation_of_device(dev) : NULL;

	if (gen)
		lu_object_add(gen, LU_OBJ_DMA, dev, addr, size, *handle);
	return addr;
}

static void lu_tap_dma_free_attrs(struct device *dev, size_t size, void *addr,
				  dma_addr_t handle, unsigned long attrs)
{
	lu_object_del(LU_OBJ_DMA, addr);
	dma_free_attrs(dev, size, addr, handle, attrs);
}

static void lu_track_function(enum lu_object_kind kind, const void *id,
			      const void *func, unsigned long a)
{
	struct lu_module *m;

	if (lu_object_known(kind, id))
		return;
	m = lu_module_of_address((unsigned long)func);
	if (m && m->gen)
		lu_object_add(m->gen, kind, NULL, id, a, 0);
}

static void lu_tap_init_timer_key(struct timer_list *timer,
				  void (*func)(struct timer_list *timer),
				  unsigned int flags, const char *name,
				  struct lock_class_key *key)
{
	init_timer_key(timer, func, flags, name, key);
	lu_object_del(LU_OBJ_TIMER, timer);
	lu_track_function(LU_OBJ_TIMER, timer, func, 0);
}

static bool lu_tap_queue_work_on(int cpu, struct workqueue_struct *wq,
				 struct work_struct *work)
{
	lu_track_function(LU_OBJ_WORK, work, work->func, 0);
	lu_errand_note(work);
	return queue_work_on(cpu, wq, work);
}

static bool lu_tap_queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
					 struct delayed_work *dwork, unsigned long delay)
{
	lu_track_function(LU_OBJ_WORK, &dwork->work, dwork->work.func, 1);
	return queue_delayed_work_on(cpu, wq, dwork, delay);
}

static bool lu_tap_mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
				       struct delayed_work *dwork, unsigned long delay)
{
	lu_track_function(LU_OBJ_WORK, &dwork->work, dwork->work.func, 1);
	return mod_delayed_work_on(cpu, wq, dwork, delay);
}

static struct lu_tap lu_object_taps[] = {
	LU_TAP(dma_alloc_attrs, LU_TAP_OBJECT),
	LU_TAP(dma_free_attrs, LU_TAP_OBJECT),
	LU_TAP(init_timer_key, LU_TAP_OBJECT),
	LU_TAP(queue_work_on, LU_TAP_OBJECT),
	LU_TAP(queue_delayed_work_on, LU_TAP_OBJECT),
	LU_TAP(mod_delayed_work_on, LU_TAP_OBJECT),
};

/* Mappings, whichever variant a driver, or a library on its behalf, calls. */

struct lu_mapping {
	phys_addr_t phys;
	unsigned long size;
};

/* A managed device that has @phys in one of its BARs. */
static struct lu_device *__lu_device_of_bar(phys_addr_t phys)
{
	struct lu_device *ldev;
	struct lu_set *set;
	int i;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(set, &lu_sets, node)
		list_for_each_entry(ldev, &set->devices, node) {
			if (!dev_is_pci(ldev->dev))
				continue;
			for (i = 0; i < PCI_STD_NUM_BARS; i++) {
				struct resource *r = &to_pci_dev(ldev->dev)->resource[i];

				if (r->flags && phys >= r->start && phys <= r->end)
					return ldev;
			}
		}
	return NULL;
}

static int lu_ioremap_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct lu_mapping *map = (void *)ri->data;

	map->phys = regs_get_kernel_argument(regs, 0);
	map->size = regs_get_kernel_argument(regs, 1);
	return 0;
}

static int lu_ioremap_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const void *addr = (void *)regs_return_value(regs);
	struct lu_mapping *map = (void *)ri->data;
	struct lu_generation *gen = lu_current_generation();
	struct lu_device *ldev = lu_current_device();
	struct device *dev = ldev ? ldev->dev : NULL;
	unsigned long flags;

	if (!addr)
		return 0;
	if (!gen) {
		raw_spin_lock_irqsave(&lu_lock, flags);
		ldev = __lu_device_of_bar(map->phys);
		gen = ldev ? ldev->set->gens[LU_ROLE_RUNNING] : NULL;
		dev = ldev ? ldev->dev : NULL;
		raw_spin_unlock_irqrestore(&lu_lock, flags);
	}
	if (gen)
		lu_object_add(gen, LU_OBJ_MAPPING, dev,
			      (void *)((unsigned long)addr & PAGE_MASK), map->size,
			      map->phys);
	return 0;
}

static int lu_pre_iounmap(struct kprobe *kp, struct pt_regs *regs)
{
	unsigned long addr = regs_get_kernel_argument(regs, 0);

	lu_object_del(LU_OBJ_MAPPING, (void *)(addr & PAGE_MASK));
	return 0;
}

#define LU_IOREMAP(_function) {				\
	.kp.symbol_name = _function,			\
	.entry_handler = lu_ioremap_entry,		\
	.handler = lu_ioremap_return,			\
	.data_size = sizeof(struct lu_mapping),		\
	.maxactive = 32,				\
}

/* The first is what the others end in, unless the compiler dissolved it. */
static struct kretprobe lu_kretprobes_ioremap[] = {
	LU_IOREMAP("__ioremap_caller"),
	LU_IOREMAP("ioremap"),
	LU_IOREMAP("ioremap_uc"),
	LU_IOREMAP("ioremap_wc"),
	LU_IOREMAP("ioremap_wt"),
	LU_IOREMAP("ioremap_cache"),
	LU_IOREMAP("ioremap_encrypted"),
	LU_IOREMAP("ioremap_prot"),
};

static unsigned int lu_first_ioremap, lu_nr_ioremaps;

static void lu_ioremap_exit(void)
{
	while (lu_nr_ioremaps > lu_first_ioremap)
		unregister_kretprobe(&lu_kretprobes_ioremap[--lu_nr_ioremaps]);
}

static int lu_ioremap_init(void)
{
	unsigned int i;
	int err;

	err = register_kretprobe(&lu_kretprobes_ioremap[0]);
	lu_first_ioremap = err ? 1 : 0;
	lu_nr_ioremaps = 1;
	if (!err)
		return 0;
	for (i = 1; i < ARRAY_SIZE(lu_kretprobes_ioremap); i++) {
		err = register_kretprobe(&lu_kretprobes_ioremap[i]);
		if (err) {
			pr_err("liveupdate: no hook at %s: %d\n",
			       lu_kretprobes_ioremap[i].kp.symbol_name, err);
			lu_ioremap_exit();
			return err;
		}
		lu_nr_ioremaps++;
	}
	return 0;
}

static struct kprobe lu_kprobe_iounmap = {
	.symbol_name = "iounmap",
	.pre_handler = lu_pre_iounmap,
};

/* What is left after remove and exit. */

static bool lu_timer_is_pending(const struct lu_object *o)
{
	const struct timer_list *timer = o->id;
	struct hlist_node **pprev, *next, *self;
	void (*func)(struct timer_list *timer);
	struct lu_module *m;

	if (get_kernel_nofault(func, &timer->function) ||
	    get_kernel_nofault(next, &timer->entry.next) ||
	    get_kernel_nofault(pprev, &timer->entry.pprev) || !pprev ||
	    get_kernel_nofault(self, pprev))
		return false;
	/* An empty list_head in its place points to itself, too. */
	if (next == &timer->entry)
		return false;
	m = lu_module_of_address((unsigned long)func);
	return self == &timer->entry && m && m->gen == o->gen;
}

static bool lu_work_is_pending(const struct lu_object *o)
{
	const struct work_struct *work = o->id;
	struct lu_module *m;
	work_func_t func;
	unsigned long data;

	if (get_kernel_nofault(func, &work->func) ||
	    get_kernel_nofault(data, (unsigned long *)&work->data))
		return false;
	m = lu_module_of_address((unsigned long)func);
	return (data & WORK_STRUCT_PENDING) && m && m->gen == o->gen;
}

static bool lu_object_release(const struct lu_object *o)
{
	struct work_struct *work = (void *)o->id;

	switch (o->kind) {
	case LU_OBJ_TIMER:
		if (!lu_timer_is_pending(o))
			return false;
		del_timer_sync((struct timer_list *)o->id);
		return true;
	case LU_OBJ_WORK:
		if (!lu_work_is_pending(o))
			return false;
		if (o->a)
			cancel_delayed_work_sync(to_delayed_work(work));
		else
			cancel_work_sync(work);
		return true;
	case LU_OBJ_MAPPING:
		iounmap((void __iomem *)o->id);
		return true;
	case LU_OBJ_DMA:
		if (!o->dev)
			return false;
		dma_free_attrs(o->dev, o->a, (void *)o->id, o->b, 0);
		return true;
	default:
		return false;
	}
}

static void lu_object_report(const struct lu_object *o)
{
	switch (o->kind) {
	case LU_OBJ_MAPPING:
		lu_timeline(o->gen->set, "released on behalf: mapping of %#lx, %lu bytes",
			    o->b, o->a);
		break;
	case LU_OBJ_DMA:
		lu_timeline(o->gen->set, "released on behalf: dma memory, %lu bytes", o->a);
		break;
	default:
		lu_timeline(o->gen->set, "released on behalf: %s", lu_object_kind_name(o->kind));
	}
}

static struct lu_object *lu_object_take(struct lu_generation *gen, bool memory)
{
	struct lu_object *o, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(o, &gen->objects, node)
		if (memory == (o->kind == LU_OBJ_MAPPING || o->kind == LU_OBJ_DMA)) {
			__lu_object_unlink(o);
			found = o;
			break;
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return found;
}

/**
 * lu_objects_release() - release what a driver left behind
 * @gen: generation whose remove and exit have run, or were skipped
 *
 * First what could still run its code, then the memory that it might use.
 *
 * Context: Process context; sleeps.
 * Return: number of objects released.
 */
unsigned int lu_objects_release(struct lu_generation *gen)
{
	unsigned int n = lu_scan_release(gen);
	struct lu_object *o;
	int memory;

	for (memory = 0; memory < 2; memory++)
		while ((o = lu_object_take(gen, memory))) {
			if (lu_object_release(o)) {
				lu_object_report(o);
				n++;
			}
			kfree(o);
		}
	n += lu_scan_release_devices(gen->set);
	return n;
}

/* A pending object of @gen, past the first @skip. */
static struct lu_object *__lu_object_pending(struct lu_generation *gen, unsigned int *skip)
{
	struct lu_object *o;
	unsigned int i = 0;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(o, &gen->objects, node) {
		if (i++ < *skip)
			continue;
		*skip = i;
		if (o->kind == LU_OBJ_TIMER || (o->kind == LU_OBJ_WORK && o->a))
			return o;
	}
	return NULL;
}

static void lu_generation_expedite(struct lu_generation *gen)
{
	unsigned int skip = 0;
	struct delayed_work *dwork;
	struct lu_object *o, copy;
	unsigned long flags;

	for (;;) {
		raw_spin_lock_irqsave(&lu_lock, flags);
		o = __lu_object_pending(gen, &skip);
		if (o)
			copy = *o;
		raw_spin_unlock_irqrestore(&lu_lock, flags);
		if (!o)
			return;
		if (copy.kind == LU_OBJ_TIMER && lu_timer_is_pending(&copy)) {
			mod_timer_pending((struct timer_list *)copy.id, jiffies);
		} else if (copy.kind == LU_OBJ_WORK && copy.a && lu_work_is_pending(&copy)) {
			dwork = to_delayed_work((struct work_struct *)copy.id);
			if (timer_pending(&dwork->timer))
				mod_delayed_work(dwork->wq, dwork, 0);
		}
	}
}

/**
 * lu_txn_expedite() - let the incoming driver look at its device now
 * @txn: transaction whose shadow waits for the device
 *
 * Drivers look after their hardware from timers and delayed work, often every
 * other second. While users wait there is no reason to: what is pending is run
 * at once. It would have run anyhow, and sets itself up again.
 *
 * Context: Process context; sleeps not. The driver is attached.
 */
void lu_txn_expedite(struct lu_txn *txn)
{
	struct lu_member *mb;

	lu_for_each_member(mb, &txn->members)
		lu_generation_expedite(lu_incoming(mb));
}
EXPORT_SYMBOL_GPL(lu_txn_expedite);

/**
 * lu_objects_count() - number of objects that a set's running generation holds
 * @set: the set
 */
unsigned int lu_objects_count(struct lu_set *set)
{
	struct lu_generation *gen;
	unsigned long flags;
	unsigned int n = 0;

	raw_spin_lock_irqsave(&lu_lock, flags);
	gen = set->gens[LU_ROLE_RUNNING];
	if (gen)
		n = gen->nr_objects;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return n + lu_scan_show(set, NULL);
}

/**
 * lu_objects_show() - print what a set's generations hold, one a line
 * @set: the set
 * @s: where to
 *
 * Context: Process context; caller holds the set's lock.
 */
void lu_objects_show(struct lu_set *set, struct seq_file *s)
{
	struct lu_object *o;
	unsigned long flags;
	unsigned int role;

	seq_puts(s, "# generation\tdevice\tkind\tid\tdetail\n");
	raw_spin_lock_irqsave(&lu_lock, flags);
	for (role = LU_ROLE_RUNNING; role < LU_ROLE_COUNT; role++) {
		if (!set->gens[role])
			continue;
		list_for_each_entry(o, &set->gens[role]->objects, node)
			seq_printf(s, "%s\t%s\t%s\t%p\tsize=%lu at=%#lx\n",
				   lu_role_names[role], o->dev ? dev_name(o->dev) : "-",
				   lu_object_kind_name(o->kind), o->id, o->a, o->b);
	}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	lu_scan_show(set, s);
}

int lu_objects_init(void)
{
	int err;

	err = lu_taps_add(lu_object_taps, ARRAY_SIZE(lu_object_taps), THIS_MODULE);
	if (err)
		return err;
	err = lu_ioremap_init();
	if (err)
		goto err_taps;
	err = register_kprobe(&lu_kprobe_iounmap);
	if (err)
		goto err_ioremap;
	return 0;

err_ioremap:
	lu_ioremap_exit();
err_taps:
	lu_taps_del(lu_object_taps, ARRAY_SIZE(lu_object_taps));
	return err;
}

void lu_objects_exit(void)
{
	unregister_kprobe(&lu_kprobe_iounmap);
	lu_ioremap_exit();
	lu_taps_del(lu_object_taps, ARRAY_SIZE(lu_object_taps));
}
