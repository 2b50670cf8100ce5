#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/child.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/pool/held.h"
#include "harness/pool/wire.h"
#include "harness/pool/worker.h"
#include "harness/run/distinct.h"
#include "harness/run/io.h"
#include "harness/run/kept.h"
#include "harness/run/rejudge.h"
#include "harness/run/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct worker {
    const struct cf_worker_setting *setting;
    struct cf_case_setting base; /* the setting's, with its redactor */
    struct cf_redactor *redactor;
    struct cf_json_texts texts;
    struct cf_io *io;
    int fd;
    bool keeps_distinct;             /* the plan has a case that is decided over all records */
    bool unfit;                      /* a case of the group left its main fixture so */
    bool surprised;                  /* one of a row was not refused, others may not be either */
    struct test *held[CF_GROUP_MAX]; /* passed if one look, still to be taken, shows the same */
    size_t held_count;
    uint32_t besides; /* operations started since the last frame, and in no case's record */
};

/* One cmocka test: a case on its fixtures. */
struct test {
    struct worker *worker;
    size_t index; /* in the plan */
    int tries;
    const struct cf_order *order;
    const char *fixtures[CF_ROLES_MAX];
    struct cf_case_record record;
    bool decided, not_begun;
    bool joins;    /* its last look may be assumed, and taken with those of others */
    bool assumed;  /* it was */
    bool disturbs; /* those that were held before it */
    struct cf_held look;
    unsigned end; /* enum cf_case_end */
};

static _Noreturn void leave(struct worker *worker, int status)
{
    cf_io_free(worker->io);
    cf_redactor_free(worker->redactor);
    cf_json_texts_release(&worker->texts);
    cf_http_global_cleanup();
    cf_child_end(status);
}

static void send_frame(struct worker *worker, const struct cf_frame *frame, const char *payload)
{
    struct cf_frame full = *frame;
    full.requests = (uint32_t)cf_io_request_count(worker->io);
    full.besides = worker->besides;
    worker->besides = 0;
    if (cf_fd_write(worker->fd, &full, sizeof(full), NULL) != CF_OK ||
        cf_fd_write(worker->fd, payload, full.payload_len, NULL) != CF_OK)
        leave(worker, 1); /* the parent is gone */
}

/* ---- cases ---- */

static int set_up(void **state)
{
    struct test *test = *state;
    test->record = (struct cf_case_record){0};
    return 0; /* a failing setup would skip teardown, and lose the record */
}

static void execute(struct test *test)
{
    const struct cf_worker_setting *setting = test->worker->setting;
    struct cf_io *io = test->worker->io;
    const struct cf_plan_item *item = &setting->plan->items[test->index];
    const struct cf_order *order = test->order;
    const char *failed_on[CF_TRIES_MAX] = {NULL};
    for (size_t i = 0; i < order->failed_on_count; i++)
        failed_on[i] = setting->base.profile->fixtures[order->failed_on[i]].id;
    const char *forms[CF_FORMS_MAX] = {NULL};
    for (size_t i = 0; i < order->form_count; i++)
        forms[i] = order->forms[i];
    struct cf_turn turn = {.attempt = item->attempt,
                           .tries = test->tries,
                           .failed_on = failed_on,
                           .failed_on_count = order->failed_on_count,
                           .failed_at = order->failed_at,
                           .forms = forms,
                           .form_count = order->form_count,
                           .seeks_lock = order->seeks_lock != 0};
    io->assume = test->joins;
    io->assumed = 0;
    double started_ms = io->ops->now(io);
    test->end =
        cf_case_execute(&test->worker->base, item->one, test->fixtures, turn, io, &test->record);
    test->assumed = io->assumed > 0;
    test->look = (struct cf_held){.one = item->one,
                                  .fixtures = test->fixtures,
                                  .record = &test->record,
                                  .started_ms = started_ms,
                                  .looks = test->assumed ? io->assumed - 1 : 0};
    io->assume = false;
    test->decided = true;
}

static void settle_held(struct worker *worker, struct test *last);

static bool may_join(const struct test *test)
{
    const struct cf_worker_setting *setting = test->worker->setting;
    const struct cf_engine *engine = setting->base.engine;
    bool if_refused;
    return test->order->count > 1 && engine->ends_as_found &&
           engine->ends_as_found(setting->plan->items[test->index].one, &if_refused) > 0 &&
           !(if_refused && test->worker->surprised);
}

