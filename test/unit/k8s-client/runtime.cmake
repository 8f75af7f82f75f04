# Tests of informer/ and runtime/
ffdl_test(k8s_informer_test
  SOURCES
    informer/cache_audit_test.cc
    informer/line_framer_test.cc
    informer/readers_test.cc
    informer/outage_test.cc
    informer/reflector_events_test.cc
    informer/reflector_test.cc
    informer/store_test.cc
  LINKS ffdl_k8s_runtime
  LABELS unit)
ffdl_test(k8s_runtime_test
  SOURCES
    runtime/consistency_tracker_test.cc
    runtime/controller_test.cc
    runtime/decision_trace_test.cc
    runtime/event_recorder_test.cc
    runtime/executor_destroys_test.cc
    runtime/executor_test.cc
    runtime/fair_lanes_test.cc
    runtime/health_test.cc
    runtime/leader_elector_test.cc
    runtime/metered_transport_test.cc
    runtime/metric_families_test.cc
    runtime/metrics_test.cc
    runtime/work_queue_test.cc
  LINKS ffdl_k8s_runtime
  LABELS unit)
