/* openclaw.json: judged, as an error, repaired on the disk, its schema. */
#define _XOPEN_SOURCE 700
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[64] = "/tmp/openclaw-test-XXXXXX";
static char path[128];

static const char broken[] =
    "{\n"
    "  // mine\n"
    "  gateway: { prot: 18789, bind: \"nowhere\" },\n"
    "}\n";

static void write_config(const char *text) {
  FILE *f = fopen(path, "wb");
  CHECK(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

static openclaw_config_report *judged(const openclaw_config_source *source) {
  openclaw_config_report *report = NULL;
  OK(openclaw_config_check(source, &report, err));
  return report;
}

static void judges_a_text(void) {
  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
  openclaw_config_issue issue = OPENCLAW_CONFIG_ISSUE_INIT;
  openclaw_config_report *report;
  openclaw_error *error = NULL;
  int allowed = 0;
  source.text = cs(broken);
  report = judged(&source);
  CHECK(!openclaw_config_report_valid(report) && openclaw_config_report_issue_count(report) == 2);
  CHECK(openclaw_config_report_path(report).len == 0);
  for (size_t i = 0; i < 2; i++) {
    OK(openclaw_config_report_issue(report, i, &issue, err));
    CHECK(issue.severity == OPENCLAW_SEVERITY_ERROR && same(issue.stage, "schema") && issue.line == 3);
    if (same(issue.code, "unknown_key")) {
      CHECK(issue.key_count == 1 && same(issue.keys[0], "prot") && same(issue.suggestion, "port"));
      CHECK(same(issue.path, "gateway") && same(issue.pointer, "/gateway") && issue.column == 14);
    } else {
      CHECK(same(issue.path, "gateway.bind"));
      for (size_t k = 0; k < issue.allowed_count; k++) allowed += same(issue.allowed[k], "\"lan\"");
    }
  }
  CHECK(allowed == 1);
  /* As an error, which outlives the report. */
  CHECK(openclaw_config_report_status(report, &error) == OPENCLAW_ERR_CONFIG);
  openclaw_config_report_free(report);
  CHECK(same(openclaw_error_kind(error), "config") && openclaw_error_issue_count(error) == 2);
  OK(openclaw_error_issue(error, 1, &issue, err));
  CHECK(issue.json.ptr[0] == '{' && has(openclaw_error_to_json(error), "\"issues\":[{"));
  openclaw_error_free(error);
  /* An empty text is no missing one. */
  source.text = cs("");
  report = judged(&source);
  CHECK(!openclaw_config_report_valid(report));
  openclaw_config_report_free(report);
  source.text = cs("{}");
  report = judged(&source);
  CHECK(openclaw_config_report_valid(report) && openclaw_config_report_rendered(report).len == 0);
  CHECK(openclaw_config_report_status(report, NULL) == OPENCLAW_OK);
  openclaw_config_report_free(report);
}

static void judges_and_repairs_a_file(void) {
  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
  openclaw_config_report *report;
  openclaw_repair *repair = NULL;
  openclaw_error *error = NULL;
  struct stat now;
  char *text;
  write_config("{ gateway: { prot: 1 }, /* stays */ }\n");
  CHECK(chmod(path, 0640) == 0);
  source.path = cs(path);
  OK(openclaw_config_repair(&source, OPENCLAW_REPAIR_DRY_RUN, &repair, err));
  CHECK(openclaw_repair_valid(repair) && openclaw_repair_change_count(repair) == 1);
  CHECK(has(openclaw_repair_diff(repair), "-{ gateway: { prot: \"***\" }") && openclaw_repair_text(repair).len == 0);
  CHECK(has(openclaw_repair_to_json(repair), "\"repaired\":null"));
  openclaw_repair_free(repair);
  text = file(path);
  CHECK(strcmp(text, "{ gateway: { prot: 1 }, /* stays */ }\n") == 0);
  free(text);

  OK(openclaw_config_repair(&source, OPENCLAW_REPAIR_WRITE, &repair, err));
  CHECK(has(openclaw_repair_to_json(repair), path) && has(openclaw_repair_rendered(repair), "gateway.prot"));
  openclaw_repair_free(repair);
  text = file(path);
  CHECK(strcmp(text, "{ gateway: { }, /* stays */ }\n") == 0);
  free(text);
  CHECK(stat(path, &now) == 0 && (now.st_mode & 0777) == 0640);
  report = judged(&source);
  CHECK(openclaw_config_report_valid(report) && same(openclaw_config_report_path(report), path));
  openclaw_config_report_free(report);
  /* Once more: nothing is left to do. */
  OK(openclaw_config_repair(&source, OPENCLAW_REPAIR_WRITE, &repair, err));
  CHECK(openclaw_repair_change_count(repair) == 0 && openclaw_repair_diff(repair).len == 0);
  openclaw_repair_free(repair);

  /* A newer OpenClaw's keys stay, unless it is said otherwise; another version than ours is not taken. */
  write_config("{ meta: { lastTouchedVersion: \"2099.1.1\" }, gateway: { quantum: true } }\n");
  OK(openclaw_config_repair(&source, OPENCLAW_REPAIR_DRY_RUN, &repair, err));
  CHECK(!openclaw_repair_valid(repair) && has(openclaw_repair_to_json(repair), "\"withheld\":[\"gateway.quantum\"]"));
  openclaw_repair_free(repair);
  source.settings_json = cs("{\"assume_version\":\"1.0.0\"}");
  CHECK(openclaw_config_repair(&source, OPENCLAW_REPAIR_DRY_RUN, &repair, &error) == OPENCLAW_ERR_CONFIG);
  openclaw_error_free(error);
  source.settings_json = cs("");

  /* A file that is not there: an issue when it is judged, an error when it is repaired. */
  source.path = cs("/no/such/openclaw.json");
  report = judged(&source);
  CHECK(!openclaw_config_report_valid(report) && openclaw_config_report_issue_count(report) == 1);
  CHECK(openclaw_config_report_status(report, NULL) == OPENCLAW_ERR_STORE);
  openclaw_config_report_free(report);
  CHECK(openclaw_config_repair(&source, OPENCLAW_REPAIR_WRITE, &repair, NULL) == OPENCLAW_ERR_STORE);
}

/* Without text and path it is the file that OpenClaw finds; the environment can be given. */
static void finds_the_file(void) {
  char settings[512];
  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
  openclaw_config_report *report;
  openclaw_error *error = NULL;
  write_config("{}");
  CHECK(setenv("OPENCLAW_CONFIG_PATH", path, 1) == 0);
  report = judged(NULL);
  CHECK(openclaw_config_report_valid(report) && same(openclaw_config_report_path(report), path));
  openclaw_config_report_free(report);
  CHECK(unsetenv("OPENCLAW_CONFIG_PATH") == 0);
  snprintf(settings, sizeof settings, "{\"env\":{\"OPENCLAW_STATE_DIR\":\"%s\"}}", folder);
  source.settings_json = cs(settings);
  report = judged(&source);
  CHECK(same(openclaw_config_report_path(report), path));
  openclaw_config_report_free(report);
  source.settings_json = cs("{\"env\":{}}");
  CHECK(openclaw_config_check(&source, &report, &error) == OPENCLAW_ERR_CONFIG);
  CHECK(has(openclaw_error_message(error), "home") && openclaw_error_issue_count(error) == 0);
  openclaw_error_free(error);
}

/* Neither form of a judgement or a repair shows a credential. */
static void shows_no_secret(void) {
  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
  openclaw_config_report *report;
  openclaw_repair *repair = NULL;
  source.text = cs("{ auth: { profiles: { \"openai-codex:default\": "
                   "{ provider: \"openai-codex\", mode: \"oauth\", token: \"sk-secret-of-mine\" } } } }");
  report = judged(&source);
  CHECK(!openclaw_config_report_valid(report) && !has(openclaw_config_report_to_json(report), "sk-secret"));
  openclaw_config_report_free(report);
  OK(openclaw_config_repair(&source, OPENCLAW_REPAIR_DRY_RUN, &repair, err));
  CHECK(openclaw_repair_valid(repair) && !has(openclaw_repair_rendered(repair), "sk-secret"));
  CHECK(!has(openclaw_repair_diff(repair), "sk-secret") && !has(openclaw_repair_text(repair), "sk-secret"));
  openclaw_repair_free(repair);
}

int main(void) {
  openclaw_str schema = openclaw_config_schema_json();
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/openclaw.json", folder);
  judges_a_text();
  judges_and_repairs_a_file();
  finds_the_file();
  shows_no_secret();
  CHECK(schema.len > 10000 && has(schema, "2020-12") && openclaw_config_schema_json().ptr == schema.ptr);
  {
    char command[160];
    snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(system(command) == 0);
  }
  puts("test_config: good");
  return 0;
}
