#include "harness/base/name.h"

#include <string.h>

bool cf_name_known(const char *const *names, const char *name)
{
    for (; names && *names; names++) {
        if (cf_name_is(*names, name))
            return true;
    }
    return false;
}

enum { NAME_MAX_BYTES = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned cf_name_distance(const char *a, const char *b)
{
    size_t len_a = strnlen(a, NAME_MAX_BYTES);
    size_t len_b = strnlen(b, NAME_MAX_BYTES);
    unsigned rows[3][NAME_MAX_BYTES + 1]; /* of this letter of a, and of the two before */
    for (unsigned j = 0; j <= len_b; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= len_a; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *higher = rows[(i + 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= len_b; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], higher[j - 2] + 1);
        }
    }
    return rows[len_a % 3][len_b];
}

void cf_nearest_offer(struct cf_nearest *nearest, const char *wanted, const char *name)
{
    unsigned distance = cf_name_distance(wanted, name);
    if (nearest->name && distance >= nearest->distance)
        return;
    nearest->name = name;
    nearest->distance = distance;
}

const char *cf_name_nearest(const char *const *names, const char *name)
{
    struct cf_nearest nearest = {0};
    for (; names && *names; names++)
        cf_nearest_offer(&nearest, name, *names);
    return nearest.distance * 2 <= strlen(name) + 1 ? nearest.name : NULL;
}
