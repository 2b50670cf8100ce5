#include "tests/http/hostile_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_MAX_BYTES = 32768, KEPT_REQUESTS = 512 };

struct hostile_log {
    atomic_uint connections, requests, strangers, settled;
    /* A slot is taken with fetch_add and then written, so that connections need no lock. */
    atomic_uint slots;
    atomic_bool filled[KEPT_REQUESTS];
    char raw[KEPT_REQUESTS][REQUEST_MAX_BYTES];
};

/* One connection, as a behaviour sees it. */
struct peer {
    int fd;
    unsigned number; /* of the connection, from 1 */
    unsigned nth;    /* request on this connection, from 1 */
    int other_port;
    bool resets; /* ends with a reset */
    struct hostile_log *log;
    char request[REQUEST_MAX_BYTES];
    size_t request_len;
};

/* ---- bytes ---- */

static bool put_bytes(const struct peer *peer, const void *bytes, size_t len)
{
    const char *p = bytes;
    while (len > 0) {
        ssize_t put = send(peer->fd, p, len, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        len -= (size_t)put;
    }
    return true;
}

static bool put(const struct peer *peer, const char *text)
{
    return put_bytes(peer, text, strlen(text));
}

/* Value of a request header, cut at its line's end, in static storage; "" without one. */
static const char *header_of(const struct peer *peer, const char *name)
{
    static char value[1024];
    size_t name_len = strlen(name);
    value[0] = '\0';
    for (const char *line = strstr(peer->request, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, name_len) != 0 || line[2 + name_len] != ':')
            continue;
        const char *from = line + 2 + name_len + 1;
        from += strspn(from, " ");
        (void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(from, "\r"), from);
        break;
    }
    return value;
}

static void keep_request(struct peer *peer)
{
    struct hostile_log *log = peer->log;
    unsigned slot = atomic_fetch_add(&log->slots, 1);
    if (slot < KEPT_REQUESTS) {
        memcpy(log->raw[slot], peer->request, peer->request_len + 1);
        atomic_store(&log->filled[slot], true);
    }
    atomic_fetch_add(&log->requests, 1);
}

