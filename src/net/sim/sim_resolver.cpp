// SPDX-License-Identifier: MIT
// The answer is made when it comes: names may change while a question is on its way.
#include "net/sim/sim_resolver.h"

#include <algorithm>
#include <utility>

namespace owsk::net {

namespace {

constexpr std::string_view localhost = "localhost";

}  // namespace

// Its event, when the answer arrives; then a task of the processor, which is told.
class SimResolver::Job final : private host::Timer, private host::Task {
  public:
    Job(SimResolver& owner, std::shared_ptr<Lookup> lookup, host::Processor& processor)
        : owner_(owner), lookup_(std::move(lookup)), processor_(processor) {}
    ~Job() { events().cancel_timer(*this); }

    const Lookup& lookup() const noexcept { return *lookup_; }
    void start(Duration delay) { events().set_timer(*this, events().now() + delay); }
    // The processor may have it already.
    void abandon(std::shared_ptr<Job> self) noexcept {
        abandoned_ = true;
        if (is_posted_) {
            self_ = std::move(self);
        }
    }

  private:
    host::EventQueue& events() noexcept { return owner_.computer_.internet().events(); }
    void expire() noexcept override {
        is_posted_ = true;
        processor_.post(*this);
    }
    void run() noexcept override {
        if (abandoned_) {
            self_.reset();
            return;
        }
        LookupAnswer answer =
            std::visit([this](const auto& question) { return owner_.find(question); },
                       lookup_->question())
                .answer;
        const std::shared_ptr<Lookup> lookup = lookup_;
        owner_.finish(*this);
        lookup->on_answer(answer);
    }

    SimResolver& owner_;
    const std::shared_ptr<Lookup> lookup_;
    host::Processor& processor_;
    bool is_posted_ = false;
    bool abandoned_ = false;
    std::shared_ptr<Job> self_;  // abandoned, while the processor has it
};

SimResolver::SimResolver(Computer& computer) noexcept : computer_(computer) {}

SimResolver::~SimResolver() = default;

NTSTATUS SimResolver::start(std::shared_ptr<Lookup> lookup, host::Processor& processor) noexcept {
    const Duration delay =
        std::visit([this](const auto& question) { return find(question); }, lookup->question())
            .delay;
    jobs_.push_back(std::make_shared<Job>(*this, std::move(lookup), processor));
    jobs_.back()->start(delay);
    return STATUS_SUCCESS;
}

void SimResolver::abandon(const Lookup& lookup) noexcept {
    const auto found =
        std::ranges::find_if(jobs_, [&](const auto& job) { return &job->lookup() == &lookup; });
    if (found != jobs_.end()) {
        const std::shared_ptr<Job> job = std::move(*found);
        jobs_.erase(found);
        job->abandon(job);
    }
}

void SimResolver::finish(Job& job) noexcept {
    std::erase_if(jobs_, [&](const auto& other) { return other.get() == &job; });
}

SimResolver::Found SimResolver::find(const AddressQuestion& question) const {
    Found found = {{}, Duration::zero()};
    if (!question.service.empty()) {
        found.answer.ports = well_known_ports(question.service);
    }
    if (!question.host.empty()) {
        find_host(question, found);
    }
    return found;
}

// The own name and localhost are known at once; else the table knows more than the computers.
void SimResolver::find_host(const AddressQuestion& question, Found& found) const {
    std::vector<Address> addresses;
    found.answer.name = question.host;
    const NameTable::Entry* const entry = computer_.internet().names().find(question.host);
    if (question.only_numeric) {
        // No interface has a name here.
    } else if (is_same_name(question.host, localhost)) {
        addresses = {loopback_v6, loopback_v4};
        found.answer.name = localhost;
    } else if (is_same_name(question.host, computer_.name())) {
        addresses = computer_.addresses();
        found.answer.name = computer_.name();
    } else if (entry != nullptr) {
        addresses = entry->addresses;
        found.delay = entry->delay;
        found.answer.name = entry->name_of_computer();
        if (entry->failure == NameTable::Failure::no_answer) {
            found.answer.status = STATUS_IO_TIMEOUT;
            return;
        }
        if (entry->failure == NameTable::Failure::unknown) {
            addresses.clear();
        }
    } else {
        found.delay = NameTable::default_delay;
        if (const Computer* const other = computer_.internet().find(question.host)) {
            addresses = other->addresses();
            found.answer.name = other->name();
        }
    }
    const auto has_family = [this](Family family) {
        return std::ranges::any_of(computer_.addresses(),
                                   [&](const Address& own) { return own.family == family; });
    };
    std::erase_if(addresses, [&](const Address& address) {
        const bool wanted = address.family == Family::ipv4 ? question.ipv4 : question.ipv6;
        return !wanted || (question.only_configured && !has_family(address.family));
    });
    for (Address& address : addresses) {
        address.port = 0;
    }
    found.answer.status = addresses.empty() ? STATUS_NO_MATCH : STATUS_SUCCESS;
    found.answer.addresses = std::move(addresses);
}

SimResolver::Found SimResolver::find(const NameQuestion& question) const {
    Found found = {{}, Duration::zero()};
    if (question.service) {
        found.answer.service = well_known_service(question.address.port, question.datagram);
    }
    if (question.host) {
        find_name(question, found);
    }
    return found;
}

void SimResolver::find_name(const NameQuestion& question, Found& found) const {
    LookupAnswer& answer = found.answer;
    Address address = question.address;
    address.port = 0;
    const NameTable::Entry* const entry = computer_.internet().names().find(address);
    if (is_loopback(address)) {
        answer.name = localhost;
    } else if (entry != nullptr) {
        found.delay = entry->delay;
        switch (entry->failure) {
            case NameTable::Failure::none:
                answer.name = entry->name_of_computer();
                break;
            case NameTable::Failure::unknown:
                break;
            case NameTable::Failure::no_answer:
                answer.status = STATUS_IO_TIMEOUT;
                return;
        }
    } else if (computer_.has_address(address)) {
        answer.name = computer_.name();
    } else {
        found.delay = NameTable::default_delay;
        if (const Computer* const other = computer_.internet().find(address)) {
            answer.name = other->name();
        }
    }
    if (question.short_name && computer_.has_address(address)) {
        answer.name = answer.name.substr(0, answer.name.find('.'));
    }
    answer.status = answer.name.empty() ? STATUS_NO_MATCH : STATUS_SUCCESS;
}

}  // namespace owsk::net
