ffdl_test(operator_controller_test
  SOURCES
    controller/catalogue_test.cc
    controller/debug_pages_test.cc
    controller/enqueue_test.cc
    controller/job_metrics_test.cc
    controller/job_trace_test.cc
    controller/lanes_test.cc
    controller/last_words_test.cc
    controller/options_test.cc
    controller/refusals_test.cc
    controller/trace_exporter_test.cc
  LINKS ffdl_controller
  LABELS unit)
