using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Win32.SafeHandles;
using Rcomm.Site.Files;
using Rcomm.Site.Http;

namespace Rcomm.Site.Answers;

/// <summary>Answers with a file: whole, in part, or by saying that the client has it already.</summary>
internal sealed class FileAnswer(DocumentRoot root)
{
    private static readonly Task<bool> Sent = Task.FromResult(true);
    private static readonly StringValues VaryByEncoding = "Accept-Encoding";
    private static readonly StringValues Bytes = "bytes";

    /// <summary>Answers GET and HEAD. False where the file is no longer what it was, and nothing has been sent.</summary>
    public Task<bool> TrySendAsync(HttpContext context, StoredFile file)
    {
        IHeaderDictionary headers = context.Request.Headers;
        StringValues range = HttpMethods.IsGet(context.Request.Method) ? headers.Range : default;
        // A part of an encoded form would be of no use beside parts of the file as it is.
        Representation chosen = range.Count > 0 ? file.Identity : Choose(file, headers.AcceptEncoding);
        Describe(context.Response, file, chosen);

        switch (Conditions.Evaluate(headers, chosen.EntityTag.ToString(), file.Modified))
        {
            case PreconditionResult.NotModified:
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return Sent;
            case PreconditionResult.PreconditionFailed:
                context.Response.StatusCode = StatusCodes.Status412PreconditionFailed;
                context.Response.ContentLength = 0;
                return Sent;
        }

        long length = chosen.Stamp.Length;
        if (range.Count > 0 && Conditions.RangeHolds(headers, chosen.EntityTag.ToString(), file.Modified) && ByteRanges.Read(range, length) is { } ranges)
            return ranges.Count == 0 ? Unsatisfiable(context.Response, length) : PartialAnswer.TrySendAsync(context, ranges, file, root);
        return SendWholeAsync(context, chosen);
    }

    /// <summary>Answers with the whole file and a status that is no success, whatever the request's conditions. False as above.</summary>
    public Task<bool> TrySendErrorAsync(HttpContext context, int status, StoredFile file)
    {
        Representation chosen = Choose(file, context.Request.Headers.AcceptEncoding);
        context.Response.StatusCode = status;
        context.Response.ContentType = file.ContentType.ToString();
        context.Response.Headers.ContentEncoding = chosen.ContentEncoding;
        if (file.Encoded.Count > 0) context.Response.Headers.Vary = VaryByEncoding;
        return SendWholeAsync(context, chosen);
    }

    private static void Describe(HttpResponse response, StoredFile file, Representation chosen)
    {
        IHeaderDictionary headers = response.Headers;
        headers.ContentType = file.ContentType;
        headers.ETag = chosen.EntityTag;
        headers.LastModified = file.LastModified;
        headers.AcceptRanges = Bytes;
        if (file.CacheControl.Count > 0) headers.CacheControl = file.CacheControl;
        headers.ContentEncoding = chosen.ContentEncoding;
        if (file.Encoded.Count > 0) headers.Vary = VaryByEncoding;
    }

    private static Representation Choose(StoredFile file, StringValues accepted)
    {
        if (file.Encoded.Count == 0 || accepted.Count == 0) return file.Identity;
        foreach (ContentCoding coding in AcceptedCodings.Read(accepted))
            foreach (Representation form in file.Encoded)
                if (form.Coding == coding) return form;
        return file.Identity;
    }

    private Task<bool> SendWholeAsync(HttpContext context, Representation chosen)
    {
        if (chosen.Bytes is null) return chosen.IsMade ? MakeAndSendAsync(context, chosen) : StreamAsync(context, chosen);

        context.Response.ContentLength = chosen.Bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return Sent;
        ValueTask<FlushResult> written = context.Response.BodyWriter.WriteAsync(chosen.Bytes, context.RequestAborted);
        return written.IsCompletedSuccessfully ? Sent : WhenWritten(written);
    }

    private static async Task<bool> WhenWritten(ValueTask<FlushResult> written)
    {
        await written;
        return true;
    }

    private async Task<bool> MakeAndSendAsync(HttpContext context, Representation chosen)
    {
        try
        {
            await chosen.MakeAsync();
        }
        catch (IOException)
        {
            return false;
        }
        return await SendWholeAsync(context, chosen);
    }

    private async Task<bool> StreamAsync(HttpContext context, Representation chosen)
    {
        await ThreadPoolSwitch.SwitchAsync();
        Entry entry = root.Open(chosen.Path);
        using SafeFileHandle? handle = entry.Handle;
        if (handle is null || entry.Stamp != chosen.Stamp) return false;

        context.Response.ContentLength = entry.Stamp.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await FileCopy.SendAsync(context, handle, 0, entry.Stamp.Length);
        return true;
    }

    private static Task<bool> Unsatisfiable(HttpResponse response, long length)
    {
        response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
        response.Headers.ContentRange = $"bytes */{length}";
        response.ContentLength = 0;
        return Sent;
    }
}
