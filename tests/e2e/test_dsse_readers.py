"""The envelope of a certificate is taken by the verifiers that people have, as they come."""

import os
import shutil
import subprocess
import sys
import unittest

import bundles
import house

sys.path.insert(0, str(house.SOURCE / "tests"))

import environments

WANTED = """securesystemslib==1.6.0
cryptography==50.0.2
"""

PYTHON = """
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
with open(sys.argv[1]) as file:
    envelope = Envelope.from_dict(json.load(file))
with open(sys.argv[2], "rb") as file:
    key = SSlibKey.from_crypto(load_pem_public_key(file.read()))
envelope.verify([key], 1)
"""

GO = """package main

import (
    "context"
    "crypto"
    "crypto/ed25519"
    "crypto/x509"
    "encoding/json"
    "encoding/pem"
    "errors"
    "os"

    "github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// As sigstore's: it has a public key, and no id of it.
type verifier struct{ key ed25519.PublicKey }

func (v verifier) KeyID() (string, error)   { return "", nil }
func (v verifier) Public() crypto.PublicKey { return v.key }
func (v verifier) Verify(_ context.Context, data, sig []byte) error {
    if !ed25519.Verify(v.key, data, sig) {
        return errors.New("not valid")
    }
    return nil
}

func must(err error) {
    if err != nil {
        panic(err)
    }
}

func main() {
    var envelope dsse.Envelope
    text, err := os.ReadFile(os.Args[1])
    must(err)
    must(json.Unmarshal(text, &envelope))
    text, err = os.ReadFile(os.Args[2])
    must(err)
    block, _ := pem.Decode(text)
    key, err := x509.ParsePKIXPublicKey(block.Bytes)
    must(err)
    reader, err := dsse.NewEnvelopeVerifier(verifier{key.(ed25519.PublicKey)})
    must(err)
    _, err = reader.Verify(context.Background(), &envelope)
    must(err)
}
"""


class Readers(house.Case):
    @classmethod
    def setUpClass(cls):
        cls.installed = bundles.Installed()
        cls.addClassCleanup(cls.installed.remove)
        folder = cls.installed.folder.name
        private, cls.public = bundles.make_keys(folder)
        _, cls.other = bundles.make_keys(folder, "other")
        done = cls.installed.call(
            "run", "--certify", "--sign", private, "--out", folder + "/out"
        )
        assert done.code == 0, str(done)
        cls.envelope = folder + "/out/certificate/statement.dsse.json"

    def expect_taken(self, reader):
        """With the key that signed it, and not with another one."""
        for key, taken in ((self.public, True), (self.other, False)):
            done = subprocess.run(
                [*reader, self.envelope, key], capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode == 0, taken, done.stderr)

    def test_securesystemslib_of_python(self):
        python = environments.environment("dsse", WANTED) / "python"
        self.expect_taken([python, "-c", PYTHON])

    def test_securesystemslib_of_go(self):
        if not shutil.which("go"):
            raise unittest.SkipTest("there is no go")
        (self.folder / "main.go").write_text(GO)
        env = {**os.environ, "GOFLAGS": "-mod=mod"}
        for command in (
            ["go", "mod", "init", "reader"],
            ["go", "get", "github.com/secure-systems-lab/go-securesystemslib@v0.9.1"],
            ["go", "build", "-o", "reader", "."],
        ):
            done = subprocess.run(
                command, cwd=self.folder, env=env, capture_output=True, text=True, check=False
            )
            if done.returncode and command[1] == "get":
                raise unittest.SkipTest(f"cannot be fetched: {done.stderr.strip()[-200:]}")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_taken([self.folder / "reader"])


if __name__ == "__main__":
    house.main()
