// SPDX-License-Identifier: MIT
// IndicationShape: received bytes shown to a driver in another shape than usual, as it may
// be on Windows: a list of several indications, chains of MDLs, an Offset.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <array>
#include <cstdint>
#include <optional>

#include "base/visible_memory.h"
#include "wsk/memory/block.h"

namespace owsk::wsk {

// What an indication needs besides its own WSK_DATA_INDICATION and MDL.
struct IndicationShape : Visible {
    static constexpr SIZE_T parts_max = 4;   // indications of a list
    static constexpr SIZE_T pieces_max = 3;  // MDLs of a chain
    struct Piece {
        MDL mdl;
        PFN_NUMBER pages[block_size / PAGE_SIZE + 2];
    };

    // The first part of a list is the indication itself.
    std::array<WSK_DATA_INDICATION, parts_max - 1> parts;
    std::array<Piece, parts_max * pieces_max> pieces;
};

// Shows the `indication.shown` bytes from `offset` on anew: as a list cut by `list`, as chains cut
// by `chain`, or both. Too few bytes to cut, or no memory: it stays as it is.
void reshape(DataIndication& indication,
             SIZE_T offset,
             std::optional<std::uint64_t> list,
             std::optional<std::uint64_t> chain) noexcept;
// A datagram is shown as a chain cut by `chain`. If it is empty, or without memory, it stays as it
// is.
void reshape(DatagramIndication& indication, std::uint64_t chain) noexcept;

}  // namespace owsk::wsk
