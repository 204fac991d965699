using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>Answers with a short text; for HEAD with its headers only.</summary>
internal static class TextAnswer
{
    public static Task SendAsync(HttpContext context, int status, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : BodyBytes.SendAsync(context, bytes).AsTask();
    }
}
