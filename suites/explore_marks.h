/*
 * Words that are new each time that a case is run: a sequence has marks (suites/model/model.h) in
 * its texts, its case has references to random words in their places.
 */
#ifndef CF_SUITES_EXPLORE_MARKS_H
#define CF_SUITES_EXPLORE_MARKS_H

#include "harness/base/json.h"

bool cf_cvm_explore_has_marks(const cJSON *sequence);
/* Make a reference of each mark in these steps; let, the object of a step before them, draws the
 * words. */
void cf_cvm_explore_refer(cJSON *steps, cJSON *let);

#endif
