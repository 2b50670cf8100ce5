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

enum { TURN_FIELDS = 3, TURN_BYTES = 120 };

/* The names of the fields from the first one on, as many as are in a turn or left. */
static void name_turn(char out[TURN_BYTES], int first)
{
    int len = 0;
    for (int i = first; i < first + TURN_FIELDS && i < CF_CVM_FIELD_COUNT; i++)
        len += snprintf(out + len, (size_t)(TURN_BYTES - len), "%s%s", i > first ? "," : "",
                        cf_cvm_fields[i].name);
}

/* The member "fields" as the rows of several fields have it. Each three fields have a "turn", which
 * is called as all of them, and each has its "place" in it. */
cJSON *cf_cvm_rows_fields(void)
{
    static const char *const places[TURN_FIELDS] = {"first", "second", "third"};
    char turn[TURN_BYTES];
    cJSON *rows = cJSON_CreateArray();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        cJSON *row = add_row(rows, cf_cvm_fields[i].name);
        cJSON_AddStringToObject(row, "field", cf_cvm_fields[i].name);
        if (i % TURN_FIELDS == 0)
            name_turn(turn, i);
        cJSON_AddStringToObject(row, "turn", turn);
        cJSON_AddStringToObject(row, "place", places[i % TURN_FIELDS]);
        cJSON *fields = cJSON_AddArrayToObject(row, "fields");
        cJSON_AddItemToArray(fields, cJSON_CreateString(cf_cvm_fields[i].name));
    }
    return rows;
}

/*
 * Pairwise covering over presence: for every two fields, each of {both, only the first, only the
 * second, neither} occurs in some row. Greedy: the row that covers most of what is left, out of
 * a fixed pseudo-random set of candidates, until nothing is left; rows without any field are no
 * update and are left out (the pair "neither" is covered by others).
 */
enum { CANDIDATES = 400 };

static unsigned next_mask(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return (*state >> 12) & ((1u << CF_CVM_FIELD_COUNT) - 1);
}

static int new_pairs(unsigned mask, unsigned char covered[CF_CVM_FIELD_COUNT][CF_CVM_FIELD_COUNT],
                     bool mark)
{
    int count = 0;
    for (int a = 0; a < CF_CVM_FIELD_COUNT; a++) {
        for (int b = a + 1; b < CF_CVM_FIELD_COUNT; b++) {
            unsigned char bit = (unsigned char)(1u << ((mask >> a & 1) * 2 + (mask >> b & 1)));
            if (covered[a][b] & bit)
                continue;
            count++;
            if (mark)
                covered[a][b] |= bit;
        }
    }
    return count;
}

static void add_presence_row(cJSON *rows, unsigned mask, int index)
{
    char id[32];
    snprintf(id, sizeof(id), "pair-%02d", index);
    cJSON *row = add_row(rows, id);
    cJSON *fields = cJSON_AddArrayToObject(row, "fields");
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (mask >> i & 1)
            cJSON_AddItemToArray(fields, cJSON_CreateString(cf_cvm_fields[i].name));
    }
}

cJSON *cf_cvm_rows_presence_pairs(void)
{
    unsigned char covered[CF_CVM_FIELD_COUNT][CF_CVM_FIELD_COUNT] = {{0}};
    unsigned state = 20260121;
    int left = CF_CVM_FIELD_COUNT * (CF_CVM_FIELD_COUNT - 1) / 2 * 4;
    cJSON *rows = cJSON_CreateArray();
    for (int index = 1; left > 0; index++) {
        unsigned best = 0;
        int best_count = 0;
        for (int i = 0; i < CANDIDATES; i++) {
            unsigned mask = next_mask(&state);
            int count = mask ? new_pairs(mask, covered, false) : 0;
            if (count > best_count) {
                best = mask;
                best_count = count;
            }
        }
        if (best_count == 0)
            continue; /* another set of candidates */
        left -= new_pairs(best, covered, true);
        add_presence_row(rows, best, index);
    }
    return rows;
}
