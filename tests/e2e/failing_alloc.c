/*
 * To be preloaded (LD_PRELOAD): memory that runs out.
 *
 * CF_ALLOC_FAIL_AT=N    the N-th allocation from the start of main() on, and every one after it,
 *                       finds no memory; 0 or unset: none does
 * CF_ALLOC_FAIL_IN=...  "first": only in the process that was started, "forked": only in those that
 *                       it forks; else in all. A forked process goes on counting from its parent's
 *                       number; "afresh": as "forked", but each counts from its own start
 * CF_ALLOC_COUNT=FILE   the process that was started writes there, at its end by exit(), how many
 *                       allocations it made
 * CF_ALLOC_EACH=FILE    each allocation of every process fails in turn, in minutes: a copy of the
 *                       process is made there, finds no memory from there on, and its end is waited
 *                       for. The process that was started writes to FILE, at its end by exit(), how
 *                       the copies ended, a kind of end a line:
 *                           COUNT PROCESS CODE OUT AT SAID
 *                       PROCESS: "first" or "forked". CODE: negative for a signal. OUT: "same" if
 *                       the copy printed what the process did in the end. AT: the first one's
 *                       number. SAID: the first line of its standard error
 * CF_ALLOC_ONCE=1       with CF_ALLOC_EACH: only that one allocation fails
 * CF_ALLOC_STACKS=1     with CF_ALLOC_EACH: only the first allocation from each call stack,
 * whichever process it is in CF_ALLOC_ALONE=1      with CF_ALLOC_EACH, where processes talk to each
 * other: a copy that would read or write what others share ends with code 96 instead; one that said
 *                       that memory has run out ends with 3, without its last words
 *
 * Not for sanitizers, which bring an allocator of their own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* glibc's own, under its other names: looking them up by dlsym() would allocate. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);

static atomic_ulong made;
static unsigned long fail_at;
static pid_t first;
static pid_t counting; /* of IN_AFRESH: whose number it is */
static enum { IN_ALL, IN_FIRST, IN_FORKED, IN_AFRESH } where;

/* ---- each in turn ---- */

enum { KINDS_MAX = 200, SAID_MAX = 160, PATIENCE_MS = 30000 };
enum { EXHAUSTED = 3, SHARED = 96, TROUBLE = 97 };

struct kind {
    unsigned long count, at;
    bool forked;
    int code;
    uint64_t printed; /* 0: not looked at */
    char said[SAID_MAX];
};

/* The call stacks that an allocation failed from already, of all processes together, by digest;
 * NULL: CF_ALLOC_STACKS is unset. */
static _Atomic uint64_t *stacks;
enum { STACKS_MAX = 1 << 20, FRAMES_MAX = 100 };

/* How copies ended; of all processes together. NULL: CF_ALLOC_EACH is unset. */
static struct ends {
    atomic_flag busy;
    size_t count;
    struct kind kinds[KINDS_MAX];
} * ends;

static bool once, alone;
static bool is_copy;
static int printed = -1; /* stands for standard output in the process that was started */
static int standard_output = -1;

/* Whether this is the first allocation from here, and from then on it is not. */
static bool is_new_stack(void)
{
    void *frames[FRAMES_MAX];
    uint64_t sum = 14695981039346656037U;
    int count = backtrace(frames, FRAMES_MAX);
    for (int i = 0; i < count; i++)
        sum = (sum ^ (uintptr_t)frames[i]) * 1099511628211U;
    sum += sum == 0;
    for (size_t at = (sum >> 32) % STACKS_MAX, left = STACKS_MAX; left > 0; left--) {
        uint64_t there = 0;
        if (atomic_compare_exchange_strong(&stacks[at], &there, sum))
            return true;
        if (there == sum)
            return false;
        at = (at + 1) % STACKS_MAX;
    }
    _exit(TROUBLE);
}

static uint64_t digest_of(int fd)
{
    struct stat stat;
    uint64_t sum = 14695981039346656037U;
    if (fstat(fd, &stat) != 0)
        _exit(TROUBLE);
    if (stat.st_size == 0)
        return sum;
    unsigned char *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        _exit(TROUBLE);
    for (off_t i = 0; i < stat.st_size; i++)
        sum = (sum ^ bytes[i]) * 1099511628211U;
    (void)munmap(bytes, (size_t)stat.st_size);
    return sum;
}

