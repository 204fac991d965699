// The least that opens N connections with one request on each: one thread, one epoll, no statistics.
// What `rcomm burst` is measured against; no part of the product. Usage: baseline PORT CONNECTIONS
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: baseline\r\nAccept: */*\r\nConnection: close\r\n\r\n";

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc != 3) return fprintf(stderr, "usage: baseline PORT CONNECTIONS\n"), 2;
    int count = atoi(argv[2]), done = 0, answered = 0;
    char *sent = calloc(count, 1), *got = calloc(count, 1);
    int *fds = calloc(count, sizeof(int));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    static char buffer[65536];
    struct epoll_event events[256];

    double start = now_ms();
    for (int i = 0; i < count; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) return perror("socket"), 1;
        if (connect(fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) return perror("connect"), 1;
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = i};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e)) return perror("epoll_ctl"), 1;
        fds[i] = fd;
    }
    double opened = now_ms();
    while (done < count) {
        int n = epoll_wait(epoll, events, 256, 10000);
        if (n <= 0) break;
        for (int k = 0; k < n; k++) {
            int i = events[k].data.u64, fd = fds[i];
            if (!sent[i] && (events[k].events & EPOLLOUT)) {
                sent[i] = 1;
                if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0) perror("send");
            }
            if (!(events[k].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))) continue;
            ssize_t r;
            while ((r = recv(fd, buffer, sizeof buffer, 0)) > 0) got[i] = 1;
            if (r < 0 && errno == EAGAIN) continue;
            answered += got[i];
            close(fd);
            done++;
        }
    }
    printf("%.1f ms opening, %.1f ms in all, %d of %d answered\n", opened - start, now_ms() - start, answered, count);
    return 0;
}
