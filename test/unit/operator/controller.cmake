ffdl_test(operator_controller_test
  SOURCES
    controller/options_test.cc
  LINKS ffdl_controller
  LABELS unit)
