// SPDX-License-Identifier: GPL-2.0
/*
 * Pristine data: what a module's writable sections held before its init ran,
 * so that init can run again as if for the first time.
 *
 * Copied without KASAN, which poisons the gaps between a module's variables.
 */
#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

#ifdef CONFIG_JUMP_LABEL
/*
 * A static key is data and patched code at once: it is set back by its own
 * interface, before the data is. Entries of one key are neighbours.
 */
static int lu_keys_take(struct lu_module *m)
{
	struct jump_entry *e = m->mod->jump_entries;
	unsigned int i, n = 0;

	for (i = 0; i < m->mod->num_jump_entries; i++)
		if (within_module((unsigned long)jump_entry_key(&e[i]), m->mod) &&
		    (!i || jump_entry_key(&e[i]) != jump_entry_key(&e[i - 1])))
			n++;
	if (!n)
		return 0;
	m->keys = kcalloc(n, sizeof(*m->keys), GFP_KERNEL);
	if (!m->keys)
		return -ENOMEM;
	for (i = 0; i < m->mod->num_jump_entries; i++) {
		struct static_key *key = jump_entry_key(&e[i]);

		if (!within_module((unsigned long)key, m->mod) ||
		    (i && key == jump_entry_key(&e[i - 1])))
			continue;
		m->keys[m->nr_keys].key = key;
		m->keys[m->nr_keys++].enabled = static_key_enabled(key);
	}
	return 0;
}
#else
/* A static key is a plain counter here: data like any other. */
static int lu_keys_take(struct lu_module *m)
{
	return 0;
}
#endif

/**
 * lu_snapshot_take() - keep the pristine content of a module's data
 * @m: module whose init has not run
 *
 * Context: Process context; sleeps.
 * Return: 0 or -ENOMEM.
 */
int lu_snapshot_take(struct lu_module *m)
{
	unsigned int i;
	int err;

	err = lu_keys_take(m);
	if (err)
		return err;
	/* All CPUs' copies are alike as long as no code has run. */
	if (m->mod->percpu_size) {
		m->percpu = kmemdup(per_cpu_ptr(m->mod->percpu, 0), m->mod->percpu_size,
				    GFP_KERNEL);
		if (!m->percpu)
			return -ENOMEM;
	}
	for (i = 0; i < m->nr_sections; i++) {
		struct lu_section *s = &m->sections[i];

		s->copy = kvmalloc(s->len, GFP_KERNEL);
		if (!s->copy)
			return -ENOMEM;
		memcpy(s->copy, s->addr, s->len);
	}
	return 0;
}

/**
 * lu_snapshot_restore() - make a module's data pristine again
 * @m: module whose exit has run, or whose init never has
 */
void lu_snapshot_restore(struct lu_module *m)
{
	unsigned int i;
	int cpu;

	for (i = 0; i < m->nr_keys; i++) {
		if (m->keys[i].enabled)
			static_key_enable(m->keys[i].key);
		else
			static_key_disable(m->keys[i].key);
	}
	for (i = 0; i < m->nr_sections; i++)
		memcpy(m->sections[i].addr, m->sections[i].copy, m->sections[i].len);
	for_each_possible_cpu(cpu)
		if (m->percpu)
			memcpy(per_cpu_ptr(m->mod->percpu, cpu), m->percpu,
			       m->mod->percpu_size);
}

void lu_snapshot_free(struct lu_module *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_sections; i++)
		kvfree(m->sections[i].copy);
	kfree(m->sections);
	kfree(m->keys);
	kfree(m->percpu);
	m->percpu = NULL;
	m->sections = NULL;
	m->keys = NULL;
	m->nr_sections = 0;
	m->nr_keys = 0;
}
