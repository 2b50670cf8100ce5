"""verify: a bundle that was tampered with is refused, and the reason names what was done.

Three kinds of forger: one who changes a file; one who makes SHA256SUMS fit again; and one who makes
summary, reports, statement and sums fit, and lacks nothing but the key.
"""

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import bundles
import house


def setUpModule():
    global installed, scratch, good, private, public, other_public, failed
    installed = bundles.Installed()
    scratch = Path(installed.folder.name)
    private, public = bundles.make_keys(scratch)
    _, other_public = bundles.make_keys(scratch, "other")

    def certify(name, *args, code):
        done = installed.call("run", "--certify", "--out", scratch / name, *args)
        assert done.code == code, str(done)
        return scratch / name / "certificate"

    good = certify("good", "--sign", private, code=0)
    failed = certify("failed", "--deviation", "accepted-200", code=1)


def tearDownModule():
    installed.remove()


class Tampered(house.Case):
    def copy(self, bundle=None):
        copy = self.folder / "bundle"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(bundle or good, copy)
        return copy

    def refuse(self, bundle, *says, args=()):
        done = installed.verify(bundle, *args)
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("refused", done.out)
        for text in says:
            self.assertRegex(done.err, text)
        return done


class Untouched(Tampered):
    def test_is_accepted(self):
        for args in (["--key", public], ["--key", public, "--quiet"]):
            done = installed.verify(good, *args)
            self.assertEqual((done.code, done.err), (0, ""), str(done))
            self.assertRegex(done.out, r"genuine, PASSED\n$")
            self.assertEqual(
                "--quiet" not in args,
                "each repetition ran its 12 cases in another order" in done.out,
            )

    def test_is_accepted_wherever_it_is(self):
        self.assertEqual(installed.verify(self.copy(), "--key", public).code, 0)

    def test_nothing_is_written(self):
        copy = self.copy()
        before = bundles.files_of(copy)
        os.chmod(copy, 0o555)
        self.addCleanup(os.chmod, copy, 0o755)
        self.assertEqual(installed.verify(copy, "--key", public).code, 0)
        self.assertEqual(bundles.files_of(copy), before)

    def test_wrong_usage(self):
        for args in ([], [good, good], ["no-such-folder"], [good, "--key", good / "profile.json"]):
            done = installed.call("verify", *args)
            self.assertEqual(done.code, 2, str(done))

    def test_a_folder_that_is_no_bundle(self):
        self.refuse(self.folder, "SHA256SUMS", "results.json", "profile.json", "case files")


class Unproven(Tampered):
    """Without a key a bundle may fit together; that it is genuine nobody can say."""

    def expect_unproven(self, bundle, says, *args):
        done = installed.verify(bundle, *args)
        self.assertEqual((done.code, done.err), (4, ""), str(done))
        self.assertRegex(done.out, rf"consistent, {says}: anybody can have made this; it claims ")
        self.assertNotIn("genuine", done.out)
        return done

    def test_unsigned(self):
        with bundles.resealed(self.copy()) as copy:
            pass
        self.expect_unproven(copy, "unsigned")
        done = self.expect_unproven(copy, "unsigned", "--quiet")
        self.assertEqual(len(done.out.splitlines()), 1)

    def test_signed_but_no_key_is_given(self):
        self.expect_unproven(good, "signature not checked")
        self.expect_unproven(good, "signature not checked", "--quiet")

    def test_junk_signature(self):
        with bundles.resealed(self.copy(), keep_envelope=True) as copy:
            path = copy / "statement.dsse.json"
            envelope = json.loads(path.read_text())
            envelope["signatures"] = [{"keyid": "", "sig": "AAAA"}]
            path.write_text(json.dumps(envelope))
        self.expect_unproven(copy, "signature not checked")
        self.refuse(copy, "no signature of this key is valid", args=["--key", public])

    def test_failed(self):
        done = installed.verify(failed)
        self.assertEqual(done.code, 1, str(done))
        self.assertRegex(done.out, r"unsigned: anybody can have made this; it claims FAILED\n$")

    def test_relabelled_to_another_vendor(self):
        """Each place that names the IUT is edited, and each digest of the profile follows."""
        self.assertIn("reference IUT", installed.verify(good).out)
        before = bundles.sha256(good / "profile.json")
        with bundles.resealed(self.copy()) as copy:
            for name in ("profile.json", "results.json", "statement.json"):
                text = (copy / name).read_text()
                text = text.replace("reference IUT", "Other Cloud")
                (copy / name).write_text(
                    text.replace(before, bundles.sha256(copy / "profile.json"))
                )
            bundles.render_again(installed, copy)
        self.refuse(copy, "it is not signed", args=["--key", public])
        done = self.expect_unproven(copy, "unsigned")
        self.assertIn("Other Cloud", done.out)

    def test_less_in_sight_than_the_profile_says(self):
        with bundles.resealed(self.copy()) as copy:
            for name in ("results.json", "statement.json"):
                text = (copy / name).read_text()
                (copy / name).write_text(
                    re.sub(r'"out_of_sight": ?\[\]', '"out_of_sight": ["vcpu"]', text)
                )
            self.assertIn('"vcpu"', (copy / "results.json").read_text())
            bundles.render_again(installed, copy)
        self.refuse(copy, "summary.out_of_sight is not what the profile says")


