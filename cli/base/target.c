#include "cli/base/target.h"
#include "cli/base/command.h"
#include "cli/base/limits.h"
#include "harness/base/child.h"
#include "harness/base/ending.h"
#include "harness/base/mem.h"
#include "harness/run/language.h"
#include "suites/suites.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROFILE_MAX_BYTES = 1 << 20 };

/* ---- cases ---- */

enum { PROGRAM_MAX = 4096 };

/*
 * The folder of this program's file, links followed; false where nothing tells. Where /proc is not
 * mounted the kernel's note of the name that was executed has to do.
 */
static bool program_folder(char folder[static PROGRAM_MAX])
{
    ssize_t len = readlink("/proc/self/exe", folder, PROGRAM_MAX - 1);
    if (len > 0) {
        folder[len] = '\0';
    } else {
        const char *name = (const char *)getauxval(AT_EXECFN);
        char *real = name ? realpath(name, NULL) : NULL;
        snprintf(folder, PROGRAM_MAX, "%s", real ? real : "");
        free(real);
    }
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

/* What is installed lies beside the program; from a build tree the source tree's is used. */
static const char *data_path(char *path, size_t size, const char *installed, const char *source)
{
    char folder[PROGRAM_MAX];
    if (program_folder(folder)) {
        snprintf(path, size, "%s/../share/cvm-conformance/%s", folder, installed);
        if (access(path, R_OK) == 0)
            return path;
    }
    return source;
}

const char *cf_cases_dir(void)
{
    static char path[4096 + 64];
    return data_path(path, sizeof(path), "cases", CF_SOURCE_DIR "/cases");
}

const char *cf_kill_matrix_path(void)
{
    static char path[4096 + 64];
    return data_path(path, sizeof(path), "kill-matrix.json",
                     CF_SOURCE_DIR "/cli/selftest/kill-matrix.json");
}

const char *cf_contract_path(const char *name)
{
    static char path[4096 + 64];
    static char source[4096];
    char installed[128];
    bool is_page = strstr(name, ".md") != NULL;
    snprintf(installed, sizeof(installed), "contract/%s", name);
    snprintf(source, sizeof(source), "%s/%s/%s", CF_SOURCE_DIR,
             is_page ? "docs/contract" : "tests/contract", name);
    return data_path(path, sizeof(path), installed, source);
}

const char *cf_evm_hooks_dir(void)
{
    static char path[4096 + 64];
    return data_path(path, sizeof(path), "hooks/evm", CF_SOURCE_DIR "/hooks/evm");
}

static void print_problem(void *context, const char *text)
{
    (void)context;
    cf_complain_plainly(text);
}

bool cf_target_load_cases(struct cf_target *target, const char *const *extra)
{
    struct cf_err err = {0};
    size_t extra_count = 0;
    target->engine = cf_cvm_engine();
    target->forms = cf_engine_forms(target->engine);
    while (extra && extra[extra_count])
        extra_count++;
    struct cf_catalogue_language language = cf_engine_language(target->engine, target->forms);
    enum cf_code code = cf_catalogue_load(&target->catalogue, cf_cases_dir(), extra, extra_count,
                                          &language, print_problem, NULL, &err);
    if (code != CF_OK)
        cf_complain("%s", err.text);
    return code == CF_OK;
}

/* ---- profile ---- */

bool cf_target_load_profile(struct cf_target *target, const char *path,
                            const struct cf_ref_options *options, unsigned port)
{
    struct cf_err err = {0};
    struct cf_buf text;
    enum cf_code code;
    const struct cf_vocabulary *vocabulary = cf_cvm_engine()->vocabulary;
    if (path) {
        code = cf_profile_load(&target->profile, path, vocabulary, &err);
    } else {
        cf_buf_init(&text, PROFILE_MAX_BYTES);
        code = cf_ref_profile(options, port, &text, &err);
        if (code == CF_OK)
            code = cf_profile_parse(&target->profile, "reference profile", cf_buf_text(&text),
                                    text.len, vocabulary, &err);
        cf_buf_release(&text);
    }
    if (code != CF_OK)
        cf_complain("%s", err.text);
    target->has_profile = code == CF_OK;
    return target->has_profile;
}

void cf_target_release(struct cf_target *target)
{
    if (target->reference > 0)
        cf_reference_stop(target->reference, target->stop_fd);
    if (target->has_profile)
        cf_profile_release(&target->profile);
    cf_catalogue_release(&target->catalogue);
    free(target->forms);
    *target = (struct cf_target){0};
}

/* ---- the reference implementation ---- */

static _Noreturn void serve(const struct cf_ref_options *options, int ready_fd, int stop_fd,
                            pid_t parent)
{
    struct cf_err err = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    /* An interrupt at the terminal reaches everybody; the CVMs are to be put back first. */
    cf_ending_ignore();
    enum cf_code code = cf_ref_serve(options, ready_fd, stop_fd, &err);
    if (code != CF_OK)
        cf_complain("reference implementation: %s", err.text);
    cf_child_end(code == CF_OK ? 0 : 1);
}

static unsigned read_port(int fd)
{
    char text[32];
    size_t len = 0;
    ssize_t got;
    while (len < sizeof(text) - 1 &&
           ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0 || errno == EINTR)) {
        if (got <= 0)
            continue;
        len += (size_t)got;
        if (text[len - 1] == '\n')
            break;
    }
    text[len] = '\0';
    return (unsigned)strtoul(text, NULL, 10);
}

/* Tell it to end, and wait for that. Returns its exit code, -1 after a signal. */
static int stop_reference(pid_t pid, int stop_fd)
{
    int status;
    close(stop_fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code != 0 && code != CF_MEM_EXIT)
        cf_complain("the reference implementation did not end well (status %d)", status);
    return code;
}

bool cf_reference_known(const struct cf_ref_options *options)
{
    struct cf_err err = {0};
    return cf_ref_options_check(options, &err) == CF_OK || cf_refuse("%s", err.text);
}

unsigned cf_reference_fork(const struct cf_ref_options *options, pid_t *out_pid, int *out_stop_fd)
{
    int ready[2];
    int stop[2];
    pid_t parent = getpid();
    if (!cf_limits_files())
        return 0;
    if (pipe(ready) != 0 || pipe(stop) != 0) {
        cf_complain("cannot make a pipe: %s", strerror(errno));
        return 0;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        close(stop[1]);
        serve(options, ready[1], stop[0], parent);
    }
    close(ready[1]);
    close(stop[0]);
    unsigned port = pid > 0 ? read_port(ready[0]) : 0;
    close(ready[0]);
    *out_pid = pid;
    *out_stop_fd = stop[1];
    if (port == 0) {
        /* Where it finds no memory, neither would what comes now. */
        if (pid > 0 && stop_reference(pid, stop[1]) == CF_MEM_EXIT)
            cf_mem_exhausted();
        if (pid < 0)
            cf_complain("cannot start the reference implementation");
        *out_pid = 0;
    }
    return port;
}

void cf_reference_stop(pid_t pid, int stop_fd)
{
    stop_reference(pid, stop_fd);
}
