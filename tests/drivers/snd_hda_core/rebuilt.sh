# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the same source as the newest version, another build and version string
