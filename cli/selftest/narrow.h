/*
 * Which cases a quick self-test tries a deviation with: enough to catch it, not all.
 */
#ifndef CF_CLI_SELFTEST_NARROW_H
#define CF_CLI_SELFTEST_NARROW_H

#include "cli/selftest/kill_matrix.h"
#include "cli/selftest/subject.h"

/* To some of the cases that fail by it in the kill matrix, which must be of these cases: first
 * those that name its requirement, then those to which it may have been charged, the cheap ones
 * first. A should deviation must fail no must: it is tried with the cheapest case of each must of
 * its suite as well, which a full self-test does with all cases. False, and nothing changed, where
 * the matrix has none. The list belongs to the subject. */
bool cf_narrow_to_few(struct cf_subject *subject, const struct cf_catalogue *catalogue,
                      const struct cf_kill_matrix *matrix);

/* To the cases that name its requirement; for a should deviation, to those of its suite. */
void cf_narrow_to_requirement(struct cf_subject *subject);

#endif
