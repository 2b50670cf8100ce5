#include "cli/openapi/drift_schema.h"
#include "cli/openapi/schema.h"

#include <string.h>

/* What is compared at one place. */
struct pair {
    const struct cf_compare *c;
    struct cf_schema ours, theirs;
    const char *what;
    const char *place;
    bool answer;
};

static void differ(const struct pair *p, enum cf_drift_kind kind, const char *aspect,
                   const char *text)
{
    struct cf_buf place = {0};
    cf_buf_printf(&place, "%s%s%s", p->place, *aspect ? ", " : "", aspect);
    cf_compare_find(p->c, kind, cf_buf_text(&place), "%s: %s", p->what, text);
    cf_buf_release(&place);
}

/* ---- types ---- */

static void compare_types(const struct pair *p)
{
    unsigned lacks = p->ours.types & ~p->theirs.types;
    unsigned adds = p->theirs.types & ~p->ours.types;
    struct cf_buf text = {0};
    if (p->answer)
        lacks = 0; /* less is as good */
    if (lacks == 0 && adds == 0)
        return;
    cf_buf_puts(&text, "the contract says ");
    cf_schema_put_types(p->ours.types, &text);
    cf_buf_puts(&text, ", the document ");
    cf_schema_put_types(p->theirs.types, &text);
    bool only_null = lacks == CF_SCHEMA_NULL && adds == 0;
    /* Generators of 3.0 leave nullable out (FastAPI with pydantic 1), so its absence says little.
     */
    const char *version = cf_json_text(p->c->other->doc.root, "openapi", "");
    bool silent = only_null && strncmp(version, "3.0", 3) == 0;
    differ(p, silent ? CF_DRIFT_REMARK : CF_DRIFT_CONTRADICTION, only_null ? "null" : "",
           cf_buf_text(&text));
    cf_buf_release(&text);
}

/* ---- bounds, defaults ---- */

static void compare_bound(const struct pair *p, const char *name, const cJSON *ours,
                          const cJSON *theirs)
{
    struct cf_buf text = {0};
    if (ours && !(theirs && cf_json_equal(ours, theirs))) {
        cf_buf_printf(&text, "%s is %s by the contract, %s by the document", name,
                      ours->valuestring, theirs ? theirs->valuestring : "not limited");
        differ(p, CF_DRIFT_CONTRADICTION, name, cf_buf_text(&text));
    } else if (!ours && theirs) {
        cf_buf_printf(&text, "the document has a %s of %s, the contract none", name,
                      theirs->valuestring);
        differ(p, CF_DRIFT_REMARK, name, cf_buf_text(&text));
    }
    cf_buf_release(&text);
}

static void compare_default(const struct pair *p)
{
    const cJSON *ours = p->ours.default_value;
    const cJSON *theirs = p->theirs.default_value;
    struct cf_buf text = {0};
    if (cJSON_IsNull(theirs))
        theirs = NULL;
    if (ours && !theirs) {
        cf_buf_puts(&text, "the document does not tell the default, which is ");
        cf_json_print(&text, ours);
        differ(p, CF_DRIFT_REMARK, "default", cf_buf_text(&text));
    } else if (theirs && !(ours && cf_json_equal(ours, theirs))) {
        cf_buf_puts(&text, "the default is ");
        if (ours)
            cf_json_print(&text, ours);
        else
            cf_buf_puts(&text, "none");
        cf_buf_puts(&text, " by the contract, ");
        cf_json_print(&text, theirs);
        cf_buf_puts(&text, " by the document");
        differ(p, CF_DRIFT_CONTRADICTION, "default", cf_buf_text(&text));
    }
    cf_buf_release(&text);
}

static void compare_narrowness(const struct pair *p)
{
    const struct cf_schema *ours = &p->ours;
    const struct cf_schema *theirs = &p->theirs;
    bool all_listed =
        theirs->string_branches > 0 && theirs->enum_branches == theirs->string_branches;
    if (p->answer)
        return;
    if (all_listed && ours->enum_branches < ours->string_branches)
        differ(p, CF_DRIFT_REMARK, "", "the document lists the texts it may be, the contract none");
    if (theirs->narrows && !ours->narrows) {
        struct cf_buf text = {0};
        cf_buf_printf(&text, "the document narrows it by %s, the contract does not",
                      theirs->narrows);
        differ(p, CF_DRIFT_REMARK, "", cf_buf_text(&text));
        cf_buf_release(&text);
    }
}

/* ---- objects ---- */

static bool is_required(const cJSON *object, const char *name)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, cf_json_get(object, "required"))
    {
        if (cJSON_IsString(one) && strcmp(one->valuestring, name) == 0)
            return true;
    }
    return false;
}

static void compare_required(const struct pair *p, const char *name)
{
    bool ours = is_required(p->ours.object, name);
    bool theirs = is_required(p->theirs.object, name);
    struct cf_buf aspect = {0};
    struct cf_buf text = {0};
    if (ours)
        cf_buf_printf(&aspect, "required %s", name);
    else
        cf_buf_puts(&aspect, "no required");
    cf_buf_printf(&text, "%s is %s by the contract, %s by the document", name,
                  ours ? "required" : "optional", theirs ? "required" : "optional");
    if (ours != theirs && !(p->answer && theirs))
        differ(p, CF_DRIFT_CONTRADICTION, cf_buf_text(&aspect), cf_buf_text(&text));
    cf_buf_release(&aspect);
    cf_buf_release(&text);
}

