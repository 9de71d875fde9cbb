// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Modules that are replaced together
 *
 * Each managed module has a set, and a directory, of its own. Where modules link
 * against each other their sets are members of one transaction: with a library
 * go all that link against the one that runs, and each has to have a version
 * that is bound to the incoming library. The member whose module was loaded
 * first, which is the library, leads: its directory takes the triggers and has
 * the record.
 *
 * Who was loaded later may link against who was loaded before, never the other
 * way round. So the order of loading is the order of inits, and the reverse is
 * that of exits.
 */
#include <linux/module.h>
#include <linux/string.h>

#include "internal.h"

/* One gathering at a time, and no trigger gets in between. */
static DEFINE_MUTEX(lu_members_mutex);

/**
 * struct lu_gathering - members being looked for
 * @ms: those found
 * @role: role of the generation that is to come in, or to be unloaded
 * @exchange: it is to come in
 * @err: why it cannot be done
 * @why: the same for people
 */
struct lu_gathering {
	struct lu_members *ms;
	enum lu_role role;
	bool exchange;
	int err;
	char why[192];
};

static void __printf(3, 4) lu_gather_fail(struct lu_gathering *g, int err, const char *fmt, ...)
{
	va_list args;

	if (g->err)
		return;
	g->err = err;
	va_start(args, fmt);
	vscnprintf(g->why, sizeof(g->why), fmt, args);
	va_end(args);
}

static struct lu_member *lu_member_of(struct lu_members *ms, const struct lu_set *set)
{
	unsigned int i;

	for (i = 0; i < ms->nr; i++)
		if (ms->member[i].set == set)
			return &ms->member[i];
	return NULL;
}

static void lu_member_add(struct lu_gathering *g, struct lu_set *set)
{
	if (lu_member_of(g->ms, set))
		return;
	if (g->ms->nr == LU_MAX_MEMBERS) {
		lu_gather_fail(g, -E2BIG, "more than %u modules to be replaced together",
			       LU_MAX_MEMBERS);
		return;
	}
	memset(&g->ms->member[g->ms->nr], 0, sizeof(g->ms->member[0]));
	g->ms->member[g->ms->nr++].set = set;
}

static bool lu_runs(const struct lu_generation *gen)
{
	return gen && gen->role == LU_ROLE_RUNNING;
}

/* Whoever links against a running member, or is bound to one that comes in. */
static bool lu_gather_link(const struct lu_link *l, struct lu_module *user, void *data)
{
	struct lu_generation *lib = l->lib->gen, *gen = user ? user->gen : NULL;
	struct lu_gathering *g = data;

	if (!lib)
		return true;
	if (gen && gen->role == g->role && lib->role == g->role) {
		if (lu_member_of(g->ms, gen->set))
			lu_member_add(g, lib->set);
		else if (lu_member_of(g->ms, lib->set))
			lu_member_add(g, gen->set);
	}
	if (!g->exchange || !lu_runs(lib) || !lu_member_of(g->ms, lib->set))
		return !g->err;
	if (lu_runs(gen))
		lu_member_add(g, gen->set);
	else if (!gen)
		lu_gather_fail(g, -EBUSY,
			       "%s links against %s and cannot be updated; unload it first",
			       l->name, l->lib->name);
	return !g->err;
}

/* What would be left bound to the wrong version? */
static bool lu_gather_check(const struct lu_link *l, struct lu_module *user, void *data)
{
	struct lu_generation *lib = l->lib->gen, *gen = user ? user->gen : NULL;
	struct lu_gathering *g = data;
	struct lu_set *out;

	if (!lib || !gen)
		return true;
	if (lu_runs(lib) && gen->role == g->role && lu_member_of(g->ms, lib->set) &&
	    lu_member_of(g->ms, gen->set))
		lu_gather_fail(g, -EBUSY,
			       "%s is bound to the running %s; unload it and load it after %s's new version",
			       user->load_name, l->lib->name, l->lib->name);
	/* A kept generation that is unloaded takes the others' way back along. */
	if (g->role == LU_ROLE_STAGED && gen->role == LU_ROLE_KEPT &&
	    lib->role == LU_ROLE_KEPT &&
	    !lu_member_of(g->ms, gen->set) != !lu_member_of(g->ms, lib->set)) {
		out = lu_member_of(g->ms, gen->set) ? lib->set : gen->set;
		lu_gather_fail(g, -EBUSY, "%s was replaced together with it; commit that first",
			       out->name);
	}
	return !g->err;
}

static unsigned int lu_generation_seq(const struct lu_generation *gen)
{
	if (!gen || list_empty(&gen->modules))
		return 0;
	return list_first_entry(&gen->modules, struct lu_module, gen_node)->seq;
}