static void run_case_test(void **state)
{
    struct test *test = *state;
    test->joins = may_join(test);
    if (!test->joins)
        settle_held(test->worker, NULL);
    test->not_begun = test->worker->unfit;
    if (test->not_begun)
        skip();
    execute(test);
    if (test->record.verdict == CF_FAIL || test->record.verdict == CF_ERROR)
        fail();
    if (test->record.verdict != CF_PASS)
        skip();
}

/* All but those that a case over all records asks about. */
static void drop_exchanges(const struct worker *worker, struct cf_case_record *record)
{
    const struct cf_distinct_kind *kind = worker->setting->base.engine->distinct;
    size_t kept = 0;
    for (size_t i = 0; i < record->exchange_count; i++) {
        char *value = worker->keeps_distinct ? kind->find(&record->exchanges[i]) : NULL;
        if (value)
            record->exchanges[kept++] = record->exchanges[i];
        else
            cf_exchange_release(&record->exchanges[i]);
        free(value);
    }
    record->exchange_count = kept;
}

static void give_back(struct test *test)
{
    struct cf_frame frame = {
        .type = CF_ORDER_CASES, .index = (uint32_t)test->index, .flags = CF_FRAME_NOT_BEGUN};
    send_frame(test->worker, &frame, "");
}

static size_t count_sent(const struct cf_case_record *record)
{
    size_t count = 0;
    for (size_t i = 0; i < record->exchange_count; i++)
        count += record->exchanges[i].kind == CF_EXCHANGE_HTTP && !record->exchanges[i].reused;
    return count;
}

static bool met_5xx(const struct cf_case_record *record)
{
    for (size_t i = 0; i < record->exchange_count; i++) {
        if (record->exchanges[i].kind == CF_EXCHANGE_HTTP && record->exchanges[i].status >= 500)
            return true;
    }
    return false;
}

/* Write the record, of which frame says the rest, and let go of it. */
static void send_record(struct worker *worker, struct cf_case_record *record, struct cf_frame frame)
{
    struct cf_buf line = {0};
    if (!worker->setting->transcripts)
        drop_exchanges(worker, record);
    if (record->verdict == CF_PASS && !worker->setting->bodies)
        cf_case_record_leave_out_bodies(record);
    cf_case_record_write(&line, record);
    frame.type = CF_ORDER_CASES;
    frame.verdict = (int32_t)record->verdict;
    frame.operations = (uint32_t)record->operations;
    frame.payload_len = (uint32_t)line.len;
    send_frame(worker, &frame, cf_buf_text(&line));
    cf_buf_release(&line);
    cf_case_record_release(record);
}

/* Whether what it was judged over stands in the record of the case that it shares, and need not
 * stand twice. A case whose last update was refused may run again, with another record, while one
 * that shares only what came before keeps its own. */
static bool stands_there(const struct test *test, const struct cf_case_record *record, unsigned end)
{
    bool may_part = (test->end & CF_END_REFUSED) && !(end & CF_END_REFUSED);
    return record->verdict == CF_PASS && !may_part && !test->worker->setting->shared;
}

static void send_sharing(const struct test *test, size_t index, struct cf_case_record *record,
                         unsigned end)
{
    unsigned met = met_5xx(&test->record) ? CF_FRAME_MET_5XX : 0;
    if (stands_there(test, record, end))
        cf_case_record_leave_out_exchanges(record);
    send_record(test->worker, record,
                (struct cf_frame){.index = (uint32_t)index,
                                  .flags = CF_FRAME_SHARED | (end & CF_END_REFUSED) | met});
}

/* What passed did all that it had to do, and those that ask for the same are judged by it. That its
 * last write cannot be read is for the next case on that fixture to mind. */
static void judge_sharing(const struct test *test)
{
    const struct cf_worker_setting *setting = test->worker->setting;
    const unsigned harmless = CF_END_TAKEN | CF_END_REFUSED | CF_END_FORM | CF_END_HIDDEN;
    if (test->record.verdict != CF_PASS || (test->end & ~harmless))
        return;
    for (size_t i = 0; i < setting->plan->count; i++) {
        const struct cf_plan_item *item = &setting->plan->items[i];
        if (item->shares != (long)test->index || item->verdict != CF_PASS)
            continue;
        struct cf_case_record record = {0};
        unsigned end = 0;
        if (cf_case_share(&test->worker->base, item->one, setting->plan->items[item->shares].one,
                          &test->record, &record, &end))
            send_sharing(test, i, &record, end);
        else
            cf_case_record_release(&record);
    }
}

