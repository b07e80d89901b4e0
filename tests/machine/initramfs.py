# SPDX-License-Identifier: MIT
"""The files that the machine starts with: a shell, the modules to reach the host's files, and what to run."""

import gzip
import os
import pathlib
import shlex
import shutil
import subprocess

GUEST = pathlib.Path(__file__).resolve().parent / "guest"
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay"]


def modules(kernel):
    """The files of the modules in the order in which they can be loaded. What is built in has none."""
    listed = subprocess.run(
        ["modprobe", "-S", kernel, "-a", "--show-depends", *MODULES], capture_output=True, text=True, check=True,
    )
    files = [line.split()[1] for line in listed.stdout.splitlines() if line.startswith("insmod ")]
    return list(dict.fromkeys(files))


def write(file, *, busybox, kernel, command, shared, status):
    """`command` will be run where we are, in what we are told by PATH and HOME."""
    folder = file.with_suffix("")
    for name in ("bin", "modules", "dev"):
        (folder / name).mkdir(parents=True)
    shutil.copy(busybox, folder / "bin/busybox")
    for number, module in enumerate(modules(kernel)):
        shutil.copy(module, folder / f"modules/{number:02}-{pathlib.Path(module).name}")
    shutil.copy(GUEST / "init", folder / "init")
    (folder / "init").chmod(0o755)
    shutil.copy(GUEST / "main", folder / "main")
    lines = [f"export {name}={shlex.quote(os.environ[name])}" for name in ("PATH", "HOME") if name in os.environ]
    lines += [f"cd {shlex.quote(os.getcwd())} || exit", f"exec {shlex.join(command)}"]
    (folder / "command").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "shared_folder").write_text(f"{shared}\n", encoding="utf-8")
    (folder / "status").write_text(f"{status}\n", encoding="utf-8")
    names = "\n".join(str(path.relative_to(folder)) for path in sorted(folder.rglob("*")))
    archive = subprocess.run(
        ["cpio", "--quiet", "-o", "-H", "newc"], cwd=folder, input=names.encode(), capture_output=True, check=True,
    )
    file.write_bytes(gzip.compress(archive.stdout, compresslevel=1))
    shutil.rmtree(folder)
