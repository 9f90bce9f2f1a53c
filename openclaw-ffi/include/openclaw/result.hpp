// What openclaw.hpp is made of: texts as views, owners that free, errors, results. Since 0.1.
#ifndef OPENCLAW_RESULT_HPP
#define OPENCLAW_RESULT_HPP

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define OPENCLAW_HPP_EXCEPTIONS 1
#include <stdexcept>
#endif

#include "../openclaw.h"

namespace openclaw {

// A text of the library as a view; it lives as long as the function says that gave it.
inline std::string_view view(openclaw_str text) noexcept { return {text.ptr, text.len}; }

// A text for the library.
inline openclaw_str text(std::string_view view) noexcept {
  openclaw_str str;
  str.ptr = view.data();
  str.len = view.size();
  return str;
}

// Frees a handle with the function of its type.
template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T *handle) const noexcept {
    Free(handle);
  }
};

template <class T, auto Free>
using Owner = std::unique_ptr<T, Deleter<Free>>;

// A text that the library made.
class String {
 public:
  explicit String(openclaw_string *handle = nullptr) noexcept : handle_(handle) {}
  std::string_view view() const noexcept { return openclaw::view(openclaw_string_view(handle_.get())); }
  operator std::string_view() const noexcept { return view(); }

 private:
  Owner<openclaw_string, openclaw_string_free> handle_;
};

// Why a call failed: every attribute of openclaw_error. The views live as long as this object.
class Error {
 public:
  explicit Error(openclaw_status status = OPENCLAW_OK, openclaw_error *handle = nullptr) noexcept
      : handle_(handle), status_(status) {}

  // OPENCLAW_ERR_…; also those that have no object, such as OPENCLAW_ERR_WOULD_BLOCK.
  openclaw_status status() const noexcept { return status_; }
  std::string_view kind() const noexcept { return view(openclaw_error_kind(handle_.get())); }
  std::string_view stage() const noexcept { return view(openclaw_error_stage(handle_.get())); }
  std::string_view advice() const noexcept { return view(openclaw_error_advice(handle_.get())); }
  std::string_view message() const noexcept { return view(openclaw_error_message(handle_.get())); }
  std::string_view provider() const noexcept { return view(openclaw_error_provider(handle_.get())); }
  std::string_view model() const noexcept { return view(openclaw_error_model(handle_.get())); }
  std::string_view profile() const noexcept { return view(openclaw_error_profile(handle_.get())); }
  std::string_view url() const noexcept { return view(openclaw_error_url(handle_.get())); }
  std::string_view request_id() const noexcept { return view(openclaw_error_request_id(handle_.get())); }
  std::string_view cf_ray() const noexcept { return view(openclaw_error_cf_ray(handle_.get())); }
  std::string_view edge_vendor() const noexcept { return view(openclaw_error_edge_vendor(handle_.get())); }
  std::string_view edge_action() const noexcept { return view(openclaw_error_edge_action(handle_.get())); }
  std::string_view edge_code() const noexcept { return view(openclaw_error_edge_code(handle_.get())); }
  std::string_view body_preview() const noexcept { return view(openclaw_error_body_preview(handle_.get())); }
  std::string_view code() const noexcept { return view(openclaw_error_code(handle_.get())); }
  std::string_view json() const noexcept { return view(openclaw_error_to_json(handle_.get())); }

