#include "harness/base/name.h"

#include <string.h>

bool cf_name_known(const char *const *names, const char *name)
{
    for (; names && *names; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

unsigned cf_name_distance(const char *a, const char *b)
{
    enum { MAX = 64 };
    size_t len_a = strnlen(a, MAX);
    size_t len_b = strnlen(b, MAX);
    unsigned row[MAX + 1];
    for (unsigned j = 0; j <= len_b; j++)
        row[j] = j;
    for (unsigned i = 1; i <= len_a; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= len_b; j++) {
            unsigned replace = diagonal + (a[i - 1] != b[j - 1]);
            unsigned other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replace < other ? replace : other;
        }
    }
    return row[len_b];
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
