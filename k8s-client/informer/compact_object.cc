#include "k8s-client/informer/compact_object.h"

#include <cstring>
#include <new>

namespace ffdl::k8s {

CompactObject::Ptr CompactObject::Make(const ObjectKey& key, std::string_view content,
                                       std::string_view version, std::uint64_t owner_hash) {
  void* const memory = ::operator new(sizeof(CompactObject) + content.size() + version.size());
  auto* const object = new (memory) CompactObject;
  object->owner_hash_ = owner_hash;
  object->content_bytes_ = static_cast<std::uint32_t>(content.size());
  object->ns_bytes_ = static_cast<std::uint32_t>(key.ns.size());
  object->name_bytes_ = static_cast<std::uint32_t>(key.name.size());
  object->version_bytes_ = static_cast<std::uint32_t>(version.size());
  std::memcpy(object->text(), content.data(), content.size());
  std::memcpy(object->text() + content.size(), version.data(), version.size());
  return Ptr(object);
}

void CompactObject::Ptr::Count(int more) {
  if (object_ == nullptr) return;
  object_->references_ += static_cast<std::uint32_t>(more);
  if (object_->references_ > 0) return;
  object_->~CompactObject();
  ::operator delete(object_);
}

}  // namespace ffdl::k8s
