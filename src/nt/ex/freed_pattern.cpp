// SPDX-License-Identifier: MIT
// Filling and comparing in the widest pieces that the processor has. The C library's functions are
// as fast for much memory, but most blocks have a few hundred bytes.
#include "nt/ex/freed_pattern.h"

#include <algorithm>
#include <cstdint>

namespace owsk::nt::ex {
namespace {

// Neither a valid pointer nor a small number.
constexpr unsigned char freed_byte = 0xF5;

// Without wide registers the compiler makes two pieces of one.
using Piece = std::uint64_t __attribute__((vector_size(32)));
struct [[gnu::packed, gnu::may_alias]] Place {
    Piece piece;
};
constexpr std::uint64_t freed_word = 0x0101010101010101U * freed_byte;
constexpr Piece filled_piece = {freed_word, freed_word, freed_word, freed_word};
constexpr SIZE_T piece_size = sizeof(Piece);

// Calls `visit` with pieces that cover the bytes, some of them twice. Precondition: there is room
// for one.
template <typename Byte, typename Visit>
[[gnu::always_inline]] inline void visit_pieces(Byte* bytes, SIZE_T count, Visit visit) noexcept {
    Byte* const end = bytes + count;
    if (count >= 4 * piece_size) {
        for (; bytes < end - 4 * piece_size; bytes += 4 * piece_size) {
            visit(bytes);
            visit(bytes + piece_size);
            visit(bytes + 2 * piece_size);
            visit(bytes + 3 * piece_size);
        }
        visit(end - 4 * piece_size);
        visit(end - 3 * piece_size);
        visit(end - 2 * piece_size);
    } else {
        visit(bytes);
        if (count > 2 * piece_size) {
            visit(bytes + piece_size);
            visit(end - 2 * piece_size);
        }
    }
    visit(end - piece_size);
}

[[gnu::always_inline]] inline void fill(unsigned char* bytes, SIZE_T count) noexcept {
    if (count < piece_size) {
        std::fill_n(bytes, count, freed_byte);
        return;
    }
    visit_pieces(bytes, count, [](unsigned char* at) {
        reinterpret_cast<Place*>(at)->piece = filled_piece;
    });
}

[[gnu::always_inline]] inline bool is_filled(const unsigned char* bytes, SIZE_T count) noexcept {
    if (count < piece_size) {
        return std::all_of(
            bytes, bytes + count, [](unsigned char byte) { return byte == freed_byte; });
    }
    Piece differing = {};
    visit_pieces(bytes, count, [&](const unsigned char* at) {
        differing |= reinterpret_cast<const Place*>(at)->piece ^ filled_piece;
    });
    return (differing[0] | differing[1] | differing[2] | differing[3]) == 0;
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void fill_wide(unsigned char* bytes, SIZE_T count) noexcept {
    fill(bytes, count);
}
[[gnu::target("avx2")]] bool is_filled_wide(const unsigned char* bytes, SIZE_T count) noexcept {
    return is_filled(bytes, count);
}
const bool has_wide = __builtin_cpu_supports("avx2") != 0;
#else
constexpr bool has_wide = false;
void fill_wide(unsigned char*, SIZE_T) noexcept {}
bool is_filled_wide(const unsigned char*, SIZE_T) noexcept {
    return false;
}
#endif

}  // namespace

void fill_freed(void* bytes, SIZE_T count) noexcept {
    auto* const first = static_cast<unsigned char*>(bytes);
    has_wide ? fill_wide(first, count) : fill(first, count);
}

std::optional<SIZE_T> written_after_free(const void* filled, SIZE_T count) noexcept {
    const auto* bytes = static_cast<const unsigned char*>(filled);
    if (has_wide ? is_filled_wide(bytes, count) : is_filled(bytes, count)) {
        return std::nullopt;
    }
    SIZE_T offset = 0;
    while (bytes[offset] == freed_byte) {
        ++offset;
    }
    return offset;
}

}  // namespace owsk::nt::ex
