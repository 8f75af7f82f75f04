# Tests of agent/, with real processes
ffdl_test(operator_agent_test
  SOURCES
    agent/environment_test.cc
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
  LINKS ffdl_agent_parts fmt::fmt nlohmann_json::nlohmann_json
  LABELS unit)
add_dependencies(operator_agent_test ffdl-launch ffdl-agent)
target_compile_definitions(operator_agent_test PRIVATE
  FFDL_LAUNCH_PROGRAM="$<TARGET_FILE:ffdl-launch>"
  FFDL_AGENT_PROGRAM="$<TARGET_FILE:ffdl-agent>")
if(FFDL_SANITIZERS)  # the programs are neither static nor small then
  target_compile_definitions(operator_agent_test PRIVATE FFDL_SANITIZED)
endif()
