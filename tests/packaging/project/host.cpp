// SPDX-License-Identifier: MIT
// A program of a user that runs a driver module on a machine of its own.
#include <openwsk/machine.h>
#include <openwsk/text_trace.h>

#include <cstdio>

int main(int argc, char** argv) {
    if (argc != 2) {
        return 2;
    }
    owsk::trace::TextTrace trace(stdout, owsk::trace::Detail::important);
    owsk::MachineOptions options;
    options.observers = {&trace};
    owsk::Machine machine(options);
    owsk::DriverError error;
    if (!machine.load_driver("hello", argv[1], error)) {
        std::fprintf(stderr, "%s\n", error.message.c_str());
        return 1;
    }
    machine.unload_driver("hello");
    return machine.stop() == 0 ? 0 : 1;
}
