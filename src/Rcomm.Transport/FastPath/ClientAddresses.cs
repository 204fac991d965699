using System.Net;
using Rcomm.Listening.Accepting;

namespace Rcomm.Transport.FastPath;

/// <summary>Caches recent client addresses as objects, so that a returning client causes no allocation. Used by one thread.</summary>
internal sealed class ClientAddresses
{
    private const int Kept = 1024;

    private readonly (PeerAddress Peer, IPAddress? Address)[] _known = new (PeerAddress, IPAddress?)[Kept];

    /// <summary>Returns the client's address; null for a Unix socket.</summary>
    public IPAddress? Find(in PeerAddress peer)
    {
        ReadOnlySpan<byte> ip = peer.Ip;
        if (ip.IsEmpty) return null;
        uint hash = 0;
        foreach (byte one in ip) hash = hash * 31 + one;
        ref (PeerAddress Peer, IPAddress? Address) known = ref _known[hash % Kept];
        if (known.Address is null || !known.Peer.Ip.SequenceEqual(ip)) known = (peer, (peer.ToEndPoint() as IPEndPoint)?.Address);
        return known.Address;
    }
}
