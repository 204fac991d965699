using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sizing;

/// <summary>How many shards an address gets, as the operator asks for it: a number, or as many as the backlog takes.</summary>
public readonly record struct ShardCount
{
    /// <summary>The most shards an address may have; each has an accept loop on a thread of its own.</summary>
    public const int Max = 64;

    // The kernel spreads clients by a hash, so a shard's share of a burst is binomial: its deviation is below the root of the mean, and
    // four deviations above the mean one shard in 30,000 overflows.
    private const double Deviations = 4;

    private readonly int _count;

    private ShardCount(int count, bool isAuto) => (_count, IsAuto) = (count, isAuto);

    /// <summary>One socket, which shares its address with nobody.</summary>
    public static ShardCount One { get; } = new(1, isAuto: false);

    /// <summary>As many as it takes to hold the requested backlog, which is then that of all shards together.</summary>
    public static ShardCount Auto { get; } = new(1, isAuto: true);

    /// <summary>True when the backlog decides.</summary>
    public bool IsAuto { get; }

    /// <summary>So many shards, from 1 to <see cref="Max"/>; the requested backlog is then that of each.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of these bounds.</exception>
    public static ShardCount Of(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Max);
        return new(count, isAuto: false);
    }

    /// <summary>Reads a number from 1 to 64, or <c>auto</c>.</summary>
    /// <param name="text">What the operator wrote.</param>
    /// <param name="shards">The count; <see cref="One"/> where the text is none.</param>
    /// <param name="error">What is wrong with the text and what to write instead; null where nothing is.</param>
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

    /// <summary>How many shards, and the backlog to ask for in each.</summary>
    /// <param name="requested">The requested backlog: of each shard where the count was chosen, of all together where it is <see cref="Auto"/>.</param>
    public (int Count, Backlog Each) For(Backlog requested) => For(requested, SomaxConn.Here());

    /// <summary>The same for a cap; null where it is unknown, and then it is in nobody's way.</summary>
    internal (int Count, Backlog Each) For(Backlog requested, int? cap)
    {
        if (!IsAuto) return (_count, requested);
        if (requested.IsMax || requested.IsAuto || cap is not { } largest || requested.Connections <= largest) return (1, requested);

        int count = 2;
        while (count < Max && !Holds(requested.Connections / (double)count, largest)) count++;
        return (count, Backlog.Max);
    }

    /// <summary>The form an operator writes.</summary>
    public override string ToString() => IsAuto ? "auto" : _count.ToString(CultureInfo.InvariantCulture);

    private static bool Holds(double mean, int backlog) => mean + Deviations * Math.Sqrt(mean) <= backlog;
}
