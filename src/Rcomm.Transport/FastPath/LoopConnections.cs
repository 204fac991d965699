using System.Net;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Http;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.FastPath;

/// <summary>
/// The connections of one loop: what each waits for, and how it leaves, closed or handed over to Kestrel. Used by the loop's thread only.
/// </summary>
internal sealed class LoopConnections(int number, ConnectionTable table, EpollInstance epoll, KestrelPlaces places)
{
    private const int None = ConnectionList.None;
    private const int StatusBadRequest = 400, StatusTimeout = 408;

    private readonly WaitingConnections _waiting = new(table);

    public int Count => _waiting.Count;

    /// <summary>Whether a request waits for a place in Kestrel.</summary>
    public bool RequestsWait => _waiting.FirstRequest != None;

    public long HandedOver { get; private set; }

    /// <summary>Lists a connection as waiting for a request.</summary>
    public void Idle(int descriptor, long now) => _waiting.Idle(descriptor, now);

    /// <summary>Lists a connection as waiting for the rest of a request head.</summary>
    public void HoldHead(int descriptor, ReadOnlySpan<byte> received, long now) => _waiting.HoldHead(descriptor, received, now);

    /// <summary>Returns true if the connection is here and the loop reads its next bytes.</summary>
    public bool IsToRead(int descriptor) => table[descriptor].Place is not null && !_waiting.IsRequest(descriptor);

    /// <summary>Hands a connection to Kestrel, or holds its request until there is a place for it.</summary>
    public void HandOver(int descriptor, ReadOnlySpan<byte> received, long now)
    {
        // Requests that already wait go first.
        if (!RequestsWait && places.TryEnter())
        {
            HandOverNow(descriptor, received);
            return;
        }
        places.BeginWaiting();
        _waiting.HoldRequest(descriptor, received, now);
    }

    /// <summary>Hands waiting requests to Kestrel while it has places.</summary>
    public void HandOverWaiting()
    {
        while (RequestsWait && places.TryEnter()) HandOverNow(_waiting.FirstRequest, table[_waiting.FirstRequest].Held);
        if (RequestsWait) table[_waiting.FirstRequest].Listener!.RequestPlaces();
    }

    /// <summary>Releases a connection, which the caller then owns.</summary>
    public AcceptedConnection Release(int descriptor)
    {
        epoll.Remove(descriptor);
        return Detach(descriptor);
    }

    public void Close(int descriptor)
    {
        if (table[descriptor].Place is not { } place) return;
        Forget(descriptor);
        // Last, since the kernel reuses the number as soon as it is closed.
        _ = LibC.Close(descriptor);
        place.Leave();
    }

    /// <summary>Closes a connection whose client has closed its side.</summary>
    public void CloseEnded(int descriptor, ReadOnlySpan<byte> date)
    {
        if (_waiting.IsHead(descriptor)) Refuse(descriptor, StatusBadRequest, "400 Bad Request"u8, date);
        Close(descriptor);
    }

    /// <summary>Closes the connections whose timeout has passed.</summary>
    /// <param name="now">The time as <see cref="Environment.TickCount64"/>.</param>
    /// <param name="date">The date in the format of HTTP.</param>
    public void CloseExpired(long now, ReadOnlySpan<byte> date)
    {
        while (_waiting.NextExpired(now) is not None and int descriptor)
        {
            if (_waiting.IsHead(descriptor)) Refuse(descriptor, StatusTimeout, "408 Request Timeout"u8, date);
            Close(descriptor);
        }
    }

    /// <summary>Closes the longest-idle connections. Returns how many were closed.</summary>
    public int CloseLongestIdle(int max, long now)
    {
        int[] idle = _waiting.LongestIdle(max, now);
        foreach (int descriptor in idle) Close(descriptor);
        return idle.Length;
    }

    /// <summary>Closes the idle connections of a listener that has ended, and hands Kestrel those with a partial request.</summary>
    public void End(FastPathListener listener)
    {
        foreach (int descriptor in _waiting.Of(listener))
        {
            if (table[descriptor].Held is not { } held)
            {
                Close(descriptor);
                continue;
            }
            places.Enter();
            HandOverNow(descriptor, held);
        }
    }

    public void CloseAll()
    {
        foreach (int descriptor in _waiting.Of(listener: null)) Close(descriptor);
    }

    // The caller has taken a place in Kestrel.
    private void HandOverNow(int descriptor, ReadOnlySpan<byte> received)
    {
        HandedOver++;
        FastPathListener listener = table[descriptor].Listener!;
        AcceptedConnection accepted = Detach(descriptor);
        try
        {
            listener.HandOver(accepted, received, number, epoll);
        }
        catch (OutOfMemoryException)
        {
            accepted.Dispose();
            places.Leave();
        }
    }

    // Earlier answers have been sent, so this fits into the send buffer.
    private void Refuse(int descriptor, int status, ReadOnlySpan<byte> statusLine, ReadOnlySpan<byte> date)
    {
        _ = SocketCalls.SendLast(descriptor, RawResponse.Empty(statusLine, date));
        SocketCalls.EndSending(descriptor);
        ref FastPathConnection connection = ref table[descriptor];
        connection.Listener!.Heads!.Refused(status, (connection.Peer.ToEndPoint() as IPEndPoint)?.Address, connection.Held);
    }

    private AcceptedConnection Detach(int descriptor)
    {
        ref FastPathConnection connection = ref table[descriptor];
        OpenConnections place = connection.Place!;
        Forget(descriptor);
        place.NotServed();
        return new AcceptedConnection(descriptor, connection.Peer, place);
    }

    private void Forget(int descriptor)
    {
        ref FastPathConnection connection = ref table[descriptor];
        if (_waiting.IsRequest(descriptor)) places.EndWaiting();
        _waiting.Remove(descriptor);
        (connection.Place, connection.Listener, connection.Held) = (null, null, null);
    }
}
