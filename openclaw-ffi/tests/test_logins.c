/* Stored logins and a sign-in that the host pulls, against the embedded login server. */
#define _XOPEN_SOURCE 700
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[64];
static openclaw_test_server *server;

/* The logins of a new, empty folder. */
static openclaw_logins *logins_of(const char *more) {
  char settings[512];
  openclaw_logins *logins = NULL;
  strcpy(folder, "/tmp/openclaw-logins-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  snprintf(settings, sizeof settings, "{\"store\":\"%s\",\"issuer\":\"%s\",\"application\":\"test-c/1.0\"%s}", folder,
           openclaw_test_server_issuer_url(server).ptr, more);
  OK(openclaw_logins_new(cs(settings), &logins, err));
  CHECK(has(openclaw_logins_store(logins), folder));
  return logins;
}

static openclaw_sign_in *sign_in_of(const openclaw_logins *logins, const char *settings) {
  openclaw_sign_in *sign_in = NULL;
  OK(openclaw_sign_in_start(logins, cs(settings), &sign_in, err));
  return sign_in;
}

/* The next step that is not only told. */
static openclaw_status next(const openclaw_sign_in *sign_in, openclaw_sign_in_step *step, openclaw_error **err) {
  openclaw_status status;
  do status = openclaw_sign_in_next(sign_in, WAIT, step, err);
  while (status == OPENCLAW_EVENT && step->kind == OPENCLAW_SIGN_IN_PROGRESS);
  return status;
}

static int contains(openclaw_string *json, const char *text) {
  int found = has(openclaw_string_view(json), text);
  if (!found) fprintf(stderr, "%s\n", openclaw_string_view(json).ptr);
  openclaw_string_free(json);
  return found;
}

static int port_of(openclaw_str url) {
  const char *mark = "redirect_uri=http%3A%2F%2Flocalhost%3A";
  const char *at = strstr(url.ptr, mark);
  CHECK(at != NULL);
  return atoi(at + strlen(mark));
}

/* The connection, or -1. */
static int connects(int port) {
  struct sockaddr_in to;
  int fd = socket(AF_INET, SOCK_STREAM, 0), done;
  memset(&to, 0, sizeof to);
  to.sin_family = AF_INET;
  to.sin_port = htons((uint16_t)port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  done = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
  if (!done) {
    close(fd);
    return -1;
  }
  return fd;
}

/* The browser: it goes where the page sends it. */
static void *browse(void *data) {
  char request[4096], answer[16384];
  const char *url = data;
  const char *path = strchr(url + strlen("http://"), '/');
  ssize_t got;
  size_t all = 0;
  int fd = connects(atoi(strchr(url + strlen("http://"), ':') + 1));
  CHECK(fd >= 0);
  snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
  CHECK(write(fd, request, strlen(request)) == (ssize_t)strlen(request));
  while ((got = read(fd, answer + all, sizeof answer - 1 - all)) > 0) all += (size_t)got;
  answer[all] = 0;
  CHECK(strstr(answer, "Signed in") != NULL && strstr(answer, "test-c") != NULL);
  close(fd);
  return NULL;
}

static void a_browser_comes_back(const char *more) {
  openclaw_logins *logins = logins_of(more);
  openclaw_sign_in *sign_in = sign_in_of(logins, "{\"callback_ports\":[0]}");
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  openclaw_string *back = NULL;
  openclaw_str result;
  pthread_t browser;
  int port;
  CHECK(openclaw_sign_in_result_json(sign_in, &result, NULL) == OPENCLAW_ERR_NOT_ENDED);
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT && step.kind == OPENCLAW_SIGN_IN_OPEN_URL);
  CHECK(has(step.json, "\"type\":\"open_url\"") && has(step.url, "/oauth/authorize?"));
  port = port_of(step.url);
  OK(openclaw_test_server_decide_sign_in(server, step.url, 1, &back, err));
  /* Nothing comes while nobody clicked; a step that was not there is the next one. */
  CHECK(openclaw_sign_in_next(sign_in, 1, &step, NULL) == OPENCLAW_EVENT && step.kind == OPENCLAW_SIGN_IN_PROGRESS);
  CHECK(same(step.code, "waiting") && openclaw_sign_in_next(sign_in, 1, &step, NULL) == OPENCLAW_ERR_WAIT_TIMEOUT);
  CHECK(openclaw_sign_in_next(sign_in, 0, &step, NULL) == OPENCLAW_ERR_WOULD_BLOCK);
  CHECK(pthread_create(&browser, NULL, browse, (void *)(uintptr_t)openclaw_string_view(back).ptr) == 0);
  OK(next(sign_in, &step, err));
  CHECK(pthread_join(browser, NULL) == 0);
  openclaw_string_free(back);
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_OK && connects(port) < 0);
  OK(openclaw_sign_in_result_json(sign_in, &result, err));
  CHECK(has(result, "\"id\":\"openai-codex:sam@example.test\"") && !has(result, "rt_"));
  openclaw_sign_in_cancel(sign_in);
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_OK);
  openclaw_logins_free(logins);
  openclaw_sign_in_free(sign_in);
}

