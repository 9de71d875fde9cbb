// SPDX-License-Identifier: GPL-2.0
/*
 * The object tracker: its table, and that what a driver leaves behind is really
 * released: real timers, work items, threads, interrupts, mappings and DMA
 * memory; and that memory which is the driver's no longer is left alone.
 */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "lu_kunit.h"

/* The last page below 4 GiB: the firmware's ROM, never RAM. */
#define KT_MMIO		0xfffff000UL

/* A driver that runs, and its generation. */
static struct lu_generation *kt_holder(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_NOT_NULL(test, kt_generation(0));
	KUNIT_ASSERT_EQ(test, kt_generation(0)->nr_objects, 0);
	return kt_generation(0);
}

static void *kt_tap(struct kunit *test, const char *name)
{
	struct lu_tap *tap = lu_tap_find(name);

	KUNIT_ASSERT_PTR_NE_MSG(test, tap, NULL, "no tap for %s", name);
	return tap->func;
}

static void kt_table_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	int a, b;

	KUNIT_EXPECT_FALSE(test, lu_object_del(LU_OBJ_TIMER, &a));
	KUNIT_ASSERT_EQ(test, lu_object_add(gen, LU_OBJ_CLASS, NULL, &a, 1, 2), 0);
	KUNIT_ASSERT_EQ(test, lu_object_add(gen, LU_OBJ_BUS, NULL, &a, 1, 2), 0);
	KUNIT_ASSERT_EQ(test, lu_object_add(gen, LU_OBJ_CLASS, NULL, &b, 1, 2), 0);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 3);
	KUNIT_EXPECT_FALSE_MSG(test, lu_object_del(LU_OBJ_TIMER, &a), "another kind");
	KUNIT_EXPECT_TRUE(test, lu_object_del(LU_OBJ_CLASS, &a));
	KUNIT_EXPECT_FALSE_MSG(test, lu_object_del(LU_OBJ_CLASS, &a), "twice");
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 2);
	KUNIT_EXPECT_EQ(test, lu_objects_count(kt_set()), 2);
	lu_objects_forget(gen);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 0);
	KUNIT_EXPECT_FALSE(test, lu_object_del(LU_OBJ_CLASS, &b));
}

/* The same object again replaces its entry, also another generation's. */
static void kt_replace_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	struct seq_file *s = kt_seq(test, PAGE_SIZE);
	int a;

	KUNIT_ASSERT_EQ(test, lu_object_add(gen, LU_OBJ_CLASS, kt.devices[0], &a, 11, 1), 0);
	KUNIT_ASSERT_EQ(test, lu_object_add(gen, LU_OBJ_CLASS, kt.devices[0], &a, 22, 2), 0);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 1);
	lu_objects_show(kt_set(), s);
	KUNIT_EXPECT_PTR_EQ(test, strstr(s->buf, "size=11"), NULL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(s->buf, "running\tkt0\tclass\t"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(s->buf, "\tsize=22 at=0x2\n"));

	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_ASSERT_EQ(test, lu_object_add(kt_generation(1), LU_OBJ_CLASS, NULL, &a, 33, 3), 0);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 0);
	KUNIT_EXPECT_EQ(test, kt_generation(1)->nr_objects, 1);
	KUNIT_EXPECT_TRUE(test, lu_object_del(LU_OBJ_CLASS, &a));
}

/* Bounded: a driver cannot make the tracker grow without limit. */
static void kt_limit_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	unsigned long i;
	int err = 0;

	for (i = 1; i < 100000 && !err; i++)
		err = lu_object_add(gen, LU_OBJ_CLASS, NULL, (void *)i, 0, 0);
	KUNIT_EXPECT_EQ(test, err, -ENOSPC);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, i - 2);
	KUNIT_EXPECT_EQ_MSG(test, lu_object_add(gen, LU_OBJ_CLASS, NULL, (void *)1, 5, 0), 0,
			    "one that is known needs no room");
	KUNIT_EXPECT_TRUE(test, lu_object_del(LU_OBJ_CLASS, (void *)2));
	KUNIT_EXPECT_EQ(test, lu_object_add(gen, LU_OBJ_CLASS, NULL, (void *)i, 0, 0), 0);
}

