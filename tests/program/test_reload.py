"""The configuration is read again when it changes, and when somebody asks for it."""

import json
import os
import re
import shutil
import signal
import sqlite3
import threading

import harness
from harness import Program
from provider import FakeProvider
from serving import Serving, config, reserved_port

TEXT = 'format = "text"\n'
DEBUG = TEXT + "[routing]\ndebug = true"
TAKEN = r"reloaded: .*routing\.debug: false → true"


class Reload(Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)
        self.before = config(self.provider, more=TEXT)
        self.after = config(self.provider, more=DEBUG)
        self.file = self.write("conf/relay.toml", self.before)

    def serving(self, *arguments, **options):
        return Serving(self, "--config", self.file, *arguments, **options)

    def command(self, *arguments, file=None):
        return self.run_relay(
            "reload", "--config", file or self.file, *arguments, env={"PROVIDER_KEY": harness.PROVIDER_KEY}
        )


class WaysOfWriting(Reload):
    """Each leads from the file as it was to the file as it shall be."""

    def check(self, write):
        relay = self.serving()
        self.assertNotIn("x-cc-relay-provider", relay.ask().headers)
        write()
        relay.stdout.wait_for(TAKEN)
        self.assertIn("x-cc-relay-provider", relay.ask().headers)
        self.assertNotIn("reload_failed", relay.stdout.text)

    def put_beside(self, name, text):
        return self.write(self.file.parent / name, text)

    def test_in_place(self):
        self.check(lambda: self.file.write_text(self.after))

    def test_in_small_pieces(self):
        def write():
            with open(self.file, "w", buffering=1) as out:
                for line in self.after.splitlines(keepends=True):
                    out.write(line)

        self.check(write)

    def test_renamed_over(self):
        self.check(lambda: os.replace(self.put_beside(".relay.toml.swp", self.after), self.file))

    def test_moved_aside_and_written_anew(self):
        def write():
            os.rename(self.file, str(self.file) + "~")
            self.file.write_text(self.after)
            os.unlink(str(self.file) + "~")

        self.check(write)

    def test_deleted_and_written_anew(self):
        def write():
            self.file.unlink()
            self.file.write_text(self.after)

        self.check(write)

    def test_copied_over_with_its_times(self):
        source = self.put_beside("other.toml", self.after)
        self.check(lambda: shutil.copy2(source, self.file))

    def test_a_volume_of_kubernetes(self):
        folder = self.file.parent
        self.file.unlink()
        self.put_beside("..2026_1/relay.toml", self.before)
        self.put_beside("..2026_2/relay.toml", self.after)
        os.symlink("..2026_1", folder / "..data")
        os.symlink("..data/relay.toml", self.file)

        def write():
            os.symlink("..2026_2", folder / "..data_tmp")
            os.rename(folder / "..data_tmp", folder / "..data")
            shutil.rmtree(folder / "..2026_1")

        self.check(write)

    def test_a_link_into_another_folder(self):
        real = self.write("dotfiles/relay.toml", self.before)
        self.file.unlink()
        os.symlink("../dotfiles/relay.toml", self.file)
        self.check(lambda: real.write_text(self.after))

    def test_a_folder_that_is_a_link(self):
        self.write("releases/1/relay.toml", self.before)
        self.write("releases/2/relay.toml", self.after)
        current = self.folder / "current"
        os.symlink("releases/1", current)
        self.file = current / "relay.toml"

        def write():
            os.symlink("releases/2", str(current) + ".new")
            os.rename(str(current) + ".new", current)

        self.check(write)

    def test_a_relative_path(self):
        path, self.file = self.file, self.file.relative_to(self.folder)
        self.check(lambda: path.write_text(self.after))

    def test_a_secret_in_a_file_of_its_own(self):
        key = self.write("key", "sk-canary-provider-3f7a51c09e")
        text = self.before.replace("${PROVIDER_KEY}", f"${{file:{key}}}")
        self.file.write_text(text)
        relay = self.serving()
        relay.ask()
        os.replace(self.write("key.new", harness.RELAY_KEY + "\n"), key)
        relay.stdout.wait_for(r"reloaded: .*providers\.fake\.keys: \+1 -1")
        relay.ask()
        self.assertEqual(self.provider.credentials, [harness.PROVIDER_KEY, harness.RELAY_KEY])

    def test_a_file_that_is_named_later_is_watched_from_then_on(self):
        relay = self.serving()
        key = self.write("key", harness.PROVIDER_KEY)
        self.file.write_text(self.before.replace("${PROVIDER_KEY}", f"${{file:{key}}}"))
        relay.stdout.wait_for("reloaded")
        key.write_text(harness.RELAY_KEY)
        relay.stdout.wait_for(r"reloaded: .*providers\.fake\.keys: \+1 -1")


