/*
 * Values to send: fresh texts, other legal values of a field, and those of whichever field is
 * harmless on this IUT. Each is a cf_value_source's resolve function: CF_ENOTFOUND where the
 * profile or the IUT has no such value; where that is because the field is out of sight, or has
 * moved up as far as it goes, the case has become not applicable.
 */
#ifndef CF_SUITES_NEW_VALUES_H
#define CF_SUITES_NEW_VALUES_H

#include "suites/reading.h"

/* A value that nobody used before: docker_compose_file, pre_launch_script, allowed_envs,
 * user_config, text. */
enum cf_code cf_cvm_resolve_fresh(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err);
/* A legal value of the field that differs from the one last read; the next step up where the field
 * moves up only. */
enum cf_code cf_cvm_resolve_another(struct cf_case_run *run, const char *name, cJSON **out,
                                    struct cf_err *err);
/* A value of the field, or of the "row"'s, that no server may call invalid: another one, or null.
 */
enum cf_code cf_cvm_resolve_legal(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err);
/* An object with another value for each of several fields: names of fields and "all", "row" (the
 * row's fields) and "one-phase" (all that leave the compose hash alone), with commas. Of several,
 * those are left out that have no values to move between, that cannot be read although nothing
 * says that they are out of sight, and that move up only: their own cases say so. */
enum cf_code cf_cvm_resolve_change(struct cf_case_run *run, const char *names, cJSON **out,
                                   struct cf_err *err);
/* The same with the least, or the greatest, value that there is of each: of numbers, of
 * encrypted_env by its length and of gpus by how many there are, as the profile's values or the
 * page's bounds have them; what is empty counts only where there is no other. One that moves up
 * only is left out as well. */
enum cf_code cf_cvm_resolve_least(struct cf_case_run *run, const char *names, cJSON **out,
                                  struct cf_err *err);
enum cf_code cf_cvm_resolve_most(struct cf_case_run *run, const char *names, cJSON **out,
                                 struct cf_err *err);
/* The same with what is taken for nothing elsewhere: false, "", [], no GPUs, the least number. Of
 * several, a user_config is left out whose reading would show nothing of an empty one. */
enum cf_code cf_cvm_resolve_falsy(struct cf_case_run *run, const char *names, cJSON **out,
                                  struct cf_err *err);
/* The same, of texts, with one of the words that are not what they look like where a text is read
 * once more: as JSON, as YAML, or as what a language takes for false. */
#define CF_CVM_WORDS(X)                                                                            \
    X(naught, "0")                                                                                 \
    X(null_word, "null")                                                                           \
    X(quoted, "\"quoted\"")                                                                        \
    X(decimal, "1.10")                                                                             \
    X(true_word, "true")
#define DECLARE_WORD(NAME, WORD)                                                                   \
    enum cf_code cf_cvm_resolve_##NAME(struct cf_case_run *run, const char *names, cJSON **out,    \
                                       struct cf_err *err);
CF_CVM_WORDS(DECLARE_WORD)
#undef DECLARE_WORD
/* The fields that those names stand for, as bits by index; 0 where one is unknown. */
unsigned cf_cvm_change_fields(const char *names, const cJSON *row);
bool cf_cvm_change_is_of_many(unsigned fields);
/* Whether the names begin with "or-none,": even one alone may be left out then, and where all are,
 * the object is empty. */
bool cf_cvm_change_may_be_none(const char *names);
/* Whether a field is left out where it is one of many, as far as the profile says. */
bool cf_cvm_change_leaves_out(const struct cf_profile *profile, int field);

/* Whether each of the fields, as the profile says, moves up only or is left alone; the reason. */
bool cf_cvm_change_never(const struct cf_profile *profile, unsigned fields);
#define CF_CVM_CHANGE_NEVER "each of these fields moves up only, or has an empty pixit.values"

/* harmless.c: of the field that costs least among those that can be seen, moved back and forth, and
 * leave the compose hash alone, or that one request changes in all CVMs of the case: "" an object
 * {FIELD: VALUE}, ".field" its name, ".value" a value,
 * ".json" that as JSON text, ".member" both as the text of a member. A case has one such field;
 * each value differs from the one handed out before, and from the present one where it can. */
enum cf_code cf_cvm_resolve_harmless(struct cf_case_run *run, const char *name, cJSON **out,
                                     struct cf_err *err);
/* Whether a field may serve, as far as the profile says. */
bool cf_cvm_harmless_by_profile(const struct cf_profile *profile, int field);
/* The fields that cannot serve in the case, as bits by index: those that stand beside it in bodies,
 * and those of the compose hash where a CVM takes two phases or the case names them itself. */
unsigned cf_cvm_harmless_not(const struct cf_case *one);
/* Whether no field can serve, as far as the profile says; then the reason, with the fields that it
 * keeps from it by name, is appended to out_why. Not applicable: the profile says of each that it
 * cannot, as opposed to saying too little. */
bool cf_cvm_harmless_none(const struct cf_profile *profile, const struct cf_case *one,
                          struct cf_buf *out_why, bool *out_applicable);
/* The fields that may serve, those that cost least first; ends with -1. */
extern const int cf_cvm_harmless_order[];

#endif
