using System.Net.Sockets;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>Accepts with poll(2) and accept4(2). Needs no thread-pool thread, and throws no exception for routine errors.</summary>
internal sealed class LinuxAcceptor : QueueAcceptor
{
    private readonly SafeSocketHandle _listener;
    private readonly DescriptorReserve _reserve;
    private readonly EventDescriptor _wake = new();
    private readonly PollDescriptor[] _descriptors = new PollDescriptor[2];
    private volatile bool _ended;

    public LinuxAcceptor(ListenSocket socket)
    {
        _listener = socket.Socket.SafeHandle;
        _reserve = new DescriptorReserve(_listener);
        _descriptors[0] = new PollDescriptor { Descriptor = (int)_wake.DangerousGetHandle(), Events = Poll.In };
        _descriptors[1] = new PollDescriptor { Descriptor = (int)_listener.DangerousGetHandle(), Events = Poll.In };
        // Connections inherit this option when their handshake ends, which may be before the loop starts.
        SocketCalls.DoNotDiscardAtClose((int)_listener.DangerousGetHandle());
    }

    public override void Start() => DescriptorLimit.GrowTable(_listener);

    public override void WaitForConnection()
    {
        _ = Poll.Wait(_descriptors, -1);
        WasInterrupted = _descriptors[0].ReturnedEvents != 0;
        if (!WasInterrupted || _ended) return;
        _wake.Reset();
        if (_ended) _wake.Signal();
    }

    public override void Backoff(TimeSpan time) => _ = Poll.Wait(_descriptors.AsSpan(0, 1), (int)time.TotalMilliseconds);

    public override AcceptResult Accept()
    {
        if (_reserve.IsReached()) return HasWaiting() ? new(AcceptOutcome.OutOfResources, Error: nameof(Errno.EMFILE)) : new(AcceptOutcome.QueueEmpty);

        PeerAddress peer = default;
        int descriptor = SocketCalls.Accept(_listener, peer);
        if (descriptor >= 0)
        {
            _reserve.Used(descriptor);
            return new(AcceptOutcome.Accepted, descriptor, peer);
        }

        return Failed(LibC.LastError);
    }

    public static AcceptResult Failed(Errno error) => new(Classify(error), Error: error.ToString());

    public override void Wake()
    {
        _ended = true;
        _wake.Signal();
    }

    /// <summary>Whether <see cref="Interrupt"/> or <see cref="Wake"/> ended the last wait.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>Ends the current wait, or else the next one. Can be called on any thread.</summary>
    public void Interrupt() => _wake.Signal();

    public override void Dispose() => _wake.Dispose();

    public override bool HasWaiting() => Poll.Wait(_descriptors.AsSpan(1, 1), 0) > 0;

    // accept(2), "Error handling": Linux reports pending network errors of the new connection; they mean "try the next one".
    private static AcceptOutcome Classify(Errno error) => error switch
    {
        Errno.EAGAIN => AcceptOutcome.QueueEmpty,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM => AcceptOutcome.OutOfResources,
        Errno.EINTR or Errno.ECONNABORTED or Errno.EPERM or Errno.EPROTO or Errno.ENOPROTOOPT or Errno.EOPNOTSUPP or Errno.ENETDOWN
            or Errno.ENETUNREACH or Errno.EHOSTDOWN or Errno.EHOSTUNREACH or Errno.ENONET => AcceptOutcome.TryNext,
        _ => AcceptOutcome.Broken,
    };
}
