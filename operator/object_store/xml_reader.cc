#include "operator/object_store/xml_reader.h"

#include <expat.h>

#include <utility>

namespace ffdl::object_store {
namespace {

constexpr std::size_t kPathBytesMax = 1024;

}  // namespace

struct XmlReader::Expat {
  Expat() : parser(XML_ParserCreate(nullptr)) {}
  ~Expat() { XML_ParserFree(parser); }
  Expat(const Expat&) = delete;
  Expat& operator=(const Expat&) = delete;

  static void XMLCALL Open(void* self, const XML_Char* name, const XML_Char**) {
    auto& reader = *static_cast<XmlReader*>(self);
    const std::string_view element(name);
    if (reader.parents_.size() >= kXmlDepthMax ||
        reader.path_.size() + element.size() >= kPathBytesMax) {
      return reader.Stop("elements too deep or with names too long");
    }
    reader.parents_.push_back(reader.path_.size());
    if (!reader.path_.empty()) reader.path_ += '/';
    reader.path_ += element;
    reader.text_.clear();
    reader.events_.opened(reader.path_);
  }

  static void XMLCALL Close(void* self, const XML_Char*) {
    auto& reader = *static_cast<XmlReader*>(self);
    if (!reader.problem_.empty()) return;  // also called for an element that was refused
    reader.events_.closed(reader.path_, reader.text_);
    reader.path_.resize(reader.parents_.back());
    reader.parents_.pop_back();
    reader.text_.clear();
  }

  static void XMLCALL Text(void* self, const XML_Char* bytes, int size) {
    auto& reader = *static_cast<XmlReader*>(self);
    if (reader.text_.size() + static_cast<std::size_t>(size) > kXmlTextBytesMax) {
      return reader.Stop("a text too long");
    }
    reader.text_.append(bytes, static_cast<std::size_t>(size));
  }

  static void XMLCALL Doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<XmlReader*>(self)->Stop("a document type");
  }

  XML_ParserStruct* const parser;
};

XmlReader::XmlReader(Events events)
    : events_(std::move(events)), expat_(std::make_unique<Expat>()) {
  XML_SetUserData(expat_->parser, this);
  XML_SetElementHandler(expat_->parser, &Expat::Open, &Expat::Close);
  XML_SetCharacterDataHandler(expat_->parser, &Expat::Text);
  XML_SetStartDoctypeDeclHandler(expat_->parser, &Expat::Doctype);
}

XmlReader::~XmlReader() = default;

bool XmlReader::Feed(std::string_view bytes) { return Parse(bytes, /*last=*/false); }

bool XmlReader::Finish() { return Parse("", /*last=*/true); }

bool XmlReader::Parse(std::string_view bytes, bool last) {
  if (!problem_.empty()) return false;
  const XML_Status status = XML_Parse(expat_->parser, bytes.data(), static_cast<int>(bytes.size()),
                                      static_cast<int>(last));
  if (status == XML_STATUS_OK) return true;
  if (problem_.empty()) problem_ = XML_ErrorString(XML_GetErrorCode(expat_->parser));
  return false;
}

void XmlReader::Stop(std::string problem) {
  problem_ = std::move(problem);
  XML_StopParser(expat_->parser, XML_FALSE);
}

}  // namespace ffdl::object_store
