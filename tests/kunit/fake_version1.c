// SPDX-License-Identifier: GPL-2.0
#define KT_NR 1
#include "fake_version.h"