static void kt_kinds_test(struct kunit *test)
{
	static const char * const names[LU_OBJ_COUNT] = {
		[LU_OBJ_IRQ] = "irq", [LU_OBJ_MSI] = "msi", [LU_OBJ_REGION] = "region",
		[LU_OBJ_MAPPING] = "mapping", [LU_OBJ_DMA] = "dma",
		[LU_OBJ_TIMER] = "timer", [LU_OBJ_WORK] = "work",
		[LU_OBJ_KTHREAD] = "kthread", [LU_OBJ_BUS] = "bus-driver",
		[LU_OBJ_CLASS] = "class",
	};
	unsigned int i;

	for (i = 0; i < LU_OBJ_COUNT; i++)
		KUNIT_EXPECT_STREQ(test, lu_object_kind_name(i), names[i]);
	KUNIT_EXPECT_STREQ(test, lu_object_kind_name(LU_OBJ_COUNT), "?");
}

static void kt_expect_released(struct kunit *test, struct lu_generation *gen,
			       unsigned int count, const char *report)
{
	KUNIT_EXPECT_EQ(test, lu_objects_release(gen), count);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 0);
	KUNIT_EXPECT_EQ_MSG(test, !!strstr(kt_timeline(test, gen->set), report), count > 0,
			    "\"%s\" in:\n%s", report, kt_timeline(test, gen->set));
	KUNIT_EXPECT_EQ_MSG(test, lu_objects_release(gen), 0, "released twice");
}

/* Timers. */

static void kt_timer_init(struct kunit *test, struct timer_list *timer,
			  void (*func)(struct timer_list *timer))
{
	typeof(init_timer_key) *init = kt_tap(test, "init_timer_key");
	static struct lock_class_key key;

	init(timer, func, 0, "kt", &key);
}

static void kt_timer_leaked_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	struct timer_list *timer = &kt.timers[0];

	kt_timer_init(test, timer, kt_version_get(0)->timer);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 1);
	mod_timer(timer, jiffies + 3600 * HZ);
	kt_expect_released(test, gen, 1, "released on behalf: timer\n");
	KUNIT_EXPECT_FALSE(test, timer_pending(timer));
}

static void kt_timer_idle_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);

	kt_timer_init(test, &kt.timers[0], kt_version_get(0)->timer);
	kt_timer_init(test, &kt.timers[0], kt_version_get(0)->timer);
	KUNIT_EXPECT_EQ_MSG(test, gen->nr_objects, 1, "initialised twice is still one");
	kt_expect_released(test, gen, 0, "released on behalf: timer\n");
}

static void kt_foreign_timer(struct timer_list *timer)
{
}

/* Not a driver's function, not a driver's timer. */
static void kt_timer_foreign_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);

	kt_timer_init(test, &kt.timers[0], kt_foreign_timer);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 0);
}

/*
 * The driver freed the timer's memory, and somebody has it now. Whatever it
 * holds, it is left as it is.
 */
enum kt_reuse {
	KT_ZEROES,
	KT_PATTERN,
	KT_POINTERS,
	KT_FOREIGN_TIMER,
	KT_OTHER_GENERATION,
	KT_UNMAPPED,
};

static const struct kt_memory {
	const char *name;
	enum kt_reuse reuse;
} kt_memories[] = {
	{ "zeroes",				KT_ZEROES },
	{ "a pattern",				KT_PATTERN },
	{ "pointers to itself",			KT_POINTERS },
	{ "a timer of somebody else",		KT_FOREIGN_TIMER },
	{ "a timer of another generation",	KT_OTHER_GENERATION },
	{ "nothing, not even a page",		KT_UNMAPPED },
};

