using System.Runtime.InteropServices;
using Rcomm.Listening.Accepting;

namespace Rcomm.ProgramTests;

/// <summary><c>--accept</c>: the method in use and the messages if io_uring is forbidden.</summary>
public sealed partial class AcceptMethodTests : IDisposable
{
    private readonly SampleSite _site = new();

    /// <summary>Skips a test that needs an accept method which this system does not have.</summary>
    internal static void SkipWithout(string method) =>
        Assert.SkipUnless(method != "io_uring" || AcceptMethods.WhyNoIoUring() is null, $"no io_uring: {AcceptMethods.WhyNoIoUring()}");

    [Fact]
    public async Task The_log_says_which_method_is_used()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --accept accept4 --log-level debug");

        await server.ErrorLineAsync("Connections are accepted with accept4");
    }

    [Fact]
    public async Task Where_io_uring_is_forbidden_auto_is_accept4()
    {
        await using RcommProcess server = StartWithoutIoUring($"serve {_site.Root} --port 0 --log-level debug");

        await server.ErrorLineAsync("Connections are accepted with accept4");
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    public async Task Where_io_uring_is_forbidden_asking_for_it_is_an_error_that_says_what_to_write(string command)
    {
        await using RcommProcess process = StartWithoutIoUring($"{command} {_site.Root} --accept io_uring");

        Assert.Equal(2, await process.ExitCodeAsync());
        Assert.Contains("--accept=io_uring: io_uring is forbidden here (EPERM)", process.Errors);
        Assert.Contains("; write auto or accept4", process.Errors);
    }

    [Fact]
    public async Task A_method_that_there_is_not_is_an_error()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --accept epoll");

        Assert.Equal(2, exitCode);
        Assert.Contains("write auto, io_uring or accept4", errors);
    }

    public void Dispose() => _site.Dispose();

    // A seccomp filter applies to a thread and to the processes that it starts, as in a container.
    private static RcommProcess StartWithoutIoUring(string arguments)
    {
        RcommProcess? process = null;
        var thread = new Thread(() =>
        {
            Assert.True(ForbidIoUring());
            process = RcommProcess.Start(arguments);
        });
        thread.Start();
        thread.Join();
        return process!;
    }

    private static bool ForbidIoUring()
    {
        const int setNoNewPrivileges = 38, setSeccomp = 22, modeFilter = 2;
        const ushort loadWord = 0x20, jumpIfEqual = 0x15, @return = 0x06;
        const uint ioUringSetup = 425, errnoEPERM = 0x00050000 | 1, allow = 0x7fff0000;
        ulong[] program =
        [
            Instruction(loadWord, 0, 0, 0),
            Instruction(jumpIfEqual, 0, 1, ioUringSetup),
            Instruction(@return, 0, 0, errnoEPERM),
            Instruction(@return, 0, 0, allow),
        ];
        GCHandle pinned = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            var filter = new Filter { Length = (ushort)program.Length, First = pinned.AddrOfPinnedObject() };
            return Control(setNoNewPrivileges, 1, 0, 0, 0) == 0 && Control(setSeccomp, modeFilter, in filter) == 0;
        }
        finally
        {
            pinned.Free();
        }
    }

    // struct sock_filter, little-endian.
    private static ulong Instruction(ushort code, byte ifTrue, byte ifFalse, uint operand) =>
        code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)operand << 32);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint mode, in Filter filter);

    [StructLayout(LayoutKind.Sequential)]
    private struct Filter
    {
        public ushort Length;
        public nint First;
    }
}
