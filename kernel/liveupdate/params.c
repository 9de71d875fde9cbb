// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters over an update: a new generation gets the values of the
 * running one, but for those that were given when it was staged; a generation
 * that goes back in gets its own last values, also those set by hand later.
 */
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "internal.h"

static char *lu_param_get(const struct kernel_param *kp, char *page)
{
	int len;

	if (!kp->ops->get)
		return NULL;
	page[0] = '\0';
	len = kp->ops->get(page, kp);
	if (len < 0)
		return NULL;
	page[min_t(int, len, PAGE_SIZE - 1)] = '\0';
	return kstrdup(strim(page), GFP_KERNEL);
}

static char **lu_params_read(struct lu_module *m)
{
	unsigned int i, n = m->mod->num_kp;
	char **values, *page;

	page = (char *)__get_free_page(GFP_KERNEL);
	values = kcalloc(n + 1, sizeof(*values), GFP_KERNEL);
	if (!page || !values) {
		free_page((unsigned long)page);
		kfree(values);
		return NULL;
	}
	kernel_param_lock(m->mod);
	for (i = 0; i < n; i++)
		values[i] = lu_param_get(&m->mod->kp[i], page);
	kernel_param_unlock(m->mod);
	free_page((unsigned long)page);
	return values;
}

static void lu_params_values_free(char **values, unsigned int n)
{
	unsigned int i;

	for (i = 0; values && i < n; i++)
		kfree(values[i]);
	kfree(values);
}

/**
 * lu_params_save() - note the parameters as they are
 * @m: the module
 *
 * The first call, before init, notes the pristine values; each later one the
 * values that the module last ran with.
 *
 * Return: 0 or -ENOMEM.
 */
int lu_params_save(struct lu_module *m)
{
	char **values = lu_params_read(m);

	if (!values)
		return -ENOMEM;
	m->nr_params = m->mod->num_kp;
	if (!m->pristine_params) {
		m->pristine_params = values;
		return 0;
	}
	lu_params_values_free(m->params, m->nr_params);
	m->params = values;
	return 0;
}

void lu_params_free(struct lu_module *m)
{
	lu_params_values_free(m->params, m->nr_params);
	lu_params_values_free(m->pristine_params, m->nr_params);
	m->params = NULL;
	m->pristine_params = NULL;
}

/* Was a parameter given at load? The string is as the loader got it. */
static bool lu_param_is_explicit(const char *args, const char *name)
{
	const char *p = args;

	while (p && *p) {
		const char *n = name;

		while (isspace(*p))
			p++;
		while (*n && (*p == *n || (*p == '-' && *n == '_'))) {
			p++;
			n++;
		}
		if (!*n && (*p == '=' || isspace(*p) || !*p))
			return true;
		while (*p && !isspace(*p))
			p++;
	}
	return false;
}

static const char *lu_param_of_model(const struct lu_module *model, const char *name)
{
	unsigned int i;

	if (!model || !model->params)
		return NULL;
	for (i = 0; i < model->nr_params; i++)
		if (!strcmp(model->mod->kp[i].name, name))
			return model->params[i];
	return NULL;
}

/**
 * lu_params_restore() - set a module's parameters before its init runs
 * @m: module with pristine data
 * @model: module whose values to take over, or NULL
 *
 * Only what differs from the pristine value is set: a string parameter that is
 * unchanged still points to memory that is its own.
 */
void lu_params_restore(struct lu_module *m, struct lu_module *model)
{
	unsigned int i;

	if (!m->pristine_params)
		return;
	kernel_param_lock(m->mod);
	for (i = 0; i < m->nr_params; i++) {
		const struct kernel_param *kp = &m->mod->kp[i];
		const char *value = NULL;

		if (m->params)
			value = m->params[i];
		else if (!lu_param_is_explicit(m->args, kp->name))
			value = lu_param_of_model(model, kp->name);
		if (!value || !kp->ops->set || !m->pristine_params[i] ||
		    !strcmp(value, m->pristine_params[i]))
			continue;
		if (kp->ops->set(value, kp))
			pr_warn("liveupdate: %s: parameter %s=%s was not accepted\n",
				m->name, kp->name, value);
	}
	kernel_param_unlock(m->mod);
}
