#!/usr/bin/python3
"""What the suite costs in CPU, as ratios that mean the same on every machine.

    tests/bench/cpu.py [PROGRAM]          (default: build/release/cvm-conformance)

A request beside that of a bare loop over libcurl that sends the same requests, with results only
and with all reports, with what every run costs and without it (that of a run of one case). A run
that uses readings again sends fewer requests than it judges, so that each of those that are left
seems dearer: beside it stands a request that was judged, sent or not, as many as a run would have
to send that uses nothing again. A certified run beside one that is only repeated; and what of it is
to be read and verified. Each measure is taken by turns with what it is compared with, and the least
counts. Nothing here fails; read it beside an older run. Needs cc and libcurl's headers, as building
the suite does.
"""

import base64
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

TURNS, QUICK_TURNS = 3, 12  # what takes less than a second varies by half on a busy machine
HOP = ("host", "content-length", "transfer-encoding")

# Reads "METHOD\nURL\nCOUNT\n", as many header lines, "LENGTH\n", the body and a newline, again and
# again.
LOOP = r"""
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char line[1 << 20];
static size_t held, room;
static char *bytes;
static size_t keep(char *from, size_t size, size_t n, void *unused)
{
    (void)unused;
    n *= size;
    if (held + n > room)
        bytes = realloc(bytes, room = 2 * (held + n));
    memcpy(bytes + held, from, n);
    held += n;
    return n;
}
static char *get(FILE *in)
{
    if (!fgets(line, sizeof line, in))
        return NULL;
    line[strcspn(line, "\n")] = 0;
    return line;
}
int main(int count, char **words)
{
    FILE *in = count == 2 ? fopen(words[1], "rb") : NULL;
    CURL *easy = curl_easy_init();
    while (in && get(in)) {
        char *method = strdup(line), *url = strdup(get(in));
        struct curl_slist *headers = NULL;
        for (int n = atoi(get(in)); n > 0; n--)
            headers = curl_slist_append(headers, get(in));
        size_t len = (size_t)atol(get(in));
        char *body = malloc(len + 1);
        if (fread(body, 1, len + 1, in) != len + 1)
            return 2;
        curl_easy_reset(easy);
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
        if (strcmp(method, "GET") != 0) {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)len);
        }
        held = 0;
        if (curl_easy_perform(easy) != CURLE_OK)
            return 1;
        curl_slist_free_all(headers);
        free(method);
        free(url);
        free(body);
    }
    return 0;
}
"""


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def records(out):
    return [json.loads(line) for line in (out / "results.ndjson").read_text().splitlines()]


def exchanges(out):
    for record in records(out):
        for step in record["steps"]:
            if step["kind"] == "http" and not step.get("reused"):
                yield step["request"]


def count_judged(out):
    """The requests of a run, whether they were sent or used again."""
    return sum(step["kind"] == "http" for record in records(out) for step in record["steps"])


def write_requests(path, out, key):
    """The requests of a run as the loop reads them; returns how many."""
    count = 0
    with open(path, "wb") as file:
        for request in exchanges(out):
            body = (request["body"] or "").encode()
            if "body_base64" in request:
                body = base64.b64decode(request["body_base64"])
            headers = [
                f"{name}: {value.replace('$API_KEY', key)}"
                for name, value in request["headers"].items()
                if isinstance(value, str) and name.lower() not in HOP
            ]
            head = [request["method"], request["url"], str(len(headers)), *headers, str(len(body))]
            file.write("\n".join(head).encode() + b"\n" + body + b"\n")
            count += 1
    return count


def main():
    program = str(Path(sys.argv[1] if len(sys.argv) > 1 else
                       ROOT / "build/release/cvm-conformance").resolve())  # fmt: skip
    os.environ["CF_PROGRAM"] = program
    import house

    least = {}

    def keep(name, value):
        least[name] = min(least.get(name, value), value)

    quick = house.Reference("--operation-ms", "0")
    with tempfile.TemporaryDirectory() as text, quick as reference:
        folder = Path(text)
        (folder / "loop.c").write_text(LOOP)
        build = ["cc", "-O2", "-o", folder / "loop", folder / "loop.c", "-lcurl"]
        subprocess.run(build, check=True)
        run = [program, "run", "--quiet", "--profile", reference.path, "--out", folder / "out"]
        some = ["--jobs", "1", "--suite", "validation", "--suite", "auth"]
        single = ["--jobs", "1", "--case", "auth.missing.none[update-cvm]"]
        cpu([*run, *single])
        few = sum(1 for _ in exchanges(folder / "out"))
        few_judged = count_judged(folder / "out")
        cpu([*run, *some, "--keep-bodies", "all"])
        count = write_requests(folder / "requests", folder / "out", reference.key)
        cases = len(records(folder / "out"))
        judged = count_judged(folder / "out")
        for _ in range(QUICK_TURNS):
            keep("loop", cpu([folder / "loop", folder / "requests"]))
            keep("json", cpu([*run, *some, "--report", "json"]))
            keep("single", cpu([*run, *single, "--report", "json"]))
            keep("reports", cpu([*run, *some]))
            keep("single reports", cpu([*run, *single]))
            keep("list", cpu([program, "list"]))
        for turn in range(TURNS):
            out = folder / f"certified-{turn}"
            whole = [program, "run", "--quiet", "--out"]
            keep("repeated", cpu([*whole, folder / "out", "--repeat", "3"]))
            keep("certified", cpu([*whole, out, "--certify"]))
            keep("verify", cpu([program, "verify", out / "certificate"]))
        size = sum(p.stat().st_size for p in (out / "certificate").rglob("*") if p.is_file())
    loop = least["loop"] / count
    more = {"results only": least["json"] - least["single"],
            "all reports": least["reports"] - least["single reports"]}  # fmt: skip
    in_all = {"results only": least["json"], "all reports": least["reports"]}
    print(f"{cases} cases: {judged} requests judged, of which {count} are sent")
    print(f"list:                                       {1000 * least['list']:8.1f} ms")
    print(f"a request of a bare loop over libcurl:      {1e6 * loop:8.1f} us")
    for what, seconds in more.items():
        print(f"a case more, {what + ':':31s}{1e6 * seconds / (cases - 1):8.1f} us")
    print("beside the loop's request:                    one more   start-up and all")
    for name, number, few_number in [("judged", judged, few_judged), ("sent", count, few)]:
        for what, seconds in more.items():
            print(
                f"  a request {name + ', ' + what + ':':31s}"
                f"{seconds / (number - few_number) / loop:11.2f}"
                f"{in_all[what] / number / loop:19.2f}"
            )
    certified = least["certified"] / least["repeated"]
    print(f"run --certify beside run --repeat 3:        {certified:8.2f}")
    print(f"verify:                                     {least['verify']:8.2f} s")
    print(f"the certificate:                            {size / 1e6:8.2f} MB")


if __name__ == "__main__":
    main()