/* Its main fixture is. */
static bool is_unfit(const struct test *test)
{
    return test->decided && (test->end & (CF_END_STUCK | CF_END_HIDDEN | CF_END_LOCKED)) != 0;
}

static void tell(struct test *test)
{
    struct cf_case_record *record = &test->record;
    test->worker->unfit = is_unfit(test);
    if (!test->decided) {
        record->verdict = CF_ERROR;
        free(record->reason);
        record->reason = cf_strdup("the tester broke off while running this case");
    }
    judge_sharing(test);
    struct cf_frame frame = {.index = (uint32_t)test->index,
                             .flags = test->end | (test->disturbs ? CF_FRAME_DISTURBS : 0) |
                                      (met_5xx(record) ? CF_FRAME_MET_5XX : 0),
                             .exchanges = (uint32_t)count_sent(record),
                             .fails_at = record->fails_at};
    if (record->met_form)
        (void)snprintf(frame.form, sizeof(frame.form), "%s", record->met_form);
    send_record(test->worker, record, frame);
}

/* The look that several were to take: whether it shows for each what it has to. */
static bool look_for(struct worker *worker, struct test *const *tests, size_t count)
{
    struct cf_held *looks[CF_GROUP_MAX];
    for (size_t i = 0; i < count; i++)
        looks[i] = &tests[i]->look;
    return cf_held_judge(&worker->base, worker->io, looks, count);
}

static void take_look(struct test *test)
{
    cf_held_take(&test->look);
    test->end = test->look.outcome_end;
}

/* Each alone, and looking for itself. True: one of them did not pass. */
static bool run_alone(struct test *const *tests, size_t count, bool unfit)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        struct cf_held look = tests[i]->look;
        tests[i]->worker->besides += (uint32_t)tests[i]->record.operations;
        cf_case_record_release(&tests[i]->record);
        tests[i]->record = (struct cf_case_record){0};
        tests[i]->joins = false;
        tests[i]->not_begun = unfit;
        if (!unfit)
            execute(tests[i]);
        tests[i]->look = look;
        unfit = unfit || is_unfit(tests[i]);
        found = found || (!tests[i]->not_begun && tests[i]->record.verdict != CF_PASS);
    }
    return found;
}

static bool all_can_run(struct test *const *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tests[i]->not_begun || is_unfit(tests[i]))
            return false;
    }
    return true;
}

/* Find which of them it was, if any: false. Each finds what was done already, and shows nothing, if
 * it was by a value that is there now: then again from what was before. What the one look had shown
 * stands where none of them shows it again. */
static bool run_again(struct test *const *tests, size_t count, struct cf_kept *before)
{
    struct worker *worker = tests[0]->worker;
    struct cf_held *first = &tests[0]->look;
    bool found = run_alone(tests, count, worker->unfit);
    if (!found && first->judged && all_can_run(tests, count))
        found = cf_held_put_back(&worker->base, worker->io, first, before, &worker->besides) &&
                run_alone(tests, count, false);
    else
        cf_kept_release(before);
    for (size_t i = 0; i < count; i++) {
        struct cf_held *look = &tests[i]->look;
        if (!found && look->judged && look->outcome.verdict == CF_FAIL)
            take_look(tests[i]);
        if (tests[i]->not_begun)
            give_back(tests[i]);
        else
            tell(tests[i]);
        cf_held_release(look);
    }
    return found;
}

/* Whether what the test sent may have changed something: a look after it tells nothing of those
 * before it. One that was to be refused may have met something else, and asked what it is. Hooks of
 * those that share a look change nothing that is looked at. */
static bool may_have_changed(const struct test *test)
{
    for (size_t i = 0; i < test->record.exchange_count; i++) {
        const struct cf_exchange *exchange = &test->record.exchanges[i];
        bool sent = exchange->kind == CF_EXCHANGE_HTTP &&
                    !(exchange->method && strcmp(exchange->method, "GET") == 0);
        if (sent && !cf_io_is_plain_refusal(exchange))
            return true;
    }
    return false;
}

/* What one did that was not refused hides what those before it may have done. It looked for itself,
 * and stands unless they did something. */
