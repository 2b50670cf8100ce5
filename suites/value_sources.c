/* Values about CVMs: what was read, the body of phase 2, hashes; and the list of all sources. */
#include "harness/run/near_key.h"
#include "suites/app_compose.h"
#include "suites/memory.h"
#include "suites/new_values.h"
#include "suites/two_phase.h"
#include "suites/words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static enum cf_code give(cJSON *value, cJSON **out)
{
    *out = value;
    return CF_OK;
}

/* ---- what was read, what was sent ---- */

static enum cf_code resolve_now(struct cf_case_run *run, const char *name, cJSON **out,
                                struct cf_err *err)
{
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    int index = cf_cvm_field_index(name);
    const cJSON *value = NULL;
    for (int i = 0; reading && i < CF_CVM_ASPECT_COUNT; i++) {
        if (strcmp(cf_cvm_aspect_name((enum cf_cvm_aspect)i), name) == 0)
            value = reading->aspects[i];
    }
    if (index >= 0 && cf_profile_out_of_sight(run->profile, name))
        cf_run_not_applicable(run, "%s is out of sight", name);
    if (reading && index >= 0 && !cf_cvm_reading_sees(reading, index))
        return cf_err_set(err, CF_ENOTFOUND, "%s cannot be observed: %s", name,
                          reading->observed[index] ? "its reading has another type"
                                                   : reading->why_not[index]);
    if (reading && index >= 0)
        return give(cf_cvm_reading_value(reading, index), out);
    if (!value)
        return cf_err_set(err, CF_ENOTFOUND, "%s was not observed", name);
    return give(cJSON_Duplicate(value, 1), out);
}

static enum cf_code resolve_phase2(struct cf_case_run *run, const char *name, cJSON **out,
                                   struct cf_err *err)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    if (strcmp(name, "body") != 0)
        return cf_err_set(err, CF_ENOTFOUND, "phase2 has body");
    bool repeat = strcmp(run->profile->choice, "repeat") == 0;
    return give(
        repeat && memory->phase1 ? cJSON_Duplicate(memory->phase1, 1) : cJSON_CreateObject(), out);
}

/* ${wrapping.NAME}: the number of which that value, given by an earlier step, is left in 32 bits.
 */
static enum cf_code resolve_wrapping(struct cf_case_run *run, const char *name, cJSON **out,
                                     struct cf_err *err)
{
    const cJSON *value = cf_json_get(run->vars, name);
    if (!cJSON_IsNumber(value))
        return cf_err_set(err, CF_EINPUT, "no step before gives a number \"%s\"", name);
    return give(cf_json_new_integer((long long)value->valuedouble + (1LL << 32)), out);
}

/* ${found.LOCATOR}: what a locator finds in the last answer, null where it finds nothing. */
static enum cf_code resolve_found(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err)
{
    for (const struct cf_locator *l = cf_cvm_locators; l->name; l++) {
        if (strcmp(l->name, name) != 0)
            continue;
        if (!run->last.exchange)
            return cf_err_set(err, CF_ENOTFOUND, "there is no last answer");
        cJSON *value = l->locate(&run->last);
        return give(value ? value : cJSON_CreateNull(), out);
    }
    return cf_err_set(err, CF_EINPUT, "found has compose-hash, commit-token, named-commit-token");
}

static char another_digit(char digit)
{
    return digit == '0' ? '1' : '0';
}

/* What a hash may be long, with all that stands around its digits. */
#define HASH_BYTES 200

/* The hash with digits too few, too many or not its own; before them stands so much. */
static bool write_nearly(const char *how, const char *hash, size_t prefix, char text[HASH_BYTES])
{
    static const struct {
        const char *how;
        size_t digits;
    } forms[] = {{"half:", 32}, {"shortened:", 63}, {"lengthened:", 65}};
    const char *suffix = hash + prefix + 64;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strncmp(how, forms[i].how, strlen(forms[i].how)) != 0)
            continue;
        size_t kept = forms[i].digits < 64 ? forms[i].digits : 64;
        snprintf(text, HASH_BYTES, "%.*s%s%s", (int)(prefix + kept), hash,
                 forms[i].digits > 64 ? "0" : "", suffix);
        return true;
    }
    snprintf(text, HASH_BYTES, "%s", hash);
    if (strncmp(how, "beheaded:", 9) == 0)
        memmove(text + prefix, text + prefix + 1, strlen(text + prefix));
    else if (strncmp(how, "other-beginning:", 16) == 0)
        text[prefix] = another_digit(text[prefix]);
    else if (strncmp(how, "other-end:", 10) == 0)
        text[prefix + 63] = another_digit(text[prefix + 63]);
    else
        return false;
    return true;
}

