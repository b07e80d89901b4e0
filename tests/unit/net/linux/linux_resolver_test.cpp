// SPDX-License-Identifier: MIT
// Lookups on threads: their answers, their number, and what becomes of those that nobody wants.
#include "net/linux/linux_resolver.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <set>

#include "host/linux/linux_host.h"

namespace owsk::net {
namespace {

using namespace std::chrono_literals;

// A C library that answers a question when the test says so. It lives as long as its last thread.
class SlowSystem {
  public:
    LookupAnswer ask(const LookupQuestion& question) {
        const std::string host = std::get<AddressQuestion>(question).host;
        std::unique_lock lock(mutex_);
        ++asking_;
        most_asking_ = std::max(most_asking_, asking_);
        asked_.insert(host);
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_ || allowed_.contains(host); });
        --asking_;
        LookupAnswer answer;
        answer.name = host;
        changed_.notify_all();
        return answer;
    }
    void allow(const std::string& host) {
        change([&] { allowed_.insert(host); });
    }
    void open() {
        change([&] { open_ = true; });
    }
    bool wait_until_asked(const std::string& host) {
        return wait([&] { return asked_.contains(host); });
    }
    bool wait_until_idle() {
        return wait([&] { return asking_ == 0; });
    }
    bool was_asked(const std::string& host) {
        const std::lock_guard lock(mutex_);
        return asked_.contains(host);
    }
    unsigned most_asking() {
        const std::lock_guard lock(mutex_);
        return most_asking_;
    }

  private:
    template <typename Change>
    void change(Change apply) {
        const std::lock_guard lock(mutex_);
        apply();
        changed_.notify_all();
    }
    template <typename Condition>
    bool wait(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, condition);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> asked_;
    std::set<std::string> allowed_;
    bool open_ = false;
    unsigned asking_ = 0;
    unsigned most_asking_ = 0;
};

class TestLookup final : public Lookup {
  public:
    explicit TestLookup(const std::string& host) : Lookup(AddressQuestion{.host = host}) {}

    void on_answer(LookupAnswer& answer) noexcept override {
        name = answer.name;
        on_processor = host::LinuxProcessor::current() != nullptr;
        answered.store(true);
        told_.release();
    }
    // False if no answer comes.
    bool wait() { return answered || told_.try_acquire_for(std::chrono::seconds(20)); }

    std::string name;
    bool on_processor = false;
    std::atomic<bool> answered = false;

  private:
    std::binary_semaphore told_{0};
};

class LinuxResolverTest : public testing::Test {
  protected:
    LinuxResolverTest() {
        host.start([] {});
    }
    ~LinuxResolverTest() override {
        system->open();
        host.stop();
    }

    std::unique_ptr<LinuxResolver> make(unsigned threads_max) {
        return std::make_unique<LinuxResolver>(
            [its = system](const LookupQuestion& question) { return its->ask(question); },
            threads_max);
    }
    std::shared_ptr<TestLookup> start(LinuxResolver& resolver, const std::string& name) {
        auto lookup = std::make_shared<TestLookup>(name);
        EXPECT_EQ(resolver.start(lookup, host.processor(0)), STATUS_SUCCESS);
        return lookup;
    }

    const std::shared_ptr<SlowSystem> system = std::make_shared<SlowSystem>();
    host::LinuxHost host;
};

TEST_F(LinuxResolverTest, AnAnswerComesOnTheProcessor) {
    const auto resolver = make(2);
    system->open();
    const auto lookup = start(*resolver, "a");
    ASSERT_TRUE(lookup->wait());
    EXPECT_EQ(lookup->name, "a");
    EXPECT_TRUE(lookup->on_processor);
}

TEST_F(LinuxResolverTest, WhatExceedsTheThreadsWaits) {
    const auto resolver = make(2);
    const auto one = start(*resolver, "1");
    const auto two = start(*resolver, "2");
    const auto three = start(*resolver, "3");
    ASSERT_TRUE(system->wait_until_asked("1"));
    ASSERT_TRUE(system->wait_until_asked("2"));
    EXPECT_EQ(resolver->threads(), 2u);
    EXPECT_FALSE(system->was_asked("3"));
    system->allow("1");
    ASSERT_TRUE(system->wait_until_asked("3"));
    system->open();
    EXPECT_TRUE(one->wait() && two->wait() && three->wait());
    EXPECT_EQ(system->most_asking(), 2u);
}

