using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Sizing;

/// <summary>
/// The requested backlog: how many connections may wait in a listen queue. <see cref="ListenSocket.EffectiveBacklog"/> is what the kernel keeps of
/// it.
/// </summary>
public readonly record struct Backlog
{
    private Backlog(int connections, bool isMax = false, bool isAuto = false) => (Connections, IsMax, IsAuto) = (connections, isMax, isAuto);

    /// <summary>Gets the default backlog of 128 connections.</summary>
    public static Backlog Default { get; } = new(128);

    /// <summary>Gets the maximum that the kernel's cap allows (<c>net.core.somaxconn</c> on Linux).</summary>
    public static Backlog Max { get; } = new(int.MaxValue, isMax: true);

    /// <summary>
    /// Gets an automatic backlog. It starts at 16,384 connections, or at the kernel's cap if that is lower, and doubles up to the cap when the queue
    /// is half full. It never shrinks by itself. It starts high because a burst arrives before anything can grow, and an empty slot costs nothing.
    /// </summary>
    public static Backlog Auto { get; } = AutoFrom(16_384);

    /// <summary>Gets the number passed to <c>listen(2)</c>, in connections; for <see cref="Auto"/> the one it starts with.</summary>
    public int Connections { get; }

    /// <summary>Gets whether the kernel's cap was requested, whatever it is.</summary>
    public bool IsMax { get; }

    /// <summary>Gets whether the backlog grows as the queue fills.</summary>
    public bool IsAuto { get; }

    /// <summary>Creates a backlog of a number of connections; 0 leaves the choice to the system (Linux keeps 0, which still admits one).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="connections"/> is negative.</exception>
    public static Backlog Of(int connections)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(connections);
        return new Backlog(connections);
    }

    /// <summary>Creates an automatic backlog that starts with a number of connections.</summary>
    internal static Backlog AutoFrom(int connections) => new(connections, isAuto: true);

    /// <summary>Parses a backlog as written in every setting: a whole number from 0 to 2147483647, <c>max</c> or <c>auto</c>.</summary>
    /// <param name="text">What the operator wrote.</param>
    /// <param name="backlog">The backlog; <see cref="Default"/> if the text isn't valid.</param>
    /// <param name="error">What is wrong with the text and what to write instead; null if it is valid.</param>
    public static bool TryParse(string? text, out Backlog backlog, [NotNullWhen(false)] out string? error)
    {
        text = text?.Trim() ?? "";
        backlog = Default;
        error = null;

        if (text.Equals("max", StringComparison.OrdinalIgnoreCase))
            backlog = Max;
        else if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
            backlog = Auto;
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int connections))
            backlog = Of(connections);
        else
            error = "a backlog is a whole number from 0 to 2147483647, max, or auto";

        return error is null;
    }

    /// <summary>Returns the operator's notation.</summary>
    public override string ToString() => IsMax ? "max" : IsAuto ? "auto" : Connections.ToString(CultureInfo.InvariantCulture);
}
