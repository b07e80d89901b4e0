// SPDX-License-Identifier: MIT
// Lookups with each thing failing that they need, one after another: a lookup fails with the status
// of that, the next one works, and nothing is left.
#include <gtest/gtest.h>
#include <openwsk/machine.h>
#include <wsk.h>

#include <array>
#include <cstddef>
#include <string>

namespace owsk {
namespace {

class Lookups {
  public:
    explicit Lookups(Machine& machine) : attachment_(machine) {
        WSK_CLIENT_NPI client = {nullptr, &dispatch_};
        EXPECT_EQ(WskRegister(&client, &registration_), STATUS_SUCCESS);
        EXPECT_EQ(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi_), STATUS_SUCCESS);
    }
    ~Lookups() {
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
    }
    Lookups(const Lookups&) = delete;
    Lookups& operator=(const Lookups&) = delete;

    NTSTATUS find_addresses(PCWSTR name) {
        UNICODE_STRING node;
        RtlInitUnicodeString(&node, name);
        PADDRINFOEXW list = nullptr;
        const NTSTATUS status = wait([&](PIRP irp) {
            npi_.Dispatch->WskGetAddressInfo(npi_.Client,
                                             &node,
                                             nullptr,
                                             NS_ALL,
                                             nullptr,
                                             nullptr,
                                             &list,
                                             nullptr,
                                             nullptr,
                                             irp);
        });
        EXPECT_EQ(NT_SUCCESS(status), list != nullptr);
        npi_.Dispatch->WskFreeAddressInfo(npi_.Client, list);
        return status;
    }
    NTSTATUS find_name(ULONG flags) {
        SOCKADDR_IN address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = RtlUlongByteSwap(0x7F000001);
        std::array<WCHAR, 256> units;
        UNICODE_STRING node = {0, sizeof units, units.data()};
        return wait([&](PIRP irp) {
            npi_.Dispatch->WskGetNameInfo(npi_.Client,
                                          reinterpret_cast<PSOCKADDR>(&address),
                                          sizeof address,
                                          &node,
                                          nullptr,
                                          flags,
                                          nullptr,
                                          nullptr,
                                          irp);
        });
    }

  private:
    template <typename Start>
    static NTSTATUS wait(Start start) {
        const PIRP irp = IoAllocateIrp(1, FALSE);
        if (irp == nullptr) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        KEVENT done;
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        IoSetCompletionRoutine(irp, completed, &done, TRUE, TRUE, TRUE);
        start(irp);
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
        const NTSTATUS status = irp->IoStatus.Status;
        IoFreeIrp(irp);
        return status;
    }
    static NTAPI NTSTATUS completed(PDEVICE_OBJECT, PIRP, PVOID event) {
        KeSetEvent(static_cast<PKEVENT>(event), IO_NO_INCREMENT, FALSE);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }

    Machine::Attachment attachment_;
    const WSK_CLIENT_DISPATCH dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
};

class LookupFaults : public testing::TestWithParam<CompletionMode> {};

TEST_P(LookupFaults, NoFailureIsOneTooMany) {
    constexpr Fault faults[] = {
        Fault::lookup_memory, Fault::look_up, Fault::irp_allocation, Fault::late_completion};
    const std::uint64_t met =
        for_each_failure({faults[0], faults[1], faults[2], faults[3]}, [](PlannedFailure& failure) {
            SCOPED_TRACE(failure.text());
            MachineOptions options;
            options.completion = GetParam();
            options.seed = failure.nth();
            options.network_faults = true;
            Machine machine(options);
            unsigned failed = 0;
            {
                Lookups lookups(machine);
                failure.plan(machine.faults());
                for (const NTSTATUS status : {lookups.find_addresses(L"localhost"),
                                              lookups.find_addresses(L"192.0.2.1"),
                                              lookups.find_name(NI_NAMEREQD),
                                              lookups.find_name(NI_NUMERICHOST),
                                              lookups.find_name(0)}) {
                    failed += status != STATUS_SUCCESS ? 1 : 0;
                    EXPECT_TRUE(NT_SUCCESS(status) || status == STATUS_INSUFFICIENT_RESOURCES ||
                                status == STATUS_IO_TIMEOUT);
                }
            }
            const bool fails = failure.has_happened() && failure.fault() != Fault::late_completion;
            EXPECT_LE(failed, fails ? 1u : 0u);
            EXPECT_EQ(machine.stop(), 0u);
        });
    EXPECT_GE(met, 8u);
}

INSTANTIATE_TEST_SUITE_P(Of,
                         LookupFaults,
                         testing::Values(CompletionMode::windows, CompletionMode::mixed),
                         [](const auto& about) {
                             return about.param == CompletionMode::mixed ? "mixed" : "windows";
                         });

}  // namespace
}  // namespace owsk
