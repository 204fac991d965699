using System.Net.Sockets;
using System.Text;

namespace Rcomm.ProgramTests;

public sealed partial class ServiceNoticeTests : SystemdTestBase
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Systemd_is_told_when_the_server_is_ready_reloads_and_stops(bool isAbstract)
    {
        using NoticeSocket notices = new(_site.Folder, isAbstract);
        await using RcommProcess server = RcommProcess.StartInShell($"export NOTIFY_SOCKET={notices.Name}", $"serve {_site.Root} --port 0");
        await server.ListeningLineAsync();
        await notices.UntilAsync("READY=1");

        server.Signal(Signals.SIGHUP);
        string reloading = await notices.UntilAsync("RELOADING=1");
        Assert.Matches(@"^RELOADING=1\nMONOTONIC_USEC=\d+$", reloading);
        await notices.UntilAsync("READY=1");

        server.Signal(Signals.SIGTERM);
        await notices.UntilAsync("STOPPING=1");
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task Systemd_is_told_how_many_wait()
    {
        using NoticeSocket notices = new(_site.Folder, isAbstract: false);
        // Said as often as the watchdog is fed.
        await using RcommProcess server = RcommProcess.StartInShell($"export NOTIFY_SOCKET={notices.Name} WATCHDOG_USEC=100000 WATCHDOG_PID=$$",
            $"serve {_site.Root} --port 0");

        await notices.UntilAsync("STATUS=0 of 128 waiting, 0 dropped");
    }

    [Fact]
    public async Task The_watchdog_is_fed_while_connections_are_accepted()
    {
        using NoticeSocket notices = new(_site.Folder, isAbstract: false);
        await using RcommProcess server = RcommProcess.StartInShell($"export NOTIFY_SOCKET={notices.Name} WATCHDOG_USEC=100000 WATCHDOG_PID=$$",
            $"serve {_site.Root} --port 0");

        for (int i = 0; i < 3; i++) await notices.UntilAsync("WATCHDOG=1");
    }

    [Fact]
    public async Task After_a_takeover_the_new_process_is_the_main_one_and_the_old_one_says_nothing_of_stopping()
    {
        using NoticeSocket notices = new(_site.Folder, isAbstract: false);
        string control = Path.Combine(_site.Folder, "control");
        await using RcommProcess server = RcommProcess.StartInShell($"export NOTIFY_SOCKET={notices.Name}", $"serve {_site.Root} --port 0 --control {control}");
        await server.ListeningLineAsync();
        await notices.UntilAsync("READY=1");

        await using RcommProcess next = RcommProcess.StartInShell($"export NOTIFY_SOCKET={notices.Name}",
            $"serve {_site.Root} --port {server.Port} --control {control} --takeover");
        await next.ListeningLineAsync();
        Assert.Equal(0, await server.ExitCodeAsync());

        await notices.UntilAsync($"MAINPID={next.Id}\nREADY=1");
        next.Signal(Signals.SIGTERM);
        await notices.UntilAsync("STOPPING=1");
        Assert.Single(notices.All, notice => notice == "STOPPING=1");
    }

    /// <summary>The socket on which systemd receives notifications (sd_notify(3)).</summary>
    private sealed class NoticeSocket : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        public NoticeSocket(string folder, bool isAbstract)
        {
            Name = isAbstract ? $"@rcomm-test-{Guid.NewGuid()}" : Path.Combine(folder, "notify");
            _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + Name[1..] : Name));
        }

        public string Name { get; }

        public List<string> All { get; } = [];

        /// <summary>Receives until a notification begins with this text.</summary>
        public async Task<string> UntilAsync(string beginning)
        {
            using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
            byte[] buffer = new byte[4096];
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer, limit.Token);
                All.Add(Encoding.UTF8.GetString(buffer, 0, length));
                if (All[^1].StartsWith(beginning, StringComparison.Ordinal)) return All[^1];
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