static void kt_memory_desc(const struct kt_memory *m, char *desc)
{
	strscpy(desc, m->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_memory, kt_memories, kt_memory_desc);

static void kt_reuse_memory(struct kunit *test, void *page, enum kt_reuse reuse)
{
	struct timer_list *timer = page;
	unsigned int i;

	memset(page, reuse == KT_PATTERN ? 0x5a : 0, PAGE_SIZE);
	switch (reuse) {
	case KT_POINTERS:
		for (i = 0; i < PAGE_SIZE / sizeof(void *); i++)
			((void **)page)[i] = page;
		timer->function = kt_version_get(0)->timer;
		break;
	case KT_FOREIGN_TIMER:
		timer_setup(timer, kt_foreign_timer, 0);
		mod_timer(timer, jiffies + 3600 * HZ);
		break;
	case KT_OTHER_GENERATION:
		KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
		timer_setup(timer, kt_version_get(1)->timer, 0);
		mod_timer(timer, jiffies + 3600 * HZ);
		break;
	default:
		break;
	}
}

static void kt_timer_memory_test(struct kunit *test)
{
	const struct kt_memory *m = test->param_value;
	struct lu_generation *gen = kt_holder(test);
	void *page = vmalloc(PAGE_SIZE), *before = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	bool pending = m->reuse == KT_FOREIGN_TIMER || m->reuse == KT_OTHER_GENERATION;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL(test, before);
	kt_timer_init(test, page, kt_version_get(0)->timer);
	KUNIT_ASSERT_EQ(test, gen->nr_objects, 1);
	del_timer_sync(page);
	kt_reuse_memory(test, page, m->reuse);
	memcpy(before, page, PAGE_SIZE);
	if (m->reuse == KT_UNMAPPED)
		vfree(page);
	kt_expect_released(test, gen, 0, "released on behalf: timer\n");
	if (m->reuse == KT_UNMAPPED)
		return;
	KUNIT_EXPECT_EQ_MSG(test, memcmp(before, page, PAGE_SIZE), 0, "memory was written");
	if (pending)
		KUNIT_EXPECT_TRUE(test, del_timer_sync(page));
	vfree(page);
}

/* Work. */

static void kt_work_leaked_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	typeof(queue_delayed_work_on) *queue = kt_tap(test, "queue_delayed_work_on");
	struct delayed_work *dwork = &kt.works[0];

	INIT_DELAYED_WORK(dwork, kt_version_get(0)->work);
	KUNIT_EXPECT_TRUE(test, queue(WORK_CPU_UNBOUND, system_wq, dwork, 3600 * HZ));
	KUNIT_EXPECT_FALSE_MSG(test, queue(WORK_CPU_UNBOUND, system_wq, dwork, HZ), "twice");
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 1);
	kt_expect_released(test, gen, 1, "released on behalf: work\n");
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(dwork));
	KUNIT_EXPECT_EQ(test, kt.counts[0].works, 0);
}

static void kt_mod_work_leaked_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	typeof(mod_delayed_work_on) *mod = kt_tap(test, "mod_delayed_work_on");

	INIT_DELAYED_WORK(&kt.works[0], kt_version_get(0)->work);
	mod(WORK_CPU_UNBOUND, system_wq, &kt.works[0], 3600 * HZ);
	kt_expect_released(test, gen, 1, "released on behalf: work\n");
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&kt.works[0]));
}

static void kt_blocker(struct work_struct *work)
{
	wait_for_completion(&kt.hung);
}

/* Plain work that waits behind another on an ordered queue. */
static void kt_plain_work_leaked_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	typeof(queue_work_on) *queue = kt_tap(test, "queue_work_on");
	struct work_struct blocker, *work = &kt.works[0].work;
	struct workqueue_struct *wq;

	wq = alloc_ordered_workqueue("kt_ordered", 0);
	KUNIT_ASSERT_NOT_NULL(test, wq);
	INIT_WORK_ONSTACK(&blocker, kt_blocker);
	INIT_WORK(work, kt_version_get(0)->work);
	queue_work(wq, &blocker);
	KUNIT_EXPECT_TRUE(test, queue(WORK_CPU_UNBOUND, wq, work));
	kt_expect_released(test, gen, 1, "released on behalf: work\n");
	KUNIT_EXPECT_FALSE(test, work_pending(work));
	kt_release_hung();
	destroy_workqueue(wq);
	destroy_work_on_stack(&blocker);
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[0].works, 0, "it ran all the same");
	kt.works[0].work.func = NULL;
}

static void kt_work_done_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	typeof(queue_work_on) *queue = kt_tap(test, "queue_work_on");
	struct work_struct *work = &kt.works[0].work;

	INIT_WORK(work, kt_version_get(0)->work);
	KUNIT_EXPECT_TRUE(test, queue(WORK_CPU_UNBOUND, system_wq, work));
	flush_work(work);
	KUNIT_EXPECT_EQ(test, kt.counts[0].works, 1);
	kt_expect_released(test, gen, 0, "released on behalf: work\n");
	kt.works[0].work.func = NULL;
}