static bool is_kind(const struct kind *kind, const struct kind *end)
{
    return kind->forked == end->forked && kind->code == end->code &&
           kind->printed == end->printed && strcmp(kind->said, end->said) == 0;
}

static void note_end(const struct kind *end)
{
    while (atomic_flag_test_and_set(&ends->busy))
        (void)sched_yield();
    size_t i = 0;
    while (i < ends->count && !is_kind(&ends->kinds[i], end))
        i++;
    if (i == KINDS_MAX)
        _exit(TROUBLE);
    if (i == ends->count)
        ends->kinds[ends->count++] = *end;
    ends->kinds[i].count++;
    atomic_flag_clear(&ends->busy);
}

/* The copy's wait status; one that does not end is killed. */
static int end_of(pid_t pid)
{
    struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    int ready = 0, status = 0;
    do
        ready = poll(&ended, 1, PATIENCE_MS);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {
    }
    (void)close(ended.fd);
    return status;
}

static void await_copy(pid_t pid, unsigned long number, int said)
{
    struct kind end = {.at = number, .forked = getpid() != first};
    off_t before = lseek(printed, 0, SEEK_END);
    int status = end_of(pid);
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (pread(said, end.said, sizeof(end.said) - 1, 0) < 0)
        _exit(TROUBLE);
    end.said[strcspn(end.said, "\n")] = '\0';
    if (!end.forked && end.code != EXHAUSTED)
        end.printed = digest_of(printed);
    if (!end.forked && (ftruncate(printed, before) != 0 || lseek(printed, before, SEEK_SET) < 0))
        _exit(TROUBLE);
    note_end(&end);
}

static void become_copy(int said)
{
    bool forked = counting != first;
    int nowhere = forked ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (dup2(said, STDERR_FILENO) < 0 || (forked && dup2(nowhere, STDOUT_FILENO) < 0))
        _exit(TROUBLE);
    is_copy = true;
    fail_at = once ? 0 : 1;
}

/* In the copy: true. No signal tells the process of its end, and no waitpid() of the program's. */
static bool fails_in_copy(unsigned long number)
{
    int said = memfd_create("said", MFD_CLOEXEC);
    counting = getpid();
    pid_t pid = said < 0 ? -1 : (pid_t)syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
    if (pid < 0)
        _exit(TROUBLE);
    if (pid == 0) {
        become_copy(said);
        return true;
    }
    int saved = errno;
    await_copy(pid, number, said);
    (void)close(said);
    errno = saved;
    return false;
}

