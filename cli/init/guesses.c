#include "cli/init/guesses.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GB = 1024,
    DISK_STEP = 10 * GB,
    DISK_STEPS = 6,
    IMAGES_MAX = 64,
    IMAGE_BYTES = 201,
    VERSION_PARTS = 4 /* a build is the fourth, where there is one */
};

/* ---- numbers ---- */

static int by_size(const void *a, const void *b)
{
    long long x = *(const long long *)a;
    long long y = *(const long long *)b;
    return (x > y) - (x < y);
}

/* What a field is set to, in ascending order. The caller frees it. */
static long long *sizes_of(const cJSON *current, size_t *count)
{
    long long *sizes = cf_alloc_array((size_t)cJSON_GetArraySize(current) + 1, sizeof(*sizes));
    const cJSON *item;
    *count = 0;
    cJSON_ArrayForEach(item, current)
    {
        if (cf_json_is_integer(item) && item->valuedouble >= 1 && item->valuedouble < 1e12)
            sizes[(*count)++] = (long long)item->valuedouble;
    }
    qsort(sizes, *count, sizeof(*sizes), by_size);
    return sizes;
}

static void add_number(cJSON *list, long long value)
{
    cJSON_AddItemToArray(list, cf_json_new_integer(value));
}

/* Two sizes or more: those that there are, and where that is one, half or twice as much. */
static cJSON *both_ways(const cJSON *current, long long usual, long long least_halved)
{
    size_t count;
    long long *sizes = sizes_of(current, &count);
    cJSON *list = cJSON_CreateArray();
    long long one = count > 0 ? sizes[0] : usual;
    if (count < 2 && one >= least_halved && one % 2 == 0)
        add_number(list, one / 2);
    for (size_t i = 0; i < count; i++)
        add_number(list, sizes[i]);
    if (count == 0)
        add_number(list, usual);
    if (cJSON_GetArraySize(list) < 2)
        add_number(list, one * 2);
    free(sizes);
    return list;
}

static cJSON *new_upwards(cJSON *list)
{
    cJSON *value = cJSON_CreateObject();
    cJSON_AddItemToObject(value, "upwards", list);
    return value;
}

static cJSON *guess_vcpu(struct cf_survey *survey, int field)
{
    return both_ways(survey->current[field], 1, 2);
}

static cJSON *guess_memory(struct cf_survey *survey, int field)
{
    return both_ways(survey->current[field], 2 * (long long)GB, 4 * (long long)GB);
}

static cJSON *guess_disk(struct cf_survey *survey, int field)
{
    size_t count;
    long long *sizes = sizes_of(survey->current[field], &count);
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        add_number(list, sizes[i]);
    for (long long step = 1; count > 0 && step <= DISK_STEPS; step++)
        add_number(list, sizes[count - 1] + step * DISK_STEP);
    free(sizes);
    if (count == 0) {
        cf_gap_add(survey->gaps, "/pixit/values",
                   "disk_size: its current value is not shown; list values in MB, or "
                   "{\"upwards\": [...]} where a disk cannot shrink");
        return list;
    }
    cf_gap_add(survey->gaps, "/pixit/values/disk_size",
               "disk_size only grows, in steps of 10 GB, and stays so; where disks can shrink, a "
               "plain list tests more and is put back");
    return new_upwards(list);
}

/* ---- images ---- */

struct image {
    char name[IMAGE_BYTES];
    double version[VERSION_PARTS];
    bool dev;
};

static const char *name_of(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring
                                : cf_json_text(item, "name", cf_json_text(item, "slug", NULL));
}

static void add_image(struct image *images, size_t *count, const cJSON *item, const cJSON *version,
                      bool dev)
{
    const char *name = name_of(item);
    if (!name || *name == '\0' || strlen(name) >= IMAGE_BYTES || *count == IMAGES_MAX ||
        !cf_json_bool(item, "enabled", true))
        return;
    struct image *image = &images[(*count)++];
    *image = (struct image){.dev = dev};
    snprintf(image->name, sizeof(image->name), "%s", name);
    for (int i = 0; i < VERSION_PARTS; i++) {
        const cJSON *part = cJSON_GetArrayItem(version, i);
        image->version[i] = cJSON_IsNumber(part) ? part->valuedouble : 0;
    }
}

