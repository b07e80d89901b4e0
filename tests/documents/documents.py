# SPDX-License-Identifier: MIT
"""The commands of the documents, as a reader finds them: in indented blocks, each behind a "$ ", with what they print."""

import dataclasses
import re

PROMPT = "$ "
# What a command begins with; a block of code without prompts that has such a line was meant to be typed.
PROGRAMS = re.compile(r"(sudo|cmake|ctest|cpack|wskrun|gdb|nc|script/\w+|bench/run|build/\S+|greeter/\S+)( |$)")

# The first line of a block that is a file: a comment with its name.
FILE = re.compile(r"(?:#|//) (\S+\.\w+)")


@dataclasses.dataclass
class Command:
    """One command, in one string, and the lines that the document shows of its output."""
    place: str
    text: str
    output: list


@dataclasses.dataclass
class Contents:
    """Lists of commands, one for each block that has some; blocks that name a file in their first line; what is wrong."""
    lists: list
    files: dict
    faults: list


def blocks(text):
    """The indented blocks of a Markdown document, or the .nf blocks of a man page: (number of the first line, lines)."""
    block, first, literal = [], 0, False
    for number, line in enumerate([*text.splitlines(), "."], 1):
        if line in (".nf", ".fi"):
            literal = line == ".nf"
            inside = False
        else:
            inside = literal or line.startswith("    ")
        if inside:
            first = first or number
            block.append(line if literal else line[4:])
        elif block and not line:
            block.append("")
        elif block:
            while not block[-1]:
                block.pop()
            yield first, block
            block, first = [], 0


def commands_of_block(document, first, block):
    """The commands of one block, and what is wrong with it."""
    commands, wrong = [], []
    continued = False
    for number, line in enumerate(block, first):
        place = f"{document}:{number}"
        if line.startswith(PROMPT):
            commands.append(Command(place, line[len(PROMPT):], []))
        elif continued:
            commands[-1].text += "\n" + line
        elif commands:
            commands[-1].output.append(line)
        elif PROGRAMS.match(line):
            wrong.append(f'{place}: "{line}" looks like a command: write "{PROMPT}" before it, so that it is tried')
        continued = bool(commands) and line.endswith("\\") and not commands[-1].output
    return commands, wrong


def read(document, text):
    if document.endswith(".1"):
        text = text.replace("\\-", "-")
    contents = Contents([], {}, [])
    for first, block in blocks(text):
        named = FILE.fullmatch(block[0])
        if named:
            contents.files[named.group(1)] = "\n".join(block) + "\n"
            continue
        commands, wrong = commands_of_block(document, first, block)
        contents.faults += wrong
        if commands:
            contents.lists.append(commands)
    return contents


def without_numbers(line):
    """Times, ports and counts differ from run to run."""
    return re.sub(r"\d+", "0", line).rstrip()


def missing_output(command, printed):
    """The first line that the document shows and the command did not print in this order; "..." is whatever comes."""
    lines = iter(without_numbers(line) for line in printed.splitlines())
    for expected in command.output:
        if expected.strip() != "..." and without_numbers(expected) not in lines:
            return expected
    return None