static void settle_disturbed(struct worker *worker, struct test *const *held, size_t count,
                             struct test *last, struct cf_kept *before)
{
    worker->surprised = last->disturbs = true;
    for (size_t i = 0; i < count; i++) /* for other values: these may be there now */
        held[i]->tries += held[i]->tries < CF_TRIES_MAX;
    cf_kept_drop(worker->io, NULL);
    if (run_again(held, count, before)) {
        last->tries += last->tries < CF_TRIES_MAX;
        run_again(&last, 1, NULL);
    } else {
        tell(last);
    }
}

/* Take the look that cases were held for, and tell of them; last, if any, ran after them, and began
 * from what they are still to show. */
static void settle_held(struct worker *worker, struct test *last)
{
    size_t count = worker->held_count;
    struct test *tests[CF_GROUP_MAX + 1];
    struct cf_kept *before = count > 0 ? cf_kept_set_aside(worker->io) : NULL;
    bool disturbed = count > 0 && last && may_have_changed(last);
    memcpy(tests, worker->held, sizeof(worker->held));
    tests[count] = last;
    worker->held_count = 0;
    if (disturbed) {
        settle_disturbed(worker, tests, count, last, before);
        return;
    }
    bool passed = count == 0 || look_for(worker, tests, count);
    if (!passed || (last && last->assumed)) {
        cf_kept_drop(worker->io, NULL);
        run_again(tests, count + (last != NULL), before);
        return;
    }
    cf_kept_release(before);
    for (size_t i = 0; i < count; i++) {
        take_look(tests[i]);
        tell(tests[i]);
    }
    if (last)
        tell(last);
}

/* Runs after pass, fail, skip and a caught signal alike: no case is lost. */
static int tear_down(void **state)
{
    struct test *test = *state;
    struct worker *worker = test->worker;
    worker->io->assume = false; /* what was cut short has not done so */
    bool held = test->assumed && test->record.verdict == CF_PASS &&
                (test->end & ~(unsigned)CF_END_REFUSED) == 0;
    bool astray = test->joins && test->record.verdict != CF_PASS;
    if (held)
        worker->held[worker->held_count++] = test;
    if (test->not_begun)
        give_back(test);
    else if (!held)
        settle_held(worker, test);
    else if (test->index == test->order->items[test->order->count - 1])
        settle_held(worker, NULL);
    if (astray) /* it may have ended without a look */
        cf_kept_drop(worker->io, NULL);
    return 0;
}

static void run_cases(struct worker *worker, const struct cf_order *order)
{
    const struct cf_profile *profile = worker->setting->base.profile;
    for (size_t r = 0; r < CF_ROLES_MAX; r++) {
        if (order->another >> r & 1)
            cf_kept_drop(worker->io, profile->fixtures[order->fixtures[r]].id);
    }
    struct test *tests = cf_alloc_array(order->count, sizeof(*tests));
    struct CMUnitTest *units = cf_alloc_array(order->count, sizeof(*units));
    for (size_t i = 0; i < order->count; i++) {
        const struct cf_case *one = worker->setting->plan->items[order->items[i]].one;
        tests[i].worker = worker;
        tests[i].index = order->items[i];
        tests[i].tries = (int)order->tries;
        tests[i].order = order;
        for (size_t r = 0; r < one->role_count; r++)
            tests[i].fixtures[r] = profile->fixtures[order->fixtures[r]].id;
        units[i] = (struct CMUnitTest){one->id, run_case_test, set_up, tear_down, &tests[i]};
    }
    worker->unfit = false;
    _cmocka_run_group_tests("cases", units, order->count, NULL, NULL);
    free(tests);
    free(units);
}

/* ---- housekeeping ---- */

static char *json_text(const cJSON *node)
{
    struct cf_buf text = {0};
    cf_json_print(&text, node);
    return cf_buf_take(&text, NULL);
}

static enum cf_code housekeep(struct cf_case_run *run, const struct cf_order *order,
                              const char *payload, char **out, struct cf_err *err)
{
    const struct cf_engine *engine = run->engine;
    struct cf_json_doc doc;
    if (order->type == CF_ORDER_PREFLIGHT)
        return engine->preflight(run, err);
    if (order->type == CF_ORDER_SNAPSHOT)
        return engine->snapshot(run, out, err);
    enum cf_code code = cf_json_parse(&doc, "snapshot", payload, order->payload_len, 0, err);
    if (code != CF_OK)
        return code;
    if (order->mend)
        cf_run_mend_all(run);
    cJSON *left = NULL;
    code = engine->restore(run, doc.root, &left, err);
    if (code == CF_OK)
        *out = json_text(left);
    cJSON_Delete(left);
    cf_json_release(&doc);
    return code;
}