/**
 * lu_members_sort() - libraries first
 * @ms: the members
 * @incoming: by the generations that come in, not by those that go
 */
void lu_members_sort(struct lu_members *ms, bool incoming)
{
	struct lu_member key;
	unsigned int i, j, seq;

	for (i = 1; i < ms->nr; i++) {
		key = ms->member[i];
		seq = lu_generation_seq(incoming ? key.to : key.from);
		for (j = i; j; j--) {
			struct lu_member *before = &ms->member[j - 1];

			if (lu_generation_seq(incoming ? before->to : before->from) <= seq)
				break;
			ms->member[j] = *before;
		}
		ms->member[j] = key;
	}
}

static const char *lu_wanting(enum lu_role role)
{
	return role == LU_ROLE_STAGED ? "no new version was loaded" :
	       "it has no version to go back to";
}

static void lu_gather_generations(struct lu_gathering *g, struct lu_set *set)
{
	struct lu_member *mb;

	lu_for_each_member(mb, g->ms) {
		mb->from = mb->set->gens[LU_ROLE_RUNNING];
		mb->to = mb->set->gens[g->role];
		if (mb->to && (mb->from || !g->exchange))
			continue;
		if (mb->set == set)
			lu_gather_fail(g, -ENOENT, "%s", "");
		else
			lu_gather_fail(g, -ENOENT, "%s goes with it, and %s for that one",
				       mb->set->name, lu_wanting(g->role));
	}
}

/* A transaction that follows one that failed has the same members. */
static bool lu_gather_failed(struct lu_gathering *g, struct lu_set *set)
{
	struct lu_member *mb;

	if (set->state != LU_FAILED || !g->exchange)
		return false;
	if (g->role == LU_ROLE_KEPT)
		g->role = LU_ROLE_RUNNING;
	if (set->lead && set->lead != set) {
		lu_gather_fail(g, -EBUSY, "goes with %s, which has the triggers",
			       set->lead->name);
		return true;
	}
	lu_for_each_member(mb, &set->transaction.members)
		lu_member_add(g, mb->set);
	lu_member_add(g, set);
	lu_gather_generations(g, set);
	return true;
}

/**
 * __lu_members_gather() - who takes part in what is asked of a set
 * @ms: filled in, libraries first
 * @set: the set
 * @role: role of the generation that is to come in, or to be unloaded
 * @exchange: it is to come in
 * @g: says why not
 *
 * Context: Caller holds lu_lock.
 */
static void __lu_members_gather(struct lu_members *ms, struct lu_set *set, enum lu_role role,
				bool exchange, struct lu_gathering *g)
{
	unsigned int before;

	lockdep_assert_held(&lu_lock);
	ms->nr = 0;
	*g = (struct lu_gathering) { .ms = ms, .role = role, .exchange = exchange };
	if (lu_gather_failed(g, set))
		return;
	lu_member_add(g, set);
	if (!set->gens[role]) {
		lu_gather_generations(g, set);
		return;
	}
	do {
		before = ms->nr;
		__lu_links_each(lu_gather_link, g);
	} while (ms->nr > before && !g->err);
	if (exchange && !g->err)
		__lu_links_each(lu_gather_check, g);
	lu_gather_generations(g, set);
	if (g->err)
		return;
	lu_members_sort(ms, true);
	if (ms->member[0].set != set)
		lu_gather_fail(g, -EBUSY, "goes with %s, which has the triggers",
			       ms->member[0].set->name);
}

static void lu_members_put(struct lu_members *ms)
{
	struct lu_member *mb;

	lu_for_each_member(mb, ms)
		lu_set_put(mb->set);
}

/* With success the sets are referenced. */
static int lu_members_gather(struct lu_members *ms, struct lu_set *set, enum lu_role role,
			     bool exchange)
{
	struct lu_gathering g;
	struct lu_member *mb;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	__lu_members_gather(ms, set, role, exchange, &g);
	if (!g.err)
		lu_for_each_member(mb, ms)
			lu_set_get(mb->set);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (g.err && g.why[0])
		pr_err("liveupdate: %s: %s\n", set->name, g.why);
	return g.err;
}

static bool lu_members_equal(const struct lu_members *a, const struct lu_members *b)
{
	unsigned int i;

	if (a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++)
		if (a->member[i].set != b->member[i].set ||
		    a->member[i].from != b->member[i].from ||
		    a->member[i].to != b->member[i].to)
			return false;
	return true;
}

/* References on what must not go away; in state failed the running one has its. */
static int lu_member_hold(struct lu_member *mb, bool cold)
{
	if (!cold && !lu_generation_get(mb->from))
		return -EBUSY;
	if (mb->to == mb->from || lu_generation_get(mb->to))
		return 0;
	if (!cold)
		lu_generation_put(mb->from);
	return -EBUSY;
}

