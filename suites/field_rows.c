/* Rows of case files made from the table of fields. */
#include "suites/fields.h"

#include <stdio.h>

static cJSON *add_row(cJSON *rows, const char *id)
{
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(rows, row);
    cJSON_AddStringToObject(row, "id", id);
    return row;
}

enum { TURN_FIELDS = 3, TURNS = CF_CVM_FIELD_COUNT / TURN_FIELDS, NAMES_BYTES = 320 };

static const char *const places[TURN_FIELDS] = {"first", "second", "third"};

_Static_assert(TURNS *TURN_FIELDS == CF_CVM_FIELD_COUNT, "every turn has its three fields");

/* The fields of a turn, one bit each, and all that are not its own. */
static unsigned turn_mask(int turn)
{
    return ((1u << TURN_FIELDS) - 1) << turn * TURN_FIELDS;
}

static unsigned rest_mask(int turn)
{
    return ((1u << CF_CVM_FIELD_COUNT) - 1) & ~turn_mask(turn);
}

/* Their names, with commas. */
static void join_names(char out[NAMES_BYTES], unsigned mask)
{
    int len = 0;
    out[0] = '\0';
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (mask >> i & 1)
            len += snprintf(out + len, (size_t)(NAMES_BYTES - len), "%s%s", len > 0 ? "," : "",
                            cf_cvm_fields[i].name);
    }
}

/* A row of the fields in mask, and where in which turn they are updated. */
static void add_place(cJSON *rows, const char *id, unsigned mask, int turn, const char *place)
{
    char names[NAMES_BYTES];
    cJSON *row = add_row(rows, id);
    join_names(names, turn_mask(turn));
    cJSON_AddStringToObject(row, "turn", names);
    cJSON_AddStringToObject(row, "place", place);
    cJSON *fields = cJSON_AddArrayToObject(row, "fields");
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (mask >> i & 1)
            cJSON_AddItemToArray(fields, cJSON_CreateString(cf_cvm_fields[i].name));
    }
}

cJSON *cf_cvm_rows_fields(void)
{
    cJSON *rows = cJSON_CreateArray();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const char *name = cf_cvm_fields[i].name;
        add_place(rows, name, 1u << i, i / TURN_FIELDS, places[i % TURN_FIELDS]);
        cJSON_AddStringToObject(cJSON_GetArrayItem(rows, i), "field", name);
    }
    return rows;
}

/*
 * Between its two rounds a turn updates the fields that are not its own: three of other turns, then
 * the rest. Each field is among the three once, and those of a turn in different turns. So two are
 * together among the rest somewhere, as three turns update both of them and two of these at most
 * set one apart; and two of a turn are apart somewhere. With the turns of either, in which it is
 * not updated and the other one is, every two occur together, each without the other, and not at
 * all.
 */
static unsigned three_mask(int turn)
{
    unsigned mask = 0;
    for (int i = 0; i < TURN_FIELDS; i++) {
        int other = (turn + TURNS - 1 - i) % TURNS;
        mask |= 1u << (other * TURN_FIELDS + i);
    }
    return mask;
}

cJSON *cf_cvm_rows_presence_pairs(void)
{
    cJSON *rows = cJSON_CreateArray();
    for (int turn = 0; turn < TURNS; turn++) {
        char id[32];
        snprintf(id, sizeof(id), "pair-%02d", 2 * turn + 1);
        add_place(rows, id, three_mask(turn), turn, "three others");
        snprintf(id, sizeof(id), "pair-%02d", 2 * turn + 2);
        add_place(rows, id, rest_mask(turn) & ~three_mask(turn), turn, "the rest");
    }
    return rows;
}

static void add_change(cJSON *row, const char *member, unsigned mask)
{
    char names[NAMES_BYTES];
    char value[NAMES_BYTES + 16];
    join_names(names, mask);
    snprintf(value, sizeof(value), "${change.%s}", names);
    cJSON_AddStringToObject(row, member, value);
}

cJSON *cf_cvm_rows_turns(void)
{
    cJSON *rows = cJSON_CreateArray();
    for (int turn = 0; turn < TURNS; turn++) {
        char id[NAMES_BYTES];
        join_names(id, turn_mask(turn));
        cJSON *row = add_row(rows, id);
        for (int i = 0; i < TURN_FIELDS; i++)
            add_change(row, places[i], 1u << (turn * TURN_FIELDS + i));
        add_change(row, "others", three_mask(turn));
        add_change(row, "rest", rest_mask(turn) & ~three_mask(turn));
    }
    return rows;
}
