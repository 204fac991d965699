using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;
using Rcomm.Requests;
using Rcomm.Site.Files;
using Rcomm.Site.Http;

namespace Rcomm.Site.Answers;

/// <summary>Answers with parts of a file (RFC 9110, section 15.3.7): one directly, several as <c>multipart/byteranges</c>.</summary>
internal static class PartialAnswer
{
    public static async Task SendAsync(HttpContext context, IReadOnlyList<ByteRange> ranges, SafeFileHandle handle, StoredFile file)
    {
        long length = file.Identity.Stamp.Length;
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        if (ranges is [ByteRange only])
        {
            context.Response.Headers.ContentRange = ContentRange(only, length);
            context.Response.ContentLength = only.Length;
            await FileCopy.SendAsync(context, handle, only.First, only.Length);
        }
        else await SendSeveralAsync(context, ranges, handle, file.ContentType.ToString(), length);
    }

    private static async Task SendSeveralAsync(HttpContext context, IReadOnlyList<ByteRange> ranges, SafeFileHandle handle, string type, long length)
    {
        // Random, so that no file can contain it on purpose.
        string boundary = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        List<byte[]> heads = [.. ranges.Select(
            range => Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: {type}\r\nContent-Range: {ContentRange(range, length)}\r\n\r\n"))];
        byte[] end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        context.Response.ContentType = $"multipart/byteranges; boundary={boundary}";
        context.Response.ContentLength = heads.Sum(head => head.Length) + ranges.Sum(range => range.Length) + end.Length;
        for (int i = 0; i < ranges.Count; i++)
        {
            await BodyBytes.SendCountedAsync(context, heads[i]);
            await FileCopy.SendAsync(context, handle, ranges[i].First, ranges[i].Length);
        }
        await BodyBytes.SendCountedAsync(context, end);
    }

    private static string ContentRange(ByteRange range, long length) => $"bytes {range.First}-{range.Last}/{length}";
}
