using System.Text;

namespace Rcomm.Soak;

/// <summary>Configuration files that must not stop a server: files that have done so in the past, then mutations of a valid file.</summary>
internal static class BrokenSettings
{
    private const string Valid =
        """{ "backlog": 4096, "site": { "redirects": [{ "from": "/old", "to": "/new" }], "headers": [{ "path": "/*", "set": { "X-Soak": "1" } }] } }""";

    private static readonly string[] Pieces =
        ["null", "\0", "\\u0000", "\\ud800", "{", "]", ",", "\"", "-1", "1e999", "\"set\":{\"X\":null},", "\"backlog\":1,"];

    private static readonly byte[][] Written =
    [
        .. new[]
        {
            "", "{", "null", "[]", "{ \"backlog\": }", "{ \"backlog\": null }", "{ \"backlog\": [4096] }", "{ \"backlog\": \"lots\" }",
            "{ \"backlog\": 1e999 }",
            "{ \"backlog\": 4096, \"backlog\": 4096 }", "{ \"site\": {}, \"site\": {} }", "{ \"site\": null }", "{ \"hosts\": null }",
            "{ \"hosts\": { \"a\": null } }",
            "{ \"hosts\": { \"a\": {}, \"a\": {} } }", "{ \"site\": { \"headers\": [null] } }",
            "{ \"site\": { \"headers\": [{ \"path\": \"/*\", \"set\": { \"X\": null } }] } }", "{ \"allow\": [null] }", "{ \"listen\": [null] }",
            "{ \"documentRoot\": \"\" }", "{ \"documentRoot\": \"/tmp/\\u0000\" }",
            "{ \"accessLog\": \"\\ud800\" }", "{ \"\\udc00\": 1 }", "{ \"htpasswd\": \"\\ud800\\u0000\" }", "\0", "{ \"backlog\": 4096 }\0",
            new string('[', 100_000),
        }.Select(Encoding.UTF8.GetBytes),
        // A lone surrogate as bytes, which UTF-8 cannot have; a file of UTF-16.
        [.. "{ \"documentRoot\": \""u8, 0xED, 0xA0, 0x80, .. "\" }"u8],
        Encoding.Unicode.GetBytes(Valid),
    ];

    /// <summary>The file of a round; the same in each run.</summary>
    public static byte[] At(int turn) => turn < Written.Length ? Written[turn] : Mutated(new Random(turn));

    private static byte[] Mutated(Random random)
    {
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(Valid)];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(at, random.Next(bytes.Count - at))); break;
                default: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
            }
        }
        return [.. bytes];
    }
}