/* ${hash.HOW:NAME}: the same hash written another way, or nearly the same. */
static enum cf_code resolve_hash(struct cf_case_run *run, const char *name, cJSON **out,
                                 struct cf_err *err)
{
    const char *colon = strchr(name, ':');
    const char *hash = colon ? cf_json_text(run->vars, colon + 1, NULL) : NULL;
    const char *digits = hash && strlen(hash) < HASH_BYTES - 1 ? cf_cvm_hash_digits(hash) : NULL;
    char text[HASH_BYTES];
    if (!digits)
        return cf_err_set(err, CF_ENOTFOUND, "no hash was captured under that name");
    size_t prefix = (size_t)(digits - hash);
    if (strncmp(name, "other-prefix:", 13) == 0) {
        snprintf(text, sizeof(text), "%s%.64s", prefix > 0 ? "" : "0x", digits);
    } else if (strncmp(name, "upper:", 6) == 0) {
        snprintf(text, sizeof(text), "%s", hash);
        for (size_t i = prefix; i < prefix + 64; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
    } else if (strncmp(name, "bare:", 5) == 0) {
        snprintf(text, sizeof(text), "%.64s", digits);
        for (char *c = text; *c; c++)
            *c = (char)tolower((unsigned char)*c);
    } else if (!write_nearly(name, hash, prefix, text)) {
        return cf_err_set(err, CF_ENOTFOUND,
                          "hash has other-prefix, upper, bare, half, shortened, lengthened, "
                          "beheaded, other-beginning, other-end");
    }
    return give(cJSON_CreateString(text), out);
}

/* ${app_compose.hash}: of what the read side shows of the case's CVM, now. */
static enum cf_code resolve_app_compose(struct cf_case_run *run, const char *name, cJSON **out,
                                        struct cf_err *err)
{
    if (strcmp(name, "hash") != 0)
        return cf_err_set(err, CF_ENOTFOUND, "app_compose has hash");
    return cf_cvm_app_compose_hash(run, run->fixtures[0], out, err);
}

/* ${id.HOW:ROLE}: nearly the id of a CVM of the case. */
static enum cf_code resolve_id(struct cf_case_run *run, const char *name, cJSON **out,
                               struct cf_err *err)
{
    char text[256];
    const char *colon = strchr(name, ':');
    int role = colon ? cf_run_role(run, colon + 1) : -1;
    if (role < 0)
        return cf_err_set(err, CF_ENOTFOUND, "the case has no such fixture");
    snprintf(text, sizeof(text), "%s", run->fixtures[role]);
    size_t len = strlen(text);
    if (strncmp(name, "shortened:", 10) == 0 && len > 0) {
        text[len - 1] = '\0';
    } else if (strncmp(name, "beheaded:", 9) == 0 && len > 0) {
        memmove(text, text + 1, len);
    } else if (strncmp(name, "swapped-case:", 13) == 0) {
        if (cf_swap_case(text) == 0)
            cf_run_not_applicable(run, "the id has no letters");
    } else {
        return cf_err_set(err, CF_ENOTFOUND, "id has shortened, beheaded, swapped-case");
    }
    return give(cJSON_CreateString(text), out);
}

const struct cf_value_source cf_cvm_value_sources[] = {{"fresh.", cf_cvm_resolve_fresh},
                                                       {"another.", cf_cvm_resolve_another},
                                                       {"legal.", cf_cvm_resolve_legal},
                                                       {"change.", cf_cvm_resolve_change},
                                                       {"falsy.", cf_cvm_resolve_falsy},
                                                       {"naught.", cf_cvm_resolve_naught},
                                                       {"null-word.", cf_cvm_resolve_null_word},
                                                       {"quoted.", cf_cvm_resolve_quoted},
                                                       {"decimal.", cf_cvm_resolve_decimal},
                                                       {"true-word.", cf_cvm_resolve_true_word},
                                                       {"least.", cf_cvm_resolve_least},
                                                       {"most.", cf_cvm_resolve_most},
                                                       {"harmless", cf_cvm_resolve_harmless},
                                                       {"now.", resolve_now},
                                                       {"wrapping.", resolve_wrapping},
                                                       {"phase2.", resolve_phase2},
                                                       {"found.", resolve_found},
                                                       {"hash.", resolve_hash},
                                                       {"app_compose.", resolve_app_compose},
                                                       {"id.", resolve_id},
                                                       {NULL, NULL}};