static int by_version(const void *a, const void *b)
{
    const struct image *x = a;
    const struct image *y = b;
    for (int i = 0; i < VERSION_PARTS; i++) {
        if (x->version[i] != y->version[i])
            return x->version[i] < y->version[i] ? -1 : 1;
    }
    return 0;
}

/* The images of a page: an array, or an object with one under "items" or "images"; each a text, an
 * object with a name, or one with a name for production and one for development. */
static size_t list_images(const cJSON *root, struct image *images)
{
    const cJSON *list = cJSON_IsArray(root) ? root : cf_json_get(root, "items");
    const cJSON *item;
    size_t count = 0;
    if (!cJSON_IsArray(list))
        list = cf_json_get(root, "images");
    cJSON_ArrayForEach(item, list)
    {
        const cJSON *version = cf_json_get(item, "version");
        add_image(images, &count, item, version, false);
        add_image(images, &count, cf_json_get(item, "prod"), version, false);
        add_image(images, &count, cf_json_get(item, "dev"), version, true);
    }
    qsort(images, count, sizeof(*images), by_version);
    return count;
}

static const struct image *find_image(const struct image *images, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(images[i].name, name) == 0)
            return &images[i];
    }
    return NULL;
}

/* From the lowest image that one of our CVMs has upwards, in its line. */
static cJSON *upwards_from(const cJSON *current, const struct image *images, size_t count)
{
    cJSON *list = cJSON_CreateArray();
    const cJSON *name;
    const struct image *lowest = NULL;
    cJSON_ArrayForEach(name, current)
    {
        const struct image *image =
            cJSON_IsString(name) ? find_image(images, count, name->valuestring) : NULL;
        if (image && (!lowest || by_version(image, lowest) < 0))
            lowest = image;
    }
    if (!lowest && cJSON_IsString(current->child))
        cJSON_AddItemToArray(list, cJSON_CreateString(current->child->valuestring));
    for (size_t i = 0; i < count; i++) {
        bool higher = !lowest || &images[i] == lowest || by_version(&images[i], lowest) > 0;
        if (higher && images[i].dev == (lowest && lowest->dev) &&
            find_image(images, count, images[i].name) == &images[i])
            cJSON_AddItemToArray(list, cJSON_CreateString(images[i].name));
    }
    return list;
}

static cJSON *guess_image(struct cf_survey *survey, int field)
{
    struct image images[IMAGES_MAX];
    size_t count = 0;
    const struct cf_look_answer *answer = NULL;
    for (size_t i = 0; i < survey->cvm_count && count == 0; i++) {
        if (!cf_survey_is_ours(&survey->cvms[i]))
            continue;
        answer = cf_survey_page(survey, &survey->cvms[i],
                                "/api/v1/cvms/{cvm_id}/available-os-images", survey->preset);
        count = answer->status == 200 ? list_images(answer->doc.root, images) : 0;
    }
    cJSON *list = upwards_from(survey->current[field], images, count);
    if (cJSON_GetArraySize(list) >= 2) {
        cf_gap_add(survey->gaps, "/pixit/values/image",
                   "image only goes up, and stays so; where it can be downgraded, a plain list "
                   "tests more and is put back");
        return new_upwards(list);
    }
    cJSON_Delete(list);
    if (count >= 2)
        cf_gap_add(survey->gaps, "/pixit/values/image",
                   "none of %zu images is known to be newer than the CVMs' own; list two that the "
                   "CVMs may have, or {\"upwards\": [...]}",
                   count);
    else
        cf_gap_add(survey->gaps, "/pixit/values/image",
                   "no two images are known (%s); list two that the CVMs may have",
                   answer ? answer->why : "no CVM");
    return cJSON_CreateArray();
}

/* ---- the rest ---- */

