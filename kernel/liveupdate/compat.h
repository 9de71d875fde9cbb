/* SPDX-License-Identifier: GPL-2.0 */
/* All that differs between the kernel versions we build on. */
#ifndef _LU_COMPAT_H
#define _LU_COMPAT_H

#include <linux/module.h>
#include <linux/version.h>
#include <linux/kobject.h>
#include <scsi/scsi_driver.h>

/* 6.10 took the source out of __assign_str(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define lu_assign_str(dst, src) __assign_str(dst)
#else
#define lu_assign_str(dst, src) __assign_str(dst, src)
#endif

/* register_virtio_driver() became a macro that passes the owner. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define LU_VIRTIO_REGISTER_HAS_OWNER 1
#else
#define LU_VIRTIO_REGISTER_HAS_OWNER 0
#endif

/* scsi_register_driver() became one too, in the midst of a stable series. */
#ifdef scsi_register_driver
#define LU_SCSI_REGISTER_HAS_OWNER 1
#else
#define LU_SCSI_REGISTER_HAS_OWNER 0
#endif

/* The driver core's methods take a const driver since 6.11. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define lu_const_driver const
#else
#define lu_const_driver
#endif

/*
 * What an oops adds to preempt_count() before it calls the die notifiers: since
 * 6.12 it is an emergency for consoles, and that keeps the task on its CPU.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && defined(CONFIG_PRINTK)
#define LU_OOPS_PREEMPT PREEMPT_OFFSET
#else
#define LU_OOPS_PREEMPT 0
#endif

#endif /* _LU_COMPAT_H */
