// SPDX-License-Identifier: MIT
// Server: a computer with a machine on which a scenario plays the driver: it registers with WSK,
// and has threads.
#pragma once

#include <openwsk/simulation.h>
#include <wsk.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulation/checkers/leaks.h"

namespace owsk::scenarios {

class Run;

struct ServerPlan {
    // 0: one to three, by the seed.
    unsigned processors = 0;
    // The provider does what it may do otherwise than usual: by the seed.
    bool capricious = true;
    // Registers and captures before add_server() returns; finish() undoes it.
    bool registered = true;
};

class Server {
  public:
    Server(Run& run, std::string name, std::string ip, const ServerPlan& plan);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    Run& run() { return run_; }
    const std::string& name() const { return name_; }
    const std::string& ip() const { return ip_; }
    Machine& machine() { return *machine_; }
    // Whether completions and callbacks of a socket exclude one another, whatever they are for.
    bool roles_are_serial() const { return completion_ != CompletionMode::hostile; }
    Computer& computer() { return *computer_; }

    PWSK_CLIENT client() const { return npi_.Client; }
    const WSK_PROVIDER_DISPATCH& provider() const { return *npi_.Dispatch; }

    // WskRegister and WskCaptureProviderNPI, and the way back. On a thread of the machine.
    void attach();
    void detach();

    // A thread of the machine, at PASSIVE_LEVEL.
    void start(const std::string& thread, std::function<void()> body);
    // The same, and lets everything run until it has ended. For the thread of the run.
    void perform(std::function<void()> body);
    bool threads_have_ended() const { return running_ == 0; }
    void join_threads() { threads_.clear(); }

    // Lives until the driver has deregistered: whatever callbacks may still see.
    template <typename T, typename... Arguments>
    T& keep(Arguments&&... arguments) {
        auto object = std::make_shared<T>(std::forward<Arguments>(arguments)...);
        kept_.push_back(object);
        return *object;
    }

    // Deregisters, and stops the machine; the leak checker looks.
    void stop();

    // Waits on a thread of the machine, in virtual time.
    static void sleep(std::chrono::nanoseconds time);

  private:
    MachineOptions machine_options(const ServerPlan& plan);
    void set_caprices();

    Run& run_;
    const std::string name_;
    const std::string ip_;
    LeakChecker leaks_;
    Computer* computer_ = nullptr;
    CompletionMode completion_ = CompletionMode::windows;
    Machine* machine_ = nullptr;

    WSK_CLIENT_DISPATCH dispatch_ = {};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    bool attached_ = false;

    std::deque<std::shared_ptr<void>> kept_;
    std::vector<SimulatedThread> threads_;
    unsigned running_ = 0;
};

}  // namespace owsk::scenarios
