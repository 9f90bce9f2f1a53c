/* Hosts with a loop: the descriptor, poll, wakeup, pause, callbacks. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int readable(int fd, int timeout_ms) {
  struct pollfd one = {fd, POLLIN, 0};
  return poll(&one, 1, timeout_ms) == 1;
}

static void a_while(long ms) {
  struct timespec pause = {0, ms * 1000000L};
  nanosleep(&pause, NULL);
}

static int fd_of(const openclaw_client *client) {
  int32_t fd = -1;
  OK(openclaw_client_fd(client, &fd, err));
  return fd;
}

/* Several streams over one descriptor; it is readable exactly while something can be taken. */
static void one_descriptor(void) {
  enum { STREAMS = 8 };
  openclaw_test_server *server = server_of("slow");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  openclaw_stream *streams[STREAMS];
  int events[STREAMS] = {0};
  int left = STREAMS;
  int fd;
  streams[0] = stream_of(client); /* Made before anybody asked for the descriptor. */
  fd = fd_of(client);
  CHECK(fd >= 0 && fd == fd_of(client));
  for (int i = 1; i < STREAMS; i++) streams[i] = stream_of(client);
  for (int i = 0; i < STREAMS; i++) openclaw_stream_set_user_data(streams[i], &events[i]);
  while (left > 0) {
    openclaw_stream *stream;
    CHECK(readable(fd, WAIT));
    while ((stream = openclaw_client_ready_stream(client)) != NULL) {
      openclaw_event event = OPENCLAW_EVENT_INIT;
      openclaw_status status = openclaw_stream_try_next(stream, &event, NULL);
      CHECK(status == OPENCLAW_EVENT || status == OPENCLAW_OK);
      if (status == OPENCLAW_EVENT) {
        ++*(int *)openclaw_stream_user_data(stream);
      } else {
        left--;
      }
    }
    CHECK(!readable(fd, 0) || openclaw_client_ready_stream(client) != NULL);
  }
  CHECK(!readable(fd, 50));
  for (int i = 0; i < STREAMS; i++) {
    CHECK(events[i] == events[0] && events[i] > 5);
    CHECK(openclaw_stream_number(streams[i]) == (uint64_t)i);
    openclaw_stream_free(streams[i]);
  }
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

static void pause_clears_it(void) {
  openclaw_test_server *server = server_of("plain");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  int fd = fd_of(client);
  openclaw_stream *stream = stream_of(client);
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_waitfd own[2] = {{-1, OPENCLAW_POLLIN, 7}, {0, 0, 0}};
  int pipes[2];
  int32_t ready = -1;
  CHECK(readable(fd, WAIT));
  openclaw_stream_pause(stream);
  a_while(50);
  CHECK(!readable(fd, 100) && openclaw_client_ready_stream(client) == NULL);
  openclaw_stream_resume(stream);
  CHECK(readable(fd, 0) && openclaw_client_ready_stream(client) == stream);
  /* Paused before anything came: it stays quiet, and what came is there afterwards. */
  openclaw_stream *second = stream_of(client);
  openclaw_stream_pause(second);
  while (openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT) {
  }
  a_while(50);
  CHECK(!readable(fd, 0));
  openclaw_stream_resume(second);
  CHECK(readable(fd, WAIT));
  CHECK(openclaw_stream_finish(second, WAIT, NULL) == OPENCLAW_OK);
  CHECK(!readable(fd, 0));

  /* poll: nothing, the host's descriptor, wakeup. */
  OK(openclaw_client_poll(client, 10, NULL, 0, &ready, err));
  CHECK(ready == 0);
  CHECK(pipe(pipes) == 0);
  own[1].fd = pipes[0];
  own[1].events = OPENCLAW_POLLIN;
  OK(openclaw_client_poll(client, 0, own, 2, &ready, err));
  CHECK(ready == 0 && own[0].revents == 0 && own[1].revents == 0);
  CHECK(write(pipes[1], "x", 1) == 1);
  OK(openclaw_client_poll(client, -1, own, 2, &ready, err));
  CHECK(ready == 1 && own[1].revents == OPENCLAW_POLLIN);
  OK(openclaw_client_wakeup(client, err));
  OK(openclaw_client_wakeup(client, err));
  OK(openclaw_client_poll(client, -1, NULL, 0, &ready, err));
  CHECK(ready == 0);
  openclaw_stream *third = stream_of(client);
  OK(openclaw_client_poll(client, WAIT, NULL, 0, &ready, err));
  CHECK(ready == 1 && openclaw_client_ready_stream(client) == third);
  /* Freed while it is ready: the descriptor becomes quiet. */
  openclaw_stream_free(third);
  CHECK(!readable(fd, 0) && openclaw_client_ready_stream(client) == NULL);
  close(pipes[0]);
  close(pipes[1]);
  openclaw_stream_free(stream);
  openclaw_stream_free(second);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

static void *wake(void *client) {
  a_while(100);
  OK(openclaw_client_wakeup(client, err));
  return NULL;
}

static void wakeup_from_another_thread(void) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  pthread_t thread;
  int32_t ready = -1;
  OK(openclaw_client_poll(client, 0, NULL, 0, NULL, err));
  CHECK(pthread_create(&thread, NULL, wake, client) == 0);
  OK(openclaw_client_poll(client, -1, NULL, 0, &ready, err));
  CHECK(ready == 0);
  pthread_join(thread, NULL);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

struct seen {
  int events, ends, frees;
  openclaw_status status;
  int cancel_at, free_at, pause_at;
  pthread_t thread;
};

static void on_event(void *data, openclaw_stream *stream, const openclaw_event *event, openclaw_status status,
                     const openclaw_error *error) {
  struct seen *seen = data;
  CHECK(seen->frees == 0 && pthread_equal(seen->thread, pthread_self()));
  if (event == NULL) {
    CHECK((status < 0) == (error != NULL));
    seen->ends++;
    seen->status = status;
    return;
  }
  CHECK(error == NULL && status == OPENCLAW_OK && event->sequence == (uint64_t)seen->events);
  seen->events++;
  {
    openclaw_str json;
    OK(openclaw_stream_event_json(stream, 0, &json, err));
    CHECK(json.len > 0);
  }
  CHECK(openclaw_stream_finish(stream, 0, NULL) == OPENCLAW_ERR_BUSY);
  if (seen->events == seen->pause_at) openclaw_stream_pause(stream);
  if (seen->events == seen->cancel_at) openclaw_stream_cancel(stream);
  if (seen->events == seen->free_at) openclaw_stream_free(stream);
}

static void on_free(void *data) { ((struct seen *)data)->frees++; }

static void callbacks(void) {
  openclaw_test_server *server = server_of("plain");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  struct seen seen[5];
  openclaw_stream *streams[5];
  int32_t calls = 0, total = 0;
  memset(seen, 0, sizeof seen);
  seen[1].cancel_at = 3;
  seen[2].free_at = 4;
  seen[3].pause_at = 2;
  for (int i = 0; i < 5; i++) {
    seen[i].thread = pthread_self();
    streams[i] = stream_of(client);
    OK(openclaw_stream_set_callback(streams[i], on_event, &seen[i], on_free, err));
    CHECK(openclaw_stream_set_callback(streams[i], on_event, &seen[i], on_free, NULL) == OPENCLAW_ERR_BUSY);
  }
  openclaw_stream_free(streams[4]); /* Before anything was delivered. */
  CHECK(seen[4].frees == 1 && seen[4].events == 0);
  while (seen[0].ends == 0 || seen[1].ends == 0 || seen[2].frees == 0 || seen[3].events < 2) {
    OK(openclaw_client_dispatch(client, WAIT, &calls, err));
    total += calls;
  }
  CHECK(openclaw_client_ready_stream(client) == NULL); /* Streams with a callback are not offered. */
  CHECK(seen[0].events > 10 && seen[0].ends == 1 && seen[0].status == OPENCLAW_OK);
  CHECK(seen[1].events == 3 && seen[1].ends == 1);
  CHECK(seen[2].events == 4 && seen[2].ends == 0 && seen[2].frees == 1);
  CHECK(seen[3].events == 2 && seen[3].ends == 0);
  openclaw_stream_resume(streams[3]);
  while (seen[3].ends == 0) {
    OK(openclaw_client_dispatch(client, WAIT, &calls, err));
    total += calls;
  }
  CHECK(seen[3].events == seen[0].events && total == 2 * seen[0].events + 2 + 3 + 1 + 4);
  OK(openclaw_client_dispatch(client, 0, &calls, err));
  CHECK(calls == 0);
  openclaw_client_free(client);
  openclaw_stream_free(streams[0]);
  openclaw_stream_free(streams[1]);
  openclaw_stream_free(streams[3]);
  CHECK(seen[0].frees == 1 && seen[1].frees == 1 && seen[2].frees == 1 && seen[3].frees == 1);
  openclaw_test_server_free(server);
}

static void cancel_inside(void) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  openclaw_stream *stream = stream_of(client);
  struct seen seen;
  memset(&seen, 0, sizeof seen);
  seen.cancel_at = 3;
  seen.thread = pthread_self();
  OK(openclaw_stream_set_callback(stream, on_event, &seen, on_free, err));
  while (seen.ends == 0) OK(openclaw_client_dispatch(client, WAIT, NULL, err));
  CHECK(seen.events == 3 && seen.status == OPENCLAW_ERR_CANCELLED);
  OK(openclaw_test_server_wait_connections(server, 0, err));
  openclaw_stream_free(stream);
  CHECK(seen.frees == 1);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

/* A callback that ends everything: its client, and the other stream. */
static openclaw_client *victim;
static openclaw_stream *other;

static void end_all(void *data, openclaw_stream *stream, const openclaw_event *event, openclaw_status status,
                    const openclaw_error *error) {
  (void)event, (void)status, (void)error;
  ++*(int *)data;
  openclaw_stream_free(other == stream ? NULL : other);
  openclaw_stream_free(stream);
  openclaw_client_free(victim);
  other = NULL;
  victim = NULL;
}

static void everything_is_freed_inside(void) {
  openclaw_test_server *server = server_of("plain");
  int count = 0;
  openclaw_stream *first;
  victim = client_of(server, OPENCLAW_RUNTIME_THREADED);
  first = stream_of(victim);
  other = stream_of(victim);
  OK(openclaw_stream_set_callback(first, end_all, &count, NULL, err));
  while (count == 0) OK(openclaw_client_dispatch(victim, WAIT, NULL, err));
  CHECK(count == 1 && victim == NULL);
  openclaw_test_server_free(server);
}

/* A stream is freed by one thread while another is in its callback. */
struct slow {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int inside, left, frees;
  openclaw_client *client;
};

static void slow_event(void *data, openclaw_stream *stream, const openclaw_event *event, openclaw_status status,
                       const openclaw_error *error) {
  struct slow *slow = data;
  (void)stream, (void)event, (void)status, (void)error;
  pthread_mutex_lock(&slow->lock);
  CHECK(slow->frees == 0);
  slow->inside = 1;
  pthread_cond_broadcast(&slow->changed);
  pthread_mutex_unlock(&slow->lock);
  a_while(100);
  slow->left = 1;
}

static void slow_free(void *data) {
  struct slow *slow = data;
  CHECK(slow->left == 1);
  slow->frees++;
}

static void *dispatcher(void *data) {
  struct slow *slow = data;
  while (!slow->inside) OK(openclaw_client_dispatch(slow->client, WAIT, NULL, err));
  return NULL;
}

static void free_waits_for_the_callback(void) {
  openclaw_test_server *server = server_of("plain");
  struct slow slow = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, NULL};
  pthread_t thread;
  openclaw_stream *stream;
  slow.client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  stream = stream_of(slow.client);
  OK(openclaw_stream_set_callback(stream, slow_event, &slow, slow_free, err));
  CHECK(pthread_create(&thread, NULL, dispatcher, &slow) == 0);
  pthread_mutex_lock(&slow.lock);
  while (!slow.inside) pthread_cond_wait(&slow.changed, &slow.lock);
  pthread_mutex_unlock(&slow.lock);
  openclaw_stream_free(stream);
  CHECK(slow.frees == 1);
  pthread_join(thread, NULL);
  openclaw_client_free(slow.client);
  openclaw_test_server_free(server);
}

/* What an inline client cannot do is said. */
static void inline_cannot(void) {
  openclaw_test_server *server = server_of("plain");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_INLINE);
  openclaw_stream *stream = stream_of(client);
  struct seen seen;
  int32_t fd;
  memset(&seen, 0, sizeof seen);
  CHECK(openclaw_client_fd(client, &fd, NULL) == OPENCLAW_ERR_UNSUPPORTED);
  CHECK(openclaw_client_poll(client, 0, NULL, 0, NULL, NULL) == OPENCLAW_ERR_UNSUPPORTED);
  CHECK(openclaw_client_wakeup(client, NULL) == OPENCLAW_ERR_UNSUPPORTED);
  CHECK(openclaw_client_dispatch(client, 0, NULL, NULL) == OPENCLAW_ERR_UNSUPPORTED);
  CHECK(openclaw_client_ready_stream(client) == NULL);
  CHECK(openclaw_stream_set_callback(stream, on_event, &seen, on_free, NULL) == OPENCLAW_ERR_UNSUPPORTED);
  CHECK(seen.frees == 0);
  openclaw_stream_pause(stream);
  openclaw_stream_resume(stream);
  CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_OK);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

