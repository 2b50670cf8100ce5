#include "harness/record/reused.h"
#include "harness/record/members.h"

#include <string.h>

/* How often a member had the value that is wanted; OTHER and more: it had another one. */
enum { OTHER = 100 };

struct walk {
    struct cf_buf *out;
    int kind, reused, method, status; /* of the step that is being read */
    int in_method, in_status;         /* of the object in it that is being read */
    size_t kept, left_out;
};

static int found(const char *bytes, const struct cf_json_value *value, const char *wanted)
{
    size_t len = strlen(wanted);
    return value->end - value->start == len && memcmp(bytes + value->start, wanted, len) == 0
               ? 1
               : OTHER;
}

static void end_step(struct walk *walk, const char *bytes, const struct cf_json_value *step)
{
    if (walk->kind == 1 && walk->reused == 1 && walk->method == 1 && walk->status == 1) {
        walk->left_out++;
    } else {
        cf_buf_puts(walk->out, walk->kept++ ? "," : "");
        cf_buf_append(walk->out, bytes + step->start, step->end - step->start);
    }
    walk->kind = walk->reused = walk->method = walk->status = 0;
}

static void end_member(struct walk *walk, const char *bytes, const struct cf_json_value *member)
{
    if (cf_member_is(bytes, member, "kind"))
        walk->kind += found(bytes, member, "\"http\"");
    else if (cf_member_is(bytes, member, "reused"))
        walk->reused += found(bytes, member, "true");
    else if (cf_member_is(bytes, member, "request"))
        walk->method += walk->in_method ? walk->in_method : OTHER;
    else if (cf_member_is(bytes, member, "response"))
        walk->status += walk->in_status ? walk->in_status : OTHER;
    walk->in_method = walk->in_status = 0;
}

/* Inner values are met first. */
static enum cf_code meet(void *context, const char *bytes, const struct cf_json_value *value)
{
    struct walk *walk = context;
    if (value->depth == 3 && cf_member_is(bytes, value, "method"))
        walk->in_method += found(bytes, value, "\"GET\"");
    else if (value->depth == 3 && cf_member_is(bytes, value, "status"))
        walk->in_status += found(bytes, value, "200");
    else if (value->depth == 2)
        end_member(walk, bytes, value);
    else if (value->depth == 1)
        end_step(walk, bytes, value);
    return CF_OK;
}

size_t cf_reused_leave_out(struct cf_buf *out, const char *steps, size_t len)
{
    struct cf_err ignored = {0};
    struct walk walk = {.out = out};
    size_t begin = out->len;
    cf_buf_putc(out, '[');
    enum cf_code code = cf_json_scan("", steps, len, 0, meet, &walk, &ignored);
    cf_buf_putc(out, ']');
    if (code == CF_OK && walk.left_out > 0)
        return walk.left_out;
    if (out->code == CF_OK)
        out->len = begin;
    cf_buf_append(out, steps, len);
    return 0;
}
