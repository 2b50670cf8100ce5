"""Virtual environments for tests, made once for all build folders of a source tree."""

import fcntl
import os
import shutil
import subprocess
import unittest
from pathlib import Path


def environment(name: str, requirements: str) -> Path:
    """The folder of the programs of an environment with these packages, one requirement a line.

    Raises SkipTest, with what pip said, where there is none and none can be made.
    """
    folder = Path(os.environ.get("CF_BUILD", "/tmp/cvm-conformance")).parent / f"{name}-venv"
    stamp = folder / "installed.txt"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != requirements:
            shutil.rmtree(folder, ignore_errors=True)
            make(folder, requirements.split("\n"))
            stamp.write_text(requirements)
    return folder / "bin"


def make(folder: Path, requirements: list):
    packages = [line for line in requirements if line and not line.startswith("#")]
    for command in (
        ["/usr/bin/python3", "-m", "venv", folder],
        [folder / "bin/pip", "--disable-pip-version-check", "install", "--quiet",
         "--retries", "1", "--timeout", "20", *packages],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        except (OSError, subprocess.TimeoutExpired) as trouble:
            raise unittest.SkipTest(f"no virtual environment: {trouble}") from None
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise unittest.SkipTest(f"no virtual environment: {said}")
