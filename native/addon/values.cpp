#include "values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sparse_train {

void fail(Napi::Env env, const std::string& message) { throw Napi::RangeError::New(env, message); }
void failType(Napi::Env env, const std::string& message) { throw Napi::TypeError::New(env, message); }

Napi::Error codedError(Napi::Env env, const char* code, const char* message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

Napi::Object objectArgument(const Napi::CallbackInfo& info) {
  if (info.Length() < 1 || !info[0].IsObject()) failType(info.Env(), "expected an object");
  return info[0].As<Napi::Object>();
}

uint64_t wholeNumber(Napi::Env env, const Napi::Value& value, const char* name, uint64_t low, uint64_t high) {
  const double given = number(env, value, name, static_cast<double>(low), static_cast<double>(high));
  if (given != std::floor(given)) fail(env, std::string(name) + " must be a whole number");
  return static_cast<uint64_t>(given);
}

/// Formats a bound for messages: whole numbers without decimals.
static std::string boundText(double bound) {
  char text[64];
  std::snprintf(text, sizeof text, bound == std::floor(bound) ? "%.0f" : "%.15g", bound);
  return text;
}

double number(Napi::Env env, const Napi::Value& value, const char* name, double low, double high) {
  if (!value.IsNumber()) failType(env, std::string(name) + " must be a number");
  const double given = value.As<Napi::Number>().DoubleValue();
  if (!(given >= low && given <= high)) {
    fail(env, std::string(name) + " must be from " + boundText(low) + " to " + boundText(high));
  }
  return given;
}

Napi::Float64Array toArray(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

void refuseResizable(Napi::Env env, const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray()) return;
  napi_value buffer = nullptr;
  NAPI_THROW_IF_FAILED_VOID(
      env, napi_get_typedarray_info(env, value, nullptr, nullptr, nullptr, &buffer, nullptr));
  if (Napi::Object(env, buffer).Get("resizable").ToBoolean())
    failType(env, std::string(name) + " may not stand in a resizable ArrayBuffer");
}

}  // namespace sparse_train
