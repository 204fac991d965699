using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy.Http1;

/// <summary>A connection on .NET's sockets: for TLS, and if there are no event loops.</summary>
internal sealed class SocketConnection(Socket socket, Stream stream) : IOutgoingConnection
{
    private static readonly StreamPipeReaderOptions Reading = new(leaveOpen: true, bufferSize: 16 * 1024);
    private static readonly StreamPipeWriterOptions Writing = new(leaveOpen: true, minimumBufferSize: 16 * 1024);

    public Stream Stream => stream;

    public PipeReader Input { get; } = PipeReader.Create(stream, Reading);

    public PipeWriter Output { get; } = PipeWriter.Create(stream, Writing);

    public bool IsOver(bool isExact) => socket.Poll(0, SelectMode.SelectRead);

    public async ValueTask EndSendingAsync()
    {
        if (stream is SslStream tls) await tls.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
    }

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        // With an error, so that unsent data is discarded.
        await Output.CompleteAsync(new ObjectDisposedException(null));
        await stream.DisposeAsync();
    }
}
