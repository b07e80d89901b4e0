# SPDX-License-Identifier: MIT
"""The tidy tests see what they are meant to see: one broken example for each rule."""

import json
import pathlib
import shutil
import tempfile
import unittest

import alone
import bans
import described
import format as formatting
import layers
import rules
import source
import wrap

Path = pathlib.PurePosixPath
FUNCTION_HEADERS = {"wdm.h", "ntddk.h", "wsk.h"}


def layer_problems(path, text):
    return layers.check_floor(Path(path), text, FUNCTION_HEADERS)


def ban_problems(path, text):
    return bans.banned_lines(Path(path), source.code_only(text), bans.CODE_BANS)


class Layers(unittest.TestCase):
    def test_a_floor_may_use_what_is_below(self):
        self.assertEqual(layer_problems("src/wsk/a.cpp", '#include "nt/io/irp.h"\n#include <wsk.h>\n'), [])

    def test_neighbours_never_meet(self):
        self.assertTrue(layer_problems("src/nt/io/a.cpp", '#include "net/network.h"\n'))
        self.assertTrue(layer_problems("src/net/a.cpp", '#include "nt/system.h"\n'))

    def test_only_the_machine_chooses_a_room(self):
        line = '#include "net/linux/listener.h"\n'
        self.assertTrue(layer_problems("src/wsk/a.cpp", line))
        self.assertEqual(layer_problems("src/machine/a.cpp", line), [])
        self.assertEqual(layer_problems("src/net/linux/a.cpp", line), [])

    def test_the_rooms_of_wsk_stand_on_one_another(self):
        self.assertEqual(layer_problems("src/wsk/listen/a.cpp", '#include "wsk/connection/a.h"\n'), [])
        self.assertEqual(layer_problems("src/wsk/socket/a.cpp", '#include "wsk/services.h"\n'), [])
        self.assertTrue(layer_problems("src/wsk/turn/a.cpp", '#include "wsk/socket/socket.h"\n'))
        self.assertTrue(layer_problems("src/wsk/socket/a.cpp", '#include "wsk/provider/provider.h"\n'))
        self.assertTrue(layer_problems("src/wsk/new/a.cpp", '#include "wsk/socket/socket.h"\n'))

    def test_what_serves_the_simulated_network_belongs_to_its_room(self):
        line = '#include "net/sim/packet.h"\n'
        self.assertEqual(layer_problems("src/net/capture/a.cpp", line), [])
        self.assertTrue(layer_problems("src/net/wire/a.cpp", line))
        self.assertTrue(layer_problems("src/net/linux/a.cpp", '#include "net/script/a.h"\n'))

    def test_function_headers_stay_above_the_host(self):
        self.assertTrue(layer_problems("src/host/a.cpp", "#include <wdm.h>\n"))
        self.assertTrue(layer_problems("src/trace/a.cpp", "#include <openwsk/machine.h>\n"))

    def test_the_two_socket_worlds_never_meet(self):
        self.assertTrue(layer_problems("src/wsk/a.cpp", "#include <wsk.h>\n#include <sys/socket.h>\n"))

    def test_users_see_include_only(self):
        self.assertTrue(layers.check_outside(Path("tools/a.cpp"), '#include "nt/system.h"\n'))
        self.assertEqual(layers.check_outside(Path("tools/a.cpp"), '#include "options.h"\n'), [])


