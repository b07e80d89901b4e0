// SPDX-License-Identifier: MIT
// Whatever a script says: it is read or complained about line by line, and a good one can be
// written and read again.
#include <cstdint>

#include "base/assert.h"
#include "net/script/read_script.h"

namespace owsk::net::script {
namespace {

void check(std::string_view text) {
    const ReadScript read = read_script(text);
    int line = 0;
    for (const ScriptError& error : read.errors) {
        OWSK_ASSERT(error.line > line && !error.message.empty());
        line = error.line;
    }
    if (read.errors.empty()) {
        const ReadScript again = read_script(to_string(read.script));
        OWSK_ASSERT(again.errors.empty());
        OWSK_ASSERT(again.script == read.script);
    }
}

}  // namespace
}  // namespace owsk::net::script

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    owsk::net::script::check({reinterpret_cast<const char*>(data), size});
    return 0;
}
