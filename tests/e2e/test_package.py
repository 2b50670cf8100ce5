"""The Debian package that cpack makes.

CF_FRESH_ROOTS="bookworm trixie noble" installs it in fresh systems of those names and runs a
certification there: as root, with debootstrap and a mirror to be reached; minutes, so not unasked.

CF_IMAGE_BASE="localhost/debian:12-slim" builds the Containerfile on that image, which has to be
there already, and runs a certification in what comes of it: as root, with buildah; minutes, too.
"""

import gzip
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import house

BUILD = Path(os.environ.get("CF_BUILD", ""))
BASE = os.environ.get("CF_IMAGE_BASE")
ROOTS = os.environ.get("CF_FRESH_ROOTS", "").split()
MIRRORS = {"noble": "http://archive.ubuntu.com/ubuntu"}
DEBIAN = "http://deb.debian.org/debian"

# As little as a system can be: without /proc, too.
RUN = "cd /tmp && cvm-conformance run --quiet"


def command(*words, **keywords):
    return subprocess.run(words, capture_output=True, text=True, **keywords)


def made(**variables):
    """The folder with the package; skips the tests, with the reason, where none can be made."""
    for program in ("cpack", "dpkg-deb", "dpkg-shlibdeps", "file"):
        if not shutil.which(program):
            raise unittest.SkipTest(f"no {program} on this machine")
    folder = tempfile.TemporaryDirectory()
    of_nobody = {name: value for name, value in os.environ.items() if not name.startswith("DEB")}
    done = command("cpack", "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", folder.name,
                   timeout=300, env={**of_nobody, **variables})
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return folder


