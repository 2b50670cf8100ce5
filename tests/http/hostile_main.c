/*
 * hostile BEHAVIOUR: run one behaviour for tests of the command line.
 *
 * Prints the port on a line of its own, then serves until standard input ends or SIGTERM comes, and
 * then prints "connections=N requests=N strangers=N". Without an argument it lists the behaviours.
 */
#include "tests/http/hostile_server.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* No SA_RESTART: its only work is to end the read() below. */
static void wake(int number)
{
    (void)number;
}

static void list(void)
{
    for (size_t i = 0; hostile_behaviour(i); i++)
        (void)puts(hostile_behaviour(i));
}

int main(int argc, char **argv)
{
    struct hostile hostile;
    struct sigaction action = {.sa_handler = wake};
    char sink[256];
    if (argc != 2) {
        list();
        return argc == 1 ? 0 : 2;
    }
    if (!hostile_start(&hostile, argv[1])) {
        hostile_stop(&hostile);
        return 2;
    }
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)printf("%d\n", hostile.port);
    (void)fflush(stdout);
    while (read(STDIN_FILENO, sink, sizeof(sink)) > 0) {
    }
    (void)printf("connections=%u requests=%u strangers=%u\n", hostile_connections(&hostile),
                 hostile_requests(&hostile), hostile_strangers(&hostile));
    hostile_stop(&hostile);
    return 0;
}
