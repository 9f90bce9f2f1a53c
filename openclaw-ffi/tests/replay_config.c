/* Judges and repairs one configuration: replay_config SETTINGS [TEXT [PATH]] (SETTINGS and TEXT are files). Writes what came
 * as one JSON object, for replay.py to compare; `fields` is the judgement again, put together of the structs. */
#include "check.h"

static void json_text(const char *name, openclaw_str text) {
  if (name != NULL) printf("\"%s\":", name);
  putchar('"');
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    if (c < 32 || c == '"' || c == '\\')
      printf("\\u%04x", c);
    else
      putchar(c);
  }
  putchar('"');
}

static void known_text(const char *name, openclaw_str text) {
  CHECK(text.ptr != NULL && text.ptr[text.len] == 0);
  if (text.len == 0) return;
  putchar(',');
  json_text(name, text);
}

static void list(const char *name, const openclaw_str *texts, size_t count) {
  if (count == 0) return;
  printf(",\"%s\":[", name);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) putchar(',');
    json_text(NULL, texts[i]);
  }
  putchar(']');
}

static void show(const openclaw_config_issue *issue) {
  printf("{\"severity\":\"%s\"", issue->severity == OPENCLAW_SEVERITY_ERROR ? "error" : "warning");
  CHECK(issue->severity == OPENCLAW_SEVERITY_ERROR || issue->severity == OPENCLAW_SEVERITY_WARNING);
  if (issue->line > 0) printf(",\"line\":%" PRIu32 ",\"column\":%" PRIu32, issue->line, issue->column);
  putchar(',');
  json_text("path", issue->path);
  putchar(',');
  json_text("pointer", issue->pointer);
  known_text("stage", issue->stage);
  known_text("code", issue->code);
  known_text("file", issue->file);
  known_text("message", issue->message);
  known_text("found", issue->found);
  known_text("suggestion", issue->suggestion);
  known_text("hint", issue->hint);
  list("keys", issue->keys, issue->key_count);
  list("allowed", issue->allowed, issue->allowed_count);
  known_text("rule", issue->rule);
  putchar('}');
}

static void show_fields(const openclaw_config_report *report) {
  openclaw_str path = openclaw_config_report_path(report);
  size_t count = openclaw_config_report_issue_count(report);
  openclaw_error *error = NULL;
  openclaw_status status = openclaw_config_report_status(report, &error);
  int valid = openclaw_config_report_valid(report);
  CHECK((status == OPENCLAW_OK) == valid && openclaw_error_issue_count(error) == (valid ? 0 : count));
  printf("{\"valid\":%s,", valid ? "true" : "false");
  json_text("rendered", openclaw_config_report_rendered(report));
  known_text("path", path);
  printf(",\"issues\":[");
  for (size_t i = 0; i < count; i++) {
    openclaw_config_issue issue = OPENCLAW_CONFIG_ISSUE_INIT, again = OPENCLAW_CONFIG_ISSUE_INIT;
    OK(openclaw_config_report_issue(report, i, &issue, err));
    if (!valid) {
      OK(openclaw_error_issue(error, i, &again, err));
      CHECK(same(issue.json, again.json.ptr));
    }
    if (i > 0) putchar(',');
    show(&issue);
  }
  printf("]}");
  openclaw_error_free(error);
}

int main(int argc, char **argv) {
  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
  openclaw_config_report *report = NULL;
  openclaw_repair *repair = NULL;
  char *settings, *text = NULL;
  CHECK(argc >= 2 && argc <= 4);
  settings = file(argv[1]);
  source.settings_json = cs(settings);
  if (argc > 2) source.text = cs(text = file(argv[2]));
  if (argc > 3) source.path = cs(argv[3]);
  OK(openclaw_config_check(&source, &report, err));
  OK(openclaw_config_repair(&source, OPENCLAW_REPAIR_WRITE, &repair, err));
  printf("{\"check\":%s,\"fields\":", openclaw_config_report_to_json(report).ptr);
  show_fields(report);
  printf(",\"repair\":%s,\"repair_fields\":{\"valid\":%s,", openclaw_repair_to_json(repair).ptr,
         openclaw_repair_valid(repair) ? "true" : "false");
  json_text("diff", openclaw_repair_diff(repair));
  putchar(',');
  json_text("rendered", openclaw_repair_rendered(repair));
  putchar(',');
  json_text("text", openclaw_repair_text(repair));
  printf(",\"change_count\":%zu}}\n", openclaw_repair_change_count(repair));
  openclaw_config_report_free(report);
  openclaw_repair_free(repair);
  free(settings);
  free(text);
  return 0;
}
