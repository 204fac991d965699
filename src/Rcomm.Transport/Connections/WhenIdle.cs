namespace Rcomm.Transport.Connections;

/// <summary>Whether an idle connection of Kestrel's goes back to the fast path.</summary>
internal enum WhenIdle
{
    Stay,
    ReturnIfNeeded,
    Return,
}
