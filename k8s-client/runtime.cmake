# informer/ and runtime/
find_package(simdjson REQUIRED)

ffdl_library(ffdl_k8s_runtime
  SOURCES
    informer/compact_object.cc
    informer/cache_audit.cc
    informer/fields.cc
    informer/line_framer.cc
    informer/object_readers.cc
    informer/pod_reader.cc
    informer/outage.cc
    informer/reflector.cc
    informer/reflector_events.cc
    informer/wire_format.cc
    runtime/backoff.cc
    runtime/consistency_tracker.cc
    runtime/controller.cc
    runtime/decision_trace.cc
    runtime/event_recorder.cc
    runtime/event_series.cc
    runtime/executor.cc
    runtime/executor_deletes.cc
    runtime/executor_look_ups.cc
    runtime/fair_lanes.cc
    runtime/health.cc
    runtime/leader_elector.cc
    runtime/lease_record.cc
    runtime/metered_transport.cc
    runtime/metrics.cc
    runtime/plan_text.cc
    runtime/random.cc
    runtime/view_guard.cc
    runtime/work_queue.cc
    runtime/work_queue_meters.cc
  HEADERS
    informer/cache_audit.h
    informer/cache_view.h
    informer/compact_object.h
    informer/informer.h
    informer/line_framer.h
    informer/padded_json.h
    informer/readers.h
    informer/outage.h
    informer/reflector.h
    informer/store.h
    runtime/backoff.h
    runtime/consistency_tracker.h
    runtime/context.h
    runtime/controller.h
    runtime/controller_meters.h
    runtime/decision_trace.h
    runtime/delayed_keys.h
    runtime/event_recorder.h
    runtime/event_series.h
    runtime/executor.h
    runtime/executor_pass.h
    runtime/fair_lanes.h
    runtime/health.h
    runtime/leader_elector.h
    runtime/lease_record.h
    runtime/lifeline.h
    runtime/log.h
    runtime/metered_transport.h
    runtime/metrics.h
    runtime/object_reference.h
    runtime/plan_text.h
    runtime/random.h
    runtime/time_limited_transport.h
    runtime/view_guard.h
    runtime/work_queue.h
    runtime/work_queue_meters.h
    runtime/write_gate.h
  LINKS ffdl_k8s_client ffdl_k8s_meta fmt::fmt
  PRIVATE_LINKS simdjson::simdjson)

# simdjson's on-demand parser is chosen when it is compiled. Without these (every x86 server since 2011 has
# them) it is the portable one, which is several times slower.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(
    informer/fields.cc informer/object_readers.cc informer/pod_reader.cc informer/wire_format.cc
    PROPERTIES COMPILE_OPTIONS "-msse4.2;-mpclmul")
endif()
