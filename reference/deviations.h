/*
 * Every bug that the reference IUT can be told to have: C identifier, name, the requirement that it
 * breaks, that requirement's level, and one sentence. Each is one mistake that implementers make,
 * and breaks as little else as it can; the place where it would be made asks cf_deviates().
 */
#ifndef CF_REFERENCE_DEVIATIONS_H
#define CF_REFERENCE_DEVIATIONS_H

#include "reference/deviations_body.h"
#include "reference/deviations_flow.h"

#define CF_REF_DEVIATIONS(X)                                                                       \
    CF_REF_DEVIATIONS_ACCEPTED(X)                                                                  \
    CF_REF_DEVIATIONS_PARTIAL(X)                                                                   \
    CF_REF_DEVIATIONS_VALIDATION(X)                                                                \
    CF_REF_DEVIATIONS_AUTH(X)                                                                      \
    CF_REF_DEVIATIONS_CONFLICT(X)                                                                  \
    CF_REF_DEVIATIONS_TWO_PHASE_1(X)                                                               \
    CF_REF_DEVIATIONS_TWO_PHASE_2(X)                                                               \
    CF_REF_DEVIATIONS_PREPARE(X)                                                                   \
    CF_REF_DEVIATIONS_SCRIPT(X)                                                                    \
    CF_REF_DEVIATIONS_ROBUSTNESS(X)                                                                \
    CF_REF_DEVIATIONS_PICS(X)

#endif
