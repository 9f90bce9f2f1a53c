"""Writes a C program that calls every function of the header with every pointer NULL, one at a time and all together,
with handles of another type, and with texts that are not UTF-8. Nothing is listed by hand, so nothing is forgotten."""
import re
import sys

OPTIONAL = {"err", "options", "source", "fds", "ready", "calls", "user_data", "user_data_free", "text"}
HANDLES = ["string", "error", "client", "chain", "request", "stream", "test_server", "config_report", "repair", "logins", "sign_in", "diagnosis", "reply"]

header = open(sys.argv[1], encoding="utf-8").read()
text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
text = re.sub(r"^#.*?(?<!\\)$", "", text, flags=re.M)
functions = re.findall(r"OPENCLAW_API\s+([^;{}]*?)\b(openclaw_\w+)\(([^;]*?)\);", text)

out = ['#include "check.h"', "", "static openclaw_error *e;", ""]
out.append("static void refused(const char *what, openclaw_status status, openclaw_status wanted) {")
out.append('  if (status != wanted || e == NULL || openclaw_error_status(e) != wanted || openclaw_error_message(e).len == 0) {')
out.append('    fprintf(stderr, "%s: %d in place of %d\\n", what, status, wanted);')
out.append("    abort();\n  }\n  openclaw_error_free(e);\n  e = NULL;\n}\n")
out.append("static openclaw_reply *reply;")
out.append("static void keep(void *data, openclaw_str request, openclaw_str options, openclaw_reply *given) {")
out.append("  (void)data, (void)request, (void)options;\n  reply = given;\n}\n")
out.append("static void no_token(void *data, openclaw_str rejected, openclaw_reply *given) {")
out.append("  (void)data, (void)rejected;\n  openclaw_reply_free(given);\n}\n")
out.append("int main(void) {")
out.append('  openclaw_test_server *test_server = server_of("plain");')
out.append("  openclaw_client *client = client_of(test_server, OPENCLAW_RUNTIME_THREADED);")
out.append("  openclaw_stream *stream = stream_of(client);")
out.append("  openclaw_request *request = NULL;\n  openclaw_string *string = NULL;\n  openclaw_error *error = NULL;")
out.append("  OK(openclaw_request_new(&request, err));")
out.append('  openclaw_chain *chain = NULL;\n  OK(openclaw_chain_new(cs(""), &chain, err));')
out.append('  OK(openclaw_classify_json(cs("{}"), &string, err));')
out.append("  CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_OK);")
out.append('  CHECK(openclaw_classify_json(cs("["), &string, &error) < 0);')
out.append("  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;\n  openclaw_event event = OPENCLAW_EVENT_INIT;")
out.append("  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;\n  openclaw_config_report *config_report = NULL;")
out.append("  openclaw_config_issue issue = OPENCLAW_CONFIG_ISSUE_INIT;\n  openclaw_repair *repair = NULL;")
out.append('  source.text = cs("{ gateway: { prot: 1 } }");')
out.append("  OK(openclaw_config_check(&source, &config_report, err));")
out.append("  OK(openclaw_config_repair(&source, OPENCLAW_REPAIR_DRY_RUN, &repair, err));")
out.append("  openclaw_diagnosis *diagnosis = NULL;")
out.append('  OK(openclaw_diagnose(cs("{\\"env\\":{}}"), WAIT, &diagnosis, err));')
out.append("  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;\n  openclaw_logins *logins = NULL;\n  openclaw_sign_in *sign_in = NULL;")
# A store of its own, whose login server is nowhere: nothing of this machine is looked at or asked.
out.append('  OK(openclaw_logins_new(cs("{\\"store\\":\\"/nonexistent/auth-profiles.json\\",\\"issuer\\":\\"http://127.0.0.1:9\\"}"), &logins, err));')
out.append('  OK(openclaw_sign_in_start(logins, cs("{\\"method\\":\\"paste\\"}"), &sign_in, err));')
out.append("  openclaw_provider provider = OPENCLAW_PROVIDER_INIT;\n  openclaw_token_source tokens = OPENCLAW_TOKEN_SOURCE_INIT;")
out.append('  provider.id = cs("mine");\n  provider.stream = keep;\n  tokens.token = no_token;')
out.append("  openclaw_client *around = NULL;\n  openclaw_stream *asked;\n  openclaw_event begun = OPENCLAW_EVENT_INIT;")
out.append("  options.runtime = OPENCLAW_RUNTIME_INLINE;\n  OK(openclaw_client_new_with_provider(&options, &provider, &around, err));")
out.append("  options.runtime = OPENCLAW_RUNTIME_DEFAULT;\n  asked = stream_of(around);")
out.append("  CHECK(openclaw_stream_try_next(asked, &begun, NULL) == OPENCLAW_ERR_WOULD_BLOCK && reply != NULL);")
out.append("  (void)tokens;")
out.append("  openclaw_attempt attempt = OPENCLAW_ATTEMPT_INIT;\n  openclaw_str none = {NULL, 0}, hole = {NULL, 3};")
out.append('  openclaw_str bad = cs("\\xff\\xfe"), huge = {"x", SIZE_MAX / 2 + 1};\n  void *place[8] = {0};')
out.append("  (void)options, (void)event, (void)attempt, (void)none, (void)hole, (void)bad, (void)huge, (void)place;")
out.append("  (void)test_server, (void)request, (void)string, (void)error, (void)issue, (void)config_report, (void)repair, (void)chain;")
out.append("  (void)step, (void)logins, (void)sign_in, (void)diagnosis;")

