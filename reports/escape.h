/*
 * One function for each place that foreign text goes to.
 *
 * Texts in a run record come from the implementation under test: they may hold control bytes, bytes
 * that are not UTF-8, markup, and characters that make a reader see another text than is there.
 * Nothing of a record enters a report except through one of these (or cf_json_put_string()). All
 * append to out and never fail but by out's sticky code.
 */
#ifndef CF_REPORTS_ESCAPE_H
#define CF_REPORTS_ESCAPE_H

#include "harness/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a code point must not be shown as it is: control characters (newline and tab too), and
 * those that reorder or hide text (bidirectional controls, zero-width, line separators, tags). */
bool cf_report_escape_is_awkward(uint32_t code_point);

/* For a terminal and for plain text: one line; awkward characters as \n, \t, \xNN or \u{N}, bytes
 * that are not UTF-8 as \xNN. A text longer than max_bytes (0: no limit) is cut, and says how long
 * it was. */
void cf_report_escape_terminal(struct cf_buf *out, const char *bytes, size_t len, size_t max_bytes);

/* For XML text, or for an attribute between double quotes. Characters that XML 1.0 (production 2)
 * forbids are left out, bytes that are not UTF-8 become U+FFFD. All beyond ASCII are references,
 * for readers that guess at encodings. */
void cf_report_escape_xml(struct cf_buf *out, const char *bytes, size_t len, bool attribute);

/* For HTML text and quoted attributes. */
void cf_report_escape_html(struct cf_buf *out, const char *bytes, size_t len);

/* For a shell word, always one line: bare, 'single quoted', or $'with escapes' (bash, zsh, ksh)
 * where it holds awkward characters. bytes hold no NUL. */
void cf_report_escape_shell(struct cf_buf *out, const char *bytes, size_t len);

#endif
