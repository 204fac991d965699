using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>Answers with a short text; for HEAD with its headers alone.</summary>
internal static class TextAnswer
{
    public static Task SendAsync(HttpContext context, int status, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
