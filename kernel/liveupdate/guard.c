// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Driver code that crashes
 *
 * A driver's init, probe or remove that faults would take its thread along,
 * and with it the lock of the device, so that no other driver could ever be
 * bound again. Within a transaction such a call is guarded: the fault is
 * reported by the kernel as always, and then the thread continues where the
 * call would have returned, with -EFAULT.
 *
 * Only a fault in the managed module's own code is caught, with interrupts on
 * and as many preemption counts as at the call: the driver then holds no spin
 * lock and no lock of the kernel's that it did not take itself. What it had
 * taken from the tracker's point of view is released on its behalf; memory that
 * only it knew of is lost. A fault anywhere else ends the thread.
 */
#include <linux/kdebug.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/nospec-branch.h>

#include "compat.h"
#include "internal.h"

#define LU_MAX_GUARDS	32

/**
 * struct lu_guard - a guarded call
 * @gen: generation whose code may fault
 * @preempt: preempt_count() at the call
 * @ip: where to continue
 * @regs: registers that a function preserves, and the stack pointer
 * @caught: it faulted
 */
struct lu_guard {
	struct lu_generation *gen;
	int preempt;
	unsigned long ip;
	struct {
		unsigned long sp, bp, bx, r12, r13, r14, r15;
	} regs;
	bool caught;
};

/* Read in the context of an oops, hence without locks: a slot is its task's. */
static struct lu_guard *lu_guards[LU_MAX_GUARDS];

#ifdef CONFIG_X86_64

#define LU_GUARD(field)	\
	[field] "i" (offsetof(struct lu_guard, field))
#define LU_GUARD_REG(r)	\
	[r] "i" (offsetof(struct lu_guard, regs.r))

static noinline int lu_guarded(struct lu_guard *g, int (*fn)(void *arg), void *arg)
{
	int ret;

	asm volatile("leaq 1f(%%rip), %%rax\n\t"
		     "movq %%rax, %c[ip](%[g])\n\t"
		     "movq %%rsp, %c[sp](%[g])\n\t"
		     "movq %%rbp, %c[bp](%[g])\n\t"
		     "movq %%rbx, %c[bx](%[g])\n\t"
		     "movq %%r12, %c[r12](%[g])\n\t"
		     "movq %%r13, %c[r13](%[g])\n\t"
		     "movq %%r14, %c[r14](%[g])\n\t"
		     "movq %%r15, %c[r15](%[g])\n\t"
		     CALL_NOSPEC
		     "1:\n\t"
		     : "=&a" (ret), "+D" (arg), ASM_CALL_CONSTRAINT
		     : [g] "r" (g), THUNK_TARGET(fn), LU_GUARD(ip),
		       LU_GUARD_REG(sp), LU_GUARD_REG(bp), LU_GUARD_REG(bx),
		       LU_GUARD_REG(r12), LU_GUARD_REG(r13), LU_GUARD_REG(r14),
		       LU_GUARD_REG(r15)
		     : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
	return ret;
}

static void lu_guard_continue(struct lu_guard *g, struct pt_regs *regs)
{
	regs->ip = g->ip;
	regs->sp = g->regs.sp;
	regs->bp = g->regs.bp;
	regs->bx = g->regs.bx;
	regs->r12 = g->regs.r12;
	regs->r13 = g->regs.r13;
	regs->r14 = g->regs.r14;
	regs->r15 = g->regs.r15;
	regs->ax = -EFAULT;
}

static bool lu_guard_within(const struct lu_generation *gen, unsigned long ip)
{
	const struct lu_module *m;

	list_for_each_entry(m, &gen->modules, gen_node)
		if (within_module(ip, m->mod))
			return true;
	return false;
}

/* The driver's own code is also that of a library that is replaced with it. */
static bool lu_guard_applies(const struct lu_guard *g, const struct pt_regs *regs)
{
	const struct lu_txn *txn = READ_ONCE(g->gen->set->txn);
	const struct lu_member *mb;

	if (!(regs->flags & X86_EFLAGS_IF) || preempt_count() != g->preempt + LU_OOPS_PREEMPT)
		return false;
	if (lu_guard_within(g->gen, regs->ip))
		return true;
	if (!txn)
		return false;
	lu_for_each_member(mb, &txn->members)
		if (lu_guard_within(mb->from, regs->ip) || lu_guard_within(mb->to, regs->ip))
			return true;
	return false;
}

#else

static int lu_guarded(struct lu_guard *g, int (*fn)(void *arg), void *arg)
{
	return fn(arg);
}

static void lu_guard_continue(struct lu_guard *g, struct pt_regs *regs)
{
}

static bool lu_guard_applies(const struct lu_guard *g, const struct pt_regs *regs)
{
	return false;
}

#endif

/**
 * lu_guard_call() - call driver code that may crash
 * @gen: generation whose code it is
 * @fn: what to call
 * @arg: its argument
 *
 * Calls nest; a fault returns from the innermost. Without a free slot the
 * call is not guarded.
 *
 * Context: Process context, in a transaction.
 * Return: what @fn returned, or -EFAULT if it crashed.
 */
int lu_guard_call(struct lu_generation *gen, int (*fn)(void *arg), void *arg)
{
	struct lu_guard g = {
		.gen = gen,
		.preempt = preempt_count(),
	};
	unsigned int i;
	int ret;

	for (i = 0; i < LU_MAX_GUARDS; i++)
		if (!cmpxchg(&lu_guards[i], NULL, &g))
			break;
	if (i >= LU_MAX_GUARDS)
		return fn(arg);
	ret = lu_guarded(&g, fn, arg);
	WRITE_ONCE(lu_guards[i], NULL);
	if (g.caught) {
		lu_timeline(gen->set, "crashed in its own code, thread recovered");
		ret = -EFAULT;
	}
	return ret;
}

/* A task's guards lie on its stack, which grows down: the innermost is lowest. */
static struct lu_guard *lu_guard_innermost(void)
{
	struct lu_guard *found = NULL;
	unsigned int i;

	for (i = 0; i < LU_MAX_GUARDS; i++) {
		struct lu_guard *g = READ_ONCE(lu_guards[i]);

		if (g && object_is_on_stack(g) && !g->caught && (!found || g < found))
			found = g;
	}
	return found;
}

/* The task dies, and its stack with it. */
static void lu_guard_forget(void)
{
	unsigned int i;

	for (i = 0; i < LU_MAX_GUARDS; i++)
		if (lu_guards[i] && object_is_on_stack(lu_guards[i]))
			WRITE_ONCE(lu_guards[i], NULL);
	lu_context_forget();
}

static int lu_guard_die(struct notifier_block *nb, unsigned long val, void *data)
{
	struct die_args *args = data;
	struct lu_guard *g;

	if (val != DIE_OOPS || !args->regs || user_mode(args->regs))
		return NOTIFY_DONE;
	g = lu_guard_innermost();
	if (!g || !lu_guard_applies(g, args->regs)) {
		lu_guard_forget();
		return NOTIFY_DONE;
	}
	g->caught = true;
	lu_guard_continue(g, args->regs);
	return NOTIFY_STOP;
}

static struct notifier_block lu_guard_nb = {
	.notifier_call = lu_guard_die,
};

int lu_guard_init(void)
{
	return register_die_notifier(&lu_guard_nb);
}

void lu_guard_exit(void)
{
	unregister_die_notifier(&lu_guard_nb);
}
