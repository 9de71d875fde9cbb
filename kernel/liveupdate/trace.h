/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LU_TRACE_H
#define _LU_TRACE_H

#include "compat.h"
#include <trace/events/driver_liveupdate.h>

#endif /* _LU_TRACE_H */
