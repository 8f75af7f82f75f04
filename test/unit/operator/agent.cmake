# Tests of agent/, with real processes
add_library(ffdl_archive_builder STATIC ../../support/archive_builder.cc)
target_link_libraries(ffdl_archive_builder PUBLIC ffdl_settings PRIVATE ffdl_libarchive)
ffdl_test(operator_agent_test
  SOURCES
    agent/code_tree_test.cc
    agent/environment_test.cc
    agent/fetch_progress_test.cc
    agent/install_test.cc
    agent/json_text_test.cc
    agent/beside_test.cc
    agent/launch_again_test.cc
    agent/launch_test.cc
    agent/out_of_memory_test.cc
    agent/process.cc
    agent/progress_test.cc
    agent/remote/mpi_test.cc
    agent/remote/remote_shell_test.cc
    agent/remote/sha256_test.cc
    agent/remote/shell_call_test.cc
    agent/remote/wire_test.cc
    agent/template_test.cc
    agent/termination_test.cc
    agent/training_log_test.cc
    agent/unpack_test.cc
  LINKS ffdl_agent_fetch ffdl_archive_builder fmt::fmt nlohmann_json::nlohmann_json
  LABELS unit)
add_dependencies(operator_agent_test ffdl-launch ffdl-agent)
target_compile_definitions(operator_agent_test PRIVATE
  FFDL_LAUNCH_PROGRAM="$<TARGET_FILE:ffdl-launch>"
  FFDL_AGENT_PROGRAM="$<TARGET_FILE:ffdl-agent>")
if(FFDL_SANITIZERS)  # the programs are neither static nor small then
  target_compile_definitions(operator_agent_test PRIVATE FFDL_SANITIZED)
endif()
