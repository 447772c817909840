"""cc-relay client new: a key for a colleague."""

import hashlib

from harness import Program


class Client(Program):
    def new(self, *words):
        return self.run_relay("client", "new", *words)

    def test_the_key_and_its_hash(self):
        done = self.new("ana")
        self.assertEqual(done.code, 0)
        key, blank, *block = done.stdout.splitlines()
        self.assertRegex(key, r"^ccr_[A-Za-z0-9_-]{43}$")
        self.assertEqual(blank, "")
        self.assertEqual(
            block,
            [
                "[[server.auth.clients]]",
                'name = "ana"',
                f'key_sha256 = "{hashlib.sha256(key.encode()).hexdigest()}"',
            ],
        )
        self.assertNotIn(key, done.stderr)
        self.assertNotEqual(self.new("ana").stdout.splitlines()[0], key)

    def test_plain_on_request(self):
        key, _, *block = self.new("bob.2", "--plain").stdout.splitlines()
        self.assertEqual(block[-1], f'key = "{key}"')

    def test_no_other_name_than_the_configuration_takes(self):
        for name in ["default", "other", "unknown", "a b", "ä", "x" * 65, 'a"']:
            done = self.new(name)
            self.assertEqual(done.code, 2, name)
            self.assertEqual(done.stdout, "")
            self.assertIn("can't be a client's name", done.stderr)
        self.assertEqual(self.new().code, 2)
