/*
 * From the JSON tree of an update body to the update it asks for, or to the rows of a 422.
 *
 * The checks are those of the contract's schema (update-cvm, UpdateCvmRequest) read as JSON Schema
 * 2020-12: 4.0 is an integer, "4" is none. Every fault is found, not only the first.
 */
#ifndef CF_REF_VALIDATE_H
#define CF_REF_VALIDATE_H

#include "reference/detail.h"
#include "reference/field.h"

/*
 * Validate body, whatever kind of node it is. Faults go to detail; out gets every field that is
 * valid by itself, also when others are not, so that a caller who forgets to look at detail applies
 * half a request (which is what one deviation does). out must be zeroed; release it in any case.
 */
void cf_ref_validate(const struct cf_ref_switches *on, const cJSON *body, struct cf_ref_update *out,
                     struct cf_ref_detail *detail);

#endif
