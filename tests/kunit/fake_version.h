/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Code and data of one version of the fake driver; each file that includes
 * this defines KT_NR first. Its functions have addresses of their own, which
 * is how the core tells whose they are.
 */
#include <linux/elf.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/stringify.h>

#include "lu_kunit.h"

#define KT_PASTE(a, b)	a##b
#define KT_VERSION_OF(nr) KT_PASTE(kt_version, nr)

static int version_init(void)
{
	return kt_driver_init(KT_NR);
}

static void version_exit(void)
{
	kt_driver_exit(KT_NR);
}

static int version_probe(struct device *dev)
{
	return kt_driver_probe(KT_NR, dev);
}

static void version_remove(struct device *dev)
{
	kt_driver_remove(KT_NR, dev);
}

/* Far off, and armed again whenever it fires. */
static void version_timer(struct timer_list *timer)
{
	mod_timer(timer, jiffies + HZ * (3600 + KT_NR));
}

static void version_work(struct work_struct *work)
{
	kt_driver_worked(KT_NR);
}

static irqreturn_t version_irq(int irq, void *dev_id)
{
	return IRQ_HANDLED;
}

static int version_thread(void *arg)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

static struct kt_data data = {
	.drv = {
		.driver.name = KT_NAME,
		.probe = version_probe,
		.remove = version_remove,
	},
	.debug = 7,
};

static struct kernel_param params[] = {
	{ .name = "debug", .ops = &param_ops_int, .perm = 0644, .arg = &data.debug },
};

static const struct {
	Elf64_Nhdr hdr;
	char name[4];
	u8 id[LU_BUILD_ID_MAX];
} build_id = {
	.hdr = { .n_namesz = 4, .n_descsz = LU_BUILD_ID_MAX, .n_type = 3 },
	.name = "GNU",
	.id = { 0xb0 + KT_NR, 0x1d },
};

const struct kt_version KT_VERSION_OF(KT_NR) = {
	.version = "1." __stringify(KT_NR),
	.init = version_init,
	.exit = version_exit,
	.probe = version_probe,
	.remove = version_remove,
	.timer = version_timer,
	.work = version_work,
	.irq = version_irq,
	.thread = version_thread,
	.data = &data,
	.params = params,
	.nr_params = ARRAY_SIZE(params),
	.build_id = (const u8 *)&build_id,
};