static void run_housekeeping(struct worker *worker, const struct cf_order *order,
                             const char *payload)
{
    struct cf_case_run run;
    struct cf_case_record record = {0};
    struct cf_err err = {0};
    char *out = NULL;
    const char *fixture = worker->setting->base.profile->fixtures[order->items[0]].id;
    struct cf_turn turn = {.attempt = 0, .tries = 1};
    cf_case_run_begin(&run, &worker->base, NULL, &fixture, turn, worker->io, &record);
    enum cf_code code = housekeep(&run, order, payload, &out, &err);
    cf_case_run_end(&run);
    const char *text = code == CF_OK ? (out ? out : "") : err.text;
    struct cf_frame frame = {.type = order->type,
                             .index = order->items[0],
                             .verdict = (int32_t)code,
                             .operations = (uint32_t)record.operations,
                             .payload_len = (uint32_t)strlen(text)};
    send_frame(worker, &frame, text);
    free(out);
    cf_case_record_release(&record);
}

/* ---- the loop ---- */

static bool read_exactly(int fd, void *to, size_t len)
{
    char *at = to;
    while (len > 0) {
        ssize_t got = read(fd, at, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

/* cmocka talks on standard output and error, and listens to the environment: neither is wanted. */
static void silence(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd <= 2; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
    unsetenv("CMOCKA_MESSAGE_OUTPUT");
    unsetenv("CMOCKA_XML_FILE");
    unsetenv("CMOCKA_TEST_ABORT");
}

/* Others may not run while the case has its fault, nor go on before all have had theirs. */
static void stop_at_fault(void *context, bool ended)
{
    struct worker *worker = context;
    struct cf_order order;
    struct cf_frame frame = {.type = CF_ORDER_FAULT, .flags = ended ? CF_FRAME_FAULT_ENDED : 0};
    send_frame(worker, &frame, "");
    if (!read_exactly(worker->fd, &order, sizeof(order)))
        leave(worker, 1);
}

static void tell_that_it_fits(void *context)
{
    struct cf_frame frame = {.type = CF_ORDER_PREFLIGHT, .flags = CF_FRAME_FITS};
    send_frame(context, &frame, "");
}

static enum cf_code begin_io(struct worker *worker, struct cf_err *err)
{
    const struct cf_worker_setting *setting = worker->setting;
    const struct cf_profile *profile = setting->base.profile;
    enum cf_code code = cf_secrets_redactor(&worker->redactor, profile, err);
    if (code != CF_OK)
        return code;
    worker->base.redactor = worker->redactor;
    worker->base.texts = &worker->texts;
    return cf_io_live_new(&worker->io, profile, worker->redactor, setting->rate_interval_ms, err);
}

_Noreturn void cf_worker_main(const struct cf_worker_setting *setting, int fd)
{
    struct worker worker = {.setting = setting, .base = setting->base, .fd = fd};
    struct cf_order order;
    struct cf_err err = {0};
    for (size_t i = 0; i < setting->plan->count && !worker.keeps_distinct; i++)
        worker.keeps_distinct =
            cf_distinct_decides(setting->base.engine, setting->plan->items[i].one);
    silence();
    enum cf_code code = begin_io(&worker, &err);
    if (code == CF_OK) {
        worker.io->late_ms = setting->late_ms;
        worker.io->at_fault = stop_at_fault;
        worker.io->fits = tell_that_it_fits;
        worker.io->owner = &worker;
    }
    while (read_exactly(fd, &order, sizeof(order))) {
        char *payload = cf_alloc((size_t)order.payload_len + 1);
        if (!read_exactly(fd, payload, order.payload_len))
            leave(&worker, 1);
        if (code != CF_OK) {
            struct cf_frame frame = {.type = order.type,
                                     .index = order.items[0],
                                     .verdict = order.type == CF_ORDER_CASES ? (int32_t)CF_ERROR
                                                                             : (int32_t)code,
                                     .payload_len = (uint32_t)strlen(err.text)};
            send_frame(&worker, &frame, err.text);
        } else if (order.type == CF_ORDER_CASES) {
            run_cases(&worker, &order);
        } else {
            run_housekeeping(&worker, &order, payload);
        }
        free(payload);
    }
    leave(&worker, 0);
}
