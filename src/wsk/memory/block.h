// SPDX-License-Identifier: MIT
// Receive memory: blocks of 64 KiB that a processor fills from the front, and indications carved
// out of them. A driver that retains an indication keeps its block; nothing is copied.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "base/mutex.h"
#include "net/datagram_port.h"

namespace owsk::wsk {

class BlockPool;
struct IndicationShape;

inline constexpr SIZE_T block_size = 64 * 1024;

// Received bytes that a driver is shown, with the MDL for them and what we note about it. Lies in a
// block, before its data.
struct Indication {
    Indication(struct Block& whole, std::byte* room, SIZE_T size) noexcept
        : block(&whole), data(room), capacity(size) {}

    // An MDL may begin so many bytes before the data, which are zeros then.
    static constexpr SIZE_T before_max = 64;

    // `count` bytes from `offset` on, as one MDL; none if there are no bytes.
    WSK_BUF in_one(SIZE_T offset, SIZE_T count) noexcept;

    LIST_ENTRY entry;
    Block* const block;
    std::byte* const data;
    const SIZE_T capacity;
    SIZE_T length = 0;
    bool in_callback = false;
    bool released = false;
    IndicationShape* shape = nullptr;  // null: one MDL, and not a list
    MDL mdl;
    PFN_NUMBER pages[block_size / PAGE_SIZE + 1];
};

// What WskReceiveEvent sees.
struct DataIndication final : Indication {
    using Indication::Indication;

    // Shows `count` bytes from `offset` on to the driver.
    void show(SIZE_T offset, SIZE_T count) noexcept;

    WSK_DATA_INDICATION api;
    SIZE_T shown = 0;  // bytes, from wherever they were shown last
};

// What WskReceiveFromEvent sees of a datagram.
struct DatagramIndication final : Indication {
    using Indication::Indication;

    // As much control data as a datagram may have.
    static constexpr SIZE_T control_max = 136;

    net::ReceivedDatagram datagram;
    bool refused_for_good = false;  // not to be shown again, but a WskReceiveFrom may have it
    // From here on as the driver sees it.
    WSK_DATAGRAM_INDICATION api;
    SOCKADDR_INET remote;
    alignas(CMSGHDR) std::byte control[control_max];
};

class BlockPool {
  public:
    BlockPool() = default;
    // Precondition: no indication is left.
    ~BlockPool();
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    // Room for the next received bytes, at least `room_min` of them, on the calling processor; null
    // when memory is out. Followed, before the processor carves again, by keep() or by nothing:
    // then the room is used again. Precondition: room_min <= block_size.
    template <typename Kind>
    Kind* carve(unsigned processor, SIZE_T room_min = usual_room) noexcept OWSK_EXCLUDES(mu_) {
        const Room room = carve_room(processor, header_size<Kind>, room_min);
        // Its arrays stay as they are: to clear them would take longer than all the rest.
        return room.block == nullptr
                   ? nullptr
                   : new (room.place) Kind(*room.block, room.place + header_size<Kind>, room.size);
    }
    // The same for several, each with exactly `room` bytes, as far as one block has them: returns
    // how many, at least one unless memory is out. Those that are kept are the first ones, in
    // order.
    template <typename Kind>
    std::size_t carve_several(unsigned processor, SIZE_T room, std::span<Kind*> out) noexcept
        OWSK_EXCLUDES(mu_) {
        static_assert(header_size<Kind> % 16 == 0);
        const SIZE_T each = header_size<Kind> + room;
        const Room whole = carve_room(processor, header_size<Kind>, room);
        if (whole.block == nullptr) {
            return 0;
        }
        const std::size_t count =
            std::min<std::size_t>(out.size(), (header_size<Kind> + whole.size) / each);
        for (std::size_t i = 0; i < count; ++i) {
            std::byte* const place = whole.place + i * each;
            out[i] = new (place) Kind(*whole.block, place + header_size<Kind>, room);
        }
        return count;
    }
    // Memory of block_size bytes for what turns out to be longer than the room that was carved, on
    // the calling processor, until it asks again; null when memory is out. There is one for each
    // of several.
    std::byte* overflow(unsigned processor, std::size_t index) noexcept;
    // The indication outlives the callback: `length` bytes of its room stay in use.
    void keep(Indication& indication) noexcept;
    // Gives a kept indication back, from any thread.
    void release(Indication& indication) noexcept OWSK_EXCLUDES(mu_);

    // What lies before the data of an indication.
    template <typename Kind>
    static constexpr SIZE_T header_size =
        ((sizeof(Kind) + 15) & ~SIZE_T{15}) + Indication::before_max;

  private:
    // Less room than this is not worth a read.
    static constexpr SIZE_T usual_room = 8 * 1024;

    struct Room {
        Block* block;
        std::byte* place;
        SIZE_T size;  // without the header
    };

    Room carve_room(unsigned processor, SIZE_T header, SIZE_T room_min) noexcept OWSK_EXCLUDES(mu_);
    void drop(Block* block) noexcept OWSK_EXCLUDES(mu_);
    Block* new_block() noexcept OWSK_EXCLUDES(mu_);

    // The block that each processor fills; touched by that processor only.
    std::array<Block*, MAXIMUM_PROCESSORS> current_ = {};
    std::array<std::unique_ptr<std::byte[]>, MAXIMUM_PROCESSORS> overflows_;
    Mutex mu_{Rank::sockets};
    std::vector<Block*> free_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
