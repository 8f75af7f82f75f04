# controller/: the program ffdl-operator
find_package(gflags REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)

# The operator without sockets, files and clocks: what test/simulation runs, too.
ffdl_library(ffdl_manager
  SOURCES
    controller/catalogue.cc
    controller/enqueue.cc
    controller/job_keys.cc
    controller/job_metrics.cc
    controller/job_trace.cc
    controller/lanes.cc
    controller/last_words.cc
    controller/manager.cc
    controller/options.cc
    controller/refusals.cc
    controller/trace_exporter.cc
    controller/training_jobs.cc
  HEADERS
    controller/caches.h
    controller/catalogue.h
    controller/enqueue.h
    controller/job_keys.h
    controller/job_metrics.h
    controller/job_trace.h
    controller/lanes.h
    controller/last_words.h
    controller/manager.h
    controller/options.h
    controller/refusals.h
    controller/trace_exporter.h
    controller/training_jobs.h
  LINKS ffdl_k8s_runtime ffdl_k8s_client ffdl_reconcilers)

ffdl_library(ffdl_controller
  SOURCES
    controller/app.cc
    controller/debug_pages.cc
    controller/log.cc
    controller/process_metrics.cc
  HEADERS
    controller/app.h
    controller/debug_pages.h
    controller/log.h
    controller/process_metrics.h
  LINKS ffdl_manager ffdl_http
  PRIVATE_LINKS spdlog::spdlog)

add_executable(ffdl-operator controller/main.cc)
target_link_libraries(ffdl-operator PRIVATE ffdl_controller gflags fmt::fmt)
