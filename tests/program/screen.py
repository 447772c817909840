"""A terminal of tmux's with a program in it: what stands on it, and keys for it. Nothing here waits for
a time: each byte that the program writes lets whoever waits look again."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import threading

from harness import Hang


class Screen:
    """The command runs in the test's environment and `env`, on a terminal of that size."""

    def __init__(self, test, *command, size=(80, 24), env=None):
        if not shutil.which("tmux"):
            test.skipTest("skipped: there is no tmux")
        self._test = test
        self._socket = test.scratch / f"tmux-{id(self)}"
        self._words = self._socket.with_suffix(".fifo")
        os.mkfifo(self._words)
        self._seen = 0
        self._over = False
        self._changed = threading.Condition()
        self._env = {**test.env, "LANG": "C.UTF-8", "TZ": "UTC", **(env or {})}
        columns, rows = size
        # It waits for a line, so that no byte goes by before somebody listens. What it inherits is
        # what is said here alone.
        variables = {**self._env, "TERM": (env or {}).get("TERM", "screen-256color")}
        words = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        line = shlex.join([*words, *map(str, command)])
        self._tmux(
            *("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows)),
            # Its end is told on the terminal, which is then as it left it.
            f"read go; {line}; echo its code: $?; exec cat",
        )
        test.addCleanup(self.close)
        self._tmux("set-option", "-g", "status", "off")
        self._tmux("set-option", "-g", "window-size", "manual")
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))
        self._tmux("pipe-pane", "-O", f"exec cat >{shlex.quote(str(self._words))}")
        threading.Thread(target=self._listen, daemon=True).start()
        self._tmux("send-keys", "Enter")

    def _tmux(self, *words):
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._socket), *words],
            env=self._env,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise AssertionError(f"tmux {words}: {done.stderr}")
        return done.stdout

    def _listen(self):
        with open(self._words, "rb", buffering=0) as words:
            while words.read(65536):
                with self._changed:
                    self._seen += 1
                    self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def close(self):
        subprocess.run(
            ["tmux", "-S", str(self._socket), "kill-server"], env=self._env, capture_output=True
        )

    # ---- looking

    def text(self, styled=False):
        return self._tmux("capture-pane", "-p", *(["-e"] if styled else []))

    def lines(self):
        return self.text().split("\n")

    def wait_until(self, fits, what):
        """What stands there once it fits."""
        while True:
            with self._changed:
                seen, over = self._seen, self._over
            text = self.text()
            if found := fits(text):
                return found
            if over:
                raise AssertionError(f"{what} never came; it ended with:\n{text}")
            try:
                with self._changed:
                    while self._seen == seen and not self._over:
                        self._changed.wait()
            except Hang as hang:
                raise AssertionError(f"{hang}, waiting for {what} in:\n{self.text()}")

    def wait_for(self, pattern):
        return self.wait_until(lambda text: re.search(pattern, text), repr(pattern))

    def wait_without(self, pattern):
        self.wait_until(lambda text: not re.search(pattern, text), f"no {pattern!r}")

    def told(self, variable):
        """Such as alternate_on or cursor_flag."""
        return self._tmux("display-message", "-p", "#{" + variable + "}").strip()

    def code(self):
        """Its exit code, once it has ended; 128 and the number of the signal that ended it."""
        return int(self.wait_for(r"its code: (\d+)\n")[1])

    # ---- acting

    def type(self, letters):
        self._tmux("send-keys", "-l", letters)

    def press(self, *keys):
        """Such as Enter, Escape, Up, BTab, C-c."""
        self._tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def pid(self):
        """Of the command, which the terminal's shell waits for."""
        shell = self.told("pane_pid")
        return int(pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])
