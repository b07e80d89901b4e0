# SPDX-License-Identifier: MIT
"""What has to stand in a document: the rules that tests are named for, and the state of a thread."""

import re
import sys

import source

RULES = "docs/conformance.md"
STATE = "docs/decisions/thread-local-state.md"

_TEST = re.compile(r"^TEST(?:_\w+)?\(\s*\w+,\s*((?:[A-Z]{1,2}\d+_)+)\w*\)", re.MULTILINE)
_THREAD_LOCAL = re.compile(r"\bthread_local\b[^;={]*?(\w+)\s*[={;]")
_ROW = re.compile(r"^\| ([^|]*) \|", re.MULTILINE)


def rules_of_tests(code):
    return {rule for match in _TEST.finditer(code) for rule in match.group(1).split("_") if rule}


def rules_of_document(text):
    return {cell for cell in _ROW.findall(text) if re.fullmatch(r"[A-Z]{1,2}\d+", cell)}


def variables_of_code(code):
    return set(_THREAD_LOCAL.findall(code))


def variables_of_document(text):
    return {name for cell in _ROW.findall(text) for name in re.findall(r"`(\w+)`", cell)}


def differences(document, said, there, what):
    missing = [f"{document}: no row for {name}" for name in sorted(there - said)]
    return missing + [f"{document}: {name} is no {what}" for name in sorted(said - there)]


def check(root):
    def all_of(folders, find):
        paths = source.files(root, folders, {".h", ".cpp"})
        return set().union(*(find(source.code_only((root / path).read_text())) for path in paths))

    rules = rules_of_document((root / RULES).read_text())
    variables = variables_of_document((root / STATE).read_text())
    return differences(RULES, rules, all_of(["tests"], rules_of_tests), "rule that a test is named for") + differences(
        STATE, variables, all_of(["src"], variables_of_code), "thread-local variable of src"
    )


if __name__ == "__main__":
    sys.exit(source.report("described", check(source.root_from_arguments()), "Say it in the document, or take it out."))