class Package(house.Case):
    @classmethod
    def setUpClass(cls):
        cls.work = made()
        cls.addClassCleanup(cls.work.cleanup)
        (cls.package,) = Path(cls.work.name).glob("*.deb")
        cls.version = house.call("--version").out.split()[1]

    def test_what_is_in_it(self):
        listed = command("dpkg-deb", "-c", self.package).stdout
        files = {line.split()[5] for line in listed.splitlines()}
        for name in (
            "bin/cvm-conformance", "share/man/man1/cvm-conformance.1.gz",
            "share/bash-completion/completions/cvm-conformance",
            "share/zsh/vendor-completions/_cvm-conformance",
            "share/fish/vendor_completions.d/cvm-conformance.fish",
            "share/cvm-conformance/cases/accepted/status-202.json",
            "share/cvm-conformance/hooks/evm/register", "share/cvm-conformance/kill-matrix.json",
            "share/cvm-conformance/schemas/profile.schema.json",
            "share/cvm-conformance/schemas/case.schema.json",
            "share/cvm-conformance/schemas/results.schema.json",
            "share/cvm-conformance/ci/gitlab-component.yml",
            "share/doc/cvm-conformance/changelog.gz", "share/doc/cvm-conformance/copyright",
        ):
            self.assertIn(f"./usr/{name}", files)
        self.assertNotRegex(listed, r"site-functions|LICENSE|\.md5")

    def test_its_version_is_the_programs_and_that_of_everything_beside_it(self):
        shown = command("dpkg-deb", "-f", self.package, "Version").stdout.strip()
        self.assertEqual(shown, self.version)
        texts = {name: (house.SOURCE / name).read_text() for name in (
            "CHANGELOG.md", "packaging/debian/changelog", "reports/ci/Containerfile",
            "reports/ci/kubernetes.yaml", "reports/ci/gitlab-component.yml")}
        self.assertEqual(re.search(r"^## (\S+)", texts["CHANGELOG.md"], re.M)[1], shown)
        self.assertEqual(re.search(r"\((\S+)\)", texts["packaging/debian/changelog"])[1], shown)
        for name, text in texts.items():
            for tag in re.findall(r"cvm-conformance:(\d[\w.]*)", text):
                self.assertEqual(tag, shown, name)
        tags = command("git", "-C", house.SOURCE, "tag", "--points-at", "HEAD").stdout.split()
        self.assertIn(f"v{shown}", [t for t in tags if t.startswith("v")] or [f"v{shown}"])

    def test_lintian_has_nothing_to_say(self):
        if not shutil.which("lintian"):
            self.skipTest("lintian is not installed")
        done = command("lintian", "--fail-on", "error,warning", self.package, timeout=300)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_who_makes_it_answers_for_it(self):
        def told(package):
            field = command("dpkg-deb", "-f", package, "Maintainer").stdout.strip()
            command("dpkg-deb", "-x", package, self.folder / package.parent.name, check=True)
            packed = (self.folder / package.parent.name).glob("usr/share/doc/*/changelog.gz")
            (text,) = (gzip.decompress(path.read_bytes()).decode() for path in packed)
            return field, re.search(r"^ -- (.*>)  \w", text, re.M)[1]

        nobody = "cvm-conformance authors <authors@cvm-conformance.invalid>"
        self.assertEqual(told(self.package), (nobody, nobody))
        with made(DEBFULLNAME="Ada Lovelace", DEBEMAIL="ada@acme.example") as folder:
            (package,) = Path(folder).glob("*.deb")
            ada = "Ada Lovelace <ada@acme.example>"
            self.assertEqual(told(package), (ada, ada))

    def test_what_was_unpacked_runs(self):
        command("dpkg-deb", "-x", self.package, self.folder, check=True)
        done = command(self.folder / "usr/bin/cvm-conformance", "run", "--case",
                       "accepted.status-202*", "--operation-ms", "15", cwd=self.folder,
                       env=house.environment(), timeout=house.LIMIT_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@unittest.skipUnless(ROOTS, "CF_FRESH_ROOTS names no system to install it in")
class FreshRoot(house.Case):
    def install(self, name):
        root = self.folder / name
        mirror = MIRRORS.get(name, DEBIAN)
        options = ["--variant=minbase"]
        if name == "noble":
            options.append("--components=main,universe")
        scripts = Path("/usr/share/debootstrap/scripts")
        # One that is newer than this debootstrap is made as all of its kind are.
        kind = [] if (scripts / name).exists() else [scripts / (
            "gutsy" if name in MIRRORS else "sid")]
        done = command("debootstrap", *options, name, root, mirror, *kind, timeout=900)
        if done.returncode != 0:
            self.skipTest(f"debootstrap {name} from {mirror}: " + done.stdout.strip()[-200:])
        with made() as folder:
            (package,) = Path(folder).glob("*.deb")
            shutil.copy(package, root / "tmp" / "package.deb")
        for words in (["apt-get", "update"],
                      ["apt-get", "install", "-y", "--no-install-recommends", "/tmp/package.deb"]):
            done = command("chroot", root, *words, timeout=600,
                           env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
            self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        return root

    def test_it_installs_and_certifies_the_reference(self):
        if os.geteuid() != 0 or not shutil.which("debootstrap"):
            self.skipTest("a fresh root wants to be made by root, with debootstrap")
        for name in ROOTS:
            with self.subTest(name):
                root = self.install(name)
                done = command("chroot", root, "sh", "-c", RUN, timeout=900)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn("conforming", done.stdout)
                self.assertTrue((root / "tmp/conformance-report/report.html").is_file())


@unittest.skipUnless(BASE, "CF_IMAGE_BASE names no image to build on")
class Image(house.Case):
    def buildah(self, *words):
        done = command("buildah", *words, cwd=house.SOURCE, timeout=1800)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        return done.stdout.strip()

    def test_it_builds_and_certifies_the_reference(self):
        if os.geteuid() != 0 or not shutil.which("buildah"):
            self.skipTest("an image wants to be made by root, with buildah")
        tag = f"localhost/cvm-conformance-test-{os.getpid()}"
        self.buildah("bud", "--isolation", "chroot", "--pull-never", "--build-arg", f"BASE={BASE}",
                     "-f", "reports/ci/Containerfile", "-t", tag, ".")
        self.addCleanup(self.buildah, "rmi", tag)
        container = self.buildah("from", "--pull-never", tag)
        self.addCleanup(self.buildah, "rm", container)
        shown = self.buildah("run", "--isolation", "chroot", container, "--", "cvm-conformance",
                             "run", "--quiet")
        self.assertIn("conforming", shown)
        self.assertNotIn("non-conforming", shown)


if __name__ == "__main__":
    house.main()
