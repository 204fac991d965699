using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Tests;

public sealed class ConnectionOptionTests : ListenSocketTestBase
{
    [Fact]
    public async Task Of_an_answer_that_nobody_reads_the_kernel_takes_little()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TCP_NOTSENT_LOWAT is Linux's.");
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, socket.Address.Port);
        using Socket accepted = await socket.Socket.AcceptAsync(TestContext.Current.CancellationToken);
        accepted.Blocking = false;

        byte[] piece = new byte[16 << 10];
        long taken = 0;
        SocketError error;
        do
        {
            taken += accepted.Send(piece, SocketFlags.None, out error);
        }
        while (error == SocketError.Success && taken < 16 << 20);

        Assert.Equal(SocketError.WouldBlock, error);
        // The client's buffer, which the kernel makes larger than it was asked to, and 128 KiB.
        Assert.InRange(taken, 1, 512 << 10);
    }

    [Fact]
    public void Accepted_connections_have_nodelay_and_keepalive()
    {
        using ListenSocket socket = Open("127.0.0.1:0");
        using Socket client = Connect(socket.Address);
        using Socket server = Accept(socket);

        Assert.Equal(1, SocketOption.NoDelay.Get(server));
        Assert.Equal(1, SocketOption.KeepAlive.Get(server));
        Assert.Equal(60, SocketOption.KeepIdle.Get(server));
        Assert.Equal(10, SocketOption.KeepInterval.Get(server));
        Assert.Equal(5, SocketOption.KeepCount.Get(server));
    }

    [Fact]
    public void Options_for_connections_can_be_changed()
    {
        var options = new ListenSocketOptions
        {
            NoDelay = false,
            KeepAlive = new() { Idle = TimeSpan.FromSeconds(7), Interval = TimeSpan.FromSeconds(3), Count = 2 },
            ReceiveBuffer = 8192,
            SendBuffer = 16384,
            DeferAccept = TimeSpan.FromSeconds(3),
        };
        using ListenSocket socket = Open("127.0.0.1:0", options);
        using Socket client = Connect(socket.Address);
        client.Send("x"u8);
        using Socket server = Accept(socket);

        Assert.Equal(0, SocketOption.NoDelay.Get(server));
        Assert.Equal(7, SocketOption.KeepIdle.Get(server));
        Assert.Equal(3, SocketOption.KeepInterval.Get(server));
        Assert.Equal(2, SocketOption.KeepCount.Get(server));
        Assert.Equal(2 * 8192, SocketOption.ReceiveBuffer.Get(server));
        Assert.Equal(2 * 16384, SocketOption.SendBuffer.Get(server));
        Assert.NotEqual(0, SocketOption.DeferAccept.Get(socket.Socket));
        Assert.Empty(socket.Warnings);
    }

    [Fact]
    public void A_buffer_that_the_system_cuts_is_a_warning()
    {
        using ListenSocket socket = Open("127.0.0.1:0", new() { ReceiveBuffer = 1 << 30 });

        Assert.Contains("SO_RCVBUF", Assert.Single(socket.Warnings));
    }
}
