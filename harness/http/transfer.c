#include "harness/http/transfer.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/http/url.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* libcurl's own <curl/typecheck-gcc.h> checks each value against its option at compile time, which
 * it cannot do through a function; hence a macro. rc keeps the first failure. */
#define SET(easy, rc, option, value)                                                               \
    do {                                                                                           \
        CURLcode set_rc = curl_easy_setopt((easy), (option), (value));                             \
        if ((rc) == CURLE_OK)                                                                      \
            (rc) = set_rc;                                                                         \
    } while (0)

/* ---- connections ---- */

/* Close-on-exec, so that commands started between requests do not hold connections open. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct cf_transfer *transfer = user;
    (void)purpose;
    if (transfer->connection_count == CF_HTTP_SOCKETS_MAX)
        return CURL_SOCKET_BAD;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    transfer->connections[transfer->connection_count++] = (struct cf_connection){.fd = fd};
    return fd;
}

static int close_socket(void *user, curl_socket_t fd)
{
    struct cf_transfer *transfer = user;
    for (size_t i = 0; i < transfer->connection_count; i++) {
        if (transfer->connections[i].fd == fd) {
            transfer->connections[i] = transfer->connections[--transfer->connection_count];
            break;
        }
    }
    return close(fd);
}

static int local_port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t len = sizeof(address);
    /* A unix socket has no port; of those there is one at a time (MAXCONNECTS below). */
    if (getsockname(fd, &address.any, &len) != 0 || address.any.sa_family == AF_UNIX)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

/* NULL when there is none, which would be a surprise but does no harm. */
static struct cf_connection *connection_at(struct cf_transfer *transfer, int local_port)
{
    for (size_t i = 0; i < transfer->connection_count; i++) {
        struct cf_connection *connection = &transfer->connections[i];
        if (connection->local_port == 0)
            connection->local_port = local_port_of(connection->fd);
        if (connection->local_port == local_port)
            return connection;
    }
    return NULL;
}

/*
 * A kept connection that has something to say between requests is finished: it ends, or it holds
 * bytes that nobody asked for. libcurl 7.88.1 notices the end only, and takes such bytes for the
 * answer to the next request, which would be judged by another one's answer; libcurl 8.23 looks for
 * neither when the last answer is less than a second old.
 */
static bool is_stale(const struct cf_connection *connection)
{
    struct pollfd fd = {.fd = connection->fd, .events = POLLIN};
    return connection->used && poll(&fd, 1, 0) > 0;
}

bool cf_transfer_again(struct cf_transfer *transfer)
{
    bool again = transfer->stale && transfer->stale_count <= CF_HTTP_SOCKETS_MAX;
    transfer->stale = false;
    return again;
}

/* ---- callbacks: they only count, keep and refuse ---- */

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    struct cf_transfer *transfer = user;
    cf_buf_append(&transfer->body, bytes, size * count);
    /* MAXFILESIZE would not stop a chunked answer (7.88.1); this does. */
    return transfer->body.code == CF_OK ? size * count : CURL_WRITEFUNC_ERROR;
}

/* Called for interim answers and trailers too, which therefore count. */
static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
    struct cf_transfer *transfer = user;
    bool status_line = count >= 5 && memcmp(bytes, "HTTP/", 5) == 0;
    if (status_line)
        transfer->header_ended = false;
    else if (count > 0 && (bytes[0] == '\r' || bytes[0] == '\n'))
        transfer->header_ended = true;
    transfer->header_bytes += size * count;
    transfer->header_lines++;
    transfer->header_full = transfer->header_bytes > transfer->options->max_header_bytes ||
                            transfer->header_lines > CF_HTTP_HEADER_LINES_MAX;
    return transfer->header_full ? CURL_WRITEFUNC_ERROR : size * count;
}

/*
 * Called before each sending of the request. libcurl 7.88.1 resends any method, up to five times,
 * when a reused connection turns out dead before the first byte of an answer: a server that applies
 * an update and then drops the connection would see it twice.
 */
