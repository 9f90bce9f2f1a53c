/* The server of the bench: one Responses stream for every POST, its bytes made before.
 *   server EVENTS PER_WRITE PAUSE_US     prints its port, serves until it is killed */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void put(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t done = send(fd, bytes, size, MSG_NOSIGNAL);
    if (done <= 0) return;
    bytes += done;
    size -= (size_t)done;
  }
}

static void chunk(int fd, const char *bytes, size_t size) {
  static char out[1 << 20];
  int head = snprintf(out, 32, "%zx\r\n", size);
  memcpy(out + head, bytes, size);
  memcpy(out + head + size, "\r\n", 2);
  put(fd, out, (size_t)head + size + 2);
}

static const char ITEM[] = "\"id\":\"msg_68a1b2c3d4e5f60718293a4b5c6d7e8f\",\"type\":\"message\",\"role\":\"assistant\"";

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int events = atoi(argv[1]), per_write = atoi(argv[2]), pause = atoi(argv[3]);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 16) || getsockname(listener, (struct sockaddr *)&at, &size))
    return 1;
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    if (fork() != 0) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    static char in[1 << 16], batch[1 << 19];
    size_t have = 0;
    char *body = NULL;
    while (body == NULL || have < (size_t)(body - in) + strtoul(strcasestr(in, "content-length:") + 15, NULL, 10)) {
      ssize_t got = recv(fd, in + have, sizeof in - have - 1, 0);
      if (got <= 0) _exit(0);
      have += (size_t)got;
      in[have] = 0;
      body = strstr(in, "\r\n\r\n");
      if (body) body += 4;
    }
    static const char head[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    put(fd, head, sizeof head - 1);
    int n = snprintf(batch, sizeof batch,
                     "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":\"m\"}}\n\n"
                     "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{%s,\"content\":[]}}\n\n",
                     ITEM);
    chunk(fd, batch, (size_t)n);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (int i = 0; i < events;) {
      n = 0;
      for (int k = 0; k < per_write && i < events; k++, i++)
        n += snprintf(batch + n, sizeof batch - (size_t)n,
                      "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":%d,"
                      "\"item_id\":\"msg_68a1b2c3d4e5f60718293a4b5c6d7e8f\",\"output_index\":0,\"content_index\":0,"
                      "\"delta\":\" token\",\"logprobs\":[],\"obfuscation\":\"aZ3kQ9\"}\n\n", i + 4);
      if (pause) {
        next.tv_nsec += pause * 1000L;
        if (next.tv_nsec >= 1000000000L) next.tv_sec++, next.tv_nsec -= 1000000000L;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
      }
      chunk(fd, batch, (size_t)n);
    }
    n = snprintf(batch, sizeof batch,
                 "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{%s,"
                 "\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"done\",\"annotations\":[]}]}}\n\n"
                 "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"output\":[]}}\n\n",
                 ITEM);
    chunk(fd, batch, (size_t)n);
    put(fd, "0\r\n\r\n", 5);
    _exit(0);
  }
}