class Mistakes(Reload):
    def test_every_mistake_is_named_with_line_and_key_and_can_be_taken_back(self):
        relay = self.serving()
        mistakes = (
            ("strategy = 7", "routing.strategy"),
            ('strategy = "fastest"', "routing.strategy"),
            ("colour = 1", "routing.colour"),
            ("max_attempts = 0", "routing.max_attempts"),
            ("debug = yes", ""),
            ('affinity = "${MISSING_VARIABLE}"', "routing.affinity"),
            ('affinity = "${file:/nowhere}"', "routing.affinity"),
        )
        for wrong, key in mistakes:
            with self.subTest(wrong):
                text = config(self.provider, more=TEXT + "[routing]\n" + wrong)
                line = text.splitlines().index(wrong) + 1
                self.file.write_text(text)
                place = re.escape(f"{self.file}:{line}:")
                found = rf"error reload_failed: the old configuration stays in use: {place}\d+: {re.escape(key)}"
                relay.stdout.wait_for(found)
                self.assertEqual(relay.ask().status, 200)
                rejected = relay.get("/v1/providers").json["relay"]["rejected"]
                self.assertRegex(rejected["mistakes"], place)
                self.assertIn(f"{self.file}:{line}:", self.status())
                self.file.write_text(self.before)
                relay.stdout.wait_for(rf"{found}[\s\S]*reloaded: [^\n]* nothing in it has changed")
                self.assertNotIn("rejected", relay.get("/v1/providers").json["relay"])
                self.assertNotIn("stays in use", self.status())
                relay = self.anew(relay)

    def anew(self, relay):
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        return self.serving()

    def status(self):
        return self.run_relay("status", "--config", self.file, env={"PROVIDER_KEY": "x"}).stdout

    def test_two_mistakes_are_both_told(self):
        relay = self.serving()
        self.file.write_text(
            config(self.provider, more=TEXT + "[routing]\ncolour = 1\n[stream]\nsound = 2")
        )
        relay.stdout.wait_for(r"reload_failed: .*routing\.colour.*stream\.sound")
        place = re.escape(f"{self.file}:")
        self.assertRegex(
            self.status(),
            rf"(?m)^  the one of before stays in use, as of \S+Z: {place}\d+:1: routing\.colour is .*\n"
            rf"  {place}\d+:1: stream\.sound is .*\nPROVIDER ",
        )


