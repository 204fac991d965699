using System.Runtime.CompilerServices;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine;

/// <summary>Opens a connection: socket(2), bind(2) if there is a source address, connect(2).</summary>
internal static class Opening
{
    /// <param name="run">The target and the sources.</param>
    /// <param name="descriptor">The new descriptor, also if this throws after it was opened; -1 if there is none.</param>
    /// <returns><see cref="Errno.None"/> if the connection is in progress; otherwise the immediate error.</returns>
    /// <exception cref="BurstException">This machine refused it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Errno Begin(BurstRun run, out int descriptor)
    {
        descriptor = SocketCalls.Open(run.Family);
        if (descriptor < 0) throw LocalFailure.Of(LibC.LastError, "socket");
        if (descriptor > run.MaxDescriptor) throw LocalFailure.Of(Errno.EMFILE, "socket");
        if (run.NextSource() is { } source && SocketCalls.BindAddress(descriptor, source.Native) != 0)
            throw LocalFailure.OfBind(LibC.LastError, source.Address);

        Errno error = SocketCalls.Connect(descriptor, run.Address) == 0 ? Errno.None : LibC.LastError;
        return error switch
        {
            Errno.None or Errno.EINPROGRESS or Errno.EINTR => Errno.None,
            Errno.EAGAIN when run.IsUnix => error,
            Errno.ECONNREFUSED or Errno.ECONNRESET => error,
            _ => throw LocalFailure.OfConnect(error, run.Plan.Target, run.SourceCount),
        };
    }
}
