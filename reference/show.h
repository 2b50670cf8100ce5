/*
 * How a CVM is shown: in the vendor's two shapes, as one of a list, and in full for a tester.
 *
 * Fields that are out of sight (`serve --out-of-sight`) are in none of them.
 */
#ifndef CF_REF_SHOW_H
#define CF_REF_SHOW_H

#include "reference/server.h"

/* X-Phala-Version 2026-01-21 and 2025-10-28: one object. legacy: the older one. */
void cf_ref_show_cvm(const struct cf_ref_server *server, struct cf_ref_cvm *cvm, bool legacy,
                     struct cf_buf *out);

/* The same as an element of a list. */
void cf_ref_show_item(const struct cf_ref_server *server, struct cf_ref_cvm *cvm, bool legacy,
                      struct cf_buf *out);

/* Its state: one object. */
void cf_ref_show_state(const struct cf_ref_cvm *cvm, struct cf_buf *out);

/* The compose document, whole; the field service shows the fields and the name only. */
void cf_ref_show_compose(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                         struct cf_buf *out);

/* Every field in the unit of the PATCH body: one object. */
void cf_ref_show_all(const struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                     struct cf_buf *out);

/* Whether the read side shows the field at all. */
bool cf_ref_shows(const struct cf_ref_server *server, enum cf_ref_field field);

#endif
