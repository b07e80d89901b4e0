// SPDX-License-Identifier: MIT
// A driver looks names up, which takes time, fails and is cancelled at every moment; some lookups
// are still on their way when it deregisters. Each completes once, with what its name stands for.
#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "base/status_name.h"
#include "simulation/driver/call.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

// A name, and what becomes of a lookup that nobody disturbs.
struct Name {
    PCWSTR name;
    const char* text;
    NTSTATUS status;
    UCHAR last_octet;  // of 192.0.2.0/24
};
constexpr Name names[] = {
    {L"near.example", "near.example", STATUS_SUCCESS, 101},
    {L"far.example", "far.example", STATUS_SUCCESS, 102},
    {L"gone.example", "gone.example", STATUS_NO_MATCH, 103},
    {L"silent.example", "silent.example", STATUS_IO_TIMEOUT, 104},
    {L"192.0.2.105", nullptr, STATUS_SUCCESS, 105},
};

class Driver {
  public:
    Driver(Run& run, bool has_faults) : run_(run), has_faults_(has_faults) {}

    void enroll() {
        WSK_CLIENT_NPI npi = {nullptr, &dispatch_};
        if (!NT_SUCCESS(WskRegister(&npi, &registration_))) {
            run_.fail("WskRegister failed");
        }
    }

    // Some lookups, one after another and at once, while it has the provider.
    void use() {
        WSK_PROVIDER_NPI npi = {};
        if (!NT_SUCCESS(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi))) {
            return;  // WskDeregister was first
        }
        std::deque<Lookup> lookups;
        for (std::uint64_t left = run_.between(1, 4); left != 0; --left) {
            start(npi, lookups.emplace_back());
        }
        if (run_.chance(50)) {
            name_of_address(npi);
        }
        for (Lookup& lookup : lookups) {
            if (lookup.is_cancelled) {
                Server::sleep(run_.moment(lookup.patience));
                lookup.call->cancel();
            }
        }
        for (Lookup& lookup : lookups) {
            check(lookup, lookup.call->wait());
            npi.Dispatch->WskFreeAddressInfo(npi.Client, lookup.result);
        }
        WskReleaseProviderNPI(&registration_);
    }

    void withdraw() {
        Server::sleep(run_.moment(3ms));
        WskDeregister(&registration_);
        if (pending_ != 0) {
            run_.fail("WskDeregister returned with " + std::to_string(pending_) + " lookup(s)");
        }
    }

  private:
    struct Lookup {
        const Name* name = nullptr;
        bool is_cancelled = false;
        Duration patience{};
        PADDRINFOEXW result = nullptr;
        CallRef call;
    };

    void start(const WSK_PROVIDER_NPI& npi, Lookup& lookup) {
        lookup.name = &names[run_.below(std::size(names))];
        lookup.is_cancelled = run_.chance(40);
        lookup.patience = run_.chance(50) ? Duration(20us) : Duration(2ms);
        UNICODE_STRING node;
        RtlInitUnicodeString(&node, lookup.name->name);
        lookup.call = Call::make(run_, {.what = "WskGetAddressInfo"}, [&](PIRP irp) {
            return npi.Dispatch->WskGetAddressInfo(npi.Client,
                                                   &node,
                                                   nullptr,
                                                   NS_ALL,
                                                   nullptr,
                                                   nullptr,
                                                   &lookup.result,
                                                   nullptr,
                                                   nullptr,
                                                   irp);
        });
    }

    void check(const Lookup& lookup, NTSTATUS status) {
        const bool by_fault =
            has_faults_ && (status == STATUS_IO_TIMEOUT || status == STATUS_INSUFFICIENT_RESOURCES);
        const bool by_cancel = lookup.is_cancelled && status == STATUS_CANCELLED;
        if (status != lookup.name->status && !by_fault && !by_cancel) {
            run_.fail("a lookup completed with " + status_name(status));
        }
        if (NT_SUCCESS(status) != (lookup.result != nullptr)) {
            run_.fail("a lookup has a list and a failure, or none of both");
        }
        if (lookup.result != nullptr) {
            SOCKADDR_IN in;
            std::memcpy(&in, lookup.result->ai_addr, sizeof in);
            if (in.sin_addr.S_un.S_un_b.s_b4 != lookup.name->last_octet) {
                run_.fail("a lookup found the address of another name");
            }
        }
    }

    // Left alone, to be on its way when the driver deregisters.
    void name_of_address(const WSK_PROVIDER_NPI& npi) {
        struct Rooms {
            std::array<WCHAR, 64> units = {};
            UNICODE_STRING node = {0, sizeof units, units.data()};
        };
        const auto rooms = std::make_shared<Rooms>();
        SOCKADDR_IN in = {};
        in.sin_family = AF_INET;
        in.sin_addr.S_un.S_addr = RtlUlongByteSwap(0xC0000265);  // 192.0.2.101
        ++pending_;
        Call::make(
            run_,
            {.what = "WskGetNameInfo"},
            [&](PIRP irp) {
                return npi.Dispatch->WskGetNameInfo(npi.Client,
                                                    reinterpret_cast<PSOCKADDR>(&in),
                                                    sizeof in,
                                                    &rooms->node,
                                                    nullptr,
                                                    0,
                                                    nullptr,
                                                    nullptr,
                                                    irp);
            },
            [this, rooms](NTSTATUS status, ULONG_PTR) {
                --pending_;
                if (NT_SUCCESS(status) && rooms->node.Length == 0) {
                    run_.fail("a lookup of an address has found nothing");
                }
            });
    }

    Run& run_;
    const bool has_faults_;
    WSK_CLIENT_DISPATCH dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
    unsigned pending_ = 0;
};

void set_names(Run& run) {
    for (const Name& name : names) {
        if (name.text == nullptr) {
            continue;
        }
        NameRules rules = {.addresses = {"192.0.2." + std::to_string(name.last_octet)},
                           .delay = run.moment(run.chance(50) ? Duration(50us) : Duration(5ms))};
        rules.failure = name.status == STATUS_SUCCESS    ? NameFailure::none
                        : name.status == STATUS_NO_MATCH ? NameFailure::unknown
                                                         : NameFailure::no_answer;
        run.simulation().set_name(name.text, rules);
    }
}

}  // namespace

OWSK_SCENARIO(resolving, "lookups of names against IoCancelIrp and WskDeregister") {
    set_names(run);
    Server& server = run.add_server({.registered = false});
    const bool has_faults = run.chance(30);
    if (has_faults) {
        server.machine().faults().fail_with(Fault::look_up, 0.2);
        server.machine().faults().fail_with(Fault::lookup_memory, 0.2);
    }
    const std::uint64_t drivers = run.between(1, 2);
    for (std::uint64_t i = 0; i < drivers; ++i) {
        auto& driver = server.keep<Driver>(run, has_faults);
        server.perform([&] { driver.enroll(); });
        const std::uint64_t users = run.between(1, 3);
        for (std::uint64_t j = 0; j < users; ++j) {
            server.start("user", [&] {
                for (std::uint64_t times = run.between(1, 3); times != 0; --times) {
                    driver.use();
                }
            });
        }
        server.start("withdrawer", [&] { driver.withdraw(); });
    }
    run.finish();
}

}  // namespace owsk::scenarios
