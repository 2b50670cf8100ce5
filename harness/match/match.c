#include "harness/match/match.h"
#include "harness/match/describe.h"

#include <assert.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

enum { POINTER_BYTES = 4096, NEIGHBOURS_MAX = 8, NEIGHBOUR_BYTES = 40 };

/* Where the value stands that is matched, and who is told. */
struct spot {
    const char *pointer;
    const struct cf_match_sink *sink;
    const cJSON *owner; /* the object that the value is, or should be, a member of; or NULL */
};

typedef bool match_fn(const cJSON *wanted, const cJSON *value, const struct spot *at);
typedef enum cf_code check_fn(const struct cf_json_doc *doc, const cJSON *wanted, const char *path,
                              struct cf_err *err);

struct word {
    const char *name;
    match_fn *match;
    check_fn *check;
};

static const struct word *word_of(const char *name);
static bool match_at(const cJSON *matcher, const cJSON *value, const struct spot *at);

/* ---- telling ---- */

/* Names of the members that are there tell a misspelt one, or an envelope around it all. */
static void describe_neighbours(struct cf_buf *out, const cJSON *owner)
{
    const char *before = ", beside ";
    int count = 0;
    const cJSON *member;
    cJSON_ArrayForEach(member, owner)
    {
        if (!member->string || strlen(member->string) > NEIGHBOUR_BYTES ||
            count++ >= NEIGHBOURS_MAX)
            continue;
        cf_buf_puts(out, before);
        cf_json_put_text(out, member->string);
        before = ", ";
    }
}

/* equal_to: what the value was to equal, NULL where something else was asked of it. */
static void tell(const struct spot *at, struct cf_buf *expected, const cJSON *value,
                 const cJSON *equal_to)
{
    struct cf_buf actual = {0};
    cf_describe(&actual, value);
    if (!value)
        describe_neighbours(&actual, at->owner);
    cf_describe_difference(expected, &actual, equal_to, value);
    struct cf_mismatch mismatch = {at->sink->origin, at->pointer, cf_buf_text(expected),
                                   cf_buf_text(&actual), "the value is not as expected"};
    at->sink->add(at->sink->context, &mismatch);
    cf_buf_release(&actual);
}

/* Tell of a single word that did not hold; false, for returning. */
static bool tell_word(const char *word, const cJSON *wanted, const cJSON *value,
                      const struct spot *at)
{
    struct cf_buf expected = {0};
    if (!at->sink->add)
        return false;
    cJSON holder = {.type = cJSON_Object};
    cJSON member = *wanted;
    char name[32];
    snprintf(name, sizeof(name), "%s", word);
    member.string = name;
    member.next = member.prev = NULL;
    holder.child = &member;
    cf_describe_matcher(&expected, &holder);
    tell(at, &expected, value, strcmp(word, "equals") == 0 ? wanted : NULL);
    cf_buf_release(&expected);
    return false;
}

/* Whether matcher matches, telling nobody. */
static bool quietly(const cJSON *matcher, const cJSON *value, const struct spot *at)
{
    struct cf_match_sink silent = {.origin = at->sink->origin};
    struct spot there = {at->pointer, &silent, at->owner};
    return match_at(matcher, value, &there);
}

/* ---- words ---- */

static bool match_equals(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    return (value && cf_json_equal(wanted, value)) || tell_word("equals", wanted, value, at);
}

static bool match_type(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    const char *actual = cf_json_type(value);
    return strcmp(wanted->valuestring, actual) == 0 ||
           (strcmp(wanted->valuestring, "number") == 0 && strcmp(actual, "integer") == 0) ||
           tell_word("type", wanted, value, at);
}

static bool match_one_of(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    const cJSON *matcher;
    cJSON_ArrayForEach(matcher, wanted)
    {
        if (quietly(matcher, value, at))
            return true;
    }
    return tell_word("one_of", wanted, value, at);
}

static bool match_all(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    bool good = true;
    const cJSON *matcher;
    cJSON_ArrayForEach(matcher, wanted) good = match_at(matcher, value, at) && good;
    return good;
}

static bool match_not(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    return !quietly(wanted, value, at) || tell_word("not", wanted, value, at);
}

static bool match_matches(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    regex_t regex;
    if (cJSON_IsString(value) &&
        regcomp(&regex, wanted->valuestring, REG_EXTENDED | REG_NOSUB) == 0) {
        int result = regexec(&regex, value->valuestring, 0, NULL, 0);
        regfree(&regex);
        if (result == 0)
            return true;
    }
    return tell_word("matches", wanted, value, at);
}

static double length_of(const cJSON *value)
{
    if (!cJSON_IsString(value))
        return (double)cJSON_GetArraySize(value);
    double count = 0;
    for (const char *p = value->valuestring; *p; p++)
        count += ((unsigned char)*p & 0xc0) != 0x80;
    return count;
}

