# SPDX-License-Identifier: MIT
"""The tidy tests see what they are meant to see: one broken example for each rule."""

import pathlib
import shutil
import tempfile
import unittest

import bans
import format as formatting
import layers
import source

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
            ("src/wsk/socket/request.cpp", "IofCompleteRequest(irp, 0);"),
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
