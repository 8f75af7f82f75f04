# object_store/: reading S3; ffdl-agent uses it
find_package(CURL REQUIRED)
find_package(EXPAT REQUIRED)

ffdl_library(ffdl_object_store
  SOURCES
    object_store/answer.cc
    object_store/client.cc
    object_store/error_answer.cc
    object_store/file_body.cc
    object_store/list_page.cc
    object_store/page_body.cc
    object_store/requests.cc
    object_store/transfer.cc
    object_store/url.cc
    object_store/xml_reader.cc
  HEADERS
    object_store/answer.h
    object_store/client.h
    object_store/error_answer.h
    object_store/file_body.h
    object_store/list_page.h
    object_store/options.h
    object_store/page_body.h
    object_store/requests.h
    object_store/result.h
    object_store/transfer.h
    object_store/url.h
    object_store/xml_reader.h
  LINKS tl::expected
  PRIVATE_LINKS CURL::libcurl EXPAT::EXPAT)
