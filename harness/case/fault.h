/* Faults of the IUT that a profile's hooks begin and end (see struct cf_fault). */
#ifndef CF_CASE_FAULT_H
#define CF_CASE_FAULT_H

#include "harness/case/catalogue.h"
#include "harness/case/domain.h"

/* The fault that the hook begins or ends; NULL: it is another hook. */
const struct cf_fault *cf_fault_of_hook(const struct cf_vocabulary *vocabulary, const char *hook);

/* The fault that a step of the case begins or ends; NULL: none. */
const struct cf_fault *cf_fault_of_case(const struct cf_vocabulary *vocabulary,
                                        const struct cf_case *one);

#endif