count = 0
for result, name, parameters in functions:
    result = result.replace("OPENCLAW_NODISCARD", "").strip()
    list_ = []
    for parameter in [p.strip() for p in parameters.split(",")]:
        if parameter == "void":
            continue
        match = re.match(r"(.*?)(\w+)$", parameter, re.S)
        list_.append((" ".join(match[1].split()), match[2]))

    def good(type_, par):
        if type_ == "struct openclaw_str":
            return "none"
        if par == "err":
            return "&e"
        for handle in HANDLES:
            if type_ in (f"const struct openclaw_{handle} *", f"struct openclaw_{handle} *"):
                return handle
        if "openclaw_event *" in type_:
            return "&event"
        if "openclaw_attempt *" in type_:
            return "&attempt"
        if "openclaw_client_options *" in type_:
            return "&options"
        if "openclaw_provider *" in type_:
            return "&provider"
        if "openclaw_token_source *" in type_:
            return "&tokens"
        if "openclaw_config_source *" in type_:
            return "&source"
        if "openclaw_config_issue *" in type_:
            return "&issue"
        if "openclaw_sign_in_step *" in type_:
            return "&step"
        if "callback" in type_ or par in ("user_data", "fds"):
            return "NULL"
        if "*" in type_:
            return "(void *)place"
        return "sizeof(openclaw_event)" if par == "stride" else "1" if par in ("capacity", "timeout_ms") else "0"

    def emit(args, wanted, what):
        global count
        count += 1
        call = f"{name}({', '.join(args)})"
        fallible = any(p == "err" for _, p in list_)
        if fallible and wanted:
            out.append(f'  refused("{what} of {name}", {call}, {wanted});')
            quiet = ["NULL" if p == "err" else a for a, (_, p) in zip(args, list_)]
            out.append(f"  CHECK({name}({', '.join(quiet)}) == {wanted});")
        elif result == "void":
            out.append(f"  {call};")
        elif result == "struct openclaw_str":
            out.append(f"  CHECK({call}.ptr != NULL && {call}.ptr[{call}.len] == 0);")
        else:
            out.append(f"  if ({call}) {{\n  }}")

    usual = [good(t, p) for t, p in list_]
    pointers = [i for i, (t, p) in enumerate(list_) if ("*" in t or "callback" in t) and p != "err"]
    for i in pointers:
        type_, par = list_[i]
        if par in OPTIONAL:
            continue
        emit(usual[:i] + ["NULL"] + usual[i + 1:], "OPENCLAW_ERR_INVALID_ARGUMENT", f"{par} NULL")
        handle = next((h for h in HANDLES if type_.endswith(f"struct openclaw_{h} *")), None)
        if handle and not name.endswith("_free"):
            other = "request" if handle != "request" else "client"
            cast = f"({type_}){other}"
            emit(usual[:i] + [cast] + usual[i + 1:], "OPENCLAW_ERR_INVALID_ARGUMENT", f"foreign {par}")
            emit(usual[:i] + [f"({type_})(void *)((char *){other} + 1)"] + usual[i + 1:], "OPENCLAW_ERR_INVALID_ARGUMENT", f"odd {par}")
    if pointers:
        every = ["NULL" if i in pointers else a for i, a in enumerate(usual)]
        required = any(list_[i][1] not in OPTIONAL for i in pointers)
        emit(every, "OPENCLAW_ERR_INVALID_ARGUMENT" if required else None, "all NULL")
    for i, (type_, par) in enumerate(list_):
        if type_ == "struct openclaw_str":
            emit(usual[:i] + ["bad"] + usual[i + 1:], "OPENCLAW_ERR_INVALID_UTF8", f"bad {par}")
            emit(usual[:i] + ["hole"] + usual[i + 1:], "OPENCLAW_ERR_INVALID_ARGUMENT", f"NULL text {par}")
            emit(usual[:i] + ["huge"] + usual[i + 1:], "OPENCLAW_ERR_INVALID_ARGUMENT", f"huge {par}")

