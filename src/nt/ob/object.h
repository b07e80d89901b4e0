// SPDX-License-Identifier: MIT
// Object: what a handle can name and what ObReferenceObject counts. The driver's pointer is that of
// the body, which follows this header directly: a derived class puts first the member that the
// driver sees (a DISPATCHER_HEADER, a FILE_OBJECT), and that member's address is body().
#pragma once

#include <wdm.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "base/visible_memory.h"
#include "nt/ob/object_type.h"

namespace owsk::nt::ob {

// Aligned as the strictest body (DEVICE_OBJECT), so that there is no gap between header and body.
class alignas(16) Object : public Visible {
  public:
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

    // The object of a driver's pointer; a bug check if there is none.
    static Object& from_body(const volatile void* body, const char* function) noexcept;

    void* body() noexcept { return this + 1; }
    ObjectType& type() const noexcept { return type_; }

    void reference() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    // Destroys the object with its last reference.
    void dereference() noexcept;
    std::int64_t references() const noexcept { return references_.load(); }

    // What ZwWaitForSingleObject waits on; null for what cannot be waited on.
    virtual DISPATCHER_HEADER* waitable() noexcept { return nullptr; }
    // For reports: which one it is, for example "thread 0x8 (server_main)".
    virtual std::string description() const { return type_.name; }

  protected:
    // Starts with one reference, the creator's.
    explicit Object(ObjectType& type) noexcept : type_(type) {}
    virtual ~Object();

  private:
    static constexpr std::uint64_t alive = 0x7463656a626f6b73;
    static constexpr std::uint64_t dead = 0x6461656464616564;

    ObjectType& type_;
    std::atomic<std::int64_t> references_ = 1;
    // Last, next to the body: tells an object from anything else.
    std::uint64_t signature_ = alive;
};
static_assert(sizeof(Object) == 32, "a body that begins in the header's padding is not at body()");

// Owns one reference to an object.
template <typename T>
class Ref {
  public:
    Ref() = default;
    // Takes over a reference that the caller owns.
    static Ref adopt(T* object) noexcept {
        Ref ref;
        ref.object_ = object;
        return ref;
    }
    // Adds a reference.
    static Ref share(T* object) noexcept {
        if (object != nullptr) {
            object->reference();
        }
        return adopt(object);
    }

    Ref(const Ref& other) noexcept : Ref(share(other.object_)) {}
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <typename Derived>
    Ref(Ref<Derived> other) noexcept : object_(other.release()) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() {
        if (object_ != nullptr) {
            object_->dereference();
        }
    }

    T* get() const noexcept { return object_; }
    T* operator->() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    // Gives the reference to the caller.
    T* release() noexcept { return std::exchange(object_, nullptr); }

  private:
    T* object_ = nullptr;
};

template <typename T, typename... Args>
Ref<T> make_object(Args&&... args) {
    return Ref<T>::adopt(new T(std::forward<Args>(args)...));
}

}  // namespace owsk::nt::ob
