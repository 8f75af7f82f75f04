# controller/: the program ffdl-operator
find_package(gflags REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)

ffdl_library(ffdl_controller
  SOURCES
    controller/app.cc
    controller/debug_pages.cc
    controller/enqueue.cc
    controller/lanes.cc
    controller/log.cc
    controller/options.cc
    controller/process_metrics.cc
    controller/training_jobs.cc
  HEADERS
    controller/app.h
    controller/caches.h
    controller/debug_pages.h
    controller/enqueue.h
    controller/lanes.h
    controller/log.h
    controller/options.h
    controller/process_metrics.h
    controller/training_jobs.h
  LINKS ffdl_k8s_runtime ffdl_k8s_client ffdl_reconcilers ffdl_http
  PRIVATE_LINKS spdlog::spdlog)

add_executable(ffdl-operator controller/main.cc)
target_link_libraries(ffdl-operator PRIVATE ffdl_controller gflags fmt::fmt)
