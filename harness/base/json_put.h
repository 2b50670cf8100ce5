/*
 * Writing JSON straight into a buffer, member after member, without a tree.
 *
 * Each function puts the comma that its place needs: it looks at the last byte written, so that
 * writers neither count nor branch. What is appended by hand in between must be a whole value.
 */
#ifndef CF_BASE_JSON_PUT_H
#define CF_BASE_JSON_PUT_H

#include "harness/base/json.h"

/* Append a comma unless a value here would be the first (after '{', '[', ':' or nothing). Call it
 * before an element of an array. */
void cf_json_put_comma(struct cf_buf *out);
/* Append "key": with its comma; a value must follow. key is a name of ours, without escapes. */
void cf_json_put_key(struct cf_buf *out, const char *key);
/* Append a member: the text, or null for NULL. */
void cf_json_put_text_member(struct cf_buf *out, const char *key, const char *text);
void cf_json_put_bool_member(struct cf_buf *out, const char *key, bool value);
void cf_json_put_count_member(struct cf_buf *out, const char *key, unsigned long long value);
void cf_json_put_int_member(struct cf_buf *out, const char *key, long long value);
/* Milliseconds, to the microsecond; 0 for what is not finite. */
void cf_json_put_ms_member(struct cf_buf *out, const char *key, double ms);

/* Append JSON text, which must be valid, without white space between its tokens: one line. */
void cf_json_put_compact(struct cf_buf *out, const char *bytes, size_t len);
/* Append foreign JSON text compactly; what is not JSON, or nested too deeply, is appended
 * as a string holding it. NULL appends null. */
void cf_json_put_foreign(struct cf_buf *out, const char *text, int depth_max);

#endif
