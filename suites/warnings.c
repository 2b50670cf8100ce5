#include "suites/warnings.h"
#include "suites/reading.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static void warn(struct cf_list *lines, const char *fmt, ...) CF_PRINTF(2, 3);
static void warn(struct cf_list *lines, const char *fmt, ...)
{
    char line[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    cf_list_add(lines, line);
}

/* ---- CVMs ---- */

static const struct {
    const char *kind;
    size_t wanted;
    const char *pics_item; /* NULL: whatever is claimed */
} kinds[] = {{"managed", 2, NULL},
             {"contract_owned", 2, "contract_owned_kms"},
             {"foreign", 1, NULL},
             {"gpu_rental", 1, "gpu_rental"},
             {"unknown", 1, NULL}};

static void warn_of_cvms(const struct cf_profile *profile, struct cf_list *lines)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t have = cf_profile_fixture_count(profile, kinds[i].kind);
        const char *item = kinds[i].pics_item;
        if (have >= kinds[i].wanted || (item && !cf_profile_claims(profile, item)))
            continue;
        warn(lines, "/pixit/cvms/%s: lists %zu; cases that need %zu are inconclusive%s%s",
             kinds[i].kind, have, have + 1, item ? ", for /pics claims " : "", item ? item : "");
    }
    if (cf_profile_claims(profile, "prepare_only") &&
        !cf_profile_claims(profile, "contract_owned_kms"))
        warn(lines, "/pics/prepare_only: means nothing without contract_owned_kms");
}

/* ---- values ---- */

static void warn_of_sizes(const struct cf_profile *profile, const char *field,
                          struct cf_list *lines)
{
    const cJSON *list = cf_profile_values(profile, field);
    const cJSON *value;
    cJSON_ArrayForEach(value, list)
    {
        if (fmod(value->valuedouble, 1024) != 0)
            return;
    }
    if (list)
        warn(lines,
             "/pixit/values/%s: all are whole gigabytes, so that one kept in gigabytes passes",
             field);
}

static void warn_of_gpus(const struct cf_profile *profile, struct cf_list *lines)
{
    const cJSON *list = cf_profile_values(profile, "gpus");
    const cJSON *value;
    bool two = false;
    bool product = false;
    cJSON_ArrayForEach(value, list)
    {
        const cJSON *gpu;
        two = two || cJSON_GetArraySize(cf_json_get(value, "gpus")) > 1;
        cJSON_ArrayForEach(gpu, cf_json_get(value, "gpus"))
        {
            product = product || cJSON_IsString(cf_json_get(gpu, "product_id"));
        }
    }
    if (list && !two)
        warn(lines, "/pixit/values/gpus: none has two GPUs, so that one too few passes");
    if (list && !product)
        warn(lines, "/pixit/values/gpus: none has a product_id, so that a lost one passes");
}

static void warn_of_fields(const struct cf_profile *profile, struct cf_list *lines)
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const char *name = cf_cvm_fields[i].name;
        if (cf_cvm_fields[i].needs_values && !cf_profile_values(profile, name))
            warn(lines, "/pixit/values/%s: none; %s", name,
                 cf_profile_values_none(profile, name)
                     ? "cases that would move the field are not applicable"
                     : "cases about the field are inconclusive");
        if (!cf_cvm_fields[i].needs_values && cf_profile_values_none(profile, name))
            warn(lines,
                 "/pixit/values/%s: none, and the field is changed all the same: values are made "
                 "up for it",
                 name);
        if (!cf_profile_out_of_sight(profile, name) && !cf_cvm_reading_maps_field(profile, i))
            warn(lines,
                 "/pixit/observe/fields/%s: nothing says where it is read; cases about the field "
                 "are inconclusive (null says that it is never shown)",
                 name);
    }
}

/* ---- where and when to look ---- */

