"""What the service manager is told, and the units that come along."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess

from harness import Program
from managing import over_socket
from provider import FakeProvider
from serving import Serving, config

UNITS = pathlib.Path(__file__).parents[2] / "packaging" / "systemd"


class Service(Program):
    def manager(self, address):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(address)
        return listener

    def test_ready_when_it_listens_and_stopping_when_it_stops(self):
        abstract = f"\0cc-relay-test-{os.getpid()}"
        for address, name in (
            (str(self.scratch / "notify"), str(self.scratch / "notify")),
            (abstract, "@" + abstract[1:]),
        ):
            manager = self.manager(address)
            file = self.write("relay.toml", config(FakeProvider(self)))
            relay = Serving(self, "--config", file, env={"NOTIFY_SOCKET": name})
            self.assertEqual(manager.recv(4096), b"READY=1\nSTATUS=serving")
            # It serves by then.
            self.assertEqual(relay.ask().status, 200)
            relay.signal(signal.SIGHUP)
            reloading = manager.recv(4096).decode()
            self.assertRegex(reloading, r"\ARELOADING=1\nMONOTONIC_USEC=[0-9]+\Z")
            self.assertEqual(manager.recv(4096), b"READY=1")
            # To look at the file is over as well when it is done.
            place = self.runtime / "cc-relay" / f"{relay.port}.sock"
            judged = over_socket(
                place, "POST", "/api/v1/config:validate", "{}", content_type="application/json"
            )
            self.assertTrue(judged.json["valid"], judged.text)
            self.assertRegex(manager.recv(4096).decode(), r"\ARELOADING=1\n")
            self.assertEqual(manager.recv(4096), b"READY=1")
            relay.signal(signal.SIGTERM)
            stopping = manager.recv(4096).decode()
            self.assertRegex(
                stopping,
                r"\ASTOPPING=1\nSTATUS=finishing requests\nEXTEND_TIMEOUT_USEC=37000000\Z",
            )
            self.assertEqual(relay.process.wait(), 0)

    def test_it_lives_as_long_as_its_workers_answer(self):
        manager = self.manager(str(self.scratch / "notify"))
        file = self.write("relay.toml", config(FakeProvider(self)))
        env = {"NOTIFY_SOCKET": str(self.scratch / "notify"), "WATCHDOG_USEC": "20000"}
        relay = Serving(self, "--config", file, env=env)
        heard = [manager.recv(4096) for _ in range(6)]
        self.assertEqual(heard[0], b"READY=1\nSTATUS=serving")
        self.assertEqual(set(heard[1:]), {b"WATCHDOG=1"})
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)

    def test_a_manager_that_is_not_there_holds_nothing_up(self):
        for name in ("/nowhere/notify", "@nobody", "relative", "/" + "x" * 200, ""):
            file = self.write("relay.toml", config(FakeProvider(self)))
            relay = Serving(self, "--config", file, env={"NOTIFY_SOCKET": name})
            self.assertEqual(relay.ask().status, 200)
            relay.signal(signal.SIGTERM)
            self.assertEqual(relay.process.wait(), 0)

    def test_the_units_are_what_systemd_understands(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not there")
        folder = self.scratch / "units"
        folder.mkdir()
        for unit, template in (
            ("cc-relay.service", "cc-relay.service.in"),
            ("cc-relay.socket", "cc-relay.socket"),
        ):
            text = (UNITS / template).read_text()
            # Neither program nor page is installed here.
            text = text.replace("@bindir@/cc-relay", "/bin/true").replace(
                "Documentation=man:cc-relay(1)\n", ""
            )
            (folder / unit).write_text(text)
        files = [str(folder / unit) for unit in ("cc-relay.service", "cc-relay.socket")]
        verify = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True)
        self.assertEqual((verify.returncode, verify.stdout, verify.stderr), (0, "", ""))
        security = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", files[0]],
            capture_output=True,
            text=True,
        )
        self.assertEqual(security.returncode, 0, security.stdout[-300:])
