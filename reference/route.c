#include "reference/route.h"
#include "reference/answer.h"
#include "reference/handlers.h"
#include "reference/transport.h"

#include <stdio.h>
#include <string.h>

/* One entry a path below /api/v1/cvms/{cvm_id}; "" is the CVM itself. */
struct resource {
    const char *name;
    cf_ref_handler_fn *get;
    cf_ref_handler_fn *patch;
    cf_ref_handler_fn *post;
    const char *allow;
};

static const struct resource cvm_resources[] = {
    {"", cf_ref_handle_read_cvm, cf_ref_handle_update_cvm, NULL, "GET, PATCH"},
    {"pre-launch-script", cf_ref_handle_read_script, cf_ref_handle_update_script, NULL,
     "GET, PATCH"},
    {"commit-update", NULL, NULL, cf_ref_handle_commit_update, "POST"},
    {"docker-compose.yml", cf_ref_handle_read_docker_compose, NULL, NULL, "GET"},
    {"compose_file", cf_ref_handle_read_compose_file, NULL, NULL, "GET"},
    {"user_config", cf_ref_handle_read_user_config, NULL, NULL, "GET"},
    {"operations", cf_ref_handle_read_operations, NULL, NULL, "GET"},
    {"operation-status", cf_ref_handle_read_operation_status, NULL, NULL, "GET"},
    {"state", cf_ref_handle_read_state, NULL, NULL, "GET"},
    {"available-os-images", cf_ref_handle_read_images, NULL, NULL, "GET"},
};

/* Paths that name no CVM. */
static const struct resource fixed_resources[] = {
    {"/openapi.json", cf_ref_handle_openapi, NULL, NULL, "GET"},
    {"/api/v1/cvms", cf_ref_handle_list, NULL, NULL, "GET"},
    {"/api/v1/cvms/paginated", cf_ref_handle_list_paginated, NULL, NULL, "GET"},
    {"/_chain/register", NULL, NULL, cf_ref_handle_chain_register, "POST"},
    {"/_chain/revert", NULL, NULL, cf_ref_handle_chain_revert, "POST"},
    {"/_chain/register-elsewhere", NULL, NULL, cf_ref_handle_chain_register_elsewhere, "POST"},
    {"/_chain/unregister", NULL, NULL, cf_ref_handle_chain_unregister, "POST"},
    {"/_chain/expire", NULL, NULL, cf_ref_handle_chain_expire, "POST"},
    {"/_chain/break", NULL, NULL, cf_ref_handle_chain_break, "POST"},
    {"/_chain/mend", NULL, NULL, cf_ref_handle_chain_mend, "POST"},
    {"/_test/reset", NULL, NULL, cf_ref_handle_test_reset, "POST"},
};

static const struct resource inspect_resource = {"", cf_ref_handle_inspect, NULL, NULL, "GET"};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode one path segment. False: malformed, a NUL inside, or too long for any name we know. */
static bool decode(const char *p, size_t len, char *out, size_t out_bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)p[i];
        if (p[i] == '%') {
            bool whole = i + 2 < len && hex_digit(p[i + 1]) >= 0 && hex_digit(p[i + 2]) >= 0;
            if (!whole)
                return false;
            c = hex_digit(p[i + 1]) * 16 + hex_digit(p[i + 2]);
            i += 2;
        }
        if (c == 0 || n + 1 >= out_bytes)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

static const struct resource *find(const struct resource *resources, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(resources[i].name, name) == 0)
            return &resources[i];
    }
    return NULL;
}

/* What stands behind a prefix: an id, then perhaps one more segment. An id that cannot be read is
 * still an id, of no CVM: whoever sends it is to learn first that credentials are missing. */
static bool split(const char *path, size_t len, char *id, size_t id_bytes, char *rest,
                  size_t rest_bytes)
{
    const char *slash = memchr(path, '/', len);
    size_t id_len = slash ? (size_t)(slash - path) : len;
    rest[0] = '\0';
    if (id_len == 0)
        return false;
    if (!decode(path, id_len, id, id_bytes))
        snprintf(id, id_bytes, "?");
    if (!slash)
        return true;
    size_t rest_len = len - id_len - 1;
    return rest_len > 0 && decode(slash + 1, rest_len, rest, rest_bytes);
}

/* What stands behind prefix, of len bytes, or NULL where the target does not begin with it. */
static const char *after(const char *target, const char *prefix, size_t *len)
{
    size_t prefix_len = strlen(prefix);
    if (strncmp(target, prefix, prefix_len) != 0)
        return NULL;
    *len -= prefix_len;
    return target + prefix_len;
}

static const struct resource *resolve(const char *target, struct cf_ref_request *request)
{
    char rest[64];
    size_t len = strcspn(target, "?#");
    const struct resource *fixed = NULL;
    if (decode(target, len, rest, sizeof(rest)))
        fixed = find(fixed_resources, sizeof(fixed_resources) / sizeof(fixed_resources[0]), rest);
    if (fixed)
        return fixed;
    const char *path = after(target, "/api/v1/cvms/", &len);
    const struct resource *resources = cvm_resources;
    size_t count = sizeof(cvm_resources) / sizeof(cvm_resources[0]);
    if (!path) {
        path = after(target, "/_inspect/", &len);
        resources = &inspect_resource;
        count = 1;
    }
    if (!path || !split(path, len, request->cvm_id, sizeof(request->cvm_id), rest, sizeof(rest)))
        return NULL;
    return find(resources, count, rest);
}

static cf_ref_handler_fn *method_of(const struct resource *resource, const char *method)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return resource->get;
    if (strcmp(method, "PATCH") == 0)
        return resource->patch;
    return strcmp(method, "POST") == 0 ? resource->post : NULL;
}

static void dispatch(struct cf_ref_server *server, const char *target,
                     struct cf_ref_request *request, struct cf_ref_answer *answer)
{
    const struct resource *resource = resolve(target, request);
    if (!resource) {
        cf_ref_answer_sentence(answer, 404, "Not Found");
        return;
    }
    cf_ref_handler_fn *handler = method_of(resource, request->method);
    if (!handler) {
        cf_ref_answer_sentence(answer, 405, "Method Not Allowed");
        answer->allow = resource->allow;
        return;
    }
    handler(server, request, answer);
}

void cf_ref_route(struct cf_ref_server *server, const char *target, struct cf_ref_request *request,
                  struct cf_ref_answer *answer)
{
    static const char suite[] = "cvm-conformance/";
    request->target = target;
    server->bugs.tester_asks =
        request->user_agent && strncmp(request->user_agent, suite, sizeof(suite) - 1) == 0;
    if (cf_ref_wire_accepts(server, request, answer))
        dispatch(server, target, request, answer);
    cf_ref_wire_finish(server, answer);
}
