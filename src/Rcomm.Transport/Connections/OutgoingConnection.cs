using System.Net;
using System.Runtime.InteropServices;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Linux;
using Rcomm.Transport.Loop;

namespace Rcomm.Transport.Connections;

/// <summary>A connection that this process opened, on one of its event loops.</summary>
internal sealed class OutgoingConnection : EpollConnection, IOutgoingConnection
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OutgoingConnection(int descriptor, EventLoop loop, EpollTransport transport)
        : base(new AcceptedConnection(descriptor, default, null), null, loop, transport, null) => IsKept = true;

    protected override bool Lingers => false;

    /// <summary>Connects without blocking a thread (connect(2), EINPROGRESS).</summary>
    public static async Task<IOutgoingConnection> OpenAsync(EndPoint endPoint, EventLoop loop, EpollTransport transport, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> address = AddressOf(endPoint);
        int descriptor = SocketCalls.Open(MemoryMarshal.Read<ushort>(address.Span));
        if (descriptor < 0) throw Failed(LibC.LastError);

        // Unix sockets don't have this option; the error is ignored.
        _ = SocketOption.NoDelay.Set(descriptor, 1);
        var connection = new OutgoingConnection(descriptor, loop, transport);
        try
        {
            Errno error = SocketCalls.Connect(descriptor, address.Span) == 0 ? Errno.None : LibC.LastError;
            if (error == Errno.EINPROGRESS)
            {
                connection.WatchWriting();
                await connection._opened.Task.WaitAsync(cancellationToken);
                error = SocketOption.TakeError(descriptor);
            }
            return error == Errno.None ? connection : throw Failed(error);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override void OnEvents(EpollEvents events)
    {
        if (!_opened.Task.IsCompleted && (events & (EpollEvents.Out | EpollEvents.Error | EpollEvents.HangUp)) != 0) _opened.TrySetResult();
        base.OnEvents(events);
    }

    public bool IsOver(bool isExact) => HasEnded || Reader.HasArrived(isExact);

    public ValueTask EndSendingAsync()
    {
        SocketCalls.EndSending(Handle);
        return default;
    }

    public override ValueTask DisposeAsync()
    {
        // Unsent data is discarded.
        Writer.Complete(new ObjectDisposedException(null));
        return base.DisposeAsync();
    }

    private static ReadOnlyMemory<byte> AddressOf(EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Buffer[..address.Size];
    }

    private static IOException Failed(Errno error) => new(Marshal.GetPInvokeErrorMessage((int)error));
}
