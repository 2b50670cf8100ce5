#include "reference/http.h"
#include "reference/answer.h"
#include "reference/route.h"

#include "harness/base/mem.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    CONNECTION_MAX = 1024,
    CONNECTION_MEMORY_BYTES = 96 << 10, /* bounds the header block; larger ones get a 431. The
                                            library clears it all for each request */
    IDLE_TIMEOUT_SECONDS = 120,
    DISCARD_MAX_BYTES = 64 << 20, /* of a body that is too large; more ends the connection */
    LATER_MS = 25
};

struct exchange {
    struct cf_ref_http *http;
    struct MHD_Connection *connection;
    char *target;
    bool started;
    bool answered;
    bool resumed;
    bool bad_framing;
    size_t received; /* body bytes, also of those not kept */
    struct cf_buf body;
    struct cf_ref_request request;
    double resume_ms;           /* while suspended */
    struct exchange *next_late; /* in http->late */
};

struct cf_ref_http {
    struct cf_ref_server *server;
    struct MHD_Daemon *daemon;
    unsigned port;
    int epoll_fd;
    struct exchange *late; /* suspended, the earliest to resume first */
};

/* ---- one exchange ---- */

/* Called with the request line, before there is anything else; the result becomes the exchange. */
static void *begin_exchange(void *context, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = cf_alloc(sizeof(*exchange));
    exchange->http = context;
    exchange->connection = connection;
    exchange->target = cf_strdup(target);
    cf_buf_init(&exchange->body, CF_REF_BODY_MAX_BYTES);
    return exchange;
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *exchange = *state;
    (void)context;
    (void)connection;
    (void)why;
    if (!exchange)
        return;
    cf_buf_release(&exchange->body);
    free(exchange->target);
    free(exchange);
    *state = NULL;
}

struct framing {
    struct exchange *exchange;
    int hosts, lengths, encodings;
};

/* Bugs that look for a header in one letter case only. */
static bool is_overlooked(const struct cf_ref_switches *on, const char *name)
{
    static const struct {
        const char *name;
        enum cf_ref_id deviation;
    } exact[] = {
        {"X-API-Key", CF_REF_DEV_AUTH_HEADER_CASE},
        {"X-Compose-Hash", CF_REF_DEV_TWO_PHASE_HEADER_CASE},
        {"X-Transaction-Hash", CF_REF_DEV_TWO_PHASE_HEADER_CASE},
        {"X-Prepare-Only", CF_REF_DEV_TWO_PHASE_HEADER_CASE},
    };
    for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++) {
        if (strcasecmp(name, exact[i].name) == 0 && strcmp(name, exact[i].name) != 0)
            return cf_ref_has(on, exact[i].deviation);
    }
    return false;
}

static enum MHD_Result note_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct framing *framing = context;
    struct cf_ref_request *request = &framing->exchange->request;
    const struct {
        const char *name;
        const char **value;
    } wanted[] = {
        {"X-API-Key", &request->api_key},
        {"Authorization", &request->authorization},
        {"Content-Type", &request->content_type},
        {"X-Compose-Hash", &request->compose_hash},
        {"X-Transaction-Hash", &request->transaction_hash},
        {"X-Prepare-Only", &request->prepare_only},
        {"X-Phala-Version", &request->version},
        {"User-Agent", &request->user_agent},
    };
    (void)kind;
    if (is_overlooked(&framing->exchange->http->server->on, name))
        return MHD_YES;
    framing->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
    framing->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
    framing->encodings += strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!*wanted[i].value && strcasecmp(name, wanted[i].name) == 0)
            *wanted[i].value = value ? value : "";
    }
    return MHD_YES;
}

static unsigned peer_port(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct sockaddr_in address;
    if (!info)
        return 0;
    memcpy(&address, info->client_addr, sizeof(address));
    return ntohs(address.sin_port);
}

