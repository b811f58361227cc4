/* test_config.c - options, environment and file; addresses; what containers allow. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "cgroup.h"
#include "config.h"
#include "machine.h"

static struct config config;
static struct sc_note note;
static char folder[] = P_tmpdir "/scored-config-XXXXXX";

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    char command[64];

    config_done(&config);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static enum sc_status read_config(const char *const *words)
{
    static char *argv[16]; /* config_read takes words out of it */
    int argc = 0;

    for (; words[argc] != NULL; argc++) argv[argc] = (char *)(uintptr_t)words[argc];
    return config_read(&config, argc, argv, &note);
}

#define READ(...) read_config((const char *const[]){"scored", ##__VA_ARGS__, NULL})

START_TEST(the_defaults_are_those_of_the_table_and_the_machine)
{
    ck_assert_int_eq(READ(), SC_OK);
    ck_assert_int_eq(config.action, ACTION_SERVE);
    ck_assert_str_eq(config.address, "127.0.0.1");
    ck_assert_int_eq(config.port, 8080);
    ck_assert_int_eq(config.threads, machine_cpus());
    ck_assert_int_ge(config.io_threads, 4);
    ck_assert_int_le(config.io_threads, 16);
    ck_assert_int_eq(config.compute_nice, 5);
    ck_assert_int_eq(config.memory, machine_memory() / 2);
    ck_assert_int_eq(config.request_memory, config.large_memory);
    ck_assert_int_eq(config.grace, 30);
    ck_assert_int_eq(config.limits.body_bytes, 1 << 30);
    ck_assert_int_eq(config.level, LOG_INFO);
}
END_TEST

START_TEST(options_are_read)
{
    ck_assert_int_eq(READ("--listen", "[::1]:0", "--memory=2G", "--limit-body-bytes", "64K"),
                     SC_OK);
    ck_assert_str_eq(config.address, "::1");
    ck_assert_int_eq(config.port, 0);
    ck_assert_int_eq(config.memory, (int64_t)2 << 30);
    ck_assert_int_eq(config.limits.body_bytes, 65536);
}
END_TEST

START_TEST(options_win_over_variables_and_these_over_the_file)
{
    write_file("scored.conf", "# a comment\n\n threads = 3 \nio-threads=3\r\ngrace = 3\n");
    setenv("SCORED_CONFIG", "scored.conf", 1);
    setenv("SCORED_THREADS", "4", 1);
    setenv("SCORED_IO_THREADS", "4", 1);
    ck_assert_int_eq(READ("--threads", "5"), SC_OK);
    ck_assert_int_eq(config.threads, 5);
    ck_assert_int_eq(config.io_threads, 4);
    ck_assert_int_eq(config.grace, 3);
}
END_TEST

START_TEST(the_last_of_equal_options_wins)
{
    ck_assert_int_eq(READ("--grace", "1", "--grace", "2"), SC_OK);
    ck_assert_int_eq(config.grace, 2);
}
END_TEST

START_TEST(variables_of_others_are_left_alone)
{
    setenv("SCORED_PORT", "tcp://10.0.0.1:8080", 1);
    ck_assert_int_eq(READ(), SC_OK);
}
END_TEST

START_TEST(switches_have_values_in_files_only)
{
    write_file("scored.conf", "open = true\nlisten = 0.0.0.0:80\n");
    ck_assert_int_eq(READ("--config", "scored.conf"), SC_OK);
    ck_assert_int_eq(config.open, 1);
    config_done(&config);
    ck_assert_int_eq(READ("--open", "--listen", "0.0.0.0:80"), SC_OK);
    ck_assert_int_eq(config.open, 1);
}
END_TEST

