namespace Rcomm.Http.AccessLogging;

/// <summary>The output of a <see cref="LineWriter"/>. Used only by its thread, except for <see cref="Reopen"/>.</summary>
internal abstract class LineOutput : IDisposable
{
    /// <summary>Writes complete lines. Returns how many were lost.</summary>
    public abstract int Write(ReadOnlySpan<byte> lines);

    /// <summary>Reopens a file before the next write, after it was moved. Can be called on any thread.</summary>
    public virtual void Reopen()
    {
    }

    public abstract void Dispose();
}
