// SPDX-License-Identifier: MIT
// Progress: what wskrun is doing, for whoever wants to stop it and has to wait.
#pragma once

#include <openwsk/observer.h>

#include <mutex>
#include <string>

namespace wskrun {

class Progress final : public owsk::Observer {
  public:
    // The end of a sentence: "DriverEntry of echo to return".
    void now_waiting_for(std::string what);
    std::string waiting_for() const;

    void unload_waits(const owsk::probe::UnloadWaits& record) noexcept override;

  private:
    mutable std::mutex mutex_;
    std::string waiting_for_;
    std::string detail_;
};

}  // namespace wskrun
