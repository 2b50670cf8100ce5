#!/usr/bin/env python3
"""Makes tests/fuzz/corpus of this project's own files: what each fuzz target begins from.

    make_corpus.py [RESULTS.ndjson…]

With results of runs, a case of each verdict and suite goes in, the shortest ones. What is there by
another name stays: inputs that once broke something, and those written by hand.
"""

import base64
import gzip
import json
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
DATA = ROOT / "tests" / "data"
sys.path.insert(0, str(DATA))

import texts

SECRET = "sekret0123"
HOSTILE = ["<&\"'>", "]]>", "\x00\x1b[2J\r\n", "\u202e\u2028", "$(id) `id`", "\xe9\U0001f680",
           "a\tb\nc"]
YAML = ["openapi: 3.0.3\npaths:\n  /a:\n    get: {responses: {'200': {description: \"ok\"}}}\n",
        "a: &x [1, 0x1f, .inf, ~, no]\nb: *x\n", "- |\n  text\n- >\n  folded\n- 1e3\n",
        "? complex\n: value\n---\nsecond: 1\n", "{a: {b: {c: [[[[]]]]}}}\n", "a: !!binary aGk=\n"]
SMALL = ["aGVsbG8=", "2026-01-21T09:30:00.123Z", "1969-12-31T23:59:59Z", "-12.50e-3", "1e999",
         "https://user@host:8080/a?b#c", "http://[::1]:80", "http://127.0.0.1", "120",
         "Wed, 21 Oct 2015 07:28:00 GMT\nWed, 21 Oct 2015 07:27:00 GMT", "\xc3\xa9\ud83d"]


def written(target, name, content):
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    path.write_bytes(content)


def numbered(target, kind, contents):
    for number, content in enumerate(contents):
        written(target, f"{kind}-{number:02}", content)


def shortest(contents, count):
    return sorted(sorted(set(contents), key=lambda text: (len(text), text))[:count])


def data_texts():
    for target, text, name in (("profile", "profile", "profile.json"),
                               ("casefile", "cases", None)):
        parts = [part for entry in texts.read(DATA / f"{text}.txt").values()
                 for title, part in entry.items()
                 if title == name or (not name and title.endswith(".json"))]
        numbered(target, text, shortest(parts, 32))


def case_files():
    """The shortest one of each suite: together they have most words."""
    for folder in sorted(p for p in (ROOT / "cases").iterdir() if p.is_dir()):
        files = [path.read_text() for path in folder.glob("*.json")]
        if files:
            written("casefile", f"case-{folder.name}", min(files, key=len))


def matching():
    for row in json.loads((DATA / "match" / "expect.json").read_text()):
        expect = json.dumps(row["expect"], ensure_ascii=False)
        name = "".join(c if c.isalnum() else "-" for c in row["name"])
        answer = row["answers"][-1]
        if len(expect) > 2000 or "matches" in expect:
            continue
        head = f"{answer.get('status', 0)} {answer.get('type', '')}"
        written("expect", f"row-{name}", f"{expect}\n{head}\n{answer.get('body', '')}")
    rows = json.loads((DATA / "match" / "matchers.json").read_text())
    numbered("json", "matcher", shortest([json.dumps(row) for row in rows], 24))


def forms():
    """The secret as a server may send it back."""
    plain, wide = SECRET.encode(), SECRET.encode("utf-16-le")
    coded = {"plain": plain, "upper": plain.upper(), "hex": plain.hex().encode(),
             "hex-colons": plain.hex(":").encode(), "base64": base64.b64encode(b"u:" + plain),
             "base64-twice": base64.b64encode(base64.b64encode(plain)), "utf-16": wide,
             "percent": "".join(f"%{b:02x}" for b in plain).encode(),
             "json": "".join(f"\\u{b:04x}" for b in plain).encode(),
             "html": "".join(f"&#{b};" for b in plain).encode(),
             "codes": str(list(plain)).encode()}
    for name, form in coded.items():
        written("redact", f"form-{name}", plain + b"\n{\"a\": \"" + form + b"\"}")


def codings():
    body = b'{"detail": "not found"}' * 3
    raw = zlib.compressobj(wbits=-15)
    zipped = gzip.compress(body, mtime=0)
    for name, coding, content in (("gzip", "gzip", zipped), ("unsaid", "", zipped),
                                  ("deflate", "deflate", zlib.compress(body)),
                                  ("raw", "deflate", raw.compress(body) + raw.flush()),
                                  ("two", "deflate, gzip", gzip.compress(zlib.compress(body),
                                                                         mtime=0)),
                                  ("cut", "x-gzip", zipped[:-9]), ("br", "br", body),
                                  ("identity", "identity", body)):
        written("coding", name, coding.encode() + b"\n" + content)


def envelopes():
    payload = base64.b64encode(b'{"_type": "https://in-toto.io/Statement/v1"}').decode()
    whole = {"payload": payload, "payloadType": "application/vnd.in-toto+json",
             "signatures": [{"keyid": "", "sig": base64.b64encode(bytes(64)).decode()}]}
    for name, change in (("whole", {}), ("type", {"payloadType": "text/plain"}),
                         ("none", {"signatures": []}), ("padding", {"payload": payload + "="}),
                         ("number", {"payload": 1}), ("empty", {"payload": ""})):
        written("envelope", name, json.dumps({**whole, **change}))


def results(paths):
    kept = {}
    for path in paths:
        for line in Path(path).read_text().splitlines():
            case = json.loads(line)
            key = (case.get("verdict"), len(case.get("steps", [])) > 2)
            if len(line) < len(kept.get(key, line + " ")):
                kept[key] = line
    numbered("results", "line", [line + "\n" for _, line in sorted(kept.items(), key=str)])


def main():
    data_texts()
    case_files()
    matching()
    forms()
    codings()
    envelopes()
    numbered("escape", "hostile", HOSTILE)
    numbered("text", "small", SMALL)
    numbered("yaml", "yaml", YAML)
    results(sys.argv[1:])


if __name__ == "__main__":
    main()
