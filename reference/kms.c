#include "reference/kms.h"

void cf_ref_kms_info_put(const struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    static const char *const slugs[] = {"kms-phala", "kms-ethereum", "kms-base"};
    static const char *const chains[] = {"null", "1", "8453"};
    const char *slug = slugs[cvm->kms];
    cf_buf_printf(out, "{\"id\":\"%s-1\",\"slug\":\"%s\",\"url\":\"https://%s.example\"", slug,
                  slug, slug);
    cf_buf_printf(out, ",\"version\":\"0.5.5\",\"chain_id\":%s", chains[cvm->kms]);
    if (cvm->kms != CF_REF_KMS_PHALA)
        cf_buf_printf(out, ",\"kms_contract_address\":\"0x%040d\",\"dstack_app_address\":\"0x%s\"",
                      7, cvm->app_id);
    else
        cf_buf_puts(out, ",\"kms_contract_address\":null,\"dstack_app_address\":null");
    cf_buf_printf(out, ",\"gateway_app_id\":\"0x%040d\"}", 9);
}
