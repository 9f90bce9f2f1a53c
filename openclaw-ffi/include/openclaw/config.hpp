// An openclaw.json: judged, repaired, and its schema. Part of openclaw.hpp; it can be included alone. Since 0.1.
//
//   openclaw::ConfigSource source;                 // as it is: the file that OpenClaw itself would read
//   auto report = openclaw::ConfigReport::check(source);
//   if (report && !report->valid()) std::cerr << report->rendered();
#ifndef OPENCLAW_CONFIG_HPP
#define OPENCLAW_CONFIG_HPP

#include "result.hpp"

namespace openclaw {

// Which configuration is meant; as it is, the file that OpenClaw itself would read. Views that are read in the call.
struct ConfigSource {
  std::optional<std::string_view> text;
  std::string_view path, settings_json;

  openclaw_config_source raw() const noexcept {
    openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
    if (text) source.text = text->empty() ? openclaw_cstr("") : openclaw::text(*text);
    source.path = openclaw::text(path);
    source.settings_json = openclaw::text(settings_json);
    return source;
  }
};

// The judgement of a configuration. The views, those of the issues too, live as long as this object.
class ConfigReport {
 public:
  static Result<ConfigReport> check(const ConfigSource &from = {}) noexcept {
    const openclaw_config_source source = from.raw();
    return detail::made<ConfigReport, openclaw_config_report>([&](openclaw_config_report **out, openclaw_error **err) {
      return openclaw_config_check(&source, out, err);
    });
  }
  explicit ConfigReport(openclaw_config_report *handle) noexcept : handle_(handle) {}

  bool valid() const noexcept { return openclaw_config_report_valid(handle_.get()) != 0; }
  // The same as a result: the error has all issues.
  Result<void> status() const noexcept {
    return detail::done([&](openclaw_error **err) { return openclaw_config_report_status(handle_.get(), err); });
  }
  std::size_t issue_count() const noexcept { return openclaw_config_report_issue_count(handle_.get()); }
  std::optional<openclaw_config_issue> issue(std::size_t index) const noexcept {
    openclaw_config_issue issue = OPENCLAW_CONFIG_ISSUE_INIT;
    if (openclaw_config_report_issue(handle_.get(), index, &issue, nullptr) != OPENCLAW_OK) return std::nullopt;
    return issue;
  }
  std::string_view path() const noexcept { return view(openclaw_config_report_path(handle_.get())); }
  std::string_view rendered() const noexcept { return view(openclaw_config_report_rendered(handle_.get())); }
  std::string_view json() const noexcept { return view(openclaw_config_report_to_json(handle_.get())); }
  openclaw_config_report *get() const noexcept { return handle_.get(); }

 private:
  Owner<openclaw_config_report, openclaw_config_report_free> handle_;
};

// The repair of a configuration. The views live as long as this object.
class ConfigRepair {
 public:
  // Touches no file.
  static Result<ConfigRepair> dry_run(const ConfigSource &from = {}) noexcept {
    return make(from, OPENCLAW_REPAIR_DRY_RUN);
  }
  static Result<ConfigRepair> write(const ConfigSource &from = {}) noexcept { return make(from, OPENCLAW_REPAIR_WRITE); }
  explicit ConfigRepair(openclaw_repair *handle) noexcept : handle_(handle) {}

  bool valid() const noexcept { return openclaw_repair_valid(handle_.get()) != 0; }
  std::size_t change_count() const noexcept { return openclaw_repair_change_count(handle_.get()); }
  std::string_view diff() const noexcept { return view(openclaw_repair_diff(handle_.get())); }
  std::string_view rendered() const noexcept { return view(openclaw_repair_rendered(handle_.get())); }
  std::string_view text() const noexcept { return view(openclaw_repair_text(handle_.get())); }
  std::string_view json() const noexcept { return view(openclaw_repair_to_json(handle_.get())); }
  openclaw_repair *get() const noexcept { return handle_.get(); }

 private:
  static Result<ConfigRepair> make(const ConfigSource &from, std::uint32_t mode) noexcept {
    const openclaw_config_source source = from.raw();
    return detail::made<ConfigRepair, openclaw_repair>([&](openclaw_repair **out, openclaw_error **err) {
      return openclaw_config_repair(&source, mode, out, err);
    });
  }

  Owner<openclaw_repair, openclaw_repair_free> handle_;
};

// The JSON Schema of openclaw.json; it lives for ever.
inline std::string_view config_schema_json() noexcept { return view(openclaw_config_schema_json()); }

}  // namespace openclaw

#endif  // OPENCLAW_CONFIG_HPP
