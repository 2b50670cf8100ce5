/* The handlers that show what a workspace has: its CVMs, the images they may have, the contract. */
#include "reference/admit.h"
#include "reference/answer.h"
#include "reference/handlers.h"
#include "reference/images.h"
#include "reference/openapi.h"
#include "reference/show.h"

#include <stdlib.h>
#include <string.h>

static const char json_type[] = "application/json";

static bool is_legacy(const struct cf_ref_request *request)
{
    return request->version && strcmp(request->version, "2025-10-28") == 0;
}

/* The CVMs first to first + count - 1 of the workspace, with commas. Returns how many it has. */
static size_t put_cvms(struct cf_ref_server *server, bool legacy, size_t first, size_t count,
                       struct cf_buf *out)
{
    size_t total = 0;
    for (size_t i = 0; i < server->cvm_count; i++) {
        struct cf_ref_cvm *cvm = &server->cvms[i];
        if (cvm->role == CF_REF_ROLE_FOREIGN)
            continue;
        size_t place = total++;
        if (place < first || place - first >= count)
            continue;
        cf_ref_cvm_settle(cvm, server->now_ms);
        cf_buf_puts(out, place > first ? "," : "");
        cf_ref_show_item(server, cvm, legacy, out);
    }
    return total;
}

void cf_ref_handle_list(struct cf_ref_server *server, const struct cf_ref_request *request,
                        struct cf_ref_answer *answer)
{
    if (!cf_ref_authenticated(server, request, answer))
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_putc(&answer->body, '[');
    put_cvms(server, is_legacy(request), 0, server->cvm_count, &answer->body);
    cf_buf_putc(&answer->body, ']');
}

enum { PAGE_SIZE = 30, PAGE_SIZE_MAX = 1000 };

/* A number of the query, `name` with its equals sign; usual where it has none from 1 to max. */
static size_t query_number(const char *target, const char *name, size_t usual, size_t max)
{
    const char *p = target + strcspn(target, "?");
    while (*p != '\0') {
        p++;
        if (strncmp(p, name, strlen(name)) == 0) {
            unsigned long value = strtoul(p + strlen(name), NULL, 10);
            return value >= 1 && value <= max ? value : usual;
        }
        p += strcspn(p, "&");
    }
    return usual;
}

void cf_ref_handle_list_paginated(struct cf_ref_server *server,
                                  const struct cf_ref_request *request,
                                  struct cf_ref_answer *answer)
{
    size_t page = query_number(request->target, "page=", 1, 1000000);
    size_t size = query_number(request->target, "page_size=", PAGE_SIZE, PAGE_SIZE_MAX);
    if (!cf_ref_authenticated(server, request, answer))
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_puts(&answer->body, "{\"items\":[");
    size_t total = put_cvms(server, is_legacy(request), (page - 1) * size, size, &answer->body);
    cf_buf_printf(&answer->body, "],\"total\":%zu,\"page\":%zu,\"page_size\":%zu,\"pages\":%zu}",
                  total, page, size, (total + size - 1) / size);
}

void cf_ref_handle_read_images(struct cf_ref_server *server, const struct cf_ref_request *request,
                               struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_ref_images_put(
        cf_ref_shows(server, CF_REF_FIELD_IMAGE) ? cvm->settings.of[CF_REF_FIELD_IMAGE].bytes : "",
        &answer->body);
}

void cf_ref_handle_openapi(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    size_t len = 0;
    const char *document = cf_ref_openapi(&len);
    (void)server;
    (void)request;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_append(&answer->body, document, len);
}
