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

static void add_fields(cJSON *row, unsigned mask)
{
    cJSON *fields = cJSON_AddArrayToObject(row, "fields");
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (mask >> i & 1)
            cJSON_AddItemToArray(fields, cJSON_CreateString(cf_cvm_fields[i].name));
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
    add_fields(row, mask);
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
 * One field of each turn. Between its two rounds a turn updates all fields that are not its own. So
 * two are together there in three turns at least, and each without the other where they are not of
 * one turn; those of one turn are apart here, and of any two both are missing from one row.
 */
static unsigned one_a_turn_mask(int place)
{
    unsigned mask = 0;
    for (int turn = 0; turn < TURNS; turn++)
        mask |= 1u << (turn * TURN_FIELDS + place);
    return mask;
}

/* No part of a turn: they would keep its CVM for longer than all else is kept. */
cJSON *cf_cvm_rows_one_a_turn(void)
{
    cJSON *rows = cJSON_CreateArray();
    for (int i = 0; i < TURN_FIELDS; i++) {
        char id[32];
        snprintf(id, sizeof(id), "pair-%02d", 2 * i + 1);
        add_fields(add_row(rows, id), one_a_turn_mask(i));
    }
    return rows;
}

cJSON *cf_cvm_rows_all_others(void)
{
    cJSON *rows = cJSON_CreateArray();
    for (int turn = 0; turn < TURNS; turn++) {
        char id[32];
        snprintf(id, sizeof(id), "pair-%02d", 2 * turn + 2);
        add_place(rows, id, rest_mask(turn), turn, "the rest");
    }
    return rows;
}

cJSON *cf_cvm_rows_presence_pairs(void)
{
    cJSON *rows = cf_cvm_rows_one_a_turn();
    cJSON *others = cf_cvm_rows_all_others();
    while (others->child)
        cJSON_AddItemToArray(rows, cJSON_DetachItemViaPointer(others, others->child));
    cJSON_Delete(others);
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
        add_change(row, "rest", rest_mask(turn));
    }
    return rows;
}
