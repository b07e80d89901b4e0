// SPDX-License-Identifier: MIT
// Several datagrams, for networks to which that is nothing but one after the other.
#include "net/datagram_port.h"

namespace owsk::net {

DatagramBatch DatagramPort::receive_several(std::span<DatagramRoom> rooms) noexcept {
    DatagramBatch batch;
    for (DatagramRoom& room : rooms) {
        batch.last = receive(room.slices, *room.datagram);
        if (batch.last.outcome != Outcome::done) {
            break;
        }
        room.bytes = batch.last.bytes;
        ++batch.count;
    }
    return batch;
}

DatagramBatch DatagramPort::send_each(std::span<const Slice> pieces,
                                      const Address& remote,
                                      const DatagramHeader& header) noexcept {
    DatagramBatch batch;
    for (const Slice& piece : pieces) {
        batch.last = send({&piece, 1}, remote, header);
        if (batch.last.outcome != Outcome::done) {
            break;
        }
        ++batch.count;
    }
    return batch;
}

}  // namespace owsk::net
