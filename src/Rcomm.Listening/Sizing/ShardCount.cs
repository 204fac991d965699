using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sizing;

/// <summary>The requested number of shards of an address: a number, or as many as the backlog needs.</summary>
public readonly record struct ShardCount
{
    /// <summary>The maximum number of shards of an address; each has an accept loop on its own thread.</summary>
    public const int Max = 64;

    // The kernel spreads clients by a hash, so a shard's share of a burst is binomial and its standard deviation is below the square root of the
    // mean. Four deviations above the mean, one shard in 30,000 overflows.
    private const double Deviations = 4;

    private readonly int _count;

    private ShardCount(int count, bool isAuto) => (_count, IsAuto) = (count, isAuto);

    /// <summary>Gets a single socket, without shards.</summary>
    public static ShardCount One { get; } = new(1, isAuto: false);

    /// <summary>Gets as many shards as needed to hold the requested backlog, which is then that of all shards together.</summary>
    public static ShardCount Auto { get; } = new(1, isAuto: true);

    /// <summary>Gets whether the backlog determines the number.</summary>
    public bool IsAuto { get; }

    /// <summary>Creates a number of shards, from 1 to <see cref="Max"/>; each then gets the requested backlog.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    public static ShardCount Of(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Max);
        return new(count, isAuto: false);
    }

    /// <summary>Parses a number from 1 to 64, or <c>auto</c>.</summary>
    /// <param name="text">What the operator wrote.</param>
    /// <param name="shards">The count; <see cref="One"/> if the text isn't valid.</param>
    /// <param name="error">What is wrong with the text and what to write instead; null if it is valid.</param>
    public static bool TryParse(string? text, out ShardCount shards, [NotNullWhen(false)] out string? error)
    {
        text = text?.Trim() ?? "";
        shards = One;
        error = null;
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase)) shards = Auto;
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Max) shards = Of(count);
        else error = $"the number of shards is a whole number from 1 to {Max}, or auto";
        return error is null;
    }

    /// <summary>Returns the number of shards, and the backlog to request for each.</summary>
    /// <param name="requested">The requested backlog: that of each shard, or of all together for <see cref="Auto"/>.</param>
    public (int Count, Backlog Each) For(Backlog requested) => For(requested, SomaxConn.Here());

    /// <summary>Returns the same for a given cap; null if it is unknown and thus doesn't limit anything.</summary>
    internal (int Count, Backlog Each) For(Backlog requested, int? cap)
    {
        if (!IsAuto) return (_count, requested);
        if (requested.IsMax || requested.IsAuto || cap is not { } largest || requested.Connections <= largest) return (1, requested);

        int count = 2;
        while (count < Max && !Holds(requested.Connections / (double)count, largest)) count++;
        return (count, Backlog.Max);
    }

    /// <summary>Returns the operator's notation.</summary>
    public override string ToString() => IsAuto ? "auto" : _count.ToString(CultureInfo.InvariantCulture);

    private static bool Holds(double mean, int backlog) => mean + Deviations * Math.Sqrt(mean) <= backlog;
}
