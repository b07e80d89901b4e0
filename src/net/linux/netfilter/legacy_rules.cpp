// SPDX-License-Identifier: MIT
// The tables are tried in the order `security`, `mangle`, never `filter`. A verdict skips the rest
// of the table it was asked from: at the start of `filter` we would open the administrator's
// firewall, and at its end the rules that accept would hide connections from us.
#include "net/linux/netfilter/legacy_rules.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "net/linux/netfilter/run_program.h"

namespace owsk::net {

namespace {

using Words = std::vector<std::string>;

constexpr std::array tables = {"security", "mangle"};
constexpr std::array families = {Family::ipv4, Family::ipv6};
constexpr auto lock_file = "/run/xtables.lock";
// No crash leaves more jumps than this to a chain.
constexpr int jumps_max = 8;

std::size_t index_of(Family family) noexcept {
    return family == Family::ipv4 ? 0 : 1;
}

std::string program_of(Family family) {
    return family == Family::ipv4 ? "iptables-legacy" : "ip6tables-legacy";
}

Words lock_settings() {
    const bool usable = ::access(lock_file, F_OK) == 0 ? ::access(lock_file, R_OK) == 0
                                                       : ::access("/run", W_OK) == 0;
    if (usable) {
        return {};
    }
    // Only locked, never written: the namespace itself is what all who change its rules have in
    // common.
    return {"XTABLES_LOCKFILE=/proc/self/ns/net"};
}

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

ProgramEnd run(const std::string& program, const std::string& table, const Words& words) {
    Words arguments = {"-w", "10", "-t", table};
    append(arguments, words);
    return run_program(program, arguments, lock_settings());
}

// The ways to our chain, which serves both: to run the program for one more takes longer than it is
// worth. Only segments that its rules may want come there, so that data does not pay for the
// listeners.
const std::array<Words, 2> ways = {
    Words{"INPUT", "-p", "tcp", "!", "--tcp-flags", "SYN,RST", "NONE"},
    Words{"OUTPUT", "-p", "tcp", "--tcp-flags", "RST,ACK", "RST"},
};

Words jump(const std::string& operation, const Words& way, const std::string& chain) {
    Words words = {operation};
    append(words, way);
    append(words, {"-j", chain});
    return words;
}

void remove_chain(const std::string& program, const std::string& table, const std::string& name) {
    if (!run(program, table, {"-F", name}).succeeded) {
        // There is none.
        return;
    }
    for (const Words& way : ways) {
        for (int left = jumps_max;
             left > 0 && run(program, table, jump("-D", way, name)).succeeded;) {
            --left;
        }
    }
    static_cast<void>(run(program, table, {"-X", name}));
}

ProgramEnd create_chain(const std::string& program,
                        const std::string& table,
                        const std::string& name) {
    remove_chain(program, table, name);
    if (ProgramEnd made = run(program, table, {"-N", name}); !made.succeeded) {
        return made;
    }
    ProgramEnd joined;
    for (const Words& way : ways) {
        joined = run(program, table, jump("-A", way, name));
        if (!joined.succeeded) {
            remove_chain(program, table, name);
            break;
        }
    }
    return joined;
}

// What is queued of the segments to and from an address: the options that name it at one end, and
// the flags.
struct ProgramSelection {
    const char* address;
    const char* port;
    const char* flags;
    const char* set;
};
constexpr std::array program_selections = {
    ProgramSelection{"-d", "--dport", "FIN,SYN,RST,ACK", "SYN"},
    ProgramSelection{"-d", "--dport", "RST", "RST"},
    ProgramSelection{"-s", "--sport", "RST,ACK", "RST"},
};

Words match(const ProgramSelection& selection, const Address& local) {
    Words words;
    if (!local.is_wildcard()) {
        std::array<char, INET6_ADDRSTRLEN> text = {};
        const int family = local.family == Family::ipv4 ? AF_INET : AF_INET6;
        ::inet_ntop(family, local.ip.data(), text.data(), text.size());
        words = {selection.address, text.data()};
    }
    append(words, {"-p", "tcp", selection.port, std::to_string(local.port)});
    append(words, {"--tcp-flags", selection.flags, selection.set});
    return words;
}

Words target(QueueRange queues) {
    const std::string first = std::to_string(queues.first);
    Words words = {"-j", "NFQUEUE", "--queue-bypass"};
    if (queues.count == 1) {
        append(words, {"--queue-num", first});
    } else {
        const std::string last = std::to_string(queues.first + queues.count - 1);
        append(words, {"--queue-balance", first + ":" + last, "--queue-cpu-fanout"});
    }
    return words;
}

bool is_in_use(Family family, const std::string& table) {
    std::ifstream names(family == Family::ipv4 ? "/proc/net/ip_tables_names"
                                               : "/proc/net/ip6_tables_names");
    for (std::string name; std::getline(names, name);) {
        if (name == table) {
            return true;
        }
    }
    return false;
}

}  // namespace

void remove_used_legacy_chains(const std::string& name) noexcept {
    for (const Family family : families) {
        for (const std::string table : tables) {
            if (!is_in_use(family, table)) {
                continue;
            }
            if (const auto program = find_program(program_of(family))) {
                remove_chain(*program, table, name);
            }
        }
    }
}

LegacyRules::LegacyRules(std::string name, QueueRange queues) noexcept
    : name_(std::move(name)), queues_(queues) {}

LegacyRules::~LegacyRules() {
    for (const Chain& chain : chains_) {
        if (!chain.table.empty()) {
            remove_chain(chain.program, chain.table, name_);
        }
    }
}

NTSTATUS LegacyRules::refuse(const std::string& complaint) noexcept {
    refusal_ = complaint;
    return complaint.find("ermission denied") != std::string::npos ||
                   complaint.find("not permitted") != std::string::npos
               ? STATUS_ACCESS_DENIED
               : STATUS_UNSUCCESSFUL;
}

NTSTATUS LegacyRules::make_chain(Family family) noexcept {
    Chain& chain = chains_[index_of(family)];
    if (!chain.table.empty()) {
        return STATUS_SUCCESS;
    }
    const auto program = find_program(program_of(family));
    if (!program) {
        refusal_ = "the program " + program_of(family) + " is not installed (package iptables)";
        return STATUS_NOT_SUPPORTED;
    }
    std::string complaint;
    for (const std::string table : tables) {
        ProgramEnd end = create_chain(*program, table, name_);
        if (end.succeeded) {
            chain = {.program = *program, .table = table};
            return STATUS_SUCCESS;
        }
        complaint = std::move(end.complaint);
    }
    return refuse(complaint);
}

std::vector<LegacyRules::Rule> LegacyRules::rules_for(const std::vector<Address>& matched) const {
    std::vector<Rule> rules;
    for (const Address& local : matched) {
        for (const ProgramSelection& selection : program_selections) {
            Words words = match(selection, local);
            append(words, target(queues_));
            rules.push_back({.family = local.family, .words = std::move(words)});
        }
    }
    return rules;
}

ProgramEnd LegacyRules::change(const std::string& operation, const Rule& rule) const {
    const Chain& chain = chains_[index_of(rule.family)];
    Words words = {operation, name_};
    append(words, rule.words);
    return run(chain.program, chain.table, words);
}

NTSTATUS LegacyRules::add(const Address& local, bool with_ipv4) noexcept {
    std::vector<Address> matched = matched_addresses(local, with_ipv4);
    for (const Address& address : matched) {
        if (const NTSTATUS status = make_chain(address.family); !NT_SUCCESS(status)) {
            return status;
        }
    }
    const std::vector<Rule> rules = rules_for(matched);
    for (std::size_t at = 0; at < rules.size(); ++at) {
        const ProgramEnd end = change("-A", rules[at]);
        if (!end.succeeded) {
            while (at > 0) {
                static_cast<void>(change("-D", rules[--at]));
            }
            return refuse(end.complaint);
        }
    }
    added_.push_back(std::move(matched));
    return STATUS_SUCCESS;
}

NTSTATUS LegacyRules::remove(const Address& local, bool with_ipv4) noexcept {
    const std::vector<Address> matched = matched_addresses(local, with_ipv4);
    const auto found = std::find(added_.begin(), added_.end(), matched);
    if (found == added_.end()) {
        refusal_ = "the rule was never added";
        return STATUS_NOT_FOUND;
    }
    added_.erase(found);
    NTSTATUS status = STATUS_SUCCESS;
    for (const Rule& rule : rules_for(matched)) {
        if (const ProgramEnd end = change("-D", rule); !end.succeeded) {
            status = refuse(end.complaint);
        }
    }
    return status;
}

}  // namespace owsk::net
