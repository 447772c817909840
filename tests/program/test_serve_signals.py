"""How serve takes signals, and clients and readers that vanish."""

import os
import signal

from harness import Program
from provider import FakeProvider
from serving import Serving, config


class ServeSignals(Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)
        self.file = self.write("relay.toml", config(self.provider, more='format = "text"'))

    def serving(self, **options):
        return Serving(self, "--config", self.file, **options)

    def test_sigterm_and_sigint_end_it_with_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                relay = self.serving()
                relay.signal(number)
                self.assertEqual(relay.process.wait(), 0)
                self.assertNotIn("finishing", relay.stderr.all())

    def test_it_ends_on_sigint_even_when_started_in_the_background_of_a_script(self):
        # A shell without job control starts background processes with SIGINT ignored.
        relay = self.serving(preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        relay.signal(signal.SIGINT)
        self.assertEqual(relay.process.wait(), 0)

    def test_a_running_stream_is_finished_first(self):
        relay = self.serving()
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        relay.stderr.wait_for("cc-relay: finishing 1 request; once more to stop at once\n")
        self.provider.release.set()
        self.assertEqual(stream.read()[-1], "message_stop")
        self.assertEqual(relay.process.wait(), 0)

    def test_no_new_connection_is_taken_while_it_finishes(self):
        relay = self.serving()
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        relay.stdout.wait_for("draining")
        with self.assertRaises(ConnectionRefusedError):
            relay.get("/health")
        self.provider.release.set()
        stream.read()

    def test_a_second_signal_ends_it_at_once(self):
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            with self.subTest(number):
                relay = self.serving()
                stream = relay.stream()
                relay.signal(signal.SIGTERM)
                relay.stderr.wait_for("once more to stop at once")
                relay.signal(number)
                self.assertEqual(relay.process.wait(), code)
                stream.vanish()

    def test_a_client_that_vanishes_does_not_end_it(self):
        # A million events: more than any buffer on the way holds.
        self.provider.deltas = 1_000_000
        relay = self.serving()
        relay.stream().vanish()
        self.provider.release.set()
        self.provider.gone.get()
        self.assertEqual(relay.ask().status, 200)
        relay.stdout.wait_for(" 200 POST /v1/messages .*client_gone")
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)

    def test_a_log_reader_that_vanishes_does_not_end_it(self):
        reading, writing = os.pipe()
        relay = self.serving(stdout=writing)
        os.close(writing)
        os.close(reading)
        for _ in range(3):
            self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)

    def test_a_reader_of_errors_that_vanishes_does_not_end_it(self):
        reading, writing = os.pipe()
        os.close(reading)
        relay = self.serving(stderr=writing)
        os.close(writing)
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        relay.stdout.wait_for("draining")
        self.provider.release.set()
        self.assertEqual(stream.read()[-1], "message_stop")
        self.assertEqual(relay.process.wait(), 0)

    def test_it_runs_with_standard_output_closed(self):
        closed = ["sh", "-c", 'exec "$@" >&-', "sh"]
        relay = self.serving(through=closed)
        self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)

    def test_a_full_device_for_the_log_does_not_end_it(self):
        with open("/dev/full", "wb") as full:
            relay = self.serving(stdout=full)
        self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)

    def test_a_shell_that_hangs_up_makes_it_read_its_configuration_not_end(self):
        relay = self.serving(start_new_session=True)
        relay.signal(signal.SIGHUP)
        relay.stdout.wait_for("was read again")
        self.assertEqual(relay.ask().status, 200)