/* A secret that the service can only be sent. */
static cJSON *guess_encrypted_env(struct cf_survey *survey, int field)
{
    static const char *const made_up[] = {"00112233445566778899aabbccddeeff",
                                          "8badf00d0ddba11c0ffee0ddf00dcafe15600d"};
    (void)field;
    cf_gap_add(survey->gaps, "/pixit/values/encrypted_env",
               "encrypted_env is made up, and the CVMs keep it; where the service decrypts it, "
               "list values that were encrypted for these CVMs");
    return cJSON_CreateStringArray(made_up, 2);
}

static cJSON *gpu_list(const cJSON *gpus)
{
    return cJSON_IsArray(gpus) ? cJSON_Duplicate(gpus, 1)
                               : cJSON_Duplicate(cf_json_get(gpus, "gpus"), 1);
}

static bool has_slots(const cJSON *list)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (!cf_json_text(item, "slot", NULL))
            return false;
    }
    return cJSON_GetArraySize(list) > 0;
}

/* Nothing and what is there now, where that can be put back by its slots. */
static cJSON *guess_gpus(struct cf_survey *survey, int field)
{
    cJSON *values = cJSON_CreateArray();
    const cJSON *now = survey->current[field]->child;
    cJSON *list = gpu_list(now);
    bool put_back = !now || !now->next;
    if (put_back && has_slots(list)) {
        cJSON *some = cJSON_CreateObject();
        cJSON *none = cJSON_CreateObject();
        cJSON_AddItemToObject(none, "gpus", cJSON_CreateArray());
        cJSON_AddItemToObject(some, "gpus", list);
        cJSON_AddItemToArray(values, none);
        cJSON_AddItemToArray(values, some);
        return values;
    }
    cJSON_Delete(list);
    cf_gap_add(survey->gaps, "/pixit/values/gpus",
               "gpus are left alone, as their slots are not shown; list two values such as "
               "{\"gpus\": []} and {\"gpus\": [{\"slot\": \"...\"}]}, or pass --value "
               "gpus=[...]");
    return values;
}

static const struct {
    const char *field;
    cJSON *(*guess)(struct cf_survey *survey, int field);
} guesses[] = {
    {"encrypted_env", guess_encrypted_env},
    {"gpus", guess_gpus},
    {"vcpu", guess_vcpu},
    {"memory", guess_memory},
    {"disk_size", guess_disk},
    {"image", guess_image},
};

/* FIELD=JSON into out. */
static enum cf_code take_given(const char *text, cJSON *out, struct cf_err *err)
{
    const char *equals = strchr(text, '=');
    char *field = equals ? cf_strndup(text, (size_t)(equals - text)) : cf_strdup(text);
    struct cf_json_doc doc = {0};
    enum cf_code code = CF_OK;
    if (!equals || cf_cvm_field_index(field) < 0) {
        const char *near = cf_name_nearest(cf_cvm_field_names, field);
        code = cf_err_set(err, CF_EINPUT, "wanted: FIELD=JSON, not \"%s\"%s%s", text,
                          near ? "; did you mean " : "", near ? near : "");
    } else {
        code = cf_json_parse(&doc, field, equals + 1, strlen(equals + 1), CF_JSON_FILE, err);
    }
    if (code == CF_OK) {
        cJSON_DeleteItemFromObjectCaseSensitive(out, field);
        cJSON_AddItemToObject(out, field, cJSON_Duplicate(doc.root, 1));
    }
    cf_json_release(&doc);
    free(field);
    return code == CF_OK ? CF_OK : cf_err_prefix(err, "--value");
}

enum cf_code cf_init_values(struct cf_survey *survey, const char *const *given, cJSON **out,
                            struct cf_err *err)
{
    cJSON *values = cJSON_CreateObject();
    for (; given && *given; given++) {
        enum cf_code code = take_given(*given, values, err);
        if (code != CF_OK) {
            cJSON_Delete(values);
            return code;
        }
    }
    for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
        int field = cf_cvm_field_index(guesses[i].field);
        if (!cf_json_get(values, guesses[i].field))
            cJSON_AddItemToObject(values, guesses[i].field, guesses[i].guess(survey, field));
    }
    *out = values;
    return CF_OK;
}
