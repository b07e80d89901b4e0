# SPDX-License-Identifier: MIT
"""The source tree as the tidy tests see it."""

import pathlib
import re
import sys

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)


def files(root, folders, suffixes):
    """Relative paths of the files below `folders`, in a stable order."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes:
                found.append(path.relative_to(root))
    return found


def code_only(text):
    """The text with comments and literals emptied, so that line numbers stay the same."""

    def blank(match):
        token = match.group(0)
        lines = "\n" * token.count("\n")
        return lines if token.startswith("/") else '""' + lines

    return _TOKEN.sub(blank, text)


def report(name, problems, remedy):
    """Prints the problems, each with the remedy once at the end; returns the exit status."""
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print(f"{name}: {len(problems)} problem(s). {remedy}", file=sys.stderr)
        return 1
    print(f"{name}: clean")
    return 0


def root_from_arguments():
    return pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
