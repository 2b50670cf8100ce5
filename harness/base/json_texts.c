#include "harness/base/json_texts.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct cf_json_texts_item {
    struct cf_json_text text; /* first: what a holder has is the item */
    struct cf_json_doc doc;
    char *error;
    char *bytes; /* NULL: not kept */
    size_t len;
    size_t holders;
    unsigned long read; /* when it was, counted in reads */
};

static struct cf_json_texts_item *parse(const char *bytes, size_t len)
{
    struct cf_err err = {0};
    struct cf_json_texts_item *item = cf_alloc(sizeof(*item));
    if (cf_json_parse(&item->doc, "body", bytes, len, 0, &err) != CF_OK)
        item->error = cf_strdup(err.text);
    item->text = (struct cf_json_text){item->doc.root, item->error};
    return item;
}

static void let_go(struct cf_json_texts_item *item)
{
    if (--item->holders > 0)
        return;
    cf_json_release(&item->doc);
    free(item->error);
    free(item->bytes);
    free(item);
}

static struct cf_json_texts_item *find(const struct cf_json_texts *texts, const char *bytes,
                                       size_t len)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct cf_json_texts_item *item = texts->items[i];
        if (item->len == len && memcmp(item->bytes, bytes, len) == 0)
            return item;
    }
    return NULL;
}

/* Without the one that has not been read for longest. */
static void drop_oldest(struct cf_json_texts *texts)
{
    size_t oldest = 0;
    for (size_t i = 1; i < texts->count; i++) {
        if (texts->items[i]->read < texts->items[oldest]->read)
            oldest = i;
    }
    texts->bytes -= texts->items[oldest]->len;
    let_go(texts->items[oldest]);
    texts->items[oldest] = texts->items[--texts->count];
}

static void keep(struct cf_json_texts *texts, struct cf_json_texts_item *item, const char *bytes,
                 size_t len)
{
    while (texts->count == CF_JSON_TEXTS_MAX || texts->bytes > CF_JSON_TEXTS_MAX_BYTES - len)
        drop_oldest(texts);
    item->bytes = cf_memdup(bytes, len);
    item->len = len;
    item->holders++;
    texts->items[texts->count++] = item;
    texts->bytes += len;
}

const struct cf_json_text *cf_json_texts_read(struct cf_json_texts *texts, const char *bytes,
                                              size_t len)
{
    bool keeps = texts && len <= CF_JSON_TEXTS_MAX_BYTES;
    struct cf_json_texts_item *item = keeps ? find(texts, bytes, len) : NULL;
    if (!item) {
        item = parse(bytes, len);
        if (keeps)
            keep(texts, item, bytes, len);
    }
    if (keeps)
        item->read = ++texts->reads;
    item->holders++;
    return &item->text;
}

static struct cf_json_texts_item *item_of(const struct cf_json_text *text)
{
    union {
        const struct cf_json_text *in;
        struct cf_json_texts_item *out;
    } item = {.in = text};
    return item.out;
}

const struct cf_json_text *cf_json_text_hold(const struct cf_json_text *text)
{
    item_of(text)->holders++;
    return text;
}

void cf_json_text_release(const struct cf_json_text *text)
{
    if (text)
        let_go(item_of(text));
}

void cf_json_texts_release(struct cf_json_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        let_go(texts->items[i]);
    *texts = (struct cf_json_texts){.count = 0};
}
