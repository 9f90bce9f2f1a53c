// The C++ header: owners, range-for, results, callbacks; with and without exceptions.
#include "openclaw.hpp"

#include <memory>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      std::abort();                                                                 \
    }                                                                               \
  } while (0)

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<openclaw::Client> && std::is_nothrow_move_constructible_v<openclaw::Client>);
static_assert(!std::is_copy_constructible_v<openclaw::Stream> && std::is_nothrow_move_constructible_v<openclaw::Stream>);
static_assert(!std::is_copy_constructible_v<openclaw::Error> && std::is_nothrow_move_constructible_v<openclaw::Error>);

static openclaw::Client client_of(const openclaw::TestServer &server, std::uint32_t runtime) {
  openclaw::ClientOptions options;
  options.runtime = runtime;
  options.token = server.token();
  options.base_url = server.url();
  options.settings_json = R"({"max_retries":0})";
  auto client = openclaw::Client::make(options);
  CHECK(client);
  return std::move(*client);
}

static void answers(std::uint32_t runtime) {
  auto server = openclaw::TestServer::start();
  CHECK(server);
  const auto client = client_of(*server, runtime);
  openclaw::Request request("gpt-5.4");
  request.instructions("be short").input("hi").header("x-extra", "1").timeout(20s);
  auto stream = client.stream(request);
  CHECK(stream);
  std::string all;
  std::uint64_t count = 0;
  for (const openclaw::Event &event : *stream) {
    CHECK(event.sequence() == count++);
    if (event.kind() == OPENCLAW_EVENT_TEXT_DELTA) all += event.text();
  }
  CHECK(stream->status() && stream->state() == OPENCLAW_STREAM_COMPLETED);
  CHECK(*stream->text() == all && !all.empty());
  CHECK(stream->final_json()->find("\"finish_reason\":\"stop\"") != std::string_view::npos);
  for (const openclaw::Event &event : *stream) CHECK(event.sequence() > 1000000);  // It is over.

  request.add_answer(*stream).add_text("and again");
  auto second = client.stream(request);
  CHECK(second && second->finish(20s));
  CHECK(server->requests_json()->view().find("and again") != std::string_view::npos);
  CHECK(client.models_json(20s)->view().find("\"id\"") != std::string_view::npos);
  CHECK(client.plan_usage_json(20s) && client.login_json());

  auto third = client.stream(openclaw::Request("m").input("hi"));
  openclaw_event batch[8];
  std::uint64_t batched = 0;
  while (*third->next_batch(batch, 8, 20s) > 0) batched = batch[0].sequence + 1;
  CHECK(batched > 0 && batched <= count && third->number() == 2 && third->status());

  // A moved-from owner answers too.
  openclaw::Stream moved = std::move(*second);
  CHECK(moved.status() && second->status().error().status() == OPENCLAW_ERR_INVALID_ARGUMENT);

  // A setter that was wrong comes out at the call.
  auto wrong = client.stream(openclaw::Request("m").field_json("modle", "1").input("hi"));
  CHECK(!wrong && wrong.error().status() == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(wrong.error().message().find("modle") != std::string_view::npos);
  CHECK(!openclaw::Request::from_json("[") && openclaw::Request::from_json("{}"));
}

// On a variable the setters give the variable, on a temporary one that can be kept; neither can be moved from by mistake.
template <class Request>
using Set = decltype(std::declval<Request>().model("m"));
static_assert(std::is_same_v<Set<openclaw::Request &>, openclaw::Request &>);
static_assert(std::is_same_v<Set<openclaw::Request>, openclaw::Request &&>);
static_assert(!std::is_constructible_v<openclaw::Request, Set<openclaw::Request &>>);

static void setters() {
  openclaw::Request kept = openclaw::Request("m").instructions("i").input("one").timeout(1s).field_json("top_p", "1");
  kept.option_json("max_retries", "0").header("x-extra", "1");
  kept.add_text("two");
  openclaw::Request &same = kept.add_item_json(R"({"type":"message","role":"user","content":"three"})");
  CHECK(&same == &kept && !kept.error());
  for (const char *word : {"one", "two", "three"}) CHECK(kept.json()->view().find(word) != std::string_view::npos);
  const openclaw::Request moved = std::move(kept);
  CHECK(moved.json() && kept.model("n").error()->status() == OPENCLAW_ERR_INVALID_ARGUMENT);
}

static void failures() {
  auto server = openclaw::TestServer::start("challenge");
  const auto client = client_of(*server, OPENCLAW_RUNTIME_THREADED);
  auto stream = client.stream(openclaw::Request("gpt-5.4").input("hi"));
  for (const openclaw::Event &event : *stream) CHECK(event.kind() != OPENCLAW_EVENT_TEXT_DELTA);
  auto status = stream->status();
  CHECK(!status && status.error().status() == OPENCLAW_ERR_EDGE_BLOCKED && status.error().kind() == "edge_blocked");
  CHECK(status.error().http_status() == 403 && !status.error().retry_after() && !status.error().resets_at());
  CHECK(status.error().edge_vendor() == "cloudflare" && status.error().attempt_count() == 0);
  CHECK(!status.error().retryable() && status.error().cause_count() == 0 && status.error().cause(0).empty());
  CHECK(stream->info_json()->view().find("\"http_status\":403") != std::string_view::npos);
  CHECK(openclaw::image_url("GIF89a")->view() == "data:image/gif;base64,R0lGODlh" && !openclaw::image_url(""));
  CHECK(!status.error().attempt(0) && status.error().json().front() == '{');
  CHECK(openclaw::classify_json(R"({"status":429})")->view().find("rate_limited") != std::string_view::npos);
#ifdef OPENCLAW_HPP_EXCEPTIONS
  bool caught = false;
  try {
    stream->status().value();
  } catch (const openclaw::Exception &e) {
    const openclaw::Exception copy = e;
    caught = copy.error().status() == OPENCLAW_ERR_EDGE_BLOCKED && *copy.what() != 0;
  }
  CHECK(caught);
#endif
}

static void chains() {
  auto blocked = openclaw::TestServer::start("challenge"), server = openclaw::TestServer::start("plain");
  const auto first = client_of(*blocked, OPENCLAW_RUNTIME_THREADED), second = client_of(*server, OPENCLAW_RUNTIME_THREADED);
  openclaw::Chain chain("{\"attempts\":4}");
  auto client = chain.add("openai-codex/gpt-5.4", first).add("backup/gpt-5.5", second).client();
  CHECK(client && client->stream(openclaw::Request().input("hi"))->finish());
  CHECK(chain.add("nothing", first).add("a/b", first).client().error().status() == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(openclaw::Chain("[").client().error().status() == OPENCLAW_ERR_CONFIG);
  CHECK(!openclaw::Client::from_config("{\"path\":\"/no/such/openclaw.json\"}"));
}

static void configurations() {
  openclaw::ConfigSource source;
  source.text = "{ gateway: { prot: 1 } } // mine\n";
  auto report = openclaw::ConfigReport::check(source);
  CHECK(report && !report->valid() && report->issue_count() == 1 && report->path().empty());
  const auto issue = report->issue(0);
  CHECK(issue && issue->severity == OPENCLAW_SEVERITY_ERROR && openclaw::view(issue->code) == "unknown_key");
  CHECK(issue->key_count == 1 && openclaw::view(issue->keys[0]) == "prot" && !report->issue(1));
  CHECK(report->rendered().find("did you mean: port") != std::string_view::npos && report->json().front() == '{');
  const auto status = report->status();
  CHECK(status.error().status() == OPENCLAW_ERR_CONFIG && status.error().issue_count() == 1 && status.error().issue(0));
  CHECK(!status.error().issue(1));
  auto repair = openclaw::ConfigRepair::dry_run(source);
  CHECK(repair && repair->valid() && repair->change_count() == 1 && repair->text() == "{ gateway: { } } // mine\n");
  CHECK(!repair->diff().empty() && !repair->rendered().empty() && repair->json().front() == '{');
  CHECK(openclaw::ConfigRepair::write(source));  // A text: nothing is written.
  source.text = std::string_view();              // Empty, and not missing.
  CHECK(!openclaw::ConfigReport::check(source)->valid());
  source.text = "{}";
  CHECK(openclaw::ConfigReport::check(source)->valid() && openclaw::ConfigReport::check(source)->status());
  source.settings_json = "[";
  CHECK(openclaw::ConfigReport::check(source).error().status() == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(openclaw::config_schema_json().front() == '{');
}

static void diagnoses() {
  const auto found = openclaw::Diagnosis::make(R"({"env":{"HOME":"/nowhere"}})");
  CHECK(found && found->verdict() == OPENCLAW_VERDICT_NO_LOGIN && found->check() == 1);
  CHECK(!found->says().empty() && found->json().front() == '{' && found->get() != nullptr);
  CHECK(openclaw::Diagnosis::make("[").error().status() == OPENCLAW_ERR_INVALID_REQUEST);
}

static void loops() {
  auto server = openclaw::TestServer::start("plain");
  const auto client = client_of(*server, OPENCLAW_RUNTIME_THREADED);
  std::vector<openclaw::Stream> streams;
  for (int i = 0; i < 4; i++) streams.push_back(std::move(*client.stream(openclaw::Request("m").input("hi"))));
  int ends = 0, events = 0;
  auto shared = std::make_shared<int>(0);
  for (auto &stream : streams) {
    CHECK(stream.on_event([&, shared](const openclaw_event *event, openclaw_status, const openclaw_error *) {
      ++(event ? events : ends);
      ++*shared;
    }));
    CHECK(!stream.on_event(nullptr));
  }
  CHECK(shared.use_count() == 5);
  while (ends < 4) CHECK(client.dispatch(20s));
  CHECK(events > 40 && *shared == events + 4);
  streams.clear();
  CHECK(shared.use_count() == 1);

  auto stream = std::move(*client.stream(openclaw::Request("m").input("hi")));
  openclaw::Event event;
  CHECK(*client.fd() >= 0 && *client.poll(20s) == 1 && client.ready_stream() == stream.get());
  CHECK(*stream.try_next(event) && stream.event_json()->front() == '{');
  stream.pause();
  CHECK(*client.poll(0ms) == 0);
  stream.resume();
  std::thread other([&] { CHECK(client.wakeup()); });
  other.join();
  CHECK(client.poll(20s));

  CHECK(server->play("stall"));
  auto stalled = std::move(*client.stream(openclaw::Request("m").input("hi")));
  std::thread later([&] {
    std::this_thread::sleep_for(100ms);
    stalled.cancel();
  });
  CHECK(stalled.finish().error().status() == OPENCLAW_ERR_CANCELLED);
  later.join();
  CHECK(server->open_connections() <= 5);
}

static void signs_in() {
  auto server = openclaw::TestServer::start();
  CHECK(server);
  char folder[] = "/tmp/openclaw-cpp-XXXXXX";
  CHECK(mkdtemp(folder) != nullptr);
  const std::string settings = std::string(R"({"store":")") + folder + R"(","issuer":")" + std::string(server->issuer_url()) + R"("})";
  auto logins = openclaw::Logins::open(settings);
  CHECK(logins && logins->store().find(folder) == 0);
  auto sign_in = logins->sign_in(R"({"method":"paste"})");
  CHECK(sign_in && !logins->sign_in(R"({"method":"none"})"));
  openclaw::SignInStep step;
  std::string back;
  int asked = 0;
  for (;;) {
    const auto more = sign_in->next(step, 20s);
    CHECK(more);
    if (!*more) break;
    CHECK(step.json().front() == '{' && step.code().size() + step.url().size() + step.text().size() < 4096 && step.valid_for() == 0s);
    if (step.kind() == OPENCLAW_SIGN_IN_OPEN_URL) back = server->decide_sign_in(step.url())->view();
    if (step.kind() == OPENCLAW_SIGN_IN_ASK) {
      asked++;
      CHECK(sign_in->answer(back));
    }
  }
  CHECK(asked == 1 && sign_in->result_json()->find("sam@example.test") != std::string_view::npos);
  const char *sam = "openai-codex:sam@example.test";
  CHECK(logins->list_json()->view().find(sam) != std::string_view::npos && logins->profile_json(sam));
  CHECK(logins->set_order("openai-codex", "[\"openai-codex:sam@example.test\"]") && logins->set_order("openai-codex", ""));
  CHECK(server->fail_sign_in("unavailable") && !logins->refresh(sam) && logins->refresh(sam, false, 20s));
  CHECK(logins->repair(OPENCLAW_REPAIR_DRY_RUN) && logins->clear_health(sam) && logins->sign_out(sam, 20s));
  CHECK(server->issuer_counts_json()->view().find("\"revocations\":1") != std::string_view::npos && !logins->remove(sam));
  CHECK(!server->decide_device("none"));
  sign_in->cancel();
}

static void a_provider_and_tokens_of_our_own() {
  openclaw::Provider mine;
  mine.id = "mine";
  auto counted = std::make_shared<int>(0);
  mine.stream = [counted](std::string_view request, std::string_view, openclaw::Reply reply) {
    ++*counted;
    CHECK(request.find("\"hi\"") != std::string_view::npos && reply.wanted());
    CHECK(reply.text("Hel") && reply.event_json(R"({"type":"text_delta","delta":"lo"})") && reply.done());
    CHECK(reply.done().error().status() == OPENCLAW_ERR_CLOSED && !reply.wanted());
  };
  mine.models = [](openclaw::Reply reply) { CHECK(reply.models_json(R"(["one"])")); };
  {
    openclaw::ClientOptions options;
    options.runtime = OPENCLAW_RUNTIME_INLINE;
    auto client = openclaw::Client::make(mine, options);
    CHECK(client && counted.use_count() == 3);
    auto stream = client->stream(openclaw::Request("m").input("hi"));
    CHECK(stream && stream->finish() && *stream->text() == "Hello" && *counted == 1);
    CHECK(client->models_json() && std::string_view(*client->models_json()) == R"([{"id":"one"}])");
  }
  CHECK(counted.use_count() == 2);
  mine.id.clear();
  CHECK(openclaw::Client::make(std::move(mine)).error().status() == OPENCLAW_ERR_CONFIG);
  CHECK(counted.use_count() == 1);

  auto server = openclaw::TestServer::start();
  openclaw::ClientOptions options;
  options.base_url = server->url();
  openclaw::TokenSource tokens;
  const std::string token(server->token());
  tokens.token = [token](std::string_view rejected, openclaw::Reply reply) {
    CHECK(rejected.empty() && reply.token(token));
  };
  auto client = openclaw::Client::make(std::move(tokens), options);
  auto stream = client->stream(openclaw::Request("gpt-5.4").input("hi"));
  CHECK(stream && stream->finish());
}

int main() {
  signs_in();
  a_provider_and_tokens_of_our_own();
  answers(OPENCLAW_RUNTIME_THREADED);
  answers(OPENCLAW_RUNTIME_INLINE);
  setters();
  failures();
  configurations();
  chains();
  diagnoses();
  loops();
  openclaw_global_shutdown(2000);
  std::puts("test_cpp: good");
}
