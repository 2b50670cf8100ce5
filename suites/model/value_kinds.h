/* What is to be known of a value by itself: whether a server may refuse it, and what it belongs to.
 * Each is a member of the fields of a request: its name is the field's. */
#ifndef CF_SUITES_MODEL_VALUE_KINDS_H
#define CF_SUITES_MODEL_VALUE_KINDS_H

#include "harness/base/json.h"

/* What a text holds that was never sent before: CF_CVM_MODEL_MARK and ten hexadecimal digits. Where
 * the first one is in text; NULL without one. */
#define CF_CVM_MODEL_MARK "fresh"
enum { CF_CVM_MODEL_MARK_DIGITS = 10, CF_CVM_MODEL_MARK_BYTES = 15 };
const char *cf_cvm_model_find_mark(const char *text);
/* Whether it is a text with a mark, or a list that begins with one. */
bool cf_cvm_value_is_marked(const cJSON *value);
bool cf_cvm_value_is_empty_text(const cJSON *value);

/* Of the compose hash, and that for certain: the pages say so of the two files alone. */
bool cf_cvm_value_affects_hash(const cJSON *value);
bool cf_cvm_value_is_file(const cJSON *value);
/* What the pages say nothing of: null for all fields but one, what no machine has, and what is no
 * field of an update. */
bool cf_cvm_value_is_open(const cJSON *value);

/* Whether some of the fields is such a value. */
bool cf_cvm_values_affect_hash(const cJSON *fields);
bool cf_cvm_values_open(const cJSON *fields);
/* What no machine has: it may be found out while the operation runs, which fails then. */
bool cf_cvm_values_impossible(const cJSON *fields);
/* No field of an update: whether it is ignored or refused, it changes nothing of what a CVM is. */
bool cf_cvm_values_strange(const cJSON *fields);
/* One that rules of a server's own may refuse: lengths and forms of texts, sizes beyond 32 bits. */
bool cf_cvm_values_ruled(const cJSON *fields);
/* One of which a 422 may say that it is not valid. */
bool cf_cvm_values_invalid(const cJSON *fields);

#endif
