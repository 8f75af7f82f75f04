# informer/ and runtime/
find_package(simdjson REQUIRED)

ffdl_library(ffdl_k8s_runtime
  HEADERS
    informer/cache_view.h
    informer/informer.h
    informer/line_framer.h
    informer/padded_json.h
    informer/readers.h
    informer/reflector.h
    informer/resource_version.h
    informer/store.h
    runtime/backoff.h
    runtime/consistency_tracker.h
    runtime/context.h
    runtime/controller.h
    runtime/event_recorder.h
    runtime/executor.h
    runtime/health.h
    runtime/leader_elector.h
    runtime/log.h
    runtime/metrics.h
    runtime/object_reference.h
    runtime/random.h
    runtime/time_limited_transport.h
    runtime/work_queue.h
    runtime/write_gate.h
  LINKS ffdl_k8s_meta fmt::fmt)