static void begin_each(void)
{
    once = getenv("CF_ALLOC_ONCE");
    alone = getenv("CF_ALLOC_ALONE");
    if (getenv("CF_ALLOC_STACKS")) {
        void *frame;
        (void)backtrace(&frame, 1); /* it allocates when it is called first */
        stacks = mmap(NULL, STACKS_MAX * sizeof(*stacks), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (stacks == MAP_FAILED)
            _exit(TROUBLE);
    }
    printed = memfd_create("printed", MFD_CLOEXEC);
    standard_output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    ends = mmap(NULL, sizeof(*ends), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (standard_output < 0 || ends == MAP_FAILED || dup2(printed, STDOUT_FILENO) < 0)
        _exit(TROUBLE);
}

static void write_ends(const char *path, uint64_t usual)
{
    FILE *file = fopen(path, "we");
    for (size_t i = 0; file && i < ends->count; i++) {
        const struct kind *kind = &ends->kinds[i];
        (void)fprintf(file, "%lu %s %d %s %lu %s\n", kind->count, kind->forked ? "forked" : "first",
                      kind->code, kind->printed == usual ? "same" : "other", kind->at, kind->said);
    }
    if (!file || fclose(file) != 0)
        _exit(TROUBLE);
}

static void end_each(void)
{
    enum { PIECE = 65536 };
    char piece[PIECE];
    ssize_t length;
    (void)fflush(stdout);
    uint64_t usual = digest_of(printed);
    if (lseek(printed, 0, SEEK_SET) < 0)
        _exit(TROUBLE);
    while ((length = read(printed, piece, sizeof(piece))) > 0) {
        if (write(standard_output, piece, (size_t)length) != length)
            _exit(TROUBLE);
    }
    write_ends(getenv("CF_ALLOC_EACH"), usual);
}

/* ---- what a copy that is alone leaves alone ---- */

static bool keeps_away(void)
{
    return is_copy && alone;
}

static void keep_away(const char *from)
{
    if (!keeps_away())
        return;
    static const char start[] = "went on to ";
    (void)syscall(SYS_write, STDERR_FILENO, start, sizeof(start) - 1);
    (void)syscall(SYS_write, STDERR_FILENO, from, strlen(from));
    _exit(SHARED);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    static const char told[] = "cvm-conformance: out of memory\n";
    if (fd != STDERR_FILENO)
        keep_away("write()");
    ssize_t result = syscall(SYS_write, fd, bytes, length);
    if (keeps_away() && length == sizeof(told) - 1 && memcmp(bytes, told, length) == 0)
        _exit(EXHAUSTED);
    return result;
}

ssize_t read(int fd, void *bytes, size_t length)
{
    keep_away("read()");
    return syscall(SYS_read, fd, bytes, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    keep_away("writev()");
    return syscall(SYS_writev, fd, parts, count);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    keep_away("send()");
    return syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    keep_away("sendmsg()");
    return syscall(SYS_sendmsg, fd, message, flags);
}

ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
    keep_away("recv()");
    return syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    keep_away("recvmsg()");
    return syscall(SYS_recvmsg, fd, message, flags);
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };
    struct timespec timeout = {.tv_sec = timeout_ms / MS_PER_S,
                               .tv_nsec = timeout_ms % MS_PER_S * (long)NS_PER_MS};
    keep_away("poll()");
    return (int)syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &timeout, NULL, 0);
}

int shutdown(int fd, int how)
{
    keep_away("shutdown()");
    return (int)syscall(SYS_shutdown, fd, how);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    keep_away("waitpid()");
    return (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
}

int kill(pid_t pid, int number)
{
    keep_away("kill()");
    return (int)syscall(SYS_kill, pid, number);
}

int rename(const char *from, const char *to)
{
    keep_away("rename()");
    return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path)
{
    keep_away("unlink()");
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* ---- all of them ---- */

/* Preloaded, this runs after every other library's constructors. */
__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("CF_ALLOC_FAIL_AT");
    const char *in = getenv("CF_ALLOC_FAIL_IN");
    fail_at = at ? strtoul(at, NULL, 10) : 0;
    where = in && strcmp(in, "first") == 0    ? IN_FIRST
            : in && strcmp(in, "forked") == 0 ? IN_FORKED
            : in && strcmp(in, "afresh") == 0 ? IN_AFRESH
                                              : IN_ALL;
    if (getenv("CF_ALLOC_EACH"))
        begin_each();
    atomic_store(&made, 0);
    first = counting = getpid();
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("CF_ALLOC_COUNT");
    unsigned long count = atomic_load(&made);
    fail_at = 0;
    if (getpid() != first)
        return;
    first = 0; /* from here on allocations are not the program's */
    if (ends)
        end_each();
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    (void)fprintf(file, "%lu\n", count);
    (void)fclose(file);
}

static bool is_at(unsigned long number)
{
    if (ends && !is_copy)
        return first != 0 && (!stacks || is_new_stack()) && fails_in_copy(number);
    if (is_copy)
        return fail_at != 0;
    if (fail_at == 0 || first == 0 || number < fail_at)
        return false;
    return where == IN_ALL || (getpid() == first) == (where == IN_FIRST);
}

static bool refused(void)
{
    if (where == IN_AFRESH && getpid() != counting) {
        counting = getpid();
        atomic_store(&made, 0);
    }
    if (!is_at(atomic_fetch_add(&made, 1) + 1))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t bytes)
{
    return refused() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return refused() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return refused() ? NULL : __libc_realloc(block, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    return refused() ? NULL : __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return memalign(alignment, bytes);
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    *out = memalign(alignment, bytes);
    return *out ? 0 : ENOMEM;
}
