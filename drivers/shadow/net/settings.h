/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings that a driver keeps: the table that settings.c works on.
 */
#ifndef _LU_NET_SETTINGS_H
#define _LU_NET_SETTINGS_H

#include "net_shadow.h"

/**
 * struct ns_setting - one setting
 * @name: in the log and in messages
 * @offset: of its value in struct ns_settings
 * @size: of its value
 * @get: ask the driver
 * @set: tell the driver
 * @same: do two values mean the same to the user
 * @show: value as text
 */
struct ns_setting {
	const char *name;
	size_t offset;
	size_t size;
	int (*get)(struct net_shadow *ns, void *value);
	int (*set)(struct net_shadow *ns, void *value);
	bool (*same)(struct net_shadow *ns, const void *a, const void *b);
	void (*show)(const void *value, char *buf, size_t size);
};

#define EOPS(ns)	((ns)->drv_eops)

extern const struct ns_setting ns_settings[NS_SET_COUNT];

#endif /* _LU_NET_SETTINGS_H */
