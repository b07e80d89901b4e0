// SPDX-License-Identifier: MIT
// AddressQuery: what a call of WskGetAddressInfo wants to know, which part of it has to be looked
// up, and what list the answers make.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <string>

#include "base/result.h"
#include "net/resolver.h"
#include "wsk/resolve/address_lists.h"

namespace owsk::wsk {

// The strings and hints of a call, which may be null.
struct AddressArguments {
    const UNICODE_STRING* node;
    const UNICODE_STRING* service;
    ULONG name_space;
    const GUID* provider;
    const ADDRINFOEXW* hints;
};

class AddressQuery {
  public:
    // STATUS_INVALID_PARAMETER for what contradicts itself, STATUS_NOT_SUPPORTED for what is not
    // here, STATUS_NO_MATCH for a name that cannot be one.
    static Result<AddressQuery> read(const AddressArguments& arguments);

    // What nobody knows without asking. Empty if there is nothing.
    const net::AddressQuestion& question() const noexcept { return question_; }
    bool must_ask() const noexcept { return !question_.host.empty() || !question_.service.empty(); }
    // With an answer to the question, if there was one to ask.
    Result<AddressListContent> content(const net::LookupAnswer& answer) const;
    // "server:http", for people.
    std::string text() const;

  private:
    NTSTATUS read_hints(const ADDRINFOEXW& hints) noexcept;
    NTSTATUS read_transport(int socket_type, int protocol) noexcept;
    NTSTATUS settle_host();
    NTSTATUS settle_service();
    bool has_flag(int flag) const noexcept { return (flags_ & flag) != 0; }
    // Those of the wanted families, perhaps as others.
    std::vector<Address> wanted(const std::vector<Address>& all) const;
    void append_entries(Address address,
                        const net::ServicePorts& ports,
                        AddressListContent& content) const;

    std::string host_;
    std::string service_;
    int flags_ = 0;
    bool ipv4_ = true;
    bool ipv6_ = true;
    int socket_type_ = 0;
    int protocol_ = 0;

    std::vector<Address> addresses_;  // if nobody has to be asked
    net::ServicePorts ports_;         // likewise
    net::AddressQuestion question_;
};

}  // namespace owsk::wsk
