# shellcheck shell=bash
# An S3 server: versitygw on a plain folder, at http://10.99.0.1:7070, region us-east-1.  Sourced by up.

start_s3() {
  ! is_running s3 || return 0
  mkdir -p "$W/s3"/{data,iam,versions}
  start s3 1 env ROOT_ACCESS_KEY="$S3_KEY" ROOT_SECRET_KEY="$S3_SECRET" "$(bin_dir versitygw)/versitygw" \
    --port "$API_IP:$S3_PORT" --iam-dir "$W/s3/iam" --health /health posix \
    --versioning-dir "$W/s3/versions" "$W/s3/data"
  wait_for 20 s3 "the S3 server" in_network 1 bash -c "exec 3<>/dev/tcp/$API_IP/$S3_PORT"
}