TEST_F(LinuxResolverTest, WhatIsAbandonedInTheLineIsNeverAsked) {
    const auto resolver = make(1);
    const auto one = start(*resolver, "1");
    const auto two = start(*resolver, "2");
    const auto three = start(*resolver, "3");
    ASSERT_TRUE(system->wait_until_asked("1"));
    resolver->abandon(*two);
    system->open();
    EXPECT_TRUE(one->wait() && three->wait());
    EXPECT_FALSE(system->was_asked("2"));
    EXPECT_FALSE(two->answered);
    EXPECT_EQ(two.use_count(), 1);
}

TEST_F(LinuxResolverTest, WhatIsAbandonedWhileItIsAskedIsNotTold) {
    const auto resolver = make(2);
    const auto lookup = start(*resolver, "1");
    ASSERT_TRUE(system->wait_until_asked("1"));
    resolver->abandon(*lookup);
    EXPECT_EQ(lookup.use_count(), 1) << "the thread still has it";
    system->open();
    ASSERT_TRUE(system->wait_until_idle());
    const auto later = start(*resolver, "2");
    EXPECT_TRUE(later->wait());
    EXPECT_FALSE(lookup->answered);
}

// The thread comes back from the C library when resolver, processor and host are gone.
TEST_F(LinuxResolverTest, TheEndDoesNotWaitForTheSystem) {
    std::weak_ptr<SlowSystem> left;
    {
        const auto its = std::make_shared<SlowSystem>();
        left = its;
        host::LinuxHost other;
        other.start([] {});
        LinuxResolver resolver([its](const LookupQuestion& question) { return its->ask(question); },
                               1);
        const auto lookup = std::make_shared<TestLookup>("1");
        ASSERT_EQ(resolver.start(lookup, other.processor(0)), STATUS_SUCCESS);
        ASSERT_TRUE(its->wait_until_asked("1"));
        resolver.abandon(*lookup);
        other.stop();
    }
    const auto its = left.lock();
    ASSERT_NE(its, nullptr) << "the thread has gone before it was answered";
    its->open();
    EXPECT_TRUE(its->wait_until_idle());
}

TEST(SystemNames, LocalhostIsKnown) {
    const LookupAnswer answer = ask_system(AddressQuestion{.host = "localhost", .ipv6 = false});
    ASSERT_EQ(answer.status, STATUS_SUCCESS);
    const Address loopback = {.family = Family::ipv4, .ip = {127, 0, 0, 1}};
    ASSERT_EQ(answer.addresses.size(), 1u);
    EXPECT_EQ(answer.addresses.front(), loopback);
}

TEST(SystemNames, AnAddressMayHaveTheNameOfALink) {
    const LookupAnswer answer =
        ask_system(AddressQuestion{.host = "fe80::1%lo", .only_numeric = true});
    ASSERT_EQ(answer.status, STATUS_SUCCESS);
    ASSERT_EQ(answer.addresses.size(), 1u);
    EXPECT_EQ(answer.addresses.front().scope_id, 1u);
    EXPECT_EQ(ask_system(AddressQuestion{.host = "fe80::1%nolink", .only_numeric = true}).status,
              STATUS_NO_MATCH);
    EXPECT_EQ(ask_system(AddressQuestion{.host = "localhost", .only_numeric = true}).status,
              STATUS_NO_MATCH);
}

TEST(SystemNames, ServicesAreKnownWithoutATable) {
    const ServicePorts domain = ask_system(AddressQuestion{.service = "domain"}).ports;
    EXPECT_EQ(domain.stream, 53);
    EXPECT_EQ(domain.datagram, 53);
    EXPECT_TRUE(ask_system(AddressQuestion{.service = "no-such-service"}).ports.none());
    NameQuestion http = {.service = true};
    http.address.port = 80;
    EXPECT_EQ(ask_system(http).service, "http");
}

}  // namespace
}  // namespace owsk::net
