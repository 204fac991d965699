using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Win32.SafeHandles;
using Rcomm.Requests;
using Rcomm.Site.FastPath;
using Rcomm.Site.Files;
using Rcomm.Site.Http;

namespace Rcomm.Site.Answers;

/// <summary>Answers with a file: whole, in part, or as not modified.</summary>
/// <param name="ready">The fast path's table for answers; null for none.</param>
internal sealed class FileAnswer(DocumentRoot root, FileStore store, ReadyTable? ready)
{
    // Kestrel's Date is up to a second late, and Last-Modified must not be later than Date (RFC 9110, section 8.8.2.1).
    private static readonly TimeSpan DateLag = TimeSpan.FromSeconds(2);
    private static readonly Task<bool> Sent = Task.FromResult(true);
    private static readonly StringValues VaryByEncoding = "Accept-Encoding";
    private static readonly StringValues Bytes = "bytes";

    /// <summary>Answers GET and HEAD. Returns false, with nothing sent, if the file has changed.</summary>
    /// <param name="handle">The file if it is open; otherwise it is opened unless its bytes are kept in memory.</param>
    public Task<bool> TrySendAsync(HttpContext context, FoundFile found, SafeFileHandle? handle)
    {
        StoredFile file = found.File;
        IHeaderDictionary headers = context.Request.Headers;
        StringValues range = HttpMethods.IsGet(context.Request.Method) ? headers.Range : default;
        // Parts of an encoded form would be useless to a client that has parts of the file itself.
        Representation chosen = range.Count > 0 ? file.Identity : Choose(file, headers.AcceptEncoding);

        switch (Conditions.Evaluate(headers, chosen.EntityTag, file.Modified))
        {
            case PreconditionResult.NotModified:
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                SetValidators(context.Response.Headers, found, chosen);
                ready?.Offer(context, default, store, found);
                return Sent;
            case PreconditionResult.PreconditionFailed:
                context.Response.StatusCode = StatusCodes.Status412PreconditionFailed;
                context.Response.ContentLength = 0;
                return Sent;
        }

        long length = chosen.Stamp.Length;
        if (range.Count > 0 && Conditions.RangeHolds(headers, chosen.EntityTag, file.Modified) && ByteRanges.Read(range, length) is { } ranges)
            return ranges.Count == 0 ? Unsatisfiable(context.Response, length) : SendPartsAsync(context, found, ranges, handle);
        if (chosen.IsMade && chosen.Bytes is null) return EncodeAndSendAsync(context, found, chosen, handle);
        Describe(context.Response.Headers, found, chosen);
        Publish(context, found, chosen);
        return SendWholeAsync(context, chosen, handle);
    }

    /// <summary>Answers with the whole file and the status of an error, regardless of the request's conditions. Returns false as above.</summary>
    public async Task<bool> TrySendErrorAsync(HttpContext context, int status, FoundFile page, SafeFileHandle? handle, FileDependencies? dependencies)
    {
        StoredFile file = page.File;
        Representation chosen = Choose(file, context.Request.Headers.AcceptEncoding);
        if (chosen.IsMade && chosen.Bytes is null) chosen = await EncodedOrIdentityAsync(file, chosen);
        context.Response.StatusCode = status;
        context.Response.Headers.ContentType = file.ContentType;
        context.Response.Headers.ContentEncoding = chosen.ContentEncoding;
        if (file.Encoded.Count > 0) context.Response.Headers.Vary = VaryByEncoding;
        if (dependencies is not null && chosen.Bytes is { } bytes) ready?.Offer(context, bytes, dependencies, store, page);
        return await SendWholeAsync(context, chosen, handle);
    }

    private static void Describe(IHeaderDictionary headers, FoundFile found, Representation chosen)
    {
        SetValidators(headers, found, chosen);
        headers.ContentType = found.File.ContentType;
        headers.ContentEncoding = chosen.ContentEncoding;
        headers.AcceptRanges = Bytes;
    }

    // A 304 has these headers too (RFC 9110, section 15.4.5).
    private static void SetValidators(IHeaderDictionary headers, FoundFile found, Representation chosen)
    {
        headers.ETag = chosen.EntityTag.Header;
        headers.LastModified = found.File.LastModified;
        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (found.File.Modified > now - DateLag)
        {
            headers.Date = now.ToString("R");
            if (found.File.Modified > now) headers.LastModified = headers.Date;
        }
        if (found.CacheControl.Count > 0) headers.CacheControl = found.CacheControl;
        if (found.File.Encoded.Count > 0) headers.Vary = VaryByEncoding;
    }

    private static Representation Choose(StoredFile file, StringValues accepted)
    {
        if (file.Encoded.Count == 0 || accepted.Count == 0) return file.Identity;
        foreach (ContentCoding coding in AcceptedCodings.Read(accepted))
            foreach (Representation form in file.Encoded)
                if (form.Coding == coding && form.IsOffered) return form;
        return file.Identity;
    }

    private Task<bool> SendWholeAsync(HttpContext context, Representation chosen, SafeFileHandle? handle)
    {
        context.Response.ContentLength = chosen.Bytes?.Length ?? chosen.Stamp.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return Sent;
        if (chosen.Bytes is null) return FromFileAsync(chosen, handle, opened => FileCopy.SendAsync(context, opened, 0, chosen.Stamp.Length));

        ValueTask sent = BodyBytes.SendAsync(context, chosen.Bytes);
        return sent.IsCompletedSuccessfully ? Sent : WhenSentAsync(sent);
    }

    private void Publish(HttpContext context, FoundFile found, Representation chosen)
    {
        if (chosen.Bytes is { } bytes) ready?.Offer(context, HttpMethods.IsHead(context.Request.Method) ? default : bytes, store, found);
    }

    private static async Task<bool> WhenSentAsync(ValueTask sent)
    {
        await sent;
        return true;
    }

    private async Task<bool> EncodeAndSendAsync(HttpContext context, FoundFile found, Representation chosen, SafeFileHandle? handle)
    {
        chosen = await EncodedOrIdentityAsync(found.File, chosen);
        Describe(context.Response.Headers, found, chosen);
        Publish(context, found, chosen);
        return await SendWholeAsync(context, chosen, handle);
    }

    // If encoding fails, the file is sent as it is.
    private async Task<Representation> EncodedOrIdentityAsync(StoredFile file, Representation form)
    {
        try
        {
            await store.EncodeAsync(file, form);
        }
        catch (IOException)
        {
        }
        return form.Bytes is null ? file.Identity : form;
    }

    private Task<bool> SendPartsAsync(HttpContext context, FoundFile found, IReadOnlyList<ByteRange> ranges, SafeFileHandle? handle)
    {
        Describe(context.Response.Headers, found, found.File.Identity);
        return FromFileAsync(found.File.Identity, handle, opened => PartialAnswer.SendAsync(context, ranges, opened, found.File));
    }

    // Uses the open handle; otherwise the file is opened again and may have changed. Its stamp was just read, so opening it doesn't wait for a disk.
    private async Task<bool> FromFileAsync(Representation chosen, SafeFileHandle? handle, Func<SafeFileHandle, Task> send)
    {
        if (handle is not null && chosen.Coding == ContentCoding.Identity)
        {
            await send(handle);
            return true;
        }
        Entry entry = root.Open(chosen.Path);
        using SafeFileHandle? opened = entry.Handle;
        if (opened is null || entry.Stamp != chosen.Stamp) return false;
        await send(opened);
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
