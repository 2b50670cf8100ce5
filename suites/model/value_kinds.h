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
/* The member of a name that nobody has a use for. */
#define CF_CVM_MODEL_NO_FIELD "no_such_field"
bool cf_cvm_value_is_of_no_field(const cJSON *value);
/* What the pages say nothing of: null for all fields but one, what no machine has, and what is no
 * field of an update but may be one of something else. */
bool cf_cvm_value_is_open(const cJSON *value);

/* Whether some of the fields is such a value. */
bool cf_cvm_values_affect_hash(const cJSON *fields);
bool cf_cvm_values_open(const cJSON *fields);
/* What no machine has: it may be found out while the operation runs, which fails then. */
bool cf_cvm_values_impossible(const cJSON *fields);
/* No field of an update: whether it is ignored or refused, it changes nothing of what a CVM is. */
bool cf_cvm_values_strange(const cJSON *fields);
/* One that rules of a server's own may refuse: lengths and forms of texts, sizes beyond 32 bits, a
 * member that nobody knows. */
bool cf_cvm_values_ruled(const cJSON *fields);
/* ... but not as invalid: an attach_mode that nobody knows, which fits the schema. */
bool cf_cvm_values_fit(const cJSON *fields);
/* What the pages leave open of a commit: the parts of the hash that they do not name. */
bool cf_cvm_values_commit_openly(const cJSON *fields);
/* One of which a 422 may say that it is not valid. */
bool cf_cvm_values_invalid(const cJSON *fields);

#endif
