namespace Rcomm.Server;

/// <summary>What a connection takes of memory, by what it is.</summary>
internal enum ConnectionKind
{
    /// <summary>It waits for its request outside Kestrel, and only its answer takes place there.</summary>
    Waiting,

    /// <summary>Kestrel has it from its first moment on.</summary>
    Plain,

    /// <summary>As <see cref="Plain"/>, encrypted.</summary>
    Tls,
}
