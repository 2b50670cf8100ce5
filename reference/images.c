#include "reference/images.h"

#include "harness/base/json.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS = 3 };

static const struct {
    const char *prod;
    const char *dev; /* NULL: there is none */
} images[] = {
    {"dstack-0.5.3", "dstack-dev-0.5.3"},
    {"dstack-0.5.4", "dstack-dev-0.5.4"},
    {"dstack-0.5.5", "dstack-dev-0.5.5"},
    {"dstack-0.5.6", NULL},
};

/* The three numbers at the end of an image's name. False: there are none. */
static bool read_version(const char *image, long out[PARTS])
{
    const char *dash = strrchr(image, '-');
    const char *p = dash ? dash + 1 : image;
    for (int i = 0; i < PARTS; i++) {
        char *end = NULL;
        out[i] = strtol(p, &end, 10);
        if (end == p || *end != (i + 1 < PARTS ? '.' : '\0'))
            return false;
        p = end + 1;
    }
    return true;
}

bool cf_ref_image_is_older(const char *image, const char *current)
{
    long a[PARTS];
    long b[PARTS];
    if (!read_version(image, a) || !read_version(current, b))
        return false;
    for (int i = 0; i < PARTS; i++) {
        if (a[i] != b[i])
            return a[i] < b[i];
    }
    return false;
}

bool cf_ref_image_is_known(const char *image)
{
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        if (strcmp(image, images[i].prod) == 0 ||
            (images[i].dev && strcmp(image, images[i].dev) == 0))
            return true;
    }
    return false;
}

static void put_image(const char *name, const char *current, struct cf_buf *out)
{
    if (!name) {
        cf_buf_puts(out, "null");
        return;
    }
    cf_buf_puts(out, "{\"name\":");
    cf_json_put_text(out, name);
    cf_buf_printf(out, ",\"os_image_hash\":null,\"is_current\":%s}",
                  strcmp(name, current) == 0 ? "true" : "false");
}

void cf_ref_images_put(const char *current, struct cf_buf *out)
{
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        long version[PARTS] = {0};
        if (!read_version(images[i].prod, version))
            continue;
        cf_buf_printf(out, "%s{\"version\":[%ld,%ld,%ld],\"prod\":", i > 0 ? "," : "[", version[0],
                      version[1], version[2]);
        put_image(images[i].prod, current, out);
        cf_buf_puts(out, ",\"dev\":");
        put_image(images[i].dev, current, out);
        cf_buf_putc(out, '}');
    }
    cf_buf_putc(out, ']');
}
