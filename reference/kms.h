/* What a CVM tells about the service that holds its keys. */
#ifndef CF_REF_KMS_H
#define CF_REF_KMS_H

#include "harness/base/buf.h"
#include "reference/cvm.h"

/* Append the kms_info object of a CVM. */
void cf_ref_kms_info_put(const struct cf_ref_cvm *cvm, struct cf_buf *out);

#endif
