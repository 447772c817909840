"""tools/install-deps, with apt as it is to the scripts of packages."""

import os
import subprocess

from harness import Program
from pages import ROOT

# As apt does: dpkg and the scripts that it runs don't get the descriptor of status lines.
APT_GET = """#!/bin/bash
for word; do [[ $word != APT::Status-Fd=* ]] || fd=${word#*=}; done
eval "exec $fd>&-"
echo "Updating symlinks in /usr/lib/ccache ..." || exit 100
"""


class InstallDeps(Program):
    def test_a_package_may_say_something_while_it_is_installed(self):
        programs = self.scratch / "bin"
        for name, text in {
            "apt-get": APT_GET,
            "apt-cache": "#!/bin/sh\necho '  Candidate: 1.0'\n",
            "dpkg-query": "#!/bin/sh\n",
            "dpkg": "#!/bin/sh\n",
            "sudo": '#!/bin/sh\nexec "$@"\n',
        }.items():
            self.write(programs / name, text).chmod(0o755)
        done = subprocess.run(
            [ROOT / "tools" / "install-deps", "run"],
            env={**self.env, "PATH": f"{programs}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, "(?m)^install-deps: installing .*libuv1-dev")
