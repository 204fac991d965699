using System.Net;

namespace Rcomm.Transport.FastPath;

/// <summary>Handles partial request heads. Called on the fast path's threads, so no member may block.</summary>
public interface IRequestHeads
{
    /// <summary>Gets how many bytes of a head are held until it is complete. A longer head is handed to Kestrel.</summary>
    int MaxHeld { get; }

    /// <summary>Called for each client that was refused because it did not send a complete head.</summary>
    /// <param name="status">The status it was sent: 408 if it took too long, 400 if it closed its side.</param>
    /// <param name="client">The client's address; null for a Unix socket.</param>
    /// <param name="received">The bytes received of the head.</param>
    void Refused(int status, IPAddress? client, ReadOnlySpan<byte> received);
}
