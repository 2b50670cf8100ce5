"""Certificates of a small catalogue: making them, and tampering with them.

The program is copied beside a catalogue of its own (tests/e2e/small), as an installed one finds it,
so that a certificate takes a second and fits on a page.
"""

import contextlib
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import house

SMALL = Path(__file__).resolve().parent / "small"


class Installed:
    """The program in a folder of its own, with this catalogue."""

    def __init__(self, cases=SMALL):
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        self.cases = root / "share" / "cvm-conformance" / "cases"
        shutil.copytree(cases, self.cases)
        (root / "bin").mkdir()
        self.program = root / "bin" / "cvm-conformance"
        shutil.copy2(house.PROGRAM, self.program)

    def call(self, *args, env=None, limit_s=house.LIMIT_S):
        done = subprocess.run(
            [str(self.program), *map(str, args)],
            capture_output=True,
            text=True,
            env=house.environment(env),
            timeout=limit_s,
            check=False,
        )
        return house.Finished(done.returncode, done.stdout, done.stderr, 0)

    def verify(self, bundle, *args):
        return self.call("verify", bundle, *args)

    def remove(self):
        self.folder.cleanup()


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_keys(folder, name="key"):
    """An Ed25519 pair as people make it; paths of the private and of the public key."""
    private, public = Path(folder) / f"{name}.pem", Path(folder) / f"{name}.pub.pem"
    openssl("genpkey", "-algorithm", "ed25519", "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def files_of(bundle):
    return sorted(
        str(p.relative_to(bundle)) for p in Path(bundle).rglob("*") if p.is_file() or p.is_symlink()
    )


def dir_hash(folder):
    """As the definition of dirHash says: the digest of sha256sum's output for the sorted files."""
    lines = [f"{sha256(Path(folder) / f)}  {f}\n" for f in sorted(files_of(folder))]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write_sums(bundle):
    names = sorted(f for f in files_of(bundle) if f != "SHA256SUMS")
    text = "".join(f"{sha256(Path(bundle) / f)}  {f}\n" for f in names)
    (Path(bundle) / "SHA256SUMS").write_text(text)


def content(path):
    """The file's bytes, not compressed."""
    content = Path(path).read_bytes()
    return gzip.decompress(content) if Path(path).suffix == ".gz" else content


def results(bundle):
    return json.loads(content(Path(bundle) / "results.json.gz"))


DIGESTED = ("results.json.gz", "profile.json", "junit.xml", "report.html")


@contextlib.contextmanager
def resealed(bundle, keep_envelope=False):
    """Tamper in the body, where results.json is not compressed; then statement and sums are made to
    agree with what is there, as somebody would who has everything but the key."""
    bundle = Path(bundle)
    before = {f: sha256(bundle / f) for f in DIGESTED}
    cases = dir_hash(bundle / "cases")
    plain, compressed = bundle / "results.json", bundle / "results.json.gz"
    plain.write_bytes(content(compressed))
    yield bundle
    if plain.read_bytes() != content(compressed):
        compressed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    statement = (bundle / "statement.json").read_text()
    for name, digest in before.items():
        if (bundle / name).exists():
            statement = statement.replace(digest, sha256(bundle / name))
    statement = statement.replace(cases, dir_hash(bundle / "cases"))
    (bundle / "statement.json").write_text(statement)
    if not keep_envelope:
        (bundle / "statement.dsse.json").unlink(missing_ok=True)
    write_sums(bundle)


def edit_records(bundle, change):
    """Apply change(record) to every record; where it is False, the record goes."""
    bundle = Path(bundle)
    text = (bundle / "results.json").read_text()
    head, mark, tail = text.partition('\n  "cases": [')
    kept = []
    for line in tail.splitlines():
        if not line.startswith("    {"):
            continue
        record = json.loads(line.rstrip(","))
        if change(record) is not False:
            kept.append("    " + compact(record))
    (bundle / "results.json").write_text(head + mark + "\n" + ",\n".join(kept) + "\n  ]\n}\n")


def compact(record):
    """JSON as the program writes it: times keep their three digits."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return re.sub(
        r'"(at_ms|duration_ms)":([0-9.e+-]+)', lambda m: f'"{m[1]}":{float(m[2]):.3f}', text
    )


def render_again(installed, bundle):
    """Let the program itself make head, summary and reports fit the records."""
    bundle = Path(bundle)
    fresh = bundle.parent / "fresh.json"
    done = installed.call(
        "report", bundle / "results.json", "--json", fresh, "--junit", bundle / "junit.xml",
        "--html", bundle / "report.html",
    )
    assert done.code == 0, str(done)
    os.replace(fresh, bundle / "results.json")
