/*
 * A server that misbehaves on purpose, one way at a time, told by name.
 *
 * It writes bytes to raw sockets, because a proper HTTP library refuses most of what is needed
 * here. It runs in a process of its own on a free port of 127.0.0.1, one more process a connection,
 * and keeps what it was sent, so that a test can ask whether a request arrived, and how often.
 * Behaviours are listed in the table at the end of hostile_server.c.
 */
#ifndef CF_TESTS_HOSTILE_SERVER_H
#define CF_TESTS_HOSTILE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct hostile_log;

enum { HOSTILE_FILLERS = 4 };

struct hostile {
    pid_t pid;
    int port;
    int bound_fd; /* "refuse", "deaf": holds the port in the caller's own process */
    int filler_fds[HOSTILE_FILLERS]; /* "deaf": connections that fill the queue */
    struct hostile_log *log;         /* shared with the server's processes */
};

/* Start the server. Call before threads and curl handles exist. False (with a line on standard
 * error) for an unknown behaviour or where the system refuses. */
bool hostile_start(struct hostile *out, const char *behaviour);
/* Kill it and give everything back; accepts a zeroed object. */
void hostile_stop(struct hostile *hostile);

unsigned hostile_connections(const struct hostile *hostile);
/* Whole requests (header and body) that arrived. */
unsigned hostile_requests(const struct hostile *hostile);
/* Requests that reached the second port, to which "redirect" points. */
unsigned hostile_strangers(const struct hostile *hostile);
/* Wait until that many connections have ended (or, "stale-answer", have sent what nobody asked
 * for), and what ends them is under way to the client. False when it takes too long. */
bool hostile_wait_settled(const struct hostile *hostile, unsigned count);
/* How many of the requests hold text in their raw bytes. */
unsigned hostile_arrived(const struct hostile *hostile, const char *text);
/* The raw bytes of the request at index, in order of arrival, NUL-terminated; NULL when there is
 * none. */
const char *hostile_request(const struct hostile *hostile, unsigned index);

/* Name of the behaviour at index, NULL past the last. */
const char *hostile_behaviour(size_t index);

#endif
