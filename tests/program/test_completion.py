"""completion: scripts that the shells take and that know every command."""

import shutil
import subprocess
import unittest

from harness import Program


class Completion(Program):
    def script(self, shell):
        done = self.run_relay("completion", shell)
        self.assert_succeeds(done, "cc-relay")
        return self.write(f"completion.{shell}", done.stdout)

    def run_shell(self, *words):
        done = subprocess.run([*map(str, words)], cwd=self.folder, capture_output=True, text=True, env=self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def needs(self, shell):
        if not shutil.which(shell):
            raise unittest.SkipTest(f"{shell} is not installed")

    def test_bash_takes_it(self):
        self.run_shell("bash", "-n", str(self.script("bash")))

    def test_zsh_takes_it(self):
        script = self.script("zsh")
        self.needs("zsh")
        self.run_shell("zsh", "-n", str(script))

    def test_fish_takes_it(self):
        script = self.script("fish")
        self.needs("fish")
        self.run_shell("fish", "-n", str(script))

    def test_bash_completes(self):
        ask = (
            'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
            '_cc_relay; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        script = self.script("bash")
        self.assert_completes(lambda words: self.run_shell("bash", "-c", ask, "", script, *words))

    def test_zsh_completes(self):
        # What the shell's own functions would show is printed instead; they filter by beginning.
        ask = (
            'compdef() { : }; _files() { : }; compadd() { shift; print -l -- "$@" }; '
            '_describe() { print -l -- "${(@P)2%%:*}" }; '
            'source "$1"; shift; words=("$@"); CURRENT=$#; _cc_relay'
        )
        script = self.script("zsh")
        self.needs("zsh")

        def complete(words):
            offered = self.run_shell("zsh", "-f", "-c", ask, "", script, *words).split()
            return " ".join(word for word in offered if word.startswith(words[-1]))

        self.assert_completes(complete)

    def test_fish_completes(self):
        script = self.script("fish")
        self.needs("fish")

        def complete(words):
            line = " ".join(words)
            shown = self.run_shell("fish", "-c", f"source {script}; complete -C '{line}'")
            return " ".join(each.split("\t")[0] for each in shown.splitlines())

        self.assert_completes(complete)

    def assert_completes(self, complete):
        """`complete` gives what a shell offers for the last of some words."""

        def offered(*words):
            return sorted(complete(["cc-relay", *words]).split())

        self.assertEqual(offered("st"), ["status"])
        self.assertEqual(offered("config", "sh"), ["show"])
        self.assertEqual(offered("config", "cc", "r"), ["remove"])
        self.assertEqual(offered("config", "check", "--h"), ["--help"])
        self.assertEqual(offered("serve", "--log-"), ["--log-format", "--log-level"])
        self.assertEqual(offered("serve", "--log-format", ""), ["json", "text"])
        self.assertEqual(offered("--config", "x.toml", "ver"), ["version"])
        # What stands behind it is a file, not a command; shells have their own words for that.
        for option in ("--config", "-c"):
            self.assertNotIn("serve", offered(option, "se"))
            self.assertEqual(offered(option, "x.toml", "ver"), ["version"])
        self.assertEqual(offered("completion", "b"), ["bash"])
        self.assertEqual(offered("status", "--u"), ["--url"])
        self.assertEqual(offered("reload", "--tok"), ["--token-file"])
        self.assertEqual(offered("config", "show", "--u"), [])
        self.assertEqual(offered("he"), ["help"])
        self.assertEqual(offered("help", "st"), ["status"])
        self.assertEqual(offered("help", "config", "cc", "r"), ["remove"])
        self.assertEqual(offered("conformance", "--s"), ["--self", "--skip", "--slow"])
        self.assertEqual(offered("conformance", "--format", "b"), ["bedrock"])
        for word in ("claude", "codex", "gemini"):
            self.assertEqual(offered(word, "--"), [])

    def test_every_shell_knows_every_command_and_option(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.script(shell).read_text()
            for word in ("serve", "validate", "check", "remove", "completion", "proxy-url", "demo"):
                with self.subTest(f"{shell} {word}"):
                    self.assertIn(word, text)
