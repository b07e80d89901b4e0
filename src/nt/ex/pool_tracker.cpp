// SPDX-License-Identifier: MIT
// The list of a machine's blocks: blocks go in, come out, and are counted at the end.
#include "nt/ex/pool_tracker.h"

#include <wdm.h>

#include <utility>
#include <vector>

#include "base/sanitizer.h"
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
constexpr Fault written_late{
    SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION, 0x20, "pool-block-written-after-free"};
constexpr Fault lent{DRIVER_VERIFIER_DETECTED_VIOLATION, 0, "memory-freed-under-request"};

// What of freed memory is kept. A larger block goes back at once: most of those are unmapped then.
constexpr SIZE_T kept_block_max = 1024 * 1024;
constexpr SIZE_T kept_bytes_max = 2 * 1024 * 1024;
constexpr SIZE_T kept_max = 256;

// Without `bytes`, only what the header says: a freed block has nothing else left.
std::string describe(const PoolBlock& block, const void* bytes = nullptr) {
    std::string text = std::to_string(block.size()) + " bytes";
    if (block.tag != 0) {
        text = tag_to_text(block.tag) + ", " + text;
    }
    if (bytes != nullptr && block.kind().describe != nullptr) {
        text += ", " + block.kind().describe(block, bytes);
    }
    return text + ", allocated at " + ke::symbol_of(block.allocated_at);
}

std::string freed_at(const PoolBlock& block) {
    return block.lent_or_freed_at == nullptr
               ? ", freed when its machine ended"
               : ", freed at " + ke::symbol_of(block.lent_or_freed_at);
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
               subject + "a block that has been freed already (" + describe(block) +
                   freed_at(block) + ").");
    }
    if (state == BlockState::overrun) {
        refuse(overrun,
               bytes,
               "The driver wrote past the end of a block (" + describe(block, bytes) + "); " +
                   function + " found it.");
    }
    refuse(wrong_kind,
           bytes,
           subject + "a block of another kind: " + block.kind().name +
               ", which goes back through " + block.kind().freed_with + " (" +
               describe(block, bytes) + ").");
}

void require_untouched(PoolBlock* block, const char* function) noexcept {
    const std::optional<SIZE_T> offset = written_after_free(block);
    if (offset.has_value()) {
        PoolTracker::refuse_written(bytes_of(block), *offset, function);
    }
}

}  // namespace

PoolTracker::~PoolTracker() {
    while (freed_.first != nullptr) {
        delete_block(std::exchange(freed_.first, freed_.first->next));
    }
    while (first_ != nullptr) {
        PoolBlock* block = first_;
        unlink_block(first_, block);
        note_free(block, nullptr);
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
    block->kind_number = kind.number;
    block->allocated_at = allocated_at;
    block->tag = tag;
    poison_block(block);
    const Lock lock(mu_);
    link_block(first_, block);
    return bytes_of(block);
}

void PoolTracker::unlink(PoolBlock* block) noexcept {
    const Lock lock(mu_);
    unlink_block(first_, block);
}

PoolBlock* PoolTracker::keep_locked(PoolBlock* block) noexcept {
    block->next = nullptr;
    (freed_.last != nullptr ? freed_.last->next : freed_.first) = block;
    freed_.last = block;
    ++freed_.count;
    freed_.bytes += block->size();
    PoolBlock* const oldest = freed_.first;
    PoolBlock* last = nullptr;
    // The newest one stays in any case.
    while (freed_.count > kept_max || freed_.bytes > kept_bytes_max) {
        last = freed_.first;
        freed_.first = last->next;
        --freed_.count;
        freed_.bytes -= last->size();
    }
    if (last == nullptr) {
        return nullptr;
    }
    last->next = nullptr;
    return oldest;
}

void PoolTracker::free(void* bytes,
                       const BlockKind& kind,
                       const char* function,
                       const void* place) noexcept {
    const BlockState state = state_of(bytes);
    PoolBlock* const block = block_of(bytes);
    if (state != BlockState::live || !is_of_kind(block, kind)) {
        refuse_block(state, bytes, function);
    }
    if (is_held(block)) {
        require_not_kept(bytes, function);
        require_not_lent(bytes, function);
    }
    const PoolBlock header = read_header(block);
    PoolTracker& owner = *header.owner;
    if (!claim_freed(block)) {
        refuse_block(state_of(bytes), bytes, function);
    }
    note_free(block, place);
    // The address sanitizer keeps freed memory itself, and names the instruction that strays there.
    if (OWSK_ADDRESS_SANITIZER || header.size() > kept_block_max) {
        owner.unlink(block);
        delete_block(block);
        return;
    }
    fill_freed_block(block);
    PoolBlock* evicted = nullptr;
    {
        const Lock lock(owner.mu_);
        unlink_block(owner.first_, block);
        evicted = owner.keep_locked(block);
    }
    while (evicted != nullptr) {
        require_untouched(evicted, function);
        delete_block(std::exchange(evicted, evicted->next));
    }
}

void PoolTracker::refuse_written(const void* bytes, SIZE_T offset, const char* function) noexcept {
    const PoolBlock header = read_header(block_of(bytes));
    refuse(written_late,
           bytes,
           "The driver wrote to a block after it had freed it, at offset " +
               std::to_string(offset) + " (" + describe(header) + freed_at(header) + "); " +
               function + " found it.");
}

void PoolTracker::require_not_kept(const void* bytes, const char* function) noexcept {
    if (read_header(block_of(bytes)).is_kept()) {
        refuse_block(BlockState::freed, bytes, function);
    }
}

void PoolTracker::require_not_lent(const void* bytes, const char* function) noexcept {
    const PoolBlock block = read_header(block_of(bytes));
    if (!block.is_lent()) {
        return;
    }
    refuse(lent,
           bytes,
           std::string(function) + " was given memory that a pending request holds (" +
               block.kind().name + ", " + describe(block, bytes) + "). The request was made at " +
               ke::symbol_of(block.lent_or_freed_at) +
               "; what it was given is the provider's until its IRP has completed.");
}

void PoolTracker::require_freed_untouched(const char* function) noexcept {
    std::vector<PoolBlock*> blocks;
    {
        const Lock lock(mu_);
        for (PoolBlock* block = freed_.first; block != nullptr; block = block->next) {
            blocks.push_back(block);
        }
    }
    // Nobody frees at the end of a machine.
    for (PoolBlock* block : blocks) {
        require_untouched(block, function);
    }
}

PoolBlock PoolTracker::require(const void* bytes,
                               const BlockKind& kind,
                               const char* function) noexcept {
    const BlockState state = state_of(bytes);
    if (state == BlockState::live) {
        const PoolBlock block = read_header(block_of(bytes));
        if (is_of_kind(&block, kind)) {
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
            leaks.emplace_back(header.kind().name, describe(header, bytes_of(block)));
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
