// SPDX-License-Identifier: MIT
#include "loader/module_bytes.h"

#include <algorithm>
#include <fstream>

namespace owsk::loader {

std::optional<std::vector<std::byte>> read_module(const std::string& path) {
    std::ifstream stream(path, std::ios::binary | std::ios::ate);
    if (!stream) {
        return std::nullopt;
    }
    // A file that is not a plain one, such as a pipe, has no size; then it is no module either.
    const std::streamoff size = std::max<std::streamoff>(stream.tellg(), 0);
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    stream.seekg(0);
    stream.read(reinterpret_cast<char*>(bytes.data()), size);
    return bytes;
}

}  // namespace owsk::loader