/* Braces that stand for nothing are sent as they are. */
static void warn_of_braces(const struct cf_profile *profile, struct cf_list *lines)
{
    const cJSON *place;
    cJSON_ArrayForEach(place, profile->observe_fields)
    {
        const char *get = cf_json_text(place, "get", "");
        const char *brace = strchr(get, '{');
        while (brace && strncmp(brace, "{cvm_id}", 8) == 0)
            brace = strchr(brace + 1, '{');
        if (brace)
            warn(lines,
                 "/pixit/observe/fields/%s/get: \"%.*s}\" is sent as it is; {cvm_id} stands for "
                 "the CVM",
                 place->string, (int)strcspn(brace, "}"), brace);
    }
}

/* One page for all CVMs shows each of them what another was set to. */
static void warn_of_common_pages(const struct cf_profile *profile, struct cf_list *lines)
{
    const cJSON *place;
    cJSON_ArrayForEach(place, profile->observe_fields)
    {
        if (cJSON_IsObject(place) && !strstr(cf_json_text(place, "get", ""), "{cvm_id}"))
            warn(lines,
                 "/pixit/observe/fields/%s/get: without {cvm_id} it is the same page for every CVM",
                 place->string);
    }
}

static void warn_of_ids(const struct cf_profile *profile, struct cf_list *lines)
{
    for (size_t i = 0; i < profile->fixture_count; i++) {
        const struct cf_fixture *fixture = &profile->fixtures[i];
        if (fixture->kind->exclusive && strpbrk(fixture->id, "/?# %"))
            warn(lines, "/pixit/cvms/%s: \"%.100s\" looks like no id: a part of a URL?",
                 fixture->kind->name, fixture->id);
    }
}

static bool is_asked_by_http(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0 || *url == '{';
}

/* One that is taken from elsewhere is not known here. */
static void warn_of_urls(const struct cf_profile *profile, struct cf_list *lines)
{
    for (const char *const *hook = profile->vocabulary->hooks; *hook; hook++) {
        const cJSON *http = cf_json_get(cf_profile_hook(profile, *hook), "http");
        const char *url = http ? cf_json_text(http, "url", NULL) : NULL;
        if (url && !is_asked_by_http(url))
            warn(lines, "/pixit/hooks/%s/http/url: begins with neither http:// nor https://",
                 *hook);
    }
}

static void warn_of_times(const struct cf_profile *profile, struct cf_list *lines)
{
    if (profile->settle_timeout_ms < 2 * profile->poll_interval_ms)
        warn(lines,
             "/pixit/timing/settle_timeout_ms: %ld leaves no time to look twice, every %ld ms",
             profile->settle_timeout_ms, profile->poll_interval_ms);
}

/* ---- hooks ---- */

/* A first word with a slash is a file. */
static void warn_of_commands(const struct cf_profile *profile, struct cf_list *lines)
{
    for (const char *const *hook = profile->vocabulary->hooks; *hook; hook++) {
        const cJSON *words = cf_json_get(cf_profile_hook(profile, *hook), "command");
        const cJSON *first = cJSON_GetArrayItem(words, 0);
        if (!cJSON_IsString(first) || !strchr(first->valuestring, '/'))
            continue;
        char *file = cf_profile_resolve(profile, first->valuestring);
        if (access(file, X_OK) != 0)
            warn(lines, "/pixit/hooks/%s: %.200s: %s", *hook, file, strerror(errno));
        free(file);
    }
}

/* A request whose own answer is the hook's has to use the hook's word for it. */
static void warn_of_captures(const struct cf_profile *profile, struct cf_list *lines)
{
    const struct cf_vocabulary *v = profile->vocabulary;
    for (const char *const *hook = v->hooks; *hook; hook++) {
        const cJSON *http = cf_json_get(cf_profile_hook(profile, *hook), "http");
        const char *answer = http ? v->hook_answer(*hook) : NULL;
        if (answer && !cf_json_get(http, "capture"))
            warn(lines,
                 "/pixit/hooks/%s/http: no capture, so that the answer itself has to have a member "
                 "%s",
                 *hook, answer);
    }
}

