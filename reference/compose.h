/*
 * The app-compose document of a CVM and its hash: what a contract-owned KMS has on its allow list.
 */
#ifndef CF_REF_COMPOSE_H
#define CF_REF_COMPOSE_H

#include "harness/base/digest.h"
#include "reference/field.h"

/*
 * Append the document of a CVM called name, as it is (update NULL) or as it would be after update:
 * canonical JSON, keys sorted, no white space. Only fields that are part of the compose count.
 */
void cf_ref_compose_put(const char *name, const struct cf_ref_settings *settings,
                        const struct cf_ref_update *update, struct cf_buf *out);

/* The members of it that no field sets, with their commas, but for the name. */
extern const char cf_ref_compose_fixed[];

/* SHA-256 of that document in lower-case hexadecimal. */
void cf_ref_compose_hash(const char *name, const struct cf_ref_settings *settings,
                         const struct cf_ref_update *update, char out_hash[CF_SHA256_HEX]);

/* Read 32 bytes in hexadecimal, with or without 0x, in either case, as 64 lower-case digits.
 * False, and nothing written, for any other text and for NULL. */
bool cf_ref_hash_read(const char *text, char out_hash[CF_SHA256_HEX]);

/* The same for 20 bytes, an app id: 40 digits. */
bool cf_ref_address_read(const char *text, char out_address[41]);

#endif
