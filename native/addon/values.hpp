// Converts single JavaScript values to C++ ones: numbers, objects and typed arrays, each checked for range
// and type.
#pragma once

#include <napi.h>
#include <stdint.h>

#include <string>
#include <vector>

namespace sparse_train {

/// Throws a JavaScript RangeError or TypeError with this message.
[[noreturn]] void fail(Napi::Env env, const std::string& message);
[[noreturn]] void failType(Napi::Env env, const std::string& message);
/// An error with one of the package's codes (lib/base/errors.ts).
Napi::Error codedError(Napi::Env env, const char* code, const char* message);

/// The first argument of a call, or a TypeError.
Napi::Object objectArgument(const Napi::CallbackInfo& info);

/// A whole number in [low, high]; `name` is used in the message.
uint64_t wholeNumber(Napi::Env env, const Napi::Value& value, const char* name, uint64_t low, uint64_t high);
double number(Napi::Env env, const Napi::Value& value, const char* name, double low, double high);

/// The value as a typed array of this element type, or a TypeError.
template <typename Array>
Array typedArray(Napi::Env env, const Napi::Value& value, const char* name, napi_typedarray_type type) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    failType(env, std::string(name) + " is a typed array of the wrong type");
  }
  return value.As<Array>();
}

/// Copies the numbers into a JavaScript array.
Napi::Float64Array toArray(Napi::Env env, const std::vector<double>& values);

/// Refuses memory that JavaScript could shrink or detach while a call on another thread uses it.
void refuseResizable(Napi::Env env, const Napi::Value& value, const char* name);

}  // namespace sparse_train