class Bans(unittest.TestCase):
    def test_each_code_ban(self):
        for path, line in [
            ("src/wsk/a.cpp", "#include <unistd.h>"),
            ("src/nt/ke/a.cpp", "auto t = std::chrono::steady_clock::now();"),
            ("src/net/linux/a.cpp", "std::thread t;"),
            ("src/nt/a.cpp", "int x = rand();"),
            ("src/wsk/a.cpp", "IoCompleteRequest(irp, 0);"),
            ("src/wsk/a.cpp", "IofCompleteRequest(irp, 0);"),
            ("tools/a.cpp", "std::wstring text;"),
            ("include/km/a.h", "unsigned long size;"),
        ]:
            self.assertTrue(ban_problems(path, line), line)

    def test_what_is_allowed(self):
        for path, line in [
            ("src/net/linux/a.cpp", "#include <unistd.h>"),
            ("src/wsk/request/request.cpp", "IofCompleteRequest(irp, 0);"),
            ("include/km/a.h", "long long size;"),
            ("include/km/a.h", "unsigned long long size;"),
            ("src/nt/a.cpp", "// a std::thread would be wrong here"),
            ("src/nt/a.cpp", 'print("sleep(1)");'),
        ]:
            self.assertEqual(ban_problems(path, line), [], line)

    def test_text_bans(self):
        for line in ["// FIX" + "ME later", "see /ho" + "me/someone/file"]:
            self.assertTrue(bans.banned_lines(Path("docs/a.md"), line, bans.TEXT_BANS), line)

    def test_long_functions(self):
        body = "    call();\n" * 61
        self.assertTrue(bans.long_functions(Path("a.cpp"), "void f() {\n" + body + "}\n"))
        self.assertTrue(bans.long_functions(Path("a.cpp"), "void f(int a,\n       int b) {\n" + body + "}\n"))
        self.assertEqual(bans.long_functions(Path("a.cpp"), "namespace a {\n" + body + "}\n"), [])
        self.assertEqual(bans.long_functions(Path("a.cpp"), "void f() {\n    call();\n}\n"), [])

    def test_public_functions(self):
        header = "NTSTATUS NTAPI WskRegister(int a);\nPFN_WSK_BIND WskBind;\n/* WskNothing( */\n"
        self.assertEqual(bans.public_functions(header), ["WskBind", "WskRegister"])


class Described(unittest.TestCase):
    def test_the_rules_that_tests_are_named_for(self):
        code = "TEST_P(WskAccept, A13_A14_TheyTakeTurns) {\nTEST(V4Mapped, Goes) {\nTEST_F(\n    C, CO2_A_B1_C) {\n"
        self.assertEqual(described.rules_of_tests(code), {"A13", "A14", "CO2"})
        text = "| rule | what |\n|---|---|\n| A13 | CO2 does B7 |\n| [A](#a) | x |\n"
        self.assertEqual(described.rules_of_document(text), {"A13"})

    def test_the_variables_of_a_thread(self):
        code = (
            "inline constinit thread_local Thread* current = nullptr;\nstatic thread_local std::optional<A> scope;\n"
            "thread_local const Two two{1};\nint other = 1;\n"
        )
        self.assertEqual(described.variables_of_code(code), {"current", "scope", "two"})
        text = "| variable | where |\n|---|---|\n| `current`, `two` | `a.h` | `other` |\n"
        self.assertEqual(described.variables_of_document(text), {"current", "two"})

    def test_both_directions_count(self):
        problems = described.differences("a.md", {"A1", "A2"}, {"A2", "A3"}, "rule")
        self.assertEqual(problems, ["a.md: no row for A3", "a.md: A1 is no rule"])


class Wrap(unittest.TestCase):
    LONG = "word " * 30

    def test_a_long_line_is_seen_and_mended(self):
        text, numbers = wrap.wrapped("# Title\n\nshort\n" + self.LONG + "\n")
        self.assertEqual(numbers, [4])
        self.assertLessEqual(max(map(len, text.splitlines())), wrap.COLUMNS)
        self.assertEqual(text.split(), ["#", "Title", "short"] + ["word"] * 30)
        self.assertEqual(wrap.wrapped(text), (text, []))

    def test_what_fits_stays_as_it_is(self):
        text = "one\ntwo\n\n- three\n  four\n"
        self.assertEqual(wrap.wrapped(text), (text, []))

    def test_items_keep_their_indentation(self):
        text, _ = wrap.wrapped("- " + self.LONG + "\n- second\n")
        lines = text.splitlines()
        self.assertEqual([line[:3] for line in lines], ["- w", "  w", "- s"])

    def test_tables_code_and_what_cannot_be_broken_stay(self):
        for text in [
            "| " + self.LONG + "|\n",
            "    $ " + self.LONG + "\n",
            "```\n" + self.LONG + "\n```\n",
            "# " + self.LONG + "\n",
            "`" + self.LONG + "`\n",
        ]:
            self.assertEqual(wrap.wrapped(text), (text, []), text)

    def test_no_line_begins_with_what_means_something_there(self):
        for word in ["-", "8.", "#", "|"]:
            text, _ = wrap.wrapped("12345 " * 16 + "1234 " + word + " " + self.LONG + "\n")
            self.assertEqual([line for line in text.splitlines() if line.startswith(word)], [])
            self.assertLessEqual(max(map(len, text.splitlines())), wrap.COLUMNS)

    def test_man_pages_keep_their_macros(self):
        text, numbers = wrap.wrapped(".B bold\n" + self.LONG + "\n.nf\n" + self.LONG + "\n.fi\n", True)
        self.assertEqual(numbers, [2])
        self.assertEqual(text.splitlines()[0], ".B bold")
        self.assertIn(".nf\n" + self.LONG + "\n.fi", text)


