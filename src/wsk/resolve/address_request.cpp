// SPDX-License-Identifier: MIT
// From an answer to a list.
#include "wsk/resolve/address_request.h"

namespace owsk::wsk {

NTSTATUS hand_out_list(Services& services,
                       const AddressQuery& query,
                       const net::LookupAnswer& answer,
                       const nt::ke::CallPlace& place,
                       PADDRINFOEXW* result) noexcept {
    const Result<AddressListContent> content = query.content(answer);
    if (!content) {
        return content.status();
    }
    const PADDRINFOEXW list = services.faults().strikes(Fault::lookup_memory)
                                  ? nullptr
                                  : services.address_lists().make(*content, query.text(), place);
    if (list == nullptr) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *result = list;
    return STATUS_SUCCESS;
}

}  // namespace owsk::wsk
