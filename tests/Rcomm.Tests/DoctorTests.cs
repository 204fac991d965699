using Rcomm.Doctor;
using Rcomm.Listening.Sizing;

namespace Rcomm.Tests;

public sealed class DoctorTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("rcomm");

    [Fact]
    public void A_system_that_tells_nothing_is_unknown_not_wrong()
    {
        List<Finding> findings = Run(Backlog.Default);

        Assert.All(findings, finding => Assert.Equal(Severity.Unknown, finding.Severity));
        Assert.NotEmpty(findings);
    }

    [Theory]
    [InlineData("net/core/somaxconn", "64", "net.core.somaxconn", Severity.Problem)]
    [InlineData("net/core/somaxconn", "4096", "net.core.somaxconn", Severity.Ok)]
    [InlineData("net/ipv4/tcp_syncookies", "0", "net.ipv4.tcp_syncookies", Severity.Warning)]
    [InlineData("net/ipv4/tcp_abort_on_overflow", "1", "net.ipv4.tcp_abort_on_overflow", Severity.Warning)]
    [InlineData("net/ipv4/ip_local_port_range", "32768\t33000", "net.ipv4.ip_local_port_range", Severity.Warning)]
    [InlineData("net/ipv4/ip_local_port_range", "nonsense", "net.ipv4.ip_local_port_range", Severity.Unknown)]
    public void Each_sysctl_is_judged_by_what_the_backlog_needs(string file, string text, string name, object severity)
    {
        Write("/proc/sys/" + file, text);

        Finding finding = Run(Backlog.Of(128)).Single(finding => finding.Name == name);
        Assert.Equal((Severity)severity, finding.Severity);
        Assert.Equal(finding.Severity is Severity.Warning or Severity.Problem, finding.Fix is not null);
    }

    [Fact]
    public void A_full_connection_tracking_table_is_a_problem()
    {
        Write("/proc/sys/net/netfilter/nf_conntrack_max", "1000");
        Write("/proc/sys/net/netfilter/nf_conntrack_count", "1000");

        Assert.Equal(Severity.Problem, Run(Backlog.Default).Single(finding => finding.Name == "net.netfilter.nf_conntrack_max").Severity);
    }

    [Theory]
    [InlineData("1024", 128, Severity.Warning)]
    [InlineData("1024", 4096, Severity.Problem)]
    [InlineData("20000", 4096, Severity.Ok)]
    [InlineData("unlimited", 4096, Severity.Ok)]
    public void The_file_limit_is_judged_by_the_backlog(string hard, int backlog, object severity)
    {
        Write("/proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024     " +
            $"            {hard}                files\n");

        Assert.Equal((Severity)severity, Run(Backlog.Of(backlog)).Single(finding => finding.Name.StartsWith("open files", StringComparison.Ordinal)).Severity);
    }

    [Fact]
    public void A_small_control_group_is_named()
    {
        Write("/proc/self/cgroup", "0::/app");
        Write("/sys/fs/cgroup/app/cpu.max", "50000 100000");
        Write("/sys/fs/cgroup/app/memory.max", "67108864");
        Write("/sys/fs/cgroup/app/pids.max", "max");

        Assert.Equal(["cgroup cpu.max", "cgroup memory.max"], Run(Backlog.Default).Where(finding => finding.Severity == Severity.Warning)
            .Select(finding => finding.Name));
    }

    [Fact]
    public void Limits_of_the_control_groups_above_bind_too_and_none_is_said_to_be_none()
    {
        Write("/proc/self/cgroup", "0::/slice/app");
        Write("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids");
        Write("/sys/fs/cgroup/slice/cpu.max", "50000 100000");
        Write("/sys/fs/cgroup/slice/app/cpu.max", "200000 100000");
        Write("/sys/fs/cgroup/slice/app/memory.max", "max");

        Dictionary<string, Finding> findings = Run(Backlog.Default).ToDictionary(finding => finding.Name);
        Assert.Equal((Severity.Warning, "0.5 cores"), (findings["cgroup cpu.max"].Severity, findings["cgroup cpu.max"].Is));
        Assert.Equal((Severity.Ok, "no limit"), (findings["cgroup memory.max"].Severity, findings["cgroup memory.max"].Is));
    }

    [Theory]
    [InlineData(1, Severity.Ok)]
    [InlineData(2, Severity.Warning)]
    public void Migrating_requests_is_asked_for_where_shards_share_an_address(int shards, object severity)
    {
        Write("/proc/sys/net/ipv4/tcp_migrate_req", "0");

        Assert.Equal((Severity)severity, Run(Backlog.Default, shards).Single(finding => finding.Name == "net.ipv4.tcp_migrate_req").Severity);
    }

    public void Dispose() => _root.Delete(recursive: true);

    private List<Finding> Run(Backlog backlog, int shards = 1)
    {
        var files = new SystemFiles(_root.FullName);
        return [.. KernelChecks.Run(files, backlog, shards), .. LimitChecks.Run(files, backlog, shards, maxConnections: null)];
    }

    private void Write(string path, string text)
    {
        string full = _root.FullName + path;
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
