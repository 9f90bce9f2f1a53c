/* Asks a model and prints its answer as it comes: blocking PROMPT.
 * With a login of this machine (or CHATGPT_TOKEN); without one the embedded server answers. */
#include <openclaw.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(openclaw_error *error) {
  fprintf(stderr, "%s: %s\n", openclaw_error_kind(error).ptr, openclaw_error_message(error).ptr);
  openclaw_error_free(error);
  return 1;
}

int main(int argc, char **argv) {
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_test_server *server = NULL;
  openclaw_client *client = NULL;
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  openclaw_error *error = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_status status;

  options.runtime = OPENCLAW_RUNTIME_INLINE; /* This thread has nothing else to do. */
  options.token = openclaw_cstr(getenv("CHATGPT_TOKEN"));
  status = openclaw_client_new(&options, &client, &error);
  if (status == OPENCLAW_ERR_AUTH_INVALID) {
    openclaw_error_free(error);
    fputs("no login: the embedded server answers\n", stderr);
    if (openclaw_test_server_start(openclaw_cstr("plain"), openclaw_cstr(NULL), &server, &error) < 0) return fail(error);
    options.base_url = openclaw_test_server_url(server);
    options.token = openclaw_test_server_token(server);
    status = openclaw_client_new(&options, &client, &error);
  }
  if (status < 0) return fail(error);

  openclaw_request_new(&request, NULL);
  if (openclaw_request_set_input_text(request, openclaw_cstr(argc > 1 ? argv[1] : "Say hello"), &error) < 0 ||
      openclaw_client_stream(client, request, &stream, &error) < 0)
    return fail(error);

  while ((status = openclaw_stream_next(stream, -1, &event, &error)) == OPENCLAW_EVENT) {
    if (event.kind == OPENCLAW_EVENT_TEXT_DELTA) {
      fwrite(event.text.ptr, 1, event.text.len, stdout);
      fflush(stdout);
    }
  }
  putchar('\n');
  if (status < 0) return fail(error);

  openclaw_stream_free(stream);
  openclaw_request_free(request);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
  return 0;
}
