# SPDX-License-Identifier: MIT
"""seh_test.py COMPILER LANGUAGE: guarded blocks, compiled by openwsk-seh with that compiler and run.

The environment names the program (SEH) and the headers of drivers (INCLUDE).
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SEH = os.environ["SEH"]
INCLUDE = pathlib.Path(os.environ["INCLUDE"])


class Guarded(unittest.TestCase):
    compiler = ""
    language = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def compile(self, source, *flags, seh=(SEH,)):
        standard = "-std=c11" if self.language == "c" else "-std=c++20"
        command = [*seh, self.compiler, standard, "-g", "-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}/km", *flags]
        return subprocess.run([*command, "-o", self.folder / "it.o", "-c", source], capture_output=True, text=True)

    def complaint(self, body, **options):
        """What the compilation of a function with that body says."""
        source = self.folder / f"it.{self.language}"
        source.write_text(f"#include <wdm/seh.h>\nvoid work(void);\nint it(int early);\nint it(int early) {{\n{body}\n}}\n")
        done = self.compile(source, "-Wno-unused", **options)
        self.assertNotEqual(done.returncode, 0, "it compiles")
        self.assertFalse((self.folder / "it.o").exists())
        return done.stderr

    def run_guarded(self, *flags):
        done = self.compile(HERE / f"guarded.{self.language}", *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        program = self.folder / "it"
        subprocess.run([self.compiler, self.folder / "it.o", "-o", program], check=True)
        done = subprocess.run([program], capture_output=True, text=True)
        self.assertEqual((done.stdout, done.returncode), ("0 failures\n", 0))

    def test_finally_runs_however_its_block_is_left(self):
        self.run_guarded("-O0")

    def test_finally_runs_however_its_block_is_left_in_optimised_code(self):
        self.run_guarded("-O2")

    def test_dependencies_are_those_of_the_source(self):
        rules = self.folder / "it.d"
        source = HERE / f"guarded.{self.language}"
        self.assertEqual(self.compile(source, "-MD", "-MT", "it.o", "-MF", rules).returncode, 0)
        self.assertTrue(rules.read_text().startswith("it.o:"))
        self.assertIn("seh.h", rules.read_text())
        self.assertEqual([p.suffix for p in self.folder.iterdir() if p.suffix in (".i", ".ii")], [])

    def test_errors_are_on_the_lines_of_the_source(self):
        said = self.complaint("__try {\n if (early) { return 1; }\n} __finally {\n work();\n undeclared();\n}\nreturn 0;")
        self.assertRegex(said, rf"it\.{self.language}:9:.*undeclared")

    def test_leave_outside_of_a_block_is_refused(self):
        said = self.complaint("__try { work(); } __finally { work(); }\n__leave;\nreturn early;")
        self.assertRegex(said, r":6: error: __leave outside of a __try block")

    def test_try_without_a_handler_is_refused(self):
        said = self.complaint("__try { __leave; }\nreturn early;")
        self.assertRegex(said, r":5: error: __try without __except or __finally")

    def test_label_in_a_finally_block_that_would_be_there_twice_is_refused(self):
        said = self.complaint("__try { if (early) { return 1; } } __finally { goto on; on: work(); }\nreturn 0;")
        self.assertRegex(said, r":5: error: a label in a __finally block")

    def test_without_the_program_the_error_says_what_to_do(self):
        for body in ("__try { if (early) return 1; } __finally { work(); }\nreturn 0;", "__try { __leave; } __except (1) { }\nreturn early;"):
            said = self.complaint(body, seh=())
            self.assertIn("needs openwsk-seh: build the driver with openwsk_add_driver()", said)

    def test_another_call_of_the_compiler_passes_through(self):
        done = subprocess.run([SEH, self.compiler, "--version"], capture_output=True, text=True)
        self.assertEqual(done.stdout, subprocess.run([self.compiler, "--version"], capture_output=True, text=True).stdout)

    def test_failure_of_the_compiler_is_the_failure_of_the_program(self):
        done = self.compile(self.folder / "nothing.c")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nothing.c", done.stderr)


if __name__ == "__main__":
    Guarded.compiler, Guarded.language = sys.argv[1:3]
    if shutil.which(Guarded.compiler) is None:
        print(f"{Guarded.compiler} was not found")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
