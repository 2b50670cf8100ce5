#include "suites/model/value_kinds.h"
#include "suites/fields.h"

#include <stdint.h>
#include <string.h>

const char *cf_cvm_model_find_mark(const char *text)
{
    size_t len = strlen(CF_CVM_MODEL_MARK);
    for (const char *at = strstr(text, CF_CVM_MODEL_MARK); at;
         at = strstr(at + 1, CF_CVM_MODEL_MARK)) {
        if (strspn(at + len, "0123456789abcdef") >= CF_CVM_MODEL_MARK_DIGITS)
            return at;
    }
    return NULL;
}

typedef bool value_test(const cJSON *value);

static bool some(const cJSON *fields, value_test *test)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if (test(value))
            return true;
    }
    return false;
}

bool cf_cvm_value_is_marked(const cJSON *value)
{
    if (cJSON_IsString(value))
        return cf_cvm_model_find_mark(value->valuestring) != NULL;
    return cJSON_IsArray(value) && cf_cvm_value_is_marked(value->child);
}

enum { VCPU_OF_NO_MACHINE = 1000000 };

static bool is_size(const cJSON *value)
{
    return strcmp(value->string, "vcpu") == 0 || strcmp(value->string, "memory") == 0 ||
           strcmp(value->string, "disk_size") == 0;
}

/* Values that fit the schema and that no machine has, or of a form nobody knows. */
static bool is_nonsense(const cJSON *value)
{
    if (is_size(value) && cJSON_IsNumber(value))
        return value->valuedouble < 1 || value->valuedouble == VCPU_OF_NO_MACHINE;
    return strcmp(value->string, "image") == 0 && cJSON_IsString(value) &&
           strcmp(value->valuestring, "no-such-image") == 0;
}

static bool is_stranger(const cJSON *value)
{
    return cf_cvm_field_index(value->string) < 0;
}

bool cf_cvm_value_is_of_no_field(const cJSON *value)
{
    return strcmp(value->string, CF_CVM_MODEL_NO_FIELD) == 0;
}

bool cf_cvm_value_is_open(const cJSON *value)
{
    return (cJSON_IsNull(value) && strcmp(value->string, "shutdown_timeout") != 0) ||
           is_nonsense(value) || (is_stranger(value) && !cf_cvm_value_is_of_no_field(value));
}

bool cf_cvm_values_open(const cJSON *fields)
{
    return some(fields, cf_cvm_value_is_open);
}

/* ---- rules of a server's own ---- */

enum { TEXT_BYTES_SAFE = 4096 };

/* Printable ASCII and line feeds, not long, and of the kind that the field is for. */
static bool is_careful_text(const char *field, const char *text)
{
    static const struct {
        const char *field, *begin;
    } kinds[] = {{"docker_compose_file", "services:"},
                 {"pre_launch_script", "#!"},
                 {"user_config", "{\"hostname\":"},
                 {NULL, ""}};
    size_t k = 0;
    while (kinds[k].field && strcmp(kinds[k].field, field) != 0)
        k++;
    for (const char *c = text; *c; c++) {
        if ((*c < ' ' || *c > '~') && *c != '\n')
            return false;
    }
    return strlen(text) <= TEXT_BYTES_SAFE && text[0] != '\0' &&
           strncmp(text, kinds[k].begin, strlen(kinds[k].begin)) == 0;
}

/* Any attach_mode fits the schema. */
static bool is_of_no_mode(const cJSON *value)
{
    const char *mode = cf_json_text(value, "attach_mode", "listed");
    return strcmp(value->string, "gpus") == 0 && strcmp(mode, "listed") != 0 &&
           strcmp(mode, "all") != 0;
}

/* What the schema knows nothing of: lengths and forms of texts, no names at all, sizes that no
 * number of 32 bits holds, an attach_mode that nobody knows, and a member that is no field. */
static bool is_ruled(const cJSON *value)
{
    int field = cf_cvm_field_index(value->string);
    if (is_of_no_mode(value))
        return true;
    if (cJSON_IsString(value) && field >= 0 &&
        (!cf_cvm_fields[field].needs_values || !value->valuestring[0]))
        return !is_careful_text(value->string, value->valuestring);
    if (is_size(value) && cJSON_IsNumber(value))
        return value->valuedouble > UINT32_MAX;
    return (cJSON_IsArray(value) && !value->child) || cf_cvm_value_is_of_no_field(value);
}

bool cf_cvm_values_ruled(const cJSON *fields)
{
    return some(fields, is_ruled);
}

bool cf_cvm_values_fit(const cJSON *fields)
{
    return some(fields, is_of_no_mode) && !fields->child->next;
}

bool cf_cvm_value_is_file(const cJSON *value)
{
    return strcmp(value->string, "docker_compose_file") == 0 ||
           strcmp(value->string, "pre_launch_script") == 0;
}

bool cf_cvm_value_affects_hash(const cJSON *value)
{
    int index = cf_cvm_field_index(value->string);
    return index >= 0 && cf_cvm_fields[index].affects_hash;
}

static bool commits_openly(const cJSON *value)
{
    return (cf_cvm_value_affects_hash(value) && !cf_cvm_value_is_file(value)) ||
           cf_cvm_value_is_open(value);
}

bool cf_cvm_values_commit_openly(const cJSON *fields)
{
    return some(fields, commits_openly);
}

bool cf_cvm_values_affect_hash(const cJSON *fields)
{
    return some(fields, cf_cvm_value_affects_hash);
}

bool cf_cvm_value_is_empty_text(const cJSON *value)
{
    return cJSON_IsString(value) && value->valuestring[0] == '\0';
}

/* No machine has it, or nobody knows the member, and a 422 may say so. */
static bool is_invalid(const cJSON *value)
{
    return is_nonsense(value) || is_stranger(value);
}

bool cf_cvm_values_invalid(const cJSON *fields)
{
    return some(fields, is_invalid);
}

bool cf_cvm_values_impossible(const cJSON *fields)
{
    return some(fields, is_nonsense);
}

bool cf_cvm_values_strange(const cJSON *fields)
{
    return some(fields, is_stranger);
}