static bool lu_set_has(const struct lu_set *set, const struct lu_generation *gen)
{
	unsigned int role;

	for (role = LU_ROLE_RUNNING; role < LU_ROLE_COUNT; role++)
		if (set->gens[role] == gen)
			return true;
	return false;
}

/* Loads of modules that link against it are refused from then on. */
static void lu_set_follow(struct lu_set *set, struct lu_set *lead)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	set->lead = lead;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}

static int lu_member_claim(struct lu_member *mb, struct lu_set *lead, bool exchange)
{
	struct lu_set *set = mb->set;
	int err = 0;

	mutex_lock(&set->lock);
	if (set->busy || !lu_set_has(set, mb->to) || mb->to->wedged ||
	    (exchange && !lu_set_has(set, mb->from)))
		err = -EBUSY;
	else if (exchange && lu_set_stuck(set))
		err = -EIO;	/* the record says what hangs */
	else if (exchange)
		err = lu_member_hold(mb, lead->state == LU_FAILED);
	if (!err) {
		set->busy = true;
		if (exchange)
			lu_set_follow(set, lead);
	}
	mutex_unlock(&set->lock);
	return err;
}

static void lu_member_release(struct lu_member *mb, struct lu_set *lead, bool exchange)
{
	mutex_lock(&mb->set->lock);
	if (exchange && mb->to != mb->from)
		lu_generation_put(mb->to);
	if (exchange && lead->state != LU_FAILED) {
		lu_generation_put(mb->from);
		lu_set_follow(mb->set, NULL);
	}
	mb->set->busy = false;
	mutex_unlock(&mb->set->lock);
}

static int lu_members_claim(struct lu_members *ms, struct lu_set *lead, bool exchange)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ms->nr && !err; i++)
		err = lu_member_claim(&ms->member[i], lead, exchange);
	if (!err)
		return 0;
	for (i--; i--; )
		lu_member_release(&ms->member[i], lead, exchange);
	return err;
}

/**
 * lu_members_begin() - exclusive use of all sets that a trigger works on
 * @ms: filled in, libraries first; the first is @set's
 * @set: the set whose trigger it is
 * @role: role of the generation that is to come in, or to be unloaded
 * @exchange: it is to come in: both generations of each member stay loaded
 *
 * Context: Process context.
 * Return: 0; -EBUSY; -ENOENT no such generation; -EIO a thread is stuck; -E2BIG.
 */
int lu_members_begin(struct lu_members *ms, struct lu_set *set, enum lu_role role,
		     bool exchange)
{
	struct lu_members again;
	struct lu_member *mb;
	int err;

	mutex_lock(&lu_members_mutex);
	err = READ_ONCE(set->busy) ? -EBUSY : 0;
	err = err ?: lu_members_gather(ms, set, role, exchange);
	if (err)
		goto out;
	err = lu_members_claim(ms, set, exchange);
	if (err)
		goto err_put;
	/* What was loaded in between: from now on loads are refused. */
	err = lu_members_gather(&again, set, role, exchange);
	if (!err) {
		err = lu_members_equal(ms, &again) ? 0 : -EBUSY;
		lu_members_put(&again);
	}
	if (!err)
		goto out;
	lu_for_each_member(mb, ms)
		lu_member_release(mb, set, exchange);
err_put:
	lu_members_put(ms);
out:
	mutex_unlock(&lu_members_mutex);
	return err;
}

/**
 * lu_members_end() - others may use the sets again
 * @ms: the members; their sets are not referenced any more
 * @failed: no driver runs: they still go together, and nobody may use them
 */
void lu_members_end(struct lu_members *ms, bool failed)
{
	struct lu_member *mb;

	lu_for_each_member(mb, ms) {
		mutex_lock(&mb->set->lock);
		mb->set->busy = false;
		if (!failed)
			lu_set_follow(mb->set, NULL);
		mutex_unlock(&mb->set->lock);
	}
	lu_members_put(ms);
}

/**
 * lu_set_lead_name() - whose directory has the triggers for a set
 * @set: the set
 * @name: filled in: the set's own name, or that of the library it goes with
 */
void lu_set_lead_name(struct lu_set *set, char *name)
{
	struct lu_set *lead = READ_ONCE(set->lead);
	struct lu_gathering g;
	struct lu_members ms;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	if (!lead) {
		lead = set;
		__lu_members_gather(&ms, set, set->gens[LU_ROLE_STAGED] ? LU_ROLE_STAGED :
				    LU_ROLE_KEPT, false, &g);
		if (set->gens[g.role])
			lead = ms.member[0].set;
	}
	strscpy(name, lead->name, MODULE_NAME_LEN);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}
