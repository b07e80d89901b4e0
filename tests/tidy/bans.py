# SPDX-License-Identifier: MIT
"""What may not be written, where, and what to write instead."""

import re
import sys
from dataclasses import dataclass

import source

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60


@dataclass(frozen=True)
class Ban:
    pattern: re.Pattern
    applies: re.Pattern  # to the path of the file
    spared: re.Pattern
    instead: str


def ban(pattern, applies, spared, instead):
    return Ban(re.compile(pattern), re.compile(applies), re.compile(spared), instead)


NOBODY = r"^$"
CODE_BANS = [
    ban(
        r"#\s*include\s*<(sys/|netinet/|arpa/|linux/|net/|unistd\.h|pthread\.h|fcntl\.h|poll\.h|"
        r"signal\.h|dlfcn\.h|execinfo\.h|elf\.h|link\.h|sched\.h|netdb\.h|ucontext\.h)",
        r"^src/",
        r"/linux/|^src/loader/|^src/nt/ke/(stack|symbol_table|line_table|driver_images|crash_signals)\.cpp$|"
        r"^src/host/sim/(real_thread|fixed_memory|watchdog)\.",
        "the operating system is seen through host and net (their linux folders)",
    ),
    ban(
        r"\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|std::time)\b",
        r"^src/",
        r"^src/host/",
        "time comes from host::Clock",
    ),
    ban(
        r"\bstd::(thread|jthread|async)\b(?!::id)|\b(sleep_for|sleep_until|usleep|nanosleep)\b|\bsleep\s*\(",
        r"^src/",
        r"^src/host/",
        "threads and waiting come from host::Host",
    ),
    ban(
        r"\bstd::(random_device|mt19937\w*)\b|\b(getrandom|rand|random)\s*\(",
        r"^src/",
        r"^src/host/",
        "randomness comes from host::Host::entropy or base/prng.h",
    ),
    ban(
        r"\bIof?CompleteRequest\b",
        r"^src/wsk/",
        r"/request\.cpp$",
        "src/wsk/request/request.cpp is the one place that completes an IRP",
    ),
    ban(r"\bstd::wstring(_view)?\b", r"^(src|tools|tests)/", NOBODY, "wide text is char16_t"),
    ban(
        r"\blong\b(?!\s+(long|double))(?<!long long)",
        r"^include/(km|shared|openwsk)/",
        NOBODY,
        "a C long has 32 bits on Windows and 64 here: LONG, ULONG or a type of <cstdint>",
    ),
]
TEXT_BANS = [
    ban("FIX" + "ME", r"", NOBODY, "finish it, or write TODO(perf|cleanup|port|security): why"),
    ban(
        r"(?<![\w.])/(home|work|root|Users)/\w",
        r"",
        r"^\.ci/",
        "a path of one machine means nothing on another",
    ),
]

_FUNCTION_OPEN = re.compile(r"^(?P<indent>\s*)(?P<head>\S.*)\{$")
_NOT_A_FUNCTION = re.compile(
    r"^(\}|if|for|while|switch|do|else|try|catch|namespace|class|struct|enum|union|extern|case|return)\b|^\}|=\s*$"
)


def banned_lines(path, text, bans):
    problems = []
    for rule in bans:
        if not rule.applies.search(str(path)) or rule.spared.search(str(path)):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if rule.pattern.search(line):
                problems.append(f"{path}:{number}: {line.strip()}\n    {rule.instead}")
    return problems


def long_functions(path, code):
    """Functions whose body is longer than the limit. `code` has no comments and no literals."""
    problems = []
    lines = code.splitlines()
    for start, line in enumerate(lines):
        match = _FUNCTION_OPEN.match(line)
        if not match or ")" not in line or _NOT_A_FUNCTION.match(match.group("head")):
            continue
        depth = 0
        for end in range(start, len(lines)):
            depth += lines[end].count("{") - lines[end].count("}")
            if depth <= 0:
                break
        if end - start > FUNCTION_LINES_MAX:
            problems.append(f"{path}:{start + 1}: a function of {end - start} lines, at most {FUNCTION_LINES_MAX}")
    return problems


def public_functions(wsk_header):
    """Names of wsk.h that a driver can call or be called by."""
    code = source.code_only(wsk_header)
    functions = re.findall(r"\bPFN_\w+\s+(Wsk[A-Z]\w*)\s*;", code)
    functions += re.findall(r"\b(Wsk[A-Z]\w*)\s*\(", code)
    return sorted(set(functions))


def uncovered_functions(root):
    header = root / "include/km/wsk.h"
    if not header.exists():
        return []
    page = root / "docs/coverage.md"
    text = page.read_text() if page.exists() else ""
    return [
        f"docs/coverage.md: no row for {name} of wsk.h"
        for name in public_functions(header.read_text())
        if not re.search(rf"\b{name}\b", text)
    ]


def unnamed_statuses(root):
    """NTSTATUS values of ntstatus.h that messages could only print as a number."""
    header = root / "include/shared/ntstatus.h"
    table = root / "src/base/status_names.def"
    defined = re.findall(r"^#define (STATUS_\w+)\s+\(\(NTSTATUS\)", header.read_text(), re.MULTILINE)
    named = set(re.findall(r"^OWSK_STATUS\((\w+)\)", table.read_text(), re.MULTILINE))
    return [f"{table.relative_to(root)}: no line for {name}" for name in defined if name not in named]


def without_narrow_long(code):
    """The code for targets where a C long is not as wide as Windows has it."""
    branch = re.compile(r"(#if __SIZEOF_LONG__ == 4\n)(.*?)(?=\n#(?:else|endif))", re.DOTALL)
    return branch.sub(lambda match: match.group(1) + "\n" * match.group(2).count("\n"), code)


def check(root):
    problems = []
    own = source.files(root, ["src", "tools", "tests", "bench", "examples"], {".h", ".c", ".cpp"})
    headers = source.files(root, ["include"], {".h", ".def"})
    for path in own + headers:
        text = (root / path).read_text()
        code = without_narrow_long(source.code_only(text))
        problems += banned_lines(path, code, CODE_BANS)
        if path in own:
            problems += long_functions(path, code)
            if text.count("\n") > FILE_LINES_MAX:
                problems.append(f"{path}: {text.count(chr(10))} lines, at most {FILE_LINES_MAX}")
    everything = source.files(
        root,
        ["src", "tools", "tests", "bench", "examples", "include", "cmake", "docs", "script"],
        {".h", ".c", ".cpp", ".def", ".cmake", ".in", ".md", ".txt", ".py", ".1", ""},
    )
    for path in everything:
        if path.parts[:2] != ("tests", "tidy"):  # where the patterns themselves are written
            problems += banned_lines(path, (root / path).read_text(errors="replace"), TEXT_BANS)
    return problems + uncovered_functions(root) + unnamed_statuses(root)


if __name__ == "__main__":
    sys.exit(source.report("bans", check(source.root_from_arguments()), "Each line says what to do instead."))
