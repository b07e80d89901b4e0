// SPDX-License-Identifier: MIT
// openwsk-seh COMPILER ARGUMENTS...: compiles like COMPILER, and understands the guarded blocks
// (__try, __finally, __leave) of sources for the Windows kernel. Other sources, and other calls of
// the compiler, pass through as they are.
#include <cstdio>
#include <string>
#include <vector>

#include "compile.h"

int main(int argc, char** argv) {
    const std::vector<std::string> command(argv + 1, argv + argc);
    if (command.empty() || command[0].starts_with('-')) {
        std::fputs(
            "usage: openwsk-seh COMPILER ARGUMENTS...\n"
            "Compiles one C or C++ source with guarded blocks (__try, __finally, __leave).\n",
            stderr);
        return 2;
    }
    return seh::compile(command);
}
