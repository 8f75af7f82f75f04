#include "operator/controller/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace ffdl::server {
namespace {

spdlog::level::level_enum LevelOf(k8s::LogLevel level) {
  switch (level) {
    case k8s::LogLevel::kDebug:
      return spdlog::level::debug;
    case k8s::LogLevel::kInfo:
      return spdlog::level::info;
    case k8s::LogLevel::kWarning:
      return spdlog::level::warn;
    case k8s::LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void SetUpLog(std::string_view level) {
  auto logger = spdlog::stderr_logger_mt("ffdl-operator");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(std::string(level)));
  spdlog::set_default_logger(std::move(logger));
}

void Write(k8s::LogLevel level, std::string_view line) {
  spdlog::default_logger_raw()->log(LevelOf(level), line);
}

}  // namespace ffdl::server