class ChangedFiles(Tampered):
    def test_a_run_that_ends_before_it_begins_or_in_the_future(self):
        for member, time, says in (
            ("finished_at", "2001-01-01T00:00:00.000Z", "the run ended before it began"),
            ("finished_at", "2999-01-01T00:00:00.000Z", "the run ends in the future"),
            ("started_at", "2999-01-01T00:00:00.000Z", "the run ended before it began"),
        ):
            with bundles.resealed(self.copy()) as copy:
                for name in ("results.json", "statement.json"):
                    path = copy / name
                    path.write_text(
                        re.sub(rf'"{member}": ?"[^"]*"', f'"{member}": "{time}"',
                               path.read_text(), count=1)
                    )  # fmt: skip
            self.refuse(copy, says)

    def test_one_byte_of_any_file(self):
        for name in bundles.files_of(good):
            copy = self.copy()
            path = copy / name
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
            sums = name == "SHA256SUMS"
            says = "altered|sorted sums|is not in" if sums else rf"{name} was altered"
            self.refuse(copy, says)

    def test_missing_and_extra_files(self):
        for name in bundles.files_of(good):
            copy = self.copy()
            (copy / name).unlink()
            self.refuse(copy, name)
        copy = self.copy()
        (copy / "extra.txt").write_text("extra")
        self.refuse(copy, "extra.txt is not in SHA256SUMS")
        copy = self.copy()
        (copy / "cases" / "small" / "more.json").write_text("{}")
        self.refuse(copy, "cases/small/more.json is not in SHA256SUMS")

    def test_a_file_beside_those_of_a_certificate(self):
        """The signature says nothing of it, so it must not stand there as if."""
        copy = self.copy()
        (copy / "addendum.txt").write_text("It is also certified for version 9.")
        bundles.write_sums(copy)
        self.refuse(copy, "addendum.txt is not part of a certificate", args=["--key", public])

    def test_a_folder_without_a_file(self):
        """Sums cannot name it, and its name can say what is not certified."""
        for name in ("also certified for version 9", "cases/also certified", "cases/small/a/b"):
            copy = self.copy()
            (copy / name).mkdir(parents=True)
            self.refuse(copy, f"{name} is a folder without a file", args=["--key", public])
            self.refuse(copy, f"{name} is a folder without a file")

    def test_a_pipe_for_a_file(self):
        """Opening it would wait for ever."""
        for name in bundles.files_of(good):
            copy = self.copy()
            (copy / name).unlink()
            os.mkfifo(copy / name)
            done = installed.call("verify", copy, "--key", public, limit_s=30)
            self.assertEqual(done.code, 1, str(done))
            self.assertIn(f"{name} is neither a file nor a folder", done.err)

    def test_a_link_for_a_file(self):
        copy = self.copy()
        (copy / "junit.xml").unlink()
        (copy / "junit.xml").symlink_to(good / "junit.xml")
        self.refuse(copy, "junit.xml is neither a file nor a folder")

    def test_a_file_that_is_all_hole(self):
        """Reading it would take hours."""
        for name in bundles.files_of(good):
            copy = self.copy()
            os.truncate(copy / name, 1 << 40)
            done = installed.call("verify", copy, "--key", public, limit_s=30)
            self.assertEqual(done.code, 1, str(done))
            self.assertIn(f"{name} is larger than any file of a certificate", done.err)

    def test_sums_with_more_than_lines(self):
        sums = (good / "SHA256SUMS").read_bytes()
        for content in (sums + b"\0It is also certified for version 9.\n", sums + b"\n", b"",
                        b"\n" + sums, sums[:-1], sums.replace(b"\n", b"\n\n", 1)):
            copy = self.copy()
            (copy / "SHA256SUMS").write_bytes(content)
            self.refuse(copy, "SHA256SUMS holds more, or less, than lines of sums")

    def test_results_with_more_than_one_file_of_gzip(self):
        """What stands behind the first is in no verdict; statement and sums fit."""
        more = gzip.compress(b"It is also certified for version 9.")
        for tail in (b"more", b"\0", gzip.compress(b""), more):
            copy = self.copy()
            before = bundles.sha256(copy / "results.json.gz")
            with (copy / "results.json.gz").open("ab") as file:
                file.write(tail)
            now = bundles.sha256(copy / "results.json.gz")
            statement = (copy / "statement.json").read_text()
            (copy / "statement.json").write_text(statement.replace(before, now))
            (copy / "statement.dsse.json").unlink()
            bundles.write_sums(copy)
            self.refuse(copy, "results.json.gz goes on after the end of what is compressed")

    def test_results_that_would_fill_the_disk(self):
        copy = self.copy()
        with (copy / "results.json.gz").open("wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb") as bomb:
                for _ in range(40):
                    bomb.write(bytes(1 << 20))
        bundles.write_sums(copy)
        self.refuse(copy, "results.json.gz is too large when it is undone")

    def test_sums_that_lead_out_of_the_folder(self):
        copy = self.copy()
        sums = copy / "SHA256SUMS"
        sums.write_text(f"{bundles.sha256(good / 'junit.xml')}  ../junit.xml\n" + sums.read_text())
        self.refuse(copy, "SHA256SUMS:1: not a line of sorted sums")


