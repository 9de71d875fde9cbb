// SPDX-License-Identifier: GPL-2.0
/*
 * Pristine data: what a module's writable sections held before its init ran,
 * so that init can run again as if for the first time.
 *
 * Copied without KASAN, which poisons the gaps between a module's variables.
 */
#include <linux/bitmap.h>
#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/static_call_types.h>
#include <linux/string.h>

#include "internal.h"

/* The section of @m that has an address, or NULL. */
static struct lu_section *lu_section_of(struct lu_module *m, const void *addr)
{
	unsigned int i;

	for (i = 0; i < m->nr_sections; i++)
		if (addr >= m->sections[i].addr &&
		    addr < m->sections[i].addr + m->sections[i].len)
			return &m->sections[i];
	return NULL;
}

/*
 * Words in a module's data that are the kernel's: heads of lists of those who use a
 * static key or a static call. Modules that link against it were entered there after
 * its own content was noted.
 */
static void __maybe_unused lu_keep(struct lu_section *s, const void *addr, size_t len)
{
	size_t offset = addr - s->addr;

	bitmap_set(s->kept, offset / sizeof(long), len / sizeof(long));
}

#ifdef CONFIG_JUMP_LABEL
static void lu_key_restore(struct lu_module *m, struct static_key *key)
{
	struct lu_section *s = lu_section_of(m, key);
	const struct static_key *pristine;

	if (!s)
		return;		/* a tracepoint's, or another module's */
	pristine = s->copy + ((void *)key - s->addr);
	while (static_key_count(key) > 1)
		static_key_slow_dec(key);
	if (atomic_read(&pristine->enabled))
		static_key_enable(key);
	else
		static_key_disable(key);
	lu_keep(s, &key->entries, sizeof(key->entries));
}

/* A static key is data and patched code at once: it is set back by its own interface. */
static void lu_keys_restore(struct lu_module *m, const struct module *user)
{
	struct jump_entry *e = user->jump_entries;
	unsigned int i;

	/* Entries of one key are neighbours. */
	for (i = 0; i < user->num_jump_entries; i++)
		if (!i || jump_entry_key(&e[i]) != jump_entry_key(&e[i - 1]))
			lu_key_restore(m, jump_entry_key(&e[i]));
}
#else
/* A static key is a plain counter here: data like any other. */
static void lu_keys_restore(struct lu_module *m, const struct module *user)
{
}
#endif

#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
/* What a static call calls is patched into its users: it stays as it is. */
static void lu_calls_keep(struct lu_module *m, const struct module *user)
{
	struct static_call_site *site = user->static_call_sites;
	struct static_call_key *key;
	struct lu_section *s;
	int i;

	for (i = 0; i < user->num_static_call_sites; i++) {
		key = (void *)(((long)&site[i].key + site[i].key) & ~STATIC_CALL_SITE_FLAGS);
		s = lu_section_of(m, key);
		if (s)
			lu_keep(s, key, sizeof(*key));
	}
}
#else
static void lu_calls_keep(struct lu_module *m, const struct module *user)
{
}
#endif

/* Static keys and calls of @m in the code of @user, which may be another module. */
static void lu_users_restore(struct lu_module *m, const struct module *user)
{
	lu_keys_restore(m, user);
	lu_calls_keep(m, user);
}

static void lu_section_restore(struct lu_section *s)
{
	unsigned long words = s->len / sizeof(long), first, end;
	size_t tail = words * sizeof(long);

	for_each_clear_bitrange(first, end, s->kept, words)
		memcpy(s->addr + first * sizeof(long), s->copy + first * sizeof(long),
		       (end - first) * sizeof(long));
	memcpy(s->addr + tail, s->copy + tail, s->len - tail);
}

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
		s->kept = bitmap_zalloc(s->len / sizeof(long), GFP_KERNEL);
		if (!s->copy || !s->kept)
			return -ENOMEM;
		memcpy(s->copy, s->addr, s->len);
	}
	return 0;
}

/**
 * lu_snapshot_restore() - make a module's data pristine again
 * @m: module whose exit has run, or whose init never has
 *
 * What the kernel has in there stays: who uses a static key or a static call.
 *
 * Context: Process context; sleeps. Nobody begins or ends to link against the module.
 */
void lu_snapshot_restore(struct lu_module *m)
{
	struct module *user;
	unsigned int i;
	int cpu;

	for (i = 0; i < m->nr_sections; i++)
		bitmap_zero(m->sections[i].kept, m->sections[i].len / sizeof(long));
	lu_users_restore(m, m->mod);
	for (i = 0; (user = lu_links_user(m, i)); i++)
		lu_users_restore(m, user);
	for (i = 0; i < m->nr_sections; i++)
		lu_section_restore(&m->sections[i]);
	for_each_possible_cpu(cpu)
		if (m->percpu)
			memcpy(per_cpu_ptr(m->mod->percpu, cpu), m->percpu,
			       m->mod->percpu_size);
}

void lu_snapshot_free(struct lu_module *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_sections; i++) {
		kvfree(m->sections[i].copy);
		bitmap_free(m->sections[i].kept);
	}
	kfree(m->sections);
	kfree(m->percpu);
	m->percpu = NULL;
	m->sections = NULL;
	m->nr_sections = 0;
}
