/*
 * What values a JSON Schema takes, as far as two such documents can be held against each other: the
 * types, and for each type the one description that is left when references, unions and the two
 * spellings of null (3.0's nullable, 3.1's type null) are written out.
 *
 * A union takes what any of its branches takes, so a bound or an enum counts only where every
 * branch of that type has one. Of allOf the branches are laid together. Schemas are foreign: a work
 * limit ends what is endless.
 */
#ifndef CF_CLI_OPENAPI_SCHEMA_H
#define CF_CLI_OPENAPI_SCHEMA_H

#include "cli/openapi/document.h"

enum cf_schema_type {
    CF_SCHEMA_NULL = 1,
    CF_SCHEMA_BOOLEAN = 2,
    CF_SCHEMA_INTEGER = 4,
    CF_SCHEMA_NUMBER = 8, /* integers too */
    CF_SCHEMA_STRING = 16,
    CF_SCHEMA_ARRAY = 32,
    CF_SCHEMA_OBJECT = 64,
    CF_SCHEMA_ALL = 127
};

struct cf_schema {
    unsigned types;    /* 0 where the schema could not be followed */
    bool says_nothing; /* it is absent, {} or true: any value */
    bool unreadable;   /* a reference that leads nowhere, or no end to it */
    /* Of numbers; NULL: no bound in some branch. */
    const cJSON *minimum, *maximum;
    const cJSON *default_value; /* NULL: none */
    const cJSON *items;         /* of arrays; NULL: any */
    const cJSON *object;        /* the object's own schema, resolved; NULL: any object */
    const char *name;           /* of the object's schema in components; NULL: none */
    const char *narrows;        /* a keyword that makes it narrower, not compared; NULL */
    size_t string_branches, enum_branches; /* how many branches take texts; listed ones only */
};

/* node may be NULL, as where there is no schema. The result borrows from the document. */
void cf_schema_read(const struct cf_openapi *openapi, const cJSON *node, struct cf_schema *out);

/* "integer or null" into out; "any value" for all. */
void cf_schema_put_types(unsigned types, struct cf_buf *out);

#endif
