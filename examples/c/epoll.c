/* Several answers at once in an epoll loop of the host: one descriptor for all of them.
 * The embedded server answers; see blocking.c for a login. Linux. */
#include <openclaw.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { STREAMS = 3 };

static void check(openclaw_status status, openclaw_error *error) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", openclaw_error_kind(error).ptr, openclaw_error_message(error).ptr);
  _exit(1);
}

int main(void) {
  static const char *const prompts[STREAMS] = {"Name a river", "Name a mountain", "Name a sea"};
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_stream *streams[STREAMS];
  size_t pieces[STREAMS] = {0}, left = STREAMS;
  openclaw_test_server *server = NULL;
  openclaw_client *client = NULL;
  openclaw_error *error = NULL;
  struct epoll_event wanted = {.events = EPOLLIN}, found;
  int loop = epoll_create1(EPOLL_CLOEXEC), fd = -1;

  check(openclaw_test_server_start(openclaw_cstr("slow"), openclaw_cstr(NULL), &server, &error), error);
  options.base_url = openclaw_test_server_url(server);
  options.token = openclaw_test_server_token(server);
  check(openclaw_client_new(&options, &client, &error), error);
  check(openclaw_client_fd(client, &fd, &error), error);
  epoll_ctl(loop, EPOLL_CTL_ADD, fd, &wanted);

  for (size_t i = 0; i < STREAMS; i++) {
    openclaw_request *request = NULL;
    check(openclaw_request_new(&request, &error), error);
    check(openclaw_request_set_input_text(request, openclaw_cstr(prompts[i]), &error), error);
    check(openclaw_client_stream(client, request, &streams[i], &error), error);
    openclaw_stream_set_user_data(streams[i], &pieces[i]);
    openclaw_request_free(request);
  }

  while (left > 0 && epoll_wait(loop, &found, 1, 30000) == 1) { /* Here a host looks after its other descriptors too. */
    openclaw_stream *stream;
    while ((stream = openclaw_client_ready_stream(client)) != NULL) {
      openclaw_event event = OPENCLAW_EVENT_INIT;
      openclaw_status status = openclaw_stream_try_next(stream, &event, &error);
      check(status, error);
      if (status == OPENCLAW_OK)
        left--; /* This answer is complete. */
      else if (event.kind == OPENCLAW_EVENT_TEXT_DELTA)
        ++*(size_t *)openclaw_stream_user_data(stream);
    }
  }

  close(loop);
  for (size_t i = 0; i < STREAMS; i++) {
    openclaw_str text;
    check(openclaw_stream_text(streams[i], &text, &error), error);
    printf("%s: %zu pieces: %s\n", prompts[i], pieces[i], text.ptr);
    openclaw_stream_free(streams[i]);
  }
  openclaw_client_free(client);
  openclaw_test_server_free(server);
  return left != 0;
}