out.append("""
  /* Structs that are too small, too large, of a newer header, of an older one. */
  event.struct_size = (uint32_t)sizeof event - 1;
  refused("small event", openclaw_stream_next(stream, 0, &event, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  event.struct_size = 0;
  refused("empty event", openclaw_stream_try_next(stream, &event, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  event.struct_size = UINT32_MAX;
  refused("huge event", openclaw_stream_next(stream, 0, &event, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("small stride", openclaw_stream_next_batch(stream, 0, &event, 1, 8, (size_t *)(void *)place, &e),
          OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("no capacity", openclaw_stream_next_batch(stream, 0, &event, 0, sizeof event, (size_t *)(void *)place, &e),
          OPENCLAW_ERR_INVALID_ARGUMENT);
  attempt.struct_size = 1;
  refused("small attempt", openclaw_error_attempt(error, 0, &attempt, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  options.struct_size = 8;
  refused("small options", openclaw_client_new(&options, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  options.struct_size = (uint32_t)sizeof options;
  options.runtime = 3;
  options.token = cs("t");
  refused("runtime 3", openclaw_client_new(&options, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  options.runtime = 0;
  options.token = bad;
  refused("bad token", openclaw_client_new(&options, (void *)place, &e), OPENCLAW_ERR_INVALID_UTF8);
  options.token = cs("t");
  options.settings_json = cs("{\\"tokn\\":1}");
  refused("misspelt setting", openclaw_client_new(&options, (void *)place, &e), OPENCLAW_ERR_CONFIG);
  options.settings_json = cs("{\\"api_key\\":\\"sk-1\\"}");
  refused("two logins", openclaw_client_new(&options, (void *)place, &e), OPENCLAW_ERR_CONFIG);
  options.settings_json = none;
  struct {
    openclaw_client_options options;
    uint64_t later;
  } newer;
  openclaw_client *made = NULL;
  memset(&newer, 0, sizeof newer);
  newer.options = options;
  newer.options.struct_size = (uint32_t)sizeof newer;
  OK(openclaw_client_new(&newer.options, &made, err));
  openclaw_client_free(made);
  newer.later = 1;
  refused("newer field", openclaw_client_new(&newer.options, (void *)place, &e), OPENCLAW_ERR_UNSUPPORTED);
  step.struct_size = 8;
  refused("small step", openclaw_sign_in_next(sign_in, 0, &step, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("no profile", openclaw_logins_profile_json(logins, none, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("no provider", openclaw_logins_set_order(logins, none, cs("[]"), &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("mode 2 of logins", openclaw_logins_repair(logins, 2, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("misspelt method", openclaw_sign_in_start(logins, cs("{\\"method\\":\\"x\\"}"), (void *)place, &e), OPENCLAW_ERR_CONFIG);
  refused("no fault", openclaw_test_server_fail_sign_in(test_server, cs("nothing"), 1, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("no code", openclaw_test_server_decide_device(test_server, cs("X-1"), 1, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("no page", openclaw_test_server_decide_sign_in(test_server, cs("http://x/"), 1, (void *)place, &e), OPENCLAW_ERR_CONFIG);
  source.struct_size = 8;
  refused("small source", openclaw_config_check(&source, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  source.struct_size = (uint32_t)sizeof source;
  struct {
    openclaw_config_source source;
    uint64_t later;
  } newer_source = {source, 1};
  newer_source.source.struct_size = (uint32_t)sizeof newer_source;
  refused("newer source", openclaw_config_repair(&newer_source.source, 0, (void *)place, &e), OPENCLAW_ERR_UNSUPPORTED);
  refused("mode 2", openclaw_config_repair(&source, 2, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  openclaw_str *const texts[] = {&source.text, &source.path, &source.settings_json};
  for (size_t i = 0; i < 3; i++) {
    openclaw_str kept = *texts[i];
    *texts[i] = bad;
    refused("bad text", openclaw_config_check(&source, (void *)place, &e), OPENCLAW_ERR_INVALID_UTF8);
    refused("bad text", openclaw_config_repair(&source, 0, (void *)place, &e), OPENCLAW_ERR_INVALID_UTF8);
    *texts[i] = hole;
    refused("NULL text", openclaw_config_check(&source, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
    *texts[i] = huge;
    refused("huge text", openclaw_config_check(&source, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
    *texts[i] = kept;
  }
  static const char *const settings[] = {"[]", "{", "{\\"txt\\":1}", "{\\"env\\":{\\"A\\":5}}", "7"};
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    source.settings_json = cs(settings[i]);
    refused(settings[i], openclaw_config_check(&source, (void *)place, &e), OPENCLAW_ERR_INVALID_REQUEST);
    source.text = none;
    refused(settings[i], openclaw_config_check(&source, (void *)place, &e), OPENCLAW_ERR_INVALID_REQUEST);
    source.text = cs("{}");
  }
  issue.struct_size = (uint32_t)sizeof issue - 1;
  refused("small issue", openclaw_config_report_issue(config_report, 0, &issue, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  issue.struct_size = (uint32_t)sizeof issue;
  refused("no issue", openclaw_config_report_issue(config_report, 1, &issue, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("no issue", openclaw_error_issue(error, 0, &issue, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("no scenario", openclaw_test_server_start(cs("nothing"), none, (void *)place, &e), OPENCLAW_ERR_INVALID_ARGUMENT);
  refused("bad script", openclaw_test_server_start(none, cs("{"), (void *)place, &e), OPENCLAW_ERR_CONFIG);
  refused("count without fds", openclaw_client_poll(client, 0, NULL, 3, NULL, &e), OPENCLAW_ERR_INVALID_ARGUMENT);

  openclaw_sign_in_free(sign_in);
  openclaw_logins_free(logins);
  openclaw_diagnosis_free(diagnosis);
  openclaw_reply_free(reply);
  openclaw_chain_free(chain);
  openclaw_stream_free(asked);
  openclaw_client_free(around);
  openclaw_repair_free(repair);
  openclaw_config_report_free(config_report);
  openclaw_error_free(error);
  openclaw_string_free(string);
  openclaw_stream_free(stream);
  openclaw_request_free(request);
  openclaw_client_free(client);
  openclaw_test_server_free(test_server);
  openclaw_global_shutdown(2000);""")
out.append(f'  puts("test_null: good, {len(functions)} functions, {count} calls");\n  return 0;\n}}')
print("\n".join(out))
print(f"{len(functions)} functions", file=sys.stderr)
