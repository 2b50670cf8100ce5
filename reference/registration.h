/* The answer to phase 1: what is to be registered, and with whom. */
#ifndef CF_REF_REGISTRATION_H
#define CF_REF_REGISTRATION_H

#include "reference/server.h"

/* 465 for an update just prepared. The reason is CF_REF_REASON_PHASE_1. */
void cf_ref_registration_answer(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                                const struct cf_ref_prepared *prepared,
                                struct cf_ref_answer *answer);

#endif
