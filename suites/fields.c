#include "suites/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct cf_field cf_fields[CF_FIELD_COUNT] = {
    {"docker_compose_file", CF_FIELD_TEXT, true, false, true, 0},
    {"pre_launch_script", CF_FIELD_TEXT, true, false, true, 0},
    {"allowed_envs", CF_FIELD_NAMES, true, false, true, 0},
    {"public_logs", CF_FIELD_BOOLEAN, true, false, true, 0},
    {"public_sysinfo", CF_FIELD_BOOLEAN, true, false, true, 0},
    {"public_tcbinfo", CF_FIELD_BOOLEAN, true, false, true, 0},
    {"encrypted_env", CF_FIELD_HEX, false, true, true, 0},
    {"user_config", CF_FIELD_TEXT, false, false, true, 0},
    {"gpus", CF_FIELD_GPUS, false, true, true, 0},
    {"vcpu", CF_FIELD_INTEGER, false, true, true, 0},
    {"memory", CF_FIELD_INTEGER, false, true, true, 0},
    {"disk_size", CF_FIELD_INTEGER, false, true, true, 0},
    {"image", CF_FIELD_TEXT, false, true, true, 0},
    {"shutdown_timeout", CF_FIELD_INTEGER, false, false, true, 10},
    {"allow_force_stop", CF_FIELD_BOOLEAN, false, false, false, 0},
};

int cf_field_index(const char *name)
{
    for (int i = 0; i < CF_FIELD_COUNT; i++) {
        if (strcmp(cf_fields[i].name, name) == 0)
            return i;
    }
    return -1;
}

/* ---- comparing ---- */

static bool is_none(const cJSON *value)
{
    return !value || cJSON_IsNull(value) ||
           (cJSON_IsString(value) && value->valuestring[0] == '\0') ||
           (cJSON_IsArray(value) && !value->child);
}

static const char *hex_digits(const cJSON *value)
{
    const char *text = value->valuestring;
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : text;
}

static int count_equal(const cJSON *list, const cJSON *wanted)
{
    int count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) count += cf_json_equal(item, wanted);
    return count;
}

static bool same_names(const cJSON *read, const cJSON *asked)
{
    const cJSON *name;
    if (cJSON_GetArraySize(read) != cJSON_GetArraySize(asked))
        return false;
    cJSON_ArrayForEach(name, asked)
    {
        if (count_equal(read, name) != count_equal(asked, name))
            return false;
    }
    return true;
}

/* A reading of GPUs: the list itself, or an object that holds it. */
static const cJSON *gpu_list(const cJSON *gpus)
{
    return cJSON_IsArray(gpus) ? gpus : cf_json_get(gpus, "gpus");
}

static bool same_gpu(const cJSON *read, const cJSON *asked)
{
    const cJSON *product = cf_json_get(asked, "product_id");
    const char *slot = cf_json_text(asked, "slot", "");
    const char *read_slot =
        cJSON_IsString(read) ? read->valuestring : cf_json_text(read, "slot", "");
    return strcmp(slot, read_slot) == 0 &&
           (is_none(product) || !cf_json_get(read, "product_id") ||
            cf_json_equal(cf_json_get(read, "product_id"), product));
}

static bool same_gpus(const cJSON *read, const cJSON *asked)
{
    const cJSON *mode = cf_json_get(asked, "attach_mode");
    const cJSON *read_mode = cf_json_get(read, "attach_mode");
    const cJSON *left = gpu_list(read);
    const cJSON *right = gpu_list(asked);
    if (cJSON_GetArraySize(left) != cJSON_GetArraySize(right))
        return false;
    if (mode && read_mode && !cf_json_equal(mode, read_mode))
        return false;
    left = left ? left->child : NULL;
    right = right ? right->child : NULL;
    for (; left && right; left = left->next, right = right->next) {
        if (!same_gpu(left, right))
            return false;
    }
    return true;
}

/* A number below the least legal one can only stand for none, as 0 does for no timeout. */
static bool means_none(const struct cf_field *field, const cJSON *value)
{
    return is_none(value) || (cJSON_IsNumber(value) && value->valuedouble < field->least);
}

