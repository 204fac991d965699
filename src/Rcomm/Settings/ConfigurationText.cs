using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rcomm.Settings;

/// <summary>
/// A JSON file as a tree, with the line of each member. Anything that a tree would lose or reject later is an error here: a duplicate member, an unpaired
/// surrogate.
/// </summary>
internal sealed class ConfigurationText
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly JsonDocumentOptions LenientTree = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly string _file;
    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);

    private ConfigurationText(string file) => _file = file;

    public JsonObject Root { get; private set; } = [];

    /// <exception cref="ConfigurationException">It isn't valid JSON, or not an object.</exception>
    public static ConfigurationText Parse(string file, ReadOnlySpan<byte> text)
    {
        if (text.StartsWith(ByteOrderMark)) text = text[ByteOrderMark.Length..];
        var parsed = new ConfigurationText(file);
        try
        {
            parsed.Walk(text);
            parsed.Root = JsonNode.Parse(text, new JsonNodeOptions { PropertyNameCaseInsensitive = true }, LenientTree) as JsonObject
                ?? throw new ConfigurationException($"{file} must contain an object: {{ \"port\": 8080 }}.");
            return parsed;
        }
        catch (JsonException e)
        {
            // The exception's numbers start at zero, and are at the end of its message.
            string why = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new ConfigurationException($"{file}, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: this isn't valid JSON: {why}.");
        }
    }

    /// <summary>Returns the member with its file and line, for the start of an error message: <c>site.redirects[0].to in rcomm.json, line 12</c>.</summary>
    public string Place(string member) => _lines.TryGetValue(member, out int line) ? $"{member} in {_file}, line {line}" : $"{member} in {_file}";

    /// <summary>Returns the line of a member; null if the file doesn't have it.</summary>
    public int? LineOf(string member) => _lines.TryGetValue(member, out int line) ? line : null;

    private void Walk(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, Lenient);
        List<Container> open = [];
        int line = 1, counted = 0;
        while (reader.Read())
        {
            line += text[counted..(int)reader.TokenStartIndex].Count((byte)'\n');
            counted = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    string name = TextOf(ref reader, line);
                    string member = open[^1].Enter(name)
                        ?? throw new ConfigurationException($"{_file}, line {line}: {name} is written twice. Keep one of them.");
                    _lines[member] = line;
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open.Add(new(Next(open, line), IsArray: reader.TokenType == JsonTokenType.StartArray));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open.RemoveAt(open.Count - 1);
                    break;
                case JsonTokenType.String:
                    _ = Next(open, line);
                    _ = TextOf(ref reader, line);
                    break;
                default:
                    string place = Next(open, line);
                    // At the top level, null means that a setting is omitted.
                    if (reader.TokenType == JsonTokenType.Null && open.Count > 1)
                        throw new ConfigurationException($"{Place(place)}: null isn't a valid value. Omit the member.");
                    break;
            }
        }
    }

    private string Next(List<Container> open, int line)
    {
        if (open.Count == 0) return "";
        string member = open[^1].Value();
        _lines[member] = line;
        return member;
    }

    private string TextOf(ref Utf8JsonReader reader, int line)
    {
        string text;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ConfigurationException($"{_file}, line {line}: the text contains an incomplete character (invalid " +
                "UTF-8, or half of a \\u surrogate pair).");
        }
        return text.Contains('\0') ? throw new ConfigurationException($"{_file}, line {line}: a text can't contain a NUL character.") : text;
    }

    /// <summary>An object or array that is still open.</summary>
    private sealed record Container(string Path, bool IsArray)
    {
        private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
        private string _member = "";
        private int _count;

        /// <summary>Returns the member's path; null if the object already has it.</summary>
        public string? Enter(string name)
        {
            _member = Path == "" ? name : $"{Path}.{name}";
            return _names.Add(name) ? _member : null;
        }

        public string Value() => IsArray ? $"{Path}[{_count++}]" : _member;
    }
}
