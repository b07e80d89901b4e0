// SPDX-License-Identifier: MIT
// Work: what a turn does, and whose end it is when nothing is left to do. It owns the requests that
// no role does. Its end is a task of its own: one that is queued may not be queued again.
#pragma once

#include "host/host.h"
#include "wsk/request/request_owner.h"
#include "wsk/turn/socket_mutex.h"

namespace owsk::wsk {

class Turn;

class Work : public RequestOwner, private host::Task {
  public:
    SocketMutex& mutex() noexcept { return mutex_; }

    // Does one piece of work of `turn`, which the calling thread has; leaves the lock to call out.
    // False when there is none left; then it has not left the lock.
    virtual bool step_locked(Turn& turn) noexcept OWSK_REQUIRES(socket_mutex) = 0;
    // Whether `turn` is put off, once: then it is posted again, now or later.
    virtual bool put_off_locked(Turn& turn) noexcept OWSK_REQUIRES(socket_mutex) = 0;
    // `turn` has ended. Whether nobody will want another one: then start_end() follows.
    virtual bool is_over_locked(Turn& turn) noexcept OWSK_REQUIRES(socket_mutex) = 0;
    // Has `ended` run when nothing of the work can happen any more; then comes end().
    virtual void start_end(host::Task& ended) noexcept = 0;

  protected:
    ~Work() = default;

    // The work may destroy itself, and the turn with it.
    virtual void end() noexcept = 0;

  private:
    friend class Turn;

    // Not in place: what it waits for may be transport events that the processor has fetched.
    void run() noexcept final { end(); }

    SocketMutex mutex_;
};

}  // namespace owsk::wsk
