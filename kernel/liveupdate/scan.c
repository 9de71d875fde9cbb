// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that are found where the kernel itself keeps them: interrupt actions
 * and threads by the function they run, vectors and regions by the device.
 * Which API a driver asked through makes no difference here.
 */
#include <linux/interrupt.h>
#include <linux/ioport.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>

#include "internal.h"

static bool lu_generation_has(const struct lu_generation *gen, const void *addr)
{
	const struct lu_module *m = addr ? lu_module_of_address((unsigned long)addr) : NULL;

	return m && m->gen == gen;
}

/*
 * The next interrupt from @irq on with an action of @gen. Returns its number
 * and the action's dev_id, or -1.
 */
static int lu_next_irq(const struct lu_generation *gen, int irq, void **dev_id)
{
	for (; irq < nr_irqs; irq++) {
		struct irqaction *action = NULL;
		struct irq_data *data;
		struct irq_desc *desc;
		unsigned long flags;

		/* Descriptors are freed after a grace period. */
		rcu_read_lock();
		data = irq_get_irq_data(irq);
		if (!data) {
			rcu_read_unlock();
			continue;
		}
		desc = irq_data_to_desc(data);
		raw_spin_lock_irqsave(&desc->lock, flags);
		for (action = desc->action; action; action = action->next)
			if (lu_generation_has(gen, action->handler) ||
			    lu_generation_has(gen, action->thread_fn)) {
				*dev_id = action->dev_id;
				break;
			}
		raw_spin_unlock_irqrestore(&desc->lock, flags);
		rcu_read_unlock();
		if (action)
			return irq;
	}
	return -1;
}

static struct task_struct *lu_next_kthread(const struct lu_generation *gen)
{
	struct task_struct *p, *found = NULL;

	rcu_read_lock();
	for_each_process(p)
		/* One that was stopped may be listed for a moment more. */
		if ((p->flags & (PF_KTHREAD | PF_EXITING)) == PF_KTHREAD &&
		    lu_generation_has(gen, kthread_func(p))) {
			found = p;
			get_task_struct(found);
			break;
		}
	rcu_read_unlock();
	return found;
}

/* Does a bus driver of @gen drive it that no tap has seen? Only addresses are looked at. */
static bool lu_device_is_unknown(const struct lu_generation *gen, const struct device *dev)
{
	const struct device_driver *drv = READ_ONCE(dev->driver);

	return lu_generation_has(gen, drv) && !lu_bus_find(drv);
}

/* What a device of @txn has below it goes and comes with it. */
static bool lu_device_is_below(const struct device *dev, struct lu_txn *txn)
{
	struct lu_device *ldev;
	struct lu_member *mb;

	for (dev = dev->parent; dev; dev = dev->parent)
		lu_for_each_device(ldev, mb, txn)
			if (ldev->in_txn && ldev->dev == dev)
				return true;
	return false;
}

/**
 * lu_scan_unknown_device() - a device of a bus of which there is no tap
 * @txn: the transaction; what its devices have below them does not count
 * @gen: generation that runs
 * @skip: how many of them to pass over
 *
 * Context: Process context.
 * Return: the device, with a reference, or NULL.
 */
struct device *lu_scan_unknown_device(struct lu_txn *txn, const struct lu_generation *gen,
				      unsigned int skip)
{
	/* The set of all devices: the driver core does not export its name. */
	struct kset *devices = platform_bus.kobj.kset;
	struct device *dev, *found = NULL;
	struct kobject *k;

	/* On the list, a device has its parents. */
	spin_lock(&devices->list_lock);
	list_for_each_entry(k, &devices->list, entry) {
		dev = kobj_to_dev(k);
		if (!lu_device_is_unknown(gen, dev) || lu_device_is_below(dev, txn))
			continue;
		if (skip) {
			skip--;
			continue;
		}
		/* One that is about to go is nobody's any more. */
		if (kobject_get_unless_zero(k)) {
			found = dev;
			break;
		}
	}
	spin_unlock(&devices->list_lock);
	return found;
}

/**
 * lu_scan_release() - stop what would still run a driver's code
 * @gen: generation whose remove and exit have run, or were skipped
 *
 * Return: number of interrupt actions and threads released.
 */