/* What a child does never shows at the parent's descriptor, and the child gets one of its own. */
static void in_child(void (*work)(openclaw_client *, openclaw_stream *), openclaw_client *client, openclaw_stream *stream) {
  int status = -1;
  pid_t child;
  if (UNDER_ASAN) return;
  fflush(NULL);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(30);
    work(client, stream);
    _exit(0);
  }
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void child_frees(openclaw_client *client, openclaw_stream *stream) {
  openclaw_stream_pause(stream);
  openclaw_stream_resume(stream);
  openclaw_stream_cancel(stream);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
}

static void child_calls(openclaw_client *client, openclaw_stream *stream) {
  openclaw_stream *own = stream_of(client);
  (void)stream;
  CHECK(openclaw_stream_finish(own, WAIT, NULL) == OPENCLAW_OK);
  openclaw_stream_free(own);
  /* And one that is left ready. */
  own = stream_of(client);
  while (openclaw_stream_state(own) == OPENCLAW_STREAM_RUNNING) a_while(5);
}

static void child_loops(openclaw_client *client, openclaw_stream *stream) {
  openclaw_stream *own = stream_of(client);
  struct seen seen;
  int fd = fd_of(client);
  int ended = 0;
  memset(&seen, 0, sizeof seen);
  seen.thread = pthread_self();
  while (!ended) {
    openclaw_event event = OPENCLAW_EVENT_INIT;
    CHECK(readable(fd, WAIT));
    CHECK(openclaw_client_ready_stream(client) == own); /* Never the parent's. */
    ended = openclaw_stream_try_next(own, &event, NULL) == OPENCLAW_OK;
  }
  CHECK(!readable(fd, 0));
  CHECK(openclaw_stream_status(stream, NULL) == OPENCLAW_ERR_FORKED || openclaw_stream_status(stream, NULL) == OPENCLAW_OK);
  openclaw_stream_free(stream);
  openclaw_stream_free(own);
  own = stream_of(client);
  OK(openclaw_stream_set_callback(own, on_event, &seen, on_free, err));
  while (seen.ends == 0) OK(openclaw_client_dispatch(client, WAIT, NULL, err));
  CHECK(seen.status == OPENCLAW_OK && seen.events > 5);
  openclaw_stream_free(own);
  openclaw_client_free(client);
}

