// SPDX-License-Identifier: GPL-2.0
/*
 * Trace events of managed modules.
 *
 * Two generations of a driver bring events of the same names, and an event's
 * structures lie in the module's data, which is made pristine before init runs
 * again. So events are registered only while their generation runs: kept from
 * the tracing core at load, handed to it here.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/trace_events.h>

#include "internal.h"

static int (*lu_trace_notify)(struct notifier_block *nb, unsigned long state, void *data);

/**
 * lu_function_address() - address of a kernel function that is not exported
 * @name: the function
 *
 * The kprobe core resolves the name; past an ENDBR it points at the next
 * instruction, which an indirect call must not reach.
 *
 * Return: its entry, or NULL.
 */
void *lu_function_address(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long addr;

	if (register_kprobe(&kp))
		return NULL;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
#ifdef CONFIG_X86_KERNEL_IBT
	if (*(u32 *)(addr - 4) == 0xfa1e0ff3)
		addr -= 4;
#endif
	return (void *)addr;
}

/**
 * lu_events_hold() - keep a module's trace events from being registered
 * @m: its record
 * @mod: the module, its sections just found
 *
 * Context: In the loader, before MODULE_STATE_COMING.
 */
void lu_events_hold(struct lu_module *m, struct module *mod)
{
#ifdef CONFIG_EVENT_TRACING
	m->nr_trace_events = mod->num_trace_events;
	mod->num_trace_events = 0;
#endif
}

/**
 * lu_events_register() - a module is about to run: its events appear
 * @m: the module
 */
void lu_events_register(struct lu_module *m)
{
#ifdef CONFIG_EVENT_TRACING
	if (!m->nr_trace_events || m->events_registered || !lu_trace_notify)
		return;
	m->mod->num_trace_events = m->nr_trace_events;
	lu_trace_notify(NULL, MODULE_STATE_COMING, m->mod);
	m->mod->num_trace_events = 0;
	m->events_registered = true;
#endif
}

/**
 * lu_events_unregister() - a module does not run any more: its events go
 * @m: the module
 */
void lu_events_unregister(struct lu_module *m)
{
	if (!m->events_registered)
		return;
	lu_trace_notify(NULL, MODULE_STATE_GOING, m->mod);
	m->events_registered = false;
}

void lu_events_init(void)
{
	lu_trace_notify = lu_function_address("trace_module_notify");
}