static void kt_work_memory_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	typeof(queue_work_on) *queue = kt_tap(test, "queue_work_on");
	struct work_struct *work = vmalloc(PAGE_SIZE);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, work);
	INIT_WORK(work, kt_version_get(0)->work);
	queue(WORK_CPU_UNBOUND, system_wq, work);
	flush_work(work);
	memset(work, 0xff, PAGE_SIZE);	/* "pending", but whose? */
	kt_expect_released(test, gen, 0, "released on behalf: work\n");
	for (i = 0; i < PAGE_SIZE; i++)
		KUNIT_ASSERT_EQ_MSG(test, ((u8 *)work)[i], 0xff, "written at %u", i);
	vfree(work);
}

/* What the kernel itself keeps: threads and interrupts. */

static void kt_thread_leaked_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	struct task_struct *task, *other;

	task = kthread_run(kt_version_get(0)->thread, NULL, "kt_leaked");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	get_task_struct(task);
	other = kthread_run(kt_version_get(1)->thread, NULL, "kt_other");
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	get_task_struct(other);
	kt_expect_released(test, gen, 1, "released on behalf: kthread kt_leaked\n");
	KUNIT_EXPECT_TRUE(test, READ_ONCE(task->flags) & PF_EXITING);
	KUNIT_EXPECT_FALSE_MSG(test, READ_ONCE(other->flags) & PF_EXITING,
			       "a thread of somebody else was stopped");
	put_task_struct(task);
	kthread_stop(other);
	put_task_struct(other);
}

static void kt_irq_leaked_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	int irq = irq_alloc_desc(0);
	int dev_id, other_id;
	char line[64];

	KUNIT_ASSERT_GE(test, irq, 0);
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);
	KUNIT_ASSERT_EQ(test, request_irq(irq, kt_version_get(0)->irq, IRQF_SHARED, "kt",
					  &dev_id), 0);
	KUNIT_ASSERT_EQ(test, request_irq(irq, kt_version_get(1)->irq, IRQF_SHARED, "kt_other",
					  &other_id), 0);
	KUNIT_EXPECT_EQ(test, lu_objects_count(gen->set), 1);
	snprintf(line, sizeof(line), "released on behalf: irq %d\n", irq);
	kt_expect_released(test, gen, 1, line);
	KUNIT_EXPECT_EQ(test, lu_objects_count(gen->set), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, free_irq(irq, &other_id), "the other user's is gone");
	irq_free_desc(irq);
}

/* Mappings, found at the one function that every variant ends in. */

typedef void __iomem *(*kt_ioremap_fn)(resource_size_t phys, unsigned long size);

static const struct kt_ioremap {
	const char *name;
	kt_ioremap_fn map;
	unsigned long offset;
} kt_ioremaps[] = {
	{ "ioremap",			ioremap,	0 },
	{ "ioremap_wc",			ioremap_wc,	0 },
	{ "ioremap_uc",			ioremap_uc,	0 },
	{ "not at a page's beginning",	ioremap,	0x120 },
};

static void kt_ioremap_desc(const struct kt_ioremap *m, char *desc)
{
	strscpy(desc, m->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_ioremap, kt_ioremaps, kt_ioremap_desc);

/* In the page tables; the processors may forget it later. */
static bool kt_mapped(const void __iomem *addr)
{
	return vmalloc_to_page((const void __force *)addr);
}

static void __iomem *kt_map_as_driver(struct lu_generation *gen, const struct kt_ioremap *m)
{
	struct lu_context ctx;
	void __iomem *addr;

	lu_context_enter(&ctx, gen, NULL);
	addr = m->map(KT_MMIO + m->offset, 64);
	lu_context_leave(&ctx);
	return addr;
}

static void kt_mapping_leaked_test(struct kunit *test)
{
	const struct kt_ioremap *m = test->param_value;
	struct lu_generation *gen = kt_holder(test);
	void __iomem *addr = kt_map_as_driver(gen, m);
	char line[80];

	KUNIT_ASSERT_NOT_NULL(test, (__force void *)addr);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 1);
	KUNIT_EXPECT_TRUE(test, kt_mapped(addr));
	snprintf(line, sizeof(line), "released on behalf: mapping of %#lx, 64 bytes\n",
		 KT_MMIO + m->offset);
	kt_expect_released(test, gen, 1, line);
	KUNIT_EXPECT_FALSE_MSG(test, kt_mapped(addr), "still mapped");
}

