/*
 * Texts of several entries, each of several files, with rulers between: data/cases.txt says how
 * they are written, data/texts.py reads them for programs in Python.
 */
#ifndef CF_TESTS_UNIT_TEXTS_H
#define CF_TESTS_UNIT_TEXTS_H

#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

enum { TEXTS_MAX = 128, TEXTS_PARTS_MAX = 6 };

struct texts_part {
    char title[128]; /* a file's name, or "says" */
    char *bytes;
};

struct texts_entry {
    char name[64];
    struct texts_part parts[TEXTS_PARTS_MAX];
    size_t part_count;
};

struct texts {
    struct texts_entry entries[TEXTS_MAX];
    size_t count;
    char folder[64]; /* made by texts_unpack() */
};

/* NULL where the entry has no such part. */
static inline const char *texts_part(const struct texts_entry *entry, const char *title)
{
    for (size_t i = 0; i < entry->part_count; i++) {
        if (strcmp(entry->parts[i].title, title) == 0)
            return entry->parts[i].bytes;
    }
    return NULL;
}

static inline const char *texts_find(const struct texts *texts, const char *name, const char *title)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->entries[i].name, name) == 0)
            return texts_part(&texts->entries[i], title);
    }
    return NULL;
}

/* Start of the number-th line, counted from 1. */
static inline const char *texts_line(const char *text, unsigned long number)
{
    for (; number > 1; number--) {
        const char *newline = strchr(text, '\n');
        assert_non_null(newline);
        text = newline + 1;
    }
    return text;
}

/* The part "FILE: 5-7" becomes FILE of the first entry with those lines replaced. */
static inline void texts_put_change(const struct texts *texts, struct texts_part *part)
{
    char *colon = strstr(part->title, ": ");
    if (!colon)
        return;
    char *end;
    unsigned long from = strtoul(colon + 2, &end, 10);
    unsigned long to = *end == '-' ? strtoul(end + 1, NULL, 10) : from;
    struct cf_buf whole;
    *colon = '\0';
    const char *base = texts_part(&texts->entries[0], part->title);
    assert_non_null(base);
    cf_buf_init(&whole, 1 << 20);
    cf_buf_append(&whole, base, (size_t)(texts_line(base, from) - base));
    cf_buf_puts(&whole, part->bytes);
    cf_buf_puts(&whole, texts_line(base, to + 1));
    free(part->bytes);
    part->bytes = cf_buf_take(&whole, NULL);
}

/* One part, from its ruler to the next. */
static inline void texts_add_part(struct texts *texts, const char *text)
{
    struct texts_entry *entry = &texts->entries[texts->count - 1];
    assert_true(entry->part_count < TEXTS_PARTS_MAX);
    struct texts_part *part = &entry->parts[entry->part_count++];
    const char *start = strchr(text, '\n') + 1;
    const char *end = start;
    while (*end && strncmp(end, "---- ", 5) != 0 && strncmp(end, "==== ", 5) != 0)
        end = texts_line(end, 2);
    if (*end == '=' && end - start > 1 && end[-2] == '\n') /* the blank line between entries */
        end--;
    (void)snprintf(part->title, sizeof(part->title), "%.*s", (int)strcspn(text + 5, "\n"),
                   text + 5);
    part->bytes = strndup(start, (size_t)(end - start));
    texts_put_change(texts, part);
}

/* Read a file of tests/; ends the test when it cannot be read. */
static inline void texts_read(struct texts *texts, const char *name)
{
    struct cf_buf all;
    *texts = (struct texts){0};
    unit_read(name, &all);
    for (const char *line = cf_buf_text(&all); *line; line = texts_line(line, 2)) {
        if (strncmp(line, "==== ", 5) == 0) {
            assert_true(texts->count < TEXTS_MAX);
            struct texts_entry *entry = &texts->entries[texts->count++];
            (void)snprintf(entry->name, sizeof(entry->name), "%.*s", (int)strcspn(line + 5, "\n"),
                           line + 5);
        } else if (strncmp(line, "---- ", 5) == 0) {
            texts_add_part(texts, line);
        }
    }
    cf_buf_release(&all);
}

/* Cut path before its last slash; false when there is none. */
static inline bool texts_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

/* Write every file as ENTRY/FILE into a new folder, and go there. */
static inline void texts_unpack(struct texts *texts)
{
    struct cf_err err = {0};
    (void)snprintf(texts->folder, sizeof(texts->folder), "/tmp/cf-test-texts-XXXXXX");
    assert_non_null(mkdtemp(texts->folder));
    assert_int_equal(chdir(texts->folder), 0);
    for (size_t i = 0; i < texts->count; i++) {
        const struct texts_entry *entry = &texts->entries[i];
        for (size_t k = 0; k < entry->part_count; k++) {
            char path[300];
            char folder[300];
            const struct texts_part *part = &entry->parts[k];
            if (strcmp(part->title, "says") == 0)
                continue;
            (void)snprintf(path, sizeof(path), "%s/%s", entry->name, part->title);
            memcpy(folder, path, sizeof(folder));
            assert_true(texts_parent(folder));
            assert_int_equal(cf_file_make_directory(folder, &err), CF_OK);
            assert_int_equal(cf_file_write(path, part->bytes, strlen(part->bytes), 0600, &err),
                             CF_OK);
        }
    }
}

static inline void texts_release(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct texts_entry *entry = &texts->entries[i];
        for (size_t k = 0; k < entry->part_count; k++) {
            char path[400];
            (void)snprintf(path, sizeof(path), "%s/%s/%s", texts->folder, entry->name,
                           entry->parts[k].title);
            free(entry->parts[k].bytes);
            /* A folder goes with its last file. */
            while (texts->folder[0] && strlen(path) >= strlen(texts->folder) &&
                   (remove(path) == 0 || errno == ENOENT) && texts_parent(path))
                ;
        }
    }
    *texts = (struct texts){0};
}

#endif
