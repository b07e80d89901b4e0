# SPDX-License-Identifier: MIT
"""Our C++ is formatted by clang-format. Windows headers and driver C keep the shape of their world."""

import os
import shutil
import subprocess
import sys

import source


TOGETHER = 50  # to start clang-format takes as long as to check some files


def badly_formatted(root, paths, command="clang-format"):
    """The paths that clang-format would change. Where any of some is bad, each is checked by itself."""
    style = f"--style=file:{root / '.clang-format'}"
    bad = []
    for first in range(0, len(paths), TOGETHER):
        some = paths[first : first + TOGETHER]
        done = subprocess.run(
            [command, style, "--dry-run", "-Werror", *(str(root / path) for path in some)],
            capture_output=True, text=True,
        )
        if done.returncode != 0 and len(some) == 1:
            bad.append(f"{some[0]}: {done.stderr.splitlines()[0] if done.stderr else 'not formatted'}")
        elif done.returncode != 0:
            bad += [problem for path in some for problem in badly_formatted(root, [path], command)]
    return bad


def main():
    root = source.root_from_arguments()
    command = os.environ.get("CLANG_FORMAT", "clang-format")
    if shutil.which(command) is None:
        print("format: clang-format is not installed; script/bootstrap installs it", file=sys.stderr)
        return 77
    paths = source.files(root, ["src", "tools", "tests", "bench", "include/openwsk"], {".h", ".cpp"})
    return source.report(
        "format", badly_formatted(root, paths, command), "script/format puts them in shape."
    )


if __name__ == "__main__":
    sys.exit(main())
