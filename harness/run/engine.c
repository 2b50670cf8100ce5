#include "harness/run/engine.h"

#include <string.h>

const struct cf_endpoint *cf_engine_endpoint(const struct cf_engine *engine, const char *name)
{
    for (const struct cf_endpoint *e = engine->endpoints; e->name; e++) {
        if (strcmp(e->name, name) == 0)
            return e;
    }
    return NULL;
}
