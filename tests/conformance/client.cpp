// SPDX-License-Identifier: MIT
// The other side of a connection comes from the transport.
#include "conformance/client.h"

#include "conformance/transport.h"

namespace owsk::conformance {

TcpClient::TcpClient() : wire_(transport().new_wire()) {}

}  // namespace owsk::conformance