static void a_person_pastes_and_declines(void) {
  openclaw_logins *logins = logins_of("");
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  openclaw_string *back = NULL;
  openclaw_error *error = NULL;
  openclaw_sign_in *sign_in = sign_in_of(logins, "{\"method\":\"paste\"}");
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT && step.kind == OPENCLAW_SIGN_IN_OPEN_URL);
  OK(openclaw_test_server_decide_sign_in(server, step.url, 0, &back, err));
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT && step.kind == OPENCLAW_SIGN_IN_ASK && step.text.len == 0);
  OK(openclaw_sign_in_answer(sign_in, cs("what?"), err));
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT && has(step.text, "no answer of the sign-in page"));
  OK(openclaw_sign_in_answer(sign_in, openclaw_string_view(back), err));
  CHECK(next(sign_in, &step, &error) == OPENCLAW_ERR_CANCELLED && same(openclaw_error_advice(error), "sign_in"));
  openclaw_error_free(error);
  openclaw_string_free(back);
  openclaw_sign_in_free(sign_in);
  openclaw_logins_free(logins);
}

static void a_code_is_typed(void) {
  openclaw_logins *logins = logins_of("");
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  openclaw_sign_in *sign_in = sign_in_of(logins, "{\"method\":\"device\"}");
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT && step.kind == OPENCLAW_SIGN_IN_SHOW_CODE);
  CHECK(step.valid_for_ms == 900000 && has(step.url, "/codex/device"));
  OK(openclaw_test_server_decide_device(server, step.code, 1, err));
  OK(next(sign_in, &step, err));
  openclaw_sign_in_free(sign_in);
  openclaw_logins_free(logins);
}

static void *wait_for_it(void *data) {
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  CHECK(next(data, &step, NULL) == OPENCLAW_ERR_CANCELLED);
  return NULL;
}

static void a_cancel_frees_the_port(const char *more) {
  openclaw_logins *logins = logins_of(more);
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  openclaw_sign_in *sign_in = sign_in_of(logins, "{\"callback_ports\":[0]}");
  pthread_t waits;
  int port;
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT);
  port = port_of(step.url);
  if (more[0] == 0) {
    CHECK(pthread_create(&waits, NULL, wait_for_it, sign_in) == 0);
    openclaw_sign_in_cancel(sign_in);
    CHECK(pthread_join(waits, NULL) == 0);
  }
  openclaw_sign_in_cancel(sign_in);
  CHECK(connects(port) < 0 && next(sign_in, &step, NULL) == OPENCLAW_ERR_CANCELLED);
  openclaw_sign_in_free(sign_in);
  sign_in = sign_in_of(logins, "{\"callback_ports\":[0]}");
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT);
  port = port_of(step.url);
  openclaw_sign_in_free(sign_in);
  CHECK(connects(port) < 0);
  openclaw_logins_free(logins);
}

