# shellcheck shell=bash
# Which cluster the end-to-end tests run on: sets KIND and FFDL_CLUSTER. Sourced.

KIND=${FFDL_E2E_KIND:-plain}
FFDL_CLUSTER=${FFDL_E2E_CLUSTER:-e2e}
[ "$KIND" = plain ] || FFDL_CLUSTER+=-$KIND
export FFDL_CLUSTER
