// SPDX-License-Identifier: MIT
// What comes while another thread has the turn of a socket is done when it gives the turn back.
#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

class Turn : public ListenerTest {
  protected:
    Turn() {
        make_conditional();
        bind();
    }
};

// The completion routine of a call that completes at once runs within the turn.
NTAPI NTSTATUS ask_meanwhile(PDEVICE_OBJECT, PIRP, PVOID context) {
    auto& listener = *static_cast<FakeListener*>(context);
    listener.bring(std::make_shared<FakeAttempt>(listener.local_address(), Address()));
    listener.wait_until_told();
    return STATUS_MORE_PROCESSING_REQUIRED;
}

TEST_F(Turn, AnAttemptThatArrivesDuringACallOfTheDriverIsInspectedAfterIt) {
    FakeListener& listener = network().newest_listener();
    const PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetCompletionRoutine(irp, ask_meanwhile, &listener, TRUE, TRUE, TRUE);
    ULONG answer = 0;
    functions().Basic.WskControlSocket(socket(),
                                       WskGetOption,
                                       SO_CONDITIONAL_ACCEPT,
                                       SOL_SOCKET,
                                       0,
                                       nullptr,
                                       sizeof answer,
                                       &answer,
                                       nullptr,
                                       irp);
    EXPECT_TRUE(happens(heard().inspected));
    IoFreeIrp(irp);
}

}  // namespace
}  // namespace owsk::wsk
