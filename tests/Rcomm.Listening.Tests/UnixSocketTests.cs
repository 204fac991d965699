using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Tests;

public sealed class UnixSocketTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm");

    private string SocketPath => Path.Combine(_folder.FullName, "http.sock");

    private ListenAddress Address => ListenAddress.Parse("unix:" + SocketPath);

    [Fact]
    public void The_file_has_its_mode_and_is_removed_at_a_clean_stop()
    {
        using (ListenSocket socket = ListenSocket.Open(Address))
        {
            Assert.Equal(Convert.ToInt32("660", 8), (int)File.GetUnixFileMode(SocketPath));
        }

        Assert.False(Path.Exists(SocketPath));
    }

    [Fact]
    public void The_mode_can_be_set()
    {
        using ListenSocket socket = ListenSocket.Open(Address, new() { UnixMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
    }

    [Fact]
    public void A_stale_file_is_replaced()
    {
        LeaveStaleFile();

        using ListenSocket socket = ListenSocket.Open(Address);

        Connect().Dispose();
    }

    [Fact]
    public void A_live_server_is_not_pushed_away()
    {
        using ListenSocket first = ListenSocket.Open(Address);

        var refused = Assert.Throws<ListenException>(() => ListenSocket.Open(Address));

        Assert.Equal(ListenFailure.AddressInUse, refused.Failure);
        Connect().Dispose();
    }

    [Fact]
    public void A_live_server_with_a_full_queue_is_not_taken_for_a_stale_file()
    {
        using ListenSocket first = ListenSocket.Open(Address, new() { Backlog = Backlog.Of(0) });
        using Socket waiting = Connect();

        var refused = Assert.Throws<ListenException>(() => ListenSocket.Open(Address));

        Assert.Equal(ListenFailure.AddressInUse, refused.Failure);
    }

    [Fact]
    public void What_is_no_socket_is_left_alone_and_refused()
    {
        File.WriteAllText(SocketPath, "precious");

        var refused = Assert.Throws<ListenException>(() => ListenSocket.Open(Address));

        Assert.Equal(ListenFailure.PathUnusable, refused.Failure);
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var address = ListenAddress.Parse($"unix:{_folder.FullName}/missing/http.sock");

        var refused = Assert.Throws<ListenException>(() => ListenSocket.Open(address));

        Assert.Contains("mkdir -p", refused.Message);
    }

    [Fact]
    public void A_file_that_another_server_made_since_is_not_removed()
    {
        ListenSocket first = ListenSocket.Open(Address);
        File.Delete(SocketPath);
        using ListenSocket second = ListenSocket.Open(Address);

        first.Dispose();

        Connect().Dispose();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private void LeaveStaleFile()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
        socket.Listen();
        // Closing the handle leaves the file, like a killed process.
        socket.SafeHandle.Dispose();
        GC.SuppressFinalize(socket);
        Assert.True(Path.Exists(SocketPath));
    }
}
