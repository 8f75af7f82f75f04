# shellcheck shell=bash
# To be written.
torch_needs() { die "not yet"; }
torch_archives() { echo pytorch; }
torch_make() { :; }
