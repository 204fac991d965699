namespace Rcomm.Burst;

/// <summary>Why a burst could not be run. None of these is the server's fault.</summary>
public enum BurstFailure
{
    /// <summary>The plan isn't valid: a URL that cannot be used, a number out of its bounds, a source that does not fit.</summary>
    BadPlan,

    /// <summary>The host's name does not resolve.</summary>
    NameNotFound,

    /// <summary>The limit of open files is too low for the connections asked for (<c>EMFILE</c>, <c>ENFILE</c>).</summary>
    FileLimit,

    /// <summary>The local ports ran out (<c>EADDRNOTAVAIL</c> from <c>connect</c>).</summary>
    PortsExhausted,

    /// <summary>A source address that this machine does not have.</summary>
    SourceNotAvailable,

    /// <summary>This machine has no route to the target, or forbids it.</summary>
    NoRoute,

    /// <summary>Another refusal of this machine's kernel; the message names it.</summary>
    System,
}

/// <summary>A burst could not be run, or had to stop, for a reason on this side. The message says what to do.</summary>
public sealed class BurstException : Exception
{
    internal BurstException(BurstFailure failure, string message) : base(message) => Failure = failure;

    /// <summary>Why.</summary>
    public BurstFailure Failure { get; }
}
