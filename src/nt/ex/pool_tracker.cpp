// SPDX-License-Identifier: MIT
// The list of a machine's blocks: blocks go in, come out, and are counted at the end.
#include "nt/ex/pool_tracker.h"

#include <wdm.h>

#include <utility>
#include <vector>

#include "nt/ke/bug_check.h"

namespace owsk::nt::ex {
namespace {

struct Fault {
    ULONG code;
    ULONG_PTR reason;
    const char* rule;
};

constexpr Fault freed_twice{BAD_POOL_CALLER, 0x7, "pool-block-freed-once"};
constexpr Fault not_pool{BAD_POOL_CALLER, 0x42, "pool-block-freed-was-allocated"};
constexpr Fault wrong_kind{BAD_POOL_CALLER, 0x43, "pool-block-freed-by-its-own-function"};
constexpr Fault overrun{BAD_POOL_HEADER, 0x20, "pool-block-written-within-its-size"};

// Without `bytes`, only what the header says: a freed block has nothing else left.
std::string describe(const PoolBlock& block, const void* bytes = nullptr) {
    std::string text = std::to_string(block.size) + " bytes";
    if (block.tag != 0) {
        text = tag_to_text(block.tag) + ", " + text;
    }
    if (bytes != nullptr && block.kind->describe != nullptr) {
        text += ", " + block.kind->describe(block, bytes);
    }
    return text + ", allocated at " + ke::symbol_of(block.allocated_at);
}

[[noreturn]] void refuse(const Fault& fault, const void* bytes, std::string sentence) {
    ke::bug_check({.code = fault.code,
                   .parameters = {fault.reason, reinterpret_cast<ULONG_PTR>(bytes), 0, 0},
                   .rule = fault.rule,
                   .sentence = std::move(sentence)});
}

// `state` is not live, or the block is of another kind.
[[noreturn]] void refuse_block(BlockState state, const void* bytes, const char* function) {
    const std::string subject = std::string(function) + " was given ";
    if (state == BlockState::foreign) {
        refuse(not_pool, bytes, subject + "an address that no allocation returned.");
    }
    const PoolBlock block = read_header(block_of(bytes));
    if (state == BlockState::freed) {
        refuse(freed_twice,
               bytes,
               subject + "a block that has been freed already (" + describe(block) + ").");
    }
    if (state == BlockState::overrun) {
        refuse(overrun,
               bytes,
               "The driver wrote past the end of a block (" + describe(block, bytes) + "); " +
                   function + " found it.");
    }
    refuse(wrong_kind,
           bytes,
           subject + "a block of another kind: " + block.kind->name + ", which goes back through " +
               block.kind->freed_with + " (" + describe(block, bytes) + ").");
}

}  // namespace

PoolTracker::~PoolTracker() {
    while (first_ != nullptr) {
        PoolBlock* block = first_;
        unlink_block(first_, block);
        delete_block(block);
    }
}

void* PoolTracker::allocate(const BlockKind& kind,
                            SIZE_T size,
                            ULONG tag,
                            const void* allocated_at) noexcept {
    PoolBlock* block = new_block(size);
    if (block == nullptr) {
        return nullptr;
    }
    block->owner = this;
    block->kind = &kind;
    block->allocated_at = allocated_at;
    block->tag = tag;
    poison_block(block);
    const Lock lock(mu_);
    link_block(first_, block);
    return bytes_of(block);
}

void PoolTracker::free(void* bytes, const BlockKind& kind, const char* function) noexcept {
    PoolTracker& owner = *require(bytes, kind, function).owner;
    PoolBlock* block = block_of(bytes);
    {
        const Lock lock(owner.mu_);
        unlink_block(owner.first_, block);
    }
    delete_block(block);
}

PoolBlock PoolTracker::require(const void* bytes,
                               const BlockKind& kind,
                               const char* function) noexcept {
    const BlockState state = state_of(bytes);
    if (state == BlockState::live) {
        const PoolBlock block = read_header(block_of(bytes));
        if (block.kind == &kind) {
            return block;
        }
    }
    refuse_block(state, bytes, function);
}

std::uint64_t PoolTracker::report_leaks(probe::Probes& probes) {
    std::vector<std::pair<const char*, std::string>> leaks;
    {
        const Lock lock(mu_);
        for (PoolBlock* block = first_; block != nullptr;) {
            const PoolBlock header = read_header(block);
            leaks.emplace_back(header.kind->name, describe(header, bytes_of(block)));
            block = header.next;
        }
    }
    for (const auto& [kind, description] : leaks) {
        probes.leak({kind, description});
    }
    return leaks.size();
}

std::string tag_to_text(ULONG tag) {
    std::string text = "tag '";
    for (unsigned shift = 0; shift < 32; shift += 8) {
        const char character = static_cast<char>(tag >> shift);
        text += character >= ' ' && character <= '~' ? character : '.';
    }
    return text + "'";
}

}  // namespace owsk::nt::ex
