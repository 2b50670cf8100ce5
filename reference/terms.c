#include "reference/terms.h"

#include "harness/base/json.h"
#include "reference/body.h"
#include "reference/images.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 16 << 10, SCRIPT_LARGE_BYTES = 64 << 10 };

/* ---- settings that move one way only ---- */

static const char *disk_fault(const struct cf_ref_switches *on, const struct cf_ref_value *to,
                              const struct cf_ref_value *now)
{
    bool shrinks = strtoll(to->bytes, NULL, 10) < strtoll(now->bytes, NULL, 10);
    return shrinks && cf_ref_has(on, CF_REF_VAR_DISK_CANNOT_SHRINK) ? "A disk cannot shrink" : NULL;
}

static const char *image_fault(const struct cf_ref_switches *on, const struct cf_ref_value *to,
                               const struct cf_ref_value *now)
{
    if (cf_ref_image_is_older(to->bytes, now->bytes) &&
        cf_ref_has(on, CF_REF_VAR_IMAGE_NOT_DOWNGRADED))
        return "An image is not downgraded";
    bool unknown = *to->bytes && !cf_ref_image_is_known(to->bytes) &&
                   (cf_ref_has(on, CF_REF_VAR_UNKNOWN_IMAGES_400) ||
                    cf_ref_has(on, CF_REF_DEV_VALIDATION_IMAGE_HALF_APPLIED));
    return unknown ? "There is no such image" : NULL;
}

/* ---- what a text may be ---- */

static bool is_capital(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* names: a JSON array of strings, or null. */
static const char *names_fault(const struct cf_ref_switches *on, const struct cf_ref_value *names)
{
    bool ruled =
        cf_ref_has(on, CF_REF_VAR_NAMES_IN_CAPITALS) && names->len > 0 && names->bytes[0] == '[';
    for (size_t i = 0; ruled && i < names->len; i++) {
        if (!is_capital(names->bytes[i]) && !strchr("[]\",", names->bytes[i]))
            return "A name has capitals, digits and _";
    }
    return NULL;
}

static bool is_plain(const struct cf_ref_value *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->bytes[i];
        if (c > 126 || (c < ' ' && c != '\n'))
            return false;
    }
    return true;
}

static bool is_json_object(const struct cf_ref_value *text)
{
    struct cf_json_doc doc = {0};
    bool is = cf_json_parse(&doc, "text", text->bytes, text->len, 0, NULL) == CF_OK &&
              cJSON_IsObject(doc.root);
    cf_json_release(&doc);
    return is;
}

static const char *kind_fault(enum cf_ref_field field, const struct cf_ref_value *text)
{
    if (field == CF_REF_FIELD_USER_CONFIG)
        return is_json_object(text) ? NULL : "A user_config is a JSON object";
    if (field == CF_REF_FIELD_PRE_LAUNCH_SCRIPT)
        return text->len > 2 && strncmp(text->bytes, "#!", 2) == 0 ? NULL
                                                                   : "A script begins with #!";
    return text->len > 9 && strncmp(text->bytes, "services:", 9) == 0
               ? NULL
               : "A compose file has services";
}

static const char *text_fault(const struct cf_ref_switches *on, enum cf_ref_field field,
                              const struct cf_ref_value *text)
{
    if (field == CF_REF_FIELD_PRE_LAUNCH_SCRIPT && text->len >= SCRIPT_LARGE_BYTES &&
        cf_ref_has(on, CF_REF_DEV_SCRIPT_LARGE_REFUSED))
        return "The script is too long";
    if (text->len > TEXT_MAX_BYTES && cf_ref_has(on, CF_REF_VAR_TEXTS_OF_16_KIB))
        return "The text is too long";
    if (!is_plain(text) && cf_ref_has(on, CF_REF_VAR_TEXTS_IN_ASCII))
        return "Printable ASCII only";
    return cf_ref_has(on, CF_REF_VAR_TEXTS_OF_A_KIND) ? kind_fault(field, text) : NULL;
}

/* ---- all of them ---- */

static const char *fault(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                         const struct cf_ref_update *update, enum cf_ref_field field)
{
    const struct cf_ref_value *to = &update->to.of[field];
    const struct cf_ref_value *now = &cvm->settings.of[field];
    switch (field) {
    case CF_REF_FIELD_DISK_SIZE:
        return disk_fault(on, to, now);
    case CF_REF_FIELD_IMAGE:
        return image_fault(on, to, now);
    case CF_REF_FIELD_ALLOWED_ENVS:
        return names_fault(on, to);
    case CF_REF_FIELD_USER_CONFIG:
    case CF_REF_FIELD_PRE_LAUNCH_SCRIPT:
    case CF_REF_FIELD_DOCKER_COMPOSE_FILE:
        return text_fault(on, field, to);
    default:
        return NULL;
    }
}

static void refuse(const struct cf_ref_switches *on, enum cf_ref_field field, const char *sentence,
                   struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    bool too_long =
        cf_ref_has(on, CF_REF_VAR_TEXTS_OF_16_KIB) && update->to.of[field].len > TEXT_MAX_BYTES;
    cf_ref_body_refuse_terms(field, sentence, update, answer);
    if (too_long)
        answer->status = 413;
}

bool cf_ref_terms_keep(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                       struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    for (int i = 0; i < CF_REF_FIELD_COUNT; i++) {
        enum cf_ref_field field = (enum cf_ref_field)i;
        const char *sentence =
            cf_ref_update_has(update, field) ? fault(on, cvm, update, field) : NULL;
        if (!sentence)
            continue;
        refuse(on, field, sentence, update, answer);
        return false;
    }
    return true;
}