START_TEST(one_request_leaves_some_memory_to_small_ones)
{
    static const struct {
        const char *memory;
        int64_t small;
    } parts[] = {{"1M", 256 << 10}, {"4M", 1 << 20}, {"64M", 4 << 20}, {"8G", 64 << 20}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ck_assert_int_eq(READ("--memory", parts[i].memory, "--request-memory", "8G"), SC_OK);
        ck_assert_int_eq(config.large_memory, config.memory - parts[i].small);
        ck_assert_int_eq(config.request_memory, config.large_memory);
    }
    ck_assert_int_eq(READ("--memory", "4M", "--request-memory", "2M"), SC_OK);
    ck_assert_int_eq(config.request_memory, 2 << 20);
}
END_TEST

static const struct {
    const char *option, *value, *says[3];
} mistakes[] = {
    {"--thread", "2", {"--thread", "--help"}},
    {"threads", NULL, {"threads"}},
    {"--threads", NULL, {"--threads", "N"}},
    {"--threads", "x", {"--threads", "'x'", "number"}},
    {"--threads", "", {"--threads", "''", "number"}},
    {"--threads", "0", {"--threads", "'0'", "1 to 4096"}},
    {"--threads", "-1", {"--threads", "'-1'"}},
    {"--memory", "9999999999G", {"--memory"}},
    {"--memory", "1T", {"--memory", "'1T'", "K, M or G"}},
    {"--memory", "1MB", {"--memory", "'1MB'"}},
    {"--open=yes", NULL, {"--open", "'yes'", "true or false"}},
    {"--listen", "8080", {"'8080'", "ADDRESS:PORT"}},
    {"--listen", "localhost:80", {"'localhost:80'", "127.0.0.1:8080"}},
    {"--listen", "0.0.0.0:80", {"0.0.0.0:80", "--open"}},
    {"--listen", "[::]:80", {"[::]:80", "--open"}},
    {"--log-level", "loud", {"log-level", "'loud'", "debug"}},
    {"--config", "absent.conf", {"absent.conf", "No such file"}},
    {"--config", ".", {".", "Is a directory"}},
};

START_TEST(mistakes_are_named)
{
    ck_assert_int_ne(READ(mistakes[_i].option, mistakes[_i].value), SC_OK);
    for (int i = 0; i < 3 && mistakes[_i].says[i] != NULL; i++)
        ck_assert_msg(strstr(note.detail, mistakes[_i].says[i]) != NULL,
                      "'%s' does not say '%s'", note.detail, mistakes[_i].says[i]);
}
END_TEST

static const char *const bad_files[] = {"\n\nthreads 2\n", "\n\nthread = 2\n",
                                        "\n\nthreads = two\n", "\n\nthreads =\n"};

START_TEST(mistakes_of_a_file_have_their_line)
{
    write_file("bad.conf", bad_files[_i]);
    ck_assert_int_ne(READ("--config", "bad.conf"), SC_OK);
    ck_assert_ptr_nonnull(strstr(note.detail, "bad.conf:3"));
}
END_TEST

