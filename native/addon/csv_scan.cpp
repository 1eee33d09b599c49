#include "csv_scan.hpp"

#include <algorithm>

#include "../csv/scan.hpp"
#include "arguments.hpp"

namespace sparse_train {
namespace {

/// Positions are 32-bit integers.
constexpr uint64_t kMostBytes = 0x7FFFFFFF;

uint8_t byteProperty(const Napi::Object& object, const char* name) {
  return static_cast<uint8_t>(wholeNumber(object.Env(), object.Get(name), name, 0, 127));
}

Napi::Value scanCsvText(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject()) failType(env, "expected an object");
  const Napi::Object task = info[0].As<Napi::Object>();
  const auto bytes = typedArray<Napi::Uint8Array>(env, task.Get("bytes"), "bytes", napi_uint8_array);
  auto numbers = typedArray<Napi::Float64Array>(env, task.Get("numbers"), "numbers", napi_float64_array);
  auto starts = typedArray<Napi::Int32Array>(env, task.Get("starts"), "starts", napi_int32_array);
  auto ends = typedArray<Napi::Int32Array>(env, task.Get("ends"), "ends", napi_int32_array);
  auto lines = typedArray<Napi::Uint32Array>(env, task.Get("lines"), "lines", napi_uint32_array);
  const uint64_t end =
      wholeNumber(env, task.Get("end"), "end", 0, std::min<uint64_t>(kMostBytes, bytes.ElementLength()));
  const uint64_t begin = wholeNumber(env, task.Get("begin"), "begin", 0, end);
  const auto columns = static_cast<uint32_t>(wholeNumber(env, task.Get("columns"), "columns", 2, kMostBytes));
  const size_t fields = std::min({numbers.ElementLength(), starts.ElementLength(), ends.ElementLength()});
  const size_t capacity = std::min<size_t>({fields / columns, lines.ElementLength(), kMostBytes});
  const CsvText text{bytes.Data(), begin, end, byteProperty(task, "delimiter"), byteProperty(task, "decimal"),
                     columns};
  const CsvBlock block{numbers.Data(), starts.Data(), ends.Data(), lines.Data(),
                       static_cast<uint32_t>(capacity)};
  const CsvScanned scanned = scanCsv(text, block);
  Napi::Object out = Napi::Object::New(env);
  out.Set("position", static_cast<double>(scanned.position));
  out.Set("records", static_cast<double>(scanned.records));
  out.Set("lines", static_cast<double>(scanned.lines));
  return out;
}

}  // namespace

void defineCsvScan(Napi::Env env, Napi::Object exports) {
  exports.Set("scanCsv", Napi::Function::New(env, scanCsvText));
}

}  // namespace sparse_train
