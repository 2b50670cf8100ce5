/*
 * What a case file says in few words, written out in the engine's own words.
 *
 *   "script": TEXT        in a request: TEXT uploaded as the pages ask for, one part "file"
 *   "proof": NAME         in a request: X-Compose-Hash with the hash called NAME, and
 *                         X-Transaction-Hash with the transaction that registered it ...
 *   "transaction": VALUE  ... or with VALUE
 *   {"register": NAME}    the hook register-compose-hash, or the one named in "by", for the hash
 *                         called NAME; its transaction is ${NAME.transaction} from then on
 *   {"unregister": NAME}  the hook unregister-compose-hash
 *   {"expire": NAME}      the hook expire-compose-hash
 *
 * The loader has them written out before anything looks at a case, so that whatever runs, edits or
 * judges a step meets the engine's words alone.
 */
#ifndef CF_SUITES_SHORT_FORMS_H
#define CF_SUITES_SHORT_FORMS_H

#include "harness/base/json.h"

/* Write out the short forms of a case (as the loader has it, its steps still unchecked); path leads
 * to the case. Nodes that were written by a person stay nodes, with their lines. Errors: CF_EINPUT,
 * one that is malformed, or stands beside what it is short for. */
CF_MUST_CHECK enum cf_code cf_cvm_short_forms_write_out(const struct cf_json_doc *doc, cJSON *one,
                                                        const char *path, struct cf_err *err);

#endif
