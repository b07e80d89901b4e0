# SPDX-License-Identifier: MIT
"""compile_alone.py INCLUDE COMPILER LANGUAGE FLAVOUR: each header of driver code, by itself."""

import pathlib
import shutil
import subprocess
import sys

FLAGS = ["-fsyntax-only", "-fshort-wchar", "-fms-extensions", "-Wall", "-Wextra", "-Werror"]

OUR_HEADERS_FOR_DRIVERS = ["openwsk/gate_query.h"]


def compile_header(include, header, compiler, language, flavour):
    """The compiler's complaint, or None."""
    flags = FLAGS + [f"-I{include}", f"-I{include / 'shared'}", f"-I{include / 'km'}", f"-std={language}"]
    if "clang" in pathlib.Path(compiler).name:
        flags.append("-Wno-microsoft-anon-tag")  # anonymous members with a tag are how the WDK writes them
    if flavour == "win64":
        flags.append("-DOWSK_WIN64_ABI")
    done = subprocess.run(
        [compiler, *flags, "-x", "c++" if "++" in language else "c", "-"],
        # The second inclusion shows that the header guards itself.
        input=f"#include <{header}>\n#include <{header}>\nextern int not_empty;\n",
        capture_output=True,
        text=True,
    )
    return done.stderr if done.returncode != 0 else None


def main():
    include, compiler, language, flavour = sys.argv[1:]
    if shutil.which(compiler) is None:
        print(f"{compiler} was not found")
        return 77
    include = pathlib.Path(include)
    headers = sorted(path.name for folder in ("shared", "km") for path in (include / folder).glob("*.h"))
    headers += OUR_HEADERS_FOR_DRIVERS
    bad = 0
    for header in headers:
        complaint = compile_header(include, header, compiler, language, flavour)
        if complaint:
            bad += 1
            print(f"<{header}> does not compile alone:\n{complaint}", file=sys.stderr)
    print(f"{len(headers) - bad} of {len(headers)} headers compile alone")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
