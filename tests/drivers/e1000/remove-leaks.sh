# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: remove leaks an interrupt handler, a mapping of BAR 0 and a timer
#
# All three are taken by a probe that succeeds, and never given back: a handler
# on the shared line, a second mapping, a timer that re-arms itself. On a kernel
# without live update, unloading this module ends in a page fault.
insert_before e1000_main.c 'MODULE_DESCRIPTION("Intel(R) PRO/1000 Network Driver");' \
'static struct timer_list e1000_leaked_timer;
static void __iomem *e1000_leaked_map;

static void e1000_leaked_tick(struct timer_list *timer)
{
	mod_timer(timer, jiffies + HZ / 10);
}

static irqreturn_t e1000_leaked_intr(int irq, void *data)
{
	return IRQ_NONE;
}

static void e1000_leak(struct pci_dev *pdev)
{
	e1000_leaked_map = pci_ioremap_bar(pdev, BAR_0);
	if (request_irq(pdev->irq, e1000_leaked_intr, IRQF_SHARED,
			"e1000-leak", pdev))
		dev_err(&pdev->dev, "no interrupt to leak\n");
	if (!e1000_leaked_timer.function)
		timer_setup(&e1000_leaked_timer, e1000_leaked_tick, 0);
	mod_timer(&e1000_leaked_timer, jiffies + HZ / 10);
}
'
insert_after e1000_main.c 'cards_found++;' \
'	e1000_leak(pdev);'
