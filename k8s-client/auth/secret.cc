#include "k8s-client/auth/secret.h"

#include <openssl/crypto.h>

namespace ffdl::k8s {

void Wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace ffdl::k8s
