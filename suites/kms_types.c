#include "suites/kms_types.h"

#include <stddef.h>
#include <string.h>

const char *cf_cvm_kms_kind(const char *type)
{
    static const struct {
        const char *type, *kind;
    } known[] = {{"phala", "managed"}, {"ethereum", "contract_owned"}, {"base", "contract_owned"}};
    for (size_t i = 0; type && i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(type, known[i].type) == 0)
            return known[i].kind;
    }
    return NULL;
}
