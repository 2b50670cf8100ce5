/* The words for types of KMS, and what they make of a CVM. */
#ifndef CF_SUITES_KMS_TYPES_H
#define CF_SUITES_KMS_TYPES_H

/* The kind of fixture ("managed", "contract_owned") that a CVM with that kms_type is; NULL for a
 * word that is not known, and for NULL. */
const char *cf_cvm_kms_kind(const char *type);

#endif
