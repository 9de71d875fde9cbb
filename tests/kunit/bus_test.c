// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of a set, and who calls a tap for which of them: the record of bus
 * drivers, the context of tasks, binding and unbinding in and outside of a
 * transaction.
 */
#include <linux/kthread.h>

#include "lu_kunit.h"

static struct lu_set *kt_running(struct kunit *test)
{
	struct lu_set *set;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	return set;
}

static bool kt_bound(struct lu_set *set, unsigned int device)
{
	struct lu_device *ldev = lu_device_find(set, kt.devices[device]);

	return ldev && ldev->bound;
}

static void kt_bus_drivers_test(struct kunit *test)
{
	struct device_driver *drv = &kt_version_get(0)->data->drv.driver;
	struct lu_bus_driver *b;

	KUNIT_EXPECT_PTR_EQ(test, lu_bus_find(drv), NULL);
	kt_running(test);
	b = lu_bus_find(drv);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_PTR_EQ(test, b->gen, kt_generation(0));
	KUNIT_EXPECT_PTR_EQ(test, b->probe, (void *)kt_version_get(0)->probe);
	KUNIT_ASSERT_EQ(test, kt_unload(0), 0);
	KUNIT_EXPECT_PTR_EQ(test, lu_bus_find(drv), NULL);
}

static void kt_bind_devices_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);
	unsigned int i;

	for (i = 0; i < KT_DEVICES; i++) {
		struct lu_device *ldev = lu_device_find(set, kt.devices[i]);

		KUNIT_ASSERT_NOT_NULL(test, ldev);
		KUNIT_EXPECT_TRUE(test, ldev->bound);
		KUNIT_EXPECT_TRUE(test, ldev->probed);
		KUNIT_EXPECT_EQ(test, ldev->probe_err, 0);
		KUNIT_EXPECT_PTR_EQ(test, ldev->shadow, &kt_shadow);
		KUNIT_EXPECT_PTR_EQ_MSG(test, lu_device_get(set, kt.devices[i]), ldev,
					"a second record of one device");
	}
	KUNIT_EXPECT_EQ(test, kt.counts[0].misattributed, 0);
	KUNIT_EXPECT_PTR_EQ(test, lu_device_find(set, NULL), NULL);
}

/* By hand, outside of a transaction. */
static void kt_unbind_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);

	device_release_driver(kt.devices[0]);
	KUNIT_EXPECT_FALSE(test, kt_bound(set, 0));
	KUNIT_EXPECT_TRUE(test, kt_bound(set, 1));
	KUNIT_EXPECT_EQ(test, kt.drives[0], -1);
	KUNIT_ASSERT_EQ(test, device_attach(kt.devices[0]), 1);
	KUNIT_EXPECT_TRUE(test, kt_bound(set, 0));
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
	KUNIT_EXPECT_EQ(test, kt.counts[0].misattributed, 0);
}

static void kt_probe_fails_test(struct kunit *test)
{
	struct lu_set *set;

	kt.behaviour[0].probe_err = -ENXIO;
	set = kt_running(test);
	KUNIT_ASSERT_NOT_NULL(test, lu_device_find(set, kt.devices[0]));
	KUNIT_EXPECT_FALSE(test, kt_bound(set, 0));
	KUNIT_EXPECT_EQ(test, lu_device_find(set, kt.devices[0])->probe_err, -ENXIO);
	KUNIT_EXPECT_PTR_EQ(test, set->shadow, NULL);
}

/* The new driver gets the devices that the old one had, and no others. */
static void kt_unbound_stays_unbound_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);

	device_release_driver(kt.devices[1]);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, set->record.devices, 1);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_EQ_MSG(test, kt.drives[1], -1, "bound against the operator's will");
}

static void kt_unplug(struct lu_set *set)
{
	struct device *dev = kt.devices[1];

	kt.devices[1] = NULL;
	device_unregister(dev);
}

/* A device that is unplugged in mid-update does not stop the others. */
static void kt_unplug_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);

	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	kt.plan.during = kt_unplug;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, set->record.result, LU_RESULT_UPDATED);
	KUNIT_EXPECT_EQ(test, set->record.devices, 2);
	KUNIT_EXPECT_EQ(test, set->record.verdict.count, 0);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt.counts[1].probes), 1);
	KUNIT_EXPECT_TRUE_MSG(test, list_is_singular(&set->devices), "remembered");
}

/* A device that is unplugged when no update is under way. */
static void kt_unplug_passive_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);

	kt_expect_unplugged(test, set);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, set->record.devices, 1);
}

/* Several devices get their new driver at the same time: probes can meet. */
static void kt_parallel_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);

	kt.behaviour[1].meet = true;
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_TRUE_MSG(test, completion_done(&kt.met), "one after the other");
	KUNIT_EXPECT_EQ(test, kt.counts[1].misattributed, 0);
}

/* An exit that forgets its bus driver: it is unregistered on its behalf. */
static void kt_forgotten_driver_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);

	kt.behaviour[0].leak_driver = true;
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_PTR_EQ(test, lu_bus_find(&kt_version_get(0)->data->drv.driver), NULL);
	KUNIT_EXPECT_EQ(test, set->record.released, 1);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
}

