/* When the cases of a bundle ran: each within the run, and each repetition in an order of its own.
 */
#ifndef CF_CLI_CERTIFY_VERIFY_ORDER_H
#define CF_CLI_CERTIFY_VERIFY_ORDER_H

#include "cli/certify/verification.h"

/*
 * Find, with v's plan made and its records held against it:
 * - a record that does not say when its case began, or that says a time outside of the run;
 * - a repetition whose cases began in the order of one of the four before it, though the plan that
 *   the seed makes has them in different ones. Workers and CVMs that have to be waited for move
 *   single cases, so pairs of cases are counted that began the other way round: there have to be at
 *   least an eighth as many as in the plan. An honest run of the whole catalogue has about as many
 *   as the plan; one that sent everything in the same order each time has next to none. Of a small
 *   catalogue less is asked: one such pair, and nothing where the plan has fewer than ten. Cases
 *   that workers begin within one millisecond have no order in the records: a pair of them may have
 *   been either way round, and counts for the run.
 *
 * Fills in v->order. The order is not looked at where something was found before.
 */
void cf_verify_order(struct cf_verification *v);

#endif