  std::optional<int> http_status() const noexcept {
    const int status = openclaw_error_http_status(handle_.get());
    return status == 0 ? std::nullopt : std::optional<int>(status);
  }
  std::optional<std::chrono::milliseconds> retry_after() const noexcept {
    const std::int64_t ms = openclaw_error_retry_after_ms(handle_.get());
    return ms < 0 ? std::nullopt : std::optional<std::chrono::milliseconds>(ms);
  }
  std::optional<std::chrono::system_clock::time_point> resets_at() const noexcept {
    return time(openclaw_error_resets_at(handle_.get()));
  }
  std::optional<std::chrono::system_clock::time_point> usable_at() const noexcept {
    return time(openclaw_error_usable_at(handle_.get()));
  }
  bool retryable() const noexcept { return openclaw_error_retryable(handle_.get()) != 0; }
  std::size_t cause_count() const noexcept { return openclaw_error_cause_count(handle_.get()); }
  std::string_view cause(std::size_t index) const noexcept { return view(openclaw_error_cause(handle_.get(), index)); }
  std::size_t attempt_count() const noexcept { return openclaw_error_attempt_count(handle_.get()); }
  std::optional<openclaw_attempt> attempt(std::size_t index) const noexcept {
    openclaw_attempt attempt = OPENCLAW_ATTEMPT_INIT;
    if (openclaw_error_attempt(handle_.get(), index, &attempt, nullptr) != OPENCLAW_OK) return std::nullopt;
    return attempt;
  }
  // What is wrong with a configuration.
  std::size_t issue_count() const noexcept { return openclaw_error_issue_count(handle_.get()); }
  std::optional<openclaw_config_issue> issue(std::size_t index) const noexcept {
    openclaw_config_issue issue = OPENCLAW_CONFIG_ISSUE_INIT;
    if (openclaw_error_issue(handle_.get(), index, &issue, nullptr) != OPENCLAW_OK) return std::nullopt;
    return issue;
  }

 private:
  static std::optional<std::chrono::system_clock::time_point> time(std::int64_t at) noexcept {
    if (at < 0) return std::nullopt;
    return std::chrono::system_clock::time_point(std::chrono::seconds(at));
  }
  Owner<openclaw_error, openclaw_error_free> handle_;
  openclaw_status status_;
};

#ifdef OPENCLAW_HPP_EXCEPTIONS
// What Result::value() throws.
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error)
      : std::runtime_error(std::string(error.message())), error_(std::make_shared<Error>(std::move(error))) {}
  const Error &error() const noexcept { return *error_; }

 private:
  std::shared_ptr<Error> error_;  // An exception must be copyable.
};
#endif

// A value, or the error in its place.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) noexcept : value_(std::move(value)) {}
  Result(Error error) noexcept : error_(std::move(error)) {}

  explicit operator bool() const noexcept { return value_.has_value(); }
  // Only where it is true.
  T &operator*() noexcept { return *value_; }
  T *operator->() noexcept { return &*value_; }
  const T &operator*() const noexcept { return *value_; }
  const T *operator->() const noexcept { return &*value_; }
  // Only where it is false; else an error of status OPENCLAW_OK.
  const Error &error() const noexcept { return error_; }
  Error take_error() noexcept { return std::move(error_); }

#ifdef OPENCLAW_HPP_EXCEPTIONS
  T value() && {
    if (!value_) throw Exception(std::move(error_));
    return std::move(*value_);
  }
#endif

 private:
  std::optional<T> value_;
  Error error_;
};

// Nothing, or an error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() noexcept = default;
  Result(Error error) noexcept : error_(std::move(error)) {}
  explicit operator bool() const noexcept { return error_.status() >= 0; }
  const Error &error() const noexcept { return error_; }
  Error take_error() noexcept { return std::move(error_); }

#ifdef OPENCLAW_HPP_EXCEPTIONS
  void value() && {
    if (error_.status() < 0) throw Exception(std::move(error_));
  }
#endif

 private:
  Error error_;
};

namespace detail {

// Calls a function that gives a handle.
template <class T, class Handle, class Call>
Result<T> made(Call call) noexcept {
  Handle *handle = nullptr;
  openclaw_error *error = nullptr;
  const openclaw_status status = call(&handle, &error);
  if (status < 0) return Error(status, error);
  return T(handle);
}

// Calls a function that gives nothing.
template <class Call>
Result<void> done(Call call) noexcept {
  openclaw_error *error = nullptr;
  const openclaw_status status = call(&error);
  if (status < 0) return Error(status, error);
  return {};
}

// Calls a function that lends a text.
template <class Call>
Result<std::string_view> lent(Call call) noexcept {
  openclaw_str text;
  openclaw_error *error = nullptr;
  const openclaw_status status = call(&text, &error);
  if (status < 0) return Error(status, error);
  return view(text);
}

}  // namespace detail

}  // namespace openclaw

#endif  // OPENCLAW_RESULT_HPP
