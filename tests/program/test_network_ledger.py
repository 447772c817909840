"""A ledger on a file system of another machine. Kernels of build machines can mount none, so what
stands between the program and the C library says that a folder is one; all else is so."""

import pathlib
import shutil
import signal
import sqlite3
import subprocess

from harness import PROVIDER_KEY
from provider import FakeProvider
from serving import Serving
from test_doctor import DoctorCase

SOURCE = pathlib.Path(__file__).with_name("file_system_told.c")
TYPES = {"NFS": "0x6969", "SMB": "0xFE534D42", "9P": "0x01021997"}
LOCAL = "0xEF53"  # ext4


class NetworkLedger(DoctorCase):
    def setUp(self):
        super().setUp()
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler:
            self.skipTest("skipped: there is no C compiler")
        library = self.scratch / "file_system_told.so"
        subprocess.run([compiler, "-shared", "-fPIC", SOURCE, "-o", library, "-ldl"], check=True)
        self.share = self.folder / "share"
        self.share.mkdir()
        self.file = self.share / "usage.db"
        self.env["LD_PRELOAD"] = str(library)
        self.env["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
        self.env["TOLD_FOLDER"] = str(self.share.resolve())
        self.env["TOLD_TYPE"] = TYPES["NFS"]

    def configured(self, file):
        provider = FakeProvider(self)
        return self.configuration(
            ("fake", "anthropic", provider.url, ""), more=f'[ledger]\npath = "{file}"'
        )

    def assert_told(self, file):
        found = self.doctor("--offline")
        self.assert_finds(
            found, "ledger.file", "warning",
            r"\Ait is on a network file system, whose locks can't be relied on\Z",
            r"\Akeep it on a disk of this machine \(ledger\.path\)\Z", rf"\A{file}\Z",
        )  # fmt: skip
        return found

    def test_doctor_warns_of_one_before_and_after_it_is_made(self):
        self.configured(self.file)
        self.assert_finds(self.assert_told(self.file), "ledger.file", "skipped", "none yet")
        missing = self.share / "not" / "there" / "usage.db"
        self.configured(missing)
        self.assert_told(missing)
        file = self.configured(self.file)
        relay = Serving(self, "--config", file)
        self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        for name, kind in TYPES.items():
            with self.subTest(name):
                self.env["TOLD_TYPE"] = kind
                found = self.assert_told(self.file)
                self.assert_finds(found, "ledger.file", "ok", r"\Awhole\Z")
                words = ["doctor", "--offline", "--config", file]
                key = {"PROVIDER_KEY": PROVIDER_KEY}
                told = self.run_relay(*words, env=key)
                self.assertEqual((told.code, told.stderr), (0, ""), told)
                self.assertRegex(told.stdout, rf"\nwarn +ledger\.file +{self.file}: it is on a network")
                self.assertEqual(self.run_relay(*words, "--strict", env=key).code, 1)
        self.env["TOLD_TYPE"] = LOCAL
        found = self.doctor("--offline")["ledger.file"]
        self.assertEqual([each["message"] for each in found], ["whole"])

    def test_a_relay_writes_it_without_a_log_of_its_own_beside_it(self):
        file = self.configured(self.file)
        relay = Serving(self, "--config", file)
        said = relay.stdout.wait_for(r".*is on a network file system.*\n")[0]
        self.assertIn('"level":"warn"', said)
        self.assertIn(f"{self.file} is on a network file system: it is written without", said)
        for _ in range(3):
            self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        self.assertEqual(relay.stdout.all().count("is on a network file system"), 1)
        self.assertEqual([each.name for each in self.share.iterdir()], ["usage.db"])
        with sqlite3.connect(self.file) as ledger:
            self.assertEqual(ledger.execute("PRAGMA journal_mode").fetchone(), ("delete",))
            self.assertEqual(ledger.execute("SELECT count(*) FROM requests").fetchone(), (3,))
        ledger.close()
