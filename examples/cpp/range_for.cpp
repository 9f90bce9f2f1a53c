// Asks a model in C++17 and prints its answer as it comes: range_for PROMPT.
// With a login of this machine; without one the embedded server answers.
#include <iostream>
#include <openclaw.hpp>

int main(int argc, char **argv) {
  openclaw::ClientOptions options;
  auto client = openclaw::Client::make(options);
  std::optional<openclaw::TestServer> server;
  if (client.error().status() == OPENCLAW_ERR_AUTH_INVALID) {
    std::cerr << "no login: the embedded server answers\n";
    if (auto started = openclaw::TestServer::start()) server.emplace(std::move(*started));
    if (server) {
      options.base_url = server->url();
      options.token = server->token();
      client = openclaw::Client::make(options);
    }
  }
  if (!client) {
    std::cerr << client.error().kind() << ": " << client.error().message() << '\n';
    return 1;
  }

  auto stream = client->stream(openclaw::Request().input(argc > 1 ? argv[1] : "Say hello"));
  if (!stream) {
    std::cerr << stream.error().message() << '\n';
    return 1;
  }
  for (const openclaw::Event &event : *stream) {
    if (event.kind() == OPENCLAW_EVENT_TEXT_DELTA) std::cout << event.text() << std::flush;
  }
  std::cout << '\n';
  if (auto status = stream->status(); !status) {
    std::cerr << status.error().kind() << ": " << status.error().message() << '\n';
    return 1;
  }
}
