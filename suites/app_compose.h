/*
 * The app-compose that the read side shows, and its hash: what a CVM boots with, as far as anybody
 * can see from outside.
 */
#ifndef CF_SUITES_APP_COMPOSE_H
#define CF_SUITES_APP_COMPOSE_H

#include "harness/run/run.h"

/* Append a JSON value in canonical form: members sorted by name, no white space, of a text only
 * what has to be escaped, in the short form where there is one. Numbers stay as they are spelt. */
void cf_cvm_put_canonical(struct cf_buf *out, const cJSON *value);

/* Read a CVM's app-compose now, where the profile says that it is shown. *out, the caller's to
 * free, is the SHA-256 of its canonical form, 64 lower-case digits; null where no object is shown
 * (404, another answer than JSON, nowhere at all), which says nothing against the CVM. Errors:
 * CF_ENOTFOUND for any other status, which says nothing at all; CF_ENET and the like. */
CF_MUST_CHECK enum cf_code cf_cvm_app_compose_hash(struct cf_case_run *run, const char *id,
                                                   cJSON **out, struct cf_err *err);

#endif