static void forks(void) {
  void (*const works[])(openclaw_client *, openclaw_stream *) = {child_frees, child_calls, child_loops};
  openclaw_test_server *server = server_of("plain");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  int fd = fd_of(client);
  for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
    openclaw_stream *stream = stream_of(client);
    int32_t ready = -1;
    CHECK(readable(fd, WAIT));
    in_child(works[i], client, stream);
    CHECK(readable(fd, 0) && openclaw_client_ready_stream(client) == stream);
    CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_OK);
    CHECK(!readable(fd, 0));
    in_child(works[i], client, stream);
    CHECK(!readable(fd, 0) && openclaw_client_ready_stream(client) == NULL);
    OK(openclaw_client_poll(client, 0, NULL, 0, &ready, err));
    CHECK(ready == 0);
    openclaw_stream_free(stream);
  }
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

int main(int argc, char **argv) {
  int few = argc > 1 && strcmp(argv[1], "few") == 0; /* Under valgrind: what a child leaves to its parent is a leak to it. */
  one_descriptor();
  pause_clears_it();
  wakeup_from_another_thread();
  callbacks();
  cancel_inside();
  everything_is_freed_inside();
  free_waits_for_the_callback();
  inline_cannot();
  if (!few) forks();
  openclaw_global_shutdown(2000);
  puts("test_loop: good");
  return 0;
}