class Asking(Reload):
    def test_the_command_tells_what_has_changed(self):
        relay = self.serving()
        self.assert_ends(
            self.command(),
            0,
            stdout=f"{self.file} was read again\n  nothing in it has changed\n",
        )
        self.file.write_text(self.after.replace("[server]", "[server]\nworkers = 2"))
        done = self.command()
        self.assertEqual((done.code, done.stderr), (0, ""))
        # The relay may have seen the file itself a moment before.
        self.assertRegex(
            done.stdout,
            rf"^{self.file} was read again\n  (server\.workers: 1 → 2\n  routing\.debug: false → true|"
            r"nothing in it has changed)\nneeds a restart: server\.workers\n$",
        )
        relay.stdout.wait_for(r"warn  reloaded: .*what changed in server\.workers is in force after a restart")

    def test_a_bad_file_is_exit_code_1_and_the_mistakes(self):
        self.serving()
        self.file.write_text(self.before + "colour = 1\n")
        done = self.command()
        self.assert_fails(
            done,
            1,
            rf"^cc-relay: {self.file}:\d+:1: logging\.colour is unknown[^\n]*\n"
            r"cc-relay: the old configuration stays in use\n$",
        )

    def test_with_a_management_and_without_the_words_are_the_same(self):
        changed = "  routing.debug: false → true\n  providers.fake.keys: +1 -0\n"
        for number, socket in enumerate(("auto", "")):
            with self.subTest(socket):
                text = config(self.provider, more=TEXT + f'[manage]\nsocket = "{socket}"\n')
                text = text.replace("[server]", "[server]\nwatch_config = false")
                self.file = self.write(f"conf/{number}.toml", text)
                relay = self.serving()
                more = '[[providers.keys]]\nkey = "${ANOTHER_KEY}"\n[logging]'
                text = text.replace("[logging]", more) + "[routing]\ndebug = true\n"
                self.file.write_text(text.replace("${ANOTHER_KEY}", "sk-another"))
                self.assert_ends(
                    self.command(), 0, stdout=f"{self.file} was read again\n{changed}"
                )
                self.assertIn("x-cc-relay-provider", relay.ask().headers)
                by_management = r"managed: uid:\d+ asked for a reload"
                if socket:
                    relay.stdout.wait_for(by_management)
                self.file.write_text(text.replace("debug = true", "debug = yes"))
                done = self.command()
                self.assert_fails(
                    done,
                    1,
                    rf"^cc-relay: {self.file}:\d+:\d+: [^\n]*\ncc-relay: the old configuration stays in use\n$",
                )
                relay.signal(signal.SIGTERM)
                relay.process.wait()
                self.assertEqual(bool(re.search(by_management, relay.stdout.all())), bool(socket))

    def test_its_own_user_needs_no_key_of_the_relay(self):
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        socket = f'[manage]\nsocket = "{self.folder}/manage.sock"\n'
        auth = f'[server.auth]\napi_key = "{harness.RELAY_KEY}"\n'
        self.file.write_text(self.before + auth + socket)
        relay = self.serving(env={"XDG_RUNTIME_DIR": str(elsewhere)})
        asks = self.write("asks.toml", f'[server]\nlisten = "{relay.address}"\n')
        self.assert_fails(self.command(file=asks), 1, "can't show that it is yours|answered 401")
        asks.write_text(asks.read_text() + socket)
        self.assert_ends(
            self.command(file=asks), 0, stdout=f"{self.file} was read again\n  nothing in it has changed\n"
        )

    def test_a_socket_of_a_relay_at_another_address_is_not_asked(self):
        socket = f'[manage]\nsocket = "{self.folder}/manage.sock"\n'
        self.file.write_text(self.before + socket)
        other = self.serving()
        listen = f'[server]\nlisten = "127.0.0.1:{reserved_port(self)}"\n'
        done = self.command(file=self.write("asks.toml", listen + socket))
        self.assert_fails(done, 1, "^cc-relay: no relay answers: ")
        other.signal(signal.SIGTERM)
        other.process.wait()
        self.assertNotIn("managed", other.stdout.all())

    def test_no_relay_is_exit_code_1(self):
        file = self.write("none.toml", config(None, listen=f"127.0.0.1:{reserved_port(self)}"))
        self.assert_fails(self.command(file=file), 1, "^cc-relay: no relay answers: ")

    def test_a_relay_that_asks_for_a_key_gets_it(self):
        self.file.write_text(
            self.before + f'[server.auth]\napi_key = "{harness.RELAY_KEY}"\n'
        )
        relay = self.serving()
        done = self.command()
        self.assertEqual(done.code, 0, done)
        self.assertEqual(relay.ask_reload().status, 401)
        self.assertEqual(relay.ask_reload(**{"x-api-key": "wrong"}).status, 401)
        self.assertEqual(relay.ask_reload(**{"x-api-key": harness.RELAY_KEY}).status, 200)
        self.assertEqual(
            relay.ask_reload(**{"x-api-key": harness.RELAY_KEY, "Origin": "http://localhost"}).status, 403
        )

    def test_by_a_unix_socket(self):
        socket = self.folder / "relay.sock"
        self.file.write_text(config(self.provider, listen=f"unix:{socket}", more=TEXT))
        relay = self.start("serve", "--config", self.file, env={"PROVIDER_KEY": harness.PROVIDER_KEY})
        relay.stderr.wait_for("listening on ")
        self.assertEqual(self.command().code, 0)

    def test_what_is_answered_to_a_bad_file(self):
        relay = self.serving()
        self.file.write_text(self.before + "colour = 1\n")
        answer = relay.ask_reload()
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.json["error"]["message"], "the old configuration stays in use")
        (mistake,) = answer.json["mistakes"]
        self.assertRegex(mistake, rf"^{self.file}:\d+:1: logging\.colour is unknown")

    def test_a_file_of_the_usual_place_that_is_gone_is_not_replaced_by_the_defaults(self):
        file = self.configure(self.before)
        relay = Serving(self)
        file.unlink()
        relay.signal(signal.SIGHUP)
        relay.stdout.wait_for("reload_failed: the old configuration stays in use: ")
        self.assertEqual(relay.ask().status, 200)


