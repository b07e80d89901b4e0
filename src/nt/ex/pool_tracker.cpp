// SPDX-License-Identifier: MIT
// The list of a machine's blocks: blocks go in, come out, and are counted at the end.
#include "nt/ex/pool_tracker.h"

#include <wdm.h>

#include <utility>
#include <vector>

#include "base/memory_shortage.h"
#include "base/sanitizer.h"
#include "nt/ke/bug_check.h"

namespace owsk::nt::ex {
namespace {

// What of freed memory is kept. A larger block goes back at once: most of those are unmapped then.
constexpr SIZE_T kept_block_max = 1024 * 1024;
constexpr SIZE_T kept_bytes_max = 2 * 1024 * 1024;
constexpr SIZE_T kept_max = 256;
// Beyond that: those that are too many are looked at several at a time, so that the lock is taken
// less often.
constexpr SIZE_T surplus_bytes_max = 128 * 1024;
constexpr SIZE_T surplus_max = 16;

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

[[noreturn]] void break_rule(Rule rule, const void* bytes, const std::string& sentence) {
    ke::broken_rule(rule, sentence, reinterpret_cast<ULONG_PTR>(bytes));
}

// `state` is not live, or the block is of another kind.
[[noreturn]] void refuse_block(BlockState state, const void* bytes, const char* function) {
    const std::string subject = std::string(function) + " was given ";
    if (state == BlockState::foreign) {
        break_rule(Rule::pool_block_freed_but_never_allocated,
                   bytes,
                   subject + "an address that no allocation returned.");
    }
    const PoolBlock block = read_header(block_of(bytes));
    if (state == BlockState::freed) {
        break_rule(Rule::pool_block_freed_twice,
                   bytes,
                   subject + "a block that has already been freed (" + describe(block) +
                       freed_at(block) + ").");
    }
    if (state == BlockState::overrun) {
        break_rule(Rule::pool_block_written_past_its_end,
                   bytes,
                   "The driver wrote past the end of a block (" + describe(block, bytes) + "); " +
                       function + " found it.");
    }
    break_rule(Rule::pool_block_freed_by_wrong_function,
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
    spare_.visit(delete_block);
    while (first_ != nullptr) {
        PoolBlock* block = first_;
        unlink_block(first_, block);
        note_free(block, nullptr);
        delete_block(block);
    }
}

inline void PoolTracker::add_locked(PoolBlock* block,
                                    const BlockKind& kind,
                                    SIZE_T size,
                                    ULONG tag,
                                    const void* allocated_at) noexcept {
    set_up_block(block, size, kind, this, tag, allocated_at);
    poison_block(block);
    link_block(first_, block);
}

void* PoolTracker::allocate(const BlockKind& kind,
                            SIZE_T size,
                            ULONG tag,
                            const void* allocated_at) noexcept {
    {
        const Lock lock(mu_);
        if (PoolBlock* const spare = spare_.take(size)) {
            add_locked(spare, kind, size, tag, allocated_at);
            return bytes_of(spare);
        }
    }
    return allocate_new(kind, size, tag, allocated_at);
}

void* PoolTracker::allocate_new(const BlockKind& kind,
                                SIZE_T size,
                                ULONG tag,
                                const void* allocated_at) noexcept {
    PoolBlock* const block = new_block(size);
    if (block == nullptr) {
        return nullptr;
    }
    const Lock lock(mu_);
    add_locked(block, kind, size, tag, allocated_at);
    return bytes_of(block);
}

void PoolTracker::unlink_and_delete(PoolBlock* block) noexcept {
    {
        const Lock lock(mu_);
        unlink_block(first_, block);
    }
    delete_block(block);
}

inline PoolBlock* PoolTracker::keep_locked(PoolBlock* block) noexcept {
    block->next = nullptr;
    (freed_.last != nullptr ? freed_.last->next : freed_.first) = block;
    freed_.last = block;
    ++freed_.count;
    freed_.bytes += block->size();
    return freed_.count > kept_max + surplus_max ||
                   freed_.bytes > kept_bytes_max + surplus_bytes_max
               ? evict_locked()
               : nullptr;
}

PoolBlock* PoolTracker::evict_locked() noexcept {
    PoolBlock* const oldest = freed_.first;
    PoolBlock* last = nullptr;
    // The newest one stays in any case.
    while (freed_.count > kept_max || freed_.bytes > kept_bytes_max) {
        last = freed_.first;
        freed_.first = last->next;
        --freed_.count;
        freed_.bytes -= last->size();
    }
    last->next = nullptr;
    return oldest;
}

void PoolTracker::recycle(PoolBlock* evicted, const char* function) noexcept {
    for (PoolBlock* block = evicted; block != nullptr; block = block->next) {
        require_untouched(block, function);
    }
    // What lies about in the heap takes the room of larger pieces, too.
    const bool is_short = memory_was_refused.load(std::memory_order_relaxed);
    PoolBlock* too_many = nullptr;
    {
        const Lock lock(mu_);
        if (is_short) {
            too_many = spare_.take_all();
        }
        while (evicted != nullptr) {
            PoolBlock* const block = std::exchange(evicted, evicted->next);
            if (is_short || !spare_.put(block)) {
                block->next = too_many;
                too_many = block;
            }
        }
    }
    while (too_many != nullptr) {
        delete_block(std::exchange(too_many, too_many->next));
    }
}

void PoolTracker::free(PoolBlock* block, const char* function, const void* place) noexcept {
    require_not_held(block, function);
    PoolTracker& owner = owner_of(block);
    if (!claim_freed(block)) {
        refuse(bytes_of(block), function);
    }
    note_free(block, place);
    // The address sanitizer keeps freed memory itself, and names the instruction that strays there.
    if (OWSK_ADDRESS_SANITIZER || size_of(block) > kept_block_max) {
        owner.unlink_and_delete(block);
        return;
    }
    fill_freed_block(block);
    PoolBlock* evicted = nullptr;
    {
        const Lock lock(owner.mu_);
        unlink_block(owner.first_, block);
        evicted = owner.keep_locked(block);
    }
    if (evicted != nullptr) {
        owner.recycle(evicted, function);
    }
}

void PoolTracker::refuse(const void* bytes, const char* function) noexcept {
    refuse_block(state_of(bytes), bytes, function);
}

void PoolTracker::refuse_written(const void* bytes, SIZE_T offset, const char* function) noexcept {
    const PoolBlock header = read_header(block_of(bytes));
    ke::broken_rule(Rule::pool_block_written_after_free,
                    {.parameters = {reinterpret_cast<ULONG_PTR>(bytes) + offset, 1},
                     .sentence = "The driver wrote to a block after it had freed it, at offset " +
                                 std::to_string(offset) + " (" + describe(header) +
                                 freed_at(header) + "); " + function + " found it."});
}

void PoolTracker::refuse_held(const PoolBlock* held, const char* function) noexcept {
    const PoolBlock block = read_header(held);
    const void* const bytes = held + 1;
    if (block.is_kept()) {
        refuse_block(BlockState::freed, bytes, function);
    }
    if (!block.is_lent()) {
        return;  // given back meanwhile
    }
    break_rule(Rule::memory_freed_under_request,
               bytes,
               std::string(function) + " was given memory that a pending request holds (" +
                   block.kind().name + ", " + describe(block, bytes) +
                   "). The request was made at " + ke::symbol_of(block.lent_or_freed_at) +
                   "; what it was given is the provider's until its IRP has completed.");
}

void PoolTracker::require_freed_untouched(const char* function) noexcept {
    std::vector<PoolBlock*> blocks;
    {
        const Lock lock(mu_);
        for (PoolBlock* block = freed_.first; block != nullptr; block = block->next) {
            blocks.push_back(block);
        }
        spare_.visit([&](PoolBlock* block) { blocks.push_back(block); });
    }
    // Nobody frees at the end of a machine.
    for (PoolBlock* block : blocks) {
        require_untouched(block, function);
    }
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
