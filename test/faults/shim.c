/*
 * Makes calls of the C library fail on purpose, for test/faults: build it as a shared library and name it in LD_PRELOAD.
 *
 * The environment variable FAULTS holds what fails, and may change while the process runs:
 *
 *     SERIAL PATH OPERATION:FIRST:COUNT:ERRNO [OPERATION:FIRST:COUNT:ERRNO ...]
 *
 * On files whose path contains PATH, calls FIRST to FIRST + COUNT - 1 of OPERATION fail with ERRNO, counted from 1 since
 * SERIAL last changed. The first failing write of two bytes or more writes its first half and only the next one fails, as
 * on a disk that runs full. libuv answers such a pair with the half that it wrote, so COUNT must be at least 2 for Node to
 * see the error. Each failure appends a line with its operation to the file that FAULT_MARK names.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE, FSYNC, FDATASYNC, FTRUNCATE, RENAME, UNLINK, UTIMENSAT, OPEN, CLOSE, LINK, OPERATIONS };
static const char *const names[OPERATIONS] = {"write", "fsync", "fdatasync", "ftruncate", "rename", "unlink", "utimensat", "open", "close", "link"};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char known[1024];
static char path[512];
static struct { long first, count, error; } faults[OPERATIONS];
static long calls[OPERATIONS];
static int halved;

/* Node calls close() by syscall(), which is therefore replaced here. */
static long real_syscall(long number, ...) {
  static long (*real)(long, ...);
  if (real == NULL) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  long words[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) words[i] = va_arg(rest, long);
  va_end(rest);
  return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

static void mark(int operation) {
  const char *file = getenv("FAULT_MARK");
  if (file == NULL) return;
  int fd = (int)real_syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (fd < 0) return;
  char line[16];
  int length = snprintf(line, sizeof line, "%s\n", names[operation]);
  real_syscall(SYS_write, fd, line, length);
  real_syscall(SYS_close, fd);
}

/* Reads FAULTS where it has changed. */
static int read_faults(void) {
  const char *text = getenv("FAULTS");
  if (text == NULL || *text == '\0') return 0;
  if (strcmp(text, known) == 0) return 1;
  snprintf(known, sizeof known, "%s", text);
  memset(faults, 0, sizeof faults);
  memset(calls, 0, sizeof calls);
  halved = 0;
  char copy[1024];
  snprintf(copy, sizeof copy, "%s", text);
  char *rest = NULL;
  strtok_r(copy, " ", &rest);
  const char *where = strtok_r(NULL, " ", &rest);
  snprintf(path, sizeof path, "%s", where == NULL ? "" : where);
  for (char *word = strtok_r(NULL, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
    char *colon = strchr(word, ':');
    if (colon == NULL) abort();
    *colon = '\0';
    int operation = 0;
    while (operation < OPERATIONS && strcmp(names[operation], word) != 0) operation++;
    if (operation == OPERATIONS) abort();
    if (sscanf(colon + 1, "%ld:%ld:%ld", &faults[operation].first, &faults[operation].count, &faults[operation].error) != 3) abort();
  }
  return 1;
}

/* Whether this call of an operation on a path fails: 0 no, otherwise errno. */
static int fails_at(int operation, const char *file) {
  int error = 0;
  pthread_mutex_lock(&mutex);
  if (file != NULL && read_faults() && strstr(file, path) != NULL) {
    long call = ++calls[operation];
    if (call >= faults[operation].first && call < faults[operation].first + faults[operation].count) {
      error = (int)faults[operation].error;
      mark(operation);
    }
  }
  pthread_mutex_unlock(&mutex);
  return error;
}

static int fails_on(int operation, int fd) {
  const char *text = getenv("FAULTS");
  if (text == NULL || *text == '\0') return 0;
  char link[64], target[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, target, sizeof target - 1);
  if (length < 0) return 0;
  target[length] = '\0';
  return fails_at(operation, target);
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define FAIL_ON(operation, fd) \
  do { \
    int error = fails_on(operation, fd); \
    if (error != 0) { \
      errno = error; \
      return -1; \
    } \
  } while (0)

/* Bytes to write before the failure: half of them the first time, then none. */
static size_t half(size_t size) {
  pthread_mutex_lock(&mutex);
  size_t bytes = halved || size < 2 ? 0 : size / 2;
  if (bytes > 0) {
    halved = 1;
    calls[WRITE]--;
  }
  pthread_mutex_unlock(&mutex);
  return bytes;
}

ssize_t write(int fd, const void *bytes, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  int error = fails_on(WRITE, fd);
  if (error == 0) return real(fd, bytes, size);
  size_t some = half(size);
  if (some > 0) return real(fd, bytes, some);
  errno = error;
  return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  int error = fails_on(WRITE, fd);
  if (error == 0) return real(fd, bytes, size, offset);
  size_t some = half(size);
  if (some > 0) return real(fd, bytes, some, offset);
  errno = error;
  return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) { return pwrite64(fd, bytes, size, offset); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  FAIL_ON(WRITE, fd);
  return real(fd, parts, count);
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  FAIL_ON(FSYNC, fd);
  return real(fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  FAIL_ON(FDATASYNC, fd);
  return real(fd);
}

int ftruncate64(int fd, off64_t length) {
  REAL(int, "ftruncate64", int, off64_t);
  FAIL_ON(FTRUNCATE, fd);
  return real(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  int error = fails_at(RENAME, to);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return real(from, to);
}

int unlink(const char *file) {
  REAL(int, "unlink", const char *);
  int error = fails_at(UNLINK, file);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return real(file);
}

int link(const char *from, const char *to) {
  REAL(int, "link", const char *, const char *);
  int error = fails_at(LINK, to);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return real(from, to);
}

/*
 * As Linux does: the descriptor is closed, whatever close() answers. Closing what was only read does not fail; Node would
 * abort the process if it did.
 */
int close(int fd) {
  int flags = fcntl(fd, F_GETFL);
  int error = flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? 0 : fails_on(CLOSE, fd);
  int result = (int)real_syscall(SYS_close, fd);
  if (error == 0) return result;
  errno = error;
  return -1;
}

long syscall(long number, ...) {
  long words[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) words[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_close) return close((int)words[0]);
  return real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

int utimensat(int folder, const char *file, const struct timespec times[2], int flags) {
  REAL(int, "utimensat", int, const char *, const struct timespec *, int);
  int error = fails_at(UTIMENSAT, file);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return real(folder, file, times, flags);
}

static int open_file(const char *file, int flags, mode_t mode) {
  int error = fails_at(OPEN, file);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return (int)real_syscall(SYS_openat, AT_FDCWD, file, flags, mode);
}

int open64(const char *file, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_file(file, flags | O_LARGEFILE, mode);
}

int open(const char *file, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_file(file, flags, mode);
}
