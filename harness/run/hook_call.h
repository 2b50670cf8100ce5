/* The profile's hooks: what the tester asks of whoever runs the implementation, by a request or by
 * a command. */
#ifndef CF_RUN_HOOK_CALL_H
#define CF_RUN_HOOK_CALL_H

#include "harness/base/buf.h"
#include "harness/case/profile.h"
#include "harness/http/client.h"

/*
 * Call the hook of that name, which the profile has, with an object of texts. Its output, JSON
 * text, goes to output (released by the caller, whatever comes back). Errors: those of
 * cf_hook_command() and cf_http_send(); CF_EINPUT (the hook wants an input that is not there),
 * CF_EIO (its URL answered no 2xx), CF_EPROTO (the answer is not what it was to be), CF_ELIMIT (too
 * much output, too many words).
 */
CF_MUST_CHECK enum cf_code cf_hook_call(const struct cf_profile *profile,
                                        struct cf_http_client *client, const char *name,
                                        const cJSON *inputs, struct cf_buf *output,
                                        struct cf_err *err);

#endif