static void compare_member(const struct pair *p, const cJSON *ours)
{
    const cJSON *members = cf_json_get(p->theirs.object, "properties");
    const cJSON *theirs = cf_json_get(members, ours->string);
    struct cf_buf place = {0};
    struct cf_buf what = {0};
    cf_buf_printf(&place, "%s/properties/%s", p->place, ours->string);
    cf_buf_printf(&what, "%s%s%s", p->what, p->what[0] ? "." : "", ours->string);
    if (theirs) {
        cf_compare_schemas(p->c, ours, theirs, cf_buf_text(&what), cf_buf_text(&place), p->answer);
        compare_required(p, ours->string);
    } else if (!p->answer || is_required(p->ours.object, ours->string)) {
        cf_compare_find(p->c, CF_DRIFT_CONTRADICTION, cf_buf_text(&place),
                        "%s: the document does not have it", cf_buf_text(&what));
    }
    cf_buf_release(&place);
    cf_buf_release(&what);
}

/* A member that only the other document has. */
static void tell_more(const struct pair *p, const char *name)
{
    if (is_required(p->theirs.object, name) && !p->answer)
        cf_compare_find(p->c, CF_DRIFT_CONTRADICTION, p->place,
                        "%s.%s: required by the document, unknown to the contract", p->what, name);
    else
        cf_compare_find(p->c, CF_DRIFT_BEYOND, NULL, "%s.%s", p->what, name);
}

static void compare_objects(const struct pair *p)
{
    const cJSON *ours = cf_json_get(p->ours.object, "properties");
    const cJSON *theirs = cf_json_get(p->theirs.object, "properties");
    const cJSON *member;
    const cJSON *extra = cf_json_get(p->theirs.object, "additionalProperties");
    if (!p->theirs.object) {
        differ(p, CF_DRIFT_REMARK, "", "the document does not tell the members");
        return;
    }
    cJSON_ArrayForEach(member, ours) compare_member(p, member);
    cJSON_ArrayForEach(member, theirs)
    {
        if (!cf_json_get(ours, member->string))
            tell_more(p, member->string);
    }
    if (cf_json_number(p->theirs.object, "minProperties", 0) > 0 && !p->answer)
        differ(p, CF_DRIFT_CONTRADICTION, "no required and no minProperties",
               "the document wants some member, the contract none");
    if (cJSON_IsFalse(extra) && !p->answer)
        differ(p, CF_DRIFT_REMARK, "no additionalProperties",
               "the document refuses unknown members");
}

/* ---- a place ---- */

/* Schemas with a name are the same place wherever they are used. Names of generated forms end with
 * the path of their endpoint. */
static void put_place(const struct pair *p, const char *place, struct cf_buf *out)
{
    const char *name = p->ours.name;
    const char *end = name ? strstr(name, "_api_") : NULL;
    if (name)
        cf_buf_printf(out, "components/schemas/%.*s", (int)(end ? end - name : (long)strlen(name)),
                      name);
    else
        cf_buf_puts(out, place);
}

void cf_compare_schemas(const struct cf_compare *c, const cJSON *ours, const cJSON *theirs,
                        const char *what, const char *place, bool answer)
{
    struct pair p = {.c = c, .what = what, .place = place, .answer = answer};
    cf_schema_read(c->contract, ours, &p.ours);
    cf_schema_read(c->other, theirs, &p.theirs);
    if (p.ours.says_nothing)
        return;
    if (p.theirs.unreadable || p.theirs.says_nothing) {
        differ(&p, CF_DRIFT_REMARK, "",
               p.theirs.unreadable ? "a reference leads nowhere, or there is no end to it"
                                   : "the document does not tell what it is");
        return;
    }
    compare_types(&p);
    compare_bound(&p, "minimum", p.ours.minimum, p.theirs.minimum);
    compare_bound(&p, "maximum", p.ours.maximum, p.theirs.maximum);
    compare_default(&p);
    compare_narrowness(&p);
    if (p.ours.items && (p.theirs.types & CF_SCHEMA_ARRAY)) {
        struct cf_buf inner = {0};
        struct cf_buf inside = {0};
        cf_buf_printf(&inner, "%s[]", what);
        cf_buf_printf(&inside, "%s, items", place);
        cf_compare_schemas(c, p.ours.items, p.theirs.items, cf_buf_text(&inner),
                           cf_buf_text(&inside), answer);
        cf_buf_release(&inner);
        cf_buf_release(&inside);
    }
    if (p.ours.object && (p.theirs.types & CF_SCHEMA_OBJECT)) {
        struct cf_buf named = {0};
        put_place(&p, place, &named);
        p.place = cf_buf_text(&named);
        compare_objects(&p);
        cf_buf_release(&named);
    }
}