class Resealed(Tampered):
    """Sums and statement fit; the judging code has the last word."""

    def tamper(self, change, *says, bundle=None):
        with bundles.resealed(self.copy(bundle)) as copy:
            change(copy)
        return self.refuse(copy, *says)

    def test_verdict_flipped(self):
        def acquit(record):
            if record["id"] == "small.updated" and record["attempt"] == 2:
                record.update(verdict="pass", reason=None, failures=[])

        def change(copy):
            bundles.edit_records(copy, acquit)
            bundles.render_again(installed, copy)

        done = self.tamper(
            change,
            r'case small\.updated, attempt 2: /verdict: now "fail", recorded "pass"',
            bundle=failed,
        )
        self.assertNotIn("altered", done.err)

    def test_all_verdicts_flipped(self):
        """A FAILED bundle made to say PASSED throughout."""

        def acquit(record):
            if record["verdict"] in ("fail", "inconclusive"):
                record.update(verdict="pass", reason=None, failures=[])

        def change(copy):
            bundles.edit_records(copy, acquit)
            bundles.render_again(installed, copy)
            statement = json.loads((copy / "statement.json").read_text())["predicate"]
            text = (copy / "statement.json").read_text()
            for name in statement["failedTests"]:
                self.assertIn(name, text)
            (copy / "statement.json").write_text(text.replace('"FAILED"', '"PASSED"'))

        self.tamper(
            change,
            r'case small\.updated, attempt 1: /verdict: now "fail", recorded "pass"',
            r'case small\.refused\[a-word\], attempt 1: /verdict: now "inconclusive"',
            bundle=failed,
        )

    def test_reason_and_failures_embellished(self):
        def soften(record):
            if record["id"] == "small.updated":
                record["failures"][0]["expected"] = "status 200 or 202"

        self.tamper(
            lambda copy: bundles.edit_records(copy, soften),
            r"small\.updated, attempt 1: /failures/0/expected: now \"status 202\"",
            bundle=failed,
        )

    def test_case_missing(self):
        def change(copy):
            bundles.edit_records(copy, lambda r: r["id"] != "small.told" or r["attempt"] != 3)
            bundles.render_again(installed, copy)

        self.tamper(change, r"case small\.told, attempt 3: its record is missing")

    def test_case_added(self):
        def change(copy):
            head, mark, tail = (copy / "results.json").read_text().partition('\n  "cases": [\n')
            record = json.loads(tail.splitlines()[0].rstrip(","))
            record["id"] = "small.invented"
            invented = f"    {bundles.compact(record)},\n"
            (copy / "results.json").write_text(head + mark + invented + tail)

        self.tamper(change, r"case small\.invented, attempt 1, is not in the plan")

    def test_case_twice(self):
        def again(copy):
            text = (copy / "results.json").read_text()
            head, mark, tail = text.partition('\n  "cases": [\n')
            first = tail.splitlines()[0]
            (copy / "results.json").write_text(head + mark + first + "\n" + tail)

        self.tamper(again, "is there twice")

    def edit_step(self, case_id, step, change, *says):
        def edit(record):
            if record["id"] == case_id and record["attempt"] == 1:
                change(record["steps"][step])

        def both(copy):
            bundles.edit_records(copy, edit)
            bundles.render_again(installed, copy)

        return self.tamper(both, *says)

    def find_step(self, case_id, test):
        for record in bundles.results(good)["cases"]:
            if record["id"] == case_id and record["attempt"] == 1:
                return next(i for i, step in enumerate(record["steps"]) if test(step))
        raise AssertionError(case_id)

    def patch_of(self, case_id):
        return self.find_step(case_id, lambda s: s["request"].get("method") == "PATCH")

    def test_answer_edited(self):
        self.edit_step(
            "small.refused[a-word]",
            self.patch_of("small.refused[a-word]"),
            lambda step: step["response"].update(status=202),
            r"small\.refused\[a-word\], attempt 1: exchange \d+: a request is recorded that is not "
            r"made \(read\); it comes out as fail, recorded is pass",
        )

    def test_request_edited(self):
        at = self.patch_of("small.refused[a-word]")
        name = r"small\.refused\[a-word\], attempt 1: exchange \d+: "
        self.edit_step(
            "small.refused[a-word]", at,
            lambda step: step["request"].update(body='{"vcpu":"five"}'),
            name + "the body sent is another one from byte 10",
        )
        self.edit_step(
            "small.refused[a-word]", at,
            lambda step: step["request"].update(url=step["request"]["url"] + "/"),
            name + 'url: now ".*", recorded ".*/"',
        )
        self.edit_step(
            "small.refused[a-word]", at,
            lambda step: step["request"].update(method="POST"),
            name + 'method: now "PATCH", recorded "POST"',
        )
        self.edit_step(
            "small.refused[a-word]", at,
            lambda step: step["request"]["headers"].update({"X-More": "1"}),
            name + r"\d+ headers are sent, recorded are \d+",
        )

    def test_credential_edited(self):
        """With the credential that the case withholds, the refusal would have been no test."""
        at = self.find_step(
            "small.credentials[wrong]", lambda s: s["request"].get("method") == "PATCH"
        )
        self.edit_step(
            "small.credentials[wrong]", at,
            lambda step: step["request"]["headers"].update({"X-API-Key": "$API_KEY"}),
            r'header X-API-Key: now "[0-9a-f]{40}", recorded "\$API_KEY"',
        )

    def test_hook_edited(self):
        at = self.find_step("small.committed", lambda s: s["kind"] == "hook")

        def other_transaction(step):
            step["response"]["body"] = '{"transaction_hash":"0x' + "0" * 64 + '"}'

        self.edit_step(
            "small.committed", at, other_transaction,
            r"small\.committed, attempt 1: exchange \d+: header X-Transaction-Hash",
        )
        self.edit_step(
            "small.committed", at,
            lambda step: step["request"].update(body="{}"),
            "the body sent is another one from byte 1",
        )

    def test_answer_edited_that_another_case_shares(self):
        """Its own record has none: it is judged over those of the case that it shares."""
        with bundles.resealed(self.copy()) as copy:
            bundles.edit_records(copy, self.without_status)
        self.refuse(copy,
                    r"small\.told\.shared, attempt 1: /verdict: now .*fail.*, recorded .*pass")

    @staticmethod
    def without_status(record):
        if record["id"] == "small.told.shared":
            assert (record["shares"], record["steps"]) == ("small.updated", []), record
        if record["id"] == "small.updated" and record["attempt"] == 1:
            for step in record["steps"]:
                if step["request"].get("method") == "PATCH":
                    said = json.loads(step["response"]["body"]) | {"status": "over"}
                    step["response"]["body"] = json.dumps(said)

    def test_sharing_claimed(self):
        def claim(record, case, other):
            if record["id"] == case:
                record.update(shares=other, steps=[])

        for case, other, says in (
            ("small.told", "small.updated", "shares what small.updated did, the case does not"),
            ("small.told.shared", "small.told", "shares what small.told did, the case does not"),
        ):
            self.tamper(
                lambda c, *a: bundles.edit_records(c, lambda r: claim(r, case, other)), says
            )

    def test_exchange_missing_or_added(self):
        def drop(record):
            if record["id"] == "small.told" and record["attempt"] == 1:
                record["steps"].pop()

        def add(record):
            if record["id"] == "small.told" and record["attempt"] == 1:
                record["steps"].append(record["steps"][-1])

        self.tamper(
            lambda copy: bundles.edit_records(copy, drop),
            r"small\.told, attempt 1: .* is made that the transcript does not have",
        )
        self.tamper(
            lambda copy: bundles.edit_records(copy, add),
            r"small\.told, attempt 1: .* is recorded that is not made",
        )

    def test_other_cvm(self):
        profile = json.loads((good / "profile.json").read_text())["pixit"]["cvms"]

        def move(record, to):
            if record["id"] == "small.told" and record["attempt"] == 1:
                record["cvms"] = [to]

        unused = profile["managed"][-1]
        self.tamper(lambda c: bundles.edit_records(c, lambda r: move(r, "no-such")), "none of the")
        self.tamper(
            lambda c: bundles.edit_records(c, lambda r: move(r, profile["foreign"][0])),
            "none of the profile's managed ones",
        )
        self.tamper(lambda c: bundles.edit_records(c, lambda r: move(r, unused)), "exchange 1: url")

    def test_not_applicable_claimed(self):
        """A failed case said not to apply."""

        def excuse(record):
            if record["id"] == "small.updated":
                record.update(
                    verdict="not-applicable", reason="pics.gpu_rental=true", failures=[], steps=[]
                )

        self.tamper(
            lambda copy: bundles.edit_records(copy, excuse),
            r"small\.updated, attempt 1: ",
            bundle=failed,
        )

    def test_seed_edited(self):
        def change(copy):
            text = (copy / "results.json").read_text()
            (copy / "results.json").write_text(text.replace('"seed": 1,', '"seed": 2,'))

        self.tamper(change, r"attempt 1: exchange \d+: the body sent is another one")

    def begin(self, copy, times):
        """Cases begin at other times, by attempt and id, in milliseconds after the run."""
        start = datetime.fromisoformat(bundles.results(good)["started_at"])

        def change(record):
            at = times.get((record["attempt"], record["id"]))
            if at is not None:
                later = start + timedelta(milliseconds=at)
                record["started_at"] = later.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

        bundles.edit_records(copy, change)
        bundles.render_again(installed, copy)

    def begin_like(self, copy, first, later):
        """The cases of one repetition begin in the order of another's, none beside another."""
        records = [r for r in bundles.results(good)["cases"] if r["verdict"] == "pass"]
        began = {r["id"]: r["started_at"] for r in records if r["attempt"] == first}
        order = sorted(began, key=lambda id: (began[id], id))
        places = enumerate(order, start=1)
        self.begin(copy, {(n, id): place for place, id in places for n in (first, later)})

    def test_repeated_in_the_same_order(self):
        """Texts are drawn anew for each repetition; the order has to be another one as well."""
        for first, later in ((1, 2), (2, 3), (1, 3)):
            self.tamper(
                lambda copy, first=first, later=later: self.begin_like(copy, first, later),
                rf"repetitions {first} and {later} ran their cases in the same order: 0 pairs of "
                r"cases began the other way round, and the plan has \d+",
            )

    def test_all_begun_at_once(self):
        """As many workers as cases may begin them within the millisecond that a record tells."""
        records = [r for r in bundles.results(good)["cases"] if r["verdict"] == "pass"]
        with bundles.resealed(self.copy()) as copy:
            self.begin(copy, {(1, r["id"]): 1 for r in records})
        verified = installed.verify(copy)
        self.assertEqual(verified.code, 4, str(verified))

    def test_case_of_another_time(self):
        """As a record has it that is taken from the bundle of another run."""
        for time, says in (
            ("2026-01-01T00:00:00.000Z", "it began outside of the run"),
            ("2999-01-01T00:00:00.000Z", "it began outside of the run"),
            ("", "it does not say when it began"),
        ):

            def move(record, time=time):
                if record["id"] == "small.told" and record["attempt"] == 3:
                    record["started_at"] = time

            self.tamper(
                lambda copy, move=move: bundles.edit_records(copy, move),
                rf"case small\.told, attempt 3: {says}",
            )

    def test_fewer_repetitions(self):
        def change(copy):
            bundles.edit_records(copy, lambda r: r["attempt"] < 3)
            text = (copy / "results.json").read_text()
            (copy / "results.json").write_text(text.replace('"repeat": 3', '"repeat": 2'))
            bundles.render_again(installed, copy)

        self.tamper(change, "2 repetitions; a certificate wants at least 3")

    def test_part_of_the_plan_claimed(self):
        def change(copy):
            text = (copy / "results.json").read_text()
            text = text.replace('"selection": ""', '"selection": "--suite small"')
            (copy / "results.json").write_text(text)

        self.tamper(change, "only a part of the cases was selected")

    def test_reports_edited(self):
        for name, old, new in (
            ("report.html", "reference IUT", "reference iut"),
            ("junit.xml", "small.told", "small.bold"),
            ("results.json", '"passed":5', '"passed":6'),
            ("results.json", '"version": 1', '"version":  1'),
            ("results.json", "A plain update is taken and applied.", "Everything is fine."),
        ):

            def change(copy, name=name, old=old, new=new):
                text = (copy / name).read_text()
                self.assertIn(old, text)
                (copy / name).write_text(text.replace(old, new, 1))

            self.tamper(change, rf"{name}(\.gz)? is not what is made from its records")

    def test_statement_edited(self):
        for old, new in (
            ("reference IUT 0.1.0", "reference IUT 0.2.0"),
            ('"result": "PASSED"', '"result": "WARNED"'),
            ('"repetitions":3', '"repetitions":9'),
            ("TLS was not tested", "TLS was tested"),
        ):

            def change(copy, old=old, new=new):
                text = (copy / "statement.json").read_text()
                self.assertIn(old, text)
                (copy / "statement.json").write_text(text.replace(old, new, 1))

            self.tamper(change, "statement.json is not what the bundle's files make it say")

    def test_profile_edited(self):
        def change(copy):
            text = (copy / "profile.json").read_text()
            (copy / "profile.json").write_text(
                text.replace('"gpu_rental": true', '"gpu_rental": false')
            )

        self.tamper(change, "another profile than the bundle's")

    def test_implementation_renamed(self):
        """In results and reports, consistently; the profile tells another name."""

        def change(copy):
            text = (copy / "results.json").read_text()
            text = text.replace('"iut": {"name":"reference IUT"', '"iut": {"name":"Acme Cloud"')
            (copy / "results.json").write_text(text)
            bundles.render_again(installed, copy)

        self.tamper(change, "speaks of another profile than the bundle's")

    def test_catalogue_edited(self):
        """A weaker expectation, with every digest of the catalogue put right."""

        def change(copy):
            path = copy / "cases" / "small" / "updated.json"
            path.write_text(path.read_text().replace('{"status": 202}', '{"status": [200, 202]}'))
            lines = "".join(
                f"{bundles.sha256(p)} {p.relative_to(copy / 'cases')}\n"
                for p in sorted((copy / "cases" / "small").glob("*.json"))
            )
            new = hashlib.sha256(lines.encode()).hexdigest()
            old = json.loads((copy / "results.json").read_text())["suite"]["catalogue_sha256"]
            for name in ("results.json", "statement.json"):
                text = (copy / name).read_text()
                self.assertIn(old, text)
                (copy / name).write_text(text.replace(old, new))
            bundles.render_again(installed, copy)

        done = self.tamper(change, r"its case files are not those of cvm-conformance 0\.1\.0")
        self.assertNotIn("other case files than the bundle's", done.err)

    def test_other_version_of_the_suite(self):
        def change(copy):
            path = copy / "results.json"
            path.write_text(path.read_text().replace('"version":"0.1.0"', '"version":"9"', 1))

        self.tamper(change, "made by version 9 of the suite")