class LedgerPlace(Reload):
    def text(self, path, more=""):
        return config(self.provider, more=TEXT + f'[ledger]\npath = "{path}"\n{more}')

    def requests_in(self, path):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return database.execute("SELECT count(*) FROM requests").fetchone()[0]

    def test_another_path_is_in_force_at_once(self):
        first, second = self.folder / "one.db", self.folder / "two.db"
        self.file.write_text(self.text(first))
        relay = self.serving()
        relay.ask()
        self.file.write_text(self.text(second))
        relay.stdout.wait_for(rf"reloaded: [^\n]*ledger\.path: {first} → {second} took_ms")
        relay.stdout.wait_for(f"ledger: the ledger is now {second}; {first} is closed")
        self.assertEqual(self.requests_in(first), 1)
        relay.ask()
        relay.ask()
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        self.assertNotIn("restart", relay.stdout.all())
        self.assertEqual((self.requests_in(first), self.requests_in(second)), (1, 2))
        usage = self.run_relay("usage", "--config", self.file, "--json", env={"PROVIDER_KEY": "x"})
        self.assertEqual(json.loads(usage.stdout)["totals"]["requests"], 2)

    def test_one_that_is_required_and_cannot_be_written_is_a_mistake(self):
        good = self.folder / "one.db"
        self.file.write_text(self.text(good, "required = true"))
        relay = self.serving()
        self.file.write_text(self.text(self.folder, "required = true"))
        answer = relay.ask_reload()
        self.assertEqual(answer.status, 422)
        self.assertRegex(answer.json["mistakes"][0], r"the ledger is required .*ledger\.path")
        self.assertEqual(relay.ask().status, 200)
        self.file.write_text(self.text(good, "required = true"))
        relay.stdout.wait_for("nothing in it has changed")

    def test_whether_there_is_one_needs_a_restart(self):
        relay = self.serving()
        self.file.write_text(config(self.provider, more=TEXT + "[ledger]\nenabled = false"))
        relay.stdout.wait_for(r"reloaded: .*; what changed in ledger\.enabled is in force after a restart")


class Streams(Reload):
    def test_a_hundred_reloads_change_no_byte_of_a_stream_that_runs(self):
        reloads, streams = 100, 6
        allowed, moved = [0], threading.Condition()

        def before_delta(number):
            with moved:
                moved.wait_for(lambda: allowed[0] > number)

        def allow(count):
            with moved:
                allowed[0] = count
                moved.notify_all()

        self.addCleanup(allow, 10 * reloads)
        self.provider.deltas = reloads
        self.provider.before_delta = before_delta
        self.provider.release.set()
        self.file.write_text(self.before.replace("[server]", "[server]\nworkers = 2"))
        relay = self.serving()
        good = [self.file.read_text(), self.file.read_text() + "[routing]\ndebug = true\n"]
        bad = [good[0] + "colour = 1\n", good[0].replace('"anthropic"', '"none"'), "half ["]
        running = [relay.stream() for _ in range(streams)]
        seen = []
        for number in range(reloads):
            is_bad = number % 4 == 3
            text = bad[number // 4 % 3] if is_bad else good[number % 2]
            os.replace(self.write("conf/new", text), self.file)
            answer = relay.ask_reload()
            seen.append(answer.status)
            self.assertEqual(answer.status, 422 if is_bad else 200, answer.text)
            allow(number + 1)
        self.assertEqual(seen.count(422), 25)
        for stream in running:
            self.assertEqual(stream.read()[-1], "message_stop")
        expected = self.provider.start + reloads * FakeProvider.delta + self.provider.stop
        for stream in running:
            self.assertEqual(stream.text, expected.decode())
        self.assertEqual(self.provider.gone.qsize(), 0)
