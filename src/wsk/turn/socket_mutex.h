// SPDX-License-Identifier: MIT
// SocketMutex: the one lock of a socket, which all its roles share.
//
// Roles are classes of their own that refer to the mutex, so the compiler cannot see that two of
// them mean the same one. But a thread never holds two locks of sockets: they have one rank, which
// is checked whenever one is taken. Hence for clang's analysis all of them are one capability,
// `socket_mutex`: that of the socket at hand.
#pragma once

#include "base/mutex.h"

namespace owsk::wsk {

class OWSK_CAPABILITY("mutex") SocketCapability {};
inline constexpr SocketCapability socket_mutex;

class SocketMutex {
  public:
    void lock() noexcept OWSK_ACQUIRE(socket_mutex) OWSK_NO_THREAD_SAFETY_ANALYSIS {
        mutex_.lock();
    }
    void unlock() noexcept OWSK_RELEASE(socket_mutex) OWSK_NO_THREAD_SAFETY_ANALYSIS {
        mutex_.unlock();
    }

  private:
    Mutex mutex_{Rank::socket};
};

class OWSK_SCOPED_CAPABILITY SocketLock {
  public:
    explicit SocketLock(SocketMutex& mutex) noexcept OWSK_ACQUIRE(socket_mutex) : mutex_(mutex) {
        mutex_.lock();
    }
    ~SocketLock() OWSK_RELEASE() { mutex_.unlock(); }
    SocketLock(const SocketLock&) = delete;
    SocketLock& operator=(const SocketLock&) = delete;

  private:
    SocketMutex& mutex_;
};

}  // namespace owsk::wsk
