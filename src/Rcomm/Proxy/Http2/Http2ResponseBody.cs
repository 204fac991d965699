using System.Buffers;
using Rcomm.Proxy.Bodies;

namespace Rcomm.Proxy.Http2;

/// <summary>The body of a response from .NET's client.</summary>
internal sealed class Http2ResponseBody(HttpResponseMessage response, Stream stream, UpstreamTimeout timeout) : IBodySource, IDisposable
{
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(BodyBuffer.BlockSize);

    public bool HasEnded { get; private set; }

    public ReadOnlySequence<byte> Current { get; private set; }

    public List<(string Name, string Value)>? Trailers { get; private set; }

    public async ValueTask<bool> NextAsync()
    {
        int count;
        try
        {
            count = await stream.ReadAsync(_block, timeout.Token);
        }
        catch (IOException e)
        {
            throw Http2Failures.InBody(e);
        }
        catch (OperationCanceledException e)
        {
            throw timeout.ReasonOf(e);
        }
        Current = new(_block, 0, count);
        if (count > 0) return true;
        HasEnded = true;
        Trailers = [.. response.TrailingHeaders.NonValidated.SelectMany(field => field.Value.Select(value => (field.Key, value)))];
        return false;
    }

    public void Consume() => Current = default;

    public void Expect(TimeSpan within) => timeout.Expect(within);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_block);
}
