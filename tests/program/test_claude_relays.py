"""claude: which relay is used, and when one that was started for it ends."""

import json
import os
import signal
import threading

from claude_program import ClaudeProgram
from harness import PROVIDER_KEY, RELAY_KEY
from provider import FakeProvider
from serving import Serving, config


class Stranger(FakeProvider):
    """Another program on the port, which says that it is well."""

    def __init__(self, test, name="another"):
        super().__init__(test)
        self.hello = name
        self.asked = []
        handler = self._server.RequestHandlerClass
        outer = self

        def do_get(this):
            outer.asked.append((this.path, this.headers.get("authorization")))
            hello = json.dumps({"name": outer.hello, "version": "0\x1b[31m", "proofs": ["00" * 32]})
            text = '{"status":"ok"}' if this.path == "/health" else hello
            this._reply(200, "application/json", text.encode())

        handler.do_GET = do_get
        handler.server_version = "Stranger\x1b[31m"

    @property
    def secrets(self):
        return [login for _, login in self.asked if login]


class ClaudeRelays(ClaudeProgram):
    def waiting(self, **options):
        process = self.start("claude", "wait", **options)
        process.stdout.wait_for("waiting\n")
        return process

    def test_the_relay_stays_until_the_last_of_two_has_gone(self):
        for end in (signal.SIGTERM, signal.SIGKILL):
            for order in ((0, 1), (1, 0)):
                with self.subTest(end=end, order=order):
                    both = [self.waiting(), self.waiting()]
                    file, written = self.started()
                    both[order[0]].signal(end)
                    both[order[0]].wait()
                    self.assertEqual(self.run_relay("claude").code, 7)  # a third one, meanwhile
                    self.assertEqual(self.told()["status"], 200)
                    self.assertEqual(self.started()[1], written)
                    both[order[1]].signal(end)
                    both[order[1]].wait()
                    self.wait_for_end(file)
                    self.assert_no_relay()
        self.assertEqual(set(self.provider.seen), {(PROVIDER_KEY, None)})

    def test_the_relay_outlives_the_terminal_of_the_first(self):
        first = self.waiting(start_new_session=True)
        second = self.waiting()
        os.killpg(first.pid, signal.SIGHUP)
        first.wait()
        self.assertTrue(self.is_relay_there())
        second.signal(signal.SIGTERM)
        self.assertEqual(second.wait(), 9)
        self.assert_no_relay()

    def test_two_that_begin_at_once_share_one_relay(self):
        both = [self.start("claude", "wait") for _ in range(2)]
        for process in both:
            process.stdout.wait_for("waiting\n")
        self.started()  # one
        for process in both:
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 9)
        self.assert_no_relay()

    def test_one_that_begins_while_the_relay_ends_gets_another(self):
        for _ in range(3):
            first = self.waiting()
            killer = threading.Thread(target=lambda: first.signal(signal.SIGTERM))
            killer.start()
            self.assertEqual(self.run_relay("claude").code, 7)
            self.assertEqual(self.told()["status"], 200)
            killer.join()
            first.wait()

    def test_claude_ends_with_its_cc_relay(self):
        process = self.waiting()
        file, _ = self.started()
        process.kill()
        # Standard output is Claude Code's; it is closed when that one has gone.
        process.stdout.all()
        self.wait_for_end(file)
        self.assert_no_relay()

    def test_nothing_is_left_behind(self):
        self.run_relay("claude")
        left = {each.name for each in (self.runtime / "cc-relay").iterdir()}
        self.assertEqual(left, {"start", "files"})

    def test_a_stranger_on_the_port_gets_nothing(self):
        stranger = Stranger(self)
        self.file.write_text(
            config(self.provider, listen=f"127.0.0.1:{stranger.port}")
            + f'[server.auth]\napi_key = "{RELAY_KEY}"\n'
        )
        place = f"127.0.0.1:{stranger.port}"
        words = rf"{place}: what answers there is not cc-relay \(it answered 200, by the name of "
        for command in (["claude"], ["config", "cc", "init"]):
            done = self.run_relay(*command)
            self.assert_fails(done, 1, rf"\Acc-relay: {words}\"Stranger\\x1b\[31m ")
            self.assertNotIn("\x1b", done.stderr)
        done = self.run_relay("status")
        self.assertEqual(done.code, 1)
        self.assertNotIn("\x1b", done.stdout)
        self.assertEqual((stranger.secrets, stranger.seen), ([], []))
        self.assertFalse((self.home / "told.json").exists())
        self.assertFalse((self.home / ".claude").exists())

    def test_who_only_calls_itself_a_relay_is_refused_with_a_hint(self):
        stranger = Stranger(self, "cc-relay")
        self.file.write_text(
            config(self.provider, listen=f"127.0.0.1:{stranger.port}")
            + f'[server.auth]\napi_key = "{RELAY_KEY}"\n'
        )
        hint = rf"--url http://127.0.0.1:{stranger.port}\n\Z"
        self.assert_fails(self.run_relay("claude"), 1, hint)
        self.assert_fails(self.run_relay("config", "cc", "init"), 1, hint)
        done = self.run_relay("status")
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertEqual((stranger.secrets, stranger.seen), ([], []))

    def test_a_question_passed_on_to_the_relay_proves_nothing(self):
        relay = Serving(self, "--config", self.file)
        stranger = Stranger(self, "cc-relay")

        def passed_on(this):
            answer = relay.get(this.path)
            this._reply(answer.status, "application/json", answer.text.encode())

        stranger._server.RequestHandlerClass.do_GET = passed_on
        file = self.write("other.toml", config(self.provider, listen=f"127.0.0.1:{stranger.port}"))
        done = self.run_relay("--config", file, "claude")
        self.assert_fails(done, 1, "can't show that it is yours")
        self.assertEqual(stranger.seen, [])

    def test_a_relay_with_a_token_is_known_by_it(self):
        text = config(self.provider, listen=self.address)
        self.file.write_text(text + f'[server.auth]\napi_key = "{RELAY_KEY}"\n')
        # As another user's: what it writes down of itself is elsewhere.
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        Serving(self, "--config", self.file, env={"XDG_RUNTIME_DIR": str(elsewhere)})
        self.assert_ends(self.run_relay("claude"), 7, stdout="hello from claude\n")
        self.assertEqual(self.told()["env"]["ANTHROPIC_AUTH_TOKEN"], RELAY_KEY)
        self.assertEqual(self.provider.seen, [(PROVIDER_KEY, None)])

    def test_another_users_open_relay_must_be_named(self):
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        Serving(self, "--config", self.file, env={"XDG_RUNTIME_DIR": str(elsewhere)})
        self.assert_fails(self.run_relay("claude"), 1, rf"name it: --url {self.url}\n")
        self.assertEqual(self.provider.seen, [])
        for option in (["--url", self.url], [f"--url={self.url}/"]):
            self.assert_ends(self.run_relay(*option, "claude"), 7, stdout="hello from claude\n")
            self.assertEqual(self.told()["settings"]["env"]["ANTHROPIC_BASE_URL"], self.url)
        self.assertEqual(self.provider.seen, [(PROVIDER_KEY, None)] * 2)

    def test_a_relay_that_listens_elsewhere_is_found(self):
        relay = Serving(self, "--config", self.file, "--listen", "127.0.0.1:0")
        self.assert_ends(self.run_relay("claude"), 7, stdout="hello from claude\n")
        self.assertEqual(self.told()["env"]["ANTHROPIC_BASE_URL"], relay.url)
        self.assertIn(relay.address, self.run_relay("status").stdout)
        self.assert_succeeds(self.run_relay("config", "cc", "init"), relay.url)
        self.assertEqual(self.provider.seen, [(PROVIDER_KEY, None)])

    def test_what_a_relay_has_left_behind_is_not_believed(self):
        relay = Serving(self, "--config", self.file, "--listen", "127.0.0.1:0")
        file, _ = self.started()
        relay.signal(signal.SIGKILL)
        relay.process.wait()
        self.assertTrue(file.exists())
        done = self.run_relay("status")
        self.assertIn(self.address, done.stdout)
        self.assertFalse(file.exists())

    def test_a_named_relay_is_never_started(self):
        done = self.run_relay("--url", self.url, "claude")
        self.assert_fails(done, 1, rf"\Acc-relay: {self.url}: Connection refused\n\Z")

    def test_a_token_in_a_file(self):
        text = config(self.provider, listen=self.address)
        other = self.write("other.toml", text + f'[server.auth]\napi_key = "{RELAY_KEY}"\n')
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        Serving(self, "--config", other, env={"XDG_RUNTIME_DIR": str(elsewhere)})
        url = ["--url", self.url]
        self.assert_fails(self.run_relay(*url, "claude"), 1, "asks for a token; give it with --token")
        token = self.write("token", RELAY_KEY + "\n")
        done = self.run_relay(*url, "--token-file", token, "claude")
        self.assert_ends(done, 7, stdout="hello from claude\n")
        self.assertEqual(self.provider.seen, [(PROVIDER_KEY, None)])
        empty, words = self.write("empty", ""), self.write("words", "no such token\n")
        for file, why in (
            (self.scratch / "nowhere", "can't be read: No such file or directory"),
            (self.scratch, "can't be read: Is a directory"),
            (empty, "is empty"),
            (words, "has more in it than a token"),
        ):
            done = self.run_relay(*url, "--token-file", file, "claude")
            self.assert_fails(done, 1, f"--token-file {file} {why}")
            self.assertNotIn("no such token", done.stderr)
        wrong = self.write("wrong", "another\n")
        self.assert_fails(
            self.run_relay(*url, "--token-file", wrong, "claude"), 1, "does not take this token"
        )

    def test_a_file_that_was_broken_since_is_no_obstacle_to_asking(self):
        relay = Serving(self, "--config", self.file)
        for text in ("nonsense", '[server]\nlisten = "${UNSET}"\n', "[server]\nlisten = 4\n"):
            with self.subTest(text):
                self.file.write_text(text)
                done = self.run_relay("status")
                self.assertEqual(done.code, 0, done)
                self.assertIn(relay.address, done.stdout)
                self.assert_ends(self.run_relay("claude"), 7, stdout="hello from claude\n")
                self.assertEqual(self.told()["status"], 200)
        self.assertEqual(self.provider.seen, [(PROVIDER_KEY, None)] * 3)

    def test_status_asks_a_named_relay_with_the_token_of_a_file(self):
        text = config(self.provider, listen=self.address)
        other = self.write("other.toml", text + f'[server.auth]\napi_key = "{RELAY_KEY}"\n')
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        Serving(self, "--config", other, env={"XDG_RUNTIME_DIR": str(elsewhere)})
        self.file.unlink()
        token = self.write("token", RELAY_KEY + "\n")
        done = self.run_relay("status", "--json", "--url", self.url, "--token-file", token)
        self.assertEqual(done.code, 0, done)
        self.assertEqual([each["name"] for each in json.loads(done.stdout)["providers"]], ["fake"])
        done = self.run_relay("serve", "--url", self.url)
        self.assert_fails(done, 2, r"\Acc-relay: --url is for commands that ask a running relay")

    def test_a_relay_that_lets_in_by_a_login_alone_gets_the_login(self):
        self.file.write_text(
            f'[server]\nlisten = "{self.address}"\n[server.auth]\nallow_subscription = true\n'
            '[[providers]]\nname = "a"\ntype = "anthropic"\ncredentials = "passthrough"\n'
            f'base_url = "{self.provider.url}"\n'
        )
        login = {"claudeAiOauth": {"accessToken": "sk-ant-oat01-own"}}
        self.write(self.home / ".claude/.credentials.json", json.dumps(login))
        self.assert_ends(self.run_relay("claude"), 7, stdout="hello from claude\n")
        self.assertEqual(self.provider.seen, [(None, "Bearer sk-ant-oat01-own")])

    def test_without_a_folder_of_the_session_one_at_home_does(self):
        del self.env["XDG_RUNTIME_DIR"]
        both = [self.waiting(), self.waiting()]
        state = self.home / ".local/state/cc-relay/run"
        (file,) = state.glob("relay-*.json")
        self.assertEqual(json.loads(file.read_text())["client_token"], "")
        self.assertEqual(state.stat().st_mode & 0o777, 0o700)
        for process in both:
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 9)
        self.assert_no_relay()

    def test_a_folder_that_others_may_write_to_is_not_used(self):
        self.runtime.chmod(0o777)
        self.assert_ends(self.run_relay("claude"), 7, stdout="hello from claude\n")
        self.assertEqual(list(self.runtime.iterdir()), [])
