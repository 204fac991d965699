namespace Rcomm.Http.AccessLogging;

/// <summary>Where a <see cref="LineWriter"/>'s lines go. Used by its thread alone, but for <see cref="Reopen"/>.</summary>
internal abstract class LineOutput : IDisposable
{
    /// <summary>Writes whole lines; returns how many of them are lost.</summary>
    public abstract int Write(ReadOnlySpan<byte> lines);

    /// <summary>Has a file reopened before the next write: it was moved away. May be called from any thread.</summary>
    public virtual void Reopen()
    {
    }

    public abstract void Dispose();
}
