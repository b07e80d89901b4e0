// SPDX-License-Identifier: MIT
// A connection comes and goes.
#include "net/linux/gate/syn/guest_list.h"

#include <utility>

namespace owsk::net {

class GuestList::Guest {
  public:
    Guest(std::shared_ptr<GuestList> list, const Flow& flow, Instant now) noexcept
        : list_(std::move(list)), flow_(flow) {
        const Lock lock(list_->mutex_);
        list_->entered_.insert_or_assign(flow_, now);
    }
    ~Guest() {
        const Lock lock(list_->mutex_);
        list_->entered_.erase(flow_);
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;

  private:
    const std::shared_ptr<GuestList> list_;
    const Flow flow_;
};

bool GuestList::has(const Flow& flow) noexcept {
    const Lock lock(mutex_);
    return entered_.contains(flow);
}

bool GuestList::has_since(const Flow& flow, Instant since) noexcept {
    const Lock lock(mutex_);
    const auto entry = entered_.find(flow);
    return entry != entered_.end() && entry->second >= since;
}

std::shared_ptr<const void> GuestList::enter(const Flow& flow, Instant now) noexcept {
    return std::make_shared<const Guest>(shared_from_this(), flow, now);
}

}  // namespace owsk::net
