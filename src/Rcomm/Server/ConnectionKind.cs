namespace Rcomm.Server;

/// <summary>The kinds of connections by their use of memory.</summary>
internal enum ConnectionKind
{
    /// <summary>Waits for its request outside Kestrel and is there only while it is answered.</summary>
    Waiting,

    /// <summary>Belongs to Kestrel from the start.</summary>
    Plain,

    /// <summary>As <see cref="Plain"/>, encrypted.</summary>
    Tls,
}
