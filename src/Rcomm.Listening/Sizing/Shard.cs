namespace Rcomm.Listening.Sizing;

/// <summary>One of several listening sockets that share an address (<c>SO_REUSEPORT</c>), each with its own queue.</summary>
/// <param name="Number">The number of the shard, from 1.</param>
/// <param name="Count">How many shards share the address.</param>
public readonly record struct Shard(int Number, int Count)
{
    /// <summary>Returns e.g. <c>shard 2 of 4</c>.</summary>
    public override string ToString() => $"shard {Number} of {Count}";
}