bool cf_field_same(const struct cf_field *field, const cJSON *read, const cJSON *asked)
{
    if (means_none(field, read) || means_none(field, asked)) {
        if (field->kind == CF_FIELD_GPUS)
            return cJSON_GetArraySize(gpu_list(read)) == cJSON_GetArraySize(gpu_list(asked));
        return means_none(field, read) && means_none(field, asked);
    }
    switch (field->kind) {
    case CF_FIELD_NAMES:
        return cJSON_IsArray(read) && cJSON_IsArray(asked) && same_names(read, asked);
    case CF_FIELD_GPUS:
        return same_gpus(read, asked);
    case CF_FIELD_HEX:
        return cJSON_IsString(read) && cJSON_IsString(asked) &&
               strcasecmp(hex_digits(read), hex_digits(asked)) == 0;
    default:
        return cf_json_equal(read, asked);
    }
}

bool cf_field_readable(const struct cf_field *field, const cJSON *read)
{
    if (is_none(read))
        return true;
    switch (field->kind) {
    case CF_FIELD_BOOLEAN:
        return cJSON_IsBool(read);
    case CF_FIELD_INTEGER:
        return cJSON_IsNumber(read);
    case CF_FIELD_NAMES:
        return cJSON_IsArray(read);
    case CF_FIELD_GPUS:
        return cJSON_IsArray(gpu_list(read));
    default:
        return cJSON_IsString(read);
    }
}

/* ---- rows ---- */

static const char *kind_name(enum cf_field_kind kind)
{
    static const char *const names[] = {"text", "hex", "boolean", "integer", "names", "gpus"};
    return names[kind];
}

static cJSON *add_row(cJSON *rows, const char *id)
{
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(rows, row);
    cJSON_AddStringToObject(row, "id", id);
    return row;
}

cJSON *cf_rows_fields(void)
{
    cJSON *rows = cJSON_CreateArray();
    for (int i = 0; i < CF_FIELD_COUNT; i++) {
        cJSON *row = add_row(rows, cf_fields[i].name);
        cJSON_AddStringToObject(row, "field", cf_fields[i].name);
        cJSON_AddStringToObject(row, "kind", kind_name(cf_fields[i].kind));
    }
    return rows;
}

/*
 * Pairwise covering over presence: for every two fields, each of {both, only the first, only the
 * second, neither} occurs in some row. Greedy: the row that covers most of what is left, out of
 * a fixed pseudo-random set of candidates, until nothing is left; rows without any field are no
 * update and are left out (the pair "neither" is covered by others).
 */
enum { CANDIDATES = 400 };

static unsigned next_mask(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return (*state >> 12) & ((1u << CF_FIELD_COUNT) - 1);
}

static int new_pairs(unsigned mask, unsigned char covered[CF_FIELD_COUNT][CF_FIELD_COUNT],
                     bool mark)
{
    int count = 0;
    for (int a = 0; a < CF_FIELD_COUNT; a++) {
        for (int b = a + 1; b < CF_FIELD_COUNT; b++) {
            unsigned char bit = (unsigned char)(1u << ((mask >> a & 1) * 2 + (mask >> b & 1)));
            if (covered[a][b] & bit)
                continue;
            count++;
            if (mark)
                covered[a][b] |= bit;
        }
    }
    return count;
}

static void add_presence_row(cJSON *rows, unsigned mask, int index)
{
    char id[32];
    snprintf(id, sizeof(id), "pair-%02d", index);
    cJSON *fields = cJSON_AddArrayToObject(add_row(rows, id), "fields");
    for (int i = 0; i < CF_FIELD_COUNT; i++) {
        if (mask >> i & 1)
            cJSON_AddItemToArray(fields, cJSON_CreateString(cf_fields[i].name));
    }
}

cJSON *cf_rows_presence_pairs(void)
{
    unsigned char covered[CF_FIELD_COUNT][CF_FIELD_COUNT] = {{0}};
    unsigned state = 20260121;
    int left = CF_FIELD_COUNT * (CF_FIELD_COUNT - 1) / 2 * 4;
    cJSON *rows = cJSON_CreateArray();
    for (int index = 1; left > 0; index++) {
        unsigned best = 0;
        int best_count = 0;
        for (int i = 0; i < CANDIDATES; i++) {
            unsigned mask = next_mask(&state);
            int count = mask ? new_pairs(mask, covered, false) : 0;
            if (count > best_count) {
                best = mask;
                best_count = count;
            }
        }
        if (best_count == 0)
            continue; /* another set of candidates */
        left -= new_pairs(best, covered, true);
        add_presence_row(rows, best, index);
    }
    return rows;
}
