namespace Rcomm.Listening.Sizing;

/// <summary>One of several listening sockets that share an address (<c>SO_REUSEPORT</c>), each with a queue of its own.</summary>
/// <param name="Number">Which one, from 1.</param>
/// <param name="Count">How many share the address.</param>
public readonly record struct Shard(int Number, int Count)
{
    /// <summary><c>shard 2 of 4</c></summary>
    public override string ToString() => $"shard {Number} of {Count}";
}