/* No hash expires while a run is there to see it. */
static bool hashes_stay(const struct cf_profile *profile)
{
    return cf_profile_claims(profile, "hashes_never_expire") ||
           cf_profile_claims(profile, "hashes_outlive_runs");
}

static void warn_of_hooks(const struct cf_profile *profile, struct cf_list *lines)
{
    if (!cf_profile_claims(profile, "contract_owned_kms"))
        return;
    for (const char *const *hook = profile->vocabulary->hooks; *hook; hook++) {
        bool optional = strcmp(*hook, "reset") == 0 || strstr(*hook, "-chain");
        bool expiry = strcmp(*hook, "expire-compose-hash") == 0;
        if (optional || cf_profile_hook(profile, *hook) || (expiry && hashes_stay(profile)))
            continue;
        warn(lines, "/pixit/hooks/%s: there is none; cases that need it are inconclusive%s", *hook,
             expiry ? ", unless pics.hashes_never_expire or pics.hashes_outlive_runs is true" : "");
    }
}

/* ---- the credential ---- */

static bool is_between(const char *text, size_t len, char first, char last)
{
    return len > 1 && text[0] == first && text[len - 1] == last;
}

static bool is_json_object(const char *text, size_t len)
{
    return is_between(text, len, '{', '}') &&
           cf_json_scan("the credential", text, len, 0, NULL, NULL, NULL) == CF_OK;
}

/* "export NAME=KEY", or NAME=KEY where NAME is one of those that variables have. A key may hold "="
 * after letters: only capitals with an underscore are taken for a name. */
static bool is_assignment(const char *text)
{
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (strncmp(text, "export ", strlen("export ")) == 0)
        return strchr(text, '=');
    return text[len] == '=' && text[len + 1] != '\0' && text[len + 1] != '=' &&
           memchr(text, '_', len) && (*text == '_' || (*text >= 'A' && *text <= 'Z'));
}

/* What a file of settings has around a key and is sent as part of it. A key may look so, which is
 * why it is taken; it is never shown. */
static const char *around_key(const char *text, bool with_scheme)
{
    size_t len = strlen(text);
    if (is_between(text, len, '"', '"') || is_between(text, len, '\'', '\''))
        return "it is in quotation marks";
    if (is_json_object(text, len))
        return "it is a JSON object";
    if (is_assignment(text))
        return "it assigns the key to a variable";
    if (strstr(text, " #") || strstr(text, "\t#"))
        return "a comment (#) follows the key";
    if (strncasecmp(text, "authorization:", strlen("authorization:")) == 0 ||
        strncasecmp(text, "x-api-key:", strlen("x-api-key:")) == 0 ||
        (!with_scheme && strncasecmp(text, "bearer ", strlen("bearer ")) == 0))
        return "it begins like a header";
    return !with_scheme && strpbrk(text, " \t") ? "it holds white space" : NULL;
}

static void warn_of_credential(const struct cf_profile *profile, struct cf_list *lines)
{
    bool with_scheme = strcasecmp(profile->auth_header, "Authorization") == 0;
    const char *seen = around_key(profile->auth.value, with_scheme);
    if (seen)
        warn(lines, "/pixit/auth/value_from: %s, which is sent as it is: wanted is the key alone",
             seen);
}

void cf_cvm_warn(const struct cf_profile *profile, struct cf_list *lines)
{
    warn_of_credential(profile, lines);
    warn_of_cvms(profile, lines);
    warn_of_fields(profile, lines);
    warn_of_sizes(profile, "memory", lines);
    warn_of_gpus(profile, lines);
    warn_of_braces(profile, lines);
    warn_of_common_pages(profile, lines);
    warn_of_ids(profile, lines);
    warn_of_urls(profile, lines);
    warn_of_times(profile, lines);
    warn_of_captures(profile, lines);
    warn_of_commands(profile, lines);
    warn_of_hooks(profile, lines);
}
