namespace Rcomm.Transport.Connections;

/// <summary>Whether an idle Kestrel connection goes back to the fast path.</summary>
internal enum IdlePolicy
{
    Keep,
    ReturnIfNeeded,
    Return,
}
