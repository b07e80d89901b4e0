# SPDX-License-Identifier: MIT
"""Our C++ is formatted by clang-format. Windows headers and driver C keep the shape of their world."""

import os
import shutil
import subprocess
import sys

import source


def badly_formatted(root, paths, command="clang-format"):
    """The paths that clang-format would change, each checked by itself."""
    style = f"--style=file:{root / '.clang-format'}"
    bad = []
    for path in paths:
        done = subprocess.run(
            [command, style, "--dry-run", "-Werror", str(root / path)], capture_output=True, text=True
        )
        if done.returncode != 0:
            bad.append(f"{path}: {done.stderr.splitlines()[0] if done.stderr else 'not formatted'}")
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
