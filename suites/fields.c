#include "suites/fields.h"
#include "harness/base/name.h"

#include <string.h>

#define CVM "/api/v1/cvms/{cvm_id}"
#define OF_CVM(pointer, scale)                                                                     \
    {                                                                                              \
        CVM, pointer, scale, NULL                                                                  \
    }
#define OF_FILE(pointer)                                                                           \
    {                                                                                              \
        CVM "/compose_file", pointer, 1, NULL                                                      \
    }
#define OF_USER_CONFIG                                                                             \
    {                                                                                              \
        CVM "/user_config", "", 1, NULL                                                            \
    }
#define NOWHERE                                                                                    \
    {                                                                                              \
        NULL, NULL, 1, NULL                                                                        \
    }
#define OUT_OF_SIGHT NOWHERE

enum { MADE, LISTED };

const struct cf_cvm_field cf_cvm_fields[CF_CVM_FIELD_COUNT] = {
#define CF_CVM_FIELD(name, kind, hashed, values, nullable, least, ...)                             \
    {#name, CF_CVM_FIELD_##kind, hashed, (values) == LISTED, nullable, least, {__VA_ARGS__}},
#include "suites/fields.def"
#undef CF_CVM_FIELD
};

const char *const cf_cvm_field_names[] = {
#define CF_CVM_FIELD(name, ...) #name,
#include "suites/fields.def"
#undef CF_CVM_FIELD
    NULL};

#define NAME_IF_LISTED(name) #name,
#define NAME_IF_MADE(name)
const char *const cf_cvm_field_names_listed[] = {
#define CF_CVM_FIELD(name, kind, hashed, values, ...) NAME_IF_##values(name)
#include "suites/fields.def"
#undef CF_CVM_FIELD
    NULL};

/* A name and a comma where a preset's column says OUT_OF_SIGHT, else nothing. */
#define IS_OF_CVM(pointer, scale) SEEN
#define IS_OF_FILE(pointer) SEEN
#define IS_OF_USER_CONFIG SEEN
#define IS_NOWHERE SEEN
#define IS_OUT_OF_SIGHT HIDDEN
#define SEEN(name)
#define HIDDEN(name) name,

static const char *const hidden_2026[] = {
#define CF_CVM_FIELD(name, kind, hashed, values, nullable, least, shown_2026, shown_2025)          \
    IS_##shown_2026(#name)
#include "suites/fields.def"
#undef CF_CVM_FIELD
    NULL};

static const char *const hidden_2025[] = {
#define CF_CVM_FIELD(name, kind, hashed, values, nullable, least, shown_2026, shown_2025)          \
    IS_##shown_2025(#name)
#include "suites/fields.def"
#undef CF_CVM_FIELD
    NULL};

const char *const *const cf_cvm_field_names_hidden[CF_CVM_PRESET_COUNT] = {
    [CF_CVM_PRESET_2026] = hidden_2026, [CF_CVM_PRESET_2025] = hidden_2025};

int cf_cvm_field_index(const char *name)
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (cf_name_is(cf_cvm_fields[i].name, name))
            return i;
    }
    return -1;
}
