// SPDX-License-Identifier: MIT
// Resolver: who knows the names of computers and services. Lookups take time, and may be given up;
// what can be said without asking anybody (numeric addresses and ports) does not come here.
// Implemented by net/linux (what the system's own programs would find) and by net/sim.
#pragma once

#include <ntdef.h>
#include <ntstatus.h>
#include <openwsk/address.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/host.h"
#include "net/services.h"

namespace owsk::net {

// What an address, a port or both are looked up for. Text is UTF-8, and empty if there is nothing
// to look up.
struct AddressQuestion {
    std::string host = {};
    bool ipv4 = true;
    bool ipv6 = true;
    bool only_configured = false;  // only families of which this computer has an address
    bool only_numeric = false;     // `host` may be an address whose scope is a name, nothing else
    bool encode_idn = true;        // names that are not ASCII are encoded as RFC 5891 has it
    bool canonical_name = false;
    std::string service = {};
};

// What the names of a computer, a service or both are looked up for.
struct NameQuestion {
    Address address = {};
    bool host = false;
    bool short_name = false;  // a computer of our own domain without the domain
    bool service = false;
    bool datagram = false;  // the service is one of UDP
};

using LookupQuestion = std::variant<AddressQuestion, NameQuestion>;

struct LookupAnswer {
    // STATUS_NO_MATCH: nobody knows the host. STATUS_IO_TIMEOUT: who would know does not answer
    // now.
    NTSTATUS status = STATUS_SUCCESS;
    std::vector<Address> addresses = {};  // with port 0, the best first
    std::string name = {};                // of the host, canonical; empty: it has none
    ServicePorts ports = {};
    std::string service = {};  // empty: the port has no name
};

// A question on its way to its answer.
class Lookup {
  public:
    explicit Lookup(LookupQuestion question) : question_(std::move(question)) {}
    virtual ~Lookup() = default;

    const LookupQuestion& question() const noexcept { return question_; }
    // On the processor, with no lock of net held. Never from inside a call to net.
    virtual void on_answer(LookupAnswer& answer) noexcept = 0;

  private:
    const LookupQuestion question_;
};

class Resolver {
  public:
    // Precondition: no lookup is under way, but those that were abandoned.
    virtual ~Resolver() = default;

    // The answer comes once, on `processor`, and keeps the lookup alive until then; not if this
    // fails.
    virtual NTSTATUS start(std::shared_ptr<Lookup> lookup, host::Processor& processor) noexcept = 0;
    // Nobody wants the answer any more. It may still come if it is just being told. Any thread.
    virtual void abandon(const Lookup& lookup) noexcept = 0;
};

}  // namespace owsk::net
