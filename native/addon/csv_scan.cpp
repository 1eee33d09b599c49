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
  // All properties before any memory is looked at: a getter could free it.
  const Napi::Value bytesValue = task.Get("bytes");
  const Napi::Value numbersValue = task.Get("numbers");
  const Napi::Value startsValue = task.Get("starts");
  const Napi::Value endsValue = task.Get("ends");
  const Napi::Value linesValue = task.Get("lines");
  const Napi::Value endValue = task.Get("end");
  const Napi::Value beginValue = task.Get("begin");
  const auto columns = static_cast<uint32_t>(wholeNumber(env, task.Get("columns"), "columns", 2, kMostBytes));
  const uint8_t delimiter = byteProperty(task, "delimiter");
  const uint8_t decimal = byteProperty(task, "decimal");
  const auto bytes = typedArray<Napi::Uint8Array>(env, bytesValue, "bytes", napi_uint8_array);
  auto numbers = typedArray<Napi::Float64Array>(env, numbersValue, "numbers", napi_float64_array);
  auto starts = typedArray<Napi::Int32Array>(env, startsValue, "starts", napi_int32_array);
  auto ends = typedArray<Napi::Int32Array>(env, endsValue, "ends", napi_int32_array);
  auto lines = typedArray<Napi::Uint32Array>(env, linesValue, "lines", napi_uint32_array);
  const uint64_t end =
      wholeNumber(env, endValue, "end", 0, std::min<uint64_t>(kMostBytes, bytes.ElementLength()));
  const uint64_t begin = wholeNumber(env, beginValue, "begin", 0, end);
  const size_t fields = std::min({numbers.ElementLength(), starts.ElementLength(), ends.ElementLength()});
  const size_t capacity = std::min<size_t>({fields / columns, lines.ElementLength(), kMostBytes});
  const CsvText text{bytes.Data(), begin, end, delimiter, decimal, columns};
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
