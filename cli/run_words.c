#include "cli/run_words.h"

#include <stdio.h>
#include <string.h>

void cf_run_words_selection(const struct cf_args *args, char *out, size_t size)
{
    static const char *const names[] = {"suite",  "case",       "requirement", "level",
                                        "failed", "operations", "budget"};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (const char *const *v = cf_texts(args, names[i]); v && *v; v++) {
            int n = snprintf(out + used, size - used, "%s--%s %s", used ? " " : "", names[i], *v);
            used += n > 0 && used + (size_t)n < size ? (size_t)n : 0;
        }
    }
}

static void add_option(struct cf_list *words, const struct cf_args *args, const char *name)
{
    char option[64];
    snprintf(option, sizeof(option), "--%s", name);
    for (const char *const *v = cf_texts(args, name); v && *v; v++) {
        cf_list_add(words, option);
        cf_list_add(words, *v);
    }
}

static void add_flag(struct cf_list *words, const char *name)
{
    char option[64];
    snprintf(option, sizeof(option), "--%s", name);
    cf_list_add(words, option);
}

void cf_run_words_command(const struct cf_args *args, struct cf_session_options *session)
{
    /* Elsewhere in the file system and in another environment they are to say the same. */
    for (const struct cf_option *o = args->command->options; o->name; o++) {
        if (strcmp(o->name, "out") == 0 || strcmp(o->name, "resume") == 0)
            continue;
        if (o->arg)
            add_option(&session->words, args, o->name);
        else if (cf_given(args, o->name))
            add_flag(&session->words, o->name);
    }
    static const char *const needed[] = {"profile", "cases",        "deviation", "variant",
                                         "seed",    "operation-ms", "fail-on"};
    cf_list_add(&session->command, args->program);
    for (int i = 0; i < args->word_count; i++)
        cf_list_add(&session->command, args->words[i]);
    cf_list_add(&session->again, args->program);
    cf_list_add(&session->again, "run");
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        add_option(&session->again, args, needed[i]);
}
