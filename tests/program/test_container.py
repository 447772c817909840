"""What stands beside the image: it fits the program, and what it names is there."""

import re

from harness import Program
from pages import ROOT

CONTAINER = ROOT / "packaging" / "container"


class Container(Program):
    def test_the_examples_configuration_is_valid(self):
        env = {name: f"a-key-for-{name}" for name in self.variables()}
        done = self.run_relay("config", "validate", CONTAINER / "config" / "config.toml", env=env)
        self.assertEqual((done.code, done.stderr), (0, ""), done)

    def variables(self):
        """Those that the relay gets; each must be set before."""
        text = (CONTAINER / "compose.yaml").read_text()
        found = re.findall(r"(?m)^      ([A-Z_]+): \$\{\1:\?\}$", text)
        self.assertIn("ANTHROPIC_API_KEY", found)
        return found

    def test_what_the_example_mounts_is_there(self):
        text = (CONTAINER / "compose.yaml").read_text()
        mounted = re.findall(r"(?<![\w.])(\.{1,2}/[\w./-]+):/", text)
        self.assertGreaterEqual(len(mounted), 5)
        for path in mounted:
            with self.subTest(path):
                self.assertTrue((CONTAINER / path).exists())
        context, file = re.search(r"context: (\S+)\n +dockerfile: (\S+)", text).groups()
        self.assertTrue((CONTAINER / context / file).is_file())

    def test_the_image_starts_what_the_program_takes(self):
        text = (CONTAINER / "Dockerfile").read_text()
        for kind in (r"CMD", r"HEALTHCHECK CMD"):
            words = re.search(rf"(?m)^{kind} \[(.*)\]$", text)[1].replace('"', "").split(", ")
            words = words[1:] if words[0] == "cc-relay" else words
            with self.subTest(words):
                # There is no such file here, but that is no wrong usage.
                self.assertNotEqual(self.run_relay(*words).code, 2)

    def test_all_that_is_built_from_gets_into_the_image(self):
        let_in = re.findall(r"(?m)^!(\S+)$", (ROOT / ".dockerignore").read_text())
        for name in let_in:
            with self.subTest(name):
                self.assertTrue((ROOT / name).exists())
        # What a package is built from; examples and tests are not built there.
        copied = re.search(r"cp -r ([\s\S]*?) \"\$tree\"", (ROOT / "tools" / "deb").read_text())[1]
        self.assertEqual(set(copied.replace("\\", " ").split()) - {"examples"}, set(let_in))