class Signed(Tampered):
    def edit_envelope(self, change):
        copy = self.copy()
        envelope = json.loads((copy / "statement.dsse.json").read_text())
        change(envelope)
        (copy / "statement.dsse.json").write_text(json.dumps(envelope))
        bundles.write_sums(copy)
        return copy

    def test_envelope_without_a_signature(self):
        for signatures in ([], None, {}, {"keyid": "", "sig": "AAAA"}, "AAAA"):
            copy = self.edit_envelope(lambda e, s=signatures: e.update(signatures=s))
            for args in ([], ["--key", public]):
                self.refuse(copy, "there is no signature in it", args=args)

    def test_signature_that_is_nearly_the_one(self):
        """Ed25519 has one signature of a text and key: none of its relatives is taken."""
        order = 2**252 + 27742317777372353535851937790883648493

        def edit(envelope, make):
            sig = base64.b64decode(envelope["signatures"][0]["sig"])
            envelope["signatures"] = [
                {"keyid": s["keyid"], "sig": base64.b64encode(make(sig)).decode()}
                for s in envelope["signatures"]
            ]

        for make in (
            lambda s: s[:32] + (int.from_bytes(s[32:], "little") + order).to_bytes(32, "little"),
            lambda s: s + b"\0", lambda s: s[:63], lambda s: bytes(64), lambda s: b"",
            lambda s: s * 2, lambda s: s[32:] + s[:32],
        ):  # fmt: skip
            copy = self.edit_envelope(lambda e, make=make: edit(e, make))
            self.refuse(copy, "no signature of this key is valid", args=["--key", public])

    def test_type_of_something_else(self):
        for kind in ("application/json", "application/vnd.in-toto+JSON", "", None):
            copy = self.edit_envelope(lambda e, kind=kind: e.update(payloadType=kind))
            for args in ([], ["--key", public]):
                self.refuse(copy, "payloadType is not application/vnd", args=args)

    def test_two_envelopes_in_one_file(self):
        copy = self.copy()
        text = (copy / "statement.dsse.json").read_text()
        for content in (text + text, text + "more", text.replace("{", '{"payload":"",', 1)):
            (copy / "statement.dsse.json").write_text(content)
            bundles.write_sums(copy)
            self.refuse(copy, "where the end should be|occurs twice", args=["--key", public])

    def test_key_of_somebody_else(self):
        self.refuse(good, "no signature of this key is valid", args=["--key", other_public])

    def test_envelope_taken_away(self):
        with bundles.resealed(self.copy()) as copy:
            pass
        self.refuse(copy, "it is not signed", args=["--key", public])

    def test_statement_changed_under_the_envelope(self):
        with bundles.resealed(self.copy(), keep_envelope=True) as copy:
            text = (copy / "statement.json").read_text()
            (copy / "statement.json").write_text(text.replace("PASSED", "WARNED", 1))
        self.refuse(copy, "signs another statement than statement.json", args=["--key", public])
        self.refuse(copy, "signs another statement than statement.json")

    def test_payload_changed_in_the_envelope(self):
        with bundles.resealed(self.copy(), keep_envelope=True) as copy:
            text = (copy / "statement.json").read_text().replace("PASSED", "WARNED", 1)
            (copy / "statement.json").write_text(text)
            envelope = json.loads((copy / "statement.dsse.json").read_text())
            envelope["payload"] = base64.b64encode(text.encode()).decode()
            (copy / "statement.dsse.json").write_text(json.dumps(envelope))
        self.refuse(copy, "no signature of this key is valid", args=["--key", public])

    def test_results_of_another_run_under_a_good_signature(self):
        """Everything but the signed statement exchanged for that of another run."""
        done = installed.call("run", "--certify", "--seed", "2", "--out", self.folder / "run")
        self.assertEqual(done.code, 0, str(done))
        copy = self.folder / "run" / "certificate"
        for name in ("statement.json", "statement.dsse.json"):
            shutil.copy2(good / name, copy / name)
        bundles.write_sums(copy)
        self.refuse(
            copy, "statement.json is not what the bundle's files make it say",
            args=["--key", public],
        )


if __name__ == "__main__":
    house.main()
