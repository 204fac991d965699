using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// Accepts with a multishot accept of io_uring: the kernel accepts on its own, even while the thread does something else, and connections wait in the
/// ring. Near the connection limit or the limit of descriptors, and while another process shares the socket, connections are accepted one by one, as
/// by <see cref="LinuxAcceptor"/>.
/// </summary>
internal sealed class IoUringAcceptor : QueueAcceptor
{
    private const ulong Key = 1;
    // More room is requested once an eighth of it is used.
    private const int RoomSteps = 8;
    private const int MinReadsBetweenAsking = 64;
    // The loop's thread may get no processor time; waiting threads then continue.
    private static readonly TimeSpan RecallTimeout = TimeSpan.FromSeconds(1);

    private readonly ListenSocket _socket;
    private readonly LinuxAcceptor _oneByOne;
    private readonly AcceptAhead _ahead;
    private readonly int _capacity;
    private readonly Lock _arming = new();
    private IoUring _ring;
    // True from the submission until its last completion is read. The loop's thread sets it under the lock.
    private volatile bool _isArmed;
    private volatile bool _ended;
    private int _readsUntilAsking;

    private IoUringAcceptor(ListenSocket socket, ConnectionLimit? limit, IoUring ring, int capacity)
    {
        (_socket, _ring, _capacity) = (socket, ring, capacity);
        _oneByOne = new LinuxAcceptor(socket);
        _ahead = new AcceptAhead(limit, TryRecall);
        socket.HandoverChanged += OnHandoverChanged;
    }

    /// <summary>Creates an acceptor. Returns null if the kernel doesn't support this, or the limits leave too little room to accept ahead.</summary>
    public static IoUringAcceptor? TryCreate(ListenSocket socket, ConnectionLimit? limit)
    {
        int capacity = Math.Min(AcceptAhead.MaxOf(limit), IoUring.MaxCompletions);
        return capacity >= AcceptAhead.Min && IoUring.TryOpen(capacity, out _) is { } ring ? new(socket, limit, ring, capacity) : null;
    }

    public override int? Ahead => _ring.Ready is > 0 and int ready ? ready : _ring.HasLast ? 1 : _isArmed ? 0 : null;

    public override AheadReading ReadAhead()
    {
        (int ready, int room) = Volatile.Read(ref _ring).ReadFromElsewhere();
        return new(ready, _isArmed ? room : 0);
    }

    public override void Start() => _oneByOne.Start();

    public override void WaitForConnection()
    {
        if (_ring.Ready > 0) return;
        if (!_isArmed && !TryArm())
        {
            _oneByOne.WaitForConnection();
            if (_oneByOne.WasInterrupted) TryArm();
            return;
        }
        AskForRoom();
        if (_ring.Ready > 0) return;
        if (_ring.Room == 0 && !_ring.HasLast)
        {
            // All allowed connections have been accepted. The cancelled accept ends with one more completion.
            TryRecall();
            if (!_ring.HasLast) _ring.AddRoom(1);
        }
        _ring.WaitForMore();
    }

    public override void Backoff(TimeSpan time) => _oneByOne.Backoff(time);

    public override AcceptResult Accept()
    {
        bool hadCompletion = false;
        while (_ring.TryRead(out CompletionEntry completion))
        {
            hadCompletion = true;
            bool accepted = completion.Result >= 0;
            if (accepted) _ahead.Use();
            if (!completion.HasMore) Disarm();
            if (accepted) return Accepted(completion.Result);
            if (completion.Result != -(int)Errno.ECANCELED) return LinuxAcceptor.Failed((Errno)(-completion.Result));
        }
        if (hadCompletion) return new(AcceptOutcome.TryNext);
        return _isArmed ? new(AcceptOutcome.QueueEmpty) : _oneByOne.Accept();
    }

    public override void StopAhead()
    {
        _ended = true;
        TryRecall();
        while (_isArmed && !_ring.HasLast)
        {
            if (_ring.Room == 0 && _ring.Ready < _ring.Capacity) _ring.AddRoom(1);
            _ring.WaitForMore();
        }
    }

    public override void Wake()
    {
        _ended = true;
        TryRecall();
        _oneByOne.Wake();
    }

    public override bool HasWaiting() => _ring.Ready > 0 || _oneByOne.HasWaiting();

    public override void Dispose()
    {
        _socket.HandoverChanged -= OnHandoverChanged;
        _ahead.Dispose();
        _ring.Dispose();
        _oneByOne.Dispose();
    }

    // Not while another process shares the socket. Of several multishot accepts on it, the kernel wakes only one for each connection, even if that
    // process is suspended.
    private bool TryArm()
    {
        lock (_arming)
        {
            if (_ended || _socket.IsInHandover || _ahead.Hold(_capacity) is not (> 0 and int held) || !TryGiveRoom(held - 1))
            {
                _ahead.Return();
                return false;
            }
            var accept = new SubmissionEntry
            {
                Operation = SubmissionEntry.Accept,
                Priority = SubmissionEntry.AcceptMultishot,
                Descriptor = (int)_socket.Socket.SafeHandle.DangerousGetHandle(),
                AcceptFlags = LibC.CloseOnExec,
                Key = Key,
            };
            _isArmed = _ring.TrySubmit(accept);
            if (!_isArmed) _ahead.Return();
            _readsUntilAsking = Math.Max(held / RoomSteps, MinReadsBetweenAsking);
            return _isArmed;
        }
    }

    // Room in a ring can't be taken back; if there is too much, open a new ring.
    private bool TryGiveRoom(int room)
    {
        if (_ring.Room > room)
        {
            if (IoUring.TryOpen(_capacity, out _) is not { } another) return false;
            IoUring former = _ring;
            Volatile.Write(ref _ring, another);
            former.Dispose();
        }
        _ring.AddRoom(room - _ring.Room);
        return true;
    }

    private void AskForRoom()
    {
        if (_readsUntilAsking > 0 && _ring.Room > 0) return;
        int more = _ahead.Hold(_ring.Capacity - _ring.Ready - _ring.Room);
        if (more > 0) _ring.AddRoom(more);
        _readsUntilAsking = Math.Max(_ring.Room / RoomSteps, MinReadsBetweenAsking);
    }

    private void Disarm()
    {
        lock (_arming) _isArmed = false;
        _ahead.Return();
    }

    private AcceptResult Accepted(int descriptor)
    {
        if (--_readsUntilAsking == 0 && _isArmed) AskForRoom();
        PeerAddress peer = default;
        if (SocketNames.TryReadPeer(descriptor, peer)) return new(AcceptOutcome.Accepted, descriptor, peer);
        // The client has closed the connection, and its address can no longer be read.
        _ = LibC.Close(descriptor);
        _ahead.ReleaseUsed();
        return LinuxAcceptor.Failed(Errno.ECONNABORTED);
    }

    private bool TryRecall()
    {
        lock (_arming)
        {
            if (_isArmed) _ring.Cancel(Key);
            return _isArmed;
        }
    }

    private void OnHandoverChanged()
    {
        if (!_socket.IsInHandover) _oneByOne.Interrupt();
        else if (TryRecall()) _ = SpinWait.SpinUntil(() => !_isArmed, RecallTimeout);
    }
}
