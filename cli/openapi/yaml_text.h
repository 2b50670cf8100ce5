/*
 * YAML as JSON text, over libyaml: one document of maps, lists and scalars by the core schema of
 * YAML 1.2 ("no" and "1.10" in quotes are texts, keys always are).
 *
 * Anchors and aliases are refused: they make small files huge, and documents of APIs do without.
 */
#ifndef CF_CLI_OPENAPI_YAML_TEXT_H
#define CF_CLI_OPENAPI_YAML_TEXT_H

#include "harness/base/buf.h"

/* Append to json, whose maximum is the limit of what comes out. Errors: CF_EINPUT (not YAML, no
 * document or more than one, anchors: "NAME:LINE:COLUMN: ..."), CF_ELIMIT (too deep, too long). */
CF_MUST_CHECK enum cf_code cf_yaml_to_json(const char *name, const char *bytes, size_t len,
                                           struct cf_buf *json, struct cf_err *err);

#endif
