using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;

namespace Rcomm.Proxy.Http1;

/// <summary>The bytes of a connection to an upstream.</summary>
internal abstract class UpstreamTransport : IAsyncDisposable
{
    public abstract PipeReader Input { get; }

    public abstract PipeWriter Output { get; }

    /// <summary>True where the upstream has ended an idle connection, or sent something nobody asked for.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Tells the upstream that nothing more comes.</summary>
    public abstract ValueTask EndSendingAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A connection by .NET's sockets, with or without TLS.</summary>
internal sealed class StreamTransport(Socket socket, Stream stream) : UpstreamTransport
{
    private static readonly StreamPipeReaderOptions Reading = new(leaveOpen: true, bufferSize: 16 * 1024);
    private static readonly StreamPipeWriterOptions Writing = new(leaveOpen: true, minimumBufferSize: 16 * 1024);

    public override PipeReader Input { get; } = PipeReader.Create(stream, Reading);

    public override PipeWriter Output { get; } = PipeWriter.Create(stream, Writing);

    public override bool HasEnded => socket.Poll(0, SelectMode.SelectRead);

    public override async ValueTask EndSendingAsync()
    {
        if (stream is SslStream tls) await tls.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
    }

    public override async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        // With an error, or it would send what was not sent yet.
        await Output.CompleteAsync(new ObjectDisposedException(null));
        await stream.DisposeAsync();
    }
}
