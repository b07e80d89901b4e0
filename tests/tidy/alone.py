# SPDX-License-Identifier: MIT
"""alone.py ROOT BUILD: each source and header of src and tools compiles by itself.

The build compiles several sources at once, so that one may live on what another includes. Here each is compiled with
the flags that BUILD's compile_commands.json has for it. A source that begins with its own header shows that the header
needs nothing before it; the other headers are compiled in sources of their own.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import source

FOLDERS = ("src", "tools")

_INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def sources_of(entry):
    """The sources that one command compiles: its file, or what a unity file includes."""
    file = pathlib.Path(entry["directory"], entry["file"])
    if file.parent.name == "Unity":
        return [pathlib.Path(name) for name in _INCLUDE.findall(file.read_text())]
    return [file]


def flags_of(entry):
    """The command without what it compiles and what it writes."""
    words = shlex.split(entry["command"])
    skipped = {words.index("-o"), words.index("-o") + 1, words.index("-c"), words.index("-c") + 1}
    return [word for at, word in enumerate(words) if at not in skipped] + ["-fsyntax-only"]


def flags_of_sources(root, entries):
    """For each C++ source below FOLDERS, how it is compiled. The first way counts: the library's own."""
    flags = {}
    for entry in entries:
        if not entry["file"].endswith((".cpp", ".cxx")):
            continue
        for path in sources_of(entry):
            if path.is_relative_to(root) and path.relative_to(root).parts[0] in FOLDERS:
                flags.setdefault(path.relative_to(root), flags_of(entry))
    return flags


def begins_with_its_header(path, text):
    """Whether the first thing that a source includes is the header of its own name."""
    first = _INCLUDE.search(text)
    own = path.with_suffix(".h")
    return first is not None and str(own).endswith("/" + first.group(1).removeprefix("./"))


def units(root, flags):
    """What has to be compiled: pairs of a file and its flags."""
    shown = {path.with_suffix(".h") for path in flags if begins_with_its_header(path, (root / path).read_text())}
    headers = {}
    for path in source.files(root, FOLDERS, {".h"}):
        if path not in shown:
            neighbour = next((flags[other] for other in flags if other.parts[:2] == path.parts[:2]), None)
            if neighbour is not None:
                headers[path] = neighbour
    return list((flags | headers).items())


def is_known(dependencies):
    """Whether nothing has changed since the file was last seen to compile."""
    if not dependencies.exists():
        return False
    then = dependencies.stat().st_mtime_ns
    names = dependencies.read_text().replace("\\\n", " ").split(":", 1)[1].split()
    return all(os.path.exists(name) and os.stat(name).st_mtime_ns < then for name in names)


def compile_alone(root, memory, path, flags):
    """The compiler's complaint, or None."""
    digest = hashlib.sha256(" ".join([*flags, str(path)]).encode()).hexdigest()[:16]
    dependencies = memory / f"{path.name}.{digest}.d"
    if is_known(dependencies):
        return None
    file = str(root / path)
    command = [*flags, "-MD", "-MT", "it", "-MF", str(dependencies)]
    if path.suffix == ".h":
        # The second inclusion shows that the header guards itself.
        done = subprocess.run(
            [*command, "-x", "c++", "-"], input=f'#include "{file}"\n' * 2, capture_output=True, text=True
        )
    else:
        done = subprocess.run([*command, file], capture_output=True, text=True)
    if done.returncode == 0:
        return None
    dependencies.unlink(missing_ok=True)
    return f"{path} does not compile alone:\n{done.stderr}"


def check(root, build):
    memory = build / "tests/tidy/alone"
    memory.mkdir(parents=True, exist_ok=True)
    entries = json.loads((build / "compile_commands.json").read_text())
    work = units(root, flags_of_sources(root, entries))
    if not work:
        return [f"{build}/compile_commands.json names no source of {' or '.join(FOLDERS)}"]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = pool.map(lambda unit: compile_alone(root, memory, *unit), work)
        return [complaint for complaint in complaints if complaint is not None]


if __name__ == "__main__":
    sys.exit(
        source.report(
            "alone",
            check(source.root_from_arguments(), pathlib.Path(sys.argv[2]).resolve()),
            "Include what the file uses.",
        )
    )