static void kt_mapping_returned_test(struct kunit *test)
{
	const struct kt_ioremap *m = test->param_value;
	struct lu_generation *gen = kt_holder(test);
	void __iomem *addr = kt_map_as_driver(gen, m), *foreign;

	KUNIT_ASSERT_NOT_NULL(test, (__force void *)addr);
	iounmap(addr);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 0);
	/* and somebody else's is none of ours */
	foreign = m->map(KT_MMIO, 64);
	KUNIT_ASSERT_NOT_NULL(test, (__force void *)foreign);
	kt_expect_released(test, gen, 0, "released on behalf: mapping");
	KUNIT_EXPECT_TRUE(test, kt_mapped(foreign));
	iounmap(foreign);
}

/* Coherent DMA memory of a device that can do DMA. */

static void kt_dma_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	typeof(dma_alloc_attrs) *alloc = kt_tap(test, "dma_alloc_attrs");
	typeof(dma_free_attrs) *free = kt_tap(test, "dma_free_attrs");
	struct device *dev = kt.devices[0];
	dma_addr_t kept_at, returned_at;
	void *kept, *returned;

	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(32)), 0);
	kept = alloc(dev, 2 * PAGE_SIZE, &kept_at, GFP_KERNEL, 0);
	returned = alloc(dev, 100, &returned_at, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, kept);
	KUNIT_ASSERT_NOT_NULL(test, returned);
	KUNIT_EXPECT_EQ_MSG(test, gen->nr_objects, 2, "not found by the device");
	free(dev, 100, returned, returned_at, 0);
	KUNIT_EXPECT_EQ(test, gen->nr_objects, 1);
	kt_expect_released(test, gen, 1, "released on behalf: dma memory, 8192 bytes\n");
}

/* First what runs the driver's code, then the memory that it might use. */
static void kt_order_test(struct kunit *test)
{
	struct lu_generation *gen = kt_holder(test);
	void __iomem *addr = kt_map_as_driver(gen, &kt_ioremaps[0]);
	char *timeline, *first, *second;

	KUNIT_ASSERT_NOT_NULL(test, (__force void *)addr);
	kt_timer_init(test, &kt.timers[0], kt_version_get(0)->timer);
	mod_timer(&kt.timers[0], jiffies + 3600 * HZ);
	KUNIT_EXPECT_EQ(test, lu_objects_release(gen), 2);
	timeline = kt_timeline(test, gen->set);
	first = strstr(timeline, "released on behalf: timer");
	second = strstr(timeline, "released on behalf: mapping");
	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_TRUE(test, first < second);
}

/* A whole update of a driver whose remove forgets things. */
static void kt_update_of_leaky_test(struct kunit *test)
{
	struct lu_set *set;

	kt.behaviour[0].leak_timer = true;
	kt.behaviour[0].leak_work = true;
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, set->record.released, 2 * KT_DEVICES);
	KUNIT_EXPECT_FALSE(test, timer_pending(&kt.timers[0]));
	KUNIT_EXPECT_FALSE(test, timer_pending(&kt.timers[1]));
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&kt.works[0]));
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&kt.works[1]));
}

static struct kunit_case kt_objects_cases[] = {
	KUNIT_CASE(kt_table_test),
	KUNIT_CASE(kt_replace_test),
	KUNIT_CASE(kt_limit_test),
	KUNIT_CASE(kt_kinds_test),
	KUNIT_CASE(kt_timer_leaked_test),
	KUNIT_CASE(kt_timer_idle_test),
	KUNIT_CASE(kt_timer_foreign_test),
	KUNIT_CASE_PARAM(kt_timer_memory_test, kt_memory_gen_params),
	KUNIT_CASE(kt_work_leaked_test),
	KUNIT_CASE(kt_mod_work_leaked_test),
	KUNIT_CASE(kt_plain_work_leaked_test),
	KUNIT_CASE(kt_work_done_test),
	KUNIT_CASE(kt_work_memory_test),
	KUNIT_CASE(kt_thread_leaked_test),
	KUNIT_CASE(kt_irq_leaked_test),
	KUNIT_CASE_PARAM(kt_mapping_leaked_test, kt_ioremap_gen_params),
	KUNIT_CASE_PARAM(kt_mapping_returned_test, kt_ioremap_gen_params),
	KUNIT_CASE(kt_dma_test),
	KUNIT_CASE(kt_order_test),
	KUNIT_CASE(kt_update_of_leaky_test),
	{}
};

struct kunit_suite kt_objects_suite = {
	.name = "lu_objects",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_objects_cases,
};