static int before_send(void *user, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct cf_transfer *transfer = user;
    (void)local_ip;
    /* Sent before: the kept connection it went out on had ended. */
    if (transfer->sends > 0)
        *transfer->wary = true;
    if (transfer->sends > 0 && !transfer->may_resend) {
        transfer->resend_refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    struct cf_connection *connection = connection_at(transfer, local_port);
    /* HTTP/2 speaks between requests, and numbers its answers. */
    if (connection && !transfer->options->http2 && is_stale(connection)) {
        transfer->stale = *transfer->wary = true;
        transfer->stale_count++;
        return CURL_PREREQFUNC_ABORT; /* libcurl closes it */
    }
    if (connection)
        connection->used = true;
    cf_transfer_note_peer(transfer, remote_ip, remote_port);
    if (transfer->sends == 0)
        transfer->sent_at_ms = cf_clock_ms();
    transfer->sends++;
    ++*transfer->request_count;
    return CURL_PREREQFUNC_OK;
}

/* ---- set-up ---- */

static CURLcode set_callbacks(struct cf_transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode rc = CURLE_OK;
    SET(easy, rc, CURLOPT_ERRORBUFFER, transfer->curl_text);
    SET(easy, rc, CURLOPT_PRIVATE, transfer);
    SET(easy, rc, CURLOPT_WRITEFUNCTION, take_body);
    SET(easy, rc, CURLOPT_WRITEDATA, transfer);
    SET(easy, rc, CURLOPT_HEADERFUNCTION, take_header);
    SET(easy, rc, CURLOPT_HEADERDATA, transfer);
    SET(easy, rc, CURLOPT_PREREQFUNCTION, before_send);
    SET(easy, rc, CURLOPT_PREREQDATA, transfer);
    SET(easy, rc, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(easy, rc, CURLOPT_OPENSOCKETDATA, transfer);
    SET(easy, rc, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    SET(easy, rc, CURLOPT_CLOSESOCKETDATA, transfer);
    return rc;
}

static CURLcode set_behaviour(CURL *easy, const struct cf_http_options *options)
{
    CURLcode rc = CURLE_OK;
    SET(easy, rc, CURLOPT_NOSIGNAL, 1L); /* SIGPIPE is ignored by the process */
    SET(easy, rc, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(easy, rc, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(easy, rc, CURLOPT_FOLLOWLOCATION, 0L);
    /* Not NULL: that would ask the environment. */
    SET(easy, rc, CURLOPT_PROXY, options->proxy ? options->proxy : "");
    SET(easy, rc, CURLOPT_NOPROXY, "");
    SET(easy, rc, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(easy, rc, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(easy, rc, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(easy, rc, CURLOPT_USERAGENT,
        options->user_agent ? options->user_agent : "cvm-conformance/" CF_VERSION);
    SET(easy, rc, CURLOPT_CONNECTTIMEOUT_MS, options->connect_timeout_ms);
    /* Common servers drop idle connections after 2 s (gunicorn) or 5 s (uvicorn, Node.js, Apache),
     * and a request that meets the closing is lost. libcurl counts whole seconds and compares with
     * ">": 1 means that a connection idle for 2 s or longer is not used again. */
    SET(easy, rc, CURLOPT_MAXAGE_CONN, 1L);
    SET(easy, rc, CURLOPT_MAXCONNECTS, options->unix_socket ? 1L : (long)CF_HTTP_KEPT_CONNECTIONS);
    return rc;
}

static CURLcode set_tls(CURL *easy, const struct cf_http_options *options)
{
    CURLcode rc = CURLE_OK;
    if (options->insecure) {
        SET(easy, rc, CURLOPT_SSL_VERIFYPEER, 0L);
        SET(easy, rc, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (options->ca_file) {
        SET(easy, rc, CURLOPT_CAINFO, options->ca_file);
        /* Debian's libcurl also trusts a compiled-in directory; only ca_file is meant to count. */
        SET(easy, rc, CURLOPT_CAPATH, NULL);
    }
    if (options->client_cert_file)
        SET(easy, rc, CURLOPT_SSLCERT, options->client_cert_file);
    if (options->client_key_file)
        SET(easy, rc, CURLOPT_SSLKEY, options->client_key_file);
    return rc;
}

enum cf_code cf_transfer_init(struct cf_transfer *transfer, const struct cf_http_options *options,
                              unsigned long *request_count, bool *wary, struct cf_err *err)
{
    *transfer =
        (struct cf_transfer){.options = options, .request_count = request_count, .wary = wary};
    cf_buf_init(&transfer->body, options->max_body_bytes);
    transfer->easy = curl_easy_init();
    if (!transfer->easy)
        return cf_err_set(err, CF_EIO, "libcurl cannot start");
    CURLcode rc = set_callbacks(transfer);
    if (rc == CURLE_OK)
        rc = set_behaviour(transfer->easy, options);
    if (rc == CURLE_OK)
        rc = set_tls(transfer->easy, options);
    if (rc != CURLE_OK)
        return cf_err_set(err, CF_EIO, "libcurl refuses an option: %s", curl_easy_strerror(rc));
    return CF_OK;
}

void cf_transfer_release(struct cf_transfer *transfer)
{
    if (!transfer)
        return;
    curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
    free(transfer->nodes);
    transfer->nodes = NULL;
    transfer->node_cap = 0;
    cf_buf_release(&transfer->lines);
    cf_buf_release(&transfer->scratch);
    cf_buf_release(&transfer->body);
    cf_buf_release(&transfer->peer);
    cf_buf_release(&transfer->authority);
}

/* ---- checking the request ---- */

/* RFC 9110 section 5.6.2 */
static bool is_token(const char *text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    if (!*text)
        return false;
    for (const char *p = text; *p; p++) {
        bool alpha = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        if (!alpha && !(*p >= '0' && *p <= '9') && !strchr(marks, *p))
            return false;
    }
    return true;
}

static bool is_absolute(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

static enum cf_code check_request(const struct cf_http_request *request, struct cf_err *err)
{
    if (!is_token(request->method))
        return cf_err_set(err, CF_EINPUT, "\"%s\" is not an HTTP method", request->method);
    if (!is_absolute(request->url))
        return cf_err_set(err, CF_EINPUT, "\"%s\" is not an absolute http or https URL",
                          request->url);
    if (cf_url_has_user(request->url))
        return cf_err_set(err, CF_EINPUT, "the URL holds user information");
    if (strcmp(request->method, "HEAD") == 0 && request->body)
        return cf_err_set(err, CF_EINPUT, "a HEAD request cannot carry a body");
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct cf_header *header = &request->headers.items[i];
        if (!is_token(header->name))
            return cf_err_set(err, CF_EINPUT, "\"%s\" is not a header name", header->name);
        if (strpbrk(header->value, "\r\n"))
            return cf_err_set(err, CF_EINPUT, "the value of header %s holds a line break",
                              header->name);
    }
    return CF_OK;
}

/* ---- handing the request over ---- */

static void put_line(struct cf_buf *lines, const char *name, const char *value)
{
    cf_buf_puts(lines, name);
    /* "X:" would remove a header and a blank value be dropped with it; "X;" sends it empty. */
    if (value[strspn(value, " \t")] == '\0') {
        cf_buf_putc(lines, ';');
    } else {
        cf_buf_puts(lines, ": ");
        cf_buf_puts(lines, value);
    }
    cf_buf_putc(lines, '\0');
}

/* libcurl's list, built in memory that is kept: curl_slist_append() would allocate twice a header
 * a request. */
static void build_header_list(struct cf_transfer *transfer, const struct cf_headers *headers)
{
    struct cf_buf *lines = &transfer->lines;
    size_t count = headers->count;
    cf_buf_reset(lines);
    /* Without this header any coding may be chosen (RFC 9110 section 12.5.3). */
    if (!cf_headers_get(headers, "Accept-Encoding")) {
        put_line(lines, "Accept-Encoding", "identity");
        count++;
    }
    for (size_t i = 0; i < headers->count; i++)
        put_line(lines, headers->items[i].name, headers->items[i].value);
    /* Take back what libcurl adds to bodies of its own accord. The caller's header of that name, if
     * any, stays: libcurl goes by the first. */
    static const char unwanted[] = "Content-Type:\0Expect:";
    cf_buf_append(lines, unwanted, sizeof(unwanted));
    count += 2;
    if (count > transfer->node_cap) {
        transfer->nodes = cf_realloc(transfer->nodes, count, sizeof(*transfer->nodes));
        transfer->node_cap = count;
    }
    char *text = lines->data;
    for (size_t i = 0; i < count; i++) {
        transfer->nodes[i].data = text;
        transfer->nodes[i].next = i + 1 < count ? &transfer->nodes[i + 1] : NULL;
        text += strlen(text) + 1;
    }
}

/* RFC 9110 section 8.6: a method that defines a meaning for content announces a length even when
 * there is none; some servers answer 411 otherwise. Others, such as GET, stay without. */
static bool announces_length(const char *method)
{
    return strcmp(method, "PATCH") == 0 || strcmp(method, "POST") == 0 ||
           strcmp(method, "PUT") == 0;
}

static bool is_http_proxy(const char *proxy)
{
    return proxy && strncmp(proxy, "http", 4) == 0;
}

/* The part of an absolute URL that goes into the request line, byte for byte. CURLOPT_PATH_AS_IS
 * would keep dot segments, but newer versions of libcurl turn "%2f" into "%2F" all the same. */
static const char *request_target(struct cf_transfer *transfer, const char *url)
{
    struct cf_buf *target = &transfer->scratch;
    const char *path = strstr(url, "://") + 3;
    path += strcspn(path, "/?#");
    cf_buf_reset(target);
    /* RFC 9112 section 3.2.2: a proxy that is not a tunnel is told the whole URL. */
    if (is_http_proxy(transfer->options->proxy) && strncasecmp(url, "http://", 7) == 0)
        cf_buf_append(target, url, (size_t)(path - url));
    if (*path != '/')
        cf_buf_putc(target, '/');
    cf_buf_append(target, path, strcspn(path, "#"));
    return target->data;
}

/* Hooks may be elsewhere. */
static bool is_below_base(const struct cf_http_options *options, const char *url)
{
    return options->base_url && strncmp(url, options->base_url, strlen(options->base_url)) == 0;
}

/* Nothing but TLS can negotiate HTTP/2. */
static long version_for(const struct cf_http_options *options, const char *url)
{
    if (!options->http2 || !is_below_base(options, url))
        return CURL_HTTP_VERSION_1_1;
    return strncasecmp(url, "https://", 8) == 0 ? CURL_HTTP_VERSION_2TLS
                                                : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
}

static CURLcode set_way(struct cf_transfer *transfer, const char *url)
{
    const struct cf_http_options *options = transfer->options;
    CURL *easy = transfer->easy;
    CURLcode rc = CURLE_OK;
    if (options->unix_socket)
        SET(easy, rc, CURLOPT_UNIX_SOCKET_PATH,
            is_below_base(options, url) ? options->unix_socket : NULL);
    /* HTTP/2, which https would negotiate, loses the header framing that is checked here. */
    SET(easy, rc, CURLOPT_HTTP_VERSION, version_for(options, url));
    /* libcurl 7.88.1 begins HTTP/2 once more on a kept connection, which the server ends. */
    SET(easy, rc, CURLOPT_FORBID_REUSE,
        version_for(options, url) == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE ? 1L : 0L);
    SET(easy, rc, CURLOPT_TIMEOUT_MS, options->request_timeout_ms);
    return rc;
}

static CURLcode set_request(struct cf_transfer *transfer, const struct cf_http_request *request)
{
    CURL *easy = transfer->easy;
    CURLcode rc = set_way(transfer, request->url);
    bool head = strcmp(request->method, "HEAD") == 0;
    bool get = strcmp(request->method, "GET") == 0;
    const char *target = request_target(transfer, request->url);
    /* HTTPGET undoes NOBODY and POST of the request before, so the handle needs no reset. */
    SET(easy, rc, CURLOPT_HTTPGET, 1L);
    SET(easy, rc, CURLOPT_URL, request->url);
    SET(easy, rc, CURLOPT_REQUEST_TARGET, target);
    SET(easy, rc, CURLOPT_HTTPHEADER, transfer->nodes);
    /* CUSTOMREQUEST changes the word only: HEAD by that name would wait for a body. */
    SET(easy, rc, CURLOPT_CUSTOMREQUEST, head || get ? NULL : request->method);
    if (head)
        SET(easy, rc, CURLOPT_NOBODY, 1L);
    if (request->body || announces_length(request->method)) {
        /* Sets the method to POST; CUSTOMREQUEST names the true one. */
        SET(easy, rc, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        SET(easy, rc, CURLOPT_POSTFIELDSIZE_LARGE,
            (curl_off_t)(request->body ? request->body_len : 0));
        SET(easy, rc, CURLOPT_CUSTOMREQUEST, request->method);
    }
    transfer->may_resend = head || get;
    bool fresh = request->own_connection || (*transfer->wary && !transfer->may_resend);
    SET(easy, rc, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    return rc;
}

enum cf_code cf_transfer_prepare(struct cf_transfer *transfer,
                                 const struct cf_http_request *request, struct cf_err *err)
{
    enum cf_code code = check_request(request, err);
    if (code != CF_OK)
        return code;
    build_header_list(transfer, &request->headers);
    CURLcode rc = set_request(transfer, request);
    if (rc != CURLE_OK)
        return cf_err_set(err, CF_EINPUT, "libcurl refuses the request: %s",
                          curl_easy_strerror(rc));
    transfer->sends = 0;
    transfer->resend_refused = transfer->stale = false;
    transfer->stale_count = 0;
    transfer->sent_at_ms = 0;
    transfer->header_bytes = transfer->header_lines = 0;
    transfer->header_ended = transfer->header_full = false;
    transfer->curl_text[0] = '\0';
    cf_buf_reset(&transfer->body);
    return CF_OK;
}