/* Signs in, for what comes after it. */
static openclaw_logins *with_a_login(void) {
  openclaw_logins *logins = logins_of("");
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  openclaw_string *back = NULL;
  openclaw_sign_in *sign_in = sign_in_of(logins, "{\"method\":\"paste\"}");
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT);
  OK(openclaw_test_server_decide_sign_in(server, step.url, 1, &back, err));
  OK(openclaw_sign_in_answer(sign_in, openclaw_string_view(back), err));
  CHECK(next(sign_in, &step, NULL) == OPENCLAW_EVENT && step.kind == OPENCLAW_SIGN_IN_ASK);
  OK(next(sign_in, &step, err));
  openclaw_string_free(back);
  openclaw_sign_in_free(sign_in);
  return logins;
}

static void what_is_done_with_logins(void) {
  openclaw_logins *logins = with_a_login();
  openclaw_str sam = cs("openai-codex:sam@example.test"), none = cs("");
  openclaw_string *json = NULL;
  openclaw_error *error = NULL;
  OK(openclaw_logins_list_json(logins, &json, err));
  CHECK(contains(json, "\"state\":\"usable\""));
  OK(openclaw_logins_profile_json(logins, sam, &json, err));
  CHECK(contains(json, "\"email\":\"sam@example.test\""));
  CHECK(openclaw_logins_profile_json(logins, cs("nobody"), &json, &error) == OPENCLAW_ERR_CONFIG);
  CHECK(has(openclaw_error_message(error), "sam@example.test"));
  openclaw_error_free(error);
  OK(openclaw_logins_set_order(logins, cs("openai-codex"), cs("[\"openai-codex:sam@example.test\"]"), err));
  OK(openclaw_logins_list_json(logins, &json, err));
  CHECK(contains(json, "\"order\":{\"openai-codex\":["));
  OK(openclaw_logins_set_order(logins, cs("openai-codex"), none, err));
  OK(openclaw_logins_repair(logins, OPENCLAW_REPAIR_WRITE, &json, err));
  CHECK(contains(json, "[]"));
  OK(openclaw_logins_refresh(logins, sam, 1, WAIT, &json, err));
  CHECK(contains(json, "\"how\":\"still_good\""));
  OK(openclaw_logins_refresh(logins, sam, 0, WAIT, &json, err));
  CHECK(contains(json, "\"how\":\"refreshed\""));
  OK(openclaw_test_server_fail_sign_in(server, cs("refresh_token_expired"), 1, err));
  CHECK(openclaw_logins_refresh(logins, sam, 0, WAIT, &json, &error) == OPENCLAW_ERR_AUTH_EXPIRED);
  CHECK(same(openclaw_error_advice(error), "sign_in"));
  openclaw_error_free(error);
  OK(openclaw_logins_profile_json(logins, sam, &json, err));
  CHECK(contains(json, "\"state\":\"refused\""));
  OK(openclaw_logins_clear_health(logins, none, cs("openai-codex"), &json, err));
  CHECK(contains(json, "sam@example.test"));
  OK(openclaw_logins_clear_health(logins, sam, none, &json, err));
  CHECK(contains(json, "[]"));
  OK(openclaw_logins_sign_out(logins, none, WAIT, &json, err));
  CHECK(contains(json, "\"revoked\":true"));
  OK(openclaw_test_server_issuer_counts_json(server, &json, err));
  CHECK(contains(json, "\"revocations\":1"));
  CHECK(openclaw_logins_remove(logins, sam, &json, NULL) == OPENCLAW_ERR_CONFIG);
  openclaw_logins_free(logins);
  logins = with_a_login();
  OK(openclaw_logins_remove(logins, sam, &json, err));
  CHECK(contains(json, "\"revoked\":false"));
  openclaw_logins_free(logins);
}

int main(void) {
  server = server_of("plain");
  a_browser_comes_back("");
  a_browser_comes_back(",\"inline\":true");
  a_person_pastes_and_declines();
  a_code_is_typed();
  a_cancel_frees_the_port("");
  a_cancel_frees_the_port(",\"inline\":true");
  what_is_done_with_logins();
  openclaw_test_server_free(server);
  openclaw_global_shutdown(2000);
  puts("test_logins: good");
  return 0;
}
