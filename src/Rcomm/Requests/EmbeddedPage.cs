using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>A page of the program's own, which needs nothing but itself and the data of its origin.</summary>
/// <param name="name">The name of the resource.</param>
internal sealed class EmbeddedPage(string name)
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";

    private readonly byte[] _page = Read(name);

    public Task SendAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = _page.Length;
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(_page).AsTask();
    }

    private static byte[] Read(string name)
    {
        using Stream page = typeof(EmbeddedPage).Assembly.GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        page.CopyTo(bytes);
        return bytes.ToArray();
    }
}