/* What stands behind a NUL must not be left out without a word. */
START_TEST(a_file_is_text)
{
    FILE *file = fopen("bad.conf", "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite("threads = 2\n\0\nmemory = 1G\n", 1, 26, file), 26);
    fclose(file);
    ck_assert_int_ne(READ("--config", "bad.conf"), SC_OK);
    ck_assert_ptr_nonnull(strstr(note.detail, "bad.conf has a NUL byte"));
}
END_TEST

START_TEST(help_and_version_need_no_settings)
{
    setenv("SCORED_THREADS", "nonsense", 1);
    ck_assert_int_eq(READ("--help"), SC_OK);
    ck_assert_int_eq(config.action, ACTION_HELP);
    ck_assert_int_eq(READ("--version"), SC_OK);
    ck_assert_int_eq(config.action, ACTION_VERSION);
    ck_assert_int_eq(READ("functions"), SC_OK);
    ck_assert_int_eq(config.action, ACTION_FUNCTIONS);
    ck_assert_int_ne(READ("--check-config"), SC_OK);
}
END_TEST

START_TEST(eval_gets_what_is_no_setting)
{
    static const char *const left[] = {"metrics/segmentation", "--require", "a>1", "-",
                                       "functions"};

    setenv("SCORED_LISTEN", "0.0.0.0:80", 1); /* is for the server alone */
    ck_assert_int_eq(READ("--memory", "2M", "eval", "metrics/segmentation", "--require", "a>1",
                          "-", "--threads", "3", "functions"),
                     SC_OK);
    ck_assert_int_eq(config.action, ACTION_EVAL);
    ck_assert_int_eq(config.threads, 3);
    ck_assert_int_eq(config.memory, 2 << 20);
    ck_assert_int_eq(config.operands, 5);
    for (int i = 0; i < 5; i++) ck_assert_str_eq(config.operand[i], left[i]);
}
END_TEST

START_TEST(help_of_eval_needs_no_settings)
{
    setenv("SCORED_MEMORY", "nonsense", 1);
    ck_assert_int_eq(READ("eval", "losses/mse", "--help", "--threads", "x"), SC_OK);
    ck_assert_int_eq(config.action, ACTION_EVAL_HELP);
    ck_assert_int_ne(READ("eval", "losses/mse"), SC_OK);
}
END_TEST

static const struct {
    const char *text, *address; /* NULL: refused */
    int port;
    bool loopback;
} addresses[] = {
    {"127.0.0.1:8080", "127.0.0.1", 8080, true},
    {"127.3.2.1:0", "127.3.2.1", 0, true},
    {"10.0.0.1:65535", "10.0.0.1", 65535, false},
    {"[::1]:80", "::1", 80, true},
    {"[fe80::1]:80", "fe80::1", 80, false},
    {"127.0.0.1", NULL, 0, false},
    {"127.0.0.1:", NULL, 0, false},
    {"127.0.0.1:65536", NULL, 0, false},
    {"127.0.0.1:000080", NULL, 0, false},
    {"127.0.0.1:-1", NULL, 0, false},
    {"127.0.0.1: 1", NULL, 0, false},
    {"127.1:80", NULL, 0, false},
    {"::1:80", NULL, 0, false},
    {"[::1]80", NULL, 0, false},
    {"[::1]", NULL, 0, false},
    {"[127.0.0.1]:80", NULL, 0, false},
    {"[]:80", NULL, 0, false},
    {":80", NULL, 0, false},
    {"", NULL, 0, false},
    {"11111111111111111111111111111111111111111111111111111111111111111111:80", NULL, 0, false},
};

START_TEST(addresses_are_numbers_with_a_port)
{
    char address[64];
    uint16_t port = 0;

    ck_assert_int_eq(address_read(addresses[_i].text, address, sizeof address, &port),
                     addresses[_i].address != NULL);
    if (addresses[_i].address == NULL) return;
    ck_assert_str_eq(address, addresses[_i].address);
    ck_assert_int_eq(port, addresses[_i].port);
    ck_assert_int_eq(address_is_loopback(address), addresses[_i].loopback);
}
END_TEST

START_TEST(urls_have_brackets_for_ipv6)
{
    char text[96];

    ck_assert_str_eq(address_url("::1", 80, true, text, sizeof text), "https://[::1]:80");
    ck_assert_str_eq(address_url("127.0.0.1", 80, false, text, sizeof text),
                     "http://127.0.0.1:80");
}
END_TEST

/* Makes the folders of `path` below the test's own, then the file. */
static void plant(const char *path, const char *text)
{
    char part[256];

    for (const char *c = strchr(path, '/'); c != NULL; c = strchr(c + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(c - path), path);
        mkdir(part, 0700);
    }
    write_file(path, text);
}

START_TEST(nothing_is_limited_without_cgroups)
{
    ck_assert(isinf(cgroup_cpus("nowhere")));
    ck_assert(isinf(cgroup_memory("nowhere")));
}
END_TEST

START_TEST(version_2_takes_the_least_of_all_groups_above)
{
    plant("r/proc/self/cgroup", "0::/a/b\n");
    plant("r/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
    plant("r/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    plant("r/sys/fs/cgroup/a/memory.max", "max\n");
    plant("r/sys/fs/cgroup/a/b/memory.max", "1048576\n");
    ck_assert_double_eq(cgroup_cpus("r"), 1.5);
    ck_assert_double_eq(cgroup_memory("r"), 1048576);
    ck_assert_double_eq(cgroup_throttled("r"), 0);
    plant("r/sys/fs/cgroup/a/cpu.stat",
          "usage_usec 9\nnr_throttled 3\nthrottled_usec 2500000\n");
    plant("r/sys/fs/cgroup/a/b/cpu.stat", "usage_usec 9\n");
    ck_assert_double_eq(cgroup_throttled("r"), 2.5);
}
END_TEST

START_TEST(version_2_in_a_container_has_its_files_at_the_mount)
{
    plant("r/proc/self/cgroup", "0::/\n");
    plant("r/sys/fs/cgroup/cpu.max", "50000 100000\n");
    ck_assert_double_eq(cgroup_cpus("r"), 0.5);
    plant("r/proc/self/cgroup", "0::/../elsewhere\n");
    ck_assert_double_eq(cgroup_cpus("r"), 0.5);
}
END_TEST

START_TEST(version_1_has_a_hierarchy_for_each_controller)
{
    plant("r/proc/self/cgroup", "4:memory:/x\n2:cpuacct,cpu:/y\n");
    plant("r/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "200000\n");
    plant("r/sys/fs/cgroup/cpu/y/cpu.cfs_period_us", "100000\n");
    plant("r/sys/fs/cgroup/memory/memory.limit_in_bytes", "4096\n");
    ck_assert_double_eq(cgroup_cpus("r"), 2);
    ck_assert_double_eq(cgroup_memory("r"), 4096);
    plant("r/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "-1\n");
    ck_assert(isinf(cgroup_cpus("r")));
}
END_TEST

Suite *suite_config(void);

Suite *suite_config(void)
{
    Suite *suite = suite_create("config");
    TCase *settings = tcase_create("settings"), *listen = tcase_create("addresses"),
          *groups = tcase_create("cgroups");

    tcase_add_checked_fixture(settings, make_folder, remove_folder);
    tcase_add_test(settings, the_defaults_are_those_of_the_table_and_the_machine);
    tcase_add_test(settings, options_are_read);
    tcase_add_test(settings, options_win_over_variables_and_these_over_the_file);
    tcase_add_test(settings, the_last_of_equal_options_wins);
    tcase_add_test(settings, variables_of_others_are_left_alone);
    tcase_add_test(settings, switches_have_values_in_files_only);
    tcase_add_test(settings, one_request_leaves_some_memory_to_small_ones);
    tcase_add_loop_test(settings, mistakes_are_named, 0, sizeof mistakes / sizeof *mistakes);
    tcase_add_loop_test(settings, mistakes_of_a_file_have_their_line, 0,
                        sizeof bad_files / sizeof *bad_files);
    tcase_add_test(settings, a_file_is_text);
    tcase_add_test(settings, help_and_version_need_no_settings);
    tcase_add_test(settings, eval_gets_what_is_no_setting);
    tcase_add_test(settings, help_of_eval_needs_no_settings);
    suite_add_tcase(suite, settings);
    tcase_add_loop_test(listen, addresses_are_numbers_with_a_port, 0,
                        sizeof addresses / sizeof *addresses);
    tcase_add_test(listen, urls_have_brackets_for_ipv6);
    suite_add_tcase(suite, listen);
    tcase_add_checked_fixture(groups, make_folder, remove_folder);
    tcase_add_test(groups, nothing_is_limited_without_cgroups);
    tcase_add_test(groups, version_2_takes_the_least_of_all_groups_above);
    tcase_add_test(groups, version_2_in_a_container_has_its_files_at_the_mount);
    tcase_add_test(groups, version_1_has_a_hierarchy_for_each_controller);
    suite_add_tcase(suite, groups);
    return suite;
}
