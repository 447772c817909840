"""What serve says when it cannot serve. The log goes to standard output, so that stays empty."""

import os

from harness import PROVIDER_KEY, Program
from serving import Serving, busy_port, config


class ServeErrors(Program):
    def test_a_port_in_use_is_said_with_who_holds_it(self):
        port = busy_port(self)
        with open("/proc/self/comm") as comm:
            holder = f"{comm.read().strip()} (pid {os.getpid()})"
        self.assert_ends(
            self.run_relay("serve", "--demo", "--listen", f"127.0.0.1:{port}"),
            1,
            stderr=f"cc-relay: cannot listen on 127.0.0.1:{port}: the port is in use by {holder}; "
            "stop that program or choose another port with server.listen or --listen\n",
        )

    def test_a_second_relay_on_the_port_of_the_first_is_refused(self):
        first = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        for workers in (1, 2):
            with self.subTest(workers):
                file = self.write("relay.toml", f"[server]\nworkers = {workers}\n")
                self.assert_fails(
                    self.run_relay("serve", "--demo", "--config", file, "--listen", first.address),
                    1,
                    rf"\Acc-relay: cannot listen on {first.address}: the port is in use by \S+ "
                    rf"\(pid {first.process.pid}\); ",
                )
        self.assertEqual(first.ask().status, 200)

    def test_a_demo_without_descriptors_for_its_loop_says_so(self):
        # Enough for all before it, and for a sanitizer; a loop takes more than that leaves.
        eight = ("sh", "-c", 'ulimit -n 8 && exec "$@"', "sh")
        self.assert_ends(
            self.run_relay("serve", "--demo", "--listen", "127.0.0.1:0", through=eight),
            1,
            stderr="cc-relay: the demo's provider could not be started: too many open files\n",
        )

    def test_a_listen_address_that_is_none(self):
        for listen in ("nonsense", "127.0.0.1", "127.0.0.1:99999", "::1:80"):
            with self.subTest(listen):
                self.assert_ends(
                    self.run_relay("serve", "--demo", "--listen", listen),
                    1,
                    stderr=f'cc-relay: server.listen "{listen}" is not an address to listen on; '
                    "write host:port, [v6]:port or :port, with a port from 0 to 65535, or unix:/path\n",
                )

    def test_a_listen_address_of_the_command_line_is_at_no_line_of_the_file(self):
        file = self.write("relay.toml", '[server]\nlisten = "127.0.0.1:0"\n')
        for listen, what in (("nonsense", "is not an address"), (":0", "can be reached")):
            with self.subTest(listen):
                self.assert_fails(
                    self.run_relay("serve", "--demo", "--config", file, "--listen", listen),
                    1,
                    rf'\Acc-relay: server.listen "{listen}" {what}[^\n]*\n\Z',
                )

    def test_no_place_for_a_ledger_is_said_with_what_would_be_one(self):
        env = {"HOME": "", "XDG_STATE_HOME": "", "STATE_DIRECTORY": ""}
        self.assert_fails(
            self.run_relay("serve", "--demo", "--listen", "127.0.0.1:0", env=env),
            1,
            "no place for the ledger, because neither HOME nor XDG_STATE_HOME nor STATE_DIRECTORY "
            "is set: set one of them, or ledger.path",
        )

    def test_an_empty_listen_address_is_not_taken_for_none(self):
        self.assert_fails(self.run_relay("serve", "--demo", "--listen", ""), 2, "--listen")

    def test_an_address_of_another_machine(self):
        # 192.0.2.0/24 is for documentation (RFC 5737).
        file = self.write("relay.toml", '[server.auth]\napi_key = "k"\n')
        self.assert_ends(
            self.run_relay("serve", "--demo", "--config", file, "--listen", "192.0.2.1:8787"),
            1,
            stderr="cc-relay: cannot listen on 192.0.2.1:8787: Cannot assign requested address\n",
        )

    def test_a_public_address_needs_to_know_who_may_use_it(self):
        for listen in (":0", "0.0.0.0:0", "[::]:0"):
            with self.subTest(listen):
                self.assert_fails(
                    self.run_relay("serve", "--demo", "--listen", listen),
                    1,
                    r'\Acc-relay: server.listen ".*" can be reached from other machines, and '
                    r"nothing says who may use it; set server.auth.api_key \(or another of "
                    r"server.auth\), listen on 127.0.0.1, or set "
                    r"server.allow_public_without_auth = true\n\Z",
                )

    def test_a_public_address_with_a_key_for_its_users(self):
        file = self.write("relay.toml", '[server.auth]\napi_key = "k"\n')
        relay = Serving(self, "--demo", "--config", file, "--listen", "0.0.0.0:0")
        self.assertEqual(relay.host, "0.0.0.0")

    def test_every_mistake_of_a_configuration_is_listed_with_its_place(self):
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "nonsense"\nworkers = 0\nlisen = 1\n'
            '[[providers]]\nname = "a"\ntype = "anthropicc"\n'
            '[[providers.keys]]\nkey = "${NOT_SET}"\n',
        )
        done = self.run_relay("serve", "--config", file)
        self.assert_fails(done, 1, r"\Acc-relay: ")
        places = [line.removeprefix("cc-relay: ").split(": ")[0] for line in done.stderr.splitlines()]
        self.assertEqual(places, [f"{file}:{at}" for at in ("2:10", "3:11", "4:1", "7:8", "9:7")])
        self.assertIn('did you mean "anthropic"?', done.stderr)
        self.assertIn('did you mean "listen"?', done.stderr)

    def test_what_was_hardly_meant_is_said_at_the_start(self):
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "127.0.0.1:0"\n[[providers]]\nname = "a"\ntype = "ollama"\n'
            'base_url = "http://127.0.0.1:1/v1"\n[[providers]]\nname = "b"\ntype = "anthropic"\n',
        )
        relay = Serving(self, "--config", file)
        said = relay.stderr.wait_for(r"(?s)\A.*without key:.*\n").string
        self.assertRegex(said, r'\Acc-relay: warning: providers\[0\]\.base_url ".*" has "/v1" at')
        self.assertIn(
            f"  configuration: {file}\n"
            "  without key:   a (needs none), b (clients' own logins go there)\n",
            said,
        )

    def test_a_configuration_that_is_not_there(self):
        self.assert_fails(
            self.run_relay("serve", "--config", "missing.toml"),
            1,
            r"\Acc-relay: configuration file missing.toml does not exist; ",
        )
        self.assert_fails(
            self.run_relay("serve", env={"CC_RELAY_CONFIG": "missing.toml"}),
            1,
            r"\Acc-relay: configuration file missing.toml, named by CC_RELAY_CONFIG, does not ",
        )

    def test_a_mistake_in_the_environment_does_not_show_the_key(self):
        file = self.write("relay.toml", config(None))
        self.assert_fails(
            self.run_relay("serve", "--config", file, env={"PROVIDER_KEY": PROVIDER_KEY + "\n\x01"}),
            1,
            r"providers\[0\]\.keys\[0\]\.key",
        )
