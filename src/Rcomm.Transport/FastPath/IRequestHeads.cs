using System.Net;

namespace Rcomm.Transport.FastPath;

/// <summary>What happens to request heads that come in part. Called on the fast path's threads: nothing in it may wait.</summary>
public interface IRequestHeads
{
    /// <summary>How many bytes of a head are held until the rest comes; Kestrel has one that is longer.</summary>
    int MaxHeld { get; }

    /// <summary>Told of each client that was refused, since it did not send a whole head.</summary>
    /// <param name="status">What it was answered: 408 where it took too long, 400 where it ended its side.</param>
    /// <param name="client">Who it was; null on a Unix socket.</param>
    /// <param name="received">What had come of the head.</param>
    void Refused(int status, IPAddress? client, ReadOnlySpan<byte> received);
}
