# SPDX-License-Identifier: MIT
"""Documents are wrapped at 100 columns, but for tables, blocks of code and what cannot be broken."""

import re
import sys

import source

COLUMNS = 100

_ITEM = re.compile(r"^( {0,3})([-*+]|\d+[.)]) +(?=\S)")
# A word in code spans and links keeps its spaces; what comes right before or after belongs to it.
_WORD = re.compile(r"(?:`[^`]*`|\]\([^)]*\)|[^\s`])+")
# At the beginning of a line these would be a list, a table, a quotation or a heading.
_NOT_FIRST = re.compile(r"^([-*+>|=]|#+|\d+[.)])$|^[|>]")


def words(text):
    """The words, each together with those after it that may not begin a line."""
    together = []
    for word in _WORD.findall(text):
        if together and _NOT_FIRST.match(word):
            together[-1] += " " + word
        else:
            together.append(word)
    return together


def filled(text, first, later):
    """The words of `text` in lines of at most COLUMNS; `first` and `later` are what lines begin with."""
    lines, line = [], first
    for number, word in enumerate(words(text)):
        if number == 0:
            line += word
        elif len(line) + 1 + len(word) > COLUMNS:
            lines.append(line)
            line = later + word
        else:
            line += " " + word
    return lines + [line]


def paragraphs(lines, roff):
    """(number of the first line, end, what the first and what later lines begin with) of text that may be filled."""
    first, beginnings, literal = None, None, False
    for number, line in enumerate([*lines, ""]):
        fence = line.lstrip().startswith("```")
        item = None if roff else _ITEM.match(line)
        if roff:
            text = bool(line) and line[0] not in ".'"
        else:
            text = bool(line.strip()) and line[0] not in "#|" and not line.startswith("    ") and not fence
        if first is not None and (not text or literal or item):
            yield first, number, *beginnings
            first = None
        if line in (".nf", ".fi"):
            literal = line == ".nf"
        elif not roff and fence:
            literal = not literal
        elif text and not literal and first is None:
            first = number
            indent = " " * (len(item.group()) if item else len(line) - len(line.lstrip()))
            beginnings = (item.group() if item else indent, indent)


def wrapped(text, roff=False):
    """The text with those paragraphs filled anew that have a line beyond COLUMNS, and the numbers of such lines."""
    lines = text.split("\n")
    result, numbers, done = [], [], 0
    for first, end, opening, later in paragraphs(lines, roff):
        old = lines[first:end]
        long = [number for number, line in enumerate(old, first + 1) if len(line) > COLUMNS]
        new = filled(" ".join(old)[len(opening) :], opening, later) if long else old
        if new != old:
            numbers.append(long[0])
        result += lines[done:first] + new
        done = end
    return "\n".join(result + lines[done:]), numbers


def documents(root):
    above = sorted(path.relative_to(root) for path in root.glob("*.md"))
    return above + source.files(root, ["docs", "examples"], {".md", ".1"})


def main():
    mend = "--mend" in sys.argv
    if mend:
        sys.argv.remove("--mend")
    root = source.root_from_arguments()
    problems = []
    for path in documents(root):
        text, numbers = wrapped((root / path).read_text(), path.suffix == ".1")
        if mend and numbers:
            (root / path).write_text(text)
        elif numbers:
            problems += [f"{path}:{number}: longer than {COLUMNS} columns" for number in numbers]
    return source.report("wrap", problems, "script/format wraps them.")


if __name__ == "__main__":
    sys.exit(main())
