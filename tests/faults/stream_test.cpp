// SPDX-License-Identifier: MIT
// Stream sockets, with each occasion of each fault failing in a run of its own: what does not work
// says so, what is tried again works, and nothing is left.
#include <gtest/gtest.h>
#include <openwsk/machine.h>

#include <memory>
#include <string>
#include <vector>

#include "base/status_name.h"
#include "unit/wsk/provider_fixture.h"

namespace owsk {
namespace {

using wsk::TestIrp;

// Two stream sockets, of which one listens and the other connects to it.
class StreamPair {
  public:
    StreamPair(Machine& machine, const PlannedFailure& failure)
        : failure_(failure), attachment_(machine) {}
    ~StreamPair() {
        for (PWSK_SOCKET socket : sockets_) {
            TestIrp irp;
            functions(socket).Basic.WskCloseSocket(socket, irp.get());
            EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        }
        if (is_registered_) {
            WskReleaseProviderNPI(&registration_);
            WskDeregister(&registration_);
        }
    }
    StreamPair(const StreamPair&) = delete;
    StreamPair& operator=(const StreamPair&) = delete;

    // False if WskRegister fails.
    bool register_client() {
        WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
        is_registered_ = works(WskRegister(&client, &registration_));
        return is_registered_ &&
               works(WskCaptureProviderNPI(&registration_, WSK_INFINITE_WAIT, &npi_));
    }
    // As far as it goes.
    void live() {
        PWSK_SOCKET listening = make();
        PWSK_SOCKET connecting = make();
        if (listening == nullptr || connecting == nullptr) {
            return;
        }
        SOCKADDR_IN at = {};
        if (!bind(listening, at) || !bind(connecting, at) || !listen(listening)) {
            return;
        }
        TestIrp where;
        functions(listening).WskGetLocalAddress(
            listening, reinterpret_cast<PSOCKADDR>(&at), where.get());
        ASSERT_EQ(where.wait(), STATUS_SUCCESS);
        if (!connect(connecting, at)) {
            // It was refused, so that it can listen.
            EXPECT_TRUE(listen(connecting));
            return;
        }
        PWSK_SOCKET accepted = accept(listening);
        if (accepted != nullptr) {
            sockets_.push_back(accepted);
        }
    }

  private:
    static const WSK_PROVIDER_STREAM_DISPATCH& functions(PWSK_SOCKET socket) {
        return *static_cast<const WSK_PROVIDER_STREAM_DISPATCH*>(socket->Dispatch);
    }
    // Whether a call has succeeded. If not, then because of the fault.
    bool works(NTSTATUS status) {
        EXPECT_NE(status, STATUS_TIMEOUT);
        EXPECT_TRUE(NT_SUCCESS(status) || failure_.has_happened()) << status_name(status);
        return NT_SUCCESS(status);
    }
    PWSK_SOCKET make() {
        TestIrp irp;
        npi_.Dispatch->WskSocket(npi_.Client,
                                 AF_INET,
                                 SOCK_STREAM,
                                 IPPROTO_TCP,
                                 WSK_FLAG_STREAM_SOCKET,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 irp.get());
        if (!works(irp.wait())) {
            EXPECT_EQ(irp.information(), 0U);
            return nullptr;
        }
        sockets_.push_back(reinterpret_cast<PWSK_SOCKET>(irp.information()));
        return sockets_.back();
    }
    bool bind(PWSK_SOCKET socket, SOCKADDR_IN at) {
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = RtlUlongByteSwap(0x7F000001);
        const auto once = [&] {
            TestIrp irp;
            functions(socket).WskBind(socket, reinterpret_cast<PSOCKADDR>(&at), 0, irp.get());
            return irp.wait();
        };
        return works(once()) || works(once());
    }
    // A failure leaves the socket bound.
    bool listen(PWSK_SOCKET socket) {
        const auto once = [&] {
            TestIrp irp;
            functions(socket).WskListen(socket, irp.get());
            return irp.wait();
        };
        const bool first = works(once());
        return first || works(once());
    }
    bool connect(PWSK_SOCKET socket, SOCKADDR_IN to) {
        TestIrp irp;
        functions(socket).WskConnect(socket, reinterpret_cast<PSOCKADDR>(&to), 0, irp.get());
        return works(irp.wait());
    }
    PWSK_SOCKET accept(PWSK_SOCKET socket) {
        TestIrp irp;
        functions(socket).WskAccept(socket, 0, nullptr, nullptr, nullptr, nullptr, irp.get());
        return works(irp.wait()) ? reinterpret_cast<PWSK_SOCKET>(irp.information()) : nullptr;
    }

    const PlannedFailure& failure_;
    Machine::Attachment attachment_;
    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    bool is_registered_ = false;
    std::vector<PWSK_SOCKET> sockets_;
};

class StreamSweep : public testing::TestWithParam<CompletionMode> {};

TEST_P(StreamSweep, NoFailureIsOneTooMany) {
    const std::uint64_t met = for_each_failure({Fault::registration,
                                                Fault::socket_allocation,
                                                Fault::late_completion,
                                                Fault::late_turn,
                                                Fault::listen,
                                                Fault::accept,
                                                Fault::connect,
                                                Fault::drop_established},
                                               [](PlannedFailure& failure) {
                                                   SCOPED_TRACE(failure.text());
                                                   MachineOptions options;
                                                   options.completion = GetParam();
                                                   options.seed = failure.nth();
                                                   options.network_faults = true;
                                                   Machine machine(options);
                                                   failure.plan(machine.faults());
                                                   {
                                                       StreamPair pair(machine, failure);
                                                       if (pair.register_client()) {
                                                           pair.live();
                                                       }
                                                   }
                                                   EXPECT_EQ(machine.stop(), 0U);
                                               });
    // Two binds and a WskListen, three sockets, and what else there is.
    EXPECT_GE(met, 6U);
}

INSTANTIATE_TEST_SUITE_P(In,
                         StreamSweep,
                         testing::Values(CompletionMode::windows, CompletionMode::mixed),
                         [](const auto& about) {
                             return about.param == CompletionMode::windows ? "Windows" : "Mixed";
                         });

}  // namespace
}  // namespace owsk
