/*
 * The fields of UpdateCvmRequest, and what it takes to move, to read and to compare them: the table
 * is fields.def, and everything that depends on a field's nature is here. field_rows.c makes rows
 * of case files from it.
 */
#ifndef CF_SUITES_FIELDS_H
#define CF_SUITES_FIELDS_H

#include "harness/base/json.h"

enum cf_cvm_field_kind {
    CF_CVM_FIELD_TEXT,
    CF_CVM_FIELD_CONFIG, /* text; it may be read as an object of what some know of it */
    CF_CVM_FIELD_HEX,    /* text in which the case of letters and a leading 0x do not matter */
    CF_CVM_FIELD_BOOLEAN,
    CF_CVM_FIELD_INTEGER,
    CF_CVM_FIELD_NAMES, /* array of strings, in any order */
    CF_CVM_FIELD_GPUS   /* the list of them, or how many there are */
};

/* Where the read side shows something: a GET path, and a pointer into its answer. */
struct cf_cvm_shown {
    const char *get; /* NULL: nowhere */
    const char *pointer;
    double scale;       /* reading times scale is in the PATCH body's unit */
    const char *format; /* "json", "text", NULL: as the answer says */
};

/* The shapes of the read side that the vendor documents. */
enum cf_cvm_preset { CF_CVM_PRESET_2026, CF_CVM_PRESET_2025, CF_CVM_PRESET_COUNT };

struct cf_cvm_field {
    const char *name;
    enum cf_cvm_field_kind kind;
    bool affects_hash; /* part of app-compose.json */
    bool needs_values; /* the profile must list legal values */
    bool nullable;
    int least; /* the least number that is legal, as far as the contract says; 0 */
    struct cf_cvm_shown shown[CF_CVM_PRESET_COUNT];
};

/* The greatest number that the contract names: of the field that it names a least one for. */
enum { CF_CVM_TIMEOUT_MOST = 1200 };

enum {
#define CF_CVM_FIELD(...) +1
    CF_CVM_FIELD_COUNT = 0
#include "suites/fields.def"
#undef CF_CVM_FIELD
};
extern const struct cf_cvm_field cf_cvm_fields[CF_CVM_FIELD_COUNT];

/* Names, NULL-terminated, for the profile: all of them, and those with needs_values. */
extern const char *const cf_cvm_field_names[];
extern const char *const cf_cvm_field_names_listed[];
/* Those that a preset says are out of sight, as the presets are numbered. */
extern const char *const *const cf_cvm_field_names_hidden[CF_CVM_PRESET_COUNT];

/* Index of the field, -1 for an unknown name. */
int cf_cvm_field_index(const char *name);

/*
 * Whether a reading shows a value. Empty text, an empty list, null and absence all read as "none",
 * since a server may store any of them for any other; absence reads as false, too, which some read
 * sides leave out; GPUs match when the slots do and whatever else was asked for is there, or, where
 * only their number is read, when that does. An object that a user_config is read as is compared in
 * the members that the read side knows; a text may have a byte order mark that was not asked for.
 * read may be NULL (absent).
 */
bool cf_cvm_field_same(const struct cf_cvm_field *field, const cJSON *read, const cJSON *asked);

/* Whether a reading has a shape that can be compared for this field at all. */
bool cf_cvm_field_readable(const struct cf_cvm_field *field, const cJSON *read);

/* Whether every CVM has one, as of sizes, image and compose file: a reading without it tells
 * nothing. */
bool cf_cvm_field_never_empty(const struct cf_cvm_field *field);

/* Why a reading of this shape shows nothing of a value that is asked for, NULL where it shows
 * something: an object that a user_config is read as has nothing of another text. */
const char *cf_cvm_field_hides(const struct cf_cvm_field *field, const cJSON *read,
                               const cJSON *asked);
/* What a reading of this shape leaves unseen of any value, NULL where it shows all. */
#define CF_CVM_CONFIG_SHOWS "only hostname, ssh_authorized_keys and default_gateway_domain show"
const char *cf_cvm_field_shows_part(const struct cf_cvm_field *field, const cJSON *read,
                                    const cJSON *asked);

/* For the profile's values: why the field cannot have this one (NULL: it can), and whether two that
 * are written differently are one and the same. */
const char *cf_cvm_field_value_fault(const char *name, const cJSON *value);
bool cf_cvm_field_values_alike(const char *name, const cJSON *a, const cJSON *b);

/*
 * Generators of rows for case files. Each three fields are a turn: they are updated one after the
 * other, then all that are not theirs, then they again. The caller frees the rows.
 *
 * "fields": one a field: id, field, the list of that one as fields, and the turn that it is in with
 * its place there ("first", "second", "third"). "all-others": one for the update of several in each
 * turn: id, fields, turn and place ("the rest"). "one-a-turn": one for each place in turns, of the
 * fields that have it: id and fields. "presence-pairs": both, together a pairwise covering array
 * over the presence of all fields. "turns": one a turn: its id is the names of its fields, and what
 * its updates ask for is in first, second, third and rest.
 */
cJSON *cf_cvm_rows_fields(void);
cJSON *cf_cvm_rows_all_others(void);
cJSON *cf_cvm_rows_one_a_turn(void);
cJSON *cf_cvm_rows_presence_pairs(void);
cJSON *cf_cvm_rows_turns(void);

#endif