/* The header is complete. libmicrohttpd is lenient about framing; RFC 9112 (3.2, 6.3) is not. */
static void start(struct exchange *exchange, const char *method)
{
    struct framing framing = {.exchange = exchange};
    exchange->started = true;
    exchange->request.method = method;
    exchange->request.connection = peer_port(exchange->connection);
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, note_header, &framing);
    exchange->bad_framing = framing.hosts > 1 || framing.lengths > 1 || framing.encodings > 1 ||
                            (framing.lengths > 0 && framing.encodings > 0);
}

/* The header's name as this server spells it. value may be NULL: no such header. */
static enum MHD_Result add_header(const struct exchange *exchange, struct MHD_Response *response,
                                  const char *name, const char *value)
{
    char lower[32] = "";
    bool in_lower_case = cf_ref_has(&exchange->http->server->on, CF_REF_VAR_LOWER_CASE_HEADERS);
    if (!value)
        return MHD_YES;
    for (size_t i = 0; name[i] != '\0' && i + 1 < sizeof(lower); i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    return MHD_add_response_header(response, in_lower_case ? lower : name, value);
}

static enum MHD_Result queue(struct exchange *exchange, struct cf_ref_answer *answer)
{
    const struct {
        const char *name;
        const char *value;
    } headers[] = {
        {MHD_HTTP_HEADER_CONTENT_TYPE, answer->body.len > 0 ? answer->content_type : NULL},
        {MHD_HTTP_HEADER_ALLOW, answer->allow},
        {MHD_HTTP_HEADER_RETRY_AFTER, answer->retry_after[0] ? answer->retry_after : NULL},
        {MHD_HTTP_HEADER_WWW_AUTHENTICATE, answer->status == 401 ? "Bearer" : NULL},
    };
    size_t len = 0;
    char *bytes = cf_buf_take(&answer->body, &len);
    struct MHD_Response *response =
        bytes ? MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!response) {
        free(bytes);
        return MHD_NO;
    }
    enum MHD_Result good = MHD_YES;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]) && good == MHD_YES; i++)
        good = add_header(exchange, response, headers[i].name, headers[i].value);
    if (good == MHD_YES)
        good = MHD_queue_response(exchange->connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    exchange->answered = true;
    return good;
}

/* Leave the request aside and ask its handler again at that time, or, for 0, in LATER_MS. */
static void suspend(struct exchange *exchange, double resume_ms)
{
    struct exchange **link = &exchange->http->late;
    exchange->resumed = true;
    exchange->resume_ms = resume_ms > 0 ? resume_ms : exchange->http->server->now_ms + LATER_MS;
    while (*link && (*link)->resume_ms <= exchange->resume_ms)
        link = &(*link)->next_late;
    exchange->next_late = *link;
    *link = exchange;
    MHD_suspend_connection(exchange->connection);
}

static void handle(struct exchange *exchange, struct cf_ref_answer *answer)
{
    struct cf_ref_server *server = exchange->http->server;
    struct cf_ref_request *request = &exchange->request;
    server->now_ms = cf_clock_ms();
    request->body = cf_buf_text(&exchange->body);
    request->body_len = exchange->body.len;
    request->resumed = exchange->resumed;
    if (exchange->bad_framing)
        cf_ref_answer_sentence(answer, 400, "The framing of the request is ambiguous");
    else if (exchange->body.code == CF_ELIMIT)
        cf_ref_answer_sentence(answer, 413, "The body is too large");
    else
        cf_ref_route(server, exchange->target, request, answer);
}

static enum MHD_Result respond(struct exchange *exchange)
{
    struct cf_ref_answer answer = {0};
    enum MHD_Result result = MHD_YES;
    handle(exchange, &answer);
    if (answer.later)
        suspend(exchange, answer.later_ms);
    else if (answer.drop)
        result = MHD_NO;
    else
        result = queue(exchange, &answer);
    cf_buf_release(&answer.body);
    return result;
}

