using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Site;

/// <summary>Sends a file, or a short text, with its type and length; for HEAD the headers alone.</summary>
internal static class FileResponse
{
    private const int ChunkSize = 64 * 1024;

    public static async Task SendAsync(HttpContext context, int status, Route.ToFile file)
    {
        using var handle = file.Entry.Handle!;
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = ContentTypes.Of(file.Name);
        response.ContentLength = file.Entry.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return;

        PipeWriter body = response.BodyWriter;
        for (long sent = 0; sent < file.Entry.Length;)
        {
            int wanted = (int)Math.Min(ChunkSize, file.Entry.Length - sent);
            int read = RandomAccess.Read(handle, body.GetMemory(wanted).Span[..wanted], sent);
            if (read == 0)
            {
                // The file was cut short while it was sent: the promised length cannot be kept, and the client must notice.
                context.Abort();
                return;
            }
            body.Advance(read);
            sent += read;
            FlushResult flushed = await body.FlushAsync(context.RequestAborted);
            if (flushed.IsCompleted) return;
        }
    }

    public static Task SendTextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