static bool match_length(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    if (cJSON_IsString(value) || cJSON_IsArray(value) || cJSON_IsObject(value)) {
        double length = length_of(value);
        if (cJSON_IsNumber(wanted) ? length == wanted->valuedouble
                                   : length >= cf_json_number(wanted, "min", 0) &&
                                         length <= cf_json_number(wanted, "max", 1e300))
            return true;
    }
    return tell_word("length", wanted, value, at);
}

static bool match_min(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    return (cJSON_IsNumber(value) && value->valuedouble >= wanted->valuedouble) ||
           tell_word("min", wanted, value, at);
}

static bool match_max(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    return (cJSON_IsNumber(value) && value->valuedouble <= wanted->valuedouble) ||
           tell_word("max", wanted, value, at);
}

static void child_pointer(struct cf_buf *out, const struct spot *at, const char *name, int index)
{
    char digits[16];
    *out = (struct cf_buf){0};
    cf_buf_puts(out, at->pointer);
    snprintf(digits, sizeof(digits), "%d", index);
    cf_json_pointer_add(out, name ? name : digits);
}

static bool match_every(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    int index = 0;
    bool good = true;
    const cJSON *element;
    if (!cJSON_IsArray(value))
        return tell_word("every", wanted, value, at);
    cJSON_ArrayForEach(element, value)
    {
        struct cf_buf pointer;
        child_pointer(&pointer, at, NULL, index++);
        struct spot inner = {cf_buf_text(&pointer), at->sink, NULL};
        good = match_at(wanted, element, &inner) && good;
        cf_buf_release(&pointer);
    }
    return good;
}

static bool match_any(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    const cJSON *element;
    if (cJSON_IsArray(value)) {
        cJSON_ArrayForEach(element, value)
        {
            if (quietly(wanted, element, at))
                return true;
        }
    }
    return tell_word("any", wanted, value, at);
}

static bool match_members(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    bool good = true;
    const cJSON *matcher;
    if (!cJSON_IsObject(value))
        return tell_word("members", wanted, value, at);
    cJSON_ArrayForEach(matcher, wanted)
    {
        struct cf_buf pointer;
        child_pointer(&pointer, at, matcher->string, 0);
        struct spot inner = {cf_buf_text(&pointer), at->sink, value};
        good = match_at(matcher, cf_json_get(value, matcher->string), &inner) && good;
        cf_buf_release(&pointer);
    }
    return good;
}

static bool match_present(const cJSON *wanted, const cJSON *value, const struct spot *at)
{
    return cJSON_IsTrue(wanted) == (value != NULL) || tell_word("present", wanted, value, at);
}

/* ---- checks of form ---- */

static enum cf_code wrong(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                          const char *wanted, struct cf_err *err)
{
    bool empty = (cJSON_IsArray(node) || cJSON_IsObject(node)) && !node->child;
    return cf_json_fault(doc, node, err, "%s: expected %s, got %s", path, wanted,
                         empty ? "an empty one" : cf_json_type(node));
}

static enum cf_code check_anything(const struct cf_json_doc *doc, const cJSON *wanted,
                                   const char *path, struct cf_err *err)
{
    (void)doc, (void)wanted, (void)path, (void)err;
    return CF_OK;
}

static enum cf_code check_type(const struct cf_json_doc *doc, const cJSON *wanted, const char *path,
                               struct cf_err *err)
{
    static const char *const types[] = {"null",   "boolean", "integer", "number",
                                        "string", "array",   "object"};
    for (size_t i = 0; cJSON_IsString(wanted) && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i], wanted->valuestring) == 0)
            return CF_OK;
    }
    return cf_json_fault(doc, wanted, err, "%s: not the name of a JSON type", path);
}

static enum cf_code check_each(const struct cf_json_doc *doc, const cJSON *matchers,
                               const char *path, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    const cJSON *matcher = matchers->child;
    for (; code == CF_OK && matcher; matcher = matcher->next)
        code = cf_matcher_check(doc, matcher, path, err);
    return code;
}

static enum cf_code check_list(const struct cf_json_doc *doc, const cJSON *wanted, const char *path,
                               struct cf_err *err)
{
    if (!cJSON_IsArray(wanted) || !wanted->child)
        return wrong(doc, wanted, path, "an array of matchers", err);
    return check_each(doc, wanted, path, err);
}