unsigned int lu_scan_release(struct lu_generation *gen)
{
	struct task_struct *p;
	unsigned int n = 0;
	void *dev_id;
	int irq = 0;

	while ((irq = lu_next_irq(gen, irq, &dev_id)) >= 0) {
		lu_timeline(gen->set, "released on behalf: irq %d", irq);
		free_irq(irq, dev_id);
		n++;
	}
	while ((p = lu_next_kthread(gen))) {
		lu_timeline(gen->set, "released on behalf: kthread %s", p->comm);
		kthread_stop(p);
		put_task_struct(p);
		n++;
	}
	return n;
}

static unsigned int lu_release_vectors(struct lu_set *set, struct pci_dev *pdev)
{
	if (!pdev->msi_enabled && !pdev->msix_enabled)
		return 0;
	lu_timeline(set, "released on behalf: %s vectors of %s",
		    pdev->msix_enabled ? "MSI-X" : "MSI", pci_name(pdev));
	pci_free_irq_vectors(pdev);
	return 1;
}

/* A claim on a BAR hangs below it in the resource tree. */
static unsigned int lu_release_regions(struct lu_set *set, struct pci_dev *pdev)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		struct resource *bar = &pdev->resource[i], *child;

		while (bar->flags && (child = READ_ONCE(bar->child)) &&
		       (child->flags & IORESOURCE_BUSY)) {
			resource_size_t start = child->start;

			lu_timeline(set, "released on behalf: region %pa of %s",
				    &start, pci_name(pdev));
			__release_region(bar->flags & IORESOURCE_IO ? &ioport_resource :
					 &iomem_resource, start, resource_size(child));
			if (READ_ONCE(bar->child) == child)
				break;
			n++;
		}
	}
	return n;
}

/**
 * lu_scan_release_devices() - what is left claimed of a set's devices
 * @set: set in a transaction, its devices without a driver
 *
 * Return: number of objects released.
 */
unsigned int lu_scan_release_devices(struct lu_set *set)
{
	struct lu_device *ldev;
	unsigned int n = 0;

	list_for_each_entry(ldev, &set->devices, node) {
		if (!ldev->in_txn || ldev->lost || ldev->dev->driver ||
		    !dev_is_pci(ldev->dev))
			continue;
		n += lu_release_vectors(set, to_pci_dev(ldev->dev));
		n += lu_release_regions(set, to_pci_dev(ldev->dev));
	}
	return n;
}

static unsigned int lu_show_device(struct lu_device *ldev, struct seq_file *s)
{
	struct pci_dev *pdev;
	unsigned int n = 0;
	int i;

	if (!dev_is_pci(ldev->dev) || !ldev->bound)
		return 0;
	pdev = to_pci_dev(ldev->dev);
	if (pdev->msi_enabled || pdev->msix_enabled) {
		n++;
		if (s)
			seq_printf(s, "running\t%s\tmsi\t-\t%s\n", pci_name(pdev),
				   pdev->msix_enabled ? "MSI-X" : "MSI");
	}
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		struct resource *bar = &pdev->resource[i];

		if (!bar->flags || !READ_ONCE(bar->child))
			continue;
		n++;
		if (s)
			seq_printf(s, "running\t%s\tregion\t%pa\tbar=%d size=%pa\n",
				   pci_name(pdev), &bar->start, i,
				   &(resource_size_t){ resource_size(bar) });
	}
	return n;
}

/**
 * lu_scan_show() - print, or just count, what a running generation holds
 * @set: the set
 * @s: where to, or NULL to count
 *
 * Return: their number.
 */
unsigned int lu_scan_show(struct lu_set *set, struct seq_file *s)
{
	struct lu_generation *gen = set->gens[LU_ROLE_RUNNING];
	struct lu_device *ldev;
	unsigned int n = 0;
	unsigned long flags;
	void *dev_id;
	int irq;

	if (!gen)
		return 0;
	for (irq = 0; (irq = lu_next_irq(gen, irq, &dev_id)) >= 0; irq++) {
		n++;
		if (s)
			seq_printf(s, "running\t-\tirq\t%d\t-\n", irq);
	}
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(ldev, &set->devices, node)
		n += lu_show_device(ldev, s);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return n;
}
