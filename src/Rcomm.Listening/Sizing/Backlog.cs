using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Sizing;

/// <summary>
/// The requested backlog: how many connections may wait in a listen queue, as the operator asks for it.
/// What the kernel keeps of it is <see cref="ListenSocket.EffectiveBacklog"/>.
/// </summary>
public readonly record struct Backlog
{
    private Backlog(int connections, bool isMax = false, bool isAuto = false) => (Connections, IsMax, IsAuto) = (connections, isMax, isAuto);

    /// <summary>128 connections, what a server gets that does not choose.</summary>
    public static Backlog Default { get; } = new(128);

    /// <summary>As many as the kernel's cap allows (<c>net.core.somaxconn</c> on Linux).</summary>
    public static Backlog Max { get; } = new(int.MaxValue, isMax: true);

    /// <summary>
    /// Begins at 16,384 connections, or at the kernel's cap where that is less, and doubles up to the cap when the queue is half full; it
    /// never shrinks by itself. A burst comes before anything can grow, and an empty place in the queue costs nothing.
    /// </summary>
    public static Backlog Auto { get; } = AutoFrom(16_384);

    /// <summary>The number handed to <c>listen(2)</c>, in connections; for <see cref="Auto"/> the one it begins with.</summary>
    public int Connections { get; }

    /// <summary>True when the kernel's cap itself was asked for, whatever it is.</summary>
    public bool IsMax { get; }

    /// <summary>True when the backlog is to grow as the queue fills.</summary>
    public bool IsAuto { get; }

    /// <summary>A backlog of so many connections; 0 leaves the choice to the system (Linux keeps 0, which still admits one).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static Backlog Of(int connections)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(connections);
        return new Backlog(connections);
    }

    /// <summary>An automatic backlog that begins with so many.</summary>
    internal static Backlog AutoFrom(int connections) => new(connections, isAuto: true);

    /// <summary>Reads a backlog as every setting writes it: a whole number from 0 to 2147483647, <c>max</c> or <c>auto</c>.</summary>
    /// <param name="text">What the operator wrote.</param>
    /// <param name="backlog">The backlog; <see cref="Default"/> where the text is none.</param>
    /// <param name="error">What is wrong with the text and what to write instead; null where nothing is.</param>
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

    /// <summary>The form an operator writes.</summary>
    public override string ToString() => IsMax ? "max" : IsAuto ? "auto" : Connections.ToString(CultureInfo.InvariantCulture);
}
