// SPDX-License-Identifier: GPL-2.0
/*
 * Trace events of managed modules.
 *
 * Two generations of a driver bring events of the same names, and an event's
 * structures lie in the module's data, which is made pristine before init runs
 * again. So events are registered only while their generation runs: kept from
 * the tracing core at load, handed to it here.
 */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/trace_events.h>

#include "internal.h"

typedef int (*lu_notifier_t)(struct notifier_block *nb, unsigned long state, void *data);

/* The tracing core's notifiers: for events, and for names of values in them. */
static lu_notifier_t lu_trace_events, lu_trace_evals;

#define LU_TRACE_NOTIFY	"trace_module_notify"

/*
 * Two functions of that name are in the chain of module notifiers; the one for
 * events is called before the other. As the first in the chain we can look at
 * all that follow, and the chain is locked while we are called.
 */
static int lu_trace_look(struct notifier_block *nb, unsigned long state, void *data)
{
	char name[KSYM_SYMBOL_LEN];
	struct notifier_block *next;

	if (lu_trace_events)
		return NOTIFY_DONE;
	for (next = rcu_dereference_raw(nb->next); next;
	     next = rcu_dereference_raw(next->next)) {
		sprint_symbol_no_offset(name, (unsigned long)next->notifier_call);
		if (strcmp(name, LU_TRACE_NOTIFY))
			continue;
		if (!lu_trace_events)
			lu_trace_events = next->notifier_call;
		else
			lu_trace_evals = next->notifier_call;
	}
	return NOTIFY_DONE;
}

static struct notifier_block lu_trace_nb = {
	.notifier_call = lu_trace_look,
	.priority = INT_MAX,
};

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
	if (!m->nr_trace_events || m->events_registered || !lu_trace_events)
		return;
	m->mod->num_trace_events = m->nr_trace_events;
	lu_trace_events(NULL, MODULE_STATE_COMING, m->mod);
	m->mod->num_trace_events = 0;
	m->events_registered = true;
	if (!lu_trace_evals)
		return;
	/* Names of values are put into the formats of events that exist. */
	lu_trace_evals(NULL, MODULE_STATE_GOING, m->mod);
	lu_trace_evals(NULL, MODULE_STATE_COMING, m->mod);
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
	lu_trace_events(NULL, MODULE_STATE_GOING, m->mod);
	m->events_registered = false;
}

/**
 * lu_events_init() - find the tracing core's notifiers, with the next module
 *
 * Return: 0, or an error.
 */
int lu_events_init(void)
{
	return register_module_notifier(&lu_trace_nb);
}

void lu_events_exit(void)
{
	unregister_module_notifier(&lu_trace_nb);
}