@unittest.skipUnless(shutil.which("g++"), "g++ is not installed")
class Alone(unittest.TestCase):
    """A small tree, built as one: b.cpp lives on what a.cpp includes, and so does far.h."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.build = self.root / "build"
        self.write("src/base/a.cpp", '#include "a.h"\nA a;\n')
        self.write("src/base/b.cpp", '#include "a.h"\nA b;\n')
        self.write("src/base/far.h", '#pragma once\n#include "a.h"\nextern A far;\n')
        self.write("src/base/a.h", "#pragma once\nstruct A {};\n")
        unity = self.write(
            "build/Unity/unity_0_cxx.cxx", "".join(f'#include "{self.root}/src/base/{name}.cpp"\n' for name in "ab")
        )
        command = f"g++ -std=c++20 -o unity.o -c {unity}"
        entry = {"directory": str(self.build), "file": str(unity), "command": command}
        self.write("build/compile_commands.json", json.dumps([entry]))

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def problems(self):
        return [problem.split()[0] for problem in alone.check(self.root, self.build)]

    def test_what_compiles_alone(self):
        self.assertEqual(self.problems(), [])

    def test_source_that_lives_on_another(self):
        self.assertEqual(self.problems(), [])
        self.write("src/base/b.cpp", "A b;\n")
        self.assertEqual(self.problems(), ["src/base/b.cpp"])
        self.assertEqual(self.problems(), ["src/base/b.cpp"])

    def test_header_that_lives_on_another(self):
        self.write("src/base/far.h", "#pragma once\nextern A far;\n")
        self.assertEqual(self.problems(), ["src/base/far.h"])

    def test_header_that_does_not_guard_itself(self):
        self.write("src/base/far.h", "struct Far {};\n")
        self.assertEqual(self.problems(), ["src/base/far.h"])

    def test_header_of_a_source_that_includes_something_else_first(self):
        self.write("src/base/b.h", "extern A b;\n")
        self.write("src/base/b.cpp", '#include "a.h"\n#include "b.h"\nA b;\n')
        self.assertEqual(self.problems(), ["src/base/b.h"])

    def test_what_an_included_header_lost(self):
        self.assertEqual(self.problems(), [])
        self.write("src/base/a.h", "#pragma once\n")
        self.assertEqual(self.problems(), ["src/base/a.cpp", "src/base/b.cpp", "src/base/far.h"])

    def test_build_that_says_nothing(self):
        self.write("build/compile_commands.json", "[]")
        self.assertEqual(len(self.problems()), 1)


class Rules(unittest.TestCase):
    TABLE = (
        "// What it is.\n//\n//     OWSK_RULE(rule, name, code, reason, page, sentence)\n\n"
        '// IRPs\nOWSK_RULE(irp_freed_twice,\n          "irp-freed-twice",\n          BAD_POOL_CALLER,\n'
        '          0x7,\n          "ddi/wdm/nf-wdm-iofreeirp",\n          "An IRP "\n          "was freed twice.")\n\n'
        '// Waits\nOWSK_RULE(waited_late, "waited-late", BAD_POOL_CALLER, none, "a/b", "Late.")\n'
    )

    def setUp(self):
        self.table = rules.read_table(self.TABLE)

    def named(self, name):
        return [rules.Rule("IRPs", name.replace("-", "_"), name, "CODE", "none", "a/b", "Something.")]

    def test_the_rows_are_read(self):
        first, second = self.table
        self.assertEqual((first.chapter, first.rule, first.name), ("IRPs", "irp_freed_twice", "irp-freed-twice"))
        self.assertEqual((first.code, first.reason), ("BAD_POOL_CALLER", "0x7"))
        self.assertEqual(first.sentence, "An IRP was freed twice.")
        self.assertEqual((second.chapter, second.reason), ("Waits", "none"))
        with self.assertRaises(ValueError):
            rules.read_table('OWSK_RULE(a_b, "a-b")\n')

    def test_names_say_what_happened(self):
        self.assertEqual(rules.bad_names(self.table), [])
        for name in [
            "irp_freed_twice",  # no kebab
            "Irp-freed-twice",
            "device-deleted-once",  # demands
            "pending-returned-must-be-passed-on",
            "irql-is-allowed",
            "not-an-irp",  # nothing has happened
            "wild-pointer",
        ]:
            self.assertEqual(len(rules.bad_names(self.named(name))), 1, name)

    def test_each_is_broken_somewhere(self):
        self.assertEqual(len(rules.unused(self.table, "broken_rule(Rule::irp_freed_twice, irp);")), 1)
        self.assertEqual(rules.unused(self.table, "owsk::Rule::irp_freed_twice Rule::waited_late"), [])

    def test_each_has_a_test(self):
        tests = 'EXPECT_DEATH(f(), "rule: irp-freed-twice\\n.*"); "waited-late-again"'
        self.assertEqual(rules.untested(self.table, tests), [f"{rules.TABLE}: no test names waited-late"])
        self.assertEqual(rules.untested(self.table, tests + '"waited-late"'), [])

    def test_each_name_is_known(self):
        self.assertEqual(rules.unknown(self.table, "a", '"rule: waited-late\\n" "rule: waited-" "a-b"'), [])
        self.assertEqual(len(rules.unknown(self.table, "a", '"rule: waited-early"')), 1)
        self.assertEqual(rules.unknown(self.table, "a", "// Verifier   irp-freed-twice, waited-late\nf-g"), [])
        self.assertEqual(len(rules.unknown(self.table, "a", "// Verifier   waited-late,\n//            c-d\n// e-f")), 1)

    def test_the_page_has_each_with_its_chapter(self):
        page = rules.written_page(self.table, {"BAD_POOL_CALLER": 0xC2})
        self.assertIn("## IRPs\n\n| rule |", page)
        self.assertIn("| `irp-freed-twice` | An IRP was freed twice. | 0xC2 BAD_POOL_CALLER, 0x7 | [nf-wdm-io", page)
        self.assertIn("| `waited-late` | Late. | 0xC2 BAD_POOL_CALLER | [b](https://learn.microsoft.com/", page)

    def test_a_page_that_is_old_is_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in [
                (rules.TABLE, self.TABLE),
                ("include/shared/bugcodes.h", "#define BAD_POOL_CALLER 0x000000C2\n"),
                ("src/a.cpp", "Rule::irp_freed_twice Rule::waited_late"),
                ("tests/a_test.cpp", '"irp-freed-twice" "waited-late"'),
                (rules.PAGE, "# Rules\n"),
            ]:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            self.assertEqual(len(rules.check(root, mend=False)), 1)
            self.assertEqual(rules.check(root, mend=True), [])
            self.assertEqual(rules.check(root, mend=False), [])


@unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
class Format(unittest.TestCase):
    def test_bad_shape_is_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / ".clang-format").write_text("BasedOnStyle: Google\n")
            (root / "good.cpp").write_text("int a;\n")
            (root / "bad.cpp").write_text("int    a ;\n")
            bad = formatting.badly_formatted(root, ["good.cpp", "bad.cpp"])
            self.assertEqual(len(bad), 1)
            self.assertIn("bad.cpp", bad[0])


if __name__ == "__main__":
    unittest.main()
