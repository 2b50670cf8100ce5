#include "cli/openapi/drift_findings.h"
#include "cli/openapi/elements.h"
#include "harness/base/mem.h"

#include <stdlib.h>

enum { FINDINGS_MAX = 5000 };

void cf_drift_keep(struct cf_drift *drift, enum cf_drift_kind kind, struct cf_buf *text)
{
    drift->of_kind[kind]++;
    if (drift->count < FINDINGS_MAX) {
        drift->items = cf_grow(drift->items, drift->count, &drift->cap, sizeof(*drift->items));
        drift->items[drift->count++] =
            (struct cf_drift_finding){.kind = kind, .text = cf_buf_take(text, NULL)};
    }
    cf_buf_release(text);
}

void cf_compare_find(const struct cf_compare *c, enum cf_drift_kind kind, const char *place,
                     const char *fmt, ...)
{
    struct cf_buf text = {0};
    struct cf_buf requirements = {0};
    va_list args;
    cf_buf_printf(&text, "%s: ", c->endpoint);
    va_start(args, fmt);
    cf_buf_vprintf(&text, fmt, args);
    va_end(args);
    if (place)
        cf_elements_put_requirements(c->elements, c->page, place, &requirements);
    if (requirements.len > 0)
        cf_buf_printf(&text, " (%s)", cf_buf_text(&requirements));
    cf_drift_keep(c->drift, kind, &text);
    cf_buf_release(&requirements);
}

void cf_drift_release(struct cf_drift *drift)
{
    for (size_t i = 0; i < drift->count; i++)
        free(drift->items[i].text);
    free(drift->items);
    *drift = (struct cf_drift){0};
}
