#include "reference/compose.h"

#include "harness/base/json.h"
#include "harness/base/utf8.h"

#include <string.h>

#define MIDDLE                                                                                     \
    ",\"features\":[\"kms\"],\"gateway_enabled\":true,\"kms_enabled\":true,\"manifest_version\":2"
#define LAST ",\"runner\":\"docker-compose\""

const char cf_ref_compose_fixed[] = MIDDLE LAST;

static void put_escape(unsigned char c, struct cf_buf *out)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    if (letters[c])
        cf_buf_printf(out, "\\%c", letters[c]);
    else
        cf_buf_printf(out, "\\u%04x", c);
}

/* The escapes that canonical JSON has, and no others; what is not UTF-8 becomes U+FFFD. */
static void put_text(const struct cf_ref_value *value, struct cf_buf *out)
{
    cf_buf_putc(out, '"');
    for (size_t i = 0; i < value->len;) {
        unsigned char c = (unsigned char)value->bytes[i];
        size_t step = cf_utf8_next(value->bytes + i, value->len - i, NULL);
        if (step == 0)
            cf_buf_puts(out, "\xef\xbf\xbd");
        else if (c < 0x20 || c == '"' || c == '\\')
            put_escape(c, out);
        else
            cf_buf_append(out, value->bytes + i, step);
        i += step > 0 ? step : 1;
    }
    cf_buf_putc(out, '"');
}

static void put_field(enum cf_ref_field field, const struct cf_ref_settings *settings,
                      const struct cf_ref_update *update, struct cf_buf *out)
{
    bool changed = update && cf_ref_update_has(update, field);
    const struct cf_ref_settings *from = changed ? &update->to : settings;
    cf_buf_printf(out, ",\"%s\":", cf_ref_field(field)->name);
    if (cf_ref_field(field)->kind == CF_REF_KIND_TEXT)
        put_text(&from->of[field], out);
    else
        cf_ref_settings_put(from, field, out);
}

void cf_ref_compose_put(const char *name, const struct cf_ref_settings *settings,
                        const struct cf_ref_update *update, struct cf_buf *out)
{
    size_t start = out->len;
    put_field(CF_REF_FIELD_ALLOWED_ENVS, settings, update, out);
    put_field(CF_REF_FIELD_DOCKER_COMPOSE_FILE, settings, update, out);
    cf_buf_puts(out, MIDDLE ",\"name\":");
    cf_json_put_text(out, name);
    put_field(CF_REF_FIELD_PRE_LAUNCH_SCRIPT, settings, update, out);
    put_field(CF_REF_FIELD_PUBLIC_LOGS, settings, update, out);
    put_field(CF_REF_FIELD_PUBLIC_SYSINFO, settings, update, out);
    put_field(CF_REF_FIELD_PUBLIC_TCBINFO, settings, update, out);
    cf_buf_puts(out, LAST "}");
    out->data[start] = '{'; /* where the first field put its comma */
}

void cf_ref_compose_hash(const char *name, const struct cf_ref_settings *settings,
                         const struct cf_ref_update *update, char out_hash[CF_SHA256_HEX])
{
    struct cf_buf document = {0};
    cf_ref_compose_put(name, settings, update, &document);
    cf_sha256_hex(document.data, document.len, out_hash);
    cf_buf_release(&document);
}

static bool hex_read(const char *text, size_t digit_count, char *out)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    char read[CF_SHA256_HEX];
    if (!text)
        return false;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    for (size_t i = 0; i < digit_count; i++) {
        const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;
        if (!digit)
            return false;
        read[i] = digits[(digit - digits) % 16];
    }
    if (text[digit_count] != '\0')
        return false;
    memcpy(out, read, digit_count);
    out[digit_count] = '\0';
    return true;
}

bool cf_ref_hash_read(const char *text, char out_hash[CF_SHA256_HEX])
{
    if (text && strncmp(text, "sha256:", 7) == 0)
        text += 7;
    return hex_read(text, CF_SHA256_HEX - 1, out_hash);
}

bool cf_ref_address_read(const char *text, char out_address[41])
{
    return hex_read(text, 40, out_address);
}
