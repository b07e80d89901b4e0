// SPDX-License-Identifier: MIT
// AddressRequest: a WskGetAddressInfo that somebody has to be asked about.
#pragma once

#include <utility>

#include "wsk/resolve/address_query.h"
#include "wsk/resolve/name_request.h"

namespace owsk::wsk {

// The end of a WskGetAddressInfo: the list that the answer makes. `place` is where it was called.
// The status is the request's.
NTSTATUS hand_out_list(Services& services,
                       const AddressQuery& query,
                       const net::LookupAnswer& answer,
                       const nt::ke::CallPlace& place,
                       PADDRINFOEXW* result) noexcept;

class AddressRequest final : public NameRequest {
  public:
    // The list goes to `*result`, which is the driver's.
    AddressRequest(Client& client,
                   AddressQuery query,
                   const nt::ke::CallPlace& place,
                   PADDRINFOEXW* result)
        : NameRequest(client, query.question(), query.text()),
          query_(std::move(query)),
          place_(place),
          result_(result) {}

  private:
    NTSTATUS take_up(const net::LookupAnswer& answer) noexcept override {
        return hand_out_list(client().services(), query_, answer, place_, result_);
    }
    void visit_memory(Request, MemoryVisitor& visitor) const noexcept override {
        visitor.visit(result_);
    }

    const AddressQuery query_;
    const nt::ke::CallPlace place_;
    PADDRINFOEXW* const result_;
};

}  // namespace owsk::wsk
