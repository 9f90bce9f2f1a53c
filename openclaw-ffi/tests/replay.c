/* Plays one vector: replay PROVIDER MODE REQUEST OPTIONS SCRIPT (files; OPTIONS has a name and a JSON value a line). Writes
 * what came as one JSON object, for replay.py to compare. MODE: threaded, inline, batch, loop, dispatch. */
#include "check.h"

static int count;

/* The last event is the answer itself: it comes out of final_json. */
static void show(openclaw_str json, uint32_t kind) {
  if (kind == OPENCLAW_EVENT_COMPLETED) return;
  printf("%s", count++ ? "," : "");
  fwrite(json.ptr, 1, json.len, stdout);
}

static void show_event(const openclaw_stream *stream, const openclaw_event *event, size_t index) {
  openclaw_str json;
  OK(openclaw_stream_event_json(stream, index, &json, err));
  CHECK(event->json.len == 0 || same(event->json, json.ptr));
  show(json, event->kind);
}

static void on_event(void *data, openclaw_stream *stream, const openclaw_event *event, openclaw_status status,
                     const openclaw_error *error) {
  (void)status, (void)error;
  if (event == NULL)
    *(int *)data = 1;
  else
    show_event(stream, event, 0);
}

int main(int argc, char **argv) {
  CHECK(argc == 6);
  int anthropic = strcmp(argv[1], "anthropic") == 0, platform = anthropic || strcmp(argv[1], "openai") == 0;
  const char *mode = argv[2];
  char *request_json = file(argv[3]), *options = file(argv[4]), *script = file(argv[5]);
  openclaw_test_server *server = NULL;
  openclaw_client_options settings = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_client *client = NULL;
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  openclaw_error *error = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_string *requests = NULL;
  openclaw_str json;
  openclaw_status status;

  OK(openclaw_test_server_start(cs(""), cs(script), &server, err));
  settings.provider = cs(argv[1]);
  settings.runtime = strcmp(mode, "inline") == 0 ? OPENCLAW_RUNTIME_INLINE : OPENCLAW_RUNTIME_THREADED;
  if (platform) {
    settings.api_key = cs(anthropic ? "sk-ant-api-vector" : "sk-vector");
    settings.base_url = openclaw_test_server_platform_url(server);
  } else {
    settings.token = openclaw_test_server_token(server);
    settings.base_url = openclaw_test_server_url(server);
  }
  OK(openclaw_client_new(&settings, &client, err));
  OK(openclaw_request_from_json(cs(request_json), &request, err));
  for (char *line = strtok(options, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char *value = strchr(line, ' ');
    CHECK(value != NULL);
    *value++ = 0;
    OK(openclaw_request_set_option_json(request, cs(line), cs(value), err));
  }

  printf("{\"events\":[");
  status = openclaw_client_stream(client, request, &stream, &error);
  if (status == OPENCLAW_OK) {
    if (strcmp(mode, "batch") == 0) {
      openclaw_event batch[5];
      size_t written;
      while (openclaw_stream_next_batch(stream, WAIT, batch, 5, sizeof batch[0], &written, NULL) == OPENCLAW_EVENT)
        for (size_t i = 0; i < written; i++) show_event(stream, &batch[i], i);
    } else if (strcmp(mode, "loop") == 0) {
      do {
        OK(openclaw_client_poll(client, WAIT, NULL, 0, NULL, err));
        while ((status = openclaw_stream_try_next(stream, &event, NULL)) == OPENCLAW_EVENT) show_event(stream, &event, 0);
      } while (status == OPENCLAW_ERR_WOULD_BLOCK);
    } else if (strcmp(mode, "dispatch") == 0) {
      int over = 0;
      OK(openclaw_stream_set_callback(stream, on_event, &over, NULL, err));
      while (!over) OK(openclaw_client_dispatch(client, WAIT, NULL, err));
    } else {
      while (openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT) show_event(stream, &event, 0);
    }
    status = openclaw_stream_final_json(stream, &json, &error);
  }
  if (status == OPENCLAW_OK) {
    printf("],\"response\":%s", json.ptr);
  } else {
    CHECK(openclaw_error_status(error) == status);
    printf("],\"error\":%s", openclaw_error_to_json(error).ptr);
  }
  OK(openclaw_test_server_requests_json(server, &requests, err));
  printf(",\"requests\":%s,\"url\":\"%s\"}\n", openclaw_string_view(requests).ptr, openclaw_test_server_url(server).ptr);

  openclaw_string_free(requests);
  openclaw_error_free(error);
  openclaw_stream_free(stream);
  openclaw_request_free(request);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
  openclaw_global_shutdown(2000);
  free(request_json);
  free(options);
  free(script);
  return 0;
}
