"""Prometheus itself, and its own look at metrics and rules. Called by itself this fetches them.

They come in Debian's package `prometheus`, which would start a server on whoever installs it: so the
package is fetched and its programs taken out of it, once."""

import fcntl
import os
import pathlib
import shutil
import subprocess
import tempfile

# Where the other outside tools of the tests are, see run.
CACHE = pathlib.Path(os.environ["CLIENTS_DIR"])
PROGRAMS = ("promtool", "prometheus")


def promtool():
    """Where it is, or None."""
    return _program("promtool")


def prometheus():
    """The server."""
    return _program("prometheus")


def _program(name):
    found = shutil.which(name)
    if found:
        return found
    kept = CACHE / name
    if not kept.exists() and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        _fetch()
    return str(kept) if kept.exists() else None


def _fetch():
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "promtool.lock", "w") as lock, tempfile.TemporaryDirectory(dir=CACHE) as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all((CACHE / name).exists() for name in PROGRAMS):
            return
        os.chmod(folder, 0o755)  # apt downloads as a user of its own
        fetched = run(folder, "apt-get", "-q", "download", "prometheus")
        packages = list(pathlib.Path(folder).glob("*.deb"))
        if fetched and packages and run(folder, "dpkg-deb", "-x", packages[0], "."):
            for name in PROGRAMS:
                os.replace(pathlib.Path(folder, "usr/bin", name), CACHE / name)


def run(folder, *command):
    """Whether it did; a mirror that is slow is none."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    _program("prometheus")
