using System.Text;

namespace Rcomm.Settings;

/// <summary>
/// Parses <c>NAME=value</c> lines by the rules of systemd.exec(5), EnvironmentFile=: quotes, backslashes and continued lines as in a shell, but without
/// expansion. A leading <c>export</c> is accepted, so that a shell can read the same file. Lines that aren't variables, which systemd skips silently, are
/// an error.
/// </summary>
internal sealed class EnvironmentFileReader(string path, string text)
{
    private const string Export = "export";

    private readonly string _text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
    private int _at;
    private int _line = 1;

    /// <exception cref="ConfigurationException">A line isn't a variable, or a quote isn't closed.</exception>
    public Dictionary<string, string> Read()
    {
        Dictionary<string, string> variables = [];
        while (SkipWhiteSpace())
        {
            if (_text[_at] is '#' or ';')
            {
                TakeUntil("\n");
                continue;
            }
            int line = _line;
            string name = TakeUntil("=\n").TrimEnd();
            bool hasValue = _at < _text.Length && _text[_at] == '=';
            bool isExported = name.StartsWith(Export, StringComparison.Ordinal) && name.Length > Export.Length && char.IsWhiteSpace(name[Export.Length]);
            if (isExported) name = name[Export.Length..].TrimStart();
            // In a shell, export without a value only marks an existing variable.
            if (isExported && !hasValue && name.Split(' ').All(IsName)) continue;
            if (!hasValue || !IsName(name))
                throw new ConfigurationException($"{path}, line {line}: \"{name}\" isn't a variable. Write NAME=value, e.g. RCOMM_BACKLOG=1024.");
            _at++;
            variables[name] = ReadValue();
        }
        return variables;
    }

    // Quotes count only before the first unquoted character; trailing unquoted spaces are dropped.
    private string ReadValue()
    {
        var value = new StringBuilder();
        int length = 0;
        bool isBare = false;
        while (TryTake(out char c) && c != '\n')
        {
            if (!isBare && c is '\'' or '"')
            {
                ReadQuoted(value, c);
                length = value.Length;
            }
            else if (c == '\\')
            {
                isBare = true;
                if (!TryTake(out char escaped) || escaped == '\n') continue;
                value.Append(escaped);
                length = value.Length;
            }
            else if (!char.IsWhiteSpace(c))
            {
                isBare = true;
                value.Append(c);
                length = value.Length;
            }
            else if (isBare) value.Append(c);
        }
        return value.ToString(0, length);
    }

    private void ReadQuoted(StringBuilder value, char quote)
    {
        int opened = _line;
        while (TryTake(out char c))
        {
            if (c == quote) return;
            if (c != '\\' || quote == '\'' || _at == _text.Length)
            {
                value.Append(c);
                continue;
            }
            // In double quotes a backslash is literal before any other character.
            _ = TryTake(out char escaped);
            if (escaped is not ('"' or '\\' or '`' or '$' or '\n')) value.Append(c);
            if (escaped != '\n') value.Append(escaped);
        }
        throw new ConfigurationException($"{path}, line {opened}: the quote {quote} isn't closed. Close it, or write \\{quote} for the character itself.");
    }

    private bool SkipWhiteSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _ = TryTake(out _);
        return _at < _text.Length;
    }

    private string TakeUntil(string ends)
    {
        int from = _at;
        while (_at < _text.Length && !ends.Contains(_text[_at])) _at++;
        return _text[from.._at];
    }

    private bool TryTake(out char c)
    {
        c = _at < _text.Length ? _text[_at] : default;
        if (_at == _text.Length) return false;
        _at++;
        if (c == '\n') _line++;
        return true;
    }

    private static bool IsName(string name) => name != "" && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
