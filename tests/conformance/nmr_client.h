// SPDX-License-Identifier: MIT
// NmrClient: a client of WSK that attaches through the NMR.
#pragma once

#include <gtest/gtest.h>
#include <netioddk.h>
#include <wsk.h>

#include <atomic>
#include <utility>
#include <vector>

namespace owsk::conformance {

inline constexpr USHORT version_1_0 = MAKE_WSK_VERSION(1, 0);

// A client as the documentation builds it.
class NmrClient {
  public:
    explicit NmrClient(std::vector<USHORT> versions = {version_1_0})
        : versions_(std::move(versions)) {}
    ~NmrClient() {
        if (handle_ != nullptr) {
            deregister();
            EXPECT_EQ(wait(), STATUS_SUCCESS);
        }
    }
    NmrClient(const NmrClient&) = delete;
    NmrClient& operator=(const NmrClient&) = delete;

    NTSTATUS enroll() { return NmrRegisterClient(&characteristics_, this, &handle_); }
    void deregister() { EXPECT_EQ(NmrDeregisterClient(handle_), STATUS_PENDING); }
    NTSTATUS wait() {
        const NTSTATUS status = NmrWaitForClientDeregisterComplete(handle_);
        if (status == STATUS_SUCCESS) {
            handle_ = nullptr;
        }
        return status;
    }
    void complete_detach() { NmrClientDetachProviderComplete(binding_); }

    PWSK_CLIENT client() const { return client_; }
    const WSK_PROVIDER_DISPATCH& functions() const { return *functions_; }

    // What NmrClientAttachProvider has returned, for each version.
    std::vector<NTSTATUS> attach_statuses;
    WSK_PROVIDER_CHARACTERISTICS range = {};
    NTSTATUS detach_answer = STATUS_SUCCESS;
    std::atomic<int> attaches = 0;  // that have succeeded
    std::atomic<int> detaches = 0;
    std::atomic<int> cleanups = 0;

  private:
    static NTAPI NTSTATUS attach(HANDLE binding,
                                 PVOID context,
                                 PNPI_REGISTRATION_INSTANCE provider) {
        auto& self = *static_cast<NmrClient*>(context);
        EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
        self.range =
            *static_cast<const WSK_PROVIDER_CHARACTERISTICS*>(provider->NpiSpecificCharacteristics);
        NTSTATUS status = STATUS_NOINTERFACE;
        for (const USHORT version : self.versions_) {
            self.dispatch_ = {version, 0, nullptr};
            PVOID client = nullptr;
            const VOID* functions = nullptr;
            status = NmrClientAttachProvider(binding, &self, &self.dispatch_, &client, &functions);
            self.attach_statuses.push_back(status);
            if (status == STATUS_SUCCESS) {
                self.binding_ = binding;
                self.client_ = static_cast<PWSK_CLIENT>(client);
                self.functions_ = static_cast<const WSK_PROVIDER_DISPATCH*>(functions);
                ++self.attaches;
                break;
            }
        }
        return status;
    }
    static NTAPI NTSTATUS detach(PVOID context) {
        auto& self = *static_cast<NmrClient*>(context);
        ++self.detaches;
        return self.detach_answer;
    }
    static NTAPI VOID clean_up(PVOID context) { ++static_cast<NmrClient*>(context)->cleanups; }

    const std::vector<USHORT> versions_;
    const NPI_MODULEID id_ = {
        .Length = sizeof(NPI_MODULEID), .Type = MIT_GUID, .Guid = {1, 2, 3, {4}}};
    const NPI_CLIENT_CHARACTERISTICS characteristics_ = {
        .Version = 0,
        .Length = sizeof(NPI_CLIENT_CHARACTERISTICS),
        .ClientAttachProvider = attach,
        .ClientDetachProvider = detach,
        .ClientCleanupBindingContext = clean_up,
        .ClientRegistrationInstance = {.Version = 0,
                                       .Size = sizeof(NPI_REGISTRATION_INSTANCE),
                                       .NpiId = &NPI_WSK_INTERFACE_ID,
                                       .ModuleId = &id_,
                                       .Number = 0,
                                       .NpiSpecificCharacteristics = nullptr}};
    WSK_CLIENT_DISPATCH dispatch_ = {};
    HANDLE handle_ = nullptr;
    HANDLE binding_ = nullptr;
    PWSK_CLIENT client_ = nullptr;
    const WSK_PROVIDER_DISPATCH* functions_ = nullptr;
};

}  // namespace owsk::conformance
