"""Prometheus' own look at metrics and rules. Called by itself it fetches it.

It comes in Debian's package `prometheus`, which would start a server on whoever installs it: so the
package is fetched and promtool taken out of it, once."""

import fcntl
import os
import pathlib
import shutil
import subprocess
import tempfile

# Where the other outside tools of the tests are, see run.
CACHE = pathlib.Path(os.environ["CLIENTS_DIR"])


def promtool():
    """Where it is, or None."""
    found = shutil.which("promtool")
    if found:
        return found
    kept = CACHE / "promtool"
    if kept.exists() or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return str(kept) if kept.exists() else None
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "promtool.lock", "w") as lock, tempfile.TemporaryDirectory(dir=CACHE) as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            os.chmod(folder, 0o755)  # apt downloads as a user of its own
            fetched = run(folder, "apt-get", "-q", "download", "prometheus")
            packages = list(pathlib.Path(folder).glob("*.deb"))
            if not fetched or not packages or not run(folder, "dpkg-deb", "-x", packages[0], "."):
                return None
            os.replace(pathlib.Path(folder, "usr/bin/promtool"), kept)
    return str(kept)


def run(folder, *command):
    """Whether it did; a mirror that is slow is none."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    promtool()
