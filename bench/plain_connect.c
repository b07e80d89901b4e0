// SPDX-License-Identifier: MIT
// plain_connect PORT COUNT: the yardstick for a driver that connects. COUNT connections at a time to
// 127.0.0.1:PORT: connect, wait for a byte, close, and again.
//
// One thread, level-triggered epoll. A connection is closed by a reset, as WskCloseSocket does it
// without WskDisconnect before.
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

#define EVENTS_MAX 64

static int epoll;
static struct sockaddr_in target;

static void fail(const char *what)
{
    fprintf(stderr, "plain_connect: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void control(int operation, int descriptor, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};

    if (epoll_ctl(epoll, operation, descriptor, &event) != 0) {
        fail("epoll_ctl");
    }
}

static void begin(void)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (descriptor < 0) {
        fail("socket");
    }
    if (connect(descriptor, (struct sockaddr *)&target, sizeof(target)) != 0 && errno != EINPROGRESS) {
        fail("connect");
    }
    control(EPOLL_CTL_ADD, descriptor, EPOLLOUT);
}

static void end(int descriptor)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};

    if (setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) != 0) {
        fail("SO_LINGER");
    }
    close(descriptor); // which also takes it out of epoll
}

// Whether the byte is there.
static int receive(int descriptor)
{
    char byte;
    ssize_t received = recv(descriptor, &byte, 1, 0);

    if (received == 1) {
        return 1;
    }
    if (received == 0 || errno != EAGAIN) {
        fail("recv");
    }
    return 0;
}

static void go_on(const struct epoll_event *event)
{
    int descriptor = event->data.fd;

    if (event->events & EPOLLOUT) {
        int error = 0;
        socklen_t length = sizeof(error);

        if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
            errno = error;
            fail("connect");
        }
        if (!receive(descriptor)) {
            control(EPOLL_CTL_MOD, descriptor, EPOLLIN);
            return;
        }
    } else if (!receive(descriptor)) {
        return;
    }
    end(descriptor);
    begin();
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS_MAX];
    int count, index;

    if (argc != 3) {
        fputs("usage: plain_connect PORT COUNT\n", stderr);
        return 2;
    }
    target.sin_family = AF_INET;
    target.sin_port = htons((uint16_t)atoi(argv[1]));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        fail("epoll_create1");
    }
    for (count = atoi(argv[2]); count > 0; --count) {
        begin();
    }
    for (;;) {
        count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        for (index = 0; index < count; ++index) {
            go_on(&events[index]);
        }
    }
}
