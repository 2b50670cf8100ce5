#include "suites/two_phase.h"
#include "suites/words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool cf_cvm_is_hash(const char *text)
{
    size_t digits = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    while (isxdigit((unsigned char)text[digits]))
        digits++;
    return digits == 64 && text[digits] == '\0';
}

static bool is_token(const char *text)
{
    return *text != '\0';
}

typedef bool accept_fn(const char *text);

/* "compose_hash", "composeHash", "X-Compose-Hash": the same name to a reader. */
static bool same_name(const char *name, const char *wanted)
{
    if (strncasecmp(name, "x-", 2) == 0)
        name += 2;
    for (;; name++) {
        if (*name == '_' || *name == '-')
            continue;
        while (*wanted == '_')
            wanted++;
        if (tolower((unsigned char)*name) != *wanted)
            return false;
        if (*name == '\0')
            return true;
        wanted++;
    }
}

static const cJSON *accepted(const cJSON *value, accept_fn *accept)
{
    return cJSON_IsString(value) && accept(value->valuestring) ? value : NULL;
}

/* A member of that name, or a row {"field": NAME, "value": V}, at any depth. */
static const cJSON *search(const cJSON *node, const char *name, accept_fn *accept)
{
    const cJSON *found = NULL;
    const char *field = cf_json_text(node, "field", NULL);
    if (field && same_name(field, name))
        found = accepted(cf_json_get(node, "value"), accept);
    for (const cJSON *child = node ? node->child : NULL; child && !found; child = child->next) {
        if (child->string && same_name(child->string, name))
            found = accepted(child, accept);
    }
    for (const cJSON *child = node ? node->child : NULL; child && !found; child = child->next) {
        if (cJSON_IsArray(child) || cJSON_IsObject(child))
            found = search(child, name, accept);
    }
    return found;
}

static cJSON *locate(const struct cf_answer *answer, const char *name, const char *header,
                     accept_fn *accept)
{
    const cJSON *found = search(answer->json, name, accept);
    if (found)
        return cJSON_Duplicate(found, 1);
    const char *text = cf_headers_get(&answer->exchange->response_headers, header);
    return text && accept(text) ? cJSON_CreateString(text) : NULL;
}

#define WORD_BYTES "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* The length of the hash that text begins with, 0 when it is none. */
static size_t hash_length(const char *text)
{
    size_t prefix = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0;
    size_t digits = strspn(text + prefix, "0123456789abcdefABCDEF");
    return digits == 64 ? prefix + digits : 0;
}

/* The one hash that a text holds, however often; NULL when there is none, or a choice. */
static cJSON *only_hash(const char *text)
{
    char found[67] = "";
    for (const char *at = text; *at;) {
        size_t word = strspn(at, WORD_BYTES);
        size_t len = hash_length(at);
        if (len > 0 && len == word) {
            if (*found && (strlen(found) != len || strncasecmp(found, at, len) != 0))
                return NULL;
            snprintf(found, sizeof(found), "%.*s", (int)len, at);
        }
        at += word > 0 ? word : 1;
    }
    return *found ? cJSON_CreateString(found) : NULL;
}

/* Strings that say more than a hash. One that is nothing else is what its name says it is. */
static void put_sentences(struct cf_buf *out, const cJSON *node)
{
    if (cJSON_IsString(node) && !cf_cvm_is_hash(node->valuestring))
        cf_buf_printf(out, "%s\n", node->valuestring);
    for (const cJSON *child = node->child; child; child = child->next)
        put_sentences(out, child);
}

/* The pages do not say where in the answer it stands: words that name one hash will do. */
static cJSON *hash_in_words(const struct cf_answer *answer)
{
    const struct cf_body *body = &answer->exchange->response_body;
    struct cf_buf words = {0};
    if (answer->json)
        put_sentences(&words, answer->json);
    else if (body->len > 0)
        cf_buf_puts(&words, body->bytes);
    cJSON *found = only_hash(cf_buf_text(&words));
    cf_buf_release(&words);
    return found;
}

/* A hash as some write it: 0x..., sha256:... It goes into a header as it came. */
static bool holds_hash(const char *text)
{
    cJSON *hash = text[strcspn(text, " \t\r\n")] == '\0' ? only_hash(text) : NULL;
    cJSON_Delete(hash);
    return hash != NULL;
}

const char *cf_cvm_hash_digits(const char *text)
{
    if (!cf_cvm_is_hash(text) && !holds_hash(text))
        return NULL;
    for (size_t word; *text; text += word > 0 ? word : 1) {
        word = strspn(text, WORD_BYTES);
        if (hash_length(text) == word && word > 0)
            return text + word - 64;
    }
    return NULL;
}

cJSON *cf_cvm_locate_compose_hash(const struct cf_answer *answer)
{
    cJSON *hash = locate(answer, "compose_hash", "X-Compose-Hash", cf_cvm_is_hash);
    if (!hash)
        hash = locate(answer, "compose_hash", "X-Compose-Hash", holds_hash);
    return hash ? hash : hash_in_words(answer);
}

/* What is called so, and nothing else: for checks that there is none. */
static cJSON *locate_named_token(const struct cf_answer *answer)
{
    return locate(answer, "commit_token", "X-Commit-Token", is_token);
}

cJSON *cf_cvm_locate_commit_token(const struct cf_answer *answer)
{
    cJSON *token = locate_named_token(answer);
    return token ? token : locate(answer, "token", "X-Commit-Token", is_token);
}

const struct cf_locator cf_cvm_locators[] = {{"compose-hash", cf_cvm_locate_compose_hash},
                                             {"commit-token", cf_cvm_locate_commit_token},
                                             {"named-commit-token", locate_named_token},
                                             {NULL, NULL}};
