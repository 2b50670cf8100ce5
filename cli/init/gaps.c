#include "cli/init/gaps.h"
#include "harness/base/mem.h"
#include "reports/escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cf_gap_add(struct cf_gaps *gaps, const char *pointer, const char *fmt, ...)
{
    struct cf_buf text = {0};
    va_list args;
    va_start(args, fmt);
    cf_buf_vprintf(&text, fmt, args);
    va_end(args);
    gaps->items = cf_grow(gaps->items, gaps->count, &gaps->cap, sizeof(*gaps->items));
    gaps->items[gaps->count++] = (struct cf_gap){cf_strdup(pointer), cf_buf_take(&text, NULL)};
}

void cf_gaps_release(struct cf_gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++) {
        free(gaps->items[i].pointer);
        free(gaps->items[i].text);
    }
    free(gaps->items);
    *gaps = (struct cf_gaps){0};
}

/* The node at the pointer, or the nearest above it; NULL where that is the whole. */
static const cJSON *place_of(const struct cf_json_doc *doc, const char *pointer)
{
    char *path = cf_strdup(pointer);
    const cJSON *node = NULL;
    while (!node && *path != '\0') {
        node = cf_json_at(doc->root, path);
        *strrchr(path, '/') = '\0';
    }
    free(path);
    return node;
}

void cf_gaps_print(const struct cf_gaps *gaps, const struct cf_json_doc *doc)
{
    struct cf_buf line = {0};
    for (size_t i = 0; i < gaps->count; i++) {
        const struct cf_gap *gap = &gaps->items[i];
        const cJSON *place = place_of(doc, gap->pointer);
        cf_buf_reset(&line);
        if (place)
            cf_buf_printf(&line, "%s:%d: ", doc->name, cf_json_line(doc, place));
        cf_buf_puts(&line, gap->text);
        struct cf_buf shown = {0};
        cf_report_escape_terminal(&shown, cf_buf_text(&line), line.len, 1000);
        printf("  %s\n", cf_buf_text(&shown));
        cf_buf_release(&shown);
    }
    cf_buf_release(&line);
}
