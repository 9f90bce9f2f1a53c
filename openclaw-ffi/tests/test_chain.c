/* Clients that go on with other models. */
#define _XOPEN_SOURCE 700
#include "check.h"

static const char *const SETTINGS[] = {"", "{\"inline\":true}"};

static openclaw_chain *chain_of(const char *settings, const openclaw_client *first, const openclaw_client *second) {
  openclaw_chain *chain = NULL;
  OK(openclaw_chain_new(cs(settings), &chain, err));
  OK(openclaw_chain_add(chain, cs("openai-codex/gpt-5.4"), first, err));
  OK(openclaw_chain_add(chain, cs("backup/gpt-5.5"), second, err));
  return chain;
}

static void moves_on(const char *settings) {
  openclaw_test_server *blocked = server_of("challenge"), *server = server_of("plain");
  openclaw_client *first = client_of(blocked, OPENCLAW_RUNTIME_THREADED);
  openclaw_client *second = client_of(server, OPENCLAW_RUNTIME_INLINE);
  openclaw_chain *chain = chain_of(settings, first, second);
  openclaw_client *client = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  openclaw_string *info = NULL;
  openclaw_status status;
  int moved = 0;
  /* The members may go before the chain, and the chain before its clients. */
  openclaw_client_free(first);
  openclaw_client_free(second);
  OK(openclaw_chain_client(chain, &client, err));
  openclaw_chain_free(chain);
  OK(openclaw_request_new(&request, err));
  OK(openclaw_request_set_input_text(request, cs("hi"), err));
  OK(openclaw_client_stream(client, request, &stream, err));
  while ((status = openclaw_stream_next(stream, WAIT, &event, NULL)) == OPENCLAW_EVENT) {
    if (event.kind == OPENCLAW_EVENT_RETRYING) moved += has(event.json, "\"edge_blocked\"") && has(event.json, "gpt-5.5");
  }
  CHECK(status == OPENCLAW_OK && moved == 1);
  OK(openclaw_stream_info_json(stream, &info, err));
  CHECK(has(openclaw_string_view(info), "\"attempts\":[{") && has(openclaw_string_view(info), "\"edge_blocked\""));
  openclaw_string_free(info);
  openclaw_stream_free(stream);
  openclaw_request_free(request);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
  openclaw_test_server_free(blocked);
}

static void all_fail(void) {
  openclaw_test_server *blocked = server_of("challenge"), *spent = server_of("usage_limit");
  openclaw_client *first = client_of(blocked, 0), *second = client_of(spent, 0), *client = NULL;
  openclaw_chain *chain = chain_of("{\"attempts\":5}", first, second);
  openclaw_error *error = NULL;
  openclaw_stream *stream;
  OK(openclaw_chain_client(chain, &client, err));
  stream = stream_of(client);
  CHECK(openclaw_stream_finish(stream, WAIT, &error) == OPENCLAW_ERR_EDGE_BLOCKED);
  CHECK(openclaw_error_attempt_count(error) == 2);
  openclaw_error_free(error);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  openclaw_chain_free(chain);
  openclaw_client_free(first);
  openclaw_client_free(second);
  openclaw_test_server_free(blocked);
  openclaw_test_server_free(spent);
}

static void what_is_wrong_is_named(void) {
  openclaw_test_server *server = server_of("plain");
  openclaw_client *member = client_of(server, 0), *client = NULL;
  openclaw_chain *chain = NULL;
  openclaw_error *error = NULL;
  CHECK(openclaw_chain_new(cs("{\"atempts\":1}"), &chain, &error) == OPENCLAW_ERR_CONFIG);
  CHECK(has(openclaw_error_message(error), "atempts"));
  openclaw_error_free(error);
  OK(openclaw_chain_new(cs(""), &chain, err));
  CHECK(openclaw_chain_client(chain, &client, &error) == OPENCLAW_ERR_CONFIG);
  CHECK(has(openclaw_error_message(error), "no candidate"));
  openclaw_error_free(error);
  CHECK(openclaw_chain_add(chain, cs("gpt-5.4"), member, &error) == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(has(openclaw_error_message(error), "provider/model"));
  openclaw_error_free(error);
  OK(openclaw_chain_add(chain, cs("a/b"), member, err));
  OK(openclaw_chain_add(chain, cs("a/b"), member, err));
  CHECK(openclaw_chain_client(chain, &client, &error) == OPENCLAW_ERR_CONFIG);
  CHECK(has(openclaw_error_message(error), "twice"));
  openclaw_error_free(error);
  openclaw_chain_free(chain);
  openclaw_client_free(member);
  openclaw_test_server_free(server);
}

static void a_configuration(void) {
  openclaw_test_server *server = server_of("plain");
  openclaw_client *client = NULL;
  openclaw_error *error = NULL;
  openclaw_stream *stream;
  char text[2048], path[] = "/tmp/openclaw-chain-XXXXXX";
  openclaw_str url = openclaw_test_server_platform_url(server);
  int fd = mkstemp(path);
  FILE *f = fdopen(fd, "wb");
  CHECK(f != NULL);
  fprintf(f,
          "{models:{providers:{one:{baseUrl:\"http://127.0.0.1:1/v1\",api:\"openai-responses\",apiKey:\"sk-forged-1\",models:[]},"
          "two:{baseUrl:\"%s\",api:\"openai-responses\",apiKey:\"sk-forged-2\",models:[]}}},"
          "agents:{defaults:{model:{primary:\"one/gpt-5.4\",fallbacks:[\"two/gpt-5.4\"]}}}}",
          url.ptr);
  fclose(f);
  snprintf(text, sizeof text, "{\"path\":\"%s\",\"max_retries\":0}", path);
  OK(openclaw_client_from_config(cs(text), &client, err));
  stream = stream_of(client);
  CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_OK);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  remove(path);
  CHECK(openclaw_client_from_config(cs("{\"path\":\"/no/such/openclaw.json\"}"), &client, &error) < 0);
  CHECK(has(openclaw_error_message(error), "/no/such/openclaw.json"));
  openclaw_error_free(error);
  openclaw_test_server_free(server);
}

int main(void) {
  for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++) moves_on(SETTINGS[i]);
  all_fail();
  what_is_wrong_is_named();
  a_configuration();
  openclaw_global_shutdown(2000);
  puts("test_chain: good");
  return 0;
}
