/*
 * The 15 members of the update body, as settings of a CVM.
 *
 * A value is bytes: the text itself for strings (a script may hold any byte), JSON text in one
 * fixed spelling for everything else, so that storing, comparing and showing need no knowledge of
 * kinds. An update is a set of fields with their new values.
 */
#ifndef CF_REF_FIELD_H
#define CF_REF_FIELD_H

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * id, member, kind, part of the compose hash, what null makes of it (NULL: null leaves it alone),
 * what a deployment starts with when its owner says nothing
 */
#define CF_REF_FIELDS(X)                                                                           \
    X(DOCKER_COMPOSE_FILE, "docker_compose_file", TEXT, true, NULL, "services: {}\n")              \
    X(PRE_LAUNCH_SCRIPT, "pre_launch_script", TEXT, true, "", "")                                  \
    X(ALLOWED_ENVS, "allowed_envs", TEXTS, true, "[]", "[]")                                       \
    X(PUBLIC_LOGS, "public_logs", FLAG, true, NULL, "false")                                       \
    X(PUBLIC_SYSINFO, "public_sysinfo", FLAG, true, NULL, "false")                                 \
    X(PUBLIC_TCBINFO, "public_tcbinfo", FLAG, true, NULL, "false")                                 \
    X(ENCRYPTED_ENV, "encrypted_env", TEXT, false, "", "")                                         \
    X(USER_CONFIG, "user_config", TEXT, false, "", "")                                             \
    X(GPUS, "gpus", GPUS, false, "{\"gpus\":[],\"attach_mode\":\"listed\"}",                       \
      "{\"gpus\":[],\"attach_mode\":\"listed\"}")                                                  \
    X(VCPU, "vcpu", COUNT, false, NULL, "1")                                                       \
    X(MEMORY, "memory", COUNT, false, NULL, "2048")                                                \
    X(DISK_SIZE, "disk_size", COUNT, false, NULL, "20480")                                         \
    X(IMAGE, "image", TEXT, false, NULL, "dstack-0.5.3")                                           \
    X(SHUTDOWN_TIMEOUT, "shutdown_timeout", COUNT, false, "null", "null")                          \
    X(ALLOW_FORCE_STOP, "allow_force_stop", FLAG, false, NULL, "false")

enum cf_ref_field {
#define CF_X(id, name, kind, in_compose, cleared, initial) CF_REF_FIELD_##id,
    CF_REF_FIELDS(CF_X)
#undef CF_X
        CF_REF_FIELD_COUNT
};

/* Fields as masks. */
#define CF_REF_BIT(field) (UINT32_C(1) << (field))
#define CF_REF_BIT_OF(id) CF_REF_BIT(CF_REF_FIELD_##id)
#define CF_REF_ALL_FIELDS (CF_REF_BIT(CF_REF_FIELD_COUNT) - 1)
#define CF_REF_FLAG_FIELDS                                                                         \
    (CF_REF_BIT_OF(PUBLIC_LOGS) | CF_REF_BIT_OF(PUBLIC_SYSINFO) | CF_REF_BIT_OF(PUBLIC_TCBINFO))
#define CF_REF_SIZE_FIELDS (CF_REF_BIT_OF(VCPU) | CF_REF_BIT_OF(MEMORY) | CF_REF_BIT_OF(DISK_SIZE))
/* What the compose hash is made of. */
#define CF_REF_COMPOSE_FIELDS                                                                      \
    (CF_REF_BIT_OF(DOCKER_COMPOSE_FILE) | CF_REF_BIT_OF(PRE_LAUNCH_SCRIPT) |                       \
     CF_REF_BIT_OF(ALLOWED_ENVS) | CF_REF_FLAG_FIELDS)

enum cf_ref_kind {
    CF_REF_KIND_TEXT,
    CF_REF_KIND_TEXTS,
    CF_REF_KIND_FLAG,
    CF_REF_KIND_COUNT,
    CF_REF_KIND_GPUS
};

struct cf_ref_field_info {
    const char *name;
    enum cf_ref_kind kind;
    bool in_compose;
    const char *cleared;
    const char *initial;
};

/* The row of a field; static. */
const struct cf_ref_field_info *cf_ref_field(enum cf_ref_field field);

/* The field with this member name; CF_REF_FIELD_COUNT: none. */
enum cf_ref_field cf_ref_field_named(const char *name);

struct cf_ref_value {
    char *bytes; /* owned, NUL after the end; NULL only in a zeroed value */
    size_t len;
};

/* Replace by a copy of the bytes. */
void cf_ref_value_set(struct cf_ref_value *value, const char *bytes, size_t len);
void cf_ref_value_set_text(struct cf_ref_value *value, const char *text);
void cf_ref_value_release(struct cf_ref_value *value);
bool cf_ref_value_is(const struct cf_ref_value *value, const char *text);
/* The tree of a value that the server itself stored as JSON; NULL: of another one. The caller
 * releases doc, in any case. */
const cJSON *cf_ref_value_parse(const struct cf_ref_value *value, struct cf_json_doc *doc);

struct cf_ref_settings {
    struct cf_ref_value of[CF_REF_FIELD_COUNT];
};

void cf_ref_settings_release(struct cf_ref_settings *settings);

/* Append one value as JSON. */
void cf_ref_settings_put(const struct cf_ref_settings *settings, enum cf_ref_field field,
                         struct cf_buf *out);

struct cf_ref_update {
    uint32_t present; /* bit f: field f has a value in `to` */
    uint32_t order;   /* a digest of the order in which the fields came (a deviation looks) */
    struct cf_ref_settings to;
};

static inline bool cf_ref_update_has(const struct cf_ref_update *update, enum cf_ref_field field)
{
    return (update->present >> field) & 1;
}

/* Add a field with its value, or replace the value it has. */
void cf_ref_update_set(struct cf_ref_update *update, enum cf_ref_field field, const char *bytes,
                       size_t len);
void cf_ref_update_set_text(struct cf_ref_update *update, enum cf_ref_field field,
                            const char *text);
/* Forget one field; those of a mask. */
void cf_ref_update_drop(struct cf_ref_update *update, enum cf_ref_field field);
void cf_ref_update_drop_all(struct cf_ref_update *update, uint32_t fields);
void cf_ref_update_release(struct cf_ref_update *update);
/* Set in to those of the fields that from has, as it has them. */
void cf_ref_update_add(struct cf_ref_update *to, const struct cf_ref_update *from, uint32_t fields);
/* Make *to a copy of from; what *to held is released. */
void cf_ref_update_copy(struct cf_ref_update *to, const struct cf_ref_update *from);
/* Move the update's values into the settings; the update is empty afterwards. */
void cf_ref_update_apply(struct cf_ref_update *update, struct cf_ref_settings *settings);

#endif
