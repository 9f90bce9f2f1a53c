/* What is wrong with a home of OpenClaw, without and with the provider being asked. */
#define _XOPEN_SOURCE 700
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[64] = "/tmp/openclaw-test-XXXXXX";
static char settings[512];

static void write_file(const char *name, const char *text) {
  char path[192];
  FILE *f;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  f = fopen(path, "wb");
  CHECK(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, 0600) == 0);
}

static void make_folder(const char *name) {
  char path[192];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  CHECK(mkdir(path, 0700) == 0);
}

static openclaw_diagnosis *found(int probe) {
  openclaw_diagnosis *diagnosis = NULL;
  snprintf(settings, sizeof settings, "{\"probe\":%s,\"env\":{\"HOME\":\"%s\"}}", probe ? "true" : "false", folder);
  OK(openclaw_diagnose(cs(settings), WAIT, &diagnosis, err));
  return diagnosis;
}

/* A home with one login for this server. */
static void sign_in(const openclaw_test_server *server) {
  static char text[8192];
  snprintf(text, sizeof text,
           "{ agents: { defaults: { model: 'openai-codex/gpt-5.4' } }, models: { providers: { 'openai-codex': "
           "{ baseUrl: '%s', api: 'openai-codex-responses', models: [] } } } }",
           openclaw_test_server_url(server).ptr);
  write_file(".openclaw/openclaw.json", text);
  snprintf(text, sizeof text,
           "{\"version\":1,\"profiles\":{\"openai-codex:me\":{\"type\":\"token\",\"provider\":\"openai-codex\",\"token\":\"%s\"}}}",
           openclaw_test_server_token(server).ptr);
  write_file(".openclaw/agents/main/agent/auth-profiles.json", text);
}

static void looks_without_asking(void) {
  openclaw_diagnosis *diagnosis = found(0);
  CHECK(openclaw_diagnosis_verdict(diagnosis) == OPENCLAW_VERDICT_NO_LOGIN && openclaw_diagnosis_check(diagnosis) == 1);
  CHECK(has(openclaw_diagnosis_says(diagnosis), "There is no login") && has(openclaw_diagnosis_to_json(diagnosis), "\"steps\":[\""));
  openclaw_diagnosis_free(diagnosis);
}

static void asks(void) {
  openclaw_test_server *server = server_of("plain");
  openclaw_diagnosis *diagnosis;
  sign_in(server);
  diagnosis = found(1);
  CHECK(openclaw_diagnosis_verdict(diagnosis) == OPENCLAW_VERDICT_FINE);
  /* The token of the embedded server lasts an hour, and nothing renews it. */
  CHECK(openclaw_diagnosis_check(diagnosis) == 2 && has(openclaw_diagnosis_to_json(diagnosis), "\"outcome\":\"answered\""));
  CHECK(!has(openclaw_diagnosis_to_json(diagnosis), openclaw_test_server_token(server).ptr));
  openclaw_diagnosis_free(diagnosis);
  openclaw_test_server_free(server);
  server = server_of("challenge");
  sign_in(server);
  diagnosis = found(1);
  CHECK(openclaw_diagnosis_verdict(diagnosis) == OPENCLAW_VERDICT_EDGE_BLOCKED && openclaw_diagnosis_check(diagnosis) == 1);
  openclaw_diagnosis_free(diagnosis);
  openclaw_test_server_free(server);
}

static void is_left_when_the_time_is_over(void) {
  openclaw_test_server *server = server_of("stall");
  openclaw_diagnosis *diagnosis = NULL;
  sign_in(server);
  snprintf(settings, sizeof settings, "{\"probe\":true,\"env\":{\"HOME\":\"%s\"}}", folder);
  CHECK(openclaw_diagnose(cs(settings), 200, &diagnosis, NULL) == OPENCLAW_ERR_WAIT_TIMEOUT && diagnosis == NULL);
  openclaw_test_server_free(server);
}

static void refuses_wrong_settings(void) {
  static const char *const wrong[] = {"[]", "{", "{\"prob\":true}", "{\"probe\":1}", "{\"env\":{\"A\":5}}"};
  openclaw_diagnosis *diagnosis = NULL;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    CHECK(openclaw_diagnose(cs(wrong[i]), WAIT, &diagnosis, NULL) == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(openclaw_diagnose(cs("{\"agent\":\"../x\"}"), WAIT, &diagnosis, NULL) == OPENCLAW_ERR_CONFIG);
  CHECK(diagnosis == NULL);
}

int main(void) {
  CHECK(mkdtemp(folder) != NULL);
  make_folder(".openclaw");
  make_folder(".openclaw/agents");
  make_folder(".openclaw/agents/main");
  make_folder(".openclaw/agents/main/agent");
  looks_without_asking();
  asks();
  is_left_when_the_time_is_over();
  refuses_wrong_settings();
  {
    char command[160];
    snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(system(command) == 0);
  }
  openclaw_global_shutdown(2000);
  puts("test_diagnose: good");
  return 0;
}
