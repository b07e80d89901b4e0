// SPDX-License-Identifier: MIT
// AddressTable: the local addresses that sockets of this machine hold, and who may share them, by
// the table of sharing-transport-addresses in the WSK documentation. Linux has other rules, so ours
// are checked first; Linux decides only about other programs. TCP and UDP have ports of their own.
//
// ShareTerms: with whom a socket shares its address.
//
// HeldAddress: the address that a socket holds there.
//
// SharingChoice: SO_REUSEADDR, SO_EXCLUSIVEADDRUSE and SO_WSK_SECURITY of a socket that is not
// bound yet.
#pragma once

#include <openwsk/address.h>
#include <wdm.h>
#include <wsk.h>

#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "net/claim.h"
#include "net/network.h"
#include "wsk/socket/security_descriptors.h"
#include "wsk/turn/socket_mutex.h"

namespace owsk::wsk {

enum class Sharing : UCHAR { none, reuse, exclusive };

struct ShareTerms {
    Sharing sharing = Sharing::none;
    DescriptorRef descriptor = {};
};

class AddressTable {
  private:
    enum class Transport : UCHAR { tcp, udp };
    struct Entry {
        Transport transport;
        net::Claim claim;
        ShareTerms terms;
        net::PortHolder* holder;
    };

  public:
    // A held address; gives it up with release().
    using Hold = std::list<Entry>::iterator;

    template <typename Holder>
    struct Bound {
        std::unique_ptr<Holder> holder;
        Hold hold;
    };

    // Makes a listener, a connector or a port for datagrams if the sharing rules and the network
    // allow it.
    Result<Bound<net::Listener>> listen(net::Network& network,
                                        const Address& address,
                                        const ShareTerms& terms,
                                        net::ListenOptions options) OWSK_EXCLUDES(mu_);
    Result<Bound<net::Connector>> bind(net::Network& network,
                                       const Address& address,
                                       const ShareTerms& terms,
                                       bool v6_only) OWSK_EXCLUDES(mu_);
    Result<Bound<net::DatagramPort>> bind_datagrams(net::Network& network,
                                                    const Address& address,
                                                    const ShareTerms& terms,
                                                    net::DatagramPortOptions options)
        OWSK_EXCLUDES(mu_);
    // The connector that holds the address becomes a listener, which holds it then.
    Result<std::unique_ptr<net::Listener>> listen(Hold hold,
                                                  net::Connector& connector,
                                                  const net::OptionValues& inherited)
        OWSK_EXCLUDES(mu_);
    // Before the holder is closed, or the connection that it has become.
    void release(Hold hold) noexcept OWSK_EXCLUDES(mu_);

  private:
    // What somebody wants to hold.
    struct Wish {
        Transport transport;
        const Address& address;
        bool v6_only;
        const ShareTerms& terms;
    };
    // `make` makes the holder, told whether it shares the port by agreement.
    template <typename Holder, typename Make>
    Result<Bound<Holder>> hold(const Wish& wish, Make make) OWSK_EXCLUDES(mu_);

    Mutex mu_{Rank::bindings};
    std::list<Entry> entries_ OWSK_GUARDED_BY(mu_);
};

class HeldAddress {
  public:
    void keep_locked(AddressTable::Hold hold) noexcept OWSK_REQUIRES(socket_mutex) { hold_ = hold; }
    // The connector that holds it becomes a listener. Precondition: nobody gives it up meanwhile.
    Result<std::unique_ptr<net::Listener>> listen(SocketMutex& mutex,
                                                  AddressTable& addresses,
                                                  net::Connector& connector,
                                                  const net::OptionValues& inherited)
        OWSK_EXCLUDES(socket_mutex);
    // Gives it up, if there is one.
    void release(SocketMutex& mutex, AddressTable& addresses) noexcept OWSK_EXCLUDES(socket_mutex);

  private:
    std::optional<AddressTable::Hold> hold_ OWSK_GUARDED_BY(socket_mutex);
};

class SharingChoice {
  public:
    const ShareTerms& terms() const noexcept { return terms_; }
    void set_descriptor(DescriptorRef descriptor) noexcept {
        terms_.descriptor = std::move(descriptor);
    }
    // `wanted` is reuse or exclusive. To share and to keep for itself contradict each other;
    // Windows refuses the second.
    NTSTATUS set(Sharing wanted, bool on) noexcept {
        if (on && terms_.sharing != Sharing::none && terms_.sharing != wanted) {
            return STATUS_INVALID_PARAMETER;
        }
        if (on || terms_.sharing == wanted) {
            terms_.sharing = on ? wanted : Sharing::none;
        }
        return STATUS_SUCCESS;
    }
    // 1 for the choice that was made, as the option has it.
    ULONG option_value(Sharing choice) const noexcept { return terms_.sharing == choice ? 1 : 0; }
    // The choice that an option stands for; none if it is another option.
    static Sharing of_option(ULONG level, ULONG option) noexcept {
        return level != SOL_SOCKET                                 ? Sharing::none
               : option == SO_REUSEADDR                            ? Sharing::reuse
               : option == static_cast<ULONG>(SO_EXCLUSIVEADDRUSE) ? Sharing::exclusive
                                                                   : Sharing::none;
    }

  private:
    ShareTerms terms_;
};

// What the documentation's table says of a second bind on the address of a first one, or on the
// wildcard, with the same port. STATUS_SUCCESS, STATUS_ADDRESS_ALREADY_EXISTS or
// STATUS_ACCESS_DENIED.
NTSTATUS sharing_verdict(Sharing second,
                         bool second_wild,
                         const ShareTerms& first,
                         bool first_wild) noexcept;

}  // namespace owsk::wsk