static enum cf_code check_regex(const struct cf_json_doc *doc, const cJSON *wanted,
                                const char *path, struct cf_err *err)
{
    regex_t regex;
    char why[128];
    if (!cJSON_IsString(wanted))
        return wrong(doc, wanted, path, "a regular expression", err);
    int result = regcomp(&regex, wanted->valuestring, REG_EXTENDED | REG_NOSUB);
    if (result == 0) {
        regfree(&regex);
        return CF_OK;
    }
    regerror(result, &regex, why, sizeof(why));
    return cf_json_fault(doc, wanted, err, "%s: bad regular expression: %s", path, why);
}

static enum cf_code check_number(const struct cf_json_doc *doc, const cJSON *wanted,
                                 const char *path, struct cf_err *err)
{
    return cJSON_IsNumber(wanted) ? CF_OK : wrong(doc, wanted, path, "a number", err);
}

static enum cf_code check_length(const struct cf_json_doc *doc, const cJSON *wanted,
                                 const char *path, struct cf_err *err)
{
    const cJSON *bound;
    if (cf_json_is_integer(wanted))
        return CF_OK;
    if (!cJSON_IsObject(wanted) || !wanted->child)
        return wrong(doc, wanted, path, "an integer or an object of min, max", err);
    cJSON_ArrayForEach(bound, wanted)
    {
        if ((strcmp(bound->string, "min") != 0 && strcmp(bound->string, "max") != 0) ||
            !cf_json_is_integer(bound))
            return cf_json_fault(doc, bound, err, "%s: wants integers min, max", path);
    }
    return CF_OK;
}

static enum cf_code check_members(const struct cf_json_doc *doc, const cJSON *wanted,
                                  const char *path, struct cf_err *err)
{
    if (!cJSON_IsObject(wanted) || !wanted->child)
        return wrong(doc, wanted, path, "an object of matchers", err);
    return check_each(doc, wanted, path, err);
}

static enum cf_code check_boolean(const struct cf_json_doc *doc, const cJSON *wanted,
                                  const char *path, struct cf_err *err)
{
    return cJSON_IsBool(wanted) ? CF_OK : wrong(doc, wanted, path, "a boolean", err);
}

static const struct word words[] = {
    {"equals", match_equals, check_anything},  {"type", match_type, check_type},
    {"one_of", match_one_of, check_list},      {"all", match_all, check_list},
    {"not", match_not, cf_matcher_check},      {"matches", match_matches, check_regex},
    {"length", match_length, check_length},    {"min", match_min, check_number},
    {"max", match_max, check_number},          {"every", match_every, cf_matcher_check},
    {"any", match_any, cf_matcher_check},      {"members", match_members, check_members},
    {"present", match_present, check_boolean},
};

static const struct word *word_of(const char *name)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    }
    return NULL;
}

/* ---- the whole ---- */

static bool match_at(const cJSON *matcher, const cJSON *value, const struct spot *at)
{
    bool good = true;
    const cJSON *member;
    if (!cJSON_IsObject(matcher))
        return match_equals(matcher, value, at);
    cJSON_ArrayForEach(member, matcher)
    {
        const struct word *word = word_of(member->string);
        assert(word); /* the loader has checked it */
        good = word && word->match(member, value, at) && good;
    }
    return good;
}

bool cf_match(const cJSON *matcher, const cJSON *value, const char *base,
              const struct cf_match_sink *sink)
{
    struct spot at = {base, sink, NULL};
    return match_at(matcher, value, &at);
}

static const cJSON *owner_of(const cJSON *root, const char *pointer)
{
    char above[POINTER_BYTES];
    const char *last = strrchr(pointer, '/');
    if (!last || (size_t)(last - pointer) >= sizeof(above))
        return NULL;
    snprintf(above, sizeof(above), "%.*s", (int)(last - pointer), pointer);
    return cf_json_at(root, above);
}

bool cf_match_at(const cJSON *matcher, const cJSON *root, const char *pointer,
                 const struct cf_match_sink *sink)
{
    struct spot at = {pointer, sink, owner_of(root, pointer)};
    return match_at(matcher, cf_json_at(root, pointer), &at);
}

enum cf_code cf_matcher_check(const struct cf_json_doc *doc, const cJSON *matcher, const char *path,
                              struct cf_err *err)
{
    const cJSON *member;
    if (!cJSON_IsObject(matcher))
        return CF_OK;
    if (!matcher->child)
        return cf_json_fault(doc, matcher, err, "%s: an empty matcher checks nothing", path);
    cJSON_ArrayForEach(member, matcher)
    {
        char inner[512];
        const struct word *word = word_of(member->string);
        if (!word)
            return cf_json_fault(doc, member, err,
                                 "%s: no matcher is called \"%s\" (an object to compare with goes "
                                 "into {\"equals\": ...})",
                                 path, member->string);
        snprintf(inner, sizeof(inner), "%s/%s", path, member->string);
        enum cf_code code = word->check(doc, member, inner, err);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}
