// SPDX-License-Identifier: MIT
// SynRules: packet filter rules that send segments of chosen local addresses to a range of queues
// (NfQueue), where somebody gives a verdict on them: SYN and RST segments to the address, and from
// it the RST that answers a segment of no connection, which has no ACK. What a verdict sends here
// again to be refused is refused by the kernel, where it can.
#pragma once

#include <ntdef.h>
#include <ntstatus.h>
#include <openwsk/address.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace owsk::net {

// Each processor sends to its own queue, processor modulo `count`. The rules let everything pass
// while nobody has bound that queue.
struct QueueRange {
    std::uint16_t first;
    std::uint16_t count;
};

// By this mark the rules know what is to be refused. It lives for one step of the packet's way, and
// hides whatever mark the packet has had.
constexpr std::uint32_t refusal_mark = 0x6F77736B;

// The rules come after the filter of the administrator: what that drops is never seen here, and a
// verdict lets nothing pass that was not allowed already (see RuleKind::legacy for what may
// differ). One thread at a time; the rules work as soon as add() has returned.
class SynRules {
  public:
    // Removes everything. The rules may outlive a process that is killed; remove_leftovers() is
    // for that.
    virtual ~SynRules() = default;

    // `with_ipv4`: `local` is an IPv6 wildcard whose listener takes IPv4 clients, too. A v4-mapped
    // address stands for its IPv4 address. The scope of a link-local address is not looked at; the
    // packet says where it came in. The same address may be added several times; its segments are
    // queued once, until it was removed as often.
    virtual NTSTATUS add(const Address& local, bool with_ipv4) noexcept = 0;
    // STATUS_NOT_FOUND if that was not added.
    virtual NTSTATUS remove(const Address& local, bool with_ipv4) noexcept = 0;

    // Whether a packet that is asked about again with `refusal_mark` is refused by the kernel.
    virtual bool refuses() const = 0;

    // For people: "nf_tables", "nf_tables with xt_NFQUEUE", "iptables-legacy".
    virtual std::string name() const = 0;
    // For people: why the last add() or remove() failed. Not a whole sentence.
    virtual std::string refusal() const = 0;
};

enum class RuleKind : std::uint8_t {
    nft_queue,   // the queue expression of nf_tables
    nft_compat,  // the NFQUEUE target of x_tables inside nf_tables
    // The programs of iptables-legacy. Where the kernel has no table `security` the rules come
    // before the administrator's filter, which still sees what is accepted.
    legacy,
};

struct OpenedRules {
    std::unique_ptr<SynRules> rules;
    std::string reason;  // when `rules` is null: why, and what would help; the end of a sentence
};

// Both remove what is left under `name`, and take a kind only if adding and removing a rule works.
// `name` is that of a table and of a chain: letters, digits and '-', at most 24.
OpenedRules open_syn_rules(const std::string& name, QueueRange queues) noexcept;
OpenedRules open_syn_rules(RuleKind kind, const std::string& name, QueueRange queues) noexcept;

// Removes the rules of a dead process, of whatever kind they are. Starts programs only if tables of
// iptables-legacy are in use; if this user cannot see whether they are, they are left alone until
// rules of that kind and name are opened.
void remove_leftovers(const std::string& name) noexcept;

// The addresses that rules have to match for `local`, one or two. A wildcard matches its family.
std::vector<Address> matched_addresses(const Address& local, bool with_ipv4) noexcept;

}  // namespace owsk::net
