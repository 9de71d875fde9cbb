// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What the sections of the report share.
 */
#pragma once

#include <string>
#include <vector>

#include "report.h"
#include "statistics.h"
#include "table.h"

namespace lub {

/** Rows of one kind of run among @p list. */
std::vector<Json> only(const std::vector<Json>& list, const std::string& key, const std::string& value);

/** "12 / 15 / 16": p50, p99, max. */
std::string spreadCells(const Spread& s);

/** Instructions of one operation, native and ours. */
struct InstructionRow {
  std::string driver, direction, burst, way;  ///< burst: operations in a row
  double native, ours;
  double spread;  ///< how far native rounds are from each other, as a part of their median
};

/** Add @p row to table and figures; one by one, operations are judged by the aim of 1.000 within 0.2 %. */
void addInstructionRow(Section& section, Table& table, const InstructionRow& row);

/** How far the values are from each other, as a part of their median. */
double relativeSpread(const std::vector<double>& values);

}  // namespace lub
