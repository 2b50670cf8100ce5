/*
 * What runs a fuzz target where there is no libFuzzer: every file of a corpus, then inputs made
 * from them by chance for some seconds.
 *
 *   NAME SECONDS FOLDER...
 *
 * It does not look at coverage, so it finds what lies near the corpus; for more there is
 * scripts/fuzz. The input at work stands in NAME.input of the working folder, and stays there when
 * the process dies of it. Exit code 2: nothing could be read.
 */
#include "cli/certify/bundle.h"
#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { INPUT_MAX = 64 << 10, FILES_MAX = 2000, HANG_SECONDS = 60 };

struct corpus {
    struct cf_buf files[FILES_MAX];
    size_t count;
};

static bool add_folder(struct corpus *corpus, const char *folder)
{
    struct cf_files names = {0};
    struct cf_err err = {0};
    enum cf_code code = cf_files_list(&names, folder, &err);
    for (size_t i = 0; code == CF_OK && i < names.count && corpus->count < FILES_MAX; i++) {
        char *path = cf_path_in(folder, names.paths[i]);
        cf_buf_init(&corpus->files[corpus->count], INPUT_MAX);
        code = cf_file_read(path, &corpus->files[corpus->count++], &err);
        free(path);
    }
    cf_files_release(&names);
    if (code != CF_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    return code == CF_OK;
}

/* A shared page of a file: what stands there outlives the process. */
static uint8_t *open_input(const char *program)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s.input", program);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, INPUT_MAX) != 0)
        return NULL;
    void *page = mmap(NULL, INPUT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    return page == MAP_FAILED ? NULL : page;
}

/* ---- inputs by chance ---- */

static const char *const pieces[] = {
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "\n",
    "null",
    "true",
    "-0",
    "1e999",
    "\\u0000",
    "\\ud800",
    "\xff",
    "\xc3\xa9",
    "--",
    "9007199254740993",
    "%",
    "&#",
    "=",
    "<",
    "\r\n",
};

static size_t put(uint8_t *input, size_t len, size_t at, const void *bytes, size_t more)
{
    if (len + more > INPUT_MAX)
        return len;
    memmove(input + at + more, input + at, len - at);
    memcpy(input + at, bytes, more);
    return len + more;
}

static size_t cut(uint8_t *input, size_t len, size_t at, size_t less)
{
    less = less < len - at ? less : len - at;
    memmove(input + at, input + at + less, len - at - less);
    return len - less;
}

static size_t splice(const struct corpus *corpus, struct cf_random *random, uint8_t *input,
                     size_t len, size_t at)
{
    const struct cf_buf *other = &corpus->files[cf_random_below(random, (uint32_t)corpus->count)];
    if (other->len == 0)
        return len;
    size_t from = cf_random_below(random, (uint32_t)other->len);
    size_t more = 1 + cf_random_below(random, 64);
    return put(input, len, at, other->data + from,
               more < other->len - from ? more : other->len - from);
}

static size_t change(const struct corpus *corpus, struct cf_random *random, uint8_t *input,
                     size_t len)
{
    size_t at = cf_random_below(random, (uint32_t)len + 1);
    switch (cf_random_below(random, 5)) {
    case 0:
        if (at < len)
            input[at] ^= (uint8_t)(1u << cf_random_below(random, 8));
        return len;
    case 1:
        if (at < len)
            input[at] = (uint8_t)cf_random_below(random, 256);
        return len;
    case 2:
        return cut(input, len, at, 1 + cf_random_below(random, 16));
    case 3:
        return splice(corpus, random, input, len, at);
    default: {
        const char *piece = pieces[cf_random_below(random, sizeof(pieces) / sizeof(pieces[0]))];
        return put(input, len, at, piece, strlen(piece));
    }
    }
}

static size_t draw(const struct corpus *corpus, struct cf_random *random, uint8_t *input)
{
    const struct cf_buf *file = &corpus->files[cf_random_below(random, (uint32_t)corpus->count)];
    size_t len = file->len;
    memcpy(input, cf_buf_text(file), len);
    for (uint32_t changes = 1 + cf_random_below(random, 8); changes > 0; changes--)
        len = change(corpus, random, input, len);
    return len;
}

/* A copy of exactly that size, so that a sanitizer sees a read past its end. */
static void run(const uint8_t *input, size_t len)
{
    uint8_t *exact = cf_memdup(input, len);
    (void)alarm(HANG_SECONDS);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

/* Every file, then what chance makes of them. Returns how many inputs there were. */
static size_t run_all(const struct corpus *corpus, uint8_t *input, double seconds)
{
    struct cf_random random;
    char seed[CF_TIMESTAMP_BYTES];
    size_t count = 0;
    for (; count < corpus->count; count++) {
        memcpy(input, cf_buf_text(&corpus->files[count]), corpus->files[count].len);
        run(input, corpus->files[count].len);
    }
    cf_clock_timestamp(seed);
    cf_random_init(&random, seed);
    double end_ms = cf_clock_ms() + 1000 * seconds;
    for (; cf_clock_ms() < end_ms; count++)
        run(input, draw(corpus, &random, input));
    return count;
}

int main(int argc, char **argv)
{
    struct corpus *corpus = cf_alloc(sizeof(*corpus));
    uint8_t *input = open_input(argv[0]);
    bool good = input && argc > 2;
    for (int i = 2; good && i < argc; i++)
        good = add_folder(corpus, argv[i]);
    if (good && corpus->count > 0)
        (void)printf("%zu files, %zu executions\n", corpus->count,
                     run_all(corpus, input, strtod(argv[1], NULL)));
    good = good && corpus->count > 0;
    for (size_t i = 0; i < corpus->count; i++)
        cf_buf_release(&corpus->files[i]);
    free(corpus);
    return good ? 0 : 2;
}
