// SPDX-License-Identifier: MIT
// ListenerTable: whose attempt a SYN is. It has all listeners of a network, plain ones too, and
// chooses among them as Linux does, so that nobody is asked about an attempt that Linux gives to
// another listener.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "net/claim.h"

namespace owsk::net {

class SynScreen;

class ListenerTable {
  public:
    // A listener's place, from before listen(2) until its socket is closed; it takes itself off.
    class Place {
      public:
        Place() noexcept = default;
        Place(ListenerTable& table, std::uint64_t number) noexcept
            : table_(&table), number_(number) {}
        ~Place() { leave(); }
        Place(Place&& other) noexcept;
        Place& operator=(Place&& other) noexcept;

        // The listener is being closed: others with the same address come first.
        void step_back() noexcept;
        void leave() noexcept;

      private:
        ListenerTable* table_ = nullptr;
        std::uint64_t number_ = 0;
    };

    // `screen` is null for a plain listener.
    Place enter(const Claim& claim, std::shared_ptr<SynScreen> screen) OWSK_EXCLUDES(mutex_);

    // Who holds attempts to `destination`; null if they are nobody's, or a plain listener's, or if
    // it cannot be told because the link is not known.
    std::shared_ptr<SynScreen> find(const Address& destination) noexcept OWSK_EXCLUDES(mutex_);
    // Another number: find() may answer otherwise than it did.
    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  private:
    struct Entry {
        std::uint64_t number;
        Claim claim;
        std::shared_ptr<SynScreen> screen;
        bool is_leaving = false;
    };

    const Entry* find_locked(const Address& destination) const noexcept OWSK_REQUIRES(mutex_);
    void step_back(std::uint64_t number) noexcept OWSK_EXCLUDES(mutex_);
    void leave(std::uint64_t number) noexcept OWSK_EXCLUDES(mutex_);

    Mutex mutex_{Rank::gate};
    std::vector<Entry> entries_ OWSK_GUARDED_BY(mutex_);  // in the order in which they came
    std::uint64_t last_number_ OWSK_GUARDED_BY(mutex_) = 0;
    std::atomic<std::uint64_t> version_ = 0;
};

}  // namespace owsk::net
