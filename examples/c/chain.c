/* Asks a model that is blocked, and goes on with another one: two embedded servers play both. */
#include <openclaw.h>
#include <stdio.h>

static int fail(openclaw_error *error) {
  fprintf(stderr, "%s: %s\n", openclaw_error_kind(error).ptr, openclaw_error_message(error).ptr);
  openclaw_error_free(error);
  return 1;
}

/* A server that plays a scenario, and a client that asks it. */
static openclaw_status member(const char *scenario, openclaw_test_server **server, openclaw_client **client,
                              openclaw_error **error) {
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_status status = openclaw_test_server_start(openclaw_cstr(scenario), openclaw_cstr(NULL), server, error);
  if (status < 0) return status;
  options.base_url = openclaw_test_server_url(*server);
  options.token = openclaw_test_server_token(*server);
  return openclaw_client_new(&options, client, error);
}

int main(void) {
  openclaw_test_server *servers[2] = {NULL, NULL};
  openclaw_client *members[2] = {NULL, NULL}, *client = NULL;
  openclaw_chain *chain = NULL;
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  openclaw_error *error = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_status status;

  if (member("challenge", &servers[0], &members[0], &error) < 0 || member("plain", &servers[1], &members[1], &error) < 0 ||
      openclaw_chain_new(openclaw_cstr("{\"attempts\": 4}"), &chain, &error) < 0 ||
      openclaw_chain_add(chain, openclaw_cstr("openai-codex/gpt-5.4"), members[0], &error) < 0 ||
      openclaw_chain_add(chain, openclaw_cstr("backup/gpt-5.5"), members[1], &error) < 0 ||
      openclaw_chain_client(chain, &client, &error) < 0)
    return fail(error);
  openclaw_chain_free(chain);
  for (int i = 0; i < 2; i++) openclaw_client_free(members[i]);

  openclaw_request_new(&request, NULL);
  if (openclaw_request_set_input_text(request, openclaw_cstr("Say hello"), &error) < 0 ||
      openclaw_client_stream(client, request, &stream, &error) < 0)
    return fail(error);
  while ((status = openclaw_stream_next(stream, -1, &event, &error)) == OPENCLAW_EVENT) {
    if (event.kind == OPENCLAW_EVENT_RETRYING) fprintf(stderr, "moved on: %s\n", event.json.ptr);
    if (event.kind == OPENCLAW_EVENT_TEXT_DELTA) fwrite(event.text.ptr, 1, event.text.len, stdout);
  }
  putchar('\n');
  if (status < 0) return fail(error);

  openclaw_stream_free(stream);
  openclaw_request_free(request);
  openclaw_client_free(client);
  for (int i = 0; i < 2; i++) openclaw_test_server_free(servers[i]);
  return 0;
}
