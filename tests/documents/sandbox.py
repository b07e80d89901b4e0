# SPDX-License-Identifier: MIT
"""A place where the documents' commands run as typed and leave nothing: the same folders, but what is written to them
goes to a layer of its own; a network of its own; and root's rights over both.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Who is not root becomes it; apt-get only looks, since documents are not to change the machine that tries them.
SHIMS = {
    "sudo": 'exec "$@"',
    "apt-get": """[[ $1 == install && $2 == -y ]] || { echo "apt-get: not expected: $*" >&2; exit 1; }
for package in "${@:3}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
    { echo "apt-get: $package is not installed here; does script/bootstrap name it?" >&2; exit 1; }
done""",
}


def enter(marker):
    """Starts this program again inside, with `marker` in its environment, and returns there only. Ends with 77 where
    such a place is not permitted.
    """
    if marker in os.environ:
        return
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    unshare = ["unshare", *rights, "--mount", "--net", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
        print("documents: namespaces are not permitted here")
        sys.exit(77)
    folder = tempfile.mkdtemp(prefix="openwsk-documents-")
    try:
        status = subprocess.run([*unshare, sys.executable, *sys.argv], env={**os.environ, marker: folder}).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


def overlay(folder, layers):
    """Whatever is written below `folder` goes to `layers`."""
    upper, work = layers / "upper", layers / "work"
    upper.mkdir(parents=True)
    work.mkdir()
    result = subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                             f"lowerdir={folder},upperdir={upper},workdir={work}", str(folder)],
                            capture_output=True, text=True)
    if result.returncode != 0:
        print(f"documents: a layer over {folder} is not permitted here: {result.stderr.strip()}")
        sys.exit(77)


def prepare(folder, checkout):
    """The layers, the network and the programs in front of the machine's; returns the environment for commands."""
    folder = pathlib.Path(folder)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    overlay(checkout, folder / "checkout")
    overlay(pathlib.Path("/usr/local"), folder / "local")
    programs = folder / "programs"
    programs.mkdir()
    for name, text in SHIMS.items():
        shim = programs / name
        shim.write_text(f"#!/usr/bin/env bash\n{text}\n")
        shim.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("CMAKE_BUILD_PARALLEL_LEVEL", "CMAKE_PREFIX_PATH", "PKG_CONFIG_PATH")}
    return {**environment, "PATH": f"{programs}:/usr/local/bin:{environment['PATH']}", "HOME": str(home)}