static ssize_t receive(const struct peer *peer, char *room, size_t len)
{
    ssize_t got;
    do {
        got = recv(peer->fd, room, len, 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

static bool skip_bytes(const struct peer *peer, size_t len)
{
    char sink[16384];
    while (len > 0) {
        ssize_t got = receive(peer, sink, len < sizeof(sink) ? len : sizeof(sink));
        if (got <= 0)
            return false;
        len -= (size_t)got;
    }
    return true;
}

/* Read one whole request and keep it, or as much of it as there is room. False when the client
 * closed, or its header is too long. */
static bool take_request(struct peer *peer)
{
    const char *end = NULL;
    peer->request_len = 0;
    peer->request[0] = '\0';
    while (!(end = strstr(peer->request, "\r\n\r\n"))) {
        size_t room = sizeof(peer->request) - 1 - peer->request_len;
        ssize_t got = receive(peer, peer->request + peer->request_len, room);
        if (got <= 0)
            return false;
        peer->request_len += (size_t)got;
        peer->request[peer->request_len] = '\0';
    }
    size_t want =
        (size_t)(end + 4 - peer->request) + strtoul(header_of(peer, "Content-Length"), NULL, 10);
    while (peer->request_len < want && peer->request_len < sizeof(peer->request) - 1) {
        size_t room = sizeof(peer->request) - 1 - peer->request_len;
        ssize_t got = receive(peer, peer->request + peer->request_len, room);
        if (got <= 0)
            return false;
        peer->request_len += (size_t)got;
    }
    peer->request[peer->request_len] = '\0';
    if (want > peer->request_len && !skip_bytes(peer, want - peer->request_len))
        return false;
    peer->nth++;
    keep_request(peer);
    return true;
}

/* Until the client has gone. */
static void wait_for_close(const struct peer *peer)
{
    char sink[256];
    while (recv(peer->fd, sink, sizeof(sink), 0) > 0) {
    }
}

static void pause_ms(int ms)
{
    (void)poll(NULL, 0, ms);
}

/* Closing will send a reset instead of an orderly end. */
static void arm_reset(struct peer *peer)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    peer->resets = true;
}

/* ---- behaviours: called after each request; true goes on with the next on this connection ---- */

static bool hang(struct peer *peer)
{
    wait_for_close(peer);
    return false;
}

static bool reset(struct peer *peer)
{
    arm_reset(peer);
    return false;
}

static bool reset_midway(struct peer *peer)
{
    (void)put(peer, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    pause_ms(50); /* else the reset may overtake what was sent */
    arm_reset(peer);
    return false;
}

static void repeat(const struct peer *peer, const char *text)
{
    char block[16384];
    size_t len = strlen(text), used = 0;
    for (; used + len <= sizeof(block); used += len)
        memcpy(block + used, text, len);
    while (put_bytes(peer, block, used)) {
    }
}

static bool endless_body(struct peer *peer)
{
    if (put(peer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"))
        repeat(peer, "and so on ");
    return false;
}

static bool endless_chunks(struct peer *peer)
{
    if (put(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
        repeat(peer, "a\r\nand so on \r\n");
    return false;
}

static bool endless_headers(struct peer *peer)
{
    if (put(peer, "HTTP/1.1 200 OK\r\n"))
        repeat(peer, "X-Again: and again, and again, and again, and again, and again, and again, "
                     "and again, and again, and again, and again, and again, and again\r\n");
    return false;
}

static bool endless_interim(struct peer *peer)
{
    repeat(peer, "HTTP/1.1 100 Continue\r\n\r\n");
    return false;
}

static bool many_headers(struct peer *peer)
{
    (void)put(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (int i = 0; i < 5000; i++)
        if (!put(peer, "a:b\r\n"))
            return false;
    return put(peer, "\r\n");
}

static bool huge_header(struct peer *peer)
{
    (void)put(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Huge: ");
    char block[16384];
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 64; i++)
        if (!put_bytes(peer, block, sizeof(block)))
            return false;
    return put(peer, "\r\n\r\n");
}

static bool drip(struct peer *peer)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n";
    for (const char *p = answer; *p; p++) {
        if (!put_bytes(peer, p, 1))
            return false;
    }
    while (put(peer, "."))
        pause_ms(10);
    return false;
}

static bool redirect(struct peer *peer)
{
    char answer[256];
    (void)snprintf(answer, sizeof(answer),
                   "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/elsewhere\r\n"
                   "Content-Length: 0\r\n\r\n",
                   peer->other_port);
    return put(peer, answer);
}

/* The three that give the caller's key away. */
static bool secret_header(struct peer *peer)
{
    return put(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-You-Sent: <") &&
           put(peer, header_of(peer, "X-API-Key")) && put(peer, ">\r\n\r\n");
}

static bool secret_body(struct peer *peer)
{
    char answer[2048];
    const char *key = header_of(peer, "X-API-Key");
    (void)snprintf(answer, sizeof(answer), "HTTP/1.1 401 No\r\nContent-Length: %zu\r\n\r\nkey=%s;",
                   strlen(key) + 5, key);
    return put(peer, answer);
}

static bool secret_chunks(struct peer *peer)
{
    bool going = put(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nkey=\r\n");
    for (const char *p = header_of(peer, "X-API-Key"); *p && going; p++) {
        going = put(peer, "1\r\n") && put_bytes(peer, p, 1) && put(peer, "\r\n");
        pause_ms(1);
    }
    return going && put(peer, "0\r\n\r\n");
}

static bool answer_ok(const struct peer *peer)
{
    char answer[512], body[256];
    const char *target = strchr(peer->request, ' ');
    int target_len = target ? (int)strcspn(target + 1, " \"") : 0;
    (void)snprintf(body, sizeof(body), "{\"connection\":%u,\"request\":%u,\"target\":\"%.*s\"}",
                   peer->number, peer->nth, target_len < 100 ? target_len : 100,
                   target ? target + 1 : "");
    (void)snprintf(answer, sizeof(answer),
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                   "\r\n%s",
                   strlen(body), body);
    return put(peer, answer);
}

static bool ok(struct peer *peer)
{
    return answer_ok(peer);
}

/* Nobody is answered before as many requests are there as "X-Together" says, which never happens
 * when they come one after the other. */
static bool rendezvous(struct peer *peer)
{
    unsigned long want = strtoul(header_of(peer, "X-Together"), NULL, 10);
    while (atomic_load(&peer->log->requests) < want)
        pause_ms(1);
    return answer_ok(peer);
}

static bool close_after_answer(struct peer *peer)
{
    (void)answer_ok(peer);
    return false;
}

/* Nothing tells the client that the connection is about to end: what a server does that applies an
 * update and then dies. */
static bool drop_second(struct peer *peer)
{
    return peer->nth == 1 && answer_ok(peer);
}

/* A second answer nobody asked for, in the next request's place. */
static bool stale_answer(struct peer *peer)
{
    bool going = answer_ok(peer);
    pause_ms(20);
    going = going && put(peer, "HTTP/1.1 299 Stale\r\nContent-Length: 5\r\n\r\nstale");
    atomic_fetch_add(&peer->log->settled, 1);
    return going;
}

#define OK_LINE "HTTP/1.1 200 OK\r\n"

static const struct behaviour {
    const char *name;
    bool (*serve)(struct peer *peer); /* NULL: send answer, then close */
    const char *answer;               /* NULL: close without one */
} behaviours[] = {
    {"ok", ok, NULL},
    {"rendezvous", rendezvous, NULL},
    {"few-at-once", ok, NULL}, /* takes FEW connections, and more when one of them has ended */
    {"refuse", NULL, NULL},    /* nobody listens */
    {"deaf", NULL, NULL},      /* listens, but connections are never completed */
    {"hang", hang, NULL},
    {"close", NULL, NULL}, /* before reading a byte */
    {"no-answer", NULL, NULL},
    /* before it read anything; what https meets at a plain server */
    {"speaks-first", NULL, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"},
    {"reset", reset, NULL},
    {"reset-midway", reset_midway, NULL},
    {"garbage", NULL, "lorem ipsum dolor sit amet\r\n\r\n"},
    {"binary", NULL, "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03"},
    {"status-99", NULL, "HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n"},
    {"status-1000", NULL, "HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n"},
    {"status-word", NULL, "HTTP/1.1 fine\r\nContent-Length: 0\r\n\r\n"},
    {"truncated-body", NULL, OK_LINE "Content-Length: 1000\r\n\r\nten bytes."},
    {"truncated-header", NULL, OK_LINE "Content-Length: 10\r\nX-Cut: o"},
    {"ends-in-header", NULL, OK_LINE "X-First: 1\r\nX-Cut: o"},
    {"switch-protocols", NULL, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nabc"},
    {"truncated-chunk", NULL, OK_LINE "Transfer-Encoding: chunked\r\n\r\nff\r\nten bytes."},
    {"no-last-chunk", NULL, OK_LINE "Transfer-Encoding: chunked\r\n\r\na\r\nten bytes.\r\n"},
    {"bad-chunk-size", NULL, OK_LINE "Transfer-Encoding: chunked\r\n\r\nzz\r\nten bytes.\r\n0\r\n"},
    {"two-lengths", NULL, OK_LINE "Content-Length: 5\r\nContent-Length: 10\r\n\r\nten bytes."},
    {"length-list", NULL, OK_LINE "Content-Length: 10, 5\r\n\r\nten bytes."},
    {"same-length-twice", NULL,
     OK_LINE "Content-Length: 10\r\nContent-Length: 10\r\n\r\nten bytes."},
    {"length-and-chunks", NULL,
     OK_LINE
     "Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\na\r\nten bytes.\r\n0\r\n\r\n"},
    {"header-without-colon", NULL, OK_LINE "no colon here\r\nContent-Length: 0\r\n\r\n"},
    {"until-close", NULL, OK_LINE "Content-Type: text/plain\r\n\r\nten bytes."},
    {"two-cookies", NULL,
     OK_LINE "Set-Cookie: a=1\r\nX-Fold: one\r\n two\r\nset-cookie: b=2\r\n"
             "Transfer-Encoding: chunked\r\n\r\na\r\nten bytes.\r\n0\r\nX-Trailer: late\r\n\r\n"},
    {"endless-body", endless_body, NULL},
    {"endless-chunks", endless_chunks, NULL},
    {"endless-headers", endless_headers, NULL},
    {"endless-interim", endless_interim, NULL},
    {"many-headers", many_headers, NULL},
    {"huge-header", huge_header, NULL},
    {"drip", drip, NULL},
    {"redirect", redirect, NULL},
    {"secret-header", secret_header, NULL},
    {"secret-body", secret_body, NULL},
    {"secret-chunks", secret_chunks, NULL},
    {"close-after-answer", close_after_answer, NULL},
    {"drop-second", drop_second, NULL},
    {"stale-answer", stale_answer, NULL},
};

enum { BEHAVIOUR_COUNT = sizeof(behaviours) / sizeof(behaviours[0]) };

const char *hostile_behaviour(size_t index)
{
    return index < BEHAVIOUR_COUNT ? behaviours[index].name : NULL;
}

/* ---- serving ---- */

enum { FEW = 4 };

static void serve_connection(struct peer *peer, const struct behaviour *how)
{
    if (strcmp(how->name, "close") == 0)
        return;
    if (strcmp(how->name, "speaks-first") == 0) {
        (void)put(peer, how->answer);
        wait_for_close(peer);
        return;
    }
    while (take_request(peer)) {
        bool going;
        if (how->serve) {
            going = how->serve(peer);
        } else {
            going = false;
            if (how->answer)
                (void)put(peer, how->answer);
        }
        if (!going)
            return;
    }
}

/* A process a connection: behaviours may block as long as they like. */
static void accept_one(int listener, struct peer *peer, const struct behaviour *how)
{
    int on = 1;
    peer->fd = accept(listener, NULL, NULL);
    if (peer->fd < 0)
        return;
    (void)setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    peer->number = atomic_fetch_add(&peer->log->connections, 1) + 1;
    if (fork() == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_connection(peer, how);
        /* The parent may not have closed its copy yet, so that close() alone might end nothing. */
        if (!peer->resets)
            (void)shutdown(peer->fd, SHUT_WR);
        (void)close(peer->fd);
        atomic_fetch_add(&peer->log->settled, 1);
        _exit(0);
    }
    (void)close(peer->fd);
}

/* The second port: counts who comes, and answers properly. */
static void accept_stranger(int listener, struct hostile_log *log)
{
    static const char answer[] = OK_LINE "Content-Length: 0\r\nConnection: close\r\n\r\n";
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    atomic_fetch_add(&log->strangers, 1);
    (void)send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
    (void)close(fd);
}

static int port_of(int fd)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    return ntohs(address.sin_port);
}

static int bind_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static void serve(int listener, int stranger, const struct behaviour *how, struct hostile_log *log)
{
    static struct peer peer;
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN);
    peer.log = log;
    peer.other_port = port_of(stranger);
    bool few = strcmp(how->name, "few-at-once") == 0;
    for (;;) {
        bool full = few && atomic_load(&log->connections) - atomic_load(&log->settled) >= FEW;
        struct pollfd fds[] = {{.fd = full ? -1 : listener, .events = POLLIN},
                               {.fd = stranger, .events = POLLIN}};
        if (poll(fds, 2, full ? 5 : -1) < 0 && errno != EINTR)
            _exit(1);
        if (fds[0].revents)
            accept_one(listener, &peer, how);
        if (fds[1].revents)
            accept_stranger(stranger, log);
    }
}

/* ---- the caller's side ---- */

static const struct behaviour *find_behaviour(const char *name)
{
    for (size_t i = 0; i < BEHAVIOUR_COUNT; i++)
        if (strcmp(behaviours[i].name, name) == 0)
            return &behaviours[i];
    return NULL;
}

/* Once the queue of a listener is full, Linux leaves further attempts to connect without any word.
 */
static bool fill_backlog(struct hostile *out, int listener)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    if (listen(listener, 0) != 0 || getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        return false;
    for (size_t i = 0; i < HOSTILE_FILLERS; i++) {
        out->filler_fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (out->filler_fds[i] >= 0)
            (void)connect(out->filler_fds[i], (struct sockaddr *)&address, sizeof(address));
    }
    return true;
}

static bool launch(struct hostile *out, const struct behaviour *how, int listener, int stranger)
{
    out->port = port_of(listener);
    if (strcmp(how->name, "refuse") == 0) {
        out->bound_fd = listener;
        (void)close(stranger);
        return true;
    }
    if (strcmp(how->name, "deaf") == 0) {
        out->bound_fd = listener;
        (void)close(stranger);
        return fill_backlog(out, listener);
    }
    if (listen(listener, 512) != 0 || listen(stranger, 16) != 0)
        return false;
    (void)fflush(NULL);
    out->pid = fork();
    if (out->pid == 0)
        serve(listener, stranger, how, out->log);
    (void)close(listener);
    (void)close(stranger);
    /* Done on both sides, so that stopping finds the group however early it comes. */
    if (out->pid > 0)
        (void)setpgid(out->pid, out->pid);
    return out->pid > 0;
}

bool hostile_start(struct hostile *out, const char *behaviour)
{
    *out = (struct hostile){.bound_fd = -1};
    const struct behaviour *how = find_behaviour(behaviour);
    if (!how) {
        (void)fprintf(stderr, "unknown behaviour \"%s\"\n", behaviour);
        return false;
    }
    void *log =
        mmap(NULL, sizeof(*out->log), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (log == MAP_FAILED) {
        perror("mmap");
        return false;
    }
    out->log = log;
    int listener = bind_loopback(), stranger = bind_loopback();
    if (listener < 0 || stranger < 0 || !launch(out, how, listener, stranger)) {
        perror(behaviour);
        return false;
    }
    return true;
}

void hostile_stop(struct hostile *hostile)
{
    if (hostile->pid > 0) {
        (void)kill(-hostile->pid, SIGKILL);
        while (waitpid(hostile->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (hostile->log && hostile->bound_fd >= 0)
        (void)close(hostile->bound_fd);
    for (size_t i = 0; i < HOSTILE_FILLERS; i++)
        if (hostile->filler_fds[i] > 0)
            (void)close(hostile->filler_fds[i]);
    if (hostile->log)
        (void)munmap(hostile->log, sizeof(*hostile->log));
    *hostile = (struct hostile){.bound_fd = -1};
}

unsigned hostile_connections(const struct hostile *hostile)
{
    return atomic_load(&hostile->log->connections);
}

unsigned hostile_requests(const struct hostile *hostile)
{
    return atomic_load(&hostile->log->requests);
}

unsigned hostile_strangers(const struct hostile *hostile)
{
    return atomic_load(&hostile->log->strangers);
}

bool hostile_wait_settled(const struct hostile *hostile, unsigned count)
{
    enum { DEADLINE_MS = 20000 };
    for (int ms = 0; ms < DEADLINE_MS; ms++) {
        if (atomic_load(&hostile->log->settled) >= count)
            return true;
        pause_ms(1);
    }
    return false;
}

const char *hostile_request(const struct hostile *hostile, unsigned index)
{
    if (index >= KEPT_REQUESTS || !atomic_load(&hostile->log->filled[index]))
        return NULL;
    return hostile->log->raw[index];
}

unsigned hostile_arrived(const struct hostile *hostile, const char *text)
{
    unsigned count = 0;
    for (unsigned i = 0; i < KEPT_REQUESTS; i++) {
        const char *raw = hostile_request(hostile, i);
        count += raw && strstr(raw, text);
    }
    return count;
}
