# Tests of object_store/, without a network
ffdl_test(operator_object_store_test
  SOURCES
    object_store/answer_test.cc
    object_store/error_answer_test.cc
    object_store/list_page_test.cc
    object_store/url_test.cc
  LINKS ffdl_object_store
  LABELS unit)
