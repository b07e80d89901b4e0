# SPDX-License-Identifier: MIT
"""The table of rules: names of one grammar, each rule broken somewhere and tested, and docs/rules.md."""

import re
import sys
from dataclasses import dataclass

import source

TABLE = "include/openwsk/rules.def"
PAGE = "docs/rules.md"
DOCUMENTATION = "https://learn.microsoft.com/windows-hardware/drivers/"

_ROW = re.compile(
    r"^// (?P<chapter>[^\n]+)(?=\nOWSK_RULE)"
    r'|^OWSK_RULE\(\s*(?P<rule>\w+),\s*"(?P<name>[^"]+)",\s*(?P<code>\w+),\s*(?P<reason>\w+),'
    r'\s*"(?P<page>[^"]+)",(?P<sentence>(?:\s*"[^"]*")+)\)$',
    re.MULTILINE,
)
_NAME = re.compile(r"[a-z]+(-[a-z]+)+")
# A name says what happened, so there is a participle in it, and no word that demands.
_PARTICIPLE = re.compile(r"[a-z]+ed|built|left|sent|withdrawn|written")
_DEMANDS = {"must", "should", "may", "needs", "is", "are", "has", "only", "once"}
_NAMED_IN_TEXT = re.compile(r"\brule: ([a-z]+(?:-[a-z]+)+)(?![\w-])")
_VERIFIER = re.compile(r"^// Verifier +((?:[^\n]*,\n// +)*[^\n]*)$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    chapter: str
    rule: str
    name: str
    code: str
    reason: str
    page: str
    sentence: str


def read_table(text):
    chapter, rules = "", []
    for match in _ROW.finditer(text):
        if match["chapter"]:
            chapter = match["chapter"]
            continue
        sentence = "".join(re.findall(r'"([^"]*)"', match["sentence"]))
        rules.append(
            Rule(chapter, match["rule"], match["name"], match["code"], match["reason"], match["page"], sentence)
        )
    if len(rules) != len(re.findall(r"^OWSK_RULE\(", text, re.MULTILINE)):
        raise ValueError(f"{TABLE} has a row of another form")
    return rules


def bad_names(rules):
    problems = []
    for rule in rules:
        words = rule.name.split("-")
        if not _NAME.fullmatch(rule.name):
            problems.append(f"{TABLE}: {rule.name} is not in kebab case")
        elif _DEMANDS & set(words) or not any(_PARTICIPLE.fullmatch(word) for word in words):
            problems.append(f"{TABLE}: {rule.name} does not say what happened")
    return problems


def unused(rules, code):
    """Rules that nobody breaks. `code` is all of src."""
    used = set(re.findall(r"\bRule::(\w+)", code))
    return [f"{TABLE}: nobody in src breaks Rule::{rule.rule}" for rule in rules if rule.rule not in used]


def untested(rules, tests):
    """Rules that no test names. `tests` is the text of all tests."""
    named = set(re.findall(r"(?<![\w-])[a-z]+(?:-[a-z]+)+(?![\w-])", tests))
    return [f"{TABLE}: no test names {rule.name}" for rule in rules if rule.name not in named]


def unknown(rules, path, text):
    """Names in reports that are expected, and in comments of functions, of which there is no rule."""
    names = {rule.name for rule in rules}
    found = _NAMED_IN_TEXT.findall(text)
    for listed in _VERIFIER.findall(text):
        found += re.findall(r"(?<![\w-])[a-z]+(?:-[a-z]+)+(?![\w-])", listed)
    return [f"{path}: there is no rule {name}" for name in found if name not in names]


def codes_of(header):
    return {name: int(value, 16) for name, value in re.findall(r"^#define (\w+) (0x[0-9A-F]+)$", header, re.MULTILINE)}


INTRODUCTION = f"""# Rules

What a driver can do wrong and openwsk notices: each is a bug check that names the rule, the call,
and the other place if there are two. `script/format` makes this page from
`{TABLE}`.

    *** bug check 0x00000044 MULTIPLE_IRP_COMPLETE_REQUESTS
      rule: irp-completed-twice
      An IRP was completed that nobody is working on: it had been completed at ...

A rule has the bug check of Windows, and its first parameter where that says which error it is: both
as Windows or its Driver Verifier has them. Where those notice nothing, the parameter is *ours*:
0x6B7377, which no Windows uses. The last column is the page of Microsoft's documentation about what
the driver did.

Crashes are no rules: an access to memory that is not there, a division by zero and the like are
the bug checks that Windows has for them, with the place in the driver.
"""


def written_page(rules, codes):
    text, chapter = INTRODUCTION, None
    for rule in rules:
        if rule.chapter != chapter:
            chapter = rule.chapter
            text += f"\n## {chapter}\n\n| rule | what happened | bug check | documentation |\n|---|---|---|---|\n"
        reason = {"none": "", "ours": ", ours"}.get(rule.reason, f", {rule.reason}")
        page = rule.page.rsplit("/", 1)[1]
        text += (
            f"| `{rule.name}` | {rule.sentence} | 0x{codes[rule.code]:X} {rule.code}{reason} "
            f"| [{page}]({DOCUMENTATION}{rule.page}) |\n"
        )
    return text


def check(root, mend):
    rules = read_table((root / TABLE).read_text())
    problems = bad_names(rules)
    code, tests = "", ""
    for path in source.files(root, ["src", "tests"], {".h", ".c", ".cpp", ".py"}):
        if path.parts[:2] == ("tests", "tidy"):
            continue
        text = (root / path).read_text()
        problems += unknown(rules, path, text)
        if path.parts[0] == "src":
            code += text
        else:
            tests += text
    problems += unused(rules, code) + untested(rules, tests)
    page = written_page(rules, codes_of((root / "include/shared/bugcodes.h").read_text()))
    if mend:
        (root / PAGE).write_text(page)
    elif not (root / PAGE).exists() or (root / PAGE).read_text() != page:
        problems.append(f"{PAGE} is not what {TABLE} says")
    return problems


def main():
    mend = "--mend" in sys.argv
    if mend:
        sys.argv.remove("--mend")
    problems = check(source.root_from_arguments(), mend)
    return source.report("rules", problems, f"script/format writes {PAGE}; the rest is yours.")


if __name__ == "__main__":
    sys.exit(main())
