/* What a sequence that is being drawn has so far, and drawing a command's fields. */
#ifndef CF_SUITES_EXPLORE_DRAWING_H
#define CF_SUITES_EXPLORE_DRAWING_H

#include "suites/explore_values.h"
#include "suites/fields.h"
#include "suites/model/model.h"

enum {
    CF_CVM_DRAWING_NAMES_MAX = 64,
    CF_CVM_DRAWING_NAME_BYTES = 16,
    CF_CVM_DRAWING_FAVOURITES = 5,
    CF_CVM_DRAWING_SCRIPTS = 3
};

/* What was drawn so far, as far as the next command depends on it. */
struct cf_cvm_drawing {
    struct cf_random random;
    const struct cf_profile *profile;
    cJSON *commands;
    int cvms;
    bool owned[CF_CVM_MODEL_CVMS];
    int at;                         /* the CVM of the last command */
    cJSON *last[CF_CVM_MODEL_CVMS]; /* fields of the last update, in commands */
    /* What each field was set to last, in commands; NULL where that is not known. */
    const cJSON *now[CF_CVM_MODEL_CVMS][CF_CVM_FIELD_COUNT];
    struct {
        char name[CF_CVM_DRAWING_NAME_BYTES];
        int cvm;
        const cJSON *set; /* what it asked for, in commands */
        bool with_token;
        bool script;
        bool open; /* no phase 2 was drawn yet */
    } hashes[CF_CVM_DRAWING_NAMES_MAX];
    int hash_count;
    const cJSON *scripts[CF_CVM_DRAWING_SCRIPTS]; /* that were uploaded last, in commands */
    int script_count;
    int favourites[CF_CVM_DRAWING_FAVOURITES]; /* fields that most updates of this sequence are
                                                  about */
    const cJSON *before[CF_CVM_MODEL_CVMS]; /* fields of the command right before, if an update */
    bool careful; /* no values that a server may refuse by rules of its own */
};

extern const char *const cf_cvm_drawing_roles[CF_CVM_MODEL_CVMS];

/* Which fields: all, those outside the compose hash, the two files. */
enum cf_cvm_draw_which { CF_CVM_DRAW_ANY, CF_CVM_DRAW_NOT_HASHED, CF_CVM_DRAW_FILES };

/* Whether one of so many in a hundred. */
bool cf_cvm_drawing_chance(struct cf_cvm_drawing *d, uint32_t percent);
uint32_t cf_cvm_drawing_below(struct cf_cvm_drawing *d, uint32_t limit);

/* A new command of that kind; returns it, which is the sequence's. */
cJSON *cf_cvm_drawing_add(struct cf_cvm_drawing *d, const char *what, int cvm);

/* Those that an update of this CVM may set in one phase. */
enum cf_cvm_draw_which cf_cvm_drawing_free(const struct cf_cvm_drawing *d, int cvm);
bool cf_cvm_drawing_wants(int field, enum cf_cvm_draw_which which);
/* Take these fields, which are in commands, for what the CVM has now. */
void cf_cvm_drawing_note(struct cf_cvm_drawing *d, int cvm, const cJSON *set);
/* Put a value of the field into set, unless it is there or the profile has none: mostly another one
 * than the last command's CVM has, since nothing shows of the same. */
void cf_cvm_drawing_put(struct cf_cvm_drawing *d, cJSON *set, int field, bool falsy);
/* One field, mostly a favourite. */
int cf_cvm_drawing_field(struct cf_cvm_drawing *d);
/* Each field with the same chance. */
void cf_cvm_drawing_put_part(struct cf_cvm_drawing *d, cJSON *set, enum cf_cvm_draw_which which,
                             uint32_t falsy_percent);
/* At least one field. The caller frees the object. */
cJSON *cf_cvm_drawing_fields(struct cf_cvm_drawing *d, enum cf_cvm_draw_which which,
                             uint32_t falsy_percent);

/* A command that has to be refused (explore_draw_refused.c); none where the profile has nothing for
 * the kind that was drawn. */
void cf_cvm_draw_refused(struct cf_cvm_drawing *d, int cvm);

/* Commands of contract-owned CVMs (explore_draw_phases.c): a phase 1, a phase 2 of one of those
 * with a proof, a commit by token. None where there is nothing to finish. */
void cf_cvm_draw_phase1(struct cf_cvm_drawing *d, int cvm);
/* The same phase 1 on the other CVM as is open on the main one; whether there is one. */
bool cf_cvm_drawing_may_share(const struct cf_cvm_drawing *d);
void cf_cvm_draw_shared(struct cf_cvm_drawing *d);
/* Whether the last phase 1 of the main CVM had no phase 2 yet. */
bool cf_cvm_drawing_has_open(const struct cf_cvm_drawing *d);
void cf_cvm_draw_finish(struct cf_cvm_drawing *d);
void cf_cvm_draw_commit(struct cf_cvm_drawing *d);
/* Whether the last phase 2 of a CVM brought a compose file and a script; taking that away. */
bool cf_cvm_drawing_took_files(const struct cf_cvm_drawing *d, int cvm);
void cf_cvm_draw_emptied(struct cf_cvm_drawing *d, int cvm);

#endif
