/* A disk that is slow on purpose: loaded before a process by LD_PRELOAD, it makes that process wait.
 *
 * SLOW_DISK_SYNC_US   microseconds that each fsync and fdatasync takes longer
 * SLOW_DISK_BYTES_S   bytes a second that all writes to regular files share
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static long setting(const char *name) {
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

static void wait_ns(long nanoseconds) {
    struct timespec rest = {nanoseconds / 1000000000L, nanoseconds % 1000000000L};
    while (nanosleep(&rest, &rest) != 0) {}
}

static void wait_for_sync(void) {
    long microseconds = setting("SLOW_DISK_SYNC_US");
    if (microseconds > 0) wait_ns(microseconds * 1000L);
}

static void wait_for_write(int fd, size_t size) {
    long rate = setting("SLOW_DISK_BYTES_S");
    struct stat what;
    if (rate <= 0 || size == 0 || fstat(fd, &what) != 0 || !S_ISREG(what.st_mode)) return;
    pthread_mutex_lock(&turn); /* one disk: whoever writes holds up the others */
    wait_ns((long)((double)size / (double)rate * 1e9));
    pthread_mutex_unlock(&turn);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    wait_for_sync();
    return real(fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    wait_for_sync();
    return real(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    wait_for_write(fd, size);
    return real(fd, data, size);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    wait_for_write(fd, size);
    return real(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }
