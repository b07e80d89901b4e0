// SPDX-License-Identifier: MIT
// plain_datagrams: the yardstick for datagrams, an echo of as many as there are with one call each
// way.
//
// One thread, level-triggered epoll.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 32
#define SIZE_MAX_OF_ONE 2048

static struct mmsghdr messages[BATCH];
static struct iovec pieces[BATCH];
static struct sockaddr_storage peers[BATCH];
static char buffers[BATCH][SIZE_MAX_OF_ONE];

static void fail(const char *what)
{
    fprintf(stderr, "plain_datagrams: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void prepare(void)
{
    int index;

    for (index = 0; index < BATCH; ++index) {
        pieces[index].iov_base = buffers[index];
        pieces[index].iov_len = SIZE_MAX_OF_ONE;
        messages[index].msg_hdr.msg_name = &peers[index];
        messages[index].msg_hdr.msg_namelen = sizeof(peers[index]);
        messages[index].msg_hdr.msg_iov = &pieces[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
}

// What cannot be sent is lost, as datagrams may be.
static void echo(int descriptor)
{
    int sent, index;
    int received = recvmmsg(descriptor, messages, BATCH, MSG_DONTWAIT, NULL);

    if (received < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED) {
            fail("recvmmsg");
        }
        return;
    }
    for (index = 0; index < received; ++index) {
        pieces[index].iov_len = messages[index].msg_len;
    }
    for (index = 0; index < received; index += sent > 0 ? sent : 1) {
        sent = sendmmsg(descriptor, messages + index, (unsigned)(received - index), MSG_DONTWAIT);
    }
    for (index = 0; index < received; ++index) {
        pieces[index].iov_len = SIZE_MAX_OF_ONE;
        messages[index].msg_hdr.msg_namelen = sizeof(peers[index]);
    }
}

static int bind_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) {
        fail("bind");
    }
    // The same words as the driver's, so that bench/run reads one language.
    printf("plain_datagrams: port %u\n", ntohs(address.sin_port));
    fflush(stdout);
    return descriptor;
}

int main(int argc, char **argv)
{
    struct epoll_event event = {.events = EPOLLIN};
    int descriptor = bind_to(argc > 1 ? (uint16_t)atoi(argv[1]) : 0);
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        fail("epoll");
    }
    prepare();
    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) > 0) {
            echo(descriptor);
        }
    }
}