static void kt_context_nests_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);
	struct lu_device *ldev = lu_device_find(set, kt.devices[0]);
	struct lu_context outer, inner;

	KUNIT_ASSERT_NOT_NULL(test, ldev);
	KUNIT_ASSERT_PTR_EQ(test, lu_current_generation(), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_device(), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_set(), NULL);
	lu_context_enter(&outer, kt_generation(0), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_generation(), kt_generation(0));
	KUNIT_EXPECT_PTR_EQ(test, lu_current_set(), set);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_device(), NULL);
	lu_context_enter(&inner, kt_generation(0), ldev);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_device(), ldev);
	lu_context_leave(&inner);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_device(), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_generation(), kt_generation(0));
	lu_context_leave(&outer);
	KUNIT_EXPECT_PTR_EQ(test, lu_current_generation(), NULL);
}

struct kt_question {
	struct completion answered;
	struct lu_generation *gen;
};

static int kt_ask_generation(void *arg)
{
	struct kt_question *q = arg;

	q->gen = lu_current_generation();
	complete(&q->answered);
	return 0;
}

/* What one task does says nothing of another. */
static void kt_context_of_task_test(struct kunit *test)
{
	struct kt_question q = { .gen = (void *)-1L };
	struct task_struct *task;
	struct lu_context ctx;

	kt_running(test);
	init_completion(&q.answered);
	lu_context_enter(&ctx, kt_generation(0), NULL);
	task = kthread_run(kt_ask_generation, &q, "kt_ask");
	if (!IS_ERR(task))
		wait_for_completion(&q.answered);
	lu_context_leave(&ctx);
	KUNIT_EXPECT_PTR_EQ(test, q.gen, NULL);
}

static void kt_addresses_test(struct kunit *test)
{
	const struct kt_version *v = kt_version_get(0);
	struct lu_set *set = kt_running(test);

	KUNIT_EXPECT_PTR_EQ(test, lu_set_of_address(v->timer), set);
	KUNIT_EXPECT_PTR_EQ(test, lu_set_of_address(v->probe), set);
	KUNIT_EXPECT_PTR_EQ(test, lu_set_of_address(kt_version_get(1)->timer), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_set_of_address(kt_setup), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_set_of_address(NULL), NULL);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_EXPECT_PTR_EQ(test, lu_set_of_address(kt_version_get(1)->timer), set);
	KUNIT_EXPECT_PTR_EQ(test, lu_module_of_address((unsigned long)v->timer)->gen,
			    kt_generation(0));
	KUNIT_ASSERT_EQ(test, kt_unload(0), 0);
	KUNIT_EXPECT_PTR_EQ(test, lu_set_of_address(v->timer), NULL);
}

/* A work item, and who it found that it works for. */
struct kt_errand {
	struct work_struct work;
	struct lu_device *found;
};

static void kt_errand_run(struct work_struct *work)
{
	struct kt_errand *e = container_of(work, struct kt_errand, work);

	e->found = lu_working_device();
}

/* For whom does it work? */
static struct lu_device *kt_errand_asks(struct kt_errand *e)
{
	e->found = ERR_PTR(-EAGAIN);
	schedule_work(&e->work);
	flush_work(&e->work);
	return e->found;
}

/* What a probe leaves to a work item is done for the same device. */
static void kt_errand_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);
	struct lu_device *first = lu_device_find(set, kt.devices[0]);
	struct lu_device *second = lu_device_find(set, kt.devices[1]);
	struct lu_context ctx;
	struct kt_errand *e;

	e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	INIT_WORK(&e->work, kt_errand_run);
	KUNIT_EXPECT_PTR_EQ(test, kt_errand_asks(e), NULL);
	lu_errand_note(&e->work);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_errand_asks(e), NULL, "queued for nobody");

	lu_context_enter(&ctx, kt_generation(0), first);
	lu_errand_note(&e->work);
	lu_context_leave(&ctx);
	KUNIT_EXPECT_PTR_EQ(test, lu_working_device(), NULL);
	KUNIT_EXPECT_PTR_EQ(test, kt_errand_asks(e), first);

	lu_context_enter(&ctx, kt_generation(0), second);
	KUNIT_EXPECT_PTR_EQ(test, lu_working_device(), second);
	lu_errand_note(&e->work);
	lu_context_leave(&ctx);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_errand_asks(e), second, "not the last one to queue it");

	device_release_driver(kt.devices[0]);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_errand_asks(e), second, "that was the other device");
	device_release_driver(kt.devices[1]);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_errand_asks(e), NULL, "its driver is off it");
}

static struct kunit_case kt_bus_cases[] = {
	KUNIT_CASE(kt_bus_drivers_test),
	KUNIT_CASE(kt_bind_devices_test),
	KUNIT_CASE(kt_unbind_test),
	KUNIT_CASE(kt_probe_fails_test),
	KUNIT_CASE(kt_unbound_stays_unbound_test),
	KUNIT_CASE(kt_unplug_test),
	KUNIT_CASE(kt_unplug_passive_test),
	KUNIT_CASE(kt_parallel_test),
	KUNIT_CASE(kt_forgotten_driver_test),
	KUNIT_CASE(kt_context_nests_test),
	KUNIT_CASE(kt_context_of_task_test),
	KUNIT_CASE(kt_errand_test),
	KUNIT_CASE(kt_addresses_test),
	{}
};

struct kunit_suite kt_bus_suite = {
	.name = "lu_bus",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_bus_cases,
};