/* libmicrohttpd calls this with the headers, with each piece of the body, and at its end. */
static enum MHD_Result access_handler(void *context, struct MHD_Connection *connection,
                                      const char *url, const char *method, const char *version,
                                      const char *piece, size_t *piece_len, void **state)
{
    struct exchange *exchange = *state;
    (void)context;
    (void)connection;
    (void)url;
    (void)version;
    if (!exchange)
        return MHD_NO;
    if (!exchange->started) {
        start(exchange, method);
        return MHD_YES;
    }
    if (*piece_len == 0)
        return exchange->answered ? MHD_YES : respond(exchange);
    cf_buf_append(&exchange->body, piece, *piece_len);
    exchange->received += *piece_len;
    *piece_len = 0;
    return exchange->received > DISCARD_MAX_BYTES ? MHD_NO : MHD_YES;
}

/* ---- the daemon ---- */

static enum cf_code find_port(struct cf_ref_http *http, struct cf_err *err)
{
    const union MHD_DaemonInfo *port = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    const union MHD_DaemonInfo *epoll = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!port || !epoll)
        return cf_err_set(err, CF_EIO, "the HTTP library does not tell its port");
    http->port = port->port;
    http->epoll_fd = epoll->epoll_fd;
    return CF_OK;
}

enum cf_code cf_ref_http_new(struct cf_ref_server *server, unsigned port, char *certificate,
                             char *key, struct cf_ref_http **out, struct cf_err *err)
{
    struct cf_ref_http *http = cf_alloc(sizeof(*http));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (certificate ? MHD_USE_TLS : 0U);
    http->server = server;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const struct MHD_OptionItem tls[] = {
        {certificate ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
        {MHD_OPTION_END, 0, NULL},
    };
    errno = 0;
    http->daemon = MHD_start_daemon(
        flags, (uint16_t)port, NULL, NULL, access_handler, http, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, http,
        MHD_OPTION_NOTIFY_COMPLETED, end_exchange, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTION_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_TIMEOUT_SECONDS, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    enum cf_code code = CF_OK;
    if (!http->daemon)
        code = cf_err_errno(err, errno, "cannot serve on 127.0.0.1:%u", port);
    if (code == CF_OK)
        code = find_port(http, err);
    if (code != CF_OK) {
        cf_ref_http_free(http);
        return code;
    }
    *out = http;
    return CF_OK;
}

/* Wake every suspended request whose time has come; all of them when now_ms is past all times. */
static void resume_due(struct cf_ref_http *http, double now_ms)
{
    while (http->late && http->late->resume_ms <= now_ms) {
        struct exchange *exchange = http->late;
        http->late = exchange->next_late;
        MHD_resume_connection(exchange->connection);
    }
}

void cf_ref_http_free(struct cf_ref_http *http)
{
    if (!http)
        return;
    /* Stopping with a connection suspended would end the process. */
    if (http->daemon) {
        while (http->late)
            resume_due(http, http->late->resume_ms);
        MHD_stop_daemon(http->daemon);
    }
    free(http);
}

unsigned cf_ref_http_port(const struct cf_ref_http *http)
{
    return http->port;
}

/* How long nothing happens unless a socket says so: -1 for ever. */
static int wait_ms(const struct cf_ref_http *http)
{
    MHD_UNSIGNED_LONG_LONG library = 0;
    double wait = -1;
    if (MHD_get_timeout(http->daemon, &library) == MHD_YES)
        wait = library > 1000 ? 1000 : (double)library;
    if (http->late) {
        double late = http->late->resume_ms - cf_clock_ms();
        late = late < 0 ? 0 : late + 1; /* poll rounds down */
        wait = wait < 0 || late < wait ? late : wait;
    }
    return (int)wait;
}

enum cf_code cf_ref_http_run(struct cf_ref_http *http, int stop_fd, struct cf_err *err)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = http->epoll_fd, .events = POLLIN},
                               {.fd = stop_fd, .events = POLLIN}};
        if (poll(fds, 2, wait_ms(http)) < 0 && errno != EINTR)
            return cf_err_errno(err, errno, "cannot wait for requests");
        if (fds[1].revents != 0)
            return CF_OK;
        if (http->late)
            resume_due(http, cf_clock_ms());
        if (MHD_run(http->daemon) != MHD_YES)
            return cf_err_set(err, CF_EIO, "the HTTP library stopped");
    }
}
