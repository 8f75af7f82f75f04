# Tests of informer/ and runtime/
ffdl_test(k8s_informer_test
  SOURCES
    informer/line_framer_test.cc
    informer/readers_test.cc
    informer/reflector_test.cc
    informer/resource_version_test.cc
    informer/store_test.cc
  LINKS ffdl_k8s_runtime
  LABELS unit)
