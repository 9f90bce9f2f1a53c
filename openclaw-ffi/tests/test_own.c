/* A provider and a token source that the host writes. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <unistd.h>

#include "check.h"

/* What the provider does with its next call. */
enum act { TEXT, EVENTS, THREAD, LATER, RAISE, BREAK, FREE, HANG, AFTER, FLOOD, MODELS };

typedef struct own {
  enum act act;
  int freed, calls;
  char seen[256];
  openclaw_reply *kept;
  pthread_t thread;
} own;

static void *answer(void *data) {
  openclaw_reply *reply = data;
  char word[16];
  for (int n = 0; n < 1000; n++) {
    OK(openclaw_reply_wait(reply, WAIT, err));
    snprintf(word, sizeof word, "%d ", n);
    OK(openclaw_reply_text(reply, cs(word), err));
  }
  OK(openclaw_reply_done(reply, err));
  openclaw_reply_free(reply);
  return NULL;
}

static void on_stream(void *data, openclaw_str request, openclaw_str options, openclaw_reply *reply) {
  own *mine = data;
  openclaw_error *error = NULL;
  mine->calls++;
  CHECK(has(request, "\"input\"") && has(options, "\"max_retries\"") && openclaw_reply_wanted(reply) == 1);
  snprintf(mine->seen, sizeof mine->seen, "%s", request.ptr);
  switch (mine->act) {
    case THREAD:
      CHECK(pthread_create(&mine->thread, NULL, answer, reply) == 0);
      return;
    case LATER:
    case HANG:
      mine->kept = reply;
      return;
    case EVENTS:
      OK(openclaw_reply_event_json(reply, cs("{\"type\":\"reasoning_summary_delta\",\"delta\":\"hm\"}"), err));
      OK(openclaw_reply_event_json(reply, cs("{\"type\":\"text_delta\",\"delta\":\"Hello\"}"), err));
      OK(openclaw_reply_event_json(
          reply, cs("{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"}"), err));
      OK(openclaw_reply_event_json(reply, cs("{\"type\":\"completed\",\"usage\":{\"input_tokens\":3}}"), err));
      break;
    case RAISE:
      CHECK(openclaw_reply_fail(reply, 5, cs("busy"), &error) == OPENCLAW_ERR_INVALID_ARGUMENT);
      openclaw_error_free(error);
      OK(openclaw_reply_fail(reply, OPENCLAW_ERR_OVERLOADED, cs("busy with sk-proj-abcdefghijklmnopqrst"), err));
      break;
    case BREAK:
      CHECK(openclaw_reply_event_json(reply, cs("{\"type\":\"nonsense\"}"), &error) == OPENCLAW_ERR_INVALID_ARGUMENT);
      CHECK(has(openclaw_error_message(error), "nonsense"));
      openclaw_error_free(error);
      CHECK(openclaw_reply_event_json(reply, cs("{"), NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
      CHECK(openclaw_reply_models_json(reply, cs("[]"), NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
      CHECK(openclaw_reply_token(reply, cs("t"), cs(""), 0, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
      OK(openclaw_reply_event_json(
          reply, cs("{\"type\":\"text_delta\",\"item_id\":\"i\",\"output_index\":3,\"delta\":\"x\"}"), err));
      OK(openclaw_reply_fail_json(reply, cs("{\"kind\":\"billing\",\"message\":\"too late\"}"), err));
      break;
    case FREE:
      break;
    case AFTER:
      OK(openclaw_reply_text(reply, cs("a"), err));
      OK(openclaw_reply_done(reply, err));
      CHECK(openclaw_reply_wanted(reply) == 0);
      CHECK(openclaw_reply_text(reply, cs("b"), &error) == OPENCLAW_ERR_CLOSED);
      CHECK(has(openclaw_error_message(error), "ended"));
      openclaw_error_free(error);
      CHECK(openclaw_reply_done(reply, NULL) == OPENCLAW_ERR_CLOSED);
      CHECK(openclaw_reply_fail(reply, OPENCLAW_ERR_UNKNOWN, cs("x"), NULL) == OPENCLAW_ERR_CLOSED);
      break;
    case FLOOD: {
      openclaw_status status;
      int count = 0;
      while ((status = openclaw_reply_text(reply, cs("x"), NULL)) == OPENCLAW_OK) count++;
      CHECK(status == OPENCLAW_ERR_WOULD_BLOCK && count > 1000 && count < 100000);
      CHECK(openclaw_reply_wait(reply, 0, NULL) == OPENCLAW_ERR_WAIT_TIMEOUT);
      OK(openclaw_reply_done(reply, err));
      break;
    }
    default:
      OK(openclaw_reply_text(reply, cs("Hel"), err));
      OK(openclaw_reply_text(reply, cs("lo"), err));
      OK(openclaw_reply_done(reply, err));
  }
  openclaw_reply_free(reply);
}

static void on_models(void *data, openclaw_reply *reply) {
  (void)data;
  CHECK(openclaw_reply_text(reply, cs("x"), NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  CHECK(openclaw_reply_models_json(reply, cs("5"), NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  OK(openclaw_reply_models_json(reply, cs("[\"one\",{\"id\":\"two\"}]"), err));
  openclaw_reply_free(reply);
}

static void on_free(void *data) { ((own *)data)->freed++; }

static openclaw_client *client_around(own *mine, uint32_t runtime, const char *settings) {
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_provider provider = OPENCLAW_PROVIDER_INIT;
  openclaw_client *client = NULL;
  options.runtime = runtime;
  options.settings_json = cs(settings);
  provider.user_data = mine;
  provider.id = cs("mine");
  provider.capabilities_json = cs("{\"images\":false}");
  provider.stream = on_stream;
  provider.models = mine->act == MODELS ? on_models : NULL;
  provider.free = on_free;
  OK(openclaw_client_new_with_provider(&options, &provider, &client, err));
  return client;
}

/* Makes one call; gives how it ended, and its text in `text` if it did well. */
static openclaw_status ask(const openclaw_client *client, char *text, size_t room, openclaw_error **error) {
  openclaw_stream *stream = stream_of(client);
  openclaw_str said;
  openclaw_status status = openclaw_stream_finish(stream, WAIT, error);
  if (status == OPENCLAW_OK) {
    OK(openclaw_stream_text(stream, &said, err));
    snprintf(text, room, "%s", said.ptr);
  }
  openclaw_stream_free(stream);
  return status;
}

static void answers(uint32_t runtime) {
  static const enum act good[] = {TEXT, EVENTS, THREAD, AFTER, FLOOD};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    own mine = {0};
    char text[64] = "";
    mine.act = good[i];
    openclaw_client *client = client_around(&mine, runtime, "");
    OK(ask(client, text, sizeof text, err));
    const char *want = good[i] == THREAD ? "0 1 2" : good[i] == AFTER ? "a" : good[i] == FLOOD ? "xxx" : "Hello";
    CHECK(strncmp(text, want, strlen(want)) == 0 && (good[i] != AFTER || text[1] == '\0'));
    CHECK(strstr(mine.seen, "\"gpt-5.4\"") != NULL && mine.calls == 1 && mine.freed == 0);
    openclaw_client_free(client);
    if (good[i] == THREAD) pthread_join(mine.thread, NULL);
    for (int wait = 0; mine.freed == 0 && wait < 2000; wait++) usleep(1000);
    CHECK(mine.freed == 1);
  }
}

static void fails(uint32_t runtime) {
  static const struct {
    enum act act;
    openclaw_status status;
    const char *says;
  } bad[] = {{RAISE, OPENCLAW_ERR_OVERLOADED, "busy"},
             {BREAK, OPENCLAW_ERR_SERVER_ERROR, "never added"},
             {FREE, OPENCLAW_ERR_STREAM_TRUNCATED, "let go"},
             {HANG, OPENCLAW_ERR_TIMEOUT, "first_byte"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    own mine = {0};
    openclaw_error *error = NULL;
    char text[8];
    mine.act = bad[i].act;
    openclaw_client *client =
        client_around(&mine, runtime, mine.act == HANG ? "{\"first_byte_timeout_ms\":20}" : "");
    CHECK(ask(client, text, sizeof text, &error) == bad[i].status);
    CHECK(has(openclaw_error_message(error), bad[i].says) && !has(openclaw_error_message(error), "abcdefgh"));
    openclaw_error_free(error);
    openclaw_client_free(client);
    if (mine.kept) {
      CHECK(openclaw_reply_wanted(mine.kept) == 0);
      CHECK(openclaw_reply_text(mine.kept, cs("too late"), &error) == OPENCLAW_ERR_CANCELLED);
      openclaw_error_free(error);
      CHECK(openclaw_reply_wait(mine.kept, -1, NULL) == OPENCLAW_ERR_CANCELLED);
      openclaw_reply_free(mine.kept);
    }
  }
}

/* A bad provider costs its attempt: the next model of the chain answers. */
static void in_a_chain_the_next_one_answers(uint32_t runtime) {
  static const enum act bad[] = {RAISE, BREAK, FREE, HANG};
  const char *settings = runtime == OPENCLAW_RUNTIME_INLINE
                             ? "{\"max_retries\":0,\"first_event_timeout_ms\":50,\"inline\":true}"
                             : "{\"max_retries\":0,\"first_event_timeout_ms\":50}";
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    own first = {0}, second = {0};
    char text[8] = "";
    openclaw_chain *chain = NULL;
    openclaw_client *client = NULL;
    first.act = bad[i];
    openclaw_client *one = client_around(&first, runtime, ""), *two = client_around(&second, runtime, "");
    OK(openclaw_chain_new(cs(settings), &chain, err));
    OK(openclaw_chain_add(chain, cs("one/gpt-5.4"), one, err));
    OK(openclaw_chain_add(chain, cs("two/gpt-5.4"), two, err));
    OK(openclaw_chain_client(chain, &client, err));
    OK(ask(client, text, sizeof text, err));
    CHECK(strcmp(text, "Hello") == 0 && first.calls == 1 && second.calls == 1);
    openclaw_client_free(client);
    openclaw_chain_free(chain);
    openclaw_client_free(one);
    openclaw_client_free(two);
    if (first.kept) openclaw_reply_free(first.kept);
  }
}

static void a_stream_that_is_freed_is_told(void) {
  own mine = {0};
  mine.act = LATER;
  openclaw_client *client = client_around(&mine, OPENCLAW_RUNTIME_THREADED, "");
  openclaw_stream *stream = stream_of(client);
  for (int wait = 0; mine.calls == 0 && wait < 2000; wait++) usleep(1000);
  for (int wait = 0; mine.kept == NULL && wait < 2000; wait++) usleep(1000);
  openclaw_stream_free(stream);
  for (int wait = 0; openclaw_reply_wanted(mine.kept) && wait < 2000; wait++) usleep(1000);
  CHECK(openclaw_reply_done(mine.kept, NULL) == OPENCLAW_ERR_CANCELLED);
  openclaw_client_free(client);
  openclaw_reply_free(mine.kept);
}

static void models_are_listed(void) {
  own mine = {0};
  openclaw_string *json = NULL;
  mine.act = MODELS;
  openclaw_client *client = client_around(&mine, OPENCLAW_RUNTIME_INLINE, "");
  OK(openclaw_client_models_json(client, WAIT, &json, err));
  CHECK(same(openclaw_string_view(json), "[{\"id\":\"one\"},{\"id\":\"two\"}]"));
  openclaw_string_free(json);
  openclaw_client_free(client);
}

/* A client that did not come to be leaves the data to the host. */
static void what_is_no_provider_is_refused(void) {
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_provider provider = OPENCLAW_PROVIDER_INIT;
  openclaw_token_source tokens = OPENCLAW_TOKEN_SOURCE_INIT;
  openclaw_client *client = NULL;
  own mine = {0};
  provider.user_data = tokens.user_data = &mine;
  provider.free = tokens.free = on_free;
  provider.id = cs("mine");
  CHECK(openclaw_client_new_with_provider(&options, &provider, &client, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  provider.stream = on_stream;
  provider.id = cs("no name");
  CHECK(openclaw_client_new_with_provider(&options, &provider, &client, NULL) == OPENCLAW_ERR_CONFIG);
  provider.id = cs("mine");
  provider.capabilities_json = cs("{\"tolls\":1}");
  CHECK(openclaw_client_new_with_provider(&options, &provider, &client, NULL) == OPENCLAW_ERR_CONFIG);
  provider.capabilities_json = cs("{");
  CHECK(openclaw_client_new_with_provider(&options, &provider, &client, NULL) == OPENCLAW_ERR_CONFIG);
  provider.capabilities_json = cs("");
  options.base_url = cs("http://127.0.0.1:1");
  CHECK(openclaw_client_new_with_provider(&options, &provider, &client, NULL) == OPENCLAW_ERR_CONFIG);
  options.base_url = cs("");
  provider.struct_size = 8;
  CHECK(openclaw_client_new_with_provider(&options, &provider, &client, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  provider.struct_size = (uint32_t)sizeof provider;
  provider.reserved = 1;
  CHECK(openclaw_client_new_with_provider(&options, &provider, &client, NULL) == OPENCLAW_ERR_UNSUPPORTED);
  CHECK(openclaw_client_new_with_tokens(&options, &tokens, &client, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  tokens.struct_size = 8;
  CHECK(openclaw_client_new_with_tokens(&options, &tokens, &client, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  CHECK(client == NULL && mine.freed == 0);
}

typedef struct vault {
  const char *stale, *good;
  int asked, told, freed;
} vault;

static void on_token(void *data, openclaw_str rejected, openclaw_reply *reply) {
  vault *mine = data;
  mine->asked++;
  mine->told += rejected.len > 0;
  CHECK(openclaw_reply_token(reply, cs("a b"), cs(""), 0, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  CHECK(openclaw_reply_token(reply, cs("ab"), cs(""), -1, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  if (mine->good == NULL) {
    OK(openclaw_reply_fail(reply, OPENCLAW_ERR_AUTH_EXPIRED, cs("sign in to the vault"), err));
  } else if (rejected.len == 0 && mine->stale != NULL) {
    OK(openclaw_reply_token(reply, cs(mine->stale), cs("acct-vector"), 0, err));
  } else {
    OK(openclaw_reply_token(reply, cs(mine->good), cs(""), 4102444800, err));
    CHECK(openclaw_reply_token(reply, cs(mine->good), cs(""), 0, NULL) == OPENCLAW_ERR_CLOSED);
  }
  openclaw_reply_free(reply);
}

static void vault_freed(void *data) { ((vault *)data)->freed++; }

static void tokens_come_from_the_host(uint32_t runtime) {
  openclaw_test_server *server = server_of("plain");
  for (int stale = 0; stale < 3; stale++) {
    openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
    openclaw_token_source tokens = OPENCLAW_TOKEN_SOURCE_INIT;
    openclaw_client *client = NULL;
    vault mine = {0};
    char text[64];
    mine.stale = stale == 1 ? "stale-token" : NULL;
    mine.good = stale == 2 ? NULL : openclaw_test_server_token(server).ptr;
    options.runtime = runtime;
    options.base_url = openclaw_test_server_url(server);
    options.settings_json = cs("{\"max_retries\":0}");
    tokens.user_data = &mine;
    tokens.token = on_token;
    tokens.free = vault_freed;
    OK(openclaw_client_new_with_tokens(&options, &tokens, &client, err));
    if (stale == 2) {
      CHECK(ask(client, text, sizeof text, NULL) == OPENCLAW_ERR_AUTH_EXPIRED);
    } else {
      OK(ask(client, text, sizeof text, err));
      OK(ask(client, text, sizeof text, err));
      CHECK(mine.asked == 1 + stale && mine.told == stale);
    }
    openclaw_client_free(client);
    for (int wait = 0; mine.freed == 0 && wait < 2000; wait++) usleep(1000);
    CHECK(mine.freed == 1);
  }
  openclaw_test_server_free(server);
}

int main(void) {
  static const uint32_t runtimes[] = {OPENCLAW_RUNTIME_THREADED, OPENCLAW_RUNTIME_INLINE};
  for (size_t i = 0; i < 2; i++) {
    answers(runtimes[i]);
    fails(runtimes[i]);
    in_a_chain_the_next_one_answers(runtimes[i]);
    tokens_come_from_the_host(runtimes[i]);
  }
  a_stream_that_is_freed_is_told();
  models_are_listed();
  what_is_no_provider_is_refused();
  openclaw_global_shutdown(5000);
  puts("test_own: good");
  return 0;
}
