"""What a test of the program stands on: a scratch home, a clean environment, processes that are
watched and ended, and secrets that must not show anywhere."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

# A test that is not done by then hangs. Far above what any of them takes, because a machine may be
# slow and a build full of sanitizers.
SECONDS_MAX = 180

# Given to the program as keys. They must never be seen in what it prints or logs.
PROVIDER_KEY = "sk-canary-provider-3f7a51c09e"
RELAY_KEY = "sk-canary-relay-b2d84e6610"
SECRETS = (PROVIDER_KEY, RELAY_KEY)


def quick_folder():
    """Where a file is safe at once: what waits for a disk that builds keep busy may wait long. None
    where there is no such place, or programs can't be started from it."""
    try:
        about = os.statvfs("/dev/shm")
    except OSError:
        return None
    is_roomy = about.f_bavail * about.f_frsize > 256 << 20
    return "/dev/shm" if is_roomy and not about.f_flag & os.ST_NOEXEC else None


class Hang(Exception):
    """Raised in a test that has run for SECONDS_MAX."""


def _hang(*_):
    raise Hang(f"not done after {SECONDS_MAX} s")


class Lines:
    """What comes out of a pipe, read on a thread of its own."""

    def __init__(self, stream):
        self._text = ""
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    @property
    def text(self):
        with self._changed:
            return self._text

    def wait_for(self, pattern):
        """The match of a regular expression in what has come, once it is there."""
        with self._changed:
            while not (found := re.search(pattern, self._text)):
                if self._ended:
                    raise AssertionError(f"{pattern!r} never came; instead:\n{self._text}")
                try:
                    self._changed.wait()
                except Hang as hang:
                    raise AssertionError(f"{hang}, waiting for {pattern!r} in:\n{self._text}")
            return found

    def all(self):
        """Everything up to the end of the stream."""
        self._thread.join()
        return self._text

    def _read(self, stream):
        while part := _read_some(stream):
            with self._changed:
                self._text += part.decode(errors="replace")
                self._changed.notify_all()
        stream.close()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _read_some(stream):
    try:
        return os.read(stream.fileno(), 65536)
    except OSError:  # a terminal ends so
        return b""


class Process:
    """A running cc-relay."""

    def __init__(self, child, stdout, stderr):
        self._child = child
        self.stdout = Lines(stdout) if stdout else None
        self.stderr = Lines(stderr) if stderr else None
        self.pid = child.pid

    def signal(self, number):
        self._child.send_signal(number)

    def wait(self):
        """Its exit code, or minus the number of the signal that ended it."""
        return self._child.wait()

    def kill(self):
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    @property
    def output(self):
        return "".join(each.text for each in (self.stdout, self.stderr) if each)


class Finished:
    """How a command ended and what it said."""

    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    def __repr__(self):
        return f"exit code {self.code}\nstdout:\n{self.stdout}\nstderr:\n{self.stderr}"


class Program(unittest.TestCase):
    """A test of the program. `self.home` is the user's home, `self.folder` where they are."""

    executable = None
    longMessage = True
    maxDiff = None

    def setUp(self):
        signal.signal(signal.SIGALRM, _hang)
        signal.alarm(SECONDS_MAX)
        self.addCleanup(signal.alarm, 0)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="cc-relay-program-", dir=quick_folder()))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.home = self.scratch / "home"
        self.folder = self.scratch / "folder"
        self.config_home = self.home / ".config"
        self.runtime = self.scratch / "runtime"
        for each in (self.home, self.folder, self.config_home, self.runtime):
            each.mkdir()
        self.runtime.chmod(0o700)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.config_home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            # gRPC is opened at run time, and has variables of threads. Where a block of those begins
            # 16 bytes behind a page, gcc 12's sanitizer takes what stands before it for glibc 2.19's
            # header of such blocks, and its search for leaks crashes on the range that it reads there.
            # Told not to look at them it finds what they point at on glibc's own way to them.
            "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:intercept_tls_get_addr=0",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        }
        self._processes = []
        self._said = []
        self.addCleanup(self._end)

    @property
    def is_sanitized(self):
        """Whether it was built with AddressSanitizer: slow, and it keeps what was freed."""
        return b"__asan_init" in pathlib.Path(self.executable).read_bytes()

    # ---- running

    def run_relay(self, *arguments, **options):
        """Runs a command to its end. `stdin` is empty; `env` adds to the environment."""
        process = self.start(*arguments, **options)
        code = process.wait()
        return Finished(
            code,
            process.stdout.all() if process.stdout else "",
            process.stderr.all() if process.stderr else "",
        )

    def start(self, *arguments, env=None, through=(), **more):
        """Starts a command, with `through` words before it. `more` goes to subprocess.Popen."""
        streams = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        child = subprocess.Popen(
            [*through, self.executable, *map(str, arguments)],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            bufsize=0,
            **{**streams, **more},
        )
        process = Process(child, child.stdout, child.stderr)
        self._processes.append(process)
        return process

    def write(self, path, text):
        """A file below the user's folder, with the directories to it."""
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def configure(self, text):
        """The user's configuration, where every command looks for it."""
        return self.write(self.config_home / "cc-relay" / "config.toml", text)

    # ---- asserting

    def assert_ends(self, finished, code, stdout="", stderr=""):
        """The whole of what a command did."""
        self.assertEqual(
            (finished.code, finished.stdout, finished.stderr), (code, stdout, stderr)
        )

    def assert_fails(self, finished, code, stderr):
        """It says why on standard error, as this pattern has it, and nothing on standard output."""
        self.assertEqual(finished.code, code, finished)
        self.assertEqual(finished.stdout, "", finished)
        self.assertRegex(finished.stderr, stderr)

    def assert_succeeds(self, finished, stdout):
        self.assertEqual(finished.code, 0, finished)
        self.assertEqual(finished.stderr, "", finished)
        self.assertRegex(finished.stdout, stdout)

    def _end(self):
        for process in self._processes:
            process.kill()
        said = [(f"process {process.pid}", process.output) for process in self._processes]
        said += [
            (str(file), file.read_text(errors="replace")) for file in self.scratch.rglob("*.log*")
        ]
        for place, text in said:
            for secret in SECRETS:
                self.assertNotIn(secret, text, f"{place} shows a secret")
            self.assertNotRegex(text, "AddressSanitizer|LeakSanitizer|runtime error:")
