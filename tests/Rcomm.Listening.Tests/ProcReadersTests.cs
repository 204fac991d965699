using Rcomm.Listening.HostQueues;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.Tests;

public sealed class ProcReadersTests
{
    private const string Id = "4f2a9c1be0d87e5aa4f2a9c1be0d87e5aa4f2a9c1be0d87e5aa4f2a9c1be0d87";

    [Theory]
    [InlineData("0::/system.slice/nginx.service", null)]
    [InlineData("0::/", null)]
    [InlineData("", null)]
    [InlineData($"0::/system.slice/docker-{Id}.scope", "4f2a9c1be0d8")]
    [InlineData($"12:pids:/docker/{Id}\n0::/", "4f2a9c1be0d8")]
    [InlineData($"0::/machine.slice/libpod-{Id}.scope/container", "4f2a9c1be0d8")]
    [InlineData($"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod8f6f2c1e_0b1d_4c53_9c11_2f9d3a4b5c6d.slice/cri-containerd-{Id}.scope",
        "pod 8f6f2c1e-0b1d-4c53-9c11-2f9d3a4b5c6d/4f2a9c1be0d8")]
    [InlineData($"0::/kubepods/besteffort/pod8f6f2c1e-0b1d-4c53-9c11-2f9d3a4b5c6d/{Id}", "pod 8f6f2c1e-0b1d-4c53-9c11-2f9d3a4b5c6d/4f2a9c1be0d8")]
    [InlineData("0::/lxc.payload.web1/system.slice/nginx.service", "web1")]
    [InlineData("0::/machine.slice/systemd-nspawn@web2.service/payload", "web2")]
    public void A_container_is_named_by_its_control_group(string cgroupFile, string? expected) =>
        Assert.Equal(expected, ContainerName.In(cgroupFile));

    [Theory]
    [InlineData("0::/a/b", "a/b", 30L)]
    [InlineData("0::/a/b", "a", 30L)]
    [InlineData("0::/host/path", "", 30L)]
    [InlineData("8:pids:/a\n0::/", "pids/a", 30L)]
    [InlineData("9:cpu,pids:/a", "pids", 30L)]
    [InlineData("9:cpu:/a", "pids/a", null)]
    public void The_room_for_tasks_is_the_least_of_the_group_and_those_above_it(string cgroupFile, string limited, long? expected)
    {
        string root = Directory.CreateTempSubdirectory("rcomm-test-").FullName;
        foreach (string folder in (string[])["a/b", "pids/a", limited])
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
            File.WriteAllText(Path.Combine(root, folder, "pids.max"), "max\n");
        }
        File.WriteAllText(Path.Combine(root, limited, "pids.max"), "40\n");
        File.WriteAllText(Path.Combine(root, limited, "pids.current"), "10\n");

        Assert.Equal(expected, TaskLimit.Room(cgroupFile.Split('\n'), root));
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void A_processs_rights_are_read_from_its_status()
    {
        ProcessStatus status = ProcessStatus.Parse(["Name:\tnginx", "Uid:\t33\t34\t33\t33", "CapEff:\t0000000000080000", "Seccomp:\t2"]);

        Assert.Equal((33u, 34u, 2), (status.RealUser, status.EffectiveUser, status.Seccomp));
        Assert.True(status.Has(ProcessStatus.SysPtrace));
        Assert.False(status.Has(ProcessStatus.SysAdmin));
    }

    [Theory]
    [InlineData(1000, 0, 1000, 0, DuplicationFailure.NotDumpable)]
    [InlineData(1000, 0, 1000, 1, DuplicationFailure.Yama)]
    [InlineData(1000, 0, 33, 1, DuplicationFailure.OtherUser)]
    [InlineData(0, 1 << ProcessStatus.SysPtrace, 33, 1, DuplicationFailure.SecurityModule)]
    public void The_reason_for_a_refusal_is_found_in_what_is_known_of_both_processes(uint user, ulong capabilities, uint otherUser, int yama,
        DuplicationFailure expected) =>
        Assert.Equal(expected, RefusalCause.CauseIn(new(user, user, capabilities, 0), new(otherUser, otherUser, 0, 0), yama));

    [Fact]
    public void A_process_that_is_gone_is_said_to_be_gone() =>
        Assert.Equal(DuplicationFailure.ProcessGone, RefusalCause.CauseIn(default, null, 0));

    [Fact]
    public void A_socket_that_was_closed_in_the_meantime_cannot_be_duplicated()
    {
        var queue = new HostQueue(Rcomm.Listening.Addresses.ListenAddress.Parse("127.0.0.1:80"), Inode: 1, 0, 5, 0, 0,
            [new SocketOwner(Environment.ProcessId, "me")]);

        Assert.Equal(DuplicationFailure.ProcessGone, Assert.Throws<DuplicationException>(() => SocketDuplicate.Open(queue)).Failure);
    }

    [Fact]
    public void A_process_that_has_ended_is_said_to_be_gone()
    {
        var queue = new HostQueue(Rcomm.Listening.Addresses.ListenAddress.Parse("127.0.0.1:80"), Inode: 1, 0, 5, 0, 0, [new SocketOwner(999999999, "gone")]);

        Assert.Equal(DuplicationFailure.ProcessGone, Assert.Throws<DuplicationException>(() => SocketDuplicate.Open(queue)).Failure);
    }
}
