using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;

namespace Rcomm.Listening.Sockets;

/// <summary>Opens the listening sockets that share one address (<c>SO_REUSEPORT</c>): all or none.</summary>
internal static class ShardOpening
{
    /// <summary>See <see cref="ListenSocket.OpenShards"/>.</summary>
    public static IReadOnlyList<ListenSocket> Open(
        ListenAddress address, int count, ListenSocketOptions options, IReadOnlyList<SafeSocketHandle> taken)
    {
        if (taken.Count <= 1 && (count == 1 || address.IsUnix))
            return [taken is [var only] ? ListenSocket.Borrow(only, address, options) : ListenSocket.Open(address, options)];

        count = Math.Max(count, taken.Count);
        List<ListenSocket> shards = [];
        try
        {
            for (int number = 1; number <= count; number++)
            {
                var shard = new Shard(number, count);
                // If the system chooses the port, the first socket has it.
                ListenAddress shared = shards.Count == 0 ? address : shards[0].Address;
                shards.Add(number <= taken.Count ? Take(shard, shared, options, taken[number - 1]) : OpenOne(shard, shared, options));
            }
            return shards;
        }
        catch
        {
            foreach (ListenSocket shard in shards) shard.Dispose();
            throw;
        }
    }

    private static ListenSocket OpenOne(Shard shard, ListenAddress address, ListenSocketOptions options)
    {
        SharedAddress shared = shard.Number == 1 ? SharedAddress.First : SharedAddress.Joined;
        return ListenSocket.Opened(SocketOpening.Open(address, options, shared), options, shard);
    }

    private static ListenSocket Take(Shard shard, ListenAddress address, ListenSocketOptions options, SafeSocketHandle taken)
    {
        ListenSocket borrowed = ListenSocket.Borrow(taken, address, options, shard);
        SocketSetup.ShareAddress(borrowed.Socket, address);
        return borrowed;
    }
}
